//! The events of one thread in one generation, one after the other.

use std::array;

use sigprof_wire::v2::EventType;
use sigprof_wire::v2::limits::{MAX_ARGS, MAX_VARINT_LEN};

use super::clock::Scale;
use super::event::Event;
use super::generation::{Batch, Generation, NONE};
use super::varint::{BadVarint, NO_EVENT, SHORT, short, short_number, varint};

/// The types of events, and how many arguments each has; more than any for one without a time.
static TYPES: [(EventType, u8); 256] = {
    let mut table = [(EventType::Sync, NO_EVENT); 256];
    let mut i = 0;
    while i < EventType::ALL.len() {
        let event_type = EventType::ALL[i];
        let spec = event_type.spec();
        if spec.is_timed {
            assert!(spec.args.len() <= MAX_ARGS);
            #[expect(clippy::cast_possible_truncation, reason = "at most four")]
            let count = spec.args.len() as u8;
            table[event_type as usize] = (event_type, count);
        }
        i += 1;
    }
    table
};

/// All bits for each argument that a type has.
static ARE_THERE: [[u64; MAX_ARGS]; 256] = {
    let mut table = [[0; MAX_ARGS]; 256];
    let mut i = 0;
    while i < table.len() {
        let mut place = 0;
        while place < TYPES[i].1 as usize && place < MAX_ARGS {
            table[i][place] = u64::MAX;
            place += 1;
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

/// Bytes of an event, at the most.
const MOST: usize = 1 + (1 + MAX_ARGS) * MAX_VARINT_LEN;

/// A place among the events of a thread, behind the next of them. With many threads each event is
/// one of another, so that all but what few need is in one line of the processor's cache.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub(super) struct Cursor {
    /// The arguments of the next event, or their lower halves.
    args: [u32; MAX_ARGS],
    /// The time of the next event, before the merge.
    time: i64,
    /// The time of the one behind it, if that one is read [simply](Self::advance_simply).
    ahead: i64,
    /// Where it ends.
    at: usize,
    /// From here on the one behind it is not read [simply](Self::advance_simply): the lowest bits of a
    /// place, whose other bits are those of where the batch ends.
    until: u32,
    batch: u32,
    /// The slot of the thread.
    pub(super) thread: u32,
    /// Bytes of the next event, and whether it is [`WIDE`].
    len: u8,
    event_type: EventType,
    /// The upper halves of the arguments, if [`WIDE`] says so.
    upper: [u32; MAX_ARGS],
}

const _: () = assert!(std::mem::offset_of!(Cursor, event_type) < 64);

/// The bit of a length that says that an argument has more than 32 bits.
const WIDE: u8 = 0x80;
const _: () = assert!(MOST < WIDE as usize);

impl Cursor {
    /// Before the first event of a thread, whose first batch is this one.
    pub(super) fn new(thread: u32, first: u32, batches: &[Batch]) -> Self {
        let mut new = Self {
            args: [0; MAX_ARGS],
            upper: [0; MAX_ARGS],
            time: 0,
            ahead: 0,
            at: 0,
            until: 0,
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

    /// The type of the next event.
    #[inline(always)]
    pub(super) fn event_type(&self) -> EventType {
        self.event_type
    }

    /// The arguments of the next event; behind them stands anything.
    #[inline(always)]
    pub(super) fn args(&self) -> [u64; MAX_ARGS] {
        match self.len & WIDE {
            0 => self.args.map(u64::from),
            _ => array::from_fn(|i| u64::from(self.upper[i]) << 32 | u64::from(self.args[i])),
        }
    }

    /// Where the next event begins.
    #[inline(always)]
    pub(super) fn start(&self) -> usize {
        self.at - usize::from(self.len & !WIDE)
    }

    /// Writes the next event; the first of the bytes is at offset `base`.
    #[inline(always)]
    pub(super) fn write(&self, event: &mut Event, base: u64, generation: u64) {
        event.offset = base + self.start() as u64;
        event.time = self.time;
        event.generation = generation;
        event.event_type = self.event_type;
        let (args, are_there) = (self.args(), &ARE_THERE[self.event_type as usize]);
        event.args = array::from_fn(|i| args[i] & are_there[i]);
    }

    /// Reads the next event. False where that is not simple: it is for [`advance`](Self::advance)
    /// then.
    #[inline(always)]
    pub(super) fn advance_simply(&mut self, bytes: &[u8], scale: &Scale) -> bool {
        if low(self.at) >= self.until {
            return false;
        }
        let Some(window) = bytes[self.at..].first_chunk() else {
            return false;
        };
        let (event_type, count) = TYPES[usize::from(window[0])];
        let Some(len) = short(window, count, &mut self.args) else {
            return false;
        };
        (self.event_type, self.len) = (event_type, len);
        self.at += usize::from(len);
        self.time = self.ahead;
        let next = window[1 + usize::from(len)..].first_chunk();
        self.look_ahead(next, scale);
        true
    }

    /// Reads the next event and keeps it, be it in the next batch, at the end of the bytes,
    /// or broken. False at the end.
    #[inline(never)]
    pub(super) fn advance(
        &mut self,
        bytes: &[u8],
        generation: &Generation,
    ) -> Result<bool, Box<BadEvent>> {
        let batches = &generation.batches;
        let end = loop {
            let Batch { end, next, .. } = batches[self.batch as usize];
            if self.at < end {
                break end;
            }
            if next == NONE {
                return Ok(false);
            }
            self.open(next, batches);
        };
        let scale = &generation.scale;
        // Go's reader, too, has the batch's time again if deltas ever lead to 0.
        if self.time == 0 {
            self.time = scale.nanos(batches[self.batch as usize].time);
        }
        let start = self.at;
        let bytes = &bytes[..end];
        let byte = bytes[start];
        let bad = |why| {
            Box::new(BadEvent {
                at: start,
                byte,
                why,
            })
        };
        let (event_type, count) = TYPES[usize::from(byte)];
        if count == NO_EVENT {
            return Err(bad(EventType::of(byte).map_or(Why::NoType, Why::Untimed)));
        }
        let mut at = start + 1;
        let mut next = || varint(bytes, &mut at).map_err(|number| bad(Why::Number(at, number)));
        let delta = next()?;
        let mut args = [0; MAX_ARGS];
        for arg in &mut args[..usize::from(count)] {
            *arg = next()?;
        }
        let wide = self.take(args);
        #[expect(clippy::cast_possible_truncation, reason = "an event is short")]
        let len = (at - start) as u8;
        (self.event_type, self.len) = (event_type, len | wide);
        self.at = at;
        self.time = self.time.wrapping_add(scale.nanos(delta));
        self.until = low(end).saturating_sub(SHORT);
        let next = bytes.get(at + 1..).and_then(|next| next.first_chunk());
        self.look_ahead(next, scale);
        Ok(true)
    }

    /// Finds the time of the event behind the next one, whose numbers these are: it is known then
    /// long before that one is read, and whether its thread goes on does not have to wait for that.
    #[inline(always)]
    fn look_ahead(&mut self, next: Option<&[u8; 4]>, scale: &Scale) {
        let delta = next.and_then(|next| short_number(*next));
        match delta {
            Some(delta) => self.ahead = self.time.wrapping_add(scale.nanos(delta.into())),
            None => self.until = 0,
        }
        // As one condition with that, the loop of the merge takes 2 % more instructions.
        if self.time == 0 {
            self.until = 0;
        }
    }

    /// Keeps arguments; [`WIDE`] if one has more than 32 bits, else 0.
    #[expect(clippy::cast_possible_truncation, reason = "these are halves")]
    fn take(&mut self, args: [u64; MAX_ARGS]) -> u8 {
        self.args = args.map(|arg| arg as u32);
        self.upper = args.map(|arg| (arg >> 32) as u32);
        if self.upper == [0; MAX_ARGS] { 0 } else { WIDE }
    }

    /// Before the first event of a batch, which has the time of the batch and is not read simply.
    fn open(&mut self, batch: u32, batches: &[Batch]) {
        let at = batches[batch as usize].at;
        (self.at, self.until, self.time, self.batch) = (at, 0, 0, batch);
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the lowest bits are wanted"
)]
fn low(place: usize) -> u32 {
    place as u32
}

#[cfg(test)]
mod tests;
