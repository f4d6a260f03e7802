//! The events of one thread in one generation, one after the other.

use sigprof_wire::v2::EventType;
use sigprof_wire::v2::limits::MAX_ARGS;

use super::clock::Scale;
use super::event::Event;
use super::generation::{Batch, Generation, NONE};
use super::varint::{BadVarint, Numbers, WINDOW, varint};

/// The types of events with a time, and how many arguments each has.
static TIMED: [Option<(EventType, u8)>; 256] = {
    let mut table = [None; 256];
    let mut i = 0;
    while i < EventType::ALL.len() {
        let event_type = EventType::ALL[i];
        let spec = event_type.spec();
        if spec.is_timed {
            assert!(spec.args.len() <= MAX_ARGS);
            #[expect(clippy::cast_possible_truncation, reason = "at most four")]
            let count = spec.args.len() as u8;
            table[event_type as usize] = Some((event_type, count));
        }
        i += 1;
    }
    table
};

/// An event that cannot be read.
#[derive(Debug)]
pub(super) struct BadEvent {
    /// Where it begins.
    pub(super) at: usize,
    pub(super) byte: u8,
    pub(super) why: Why,
}

/// Why an event cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// There is no such type.
    NoType,
    /// Its type has no time.
    Untimed(EventType),
    /// A number of it, at an index.
    Number(usize, BadVarint),
}

/// An event as it was read, without what its thread and its generation say.
#[derive(Clone, Copy, Debug)]
pub(super) struct Read {
    args: [u64; MAX_ARGS],
    /// Where it begins.
    start: usize,
    event_type: EventType,
}

impl Read {
    /// The event before a cursor, as it was written and is still the next.
    pub(super) fn of(event: &Event, base: u64, cursor: &Cursor) -> Self {
        Self {
            args: event.args,
            start: usize::try_from(event.offset - base).unwrap_or(cursor.at),
            event_type: event.event_type,
        }
    }

    /// Writes it as the event before a cursor of a generation; the first of the bytes is at
    /// offset `base`.
    #[inline(always)]
    pub(super) fn write(self, event: &mut Event, base: u64, cursor: &Cursor, generation: u64) {
        event.offset = base + self.start as u64;
        event.time = cursor.time;
        event.generation = generation;
        event.event_type = self.event_type;
        event.args = self.args;
    }
}

/// Bytes of an event.
#[inline(always)]
#[expect(
    clippy::cast_possible_truncation,
    reason = "every event fits in a window"
)]
fn short(len: usize) -> u8 {
    (len % WINDOW) as u8
}

/// A place among the events of a thread, behind the next of them. One line of the processor's
/// cache, since with many threads each event is one of another.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
pub(super) struct Cursor {
    args: [u64; MAX_ARGS],
    /// The time of the next event, before the merge.
    time: i64,
    /// Where it ends.
    at: usize,
    /// Bytes of the batch behind it.
    left: u32,
    batch: u32,
    /// The slot of the thread.
    pub(super) thread: u32,
    len: u8,
    event_type: EventType,
}

const _: () = assert!(size_of::<Cursor>() == 64);

impl Cursor {
    /// Before the first event of a thread, whose first batch is this one.
    pub(super) fn new(thread: u32, first: u32, batches: &[Batch]) -> Self {
        let mut new = Self {
            args: [0; MAX_ARGS],
            time: 0,
            at: 0,
            left: 0,
            batch: first,
            thread,
            len: 0,
            event_type: EventType::Sync,
        };
        new.open(first, batches);
        new
    }

    /// The time of the next event, before the merge.
    #[inline(always)]
    pub(super) fn time(&self) -> i64 {
        self.time
    }

    /// The next event as it was read.
    #[inline(always)]
    pub(super) fn kept(&self) -> Read {
        Read {
            args: self.args,
            start: self.at - usize::from(self.len),
            event_type: self.event_type,
        }
    }

    /// Keeps an event that was read and is still the next.
    #[inline(always)]
    pub(super) fn keep(&mut self, read: Read) {
        (self.args, self.event_type) = (read.args, read.event_type);
        self.len = short(self.at - read.start);
    }

    /// Reads the next event, which is to be kept or written. None where that is not simple:
    /// it is for [`advance`](Self::advance) then.
    #[inline(always)]
    pub(super) fn advance_simply(&mut self, bytes: &[u8], scale: Scale) -> Option<Read> {
        let start = self.at;
        if self.time == 0 {
            return None;
        }
        let window = bytes[start..].first_chunk()?;
        let (event_type, count) = TIMED[usize::from(window[0])]?;
        let mut numbers = Numbers::new(window, 1);
        let delta = numbers.next();
        // One by one: a list would be written in parts and read as a whole, for which the
        // processor has to wait.
        let mut arg = |i| {
            if i >= count {
                return 0;
            }
            if i % 2 == 1 {
                numbers.look();
            }
            numbers.next()
        };
        let args = [arg(0), arg(1), arg(2), arg(3)];
        let len = numbers.end();
        // At the end of a batch nothing is left, and this is too long.
        let left = self.left.checked_sub(len)?;
        self.move_on(len, left, scale.nanos(delta));
        Some(Read {
            args,
            start,
            event_type,
        })
    }

    #[inline(always)]
    fn move_on(&mut self, len: u32, left: u32, nanos: i64) {
        self.at += len as usize;
        self.left = left;
        self.time = self.time.wrapping_add(nanos);
    }

    /// Reads the next event and keeps it, be it in the next batch, at the end of the bytes,
    /// or broken. False at the end.
    #[inline(never)]
    pub(super) fn advance(
        &mut self,
        bytes: &[u8],
        generation: &Generation,
    ) -> Result<bool, Box<BadEvent>> {
        while self.left == 0 {
            let batches = &generation.batches;
            let next = batches[self.batch as usize].next;
            if next == NONE {
                return Ok(false);
            }
            self.open(next, batches);
        }
        let scale = generation.scale;
        // Go's reader, too, has the batch's time again if deltas ever lead to 0.
        if self.time == 0 {
            self.time = scale.nanos(generation.batches[self.batch as usize].time);
        }
        let start = self.at;
        let bytes = &bytes[..start + self.left as usize];
        let byte = bytes[start];
        let bad = |why| {
            Box::new(BadEvent {
                at: start,
                byte,
                why,
            })
        };
        let Some((event_type, count)) = TIMED[usize::from(byte)] else {
            return Err(bad(EventType::of(byte).map_or(Why::NoType, Why::Untimed)));
        };
        let mut at = start + 1;
        let mut next = || varint(bytes, &mut at).map_err(|number| bad(Why::Number(at, number)));
        let delta = next()?;
        let mut args = [0; MAX_ARGS];
        for arg in &mut args[..usize::from(count)] {
            *arg = next()?;
        }
        let len = u32::from(short(at - start));
        self.move_on(len, self.left - len, scale.nanos(delta));
        self.keep(Read {
            args,
            start,
            event_type,
        });
        Ok(true)
    }

    fn open(&mut self, batch: u32, batches: &[Batch]) {
        let Batch { at, end, .. } = batches[batch as usize];
        #[expect(clippy::cast_possible_truncation, reason = "a batch is small")]
        let left = (end - at) as u32;
        (self.at, self.left, self.time, self.batch) = (at, left, 0, batch);
    }
}
