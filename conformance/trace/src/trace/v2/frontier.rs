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

/// A binary heap with the earliest on top.
#[derive(Debug, Default)]
pub(super) struct Frontier {
    heap: Vec<Next>,
}

impl Frontier {
    pub(super) fn clear(&mut self) {
        self.heap.clear();
    }

    pub(super) fn len(&self) -> usize {
        self.heap.len()
    }

    #[inline(always)]
    pub(super) fn get(&self, at: usize) -> Option<Next> {
        self.heap.get(at).copied()
    }

    pub(super) fn insert(&mut self, next: Next) {
        heap::push(&mut self.heap, next);
        self.sift_up(self.heap.len() - 1);
    }

    /// Whether the event at `at` is on top and stays there with another time; if not, it may
    /// be on top all the same.
    #[inline(always)]
    pub(super) fn is_first(&self, at: usize, time: i64) -> bool {
        match &self.heap[..] {
            [_, left, right, ..] => at == 0 && time <= left.time && time <= right.time,
            _ => false,
        }
    }

    /// The event on top has another time now, and stays there.
    #[inline(always)]
    pub(super) fn keep(&mut self, time: i64) {
        if let Some(first) = self.heap.first_mut() {
            first.time = time;
        }
    }

    /// The event at `at` has another time now.
    #[inline(never)]
    pub(super) fn update(&mut self, at: usize, time: i64) {
        self.heap[at].time = time;
        if at == 0 || self.sift_up(at) == at {
            self.sift_down(at);
        }
    }

    /// The thread at `at` has no more events.
    pub(super) fn remove(&mut self, mut at: usize) {
        while at > 0 {
            let parent = (at - 1) / 2;
            self.heap.swap(parent, at);
            at = parent;
        }
        self.heap.swap_remove(0);
        self.sift_down(0);
    }

    /// In the order of time; a heap all the same.
    pub(super) fn sort(&mut self, old_shifts: bool) {
        sort::by_time(&mut self.heap, |next| next.time, old_shifts);
    }

    #[inline]
    fn sift_up(&mut self, mut at: usize) -> usize {
        while at > 0 {
            let parent = (at - 1) / 2;
            if self.heap[parent].time <= self.heap[at].time {
                break;
            }
            self.heap.swap(parent, at);
            at = parent;
        }
        at
    }

    /// The entry at `at` goes down to where its children are not earlier.
    ///
    /// The way down is that of the earlier children, whatever time the entry has, so it is gone
    /// to its end without a branch that depends on a time: nobody can foresee those, and the
    /// processor goes on with the event that is on top meanwhile. What is not earlier stays.
    #[inline]
    fn sift_down(&mut self, mut at: usize) {
        let heap = &mut self.heap[..];
        let Some(&Next {
            mut time,
            mut cursor,
        }) = heap.get(at)
        else {
            return;
        };
        let mut right = 2 * at + 2;
        while right < heap.len() {
            // The right one only if it is earlier.
            let child = right - usize::from(heap[right].time >= heap[right - 1].time);
            let next = heap[child];
            let is_earlier = next.time < time;
            heap[at].time = select_unpredictable(is_earlier, next.time, time);
            heap[at].cursor = select_unpredictable(is_earlier, next.cursor, cursor);
            time = select_unpredictable(is_earlier, time, next.time);
            cursor = select_unpredictable(is_earlier, cursor, next.cursor);
            at = child;
            right = 2 * at + 2;
        }
        if right == heap.len() && heap[right - 1].time < time {
            heap[at] = heap[right - 1];
            at = right - 1;
        }
        heap[at] = Next { time, cursor };
    }
}

#[cfg(test)]
pub(super) mod tests;
