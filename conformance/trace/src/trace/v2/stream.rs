//! Events in the order of time: generation by generation, threads merged, CPU samples among
//! them, times that rise.
//!
//! Source: Go `internal/trace/reader.go`, `ReadEvent` (R75, R76).

mod ahead;
mod between;
mod faults;
pub(super) mod ids;
mod merge;

use sigprof_wire::v2::EventType;

use super::cursor::Cursor;
use super::event::Event;
use super::frontier::Frontier;
use super::generation::Generation;
use super::order::{Names, Order};
use super::source::Source;
use crate::error::InputError;
use crate::trace::options::{Options, Warnings};
use ahead::Ahead;
pub(super) use ahead::Counts;
use ids::has_ids;

pub(super) type Result<T> = std::result::Result<T, Box<InputError>>;

/// Where the stream is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Among the events of a generation.
    Within,
    /// After one, or before the first.
    Between,
    /// At the end: nothing more comes.
    Over,
}

/// The totals of what was read so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// The number of generations.
    pub generations: u64,
    /// Generations of which no more could be read, though others came after them.
    pub lost: u64,
    /// Strings in their tables.
    pub strings: u64,
    /// Stacks in their tables.
    pub stacks: u64,
    /// Goroutines that were there or were created.
    pub goroutines: u64,
    /// Ps that were there.
    pub procs: u64,
    /// Bytes of the trace up to the end of the last generation; without one, those of its header.
    pub bytes: u64,
}

/// The events of a trace.
pub(super) struct Stream<'a> {
    pub(super) source: Source<'a>,
    pub(super) options: Options,
    pub(super) generation: Generation,
    ahead: Ahead,
    /// The error that comes when the events that were read ahead have been handed out.
    failed: Option<Box<InputError>>,
    header: u16,
    cursors: Vec<Cursor>,
    frontier: Frontier,
    next_sample: usize,
    /// Its time, or the greatest there is.
    sample_time: i64,
    order: Order,
    /// The time of the last event.
    last: i64,
    syncs: u64,
    phase: Phase,
    /// Where the next generation begins, if there may be one.
    next: Option<usize>,
    /// The error to report when all that comes before it has been handed out.
    pending: Option<Box<InputError>>,
    /// Whether a `Sync` was emitted before it.
    has_synced: bool,
    /// The first error that was got over.
    lost: Option<Box<InputError>>,
    totals: Totals,
}

impl<'a> Stream<'a> {
    pub(super) fn new(source: Source<'a>, start: usize, header: u16, options: Options) -> Self {
        Self {
            source,
            options,
            generation: Generation::default(),
            ahead: Ahead::default(),
            failed: None,
            header,
            cursors: Vec::new(),
            frontier: Frontier::default(),
            next_sample: 0,
            sample_time: i64::MAX,
            order: Order::default(),
            last: 0,
            syncs: 0,
            phase: Phase::Between,
            next: Some(start),
            pending: None,
            has_synced: true,
            lost: None,
            totals: Totals {
                bytes: start as u64,
                ..Totals::default()
            },
        }
    }

    /// Goes on to the next event; false at the end.
    #[inline]
    pub(super) fn advance(&mut self) -> Result<bool> {
        if self.ahead.next() {
            return Ok(true);
        }
        self.read_on()
    }

    /// Goes on to the last of the events that come next, all of one generation; none at the end.
    pub(super) fn advance_many(&mut self) -> Result<&[Event]> {
        if !self.advance()? {
            return Ok(&[]);
        }
        Ok(self.ahead.rest())
    }

    /// From now on events of threads are counted, and not handed out.
    pub(super) fn count(&mut self) {
        self.ahead.count();
    }

    /// Events that were counted and not handed out, by type, and the time of the last of all.
    pub(super) fn counted(&self) -> (&Counts, i64) {
        (self.ahead.counts(), self.last)
    }

    /// The last event.
    #[inline]
    pub(super) fn event(&self) -> &Event {
        self.ahead.event()
    }

    /// Reads ahead: what is the same for all events stays in registers meanwhile.
    #[inline(never)]
    fn read_on(&mut self) -> Result<bool> {
        self.ahead.start();
        loop {
            match self.gather() {
                Ok(true) => return Ok(self.ahead.next()),
                Ok(false) => return self.end(),
                Err(error) => self.recover(error)?,
            }
        }
    }

    /// Finds at least one event; false at the end.
    fn gather(&mut self) -> Result<bool> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        loop {
            let merged = self.merge();
            if !self.ahead.is_empty() {
                self.failed = merged.err();
                return Ok(true);
            }
            merged?;
            match self.between()? {
                between::Found::Event => return Ok(true),
                between::Found::Generation => {}
                between::Found::End => return Ok(false),
            }
        }
    }

    pub(super) fn warnings(&self) -> &Warnings {
        &self.order.warnings
    }

    pub(super) fn totals(&self) -> Totals {
        let (goroutines, procs) = self.order.counts();
        Totals {
            goroutines,
            procs,
            ..self.totals
        }
    }

    /// A name that is kept from an earlier generation.
    pub(super) fn kept(&self, number: u64) -> &[u8] {
        self.order.names.by_number(number)
    }

    #[inline(never)]
    fn emit_sample(&mut self) -> Result<()> {
        let samples = &self.generation.samples;
        let event = self.sample(samples[self.next_sample]);
        self.next_sample += 1;
        self.sample_time = samples.get(self.next_sample).map_or(i64::MAX, |s| s.time);
        self.emit(event)
    }

    /// An event that is not that of a cursor gets its place in time, if what it refers to is
    /// there.
    fn emit(&mut self, mut event: Event) -> Result<()> {
        if !has_ids(&event, &self.generation) {
            self.without_ids(&event)?;
        }
        event.time = in_time(event.time, &mut self.last);
        self.ahead.push(event);
        Ok(())
    }

    fn sample(&self, sample: super::samples::Sample) -> Event {
        let said = sample.said(self.source.bytes());
        Event {
            offset: self.source.offset(sample.at),
            time: sample.time,
            generation: self.generation.number,
            thread: said.thread,
            proc: said.proc,
            goroutine: said.goroutine,
            event_type: EventType::CPUSample,
            args: [said.stack, 0, 0, 0],
        }
    }
}

/// The time of the next event. Generations overlap, and clocks of threads differ: times rise all the
/// same (R76.1).
#[inline(always)]
fn in_time(time: i64, last: &mut i64) -> i64 {
    *last = if time <= *last {
        last.wrapping_add(1)
    } else {
        time
    };
    *last
}

impl Names {
    fn by_number(&self, number: u64) -> &[u8] {
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        self.get(super::order::NameId(number))
    }
}
