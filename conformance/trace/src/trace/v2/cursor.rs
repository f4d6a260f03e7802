//! The events of one thread in one generation, one after the other.

use sigprof_wire::v2::EventType;

use super::clock::Scale;
use super::generation::{Batch, NONE};
use super::varint::{BadVarint, varint};

/// How many arguments a type has; more than there can be if it is no event with a time.
const UNTIMED: u8 = 0xff;
static ARGS: [u8; 256] = {
    let mut table = [UNTIMED; 256];
    let mut i = 0;
    while i < EventType::ALL.len() {
        let spec = EventType::ALL[i].spec();
        if spec.is_timed {
            #[expect(clippy::cast_possible_truncation, reason = "at most four")]
            let count = spec.args.len() as u8;
            table[EventType::ALL[i] as usize] = count;
        }
        i += 1;
    }
    table
};

/// An event as it stands in the file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Head {
    /// Nanoseconds, before the merge.
    pub(super) time: i64,
    /// Where it begins.
    pub(super) at: usize,
    pub(super) event_type: EventType,
    pub(super) args: [u64; 4],
}

/// An event that cannot be read.
#[derive(Debug)]
pub(super) struct BadEvent {
    /// Where it begins.
    pub(super) at: usize,
    pub(super) byte: u8,
    pub(super) why: Why,
}

/// What is wrong with an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// There is no such type.
    NoType,
    /// Its type has no time.
    Untimed(EventType),
    /// A number of it, at an index.
    Number(usize, BadVarint),
}

/// A place among the events of a thread.
#[derive(Clone, Debug)]
pub(super) struct Cursor {
    /// The next event.
    pub(super) head: Head,
    /// The slot of the thread.
    pub(super) thread: u32,
    /// The batch after this one.
    next: u32,
    /// Where the event after the next begins.
    at: usize,
    end: usize,
    last: i64,
    batch_time: u64,
}

impl Cursor {
    /// Before the first event of a batch.
    pub(super) fn new(thread: u32, first: u32) -> Self {
        Self {
            head: Head {
                time: 0,
                at: 0,
                event_type: EventType::Sync,
                args: [0; 4],
            },
            thread,
            next: first,
            at: 0,
            end: 0,
            last: 0,
            batch_time: 0,
        }
    }

    /// Reads the next event. False at the end.
    #[inline]
    pub(super) fn advance(
        &mut self,
        bytes: &[u8],
        batches: &[Batch],
        scale: Scale,
    ) -> Result<bool, BadEvent> {
        while self.at == self.end {
            if !self.open_next(batches) {
                return Ok(false);
            }
        }
        // Go's reader, too, has the batch's time again if deltas ever lead to 0.
        if self.last == 0 {
            self.last = scale.nanos(self.batch_time);
        }
        let start = self.at;
        let bytes = &bytes[..self.end];
        let byte = bytes[start];
        let count = ARGS[usize::from(byte)];
        let Some(event_type) = EventType::of(byte).filter(|_| count != UNTIMED) else {
            return Err(untimed(start, byte));
        };
        let mut at = start + 1;
        let bad = |at, bad| BadEvent {
            at: start,
            byte,
            why: Why::Number(at, bad),
        };
        let delta = varint(bytes, &mut at).map_err(|e| bad(at, e))?;
        self.head.args = [0; 4];
        for arg in &mut self.head.args[..usize::from(count)] {
            *arg = varint(bytes, &mut at).map_err(|e| bad(at, e))?;
        }
        self.last = self.last.wrapping_add(scale.nanos(delta));
        self.at = at;
        self.head.time = self.last;
        self.head.at = start;
        self.head.event_type = event_type;
        Ok(true)
    }

    #[cold]
    fn open_next(&mut self, batches: &[Batch]) -> bool {
        if self.next == NONE {
            return false;
        }
        let Batch {
            at,
            end,
            time,
            next,
        } = batches[self.next as usize];
        (self.at, self.end, self.next) = (at, end, next);
        (self.last, self.batch_time) = (0, time);
        true
    }
}

#[cold]
fn untimed(at: usize, byte: u8) -> BadEvent {
    let why = EventType::of(byte).map_or(Why::NoType, Why::Untimed);
    BadEvent { at, byte, why }
}
