//! The first pass: checks the syntax and the arguments of every event, and notes where
//! things stand, so that the second pass can go through the file in order of time.
//!
//! Whatever is not the plain, short form of an ordinary event goes through the slow
//! [`Decoder`], which knows all forms and says what is wrong with each.
//!
//! Source: Go `internal/trace/parser.go`, `readTrace`, `parseEvents` (R60, R61).

mod plain;
mod size;

use std::collections::HashSet;

use sigprof_wire::FormatVersion;
use sigprof_wire::limits::{HEADER_LEN, MAX_STACK_FRAMES};
use sigprof_wire::v1::{EventType, STW_KINDS_1_10};

use super::hash::IdHash;
use super::shape::{Shapes, arg_count};
use super::tables::Tables;
use super::wire::{Decoder, RawEvent};
use crate::error::{ErrorKind, InputError};
use crate::heap;
use crate::trace::input::Pages;

/// No batch, no lane.
pub(crate) const NONE: u32 = u32::MAX;

/// Events of one P that stand together in the file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Batch {
    /// The P as the wire has it; later the number of its lane.
    pub(crate) lane: u64,
    /// Where its events begin and end.
    pub(crate) start: u64,
    pub(crate) end: u64,
    /// The clock that they count from.
    pub(crate) ticks: i64,
    /// The number that those of a 1.5 trace count from.
    pub(crate) seq: i64,
    /// The next batch of this lane.
    pub(crate) next: u32,
}

/// A CPU sample in the order of the file. Times are ticks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sample {
    pub(crate) offset: u64,
    pub(crate) taken: i64,
    pub(crate) logged: i64,
}

/// A `GoSysExit` that happened before it was written. Times are ticks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Exit {
    pub(crate) happened: i64,
    pub(crate) offset: u64,
}

/// The index of a trace: all that the first pass finds.
#[derive(Clone)]
pub(crate) struct Index {
    pub(crate) version: FormatVersion,
    /// Go 1.5 and 1.6: events are numbered, and have no strings.
    pub(crate) is_1_5: bool,
    pub(crate) shapes: Shapes,
    /// Batches with events, in the order of the file.
    pub(crate) batches: Vec<Batch>,
    /// The P and the first batch of each lane, by P.
    pub(crate) lanes: Vec<(u64, u32)>,
    /// In the order of the file.
    pub(crate) samples: Vec<Sample>,
    /// In the order in which they happened.
    pub(crate) exits: Vec<Exit>,
    pub(crate) timer_goroutines: HashSet<u64, IdHash>,
    pub(crate) tables: Tables,
    pub(crate) ticks_per_second: i64,
    /// Whether wake-ups may have to be left out.
    pub(crate) has_futile: bool,
    /// The error in the file, if only a part of it is read.
    pub(crate) damage: Option<Box<InputError>>,
}

/// Bytes that are given back at once.
pub(crate) const GIVE_BACK: usize = 4 << 20;

/// The state of the first pass.
struct Pass<'a> {
    bytes: &'a [u8],
    pages: Pages<'a>,
    /// Up to where they have been.
    given_back: usize,
    index: Index,
    /// Varints of ordinary events, by type (see `Shape`).
    counts: [u8; 64],
    /// Where the batch under the eye begins, header included; 0 before the first.
    batch_offset: u64,
    batch: Batch,
    has_events: bool,
    ticks: i64,
    /// Exits with the time at which they were written.
    exits: Vec<(Exit, i64)>,
}

/// Goes through the whole file.
///
/// # Errors
/// The first thing that is wrong in the order of the file; with `keep_going` only what
/// leaves nothing to read.
pub(crate) fn index(
    version: FormatVersion,
    pages: Pages,
    keep_going: bool,
) -> Result<Index, InputError> {
    let shapes = Shapes::of(version);
    let mut pass = Pass {
        bytes: pages.bytes,
        pages,
        given_back: 0,
        counts: shapes.0.map(|shape| shape.plain),
        index: Index {
            version,
            is_1_5: version < FormatVersion::GO_1_7,
            shapes,
            batches: Vec::new(),
            lanes: Vec::new(),
            samples: Vec::new(),
            exits: Vec::new(),
            timer_goroutines: HashSet::default(),
            tables: Tables::default(),
            ticks_per_second: 0,
            has_futile: false,
            damage: None,
        },
        batch_offset: 0,
        batch: Batch {
            lane: 0,
            start: HEADER_LEN as u64,
            end: 0,
            ticks: 0,
            seq: 0,
            next: NONE,
        },
        has_events: false,
        ticks: 0,
        exits: Vec::new(),
    };
    let (end, result) = pass.run();
    pass.end_batch(end as u64);
    let result = result.and_then(|()| pass.check_whole(end));
    match result {
        Err(error) if keep_going => pass.index.damage = Some(Box::new(error)),
        other => other?,
    }
    pass.finish(end as u64)
}

impl<'a> Pass<'a> {
    /// Reads events up to the end or to the first that is wrong, and says where that is.
    fn run(&mut self) -> (usize, Result<(), InputError>) {
        let bytes = self.bytes;
        let mut decoder = Decoder::new(self.index.version, bytes, HEADER_LEN);
        let mut at = HEADER_LEN.min(bytes.len());
        let mut slow = 0;
        loop {
            if !self.index.is_1_5 {
                at = self.plain_events(at);
            }
            if at == bytes.len() {
                return (at, Ok(()));
            }
            if at - self.given_back > GIVE_BACK {
                self.pages.give_back(self.given_back, at);
                self.given_back = at;
            }
            slow += 1;
            if slow % heap::STEP == 0
                && let Err(error) = heap::check(bytes.len(), self.heap(), at as u64)
            {
                return (at, Err(error));
            }
            decoder.seek(at);
            let result = match decoder.next() {
                Ok(Some(raw)) => self.add(&raw),
                Ok(None) => return (at, Ok(())),
                Err(error) => Err(error),
            };
            if let Err(error) = result {
                return (at, Err(error));
            }
            at = decoder.index();
        }
    }

    /// Bytes that there may be before this is asked again. Lanes are not among them.
    fn heap(&self) -> usize {
        let index = &self.index;
        let timers = &index.timer_goroutines;
        heap::list(&index.batches, heap::STEP)
            + heap::list(&index.samples, heap::STEP)
            + heap::list(&self.exits, heap::STEP)
            + heap::table(timers.len(), timers.capacity(), heap::STEP, 8)
            + index.tables.strings.heap(heap::STEP)
            + index.tables.stacks.heap(heap::STEP)
    }

    /// An event of any form.
    fn add(&mut self, raw: &RawEvent<'a, '_>) -> Result<(), InputError> {
        self.check_arg_count(raw)?;
        match raw.event_type {
            EventType::Batch => self.begin_batch(raw),
            EventType::Frequency => return self.frequency(raw),
            EventType::TimerGoroutine => {
                self.index.timer_goroutines.insert(raw.args[0]);
            }
            EventType::Stack => return self.stack(raw),
            EventType::String => return self.string(raw),
            _ => return self.event(raw),
        }
        Ok(())
    }

    fn begin_batch(&mut self, raw: &RawEvent) {
        self.end_batch(raw.offset);
        let [first, .., last] = *raw.args else { return };
        self.batch_offset = raw.offset;
        self.batch = Batch {
            lane: first,
            start: raw.end,
            end: 0,
            ticks: last.cast_signed(),
            seq: raw.args[1].cast_signed(),
            next: NONE,
        };
        self.ticks = self.batch.ticks;
    }

    /// Notes the batch if it has events.
    fn end_batch(&mut self, end: u64) {
        if std::mem::take(&mut self.has_events) {
            self.batch.end = end;
            heap::push(&mut self.index.batches, self.batch);
        }
    }

    fn check_arg_count(&self, raw: &RawEvent) -> Result<(), InputError> {
        let want = match raw.event_type {
            EventType::Stack | EventType::String => return Ok(()),
            event_type => arg_count(event_type, self.index.version),
        };
        if raw.args.len() == want {
            return Ok(());
        }
        let noun = if want == 1 { "argument" } else { "arguments" };
        Err(self.error(raw, format!("{want} {noun}"), raw.args.len().to_string()))
    }

    fn frequency(&mut self, raw: &RawEvent) -> Result<(), InputError> {
        let ticks = raw.args[0].cast_signed();
        if ticks <= 0 {
            let want = "a number of ticks in a second above 0";
            return Err(self
                .error(raw, want, ticks.to_string())
                .with_context("Go reports this as \"time stamps out of order\""));
        }
        self.index.ticks_per_second = ticks;
        Ok(())
    }

    fn string(&mut self, raw: &RawEvent<'a, '_>) -> Result<(), InputError> {
        let id = raw.args[0];
        let strings = &mut self.index.tables.strings;
        if strings.insert(self.bytes, id, raw.offset) {
            return Err(self.error(raw, "a new id", format!("{id} a second time")));
        }
        Ok(())
    }

    fn stack(&mut self, raw: &RawEvent) -> Result<(), InputError> {
        let &[id, count, ref frames @ ..] = raw.args else {
            return Err(self.error(raw, "at least 2 arguments", raw.args.len().to_string()));
        };
        if count > MAX_STACK_FRAMES {
            let want = format!("at most {MAX_STACK_FRAMES} frames");
            return Err(self.error(raw, want, count.to_string()));
        }
        let size = if self.index.is_1_5 { 1 } else { 4 };
        if frames.len() as u64 != size * count {
            let want = format!("{} arguments for {count} frames", 2 + size * count);
            return Err(self.error(raw, want, raw.args.len().to_string()));
        }
        if id != 0 && count > 0 {
            let stacks = &mut self.index.tables.stacks;
            stacks.insert(self.bytes, id, raw.offset);
        }
        Ok(())
    }

    /// An event with a clock.
    fn event(&mut self, raw: &RawEvent) -> Result<(), InputError> {
        let clock = usize::from(self.index.is_1_5);
        let (delta, args) = (raw.args[clock], &raw.args[clock + 1..]);
        self.ticks = self.ticks.wrapping_add(delta.cast_signed());
        match (raw.event_type, args) {
            (EventType::CPUSample, &[taken, ..]) => {
                let sample = Sample {
                    offset: raw.offset,
                    taken: taken.cast_signed(),
                    logged: self.ticks,
                };
                heap::push(&mut self.index.samples, sample);
                return Ok(());
            }
            (EventType::GCSTWStart, &[kind]) => {
                let kinds = STW_KINDS_1_10.len() as u64;
                if self.index.version < FormatVersion::GO_1_21 && kind >= kinds {
                    let want = format!("a kind below {kinds}");
                    return Err(self.error(raw, want, kind.to_string()));
                }
            }
            (EventType::GoSysExit, &[_, _, happened]) if happened != 0 && clock == 0 => {
                let exit = Exit {
                    happened: happened.cast_signed(),
                    offset: raw.offset,
                };
                // One that did not happen before it was written is met in time.
                if exit.happened < self.ticks {
                    heap::push(&mut self.exits, (exit, self.ticks));
                }
            }
            (EventType::FutileWakeup, _) => self.index.has_futile = true,
            _ => {}
        }
        self.has_events = true;
        Ok(())
    }

    /// Checks what only the whole file can show.
    fn check_whole(&self, end: usize) -> Result<(), InputError> {
        let index = &self.index;
        let missing = |want: &str| {
            let got = "the end of the input without one";
            InputError::new(ErrorKind::Truncated, end as u64, "trace", want, got)
        };
        if index.batches.is_empty() && index.samples.is_empty() {
            return Err(missing("events"));
        }
        if index.ticks_per_second == 0 {
            return Err(missing("a Frequency event")
                .with_context("it stands behind the last event: was tracing stopped?"));
        }
        Ok(())
    }

    /// Puts lanes in order, and chains their batches.
    fn finish(mut self, end: u64) -> Result<Index, InputError> {
        let mut index = self.index;
        let mut ps: Vec<u64> = Vec::with_capacity(index.batches.len());
        ps.extend(index.batches.iter().map(|batch| batch.lane));
        // No P is the highest number, and comes last.
        ps.sort_unstable();
        ps.dedup();
        let lanes = ps.len() * super::stream::PER_LANE;
        heap::check(self.bytes.len(), index.heap() + lanes, end)?;
        index.lanes = ps.into_iter().map(|p| (p, NONE)).collect();
        for at in (0..index.batches.len()).rev() {
            let p = index.batches[at].lane;
            let lane = index.lanes.binary_search_by_key(&p, |&(p, _)| p);
            let lane = lane.unwrap_or_default();
            let first = &mut index.lanes[lane].1;
            index.batches[at].lane = lane as u64;
            index.batches[at].next = std::mem::replace(first, u32::try_from(at).unwrap_or(NONE));
        }
        index.batches.shrink_to_fit();
        self.exits
            .sort_unstable_by_key(|&(exit, written)| (exit.happened, written, exit.offset));
        index.exits = self.exits.into_iter().map(|(exit, _)| exit).collect();
        Ok(index)
    }

    fn error(&self, raw: &RawEvent, want: impl Into<String>, got: impl Into<String>) -> InputError {
        let name = raw.event_type.name();
        InputError::new(ErrorKind::Malformed, raw.offset, name, want, got).with_context(match self
            .batch_offset
        {
            0 => "before the first batch".to_owned(),
            offset => format!(
                "batch of P {} at {offset:#x}",
                self.batch.lane.cast_signed()
            ),
        })
    }
}

/// An offset as an index; offsets come from indexes.
pub(crate) fn index_of(offset: u64) -> usize {
    usize::try_from(offset).unwrap_or(usize::MAX)
}
