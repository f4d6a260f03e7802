//! Lanes to one stream: every event after those that it depends on, and among those that
//! may come next the earliest.
//!
//! The clocks of CPUs may disagree, so times alone do not order a trace. Each goroutine
//! has a sequence number and a status; an event waits at the head of its lane until its
//! goroutine has come to what the event starts from.
//!
//! Go looks at every lane for every event. Here the lanes that may go on stand in a
//! [`Tree`], and the lane that was the earliest goes on by itself for as long as its next
//! event is earlier than all others: `limit`. A lane that has to wait is filed under what
//! it waits for, and comes back when that is reached. Only one event of each lane is in
//! memory.
//!
//! Source: Go `internal/trace/order.go`, `order1007` (R62; ties: S4).

use std::collections::HashMap;
use std::sync::Arc;

use sigprof_wire::limits::NO_P;
use sigprof_wire::v1::EventType;

use super::Status;
use super::goroutines::{GC, Goroutine, Goroutines};
use super::hash::IdHash;
use super::index::{Index, NONE, Sample, index_of};
use super::lane::{Head, Lane, place_of, varint};
use super::shape::{Rule, Whose};
use super::sorted::Sorted;
use super::tree::{ALWAYS, Key, NEVER, Tree, key, lane_of};
use crate::error::{ErrorKind, InputError};
use crate::heap;
use crate::trace::input::Pages;

/// The status that a lane waits for: of a goroutine's slot, with a sequence number if it matters.
/// Whoever waits for a status without a number waits for it at any.
type Wanted = (u32, Status, u64, bool);

/// Merges the lanes of a trace. Times are ticks.
pub(super) struct Merge<'a> {
    pages: Pages<'a>,
    index: Arc<Index>,
    pub(super) lanes: Vec<Lane>,
    /// Samples by the time at which they were taken, as places in the index, and the next
    /// of them; their lane comes after all others.
    samples: Vec<u32>,
    next_sample: usize,
    pub(super) goroutines: Goroutines,
    tree: Tree,
    /// The first of the lanes that wait for the same.
    waiting: HashMap<Wanted, u32, IdHash>,
    /// The lane of the last event, which has still to go on.
    current: u32,
    /// The earliest of all other lanes, or earlier if that is not known.
    limit: Key,
    /// The events of a 1.5 trace, which are numbered.
    pub(super) sorted: Option<Box<Sorted>>,
}

impl<'a> Merge<'a> {
    pub(super) fn new(pages: Pages<'a>, index: &Arc<Index>) -> Self {
        let mut lanes = Vec::with_capacity(index.lanes.len() + 1);
        lanes.extend(index.lanes.iter().map(|&(p, batch)| Lane::new(p, batch)));
        lanes.push(Lane::new(NO_P, NONE));
        // Samples stand in the file in the order in which their handlers got the lock,
        // with the time before they waited for it (R30).
        let mut samples: Vec<u32> = (0..).zip(&index.samples).map(|(at, _)| at).collect();
        samples.sort_unstable_by_key(|&at| (index.samples[at as usize].taken, at));
        let mut merge = Self {
            pages,
            index: Arc::clone(index),
            tree: Tree::new(lanes.len()),
            lanes,
            samples,
            next_sample: 0,
            goroutines: Goroutines::new(pages.bytes.len()),
            waiting: HashMap::default(),
            current: NONE,
            limit: ALWAYS,
            sorted: None,
        };
        if index.is_1_5 {
            let (lanes, goroutines) = (&mut merge.lanes, &mut merge.goroutines);
            let sorted = Sorted::new(pages, index, lanes, goroutines);
            merge.sorted = Some(Box::new(sorted));
            return merge;
        }
        for lane in 0..merge.lanes.len() {
            let lane = u32::try_from(lane).unwrap_or(NONE);
            let key = merge.advance(lane);
            merge.tree.set(lane, key);
        }
        merge
    }

    /// Bytes that there may be before this is asked again.
    pub(super) fn heap(&self) -> usize {
        let waiting = &self.waiting;
        let sorted = self.sorted.as_ref().map_or(0, |sorted| sorted.heap());
        size_of_val(&self.lanes[..])
            + size_of_val(&self.samples[..])
            + self.tree.heap()
            + heap::table(waiting.len(), waiting.capacity(), heap::STEP, 32)
            + self.goroutines.heap()
            + sorted
    }

    /// Bytes that the index takes.
    pub(super) fn index_heap(&self) -> usize {
        self.index.heap()
    }

    /// The head of a lane.
    #[inline]
    pub(super) fn head(&self, lane: u32) -> &Head {
        &self.lanes[lane as usize].head
    }

    /// Whether exits from system calls still stand where they were written.
    #[inline]
    pub(super) fn moves_exits(&self) -> bool {
        self.sorted.is_none()
    }

    /// Whether this is the lane of the samples.
    pub(super) fn is_samples(&self, lane: u32) -> bool {
        lane as usize + 1 == self.lanes.len()
    }

    /// The lane whose head comes next; none at the end.
    ///
    /// # Errors
    /// If there is no order, or if two lanes want the same.
    #[inline]
    pub(super) fn next(&mut self) -> Result<Option<u32>, InputError> {
        if let Some(sorted) = &mut self.sorted {
            return Ok(sorted.next(self.pages.bytes, &self.index, &mut self.lanes));
        }
        let mut lane = self.current;
        let key = if lane == NONE {
            NEVER
        } else {
            self.advance(lane)
        };
        // While it is the earliest it goes on, and the tree need not know.
        if key >= self.limit {
            if lane != NONE {
                self.tree.set(lane, key);
            }
            let earliest = lane_of(self.tree.least());
            // No lane has this number.
            if earliest == NONE {
                self.current = NONE;
                return self.end();
            }
            // Lanes that take turns need no limit: it pays when one is earliest twice.
            self.limit = if earliest == lane {
                self.tree.least_but(lane)
            } else {
                ALWAYS
            };
            lane = earliest;
            self.current = lane;
        }
        let head = &self.lanes[lane as usize].head;
        let rule = head.rule();
        if rule.whose != Whose::Nobody {
            self.transit(lane, rule)?;
        }
        Ok(Some(lane))
    }

    /// Moves a lane to its next event; its key, or never if that has to wait or there is
    /// none.
    #[inline]
    fn advance(&mut self, number: u32) -> Key {
        if self.is_samples(number) {
            return self.advance_samples(number);
        }
        let lane = &mut self.lanes[number as usize];
        if !lane.advance(self.pages, &self.index, &mut self.goroutines) {
            return NEVER;
        }
        let head = &lane.head;
        let rule = head.rule();
        if rule.whose != Whose::Nobody && !is_ready(head, rule, self.goroutines.at(head.subject)) {
            self.wait(number);
            return NEVER;
        }
        key(head.time, number)
    }

    fn advance_samples(&mut self, number: u32) -> Key {
        let lane = &mut self.lanes[number as usize];
        let at = self.samples.get(self.next_sample);
        let Some(sample) = at.and_then(|&at| self.index.samples.get(at as usize)) else {
            lane.has_head = false;
            return NEVER;
        };
        self.next_sample += 1;
        lane.has_head = true;
        lane.head = sample_head(self.pages.bytes, sample);
        lane.place = place_of(lane.head.args[1]);
        key(sample.taken, number)
    }

    /// Files a lane under what its head waits for.
    fn wait(&mut self, number: u32) {
        let head = self.lanes[number as usize].head;
        let rule = head.rule();
        self.goroutines.at(head.subject).waiters += 1;
        let seq = if rule.needs_seq { head.wanted_seq } else { 0 };
        let wanted = (head.subject, rule.from, seq, rule.needs_seq);
        let first = self.waiting.insert(wanted, number);
        self.lanes[number as usize].next_waiting = first.unwrap_or(NONE);
    }

    /// Changes the state, and wakes the lanes that waited for it.
    #[inline]
    fn transit(&mut self, lane: u32, rule: &Rule) -> Result<(), InputError> {
        let head = &self.lanes[lane as usize].head;
        let goroutine = self.goroutines.at(head.subject);
        if goroutine.id != head.subject_id || !is_ready(head, rule, goroutine) {
            // Two lanes wanted the same state; Go panics here (S5).
            return Err(self
                .conflict(lane)
                .with_context("two Ps claim it; Go's reader panics on this"));
        }
        goroutine.seq = goroutine.seq.wrapping_add(rule.counts.into());
        goroutine.order = rule.to;
        if goroutine.waiters > 0 {
            let (slot, seq) = (head.subject, goroutine.seq);
            self.wake((slot, rule.to, seq, true));
            self.wake((slot, rule.to, 0, false));
        }
        Ok(())
    }

    #[inline(never)]
    fn wake(&mut self, wanted: Wanted) {
        let mut number = self.waiting.remove(&wanted).unwrap_or(NONE);
        while number != NONE {
            let lane = &self.lanes[number as usize];
            let key = key(lane.head.time, number);
            self.tree.set(number, key);
            self.limit = self.limit.min(key);
            self.goroutines.at(wanted.0).waiters -= 1;
            number = lane.next_waiting;
        }
    }

    /// The end, if no lane has an event left.
    fn end(&self) -> Result<Option<u32>, InputError> {
        match self.lanes.iter().position(|l| l.has_head) {
            None => Ok(None),
            Some(stuck) => Err(self
                .conflict(u32::try_from(stuck).unwrap_or(NONE))
                .with_context("Go reports this as \"no consistent ordering of events possible\"")),
        }
    }

    /// Why the head of a lane cannot come.
    fn conflict(&self, lane: u32) -> InputError {
        let head = self.lanes[lane as usize].head;
        let rule = head.rule();
        let got = self.goroutines.look(head.subject);
        let (from, g) = (rule.from, head.subject_id);
        let has_ended = got.id != g || self.goroutines.has_ended(g);
        match rule.whose {
            Whose::Gc => {
                let want = format!("GC cycle {}, the next one", got.seq);
                inconsistent(&head, want, format!("cycle {}", head.wanted_seq))
            }
            _ if has_ended => {
                let want = format!("goroutine {g} {from:?}");
                inconsistent(&head, want, "one that has ended")
            }
            _ if rule.needs_seq => inconsistent(
                &head,
                format!(
                    "goroutine {g} {from:?} at sequence number {}",
                    head.wanted_seq
                ),
                format!("{:?} at {}", got.order, got.seq),
            ),
            Whose::Own if g == 0 => inconsistent(&head, "a goroutine that runs on its P", "none"),
            _ => {
                let want = format!("goroutine {g} {from:?}");
                inconsistent(&head, want, format!("{:?}", got.order))
            }
        }
    }
}

/// Whether an event can come.
#[inline]
fn is_ready(head: &Head, rule: &Rule, goroutine: &Goroutine) -> bool {
    rule.from == goroutine.order && (!rule.needs_seq || head.wanted_seq == goroutine.seq)
}

/// An event that cannot have happened where it stands.
pub(super) fn inconsistent(
    head: &Head,
    want: impl Into<String>,
    got: impl Into<String>,
) -> InputError {
    let place = head.event_type.name();
    InputError::new(ErrorKind::Inconsistent, head.offset, place, want, got)
}

/// A sample takes time, P and goroutine from its arguments; the first of them then reads
/// as 0 (R61.7).
fn sample_head(bytes: &[u8], sample: &Sample) -> Head {
    let (p, goroutine, stack) = sample_args(bytes, sample);
    Head {
        offset: sample.offset,
        time: sample.taken,
        event_type: EventType::CPUSample,
        own: GC,
        own_id: goroutine,
        args: [0, p, goroutine],
        stack,
        ..Head::NOTHING
    }
}

/// P, goroutine and stack of a sample.
fn sample_args(bytes: &[u8], sample: &Sample) -> (u64, u64, u64) {
    let mut at = index_of(sample.offset);
    let has_length = bytes.get(at).is_some_and(|b| b >> 6 == 3);
    at = at.saturating_add(1);
    // The length, the delta and the time.
    for _ in 0..2 + u8::from(has_length) {
        varint(bytes, &mut at);
    }
    let mut number = || varint(bytes, &mut at);
    (number(), number(), number())
}

/// The stack of a sample.
pub(crate) fn sample_stack(bytes: &[u8], sample: &Sample) -> u64 {
    sample_args(bytes, sample).2
}
