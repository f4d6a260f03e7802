//! Final types of events, which the stream gives to those of the merge, and exits that stand aside.

use sigprof_wire::v1::EventType;

use super::goroutines::Goroutines;
use super::index::index_of;
use super::lane::{Head, varint};

/// The type that an event has in the result: the local types only help to order (R62.6).
#[inline]
pub(super) fn final_type(event_type: EventType) -> EventType {
    FINAL[event_type as usize]
}

const FINAL: [EventType; 64] = {
    let mut types = [EventType::Batch; 64];
    let mut at = 0;
    while at < EventType::ALL.len() {
        types[at + 1] = match EventType::ALL[at] {
            EventType::GoStartLocal => EventType::GoStart,
            EventType::GoUnblockLocal => EventType::GoUnblock,
            EventType::GoSysExitLocal => EventType::GoSysExit,
            other => other,
        };
        at += 1;
    }
    types
};

/// Whether the stream has more to do for events of a type than to pass them on.
#[inline]
pub(super) fn is_special(event_type: EventType) -> bool {
    SPECIAL >> (event_type as u8) & 1 == 1
}

const SPECIAL: u64 = 1 << EventType::GoSysBlock as u8
    | 1 << EventType::GoInSyscall as u8
    | 1 << EventType::GoSysExit as u8
    | 1 << EventType::GoEnd as u8
    | 1 << EventType::GoStop as u8;

/// The `GoSysExit` at an offset.
pub(super) fn exit_head(bytes: &[u8], offset: u64, goroutines: &mut Goroutines) -> Head {
    let mut at = index_of(offset);
    let has_length = bytes.get(at).is_some_and(|b| b >> 6 == 3);
    at = at.saturating_add(1);
    // The length and the delta.
    for _ in 0..1 + u8::from(has_length) {
        varint(bytes, &mut at);
    }
    let args = [0; 3].map(|_: u64| varint(bytes, &mut at));
    let own = goroutines.slot(args[0]);
    Head {
        offset,
        event_type: EventType::GoSysExit,
        own,
        own_id: args[0],
        subject: own,
        subject_id: args[0],
        args,
        ..Head::NOTHING
    }
}
