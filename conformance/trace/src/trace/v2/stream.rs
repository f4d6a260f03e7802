//! Events in the order of time: generation by generation, threads merged, CPU samples among
//! them, times that rise.
//!
//! Source: Go `internal/trace/reader.go`, `ReadEvent` (R75, R76).

mod between;
mod faults;
mod ids;

use sigprof_wire::v2::EventType;

use super::cursor::Cursor;
use super::event::Event;
use super::frontier::Frontier;
use super::generation::Generation;
use super::options::SORT_CHANGED;
use super::order::{Names, Order, World};
use super::source::Source;
use crate::error::InputError;
use crate::trace::options::{Options, Release, Strict, Warnings};
use ids::{has_ids, missing};

pub(super) type Result<T> = std::result::Result<T, Box<InputError>>;

/// No cursor, or no place in the frontier.
const NOWHERE: usize = usize::MAX;

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
    /// The last event, if it is not that of a cursor.
    own: Event,
    /// The cursor that has the last event.
    current: usize,
    /// The place in the frontier whose event was handed out, and whose cursor is to move on.
    due: usize,
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
            own: Event::sync(0, 0, 0, 0),
            current: NOWHERE,
            due: NOWHERE,
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
            totals: Totals::default(),
        }
    }

    /// Reads on to the next event; false at the end.
    #[inline(never)]
    pub(super) fn advance(&mut self) -> Result<bool> {
        loop {
            match self.try_advance() {
                Ok(true) => return Ok(true),
                Ok(false) => return self.end(),
                Err(error) => self.recover(error)?,
            }
        }
    }

    /// The last event.
    #[inline]
    pub(super) fn event(&self) -> &Event {
        match self.cursors.get(self.current) {
            Some(cursor) => &cursor.event,
            None => &self.own,
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

    #[inline(always)]
    fn try_advance(&mut self) -> Result<bool> {
        loop {
            if self.due != NOWHERE {
                if !self.order.queue.is_empty() {
                    return self.emit_queued();
                }
                // A thread mostly has several events in a row.
                if let Some(number) = self.move_on()? {
                    if !self.try_cursor(number, 0)? {
                        self.step_over()?;
                    }
                    return Ok(true);
                }
            }
            match self.frontier.get(0) {
                Some(first) if self.sample_time >= first.time => {
                    if !self.try_at(0)? {
                        self.step_over()?;
                    }
                    return Ok(true);
                }
                _ if self.next_sample < self.generation.samples.len() => {
                    return self.emit_sample();
                }
                _ => match self.between()? {
                    between::Found::Event => return Ok(true),
                    between::Found::Generation => {}
                    between::Found::End => return Ok(false),
                },
            }
        }
    }

    /// Moves the cursor whose event was handed out to its next event. Returns that cursor if
    /// its event is the next to be tried.
    #[inline(always)]
    fn move_on(&mut self) -> Result<Option<usize>> {
        let at = std::mem::replace(&mut self.due, NOWHERE);
        let Some(number) = self.frontier.get(at).map(|next| next.cursor as usize) else {
            return Ok(None);
        };
        let cursor = &mut self.cursors[number];
        let generation = &self.generation;
        let (bytes, base) = (self.source.bytes(), self.source.base());
        match cursor.advance(bytes, base, &generation.batches, generation.scale) {
            Ok(true) => {
                let is_first = self.frontier.update(at, cursor.time);
                let is_next = is_first && self.sample_time >= cursor.time;
                return Ok(is_next.then_some(number));
            }
            Ok(false) => self.frontier.remove(at),
            Err(bad) => return Err(self.bad_event(&bad)),
        }
        Ok(None)
    }

    /// The head of the frontier waits: others are tried in the order of their times (R75.4).
    #[inline(never)]
    fn step_over(&mut self) -> Result<()> {
        self.frontier.sort(self.options.release < SORT_CHANGED);
        for at in 1..self.frontier.len() {
            if self.try_at(at)? {
                return Ok(());
            }
        }
        Err(self.stuck())
    }

    /// Tries the event at a place in the frontier, and hands it out if it happened. False if
    /// it has to wait.
    fn try_at(&mut self, at: usize) -> Result<bool> {
        match self.frontier.get(at) {
            Some(next) => self.try_cursor(next.cursor as usize, at),
            None => Ok(false),
        }
    }

    /// The same of the cursor there.
    #[inline(always)]
    fn try_cursor(&mut self, number: usize, at: usize) -> Result<bool> {
        let cursor = &mut self.cursors[number];
        let is_strict = self.options.strict == Some(Strict::Go1_27);
        let world = || World {
            bytes: self.source.bytes(),
            generation: &self.generation,
            is_strict,
            is_1_22: self.options.release == Release::Go1_22,
        };
        match self.order.advance(&mut cursor.event, cursor.thread, world) {
            Ok(()) => {}
            Err(None) => return Ok(false),
            Err(Some(fault)) => {
                let (event, thread) = (cursor.event, cursor.thread);
                return Err(self.cannot_have_happened(&event, thread, *fault));
            }
        }
        (self.current, self.due) = (number, at);
        if !is_strict && has_ids(&cursor.event, &self.generation) {
            retime(&mut cursor.event, &mut self.last);
            return Ok(true);
        }
        self.look_again(number)?;
        retime(&mut self.cursors[number].event, &mut self.last);
        Ok(true)
    }

    /// Checks an event that happened for what is wrong with it. Go's reader has read the next
    /// event before it hands this one out: if that one is broken, both are lost.
    #[cold]
    fn look_again(&mut self, number: usize) -> Result<()> {
        let cursor = &self.cursors[number];
        if self.options.strict == Some(Strict::Go1_27) {
            let generation = &self.generation;
            let (bytes, base) = (self.source.bytes(), self.source.base());
            let mut ahead = cursor.clone();
            let ahead = ahead.advance(bytes, base, &generation.batches, generation.scale);
            ahead.map_err(|bad| self.bad_event(&bad))?;
        }
        let event = cursor.event;
        match missing(&event, &self.generation) {
            Some(_) => self.without_ids(&event),
            None => Ok(()),
        }
    }

    /// An event that came of another is handed out.
    #[cold]
    fn emit_queued(&mut self) -> Result<bool> {
        match self.order.queue.pop() {
            Some(event) => self.emit(event),
            None => Ok(false),
        }
    }

    #[inline(never)]
    fn emit_sample(&mut self) -> Result<bool> {
        let samples = &self.generation.samples;
        let event = self.sample(samples[self.next_sample]);
        self.next_sample += 1;
        self.sample_time = samples.get(self.next_sample).map_or(i64::MAX, |s| s.time);
        self.emit(event)
    }

    /// An event that is not that of a cursor gets its place in time, if what it refers to is
    /// there.
    fn emit(&mut self, event: Event) -> Result<bool> {
        if !has_ids(&event, &self.generation) {
            self.without_ids(&event)?;
        }
        (self.own, self.current) = (event, NOWHERE);
        retime(&mut self.own, &mut self.last);
        Ok(true)
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

/// Generations overlap, and clocks of threads differ: times rise all the same (R76.1).
#[inline(always)]
fn retime(event: &mut Event, last: &mut i64) {
    if event.time <= *last {
        event.time = last.wrapping_add(1);
    }
    *last = event.time;
}

impl Names {
    fn by_number(&self, number: u64) -> &[u8] {
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        self.get(super::order::NameId(number))
    }
}
