//! How many different things there were, about, in a few kilobytes.
//!
//! HyperLogLog (Flajolet, Fusy, Gandouet and Meunier, AofA 2007) with the linear count of its
//! empty registers where that is better. Its state is a function of the set of things, not of
//! their order nor of how they were shared out: two sketches merge to that of all.

/// Bits of a digest that choose a register.
const BITS: u32 = 12;
const REGISTERS: usize = 1 << BITS;

/// A sketch of a set of digests: 1.6 % off, about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sketch(Box<[u8; REGISTERS]>);

impl Default for Sketch {
    fn default() -> Self {
        Self(Box::new([0; REGISTERS]))
    }
}

impl Sketch {
    /// Adds the digest of one thing.
    #[inline]
    pub fn add(&mut self, digest: u64) {
        // Digests of short things differ in their low bits, above all.
        let mixed = mix(digest);
        let register = (mixed >> (64 - BITS)) as usize;
        let rest = mixed << BITS | 1 << (BITS - 1);
        #[expect(clippy::cast_possible_truncation, reason = "at most 53")]
        let rank = rest.leading_zeros() as u8 + 1;
        let place = &mut self.0[register];
        *place = (*place).max(rank);
    }

    /// Adds all of another.
    pub fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.0.iter_mut().zip(other.0.iter()) {
            *mine = (*mine).max(*theirs);
        }
    }

    /// How many there were, about.
    #[must_use]
    pub fn count(&self) -> u64 {
        let registers = REGISTERS as f64;
        let sum: f64 = self.0.iter().map(|&rank| 0.5_f64.powi(rank.into())).sum();
        let estimate = 0.7213 / (1.0 + 1.079 / registers) * registers * registers / sum;
        let empty = self.0.iter().filter(|&&rank| rank == 0).count();
        let better = if estimate <= 2.5 * registers && empty > 0 {
            registers * (registers / empty as f64).ln()
        } else {
            estimate
        };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it is not negative, and no run of a program counts to 2^53"
        )]
        let count = better.round() as u64;
        count
    }
}

/// Splitmix64's output function: a bijection in which every bit depends on every bit.
fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(things: impl Iterator<Item = u64>) -> Sketch {
        let mut sketch = Sketch::default();
        things.for_each(|thing| sketch.add(thing));
        sketch
    }

    #[test]
    fn counts_what_is_different() {
        assert_eq!(Sketch::default().count(), 0);
        for count in [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000] {
            let counted = of(0..count).count();
            assert_eq!(of((0..count).chain(0..count)).count(), counted);
            let error = counted.abs_diff(count) as f64 / count as f64;
            assert!(error < 0.05, "{count}: {counted}");
        }
    }

    #[test]
    fn neither_order_nor_shares_matter() {
        let all = of(0..5_000);
        assert_eq!(of((0..5_000).rev()), all);
        let mut merged = of((0..5_000).filter(|n| n % 3 == 0));
        merged.merge(&of((0..5_000).filter(|n| n % 3 != 0)));
        assert_eq!(merged, all);
    }
}
