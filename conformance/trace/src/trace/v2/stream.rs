//! Events in the order of time: generation by generation, threads merged, CPU samples among
//! them, times that rise.
//!
//! Source: Go `internal/trace/reader.go`, `ReadEvent` (R75, R76).

mod between;
mod faults;

use sigprof_wire::v2::{EventType, NO_GOROUTINE, NO_PROC, NO_THREAD};

use super::cursor::Cursor;
use super::event::Event;
use super::frontier::{Frontier, Next};
use super::generation::Generation;
use super::options::SORT_CHANGED;
use super::order::{Names, Order, Step, World};
use super::source::Source;
use crate::error::InputError;
use crate::trace::options::{Options, Release, Strict, Warnings};

pub(super) type Result<T> = std::result::Result<T, Box<InputError>>;

/// The arguments of each type that are ids: of strings, of stacks.
static IDS: [(u8, u8); 256] = {
    let mut table = [(0, 0); 256];
    let mut i = 0;
    while i < EventType::ALL.len() {
        let spec = EventType::ALL[i].spec();
        table[EventType::ALL[i] as usize] = (spec.strings, spec.stacks);
        i += 1;
    }
    // Where the reader puts it.
    table[EventType::CPUSample as usize] = (0, 1);
    table
};

/// Where the stream is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Among the events of a generation.
    Within,
    /// Behind one, or before the first.
    Between,
    /// Nothing comes.
    Over,
}

/// What there was so far, in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Generations.
    pub generations: u64,
    /// Strings in their tables.
    pub strings: u64,
    /// Stacks in their tables.
    pub stacks: u64,
    /// Goroutines that were there or were created.
    pub goroutines: u64,
    /// Ps that were there.
    pub procs: u64,
    /// Bytes of the trace up to the end of the last generation.
    pub bytes: u64,
}

/// The events of a trace.
pub(super) struct Stream<'a> {
    pub(super) source: Source<'a>,
    pub(super) options: Options,
    pub(super) generation: Generation,
    /// The last event.
    pub(super) event: Event,
    header: u16,
    cursors: Vec<Cursor>,
    frontier: Frontier,
    next_sample: usize,
    order: Order,
    /// The time of the last event.
    last: i64,
    syncs: u64,
    phase: Phase,
    /// Where the next generation begins, if there may be one.
    next: Option<usize>,
    /// What is wrong, to be said when what comes before has been.
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
            event: sync_event(0, 0, 0, 0),
            header,
            cursors: Vec::new(),
            frontier: Frontier::default(),
            next_sample: 0,
            order: Order::default(),
            last: 0,
            syncs: 0,
            phase: Phase::Between,
            next: Some(start),
            pending: None,
            has_synced: true,
            lost: None,
            totals: Totals::default(),
        }
    }

    /// Reads on to the next event; false at the end.
    #[inline]
    pub(super) fn advance(&mut self) -> Result<bool> {
        loop {
            match self.try_advance() {
                Ok(true) => return Ok(true),
                Ok(false) => return self.end(),
                Err(error) => self.recover(error)?,
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

    #[inline]
    fn try_advance(&mut self) -> Result<bool> {
        loop {
            if let Some(event) = self.order.queue.pop() {
                return self.emit(event);
            }
            if self.pending.is_some() && self.phase == Phase::Within {
                self.broken()?;
            }
            let first = self.frontier.get(0);
            let sample = self.generation.samples.get(self.next_sample).copied();
            match (first, sample) {
                (Some(first), Some(sample)) if sample.time >= first.time => self.step()?,
                (_, Some(sample)) => {
                    self.next_sample += 1;
                    let event = self.sample(sample);
                    return self.emit(event);
                }
                (Some(_), None) => self.step()?,
                (None, None) => match self.between()? {
                    between::Found::Event => return Ok(true),
                    between::Found::Generation => {}
                    between::Found::End => return Ok(false),
                },
            }
        }
    }

    /// One event of a thread happens: the earliest that can.
    #[inline]
    fn step(&mut self) -> Result<()> {
        if self.try_at(0)? == Step::Done {
            return Ok(());
        }
        self.step_over()
    }

    /// The head of the frontier waits: others are tried in the order of their times (R75.4).
    fn step_over(&mut self) -> Result<()> {
        self.frontier.sort(self.options.release < SORT_CHANGED);
        for at in 1..self.frontier.len() {
            if self.try_at(at)? == Step::Done {
                return Ok(());
            }
        }
        Err(self.stuck())
    }

    #[inline]
    fn try_at(&mut self, at: usize) -> Result<Step> {
        let Some(Next { cursor, .. }) = self.frontier.get(at) else {
            return Ok(Step::Wait);
        };
        let cursor = &mut self.cursors[cursor as usize];
        let bytes = self.source.bytes();
        let world = World {
            bytes,
            generation: &self.generation,
            offset: self.source.offset(cursor.head.at),
            is_strict: self.options.strict == Some(Strict::Go1_27),
            is_1_22: self.options.release == Release::Go1_22,
        };
        match self.order.advance(&cursor.head, cursor.thread, &world) {
            Ok(Step::Done) => {}
            Ok(Step::Wait) => return Ok(Step::Wait),
            Err(fault) => {
                let (head, thread) = (cursor.head, cursor.thread);
                return Err(self.cannot_have_happened(&head, thread, *fault));
            }
        }
        let batches = &self.generation.batches;
        match cursor.advance(bytes, batches, self.generation.scale) {
            Ok(true) => self.frontier.update(at, cursor.head.time),
            Ok(false) => self.frontier.remove(at),
            Err(bad) => {
                let error = self.bad_event(&bad);
                // Go loses the good event before it, too.
                if self.options.strict == Some(Strict::Go1_27) {
                    return Err(error);
                }
                self.frontier.remove(at);
                self.pending = Some(error);
            }
        }
        Ok(Step::Done)
    }

    /// An event gets its place in time, if what it refers to is there.
    #[inline]
    fn emit(&mut self, event: Event) -> Result<bool> {
        let (strings, stacks) = IDS[event.event_type as usize];
        if (strings | stacks) != 0 && !self.has_ids(&event, strings, stacks) {
            return Err(self.bad_id(&event, strings, stacks));
        }
        self.event = event;
        // Generations overlap, and clocks of threads differ (R76.1).
        if self.event.time <= self.last {
            self.event.time = self.last.wrapping_add(1);
        }
        self.last = self.event.time;
        Ok(true)
    }

    #[inline]
    fn has_ids(&self, event: &Event, strings: u8, stacks: u8) -> bool {
        let generation = &self.generation;
        event.args.iter().enumerate().all(|(i, &id)| {
            (strings >> i & 1 == 0 || generation.strings.has(id))
                && (stacks >> i & 1 == 0 || generation.stacks.has(id))
        })
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

fn sync_event(offset: u64, time: i64, generation: u64, number: u64) -> Event {
    Event {
        offset,
        time,
        generation,
        thread: NO_THREAD,
        proc: NO_PROC,
        goroutine: NO_GOROUTINE,
        event_type: EventType::Sync,
        args: [number, 0, 0, 0],
    }
}

impl Names {
    fn by_number(&self, number: u64) -> &[u8] {
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        self.get(super::order::NameId(number))
    }
}
