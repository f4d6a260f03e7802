//! Samples as the corpus spells them: what a parser prints, and what `expected.json` has.
//!
//! Neither format says in which order samples of equal times come, nor in which order a
//! profile has its stacks; so here both have one, and whoever compares takes them as
//! multisets.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

pub use crate::frame::Frame;

/// Frames of a stack, leaf first.
pub type Stack = Vec<Frame>;

/// A CPU sample of a trace.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TraceSample {
    /// When its signal came, in nanoseconds: since the trace's first event in v1, on the
    /// trace's own clock in v2.
    pub time_ns: i64,
    /// The P; null without one.
    pub p: Option<u64>,
    /// The goroutine; null for none and for g0.
    pub g: Option<u64>,
    /// The thread; null where the format has none (v1).
    #[serde(default)]
    pub m: Option<i64>,
    /// The generation; null where the format has none (v1).
    #[serde(default)]
    pub generation: Option<u64>,
    /// The index of its stack in [`TraceSide::stacks`].
    pub stack: usize,
}

/// The samples of a trace, and the stacks that they have.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceSide {
    /// How many events it has: those that `go tool trace -d` prints.
    #[serde(default)]
    pub events: u64,
    /// Ticks of its clock in a second.
    #[serde(default)]
    pub ticks_per_second: i64,
    /// How many generations it has; none where the format has none (v1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generations: Option<u64>,
    /// Events by kind, as Go names kinds since 1.22; of v2 alone.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub kinds: BTreeMap<String, u64>,
    /// Every stack that a sample has, once, in order.
    pub stacks: Vec<Stack>,
    /// In order of time, P, goroutine (null first), and stack.
    pub samples: Vec<TraceSample>,
}

/// A stack of a profile, with its labels and how often it was seen.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ProfileSample {
    /// The number of times that it was seen.
    pub count: u64,
    /// Labels with text, by key.
    #[serde(default)]
    pub labels: Vec<(String, String)>,
    /// The index of its stack in [`ProfileSide::stacks`].
    pub stack: usize,
}

/// The samples of a CPU profile, and the stacks that they have.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileSide {
    /// Nanoseconds of CPU time between two samples.
    #[serde(default)]
    pub period_ns: i64,
    /// Nanoseconds from its start to its stop.
    #[serde(default)]
    pub duration_ns: i64,
    /// Every stack, once, in order.
    pub stacks: Vec<Stack>,
    /// In order of stack and labels; of equal ones the counts are added up.
    pub samples: Vec<ProfileSample>,
}

/// A sample that names a stack which is not there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("samples[{sample}]: want a stack below {stacks}, got {stack}")]
pub struct NoSuchStack {
    sample: usize,
    stack: usize,
    stacks: usize,
}

impl NoSuchStack {
    pub(super) fn new(sample: usize, stack: usize, stacks: usize) -> Self {
        Self {
            sample,
            stack,
            stacks,
        }
    }
}

impl TraceSide {
    /// The same in the order of the corpus.
    ///
    /// # Errors
    /// If a sample names a stack that is not there.
    pub fn canonical(mut self) -> Result<Self, NoSuchStack> {
        let used = self.samples.iter().map(|s| s.stack);
        let (stacks, places) = sorted(&self.stacks, used)?;
        for sample in &mut self.samples {
            sample.stack = places[sample.stack];
        }
        self.samples.sort();
        self.stacks = stacks;
        Ok(self)
    }
}

impl ProfileSide {
    /// The same in the order of the corpus, equal samples added up.
    ///
    /// # Errors
    /// If a sample names a stack that is not there.
    pub fn canonical(mut self) -> Result<Self, NoSuchStack> {
        let used = self.samples.iter().map(|s| s.stack);
        let (stacks, places) = sorted(&self.stacks, used)?;
        let mut counts: BTreeMap<_, u64> = BTreeMap::new();
        for mut sample in self.samples {
            sample.labels.sort();
            let count = counts
                .entry((places[sample.stack], sample.labels))
                .or_default();
            *count = count.saturating_add(sample.count);
        }
        let sample = |((stack, labels), count)| ProfileSample {
            count,
            labels,
            stack,
        };
        self.samples = counts.into_iter().map(sample).collect();
        self.stacks = stacks;
        Ok(self)
    }
}

/// The stacks that are used, sorted, each once; and the new place of each old one.
fn sorted(
    stacks: &[Stack],
    used: impl Iterator<Item = usize>,
) -> Result<(Vec<Stack>, Vec<usize>), NoSuchStack> {
    let mut wanted = BTreeSet::new();
    for (sample, stack) in used.enumerate() {
        let frames = stacks.get(stack).ok_or(NoSuchStack {
            sample,
            stack,
            stacks: stacks.len(),
        })?;
        wanted.insert(frames);
    }
    let wanted: Vec<_> = wanted.into_iter().cloned().collect();
    let place = |stack| wanted.binary_search(stack).unwrap_or_default();
    let places = stacks.iter().map(place).collect();
    Ok((wanted, places))
}
