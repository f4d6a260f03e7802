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

mod moved;

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::num::NonZeroU64;
use std::sync::Arc;

use sigprof_wire::v1::EventType;

use super::exits::{exit_head, final_type, is_special};
use super::futile::Offsets;
use super::goroutines::G0;
use super::index::{Index, NONE};
use super::lane::{Head, Lane};
use super::merge::{Merge, inconsistent};
use super::validate::{Processor, Seen, World};
use crate::error::InputError;
use crate::heap;
use crate::trace::input::Pages;
use crate::trace::options::{Options, Warnings};
use crate::trace::v1::{Event, Place, Slots};

/// The step that finds an error; an earlier one goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Check {
    Time,
    Exit,
    World,
}

/// An event that waits for its time: that, its place in the merged stream, its offset.
type Late = Reverse<(i64, u64, u64)>;

/// Bytes that a lane takes, whatever comes of it: in the index, in the merge, in its tree,
/// and here.
pub(super) const PER_LANE: usize = 16 + size_of::<Lane>() + 64 + size_of::<Processor>();

/// No exit is to come: later than all that do.
const NO_EXIT: i64 = i64::MAX;

/// The events of a trace.
pub(crate) struct Stream<'a> {
    bytes: &'a [u8],
    index: Arc<Index>,
    merge: Merge<'a>,
    world: World,
    ps: Vec<Processor>,
    /// The lane whose head has been merged but has not come yet.
    waiting: Option<u32>,
    /// The merged stream is at its end.
    is_merged: bool,
    /// Exits of the index that have come.
    exits_done: usize,
    late: BinaryHeap<Late>,
    /// When the next of both comes at the earliest.
    next_exit: i64,
    /// Offsets of events that lead to nothing.
    futile: Offsets,
    /// Why it is not read at all.
    refused: Option<Box<InputError>>,
    merged: u64,
    /// Of the last event of the merged stream.
    last_tick: i64,
    last: (EventType, u64),
    first_tick: i64,
    /// Nanoseconds of a tick.
    scale: f64,
    /// The last event that came: what was found out about it, and the lane whose head it
    /// is; no lane for an exit that stood aside.
    seen: Seen,
    lane: u32,
    exit: Head,
    /// The slot of the goroutine that ends with the last event of the merged stream.
    ending: u32,
}

impl<'a> Stream<'a> {
    pub(crate) fn new(pages: Pages<'a>, index: &Arc<Index>, options: Options) -> Self {
        let mut refused = None;
        let mut futile = Offsets::default();
        if index.has_futile {
            match super::futile::offsets(Merge::new(pages, index), pages.bytes.len()) {
                Ok(found) => futile = found,
                Err(error) => refused = Some(Box::new(error)),
            }
        }
        Self {
            bytes: pages.bytes,
            index: Arc::clone(index),
            merge: Merge::new(pages, index),
            world: World::new(index.version, options),
            // The samples' lane has one, too, for what has no P.
            ps: vec![Processor::default(); index.lanes.len() + 1],
            waiting: None,
            is_merged: false,
            exits_done: 0,
            late: BinaryHeap::new(),
            futile,
            refused,
            merged: 0,
            last_tick: i64::MIN,
            last: (EventType::HeapAlloc, 0),
            first_tick: 0,
            scale: super::scale(index.ticks_per_second),
            seen: Seen {
                event_type: EventType::HeapAlloc,
                time: 0,
                place: Place::NoP,
                stack: 0,
                link: None,
            },
            lane: NONE,
            exit: Head::NOTHING,
            ending: G0,
            next_exit: index.exits.first().map_or(NO_EXIT, |exit| exit.happened),
        }
    }

    /// The last event that came.
    pub(crate) fn event(&self) -> Event {
        let (seen, head) = (&self.seen, self.head());
        Event {
            offset: head.offset,
            time: seen.time,
            event_type: seen.event_type,
            place: seen.place,
            goroutine: NonZeroU64::new(head.own_id),
            stack: NonZeroU64::new(seen.stack),
            args: head.args,
            link: seen.link.and_then(NonZeroU64::new),
        }
    }

    /// The same: what was found out about it.
    pub(crate) fn seen(&self) -> &Seen {
        &self.seen
    }

    /// The same as the wire has it.
    fn head(&self) -> &Head {
        match self.lane {
            NONE => &self.exit,
            lane => self.merge.head(lane),
        }
    }

    /// The goroutine that it belongs to; 0 for none.
    pub(crate) fn own_id(&self) -> u64 {
        self.head().own_id
    }

    /// The slots of its goroutines, and its lane.
    pub(crate) fn slots(&self) -> Slots {
        let head = self.head();
        Slots {
            own: head.own,
            subject: head.subject,
            lane: self.lane,
        }
    }

    /// Where the regions begin that the last event ended, if it was a `GoEnd`.
    pub(crate) fn ended_regions(&self) -> &[u64] {
        &self.world.ended_regions
    }

    /// Warnings about events so far.
    pub(crate) fn warnings(&self) -> &Warnings {
        &self.world.warnings
    }

    /// The tick from which times are counted: that of the first event.
    pub(crate) fn first_tick(&self) -> i64 {
        self.first_tick
    }

    /// Goes on to the next event, and says whether there is one.
    ///
    /// # Errors
    /// What is wrong; nothing comes after that.
    #[inline]
    pub(crate) fn advance(&mut self) -> Result<bool, InputError> {
        loop {
            if self.waiting.is_none() && !self.is_merged {
                self.merge()?;
            }
            // One that happens at the same time may have to come first.
            let is_exit_due = match self.waiting {
                Some(lane) => self.next_exit <= self.merge.head(lane).time,
                None => self.exits_done < self.index.exits.len() || !self.late.is_empty(),
            };
            if is_exit_due && let Some((offset, tick)) = self.due_exit() {
                self.exit = exit_head(self.bytes, offset, &mut self.merge.goroutines);
                self.exit.time = tick;
                if self.emit(NONE)? {
                    return Ok(true);
                }
                continue;
            }
            let Some(lane) = self.waiting.take() else {
                return Ok(false);
            };
            if self.emit(lane)? {
                return Ok(true);
            }
        }
    }

    /// Takes the next event of the merged stream; one that has its own time waits.
    #[inline]
    fn merge(&mut self) -> Result<(), InputError> {
        loop {
            if self.ending != G0 {
                self.merge.goroutines.end(std::mem::take(&mut self.ending));
            }
            let lane = match self.merge.next() {
                Ok(Some(lane)) => lane,
                Ok(None) => {
                    self.is_merged = true;
                    return Ok(());
                }
                Err(error) => return Err(self.finish(error)),
            };
            let head = self.merge.head(lane);
            let (tick, event_type, offset) = (head.time, head.event_type, head.offset);
            if tick < self.last_tick {
                let error = self.time_goes_back(lane);
                return Err(self.earlier_error(Check::Time, error));
            }
            if self.merged == 0 {
                self.first_tick = tick;
            }
            self.last_tick = tick;
            self.last = (event_type, offset);
            if self.merged.is_multiple_of(heap::STEP as u64) {
                self.check_heap(offset)?;
            }
            self.merged += 1;
            if is_special(event_type) && self.is_moved(lane)? {
                continue;
            }
            self.waiting = Some(lane);
            return Ok(());
        }
    }

    /// Refuses a trace whose state takes too much (S10.4).
    #[cold]
    fn check_heap(&mut self, offset: u64) -> Result<(), InputError> {
        if let Some(error) = self.refused.take() {
            return Err(self.finish(*error));
        }
        let wanted = self.heap();
        heap::check(self.bytes.len(), wanted, offset).map_err(|error| self.finish(error))
    }

    /// Bytes that there may be before this is asked again.
    pub(crate) fn heap(&self) -> usize {
        self.index.heap()
            + self.merge.heap()
            + self.world.heap()
            + size_of_val(&self.ps[..])
            + 2 * size_of::<Late>() * (self.late.len() + heap::STEP)
            + self.futile.heap()
    }

    /// Nothing comes any more.
    fn finish(&mut self, error: InputError) -> InputError {
        self.is_merged = true;
        self.waiting = None;
        self.next_exit = NO_EXIT;
        self.exits_done = self.index.exits.len();
        self.late.clear();
        error
    }

    /// Times must agree with the order that the states give.
    fn time_goes_back(&self, lane: u32) -> InputError {
        let head = self.merge.head(lane);
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

    /// Ticks since the first event must be a number: where they wrap, no order can be promised.
    #[cold]
    fn too_far(&self, head: &Head) -> InputError {
        let want = format!("a tick less than 2^63 from {}, the first", self.first_tick);
        inconsistent(head, want, format!("tick {}", head.time))
            .with_context("Go's reader lets the times wrap")
    }

    /// The place of an event in Go's terms: timers and system calls have rows of their
    /// own (Go: end of `parseEvents`).
    #[inline]
    fn place(&self, event_type: EventType, own_id: u64, lane: u32) -> Place {
        match event_type {
            EventType::GoUnblock
                if !self.index.timer_goroutines.is_empty()
                    && self.index.timer_goroutines.contains(&own_id) =>
            {
                Place::Timer
            }
            EventType::GoSysExit => Place::Syscall,
            _ => self.merge.lanes[lane as usize].place,
        }
    }

    /// Checks an event whose turn it is, the head of a lane or the exit; whether it is
    /// one, and not futile.
    #[inline]
    fn emit(&mut self, lane: u32) -> Result<bool, InputError> {
        let (head, place) = if lane == NONE {
            (&self.exit, Place::Syscall)
        } else {
            let head = self.merge.head(lane);
            let event_type = final_type(head.event_type);
            (head, self.place(event_type, head.own_id, lane))
        };
        if self.index.has_futile && self.futile.contains(head.offset) {
            return Ok(false);
        }
        let Some(ticks) = head.time.checked_sub(self.first_tick) else {
            let error = self.too_far(head);
            return Err(self.earlier_error(Check::World, error));
        };
        self.lane = lane;
        self.seen = Seen {
            event_type: final_type(head.event_type),
            time: super::scaled(ticks, self.scale),
            place,
            stack: head.stack,
            link: None,
        };
        let (bytes, tables) = (self.bytes, &self.index.tables);
        let Merge {
            lanes, goroutines, ..
        } = &mut self.merge;
        // The P of an exit does not matter.
        let (head, p) = match lane {
            NONE => (&self.exit, 0),
            lane => (&lanes[lane as usize].head, lane),
        };
        let p = &mut self.ps[p as usize];
        let string = |id| tables.string(bytes, id);
        let result = self.world.step(head, &mut self.seen, goroutines, p, string);
        match result {
            Ok(()) => Ok(true),
            Err(error) => Err(self.earlier_error(Check::World, error)),
        }
    }

    /// After an error the merge goes on to the end of the trace: what an earlier check
    /// finds there goes first.
    #[cold]
    fn earlier_error(&mut self, mut found: Check, mut error: InputError) -> InputError {
        loop {
            self.merge.goroutines.end(std::mem::take(&mut self.ending));
            let lane = match self.merge.next() {
                Ok(Some(lane)) => lane,
                Ok(None) => return self.finish(error),
                Err(earlier) => return self.finish(earlier),
            };
            let head = *self.merge.head(lane);
            if found > Check::Time && head.time < self.last_tick {
                (found, error) = (Check::Time, self.time_goes_back(lane));
            }
            self.last_tick = head.time;
            self.last = (head.event_type, head.offset);
            let earlier = self.retime(lane);
            if found > Check::Exit
                && let Some(earlier) = earlier
            {
                (found, error) = (Check::Exit, earlier);
            }
        }
    }
}
