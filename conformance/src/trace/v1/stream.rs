//! The stream of all events in their final order, each checked as it comes.
//!
//! ```text
//! lanes -> merge -> exits moved -> futile left out -> validate -> event
//! ```
//!
//! A `GoSysExit` is written when its thread has a P again, and says when it really came
//! out of the system call. The index knows those that happened before they were written;
//! they stand aside, in order of time, and come when their time has come. One that
//! happened later (on a clock that is ahead) waits in a heap.
//!
//! What is wrong is reported as by a reader that does one step after the other for the
//! whole trace: an order that cannot be comes before times that fall, these before exits
//! that have no block, these before what cannot have happened. So after an error of a
//! later step the earlier ones go on to the end of the trace.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};
use std::num::NonZeroU64;

use sigprof_model::events::EventType;
use sigprof_model::limits::NO_P;

use super::goroutines::G0;
use super::hash::IdHash;
use super::index::{Exit, Index};
use super::lane::Head;
use super::merge::inconsistent;
use super::source::{Source, exit_head, final_type};
use super::validate::{Processor, Seen, World};
use crate::error::InputError;
use crate::trace::event::{Event, Place};
use crate::trace::options::{Options, Warnings};

/// The step that finds an error; an earlier one goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Check {
    Time,
    Exit,
    World,
}

/// An event that waits for its time: that, its place in the merged stream, its offset.
type Late = Reverse<(i64, u64, u64)>;

/// The events of a trace.
pub(crate) struct Stream<'a> {
    bytes: &'a [u8],
    index: &'a Index,
    source: Source<'a>,
    world: World,
    ps: Vec<Processor>,
    /// The lane whose head has been merged but has not come yet.
    waiting: Option<u32>,
    /// The merged stream is at its end.
    is_merged: bool,
    /// Exits of the index that have come.
    exits_done: usize,
    late: BinaryHeap<Late>,
    /// Offsets of events that lead to nothing.
    futile: HashSet<u64, IdHash>,
    merged: u64,
    /// Of the last event of the merged stream.
    last_tick: i64,
    last: (EventType, u64),
    first_tick: Option<i64>,
    /// Nanoseconds of a tick.
    scale: f64,
    /// The last event that came, and its goroutine's slot if it ends with it.
    seen: Seen,
    head: Head,
    ending: u32,
    is_over: bool,
}

impl<'a> Stream<'a> {
    pub(crate) fn new(bytes: &'a [u8], index: &'a Index, options: Options) -> Self {
        let futile = if index.has_futile {
            super::futile::offsets(Source::of(bytes, index))
        } else {
            HashSet::default()
        };
        Self {
            bytes,
            index,
            source: Source::of(bytes, index),
            world: World::new(index.version, options),
            // The samples' lane has one, too, for what has no P.
            ps: vec![Processor::default(); index.lanes.len() + 1],
            waiting: None,
            is_merged: false,
            exits_done: 0,
            late: BinaryHeap::new(),
            futile,
            merged: 0,
            last_tick: i64::MIN,
            last: (EventType::HeapAlloc, 0),
            first_tick: None,
            scale: super::scale(index.ticks_per_second),
            seen: Seen {
                event_type: EventType::HeapAlloc,
                time: 0,
                place: Place::NoP,
                stack: 0,
                answers: None,
            },
            head: Head::NOTHING,
            ending: G0,
            is_over: false,
        }
    }

    /// The last event that came.
    pub(crate) fn event(&self) -> Event {
        let (seen, head) = (&self.seen, &self.head);
        Event {
            offset: head.offset,
            time: seen.time,
            event_type: seen.event_type,
            place: seen.place,
            goroutine: NonZeroU64::new(head.own_id),
            stack: NonZeroU64::new(seen.stack),
            args: head.args,
            answers: seen.answers.and_then(NonZeroU64::new),
        }
    }

    /// The same: what was found out about it.
    pub(crate) fn seen(&self) -> &Seen {
        &self.seen
    }

    /// The goroutine that it belongs to; 0 for none.
    pub(crate) fn own_id(&self) -> u64 {
        self.head.own_id
    }

    /// Where the regions begin that the last event ended, if it was a `GoEnd`.
    pub(crate) fn ended_regions(&self) -> &[u64] {
        &self.world.ended_regions
    }

    /// What was odd so far.
    pub(crate) fn warnings(&self) -> &Warnings {
        &self.world.warnings
    }

    /// The tick from which times are counted: that of the first event.
    pub(crate) fn first_tick(&self) -> i64 {
        self.first_tick.unwrap_or_default()
    }

    /// Goes on to the next event, and says whether there is one.
    ///
    /// # Errors
    /// What is wrong; nothing comes after that.
    #[inline]
    pub(crate) fn advance(&mut self) -> Result<bool, InputError> {
        if self.is_over {
            return Ok(false);
        }
        loop {
            if self.waiting.is_none() && !self.is_merged {
                self.merge()?;
            }
            let is_exit = self.exits_done < self.index.exits.len() || !self.late.is_empty();
            if is_exit && let Some((offset, tick)) = self.due_exit() {
                self.head = exit_head(self.bytes, offset, self.source.goroutines());
                if self.come(tick, Place::Syscall, 0)? {
                    return Ok(true);
                }
                continue;
            }
            let Some(lane) = self.waiting.take() else {
                self.is_over = true;
                return Ok(false);
            };
            self.head = *self.source.head(lane);
            let place = self.place(lane);
            if self.come(self.head.time, place, lane)? {
                return Ok(true);
            }
        }
    }

    /// Takes the next event of the merged stream; one that has its own time waits.
    #[inline]
    fn merge(&mut self) -> Result<(), InputError> {
        self.source.end_goroutine(std::mem::take(&mut self.ending));
        loop {
            let lane = match self.source.next() {
                Ok(Some(lane)) => lane,
                Ok(None) => {
                    self.is_merged = true;
                    return Ok(());
                }
                Err(error) => {
                    self.is_over = true;
                    return Err(error);
                }
            };
            let head = self.source.head(lane);
            let (tick, event_type, offset) = (head.time, head.event_type, head.offset);
            if tick < self.last_tick {
                let error = self.falls(lane);
                return Err(self.earlier_error(Check::Time, error));
            }
            self.last_tick = tick;
            self.last = (event_type, offset);
            self.merged += 1;
            self.first_tick.get_or_insert(tick);
            if let Some(error) = self.retime(lane) {
                return Err(self.earlier_error(Check::Exit, error));
            }
            if event_type == EventType::GoSysExit && self.is_moved(lane) {
                continue;
            }
            if matches!(event_type, EventType::GoEnd | EventType::GoStop) {
                self.ending = self.source.head(lane).own;
            }
            self.waiting = Some(lane);
            return Ok(());
        }
    }

    /// Times must agree with the order that the states give.
    fn falls(&self, lane: u32) -> InputError {
        let head = self.source.head(lane);
        let (event_type, offset) = self.last;
        let want = format!(
            "a time not before tick {} of the {} at {offset:#x}, which must come first",
            self.last_tick,
            final_type(event_type).name(),
        );
        inconsistent(head, want, format!("tick {}", head.time)).with_context(
            "Go reports this as \"time stamps out of order\"; clocks of CPUs that disagree do this",
        )
    }

    /// Notes when goroutines block in system calls, and checks the exits against that.
    #[inline]
    fn retime(&mut self, lane: u32) -> Option<InputError> {
        match self.source.head(lane).event_type {
            EventType::GoSysBlock | EventType::GoInSyscall => {
                let Head { own, time, .. } = *self.source.head(lane);
                self.source.goroutines().at(own).blocked_at = time;
            }
            EventType::GoSysExit if self.source.moves_exits() => {
                let head = *self.source.head(lane);
                let exit = head.args[2].cast_signed();
                if exit == 0 {
                    return None;
                }
                // Go takes a block at tick 0 for none.
                let block = self.source.goroutines().at(head.own).blocked_at;
                let head = &head;
                if block == 0 {
                    return Some(inconsistent(head, "a GoSysBlock before it", "none"));
                }
                if exit < block {
                    let want = format!("a time not before its GoSysBlock at tick {block}");
                    let error = inconsistent(head, want, format!("tick {exit}"));
                    let why = "Go reports this as \"time stamps out of order\"";
                    return Some(error.with_context(why));
                }
            }
            _ => {}
        }
        None
    }

    /// Whether an exit comes at another time than it was written.
    fn is_moved(&mut self, lane: u32) -> bool {
        let head = self.source.head(lane);
        let exit = head.args[2].cast_signed();
        if exit == 0 || exit == head.time || !self.source.moves_exits() {
            return false;
        }
        if exit > head.time {
            self.late.push(Reverse((exit, self.merged, head.offset)));
        }
        true
    }

    /// The exit that comes before the next event of the merged stream, if one does.
    fn due_exit(&mut self) -> Option<(u64, i64)> {
        // A late one was merged before any event of its time, an early one behind them.
        let next = self.waiting.map(|lane| self.source.head(lane).time);
        let late = self
            .late
            .peek()
            .map(|&Reverse((tick, _, offset))| (offset, tick));
        let late = late.filter(|&(_, tick)| next.is_none_or(|next| tick <= next));
        let early = self.index.exits.get(self.exits_done);
        let early = early.filter(|exit| next.is_none_or(|next| exit.happened < next));
        match (late, early) {
            (Some((_, tick)), Some(&Exit { happened, offset })) if happened < tick => {
                self.exits_done += 1;
                Some((offset, happened))
            }
            (Some(exit), _) => {
                self.late.pop();
                Some(exit)
            }
            (None, Some(&Exit { happened, offset })) => {
                self.exits_done += 1;
                Some((offset, happened))
            }
            (None, None) => None,
        }
    }

    /// The place of an event in Go's terms: timers and system calls have rows of their
    /// own (Go: end of `parseEvents`).
    #[inline]
    fn place(&self, lane: u32) -> Place {
        let head = &self.head;
        match head.event_type {
            EventType::GoUnblock | EventType::GoUnblockLocal
                if !self.index.timer_goroutines.is_empty()
                    && self.index.timer_goroutines.contains(&head.own_id) =>
            {
                Place::Timer
            }
            EventType::GoSysExit | EventType::GoSysExitLocal => Place::Syscall,
            _ => match self.source.p(lane) {
                NO_P => Place::NoP,
                p => Place::P(p),
            },
        }
    }

    /// Checks an event whose turn it is; whether it is one, and not futile.
    #[inline]
    fn come(&mut self, tick: i64, place: Place, lane: u32) -> Result<bool, InputError> {
        if !self.futile.is_empty() && self.futile.contains(&self.head.offset) {
            return Ok(false);
        }
        let ticks = tick.wrapping_sub(self.first_tick());
        self.seen = Seen {
            event_type: final_type(self.head.event_type),
            time: super::scaled(ticks, self.scale),
            place,
            stack: self.head.stack,
            answers: None,
        };
        if !self.world.ended_regions.is_empty() {
            self.world.ended_regions.clear();
        }
        let (bytes, tables) = (self.bytes, &self.index.tables);
        let result = self.world.step(
            &self.head,
            &mut self.seen,
            self.source.goroutines(),
            &mut self.ps[lane as usize],
            |id| tables.string(bytes, id),
        );
        match result {
            Ok(()) => Ok(true),
            Err(error) => Err(self.earlier_error(Check::World, error)),
        }
    }

    /// After an error the merge goes on to the end of the trace: what an earlier check
    /// finds there goes first.
    #[cold]
    fn earlier_error(&mut self, mut found: Check, mut error: InputError) -> InputError {
        self.is_over = true;
        loop {
            self.source.end_goroutine(std::mem::take(&mut self.ending));
            let lane = match self.source.next() {
                Ok(Some(lane)) => lane,
                Ok(None) => return error,
                Err(earlier) => return earlier,
            };
            let head = *self.source.head(lane);
            if found > Check::Time && head.time < self.last_tick {
                (found, error) = (Check::Time, self.falls(lane));
            }
            self.last_tick = head.time;
            self.last = (head.event_type, head.offset);
            if found > Check::Exit
                && let Some(earlier) = self.retime(lane)
            {
                (found, error) = (Check::Exit, earlier);
            }
            if matches!(head.event_type, EventType::GoEnd | EventType::GoStop) {
                self.ending = head.own;
            }
        }
    }
}
