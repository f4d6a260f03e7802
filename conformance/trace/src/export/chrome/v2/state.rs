//! The state of goroutines and Ps: what the end of something that is under way will show.

use std::collections::HashMap;

use crate::heap;
use crate::trace::v1::hash::IdHash;
use crate::trace::v2::lately::Lately;

/// Something without a row: a goroutine that runs nowhere.
pub(super) const NOWHERE: u32 = u32::MAX;

/// Rows that are no P's.
pub(super) const NETPOLL: u32 = u32::MAX - 1;
pub(super) const SYSCALL: u32 = u32::MAX - 2;

/// Why a goroutine can run soon.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Cause {
    #[default]
    Nothing,
    /// Somebody created it.
    Created,
    /// Somebody woke it, who found this reason.
    Unblocked,
    /// The system call is over for which it lost its P.
    Exited,
}

/// A goroutine as it is shown.
#[derive(Clone, Debug)]
pub(super) struct Goroutine {
    pub(super) id: u64,
    /// When the slice began that shows it running.
    pub(super) since: i64,
    pub(super) cause_time: i64,
    pub(super) call_time: i64,
    /// The slot of the P that it is shown on, or [`NOWHERE`].
    pub(super) row: u32,
    pub(super) cause_row: u32,
    pub(super) cause_stack: u32,
    /// Why it had waited.
    pub(super) cause_reason: u32,
    /// Why it waits.
    pub(super) reason: u32,
    /// The stack with which it last stopped.
    pub(super) stack: u32,
    pub(super) call_stack: u32,
    /// The function that it begins with, among the texts, if that is known.
    pub(super) name: u32,
    pub(super) label: u32,
    pub(super) cause: Cause,
    pub(super) is_named: bool,
    /// Whether it is in a system call that is shown.
    pub(super) is_in_call: bool,
    /// Whether it has ranges that are not over.
    has_ranges: bool,
    is_there: bool,
}

const _: () = assert!(size_of::<Goroutine>() <= 80);

/// A range of time of a goroutine that is not over.
#[derive(Clone, Copy, Debug)]
pub(super) struct Active {
    /// The kind of it: the reason for which the world is stopped, or none if it helps to mark.
    pub(super) stops: Option<u32>,
    /// When it began on the row where the goroutine is; none if that runs nowhere.
    pub(super) since: Option<i64>,
    pub(super) stack: u32,
}

/// All goroutines that are there, in slots that are used again.
#[derive(Debug, Default)]
pub(super) struct Goroutines {
    pub(super) all: Vec<Goroutine>,
    free: Vec<u32>,
    by_id: HashMap<u64, u32, IdHash>,
    lately: Lately,
    /// Few goroutines have any.
    ranges: HashMap<u64, Vec<Active>, IdHash>,
    range_count: usize,
}

impl Goroutines {
    /// The slot of a goroutine that is there.
    #[inline]
    pub(super) fn slot(&mut self, id: u64) -> Option<usize> {
        let lately = self.lately.slot(id) as usize;
        match self.all.get(lately) {
            Some(g) if g.id == id && g.is_there => Some(lately),
            _ => self.look_up(id),
        }
    }

    fn look_up(&mut self, id: u64) -> Option<usize> {
        let slot = *self.by_id.get(&id)?;
        self.lately.set(id, slot);
        Some(slot as usize)
    }

    /// The slot of the goroutine with an id, which is new if it must be.
    #[inline]
    pub(super) fn slot_or_new(&mut self, id: u64) -> usize {
        match self.slot(id) {
            Some(slot) => slot,
            None => self.add(id),
        }
    }

    fn add(&mut self, id: u64) -> usize {
        let new = Goroutine {
            id,
            since: 0,
            cause_time: 0,
            call_time: 0,
            row: NOWHERE,
            cause_row: NOWHERE,
            cause_stack: 0,
            cause_reason: 0,
            reason: 0,
            stack: 0,
            call_stack: 0,
            name: 0,
            label: 0,
            cause: Cause::Nothing,
            is_named: false,
            is_in_call: false,
            has_ranges: false,
            is_there: true,
        };
        let slot = heap::put(&mut self.all, &mut self.free, new);
        self.by_id.insert(id, slot);
        self.lately.set(id, slot);
        slot as usize
    }

    /// Removes a goroutine that is no more.
    pub(super) fn remove(&mut self, id: u64) {
        if let Some(slot) = self.by_id.remove(&id) {
            self.all[slot as usize].is_there = false;
            heap::push(&mut self.free, slot);
            if let Some(gone) = self.ranges.remove(&id) {
                self.range_count -= gone.len();
            }
        }
    }

    /// The ranges of a goroutine that are not over, if it has any.
    #[inline]
    pub(super) fn ranges(&mut self, slot: usize) -> &mut [Active] {
        let g = &self.all[slot];
        if !g.has_ranges {
            return &mut [];
        }
        self.ranges.get_mut(&g.id).map_or(&mut [], |all| all)
    }

    /// Adds a range, or puts it in the place of one of the same kind.
    pub(super) fn add_range(&mut self, slot: usize, range: Active) {
        let g = &mut self.all[slot];
        g.has_ranges = true;
        let all = self.ranges.entry(g.id).or_default();
        match all.iter_mut().find(|r| r.stops == range.stops) {
            Some(same) => *same = range,
            None => {
                if all.len() == all.capacity() {
                    all.reserve_exact(all.len() / 4 + 1);
                }
                all.push(range);
                self.range_count += 1;
            }
        }
    }

    /// Takes a range that is over.
    pub(super) fn take_range(&mut self, slot: usize, stops: Option<u32>) -> Option<Active> {
        let g = &mut self.all[slot];
        let all = self.ranges.get_mut(&g.id)?;
        let at = all.iter().position(|r| r.stops == stops)?;
        let range = all.swap_remove(at);
        self.range_count -= 1;
        if all.is_empty() {
            g.has_ranges = false;
            self.ranges.remove(&g.id);
        }
        Some(range)
    }

    /// Slots of those that are shown running.
    pub(super) fn running(&self) -> Vec<usize> {
        let all = self.all.iter().enumerate();
        let running = all.filter(|(_, g)| g.is_there && g.row != NOWHERE);
        running.map(|(slot, _)| slot).collect()
    }

    /// Bytes that there may be before this is asked again.
    pub(super) fn heap(&self) -> usize {
        const RANGES: usize = 2 * size_of::<Active>();
        let (by_id, ranges, more) = (&self.by_id, &self.ranges, heap::STEP);
        heap::list(&self.all, more)
            + heap::list(&self.free, more)
            + heap::table(by_id.len(), by_id.capacity(), more, 16)
            + heap::table(ranges.len(), ranges.capacity(), more, 32)
            + RANGES * (self.range_count + more)
            + Lately::heap()
    }
}

/// A P as it is shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct Proc {
    pub(super) id: u64,
    /// When it began to sweep, and with which stack.
    pub(super) sweep: Option<(i64, u32)>,
    /// The goroutine that is in a system call there.
    pub(super) in_call: Option<u64>,
}

/// Ids of Ps below this have a place of their own.
const FEW: usize = 1 << 12;

/// All Ps, in slots; none ever goes.
#[derive(Debug, Default)]
pub(super) struct Procs {
    pub(super) all: Vec<Proc>,
    /// One more than the slot.
    few: Vec<u32>,
    others: HashMap<u64, u32, IdHash>,
}

impl Procs {
    /// The slot of a P.
    #[inline]
    pub(super) fn slot(&mut self, id: u64) -> u32 {
        let known = match usize::try_from(id) {
            Ok(index) if index < FEW => self.few.get(index).and_then(|slot| slot.checked_sub(1)),
            _ => self.others.get(&id).copied(),
        };
        known.unwrap_or_else(|| self.add(id))
    }

    #[cold]
    fn add(&mut self, id: u64) -> u32 {
        #[expect(clippy::cast_possible_truncation, reason = "one takes an event")]
        let slot = self.all.len() as u32;
        let new = Proc {
            id,
            sweep: None,
            in_call: None,
        };
        heap::push(&mut self.all, new);
        match usize::try_from(id) {
            Ok(index) if index < FEW => {
                if self.few.len() <= index {
                    self.few.resize(index + 1, 0);
                }
                self.few[index] = slot + 1;
            }
            _ => {
                self.others.insert(id, slot);
            }
        }
        slot
    }

    #[inline]
    pub(super) fn get(&mut self, id: u64) -> &mut Proc {
        let slot = self.slot(id) as usize;
        &mut self.all[slot]
    }

    /// Bytes that there may be before this is asked again.
    pub(super) fn heap(&self) -> usize {
        let (others, more) = (&self.others, heap::STEP);
        heap::list(&self.all, more)
            + self.few.capacity() * size_of::<u32>()
            + heap::table(others.len(), others.capacity(), more, 16)
    }
}
