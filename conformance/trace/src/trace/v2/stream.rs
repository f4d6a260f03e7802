//! Events in the order of time: generation by generation, threads merged, CPU samples among
//! them, times that rise.
//!
//! Source: Go `internal/trace/reader.go`, `ReadEvent` (R75, R76).

mod between;
mod faults;

use sigprof_wire::v2::EventType;

use super::cursor::Cursor;
use super::event::Event;
use super::frontier::{Frontier, Next};
use super::generation::Generation;
use super::options::SORT_CHANGED;
use super::order::{Names, Order, World};
use super::source::Source;
use crate::error::InputError;
use crate::trace::options::{Options, Release, Strict, Warnings};

pub(super) type Result<T> = std::result::Result<T, Box<InputError>>;

/// The arguments of a type that are ids.
#[derive(Clone, Copy, Debug)]
#[repr(align(8))]
struct Ids {
    /// The place of the first string, beyond all arguments if there is none.
    string: u8,
    /// The same of the first stack.
    stack: u8,
    /// Whether there are more than these.
    has_more: bool,
    /// Bit n is set if argument n is the id of a string.
    strings: u8,
    /// The same of a stack.
    stacks: u8,
}

static IDS: [Ids; 256] = {
    #[expect(clippy::cast_possible_truncation, reason = "at most eight")]
    const fn ids(strings: u8, stacks: u8) -> Ids {
        Ids {
            string: strings.trailing_zeros() as u8,
            stack: stacks.trailing_zeros() as u8,
            has_more: strings.count_ones() > 1 || stacks.count_ones() > 1,
            strings,
            stacks,
        }
    }
    let mut table = [ids(0, 0); 256];
    let mut i = 0;
    while i < EventType::ALL.len() {
        let spec = EventType::ALL[i].spec();
        table[EventType::ALL[i] as usize] = ids(spec.strings, spec.stacks);
        i += 1;
    }
    // Where the reader puts it.
    table[EventType::CPUSample as usize] = ids(0, 1);
    table
};

/// No cursor, or no place in the frontier.
const NOWHERE: usize = usize::MAX;

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
                self.move_on()?;
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

    /// The cursor whose event was handed out comes to its next.
    #[inline(always)]
    fn move_on(&mut self) -> Result<()> {
        let at = std::mem::replace(&mut self.due, NOWHERE);
        let Some(cursor) = self.frontier.get(at).map(|next| next.cursor) else {
            return Ok(());
        };
        let cursor = &mut self.cursors[cursor as usize];
        let generation = &self.generation;
        let (bytes, base) = (self.source.bytes(), self.source.base());
        match cursor.advance(bytes, base, &generation.batches, generation.scale) {
            Ok(true) => self.frontier.update(at, cursor.time),
            Ok(false) => self.frontier.remove(at),
            Err(bad) => return Err(self.bad_event(&bad)),
        }
        Ok(())
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
    #[inline(always)]
    fn try_at(&mut self, at: usize) -> Result<bool> {
        let Some(Next { cursor: number, .. }) = self.frontier.get(at) else {
            return Ok(false);
        };
        let number = number as usize;
        let cursor = &mut self.cursors[number];
        let world = || World {
            bytes: self.source.bytes(),
            generation: &self.generation,
            is_strict: self.options.strict == Some(Strict::Go1_27),
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
        let is_strict = self.options.strict == Some(Strict::Go1_27);
        if is_strict || !has_ids(&cursor.event, &self.generation) {
            self.look_again(number)?;
        }
        retime(&mut self.cursors[number].event, &mut self.last);
        Ok(true)
    }

    /// What is wrong with an event that happened. In Go's reader also that the one behind it
    /// is broken, which it has read before it hands this one out: both are lost.
    #[cold]
    fn look_again(&self, number: usize) -> Result<()> {
        let cursor = &self.cursors[number];
        if self.options.strict == Some(Strict::Go1_27) {
            let generation = &self.generation;
            let (bytes, base) = (self.source.bytes(), self.source.base());
            let mut ahead = cursor.clone();
            let ahead = ahead.advance(bytes, base, &generation.batches, generation.scale);
            ahead.map_err(|bad| self.bad_event(&bad))?;
        }
        match missing(&cursor.event, &self.generation) {
            Some(_) => Err(self.bad_id(&cursor.event)),
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
            return Err(self.bad_id(&event));
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

/// Whether all strings and stacks of an event are in the tables.
#[inline(always)]
fn has_ids(event: &Event, generation: &Generation) -> bool {
    let ids = &IDS[event.event_type as usize];
    let id = |place| {
        event
            .args
            .get(usize::from(place))
            .copied()
            .unwrap_or_default()
    };
    let has_them = id(ids.string) <= generation.strings.all_up_to()
        && id(ids.stack) <= generation.stacks.all_up_to()
        && !ids.has_more;
    has_them || missing(event, generation).is_none()
}

/// A kind of id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Table {
    Strings,
    Stacks,
}

/// The first id of an event that is not in the tables.
#[inline(never)]
fn missing(event: &Event, generation: &Generation) -> Option<(Table, u64)> {
    let ids = &IDS[event.event_type as usize];
    let find = |bits: u8, table: &super::tables::Table, kind| {
        let mut bits = bits;
        while bits != 0 {
            let id = event.args[bits.trailing_zeros() as usize % event.args.len()];
            if id > table.all_up_to() && !table.has(id) {
                return Some((kind, id));
            }
            bits &= bits - 1;
        }
        None
    };
    let string = find(ids.strings, &generation.strings, Table::Strings);
    string.or_else(|| find(ids.stacks, &generation.stacks, Table::Stacks))
}

impl Names {
    fn by_number(&self, number: u64) -> &[u8] {
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        self.get(super::order::NameId(number))
    }
}
