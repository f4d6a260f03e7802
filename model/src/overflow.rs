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
//! Only the writer adds to it; writer and reader may both take it, and the
//! generation tells a later count from an earlier one of the same size.
//!
//! - L1 The time is that of the first record dropped: it is written only while the
//!   count is zero, and before the count becomes visible (R7).
//! - L2 Each dropped record is counted once, and each count is taken once (R9).
//!
//! Go: `runtime/profbuf.go`, `takeOverflow`, `incrementOverflow`.

use crate::backend::{Atomic, Backend, Ordering};

/// The count and the time of the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dropped {
    /// How many, at least one.
    pub count: u32,
    /// When the first was dropped.
    pub time: u64,
}

/// The pending overflow of a ring.
pub struct Overflow<B: Backend> {
    word: B::U64,
    time: B::U64,
}

impl<B: Backend> Default for Overflow<B> {
    fn default() -> Self {
        Self {
            word: B::U64::new("overflow", 0),
            time: B::U64::new("overflowTime", 0),
        }
    }
}

impl<B: Backend> Overflow<B> {
    /// Whether something is pending.
    #[inline]
    #[must_use]
    pub fn is_pending(&self) -> bool {
        count(self.word.load(Ordering::Acquire)) > 0
    }

    /// Takes what is pending. Races with the other side's `take` and, in the reader,
    /// with [`increment`](Self::increment).
    pub fn take(&self) -> Option<Dropped> {
        loop {
            // Pairs with the store in `increment`: who sees the count sees its time.
            let word = self.word.load(Ordering::Acquire);
            let count = count(word);
            if count == 0 {
                return None;
            }
            let time = self.time.load(Ordering::Relaxed);
            let taken = next_generation(word);
            if self.word.compare_and_swap(word, taken, Ordering::AcqRel) {
                return Some(Dropped { count, time });
            }
        }
    }

    /// Counts one more record that found no room, at time `now`. Only the writer calls
    /// it; it races with the reader's [`take`](Self::take).
    pub fn increment(&self, now: u64) {
        loop {
            let word = self.word.load(Ordering::Acquire);
            match count(word) {
                0 => {
                    // At zero it is the writer's: nobody else changes it. The time
                    // first (L1); the store pairs with the load in `take`.
                    self.time.store(now, Ordering::Relaxed);
                    self.word
                        .store(next_generation(word) + 1, Ordering::Release);
                    return;
                }
                u32::MAX => return,
                _ if self.word.compare_and_swap(word, word + 1, Ordering::AcqRel) => return,
                _ => {}
            }
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the low half is meant")]
const fn count(word: u64) -> u32 {
    word as u32
}

/// The next generation, with nothing counted.
const fn next_generation(word: u64) -> u64 {
    ((word >> 32) + 1) << 32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::Std;

    #[test]
    fn the_time_is_that_of_the_first() {
        let overflow = Overflow::<Std>::default();
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

    #[test]
    fn each_edge_is_a_generation() {
        let overflow = Overflow::<Std>::default();
        overflow.increment(1);
        assert_eq!(overflow.word.load(Ordering::Relaxed), (1 << 32) + 1);
        overflow.increment(2);
        assert_eq!(overflow.word.load(Ordering::Relaxed), (1 << 32) + 2);
        overflow.take();
        assert_eq!(overflow.word.load(Ordering::Relaxed), 2 << 32);
    }

    #[test]
    fn the_count_stays_at_its_maximum() {
        let overflow = Overflow::<Std>::default();
        let almost = (5 << 32) | u64::from(u32::MAX - 1);
        overflow.word.store(almost, Ordering::Relaxed);
        overflow.increment(1);
        overflow.increment(2);
        let dropped = overflow.take().unwrap();
        assert_eq!(dropped.count, u32::MAX);
    }
}
