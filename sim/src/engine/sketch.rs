//! How many different things there were, about, in a few kilobytes.
//!
//! A HyperLogLog of the `datasketches` crate. The count is that of its registers alone
//! (`composite_estimate`): a function of the set of things, not of their order nor of how they were
//! shared out. Its own `estimate` is nearer to the truth, but depends on both.

use std::fmt;

use datasketches::hll::{HllSketch, HllType, HllUnion};

/// Bits of a hash that choose a register: the count is 1.6 % off, about.
const BITS: u8 = 12;

/// A sketch of a set of digests.
#[derive(Clone)]
pub struct Sketch(HllUnion);

impl Default for Sketch {
    fn default() -> Self {
        Self(HllUnion::new(BITS).expect("the crate takes 4 to 21 bits"))
    }
}

impl Sketch {
    /// Adds the digest of one thing.
    pub fn add(&mut self, digest: u64) {
        self.0.update_value(digest);
    }

    /// Adds all of another.
    pub fn merge(&mut self, other: &Self) {
        self.0.update(&other.0.to_sketch(HllType::Hll8));
    }

    /// How many there were, about.
    #[must_use]
    pub fn count(&self) -> u64 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it is not negative, and no run of a program counts to 2^53"
        )]
        let count = self.0.composite_estimate().round() as u64;
        count
    }

    /// The sketch in the format of the crate, which all of Apache DataSketches read.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.to_sketch(HllType::Hll4).serialize()
    }

    /// The sketch that was made into these bytes.
    ///
    /// # Errors
    /// They are not those of a sketch of our size; in words.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, String> {
        let sketch = HllSketch::deserialize(bytes).map_err(|error| error.to_string())?;
        let bits = sketch.lg_config_k();
        if bits != BITS {
            return Err(format!("want a sketch of {BITS} bits, got {bits}"));
        }
        let mut all = Self::default();
        all.0.update(&sketch);
        Ok(all)
    }
}

impl fmt::Debug for Sketch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sketch(about {})", self.count())
    }
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
    fn neither_order_nor_shares_nor_bytes_matter() {
        for things in [3, 50, 700, 5_000, 100_000] {
            let all = of(0..things).count();
            assert_eq!(of((0..things).rev()).count(), all);
            for shares in [2, 3, 8] {
                let mut merged = Sketch::default();
                for share in 0..shares {
                    let part = of((0..things).filter(|n| n % shares == share));
                    merged.merge(&Sketch::from_bytes(&part.to_bytes()).unwrap());
                }
                assert_eq!(merged.count(), all, "{things} in {shares}");
            }
        }
    }

    #[test]
    fn what_is_no_sketch_of_ours_is_refused() {
        let other = HllSketch::new(10, HllType::Hll4).unwrap().serialize();
        assert_eq!(
            Sketch::from_bytes(&other).unwrap_err(),
            "want a sketch of 12 bits, got 10"
        );
        assert!(Sketch::from_bytes(&[]).is_err());
        assert!(Sketch::from_bytes(b"no sketch at all").is_err());
    }
}
