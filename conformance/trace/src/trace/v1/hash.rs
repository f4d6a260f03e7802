//! A fast hash for ids, keyed for each process so that no file can force collisions.
//!
//! Ids of real traces count up from 1, so that the strong hash of the standard library
//! costs more than everything else that is done for an event. This one multiplies with a
//! number that is drawn anew for each process and folds the product: whoever makes a file
//! cannot know which ids collide. No output depends on the order of a map.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::OnceLock;

/// A key, and the builder of [`IdHasher`]s that use it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct IdHash {
    add: u64,
    multiply: u64,
}

impl Default for IdHash {
    fn default() -> Self {
        static SECRET: OnceLock<IdHash> = OnceLock::new();
        *SECRET.get_or_init(|| {
            let drawn = |n: u64| RandomState::new().hash_one(n);
            Self {
                add: drawn(1),
                // Odd, and with bits all over.
                multiply: drawn(2) | 1 | 1 << 63,
            }
        })
    }
}

impl BuildHasher for IdHash {
    type Hasher = IdHasher;

    fn build_hasher(&self) -> IdHasher {
        IdHasher {
            state: self.add,
            multiply: self.multiply,
        }
    }
}

/// A hasher for numbers.
#[derive(Debug)]
pub(crate) struct IdHasher {
    state: u64,
    multiply: u64,
}

impl Hasher for IdHasher {
    fn finish(&self) -> u64 {
        self.state
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u64(byte.into());
        }
    }

    fn write_u8(&mut self, n: u8) {
        self.write_u64(n.into());
    }

    fn write_u32(&mut self, n: u32) {
        self.write_u64(n.into());
    }

    fn write_isize(&mut self, n: isize) {
        self.write_u64(n.cast_unsigned() as u64);
    }

    fn write_u64(&mut self, n: u64) {
        let product = u128::from(self.state ^ n) * u128::from(self.multiply);
        #[expect(clippy::cast_possible_truncation, reason = "both halves are folded")]
        let folded = (product as u64) ^ (product >> 64) as u64;
        self.state = folded;
    }
}
