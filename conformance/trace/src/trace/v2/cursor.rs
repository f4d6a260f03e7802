//! The events of one thread in one generation, one after the other.

use sigprof_wire::v2::EventType;
use sigprof_wire::v2::limits::MAX_ARGS;

use super::clock::Scale;
use super::event::Event;
use super::generation::{Batch, NONE};
use super::varint::{BadVarint, Numbers, varint};

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

/// A place among the events of a thread.
#[derive(Clone, Debug)]
pub(super) struct Cursor {
    /// The next event, or the one that was handed out last. Its time is its own until it has
    /// happened, and that of the whole trace from then on.
    pub(super) event: Event,
    /// Its time, before the merge.
    pub(super) time: i64,
    /// The slot of the thread.
    pub(super) thread: u32,
    /// The batch after this one.
    next: u32,
    /// Where the event after the next begins.
    at: usize,
    end: usize,
    batch_time: u64,
}

impl Cursor {
    /// Before the first event of a batch of a generation.
    pub(super) fn new(generation: u64, thread: u32, first: u32) -> Self {
        Self {
            event: Event {
                generation,
                ..Event::sync(0, 0, 0, 0)
            },
            time: 0,
            thread,
            next: first,
            at: 0,
            end: 0,
            batch_time: 0,
        }
    }

    /// Reads the next event from `bytes`, of which the first is at offset `base`. False at
    /// the end.
    #[inline(always)]
    pub(super) fn advance(
        &mut self,
        bytes: &[u8],
        base: u64,
        batches: &[Batch],
        scale: Scale,
    ) -> Result<bool, Box<BadEvent>> {
        while self.at == self.end {
            if !self.open_next(batches) {
                return Ok(false);
            }
        }
        // Go's reader, too, has the batch's time again if deltas ever lead to 0.
        if self.time == 0 {
            self.time = scale.nanos(self.batch_time);
        }
        let start = self.at;
        if let Some(window) = bytes[start..].first_chunk()
            && let Some((event_type, count)) = TIMED[usize::from(window[0])]
        {
            let mut numbers = Numbers::new(window, 1);
            let delta = numbers.next();
            let mut args = [0; MAX_ARGS];
            for (i, arg) in (0..).zip(&mut args) {
                if i < count {
                    *arg = numbers.next();
                }
            }
            let end = start + numbers.end();
            if end <= self.end {
                self.at = end;
                self.time = self.time.wrapping_add(scale.nanos(delta));
                let event = &mut self.event;
                event.offset = base + start as u64;
                event.time = self.time;
                event.event_type = event_type;
                event.args = args;
                return Ok(true);
            }
        }
        self.advance_carefully(bytes, base, scale)
    }

    /// The same at the end of the bytes, and where something is wrong.
    #[inline(never)]
    fn advance_carefully(
        &mut self,
        bytes: &[u8],
        base: u64,
        scale: Scale,
    ) -> Result<bool, Box<BadEvent>> {
        let start = self.at;
        let bytes = &bytes[..self.end];
        let byte = bytes[start];
        let Some((event_type, count)) = TIMED[usize::from(byte)] else {
            let why = EventType::of(byte).map_or(Why::NoType, Why::Untimed);
            return Err(Box::new(BadEvent {
                at: start,
                byte,
                why,
            }));
        };
        let mut at = start + 1;
        let mut next = || {
            varint(bytes, &mut at).map_err(|bad| {
                let why = Why::Number(at, bad);
                Box::new(BadEvent {
                    at: start,
                    byte,
                    why,
                })
            })
        };
        let delta = next()?;
        let mut args = [0; MAX_ARGS];
        for arg in &mut args[..usize::from(count)] {
            *arg = next()?;
        }
        self.at = at;
        self.time = self.time.wrapping_add(scale.nanos(delta));
        let event = &mut self.event;
        event.offset = base + start as u64;
        (event.time, event.event_type, event.args) = (self.time, event_type, args);
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
        (self.time, self.batch_time) = (0, time);
        true
    }
}
