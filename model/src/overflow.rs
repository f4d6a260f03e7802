//! The pending overflow: how many records found no room, and when the first did.
//!
//! ```text
//!  63                             32 31                              0
//! +---------------------------------+---------------------------------+
//! |           generation            |              count              |
//! +---------------------------------+---------------------------------+
//!  +1 each time that the count        sticky at 2^32 - 1 (R8)
//!  leaves or reaches zero
//! ```
//!
//! Only the writer adds to it; writer and reader may both take it, and the generation distinguishes
//! a later count from an earlier one of the same size.
//!
//! | who | what | becomes |
//! |---|---|---|
//! | writer | drops a record | 0 -> next generation, 1; n -> n + 1 |
//! | writer, with room again | takes it | n -> next generation, 0 |
//! | reader, with an empty ring | takes it | n -> next generation, 0 |
//!
//! ```text
//!          increment: time = now,          increment
//!          then generation + 1, count 1     +----+
//!      +----------------------------------> |    v
//!   nothing                               n pending, the time of the first
//!      ^                                    |
//!      +------------------------------------+
//!          take, by writer or reader: time is read, then generation + 1, count 0
//! ```
//!
//! It keeps [L5](crate::law::Law::FirstDrop), for the time is written only while the count
//! is zero, and before the count becomes visible (R7); and its part of
//! [L4](crate::law::Law::Conserved): each dropped record is counted once, and each count
//! is taken once (R9).
//!
//! Go: `runtime/profbuf.go`, `takeOverflow`, `incrementOverflow`.

use crate::backend::{Atomic, Backend, Call, Ordering, Within};
use crate::protocol::{Flaw, Rules, Site};

/// The count and the time of the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dropped {
    /// How many, at least one.
    pub count: u32,
    /// When the first was dropped.
    pub time: u64,
}

/// A count that was seen, and may have changed since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pending(u64);

/// The pending overflow of a ring.
pub struct Overflow<B: Backend, R: Rules> {
    word: B::U64,
    time: B::U64,
    rules: R,
}

impl<B: Backend, R: Rules> Overflow<B, R> {
    /// Nothing is pending.
    #[must_use]
    pub fn new(rules: R) -> Self {
        Self::with_count(rules, 0, 0)
    }

    /// An overflow with `count` drops pending since `time`: for runs near the maximum.
    #[must_use]
    pub fn with_count(rules: R, count: u32, time: u64) -> Self {
        Self {
            word: B::U64::new("overflow", u64::from(count)),
            time: B::U64::new("overflowTime", time),
            rules,
        }
    }

    /// The numbers of its words, for another text.
    pub(crate) fn numbers(&self) -> [u64; 2] {
        [self.word.number(), self.time.number()]
    }

    /// Whether something is pending, for the writer, which alone adds to it; and for the
    /// reader once it has seen the end.
    #[inline]
    #[must_use]
    pub fn is_pending(&self) -> bool {
        count(self.word.load(Ordering::Relaxed)) > 0
    }

    /// The pending overflow, as the reader sees it; `None` if nothing is pending. Whoever sees it
    /// sees every record before it.
    #[inline]
    #[must_use]
    pub fn look(&self) -> Option<Pending> {
        let word = self.word.load(self.rules.order(Site::OverflowSeen));
        (count(word) > 0).then_some(Pending(word))
    }

    /// Takes what is pending. Races with the other side's `take` and, in the reader,
    /// with [`increment`](Self::increment).
    #[inline]
    pub fn take(&self) -> Option<Dropped> {
        let _call = Within::<B>::new(Call::of_ring("(*profBuf).takeOverflow"));
        loop {
            let pending = self.look()?;
            if let Some(dropped) = self.take_if(pending) {
                return Some(dropped);
            }
        }
    }

    /// Takes what is pending if it still is what was seen.
    pub fn take_if(&self, Pending(word): Pending) -> Option<Dropped> {
        // The time of this count, or of a later one: then the swap fails, as the
        // generation has gone on.
        let time = self.time.load(Ordering::Relaxed);
        let taken = self.next_generation(word);
        let order = self.rules.order(Site::OverflowTaken);
        let count = count(word);
        let was_taken = self.word.compare_and_swap_weak(word, taken, order);
        was_taken.then_some(Dropped { count, time })
    }

    /// Counts one more record that found no room, at time `now`. Only the writer calls
    /// it; it races with the reader's [`take`](Self::take).
    pub fn increment(&self, now: u64) {
        let _call = Within::<B>::new(Call::of_ring("(*profBuf).incrementOverflow"));
        let order = self.rules.order(Site::OverflowCounted);
        loop {
            let word = self.word.load(self.rules.order(Site::OverflowLooked));
            match count(word) {
                0 => {
                    // At zero it is the writer's: nobody else changes it.
                    if !self.rules.has(Flaw::TimeAfterCount) {
                        self.time.store(now, Ordering::Relaxed);
                    }
                    self.word.store(self.next_generation(word) + 1, order);
                    if self.rules.has(Flaw::TimeAfterCount) {
                        self.time.store(now, Ordering::Relaxed);
                    }
                    return;
                }
                u32::MAX if !self.rules.has(Flaw::NotSticky) => return,
                _ => {}
            }
            let is_counted = if self.rules.has(Flaw::TimeOfLast) {
                self.time.store(now, Ordering::Relaxed);
                self.word.compare_and_swap(word, word + 1, order)
            } else {
                self.word.compare_and_swap_weak(word, word + 1, order)
            };
            if is_counted {
                return;
            }
        }
    }

    /// The next generation, with nothing counted.
    #[inline]
    fn next_generation(&self, word: u64) -> u64 {
        let step = u64::from(!self.rules.has(Flaw::GenerationKept));
        (word >> 32).wrapping_add(step) << 32
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the low half is meant")]
const fn count(word: u64) -> u32 {
    word as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::Std;
    use crate::protocol::Fixed;

    /// Guards R7.1, R7.3.
    #[test]
    fn the_time_is_that_of_the_first() {
        let overflow = Overflow::<Std, _>::new(Fixed);
        assert_eq!(overflow.take(), None);
        for now in [7, 8, 9] {
            overflow.increment(now);
        }
        assert!(overflow.is_pending());
        assert_eq!(overflow.take(), Some(Dropped { count: 3, time: 7 }));
        assert_eq!(overflow.take(), None);
        overflow.increment(10);
        assert_eq!(overflow.take(), Some(Dropped { count: 1, time: 10 }));
    }

    /// Guards R7.2.
    #[test]
    fn each_edge_is_a_generation() {
        let overflow = Overflow::<Std, _>::new(Fixed);
        overflow.increment(1);
        assert_eq!(overflow.word.load(Ordering::Relaxed), (1 << 32) + 1);
        overflow.increment(2);
        assert_eq!(overflow.word.load(Ordering::Relaxed), (1 << 32) + 2);
        overflow.take();
        assert_eq!(overflow.word.load(Ordering::Relaxed), 2 << 32);
    }

    /// Guards R8.
    #[test]
    fn the_count_stays_at_its_maximum() {
        let overflow = Overflow::<Std, _>::with_count(Fixed, u32::MAX - 1, 7);
        overflow.increment(1);
        overflow.increment(2);
        let dropped = overflow.take().unwrap();
        assert_eq!((dropped.count, dropped.time), (u32::MAX, 7));
    }
}
