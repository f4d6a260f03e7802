//! Draws of a run: the words of its generator, taken in bulk, and the ranges that most draws are.

use std::convert::Infallible;

use rand::{Rng, RngExt, TryRng};
use rand_chacha::ChaCha8Core;
use rand_chacha::rand_core::SeedableRng;
use rand_chacha::rand_core::block::Generator;

use crate::seed::Seed;

/// Words that the generator makes at once.
const WORDS: usize = 64;

/// The generator of a seed: it gives the words that [`Seed::rng`] gives, in the same order.
pub(super) struct Draws {
    core: ChaCha8Core,
    words: [u32; WORDS],
    /// The place of the next word.
    next: usize,
}

impl Draws {
    pub(super) fn new(seed: Seed) -> Self {
        Self {
            core: ChaCha8Core::from_seed(seed.key()),
            words: [0; WORDS],
            next: WORDS,
        }
    }

    /// A number below `end`, as `random_range(0..end)` draws it, but small enough to stand in line;
    /// it is a tenth of a run. Nothing is below 0, and 0 comes.
    #[inline(always)]
    pub(super) fn below(&mut self, end: u64) -> u64 {
        let product = u128::from(self.word_pair()) * u128::from(end);
        #[expect(clippy::cast_possible_truncation, reason = "halves")]
        let (high, low) = ((product >> u64::BITS) as u64, product as u64);
        if low > end.wrapping_neg() {
            return high + u64::from(self.carries(low, end));
        }
        high
    }

    /// A place below `count`, as `random_range(0..count)` draws it.
    #[inline(always)]
    pub(super) fn place(&mut self, count: usize) -> usize {
        let Ok(end) = u32::try_from(count) else {
            return self.random_range(0..count);
        };
        let product = u64::from(self.next_u32()) * u64::from(end);
        #[expect(clippy::cast_possible_truncation, reason = "halves")]
        let (high, low) = ((product >> u32::BITS) as usize, product as u32);
        if low > end.wrapping_neg() {
            return high + usize::from(self.carries_32(low, end));
        }
        high
    }

    #[cold]
    fn carries_32(&mut self, low: u32, end: u32) -> bool {
        let product = u64::from(self.next_u32()) * u64::from(end);
        u64::from(low) + (product >> u32::BITS) > u64::from(u32::MAX)
    }

    /// Whether the next 64 bits make the rest of a product overflow (Canon's method, cut off
    /// where `rand` cuts it off).
    #[cold]
    fn carries(&mut self, low: u64, end: u64) -> bool {
        let product = u128::from(self.word_pair()) * u128::from(end);
        u128::from(low) + (product >> u64::BITS) > u128::from(u64::MAX)
    }

    /// The next two words, the first of them in the low half.
    #[inline(always)]
    fn word_pair(&mut self) -> u64 {
        let Some(&[low, high]) = self.words[self.next.min(WORDS)..].first_chunk() else {
            return self.word_pair_over_the_end();
        };
        self.next += 2;
        u64::from(high) << u32::BITS | u64::from(low)
    }

    #[cold]
    #[inline(never)]
    fn word_pair_over_the_end(&mut self) -> u64 {
        let [low, high] = [self.next_u32(), self.next_u32()];
        u64::from(high) << u32::BITS | u64::from(low)
    }

    #[cold]
    #[inline(never)]
    fn refill(&mut self) {
        self.core.generate(&mut self.words);
        self.next = 0;
    }
}

impl TryRng for Draws {
    type Error = Infallible;

    #[inline(always)]
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        if self.next >= WORDS {
            self.refill();
        }
        let word = self.words[self.next % WORDS];
        self.next += 1;
        Ok(word)
    }

    #[inline(always)]
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.word_pair())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for bytes in bytes.chunks_mut(size_of::<u32>()) {
            bytes.copy_from_slice(&self.next_u32().to_le_bytes()[..bytes.len()]);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Law L4 of seeds holds for what is drawn in bulk.
    #[test]
    fn words_and_ranges_are_those_of_the_generator() {
        let (mut draws, mut rng) = (Draws::new(Seed(9)), Seed(9).rng());
        for round in 0..20_000_u64 {
            // From small ends to those of which every second product has a carry.
            let end = (1 + round) << (round % 50);
            assert_eq!(draws.below(end), rng.random_range(0..end));
            match round % 5 {
                0 => assert_eq!(draws.next_u32(), rng.next_u32()),
                1 => assert_eq!(draws.next_u64(), rng.next_u64()),
                2 => assert_eq!(draws.random_range(0..7), rng.random_range(0..7)),
                3 => {
                    let (mut ours, mut theirs) = ([0; 7], [0; 7]);
                    draws.fill_bytes(&mut ours);
                    rng.fill_bytes(&mut theirs);
                    assert_eq!(ours, theirs);
                }
                _ => {
                    let end = usize::try_from(1 + round).unwrap() << (round % 34);
                    assert_eq!(draws.place(end), rng.random_range(0..end));
                }
            }
        }
    }
}
