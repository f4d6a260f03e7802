//! The frontier: the next event of each thread, the earliest first.
//!
//! Which of several events of the same time comes first follows from how this heap is kept,
//! so it is kept as Go keeps its own: filled in the order of the threads' first batches,
//! changed in place, and sorted when its head has to wait (R75.1 to R75.4).
//!
//! Source: Go `internal/trace/batchcursor.go`, `reader.go`.

use std::hint::select_unpredictable;

use super::sort;
use crate::heap;

/// The next event of a thread: its time, and the number of its cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Next {
    pub(super) time: i64,
    pub(super) cursor: u32,
}

/// Later than every event, or as late as the latest.
const PAD: Next = Next {
    time: i64::MAX,
    cursor: u32::MAX,
};

/// Places from this one on are deep. Above, an entry that goes no further down ends the way:
/// in real traces that can mostly be foreseen. Below, there is no branch, since with many threads at
/// random nobody can. Against no branch at all, real traces take 6 to
/// 10 % less, and the random one no more; with branches all the way that one takes 5 to 10 % more.
const DEEP: usize = 8;

/// A binary heap with the earliest on top.
///
/// Its places are counted from 1, so that the children of place `i` are pair `i`, which one check
/// of bounds is enough for: 31 instructions a level in place of some 40.
///
/// ```text
/// pair     0             1              2              3
/// place    -    1 (top)  2      3       4      5       6      7
/// parent                 1      1       2      2       3      3
/// ```
#[derive(Debug, Default)]
pub(super) struct Frontier {
    /// The first entry and what is behind the last are padding.
    pairs: Vec<[Next; 2]>,
    len: usize,
}

impl Frontier {
    pub(super) fn clear(&mut self) {
        self.pairs.clear();
        self.len = 0;
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    #[inline(always)]
    fn slots(&mut self) -> &mut [Next] {
        self.pairs.as_flattened_mut()
    }

    /// The entry at an index, which is 0 for the top.
    #[inline(always)]
    pub(super) fn get(&self, at: usize) -> Option<Next> {
        if at >= self.len {
            return None;
        }
        self.pairs.as_flattened().get(at + 1).copied()
    }

    pub(super) fn insert(&mut self, next: Next) {
        self.len += 1;
        let at = self.len;
        if at >= 2 * self.pairs.len() {
            heap::push(&mut self.pairs, [PAD; 2]);
        }
        self.slots()[at] = next;
        self.sift_up(at);
    }

    /// The entry on top; where there is none, one of no cursor.
    #[inline(always)]
    pub(super) fn first(&self) -> Next {
        self.pairs.first().map_or(PAD, |[_, first]| *first)
    }

    /// The place of the earliest entry below the top, and the time before which the thread on top stays
    /// there. Of the latest time nobody is said to stay.
    #[inline(always)]
    pub(super) fn second(&self) -> (usize, i64) {
        let next = self.pairs.get(1);
        next.map_or((2, i64::MAX), |[left, right]| {
            let is_right = right.time < left.time;
            let time = select_unpredictable(is_right, right.time, left.time);
            (2 + usize::from(is_right), time.wrapping_add(1))
        })
    }

    /// The event on top has another time now, and stays there.
    #[inline(always)]
    pub(super) fn keep(&mut self, time: i64) {
        if let Some([_, first]) = self.pairs.first_mut() {
            first.time = time;
        }
    }

    /// The thread on top has this event now. Below it the earliest is still the
    /// [second](Self::second): who is next is known before the time of this event is.
    #[inline(always)]
    pub(super) fn update_first(&mut self, next: Next, second: usize) {
        if let Some(&earliest) = self.slots().get(second)
            && earliest.time < next.time
        {
            self.set_first(earliest);
            self.sift_down(second, next);
        } else {
            self.set_first(next);
        }
    }

    #[inline(always)]
    fn set_first(&mut self, next: Next) {
        if let Some([_, first]) = self.pairs.first_mut() {
            *first = next;
        }
    }

    /// The event at `at` has another time now.
    #[inline(never)]
    pub(super) fn update(&mut self, at: usize, time: i64) {
        let at = at + 1;
        self.slots()[at].time = time;
        let entry = self.slots()[at];
        if self.sift_up(at) == at {
            self.sift_down(at, entry);
        }
    }

    /// The thread at `at` has no more events.
    pub(super) fn remove(&mut self, at: usize) {
        let mut at = at + 1;
        let last = self.len;
        let slots = self.slots();
        while at > 1 {
            slots.swap(at / 2, at);
            at /= 2;
        }
        slots[1] = slots[last];
        slots[last] = PAD;
        if last.is_multiple_of(2) {
            self.pairs.truncate(last / 2);
        }
        self.len -= 1;
        if let Some(first) = self.get(0) {
            self.sift_down(1, first);
        }
    }

    /// In the order of time; a heap all the same.
    pub(super) fn sort(&mut self, old_shifts: bool) {
        let len = self.len;
        let entries = self.slots().get_mut(1..=len).unwrap_or_default();
        sort::by_time(entries, |next| next.time, old_shifts);
    }

    #[inline]
    fn sift_up(&mut self, mut at: usize) -> usize {
        let slots = self.slots();
        while at > 1 {
            let parent = at / 2;
            if slots[parent].time <= slots[at].time {
                break;
            }
            slots.swap(parent, at);
            at = parent;
        }
        at
    }

    /// An entry that is to be at place `at` goes down to where its children are not earlier.
    ///
    /// The way down is that of the earlier children, whatever time the entry has. Where it is deep
    /// it is gone to its end without a branch that depends on a time: nobody can foresee those,
    /// and the processor goes on with the event that is on top meanwhile. What is not earlier
    /// stays.
    #[inline(always)]
    fn sift_down(&mut self, mut at: usize, mut entry: Next) {
        // Padding is never earlier than anything.
        while at < DEEP
            && let Some(pair) = self.pairs.get(at)
        {
            let is_right = pair[1].time < pair[0].time;
            let child = pair[usize::from(is_right)];
            if child.time >= entry.time {
                self.slots()[at] = entry;
                return;
            }
            self.slots()[at] = child;
            at = 2 * at + usize::from(is_right);
        }
        while let Some(&[left, right]) = self.pairs.get(at) {
            let is_right = right.time < left.time;
            let child = if is_right { right } else { left };
            let is_earlier = child.time < entry.time;
            self.slots()[at] = Next {
                time: select_unpredictable(is_earlier, child.time, entry.time),
                cursor: select_unpredictable(is_earlier, child.cursor, entry.cursor),
            };
            entry = Next {
                time: select_unpredictable(is_earlier, entry.time, child.time),
                cursor: select_unpredictable(is_earlier, entry.cursor, child.cursor),
            };
            at = 2 * at + usize::from(is_right);
        }
        self.slots()[at] = entry;
    }
}

#[cfg(test)]
pub(super) mod tests;
