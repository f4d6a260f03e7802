//! Things that are due, the earliest first, and those of one moment in the order in which they came.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::state::Due;

/// A moment, a number that counts all that was ever due, and the thing itself.
pub(super) type Entry = (u64, u64, Due);

/// The queue. Where the next thing to do is the one that came last, as often, it does not go through
/// the heap.
#[derive(Debug, Default)]
pub(super) struct Queue {
    /// Before all that is in the heap.
    front: Option<Entry>,
    heap: BinaryHeap<Reverse<Entry>>,
}

impl Queue {
    pub(super) fn len(&self) -> usize {
        self.heap.len() + usize::from(self.front.is_some())
    }

    #[inline]
    pub(super) fn push(&mut self, entry: Entry) {
        let first = match &self.front {
            Some(front) => Some(front),
            None => self.heap.peek().map(|Reverse(first)| first),
        };
        if first.is_some_and(|first| *first < entry) {
            self.heap.push(Reverse(entry));
        } else if let Some(front) = self.front.replace(entry) {
            self.heap.push(Reverse(front));
        }
    }

    #[inline]
    pub(super) fn pop(&mut self) -> Option<Entry> {
        self.front
            .take()
            .or_else(|| self.heap.pop().map(|Reverse(entry)| entry))
    }

    /// Takes what is due until then, in order.
    pub(super) fn pop_until(&mut self, until: u64) -> Option<Entry> {
        let first = match &self.front {
            Some(front) => front,
            None => &self.heap.peek()?.0,
        };
        if first.0 > until {
            return None;
        }
        self.pop()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The queue gives what a sorted list gives, however pushes and pops are mixed.
    #[test]
    fn the_earliest_comes_first_and_of_equals_the_one_that_came_first() {
        use rand::RngExt;
        let mut rng = crate::Seed(5).rng();
        let (mut queue, mut list) = (Queue::default(), Vec::new());
        for number in 0..20_000 {
            if rng.random_range(0..3) > 0 {
                let entry = (rng.random_range(0..50), number, Due::EndSyscall { m: 1 });
                queue.push(entry);
                list.push(entry);
            } else {
                let first = list.iter().min().copied();
                list.retain(|entry| Some(entry) != first.as_ref());
                assert_eq!(queue.pop(), first);
            }
            assert_eq!(queue.len(), list.len());
        }
    }
}
