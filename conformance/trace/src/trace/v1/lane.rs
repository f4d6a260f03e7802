//! One P's events, decoded one after the other from the batches that hold them. Their
//! syntax has been checked by the index.
//!
//! Source: Go `internal/trace/parser.go`, `parseEvents` (R61).

use sigprof_wire::limits::NO_P;
use sigprof_wire::v1::EventType;

use super::blocks;
use super::goroutines::{G0, GC, Goroutines};
use super::index::{Index, NONE, index_of};
use super::shape::{RULES, Rule, Whose};
use super::wire::Decoder;
use crate::trace::input::Pages;
use crate::trace::v1::Place;

/// An event at the head of its lane. Times are ticks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Head {
    pub(super) offset: u64,
    pub(super) time: i64,
    pub(super) event_type: EventType,
    /// The goroutine that it belongs to: slot and id.
    pub(super) own: u32,
    pub(super) own_id: u64,
    /// The slot of whose state it changes, and the id that must be there.
    pub(super) subject: u32,
    pub(super) subject_id: u64,
    /// The sequence number that it wants, if its rule has one.
    pub(super) wanted_seq: u64,
    pub(super) args: [u64; 3],
    pub(super) stack: u64,
}

impl Head {
    pub(super) const NOTHING: Self = Self {
        offset: 0,
        time: 0,
        event_type: EventType::HeapAlloc,
        own: G0,
        own_id: 0,
        subject: G0,
        subject_id: 0,
        wanted_seq: 0,
        args: [0; 3],
        stack: 0,
    };

    /// Reads the event at an offset of a 1.5 trace: type, arguments and stack.
    pub(super) fn read(bytes: &[u8], index: &Index, offset: u64) -> Self {
        let mut at = index_of(offset);
        let first = bytes.get(at).copied().unwrap_or_default();
        let shape = &index.shapes.0[usize::from(first & 0x3f)];
        at = at.saturating_add(1);
        // The length if there is one, the numbers of the turn and of ticks.
        for _ in 0..2 + u8::from(first >> 6 == 3) {
            varint(bytes, &mut at);
        }
        let mut args = [0; 3];
        for arg in args.iter_mut().take(shape.args.into()) {
            *arg = varint(bytes, &mut at);
        }
        let stack = if shape.has_stack {
            varint(bytes, &mut at)
        } else {
            0
        };
        Self {
            offset,
            event_type: shape.event_type.unwrap_or(EventType::HeapAlloc),
            args,
            stack,
            ..Self::NOTHING
        }
    }

    /// The event's rule: what it needs and makes.
    pub(super) fn rule(&self) -> &'static Rule {
        &RULES[self.event_type as usize]
    }
}

/// Bytes of a batch that is worth giving back.
const LARGE: usize = 16 << 10;

/// The lane of a P.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lane {
    /// The place of its events.
    pub(super) place: Place,
    pub(super) head: Head,
    /// Whether there is a head.
    pub(super) has_head: bool,
    /// The next lane that waits for the same.
    pub(super) next_waiting: u32,
    next_batch: u32,
    at: usize,
    /// Where the batch begins and ends.
    begin: usize,
    end: usize,
    ticks: i64,
    /// The number of the last event of a 1.5 trace.
    seq: i64,
    /// The goroutine that runs there: slot and id.
    running: u32,
    running_id: u64,
}

impl Lane {
    /// A lane before its first event; the P is as the wire has it.
    pub(super) fn new(p: u64, first_batch: u32) -> Self {
        Self {
            place: place_of(p),
            head: Head::NOTHING,
            has_head: false,
            next_waiting: NONE,
            next_batch: first_batch,
            at: 0,
            begin: 0,
            end: 0,
            ticks: 0,
            seq: 0,
            running: G0,
            running_id: 0,
        }
    }

    /// The number of the head of a 1.5 trace.
    pub(super) fn seq(&self) -> i64 {
        self.seq
    }

    /// Moves to the next event, and says whether there is one.
    #[inline]
    pub(super) fn advance(
        &mut self,
        pages: Pages,
        index: &Index,
        goroutines: &mut Goroutines,
    ) -> bool {
        let bytes = pages.bytes;
        loop {
            while self.at >= self.end {
                if self.end - self.begin >= LARGE {
                    pages.give_back(self.begin, self.end);
                }
                let Some(batch) = index.batches.get(self.next_batch as usize) else {
                    self.has_head = false;
                    return false;
                };
                self.begin = index_of(batch.start);
                self.next_batch = batch.next;
                self.at = index_of(batch.start);
                self.end = index_of(batch.end);
                self.ticks = batch.ticks;
                self.seq = batch.seq;
            }
            let first = bytes.get(self.at).copied().unwrap_or_default();
            let shape = &index.shapes.0[usize::from(first & 0x3f)];
            let Some(event_type) = shape.event_type.filter(|_| shape.in_lane) else {
                self.skip(bytes, index);
                continue;
            };
            let offset = self.at as u64;
            let mut at = self.at + 1;
            if first >> 6 == 3 {
                varint(bytes, &mut at);
            }
            if index.is_1_5 {
                let delta = varint(bytes, &mut at).cast_signed();
                self.seq = self.seq.wrapping_add(delta);
            }
            self.ticks = self
                .ticks
                .wrapping_add(varint(bytes, &mut at).cast_signed());
            let mut args = [0; 3];
            for arg in args.iter_mut().take(shape.args.into()) {
                *arg = varint(bytes, &mut at);
            }
            let stack = if shape.has_stack {
                varint(bytes, &mut at)
            } else {
                0
            };
            if event_type == EventType::UserLog {
                let length = varint(bytes, &mut at);
                at = at.saturating_add(index_of(length));
            }
            self.at = at;
            self.has_head = true;
            self.head.offset = offset;
            self.head.time = self.ticks;
            self.head.event_type = event_type;
            self.head.args = args;
            self.head.stack = stack;
            self.attribute(event_type, args, goroutines);
            return true;
        }
    }

    /// Finds out which goroutine an event is about, whose state it changes, and who runs after it.
    #[inline]
    fn attribute(&mut self, event_type: EventType, args: [u64; 3], goroutines: &mut Goroutines) {
        use EventType as E;
        let head = &mut self.head;
        let mut own = (self.running, self.running_id);
        match event_type {
            E::GoStart | E::GoStartLocal | E::GoStartLabel => {
                own = (goroutines.slot(args[0]), args[0]);
                (self.running, self.running_id) = own;
            }
            E::GCSTWStart | E::GCStart | E::GCDone | E::GCSTWDone => own = (G0, 0),
            E::GoSysExit | E::GoWaiting | E::GoInSyscall => {
                own = (goroutines.slot(args[0]), args[0]);
            }
            other if leaves(other) => (self.running, self.running_id) = (G0, 0),
            _ => {}
        }
        (head.own, head.own_id) = own;
        let rule = &RULES[event_type as usize];
        (head.subject, head.subject_id) = match rule.whose {
            Whose::Own => own,
            Whose::First if own.1 == args[0] => own,
            Whose::First => (goroutines.slot(args[0]), args[0]),
            Whose::Gc | Whose::Nobody => (GC, 0),
        };
        if rule.needs_seq {
            head.wanted_seq = Rule::wanted_seq(event_type, &args);
        }
    }

    /// Skips what is not an event of a lane.
    #[inline(never)]
    fn skip(&mut self, bytes: &[u8], index: &Index) {
        let mut decoder = Decoder::new(index.version, bytes, self.at);
        match decoder.next() {
            Ok(Some(raw)) => {
                if raw.event_type == EventType::CPUSample
                    && let Some(delta) = raw.args.first()
                {
                    self.ticks = self.ticks.wrapping_add(delta.cast_signed());
                }
                self.at = decoder.index();
            }
            // The index has seen all of this; so the file changes while it is read.
            _ => self.at = self.end,
        }
    }
}

/// The place of a P as the wire has it.
pub(crate) fn place_of(p: u64) -> Place {
    match p {
        NO_P => Place::NoP,
        p => Place::P(p),
    }
}

/// Whether nobody runs on the P after this event.
fn leaves(event_type: EventType) -> bool {
    use EventType as E;
    matches!(
        event_type,
        E::GoEnd | E::GoStop | E::GoSched | E::GoPreempt | E::GoSysBlock
    ) || blocks(event_type)
}

/// A varint that has been checked before.
#[inline]
pub(crate) fn varint(bytes: &[u8], at: &mut usize) -> u64 {
    let mut value = 0;
    let mut shift = 0;
    while let Some(&byte) = bytes.get(*at) {
        *at += 1;
        value |= u64::from(byte & 0x7f) << shift;
        shift += 7;
        if byte < 0x80 || shift >= 70 {
            break;
        }
    }
    value
}
