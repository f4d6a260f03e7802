//! Things that are due, the earliest first, and those of one moment in the order in which they came.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::state::Due;
use crate::truth::Timer;

/// A moment, a number that counts all that was ever due, and the thing itself. No two have the same
/// number.
pub(super) type Entry = (u64, u64, Packed);

/// A thing that is due, in one word: what is written in parts and soon read as a whole, as an enum
/// is, keeps the processor waiting longer than all else here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Packed(u64);

/// Bits of the kind, which is lowest, and of a place among goroutines, threads or Ps, of which there
/// are fewer (`Budget::RUN`). The rest is an epoch.
const KIND_BITS: u32 = 4;
const PLACE_BITS: u32 = 28;

impl Packed {
    #[inline]
    pub(super) fn new(due: Due) -> Self {
        let (kind, place, epoch) = match due {
            Due::Step { p, epoch } => (0, u64::from(p), epoch),
            Due::Wake { g, epoch } => (1, g as u64, epoch),
            Due::EndSyscall { m } => (2, m as u64, 0),
            Due::Retake { p, epoch } => (3, u64::from(p), epoch),
            Due::ThreadTimer { m, epoch } => (4, m as u64, epoch),
            Due::ProcessTimer { epoch } => (5, 0, epoch),
            Due::Deliver { m, timer } => (6, m as u64, u32::from(timer == Timer::Process)),
        };
        debug_assert!(place < 1 << PLACE_BITS);
        Self((u64::from(epoch) << PLACE_BITS | place) << KIND_BITS | kind)
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "as they were packed")]
    pub(super) fn due(self) -> Due {
        let p = (self.0 >> KIND_BITS) as u32 & ((1 << PLACE_BITS) - 1);
        let epoch = (self.0 >> (KIND_BITS + PLACE_BITS)) as u32;
        let place = p as usize;
        match self.0 & ((1 << KIND_BITS) - 1) {
            0 => Due::Step { p, epoch },
            1 => Due::Wake { g: place, epoch },
            2 => Due::EndSyscall { m: place },
            3 => Due::Retake { p, epoch },
            4 => Due::ThreadTimer { m: place, epoch },
            5 => Due::ProcessTimer { epoch },
            _ => Due::Deliver {
                m: place,
                timer: [Timer::Thread, Timer::Process][epoch as usize & 1],
            },
        }
    }
}

/// The queue. Where the next thing to do is the one that came last, as often, it does not go through
/// the heap.
#[derive(Debug, Default)]
pub(super) struct Queue {
    /// Before all that is in the heap, if there is one.
    front: Entry,
    has_front: bool,
    heap: BinaryHeap<Reverse<Entry>>,
}

impl Queue {
    #[inline]
    pub(super) fn len(&self) -> usize {
        self.heap.len() + usize::from(self.has_front)
    }

    #[inline]
    fn first(&self) -> Option<&Entry> {
        if self.has_front {
            return Some(&self.front);
        }
        self.heap.peek().map(|Reverse(first)| first)
    }

    #[inline]
    pub(super) fn push(&mut self, entry: Entry) {
        // As one number, which is one comparison.
        let key = |entry: &Entry| u128::from(entry.0) << u64::BITS | u128::from(entry.1);
        if self.first().is_some_and(|first| key(first) < key(&entry)) {
            return self.push_behind(entry.0, entry.1, entry.2);
        }
        if self.has_front {
            let (at, number, due) = self.front;
            self.push_behind(at, number, due);
        }
        self.front = entry;
        self.has_front = true;
    }

    /// By its parts: an entry that is on its way by reference is in memory, and waited for.
    #[inline(never)]
    fn push_behind(&mut self, at: u64, number: u64, due: Packed) {
        self.heap.push(Reverse((at, number, due)));
    }

    /// Takes the first. Its number stays behind, without which the two others are loaded as they
    /// were stored, one by one.
    #[inline]
    pub(super) fn pop(&mut self) -> Option<(u64, Packed)> {
        if self.has_front {
            self.has_front = false;
            return Some((self.front.0, self.front.2));
        }
        self.pop_heap().map(|(at, _, due)| (at, due))
    }

    #[inline(never)]
    fn pop_heap(&mut self) -> Option<Entry> {
        self.heap.pop().map(|Reverse(entry)| entry)
    }

    /// Takes what is due until then, in order.
    pub(super) fn pop_until(&mut self, until: u64) -> Option<Entry> {
        if self.first()?.0 > until {
            return None;
        }
        if std::mem::take(&mut self.has_front) {
            return Some(self.front);
        }
        self.pop_heap()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_comes_out() {
        let most = u32::MAX;
        let (p, place) = (255, (1 << PLACE_BITS) - 1);
        for due in [
            Due::Step { p, epoch: most },
            Due::Wake {
                g: place,
                epoch: most,
            },
            Due::EndSyscall { m: place },
            Due::Retake { p, epoch: 0 },
            Due::ThreadTimer { m: 0, epoch: most },
            Due::ProcessTimer { epoch: most },
            Due::Deliver {
                m: place,
                timer: Timer::Thread,
            },
            Due::Deliver {
                m: 9,
                timer: Timer::Process,
            },
        ] {
            assert_eq!(Packed::new(due).due(), due);
        }
    }

    /// The queue gives what a sorted list gives, however pushes and pops are mixed.
    #[test]
    fn the_earliest_comes_first_and_of_equals_the_one_that_came_first() {
        use rand::RngExt;
        let mut rng = crate::Seed(5).rng();
        let (mut queue, mut list) = (Queue::default(), Vec::new());
        for number in 0..20_000 {
            if rng.random_range(0..3) > 0 {
                let entry = (
                    rng.random_range(0..50),
                    number,
                    Packed::new(Due::EndSyscall { m: 1 }),
                );
                queue.push(entry);
                list.push(entry);
            } else {
                let first = list.iter().min().copied();
                list.retain(|entry| Some(entry) != first.as_ref());
                let first = first.map(|(at, _, due)| (at, due));
                assert_eq!(queue.pop(), first);
            }
            assert_eq!(queue.len(), list.len());
        }
    }
}
