//! Where the events of a trace come from, one after those that it depends on.

use sigprof_model::events::EventType;

use super::goroutines::Goroutines;
use super::index::{Index, index_of};
use super::lane::{Head, varint};
use super::merge::Merge;
use super::sorted::Sorted;
use crate::error::InputError;

/// Events in the order in which they must have happened.
pub(super) enum Source<'a> {
    /// Found by what each event needs.
    Merge(Box<Merge<'a>>),
    /// Those of a 1.5 trace, which are numbered.
    Sorted(Box<Sorted>),
}

impl<'a> Source<'a> {
    pub(super) fn of(bytes: &'a [u8], index: &'a Index) -> Self {
        if index.is_1_5 {
            Self::Sorted(Box::new(Sorted::new(bytes, index)))
        } else {
            Self::Merge(Box::new(Merge::new(bytes, index)))
        }
    }

    /// The lane whose head comes next; none at the end.
    ///
    /// # Errors
    /// If there is no order.
    #[inline]
    pub(super) fn next(&mut self) -> Result<Option<u32>, InputError> {
        match self {
            Self::Merge(merge) => merge.next(),
            Self::Sorted(sorted) => Ok(sorted.next()),
        }
    }

    /// The event of the lane that came last.
    #[inline]
    pub(super) fn head(&self, lane: u32) -> &Head {
        match self {
            Self::Merge(merge) => &merge.lanes[lane as usize].head,
            Self::Sorted(sorted) => sorted.head(),
        }
    }

    /// The P of a lane, as the wire has it.
    #[inline]
    pub(super) fn p(&self, lane: u32) -> u64 {
        match self {
            Self::Merge(merge) => merge.lanes[lane as usize].p,
            Self::Sorted(sorted) => sorted.p(lane),
        }
    }

    #[inline]
    pub(super) fn goroutines(&mut self) -> &mut Goroutines {
        match self {
            Self::Merge(merge) => &mut merge.goroutines,
            Self::Sorted(sorted) => &mut sorted.goroutines,
        }
    }

    /// Whether exits still stand where they were written.
    pub(super) fn moves_exits(&self) -> bool {
        matches!(self, Self::Merge(_))
    }

    /// Gives back the slot of a goroutine that has ended; that of g0 stays.
    #[inline]
    pub(super) fn end_goroutine(&mut self, slot: u32) {
        if slot != 0 {
            self.goroutines().end(slot);
        }
    }
}

/// The type that an event has in the result: the local types only help to order (R62.6).
#[inline]
pub(super) fn final_type(event_type: EventType) -> EventType {
    match event_type {
        EventType::GoStartLocal => EventType::GoStart,
        EventType::GoUnblockLocal => EventType::GoUnblock,
        EventType::GoSysExitLocal => EventType::GoSysExit,
        other => other,
    }
}

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
