//! A part of the cases, so that machines can share them.

use std::fmt;
use std::num::NonZeroUsize;
use std::str::FromStr;

use serde::Serialize;

/// The `index`th of `count` parts, which have every case once between them. Neighbours go to
/// different parts, so that each gets something of every area.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Shard {
    /// The number of the part, from 1.
    index: NonZeroUsize,
    /// At least `index`.
    count: NonZeroUsize,
}

impl Shard {
    /// Part `index` of `count`, if there is one.
    #[must_use]
    pub fn new(index: usize, count: usize) -> Option<Self> {
        let (index, count) = (NonZeroUsize::new(index)?, NonZeroUsize::new(count)?);
        (index <= count).then_some(Self { index, count })
    }

    /// How many of so many things are in it.
    #[must_use]
    pub fn count_of(self, all: u64) -> u64 {
        let (index, count) = (self.index.get() as u64, self.count.get() as u64);
        all.saturating_add(count - index) / count
    }

    /// The number of the part, from 1.
    #[must_use]
    pub fn index(self) -> usize {
        self.index.get()
    }

    /// How many parts there are.
    #[must_use]
    pub fn count(self) -> usize {
        self.count.get()
    }

    /// Whether what has this number, from 0, is in it.
    #[must_use]
    pub fn has(self, number: u64) -> bool {
        number % self.count.get() as u64 == self.index.get() as u64 - 1
    }

    /// Its part of the cases.
    #[must_use]
    pub fn of<T>(self, cases: Vec<T>) -> Vec<T> {
        let skipped = self.index.get() - 1;
        cases
            .into_iter()
            .skip(skipped)
            .step_by(self.count.get())
            .collect()
    }
}

/// Prints it as `2/3`.
impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

/// A text that is no shard.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("want I/N with I from 1 to N, as in 1/4, got {0:?}")]
pub struct ShardError(String);

impl FromStr for Shard {
    type Err = ShardError;

    fn from_str(text: &str) -> Result<Self, ShardError> {
        let parts = text.split_once('/');
        let shard =
            parts.and_then(|(index, count)| Self::new(index.parse().ok()?, count.parse().ok()?));
        shard.ok_or_else(|| ShardError(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_have_every_case_once() {
        for count in 1..=7 {
            for cases in 0..20 {
                let mut all: Vec<usize> = Vec::new();
                for index in 1..=count {
                    let shard: Shard = format!("{index}/{count}").parse().unwrap();
                    all.extend(shard.of((0..cases).collect::<Vec<_>>()));
                }
                all.sort_unstable();
                assert_eq!(all, (0..cases).collect::<Vec<_>>(), "{count} shards");
            }
        }
    }

    #[test]
    fn a_shard_reads_back_as_it_prints_and_nothing_else_reads() {
        for text in ["1/1", "2/3", "3/3"] {
            assert_eq!(text.parse::<Shard>().unwrap().to_string(), text);
        }
        for text in ["", "1", "0/3", "4/3", "1/0", "-1/2", "1/2/3", "a/b", " 1/2"] {
            assert_eq!(text.parse::<Shard>(), Err(ShardError(text.into())));
        }
    }
}
