//! Counts, and their sums.

use crate::check::narrow::{Judged, Narrow};
use crate::heap;

/// The kind of a stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::check) enum Kind {
    /// A stack that was walked.
    Real,
    /// A stand-in for a stack.
    Synthetic,
}

/// How often one stack occurs on either side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::check) struct Counts {
    /// In the trace.
    pub(in crate::check) trace: u64,
    /// In the profile.
    pub(in crate::check) profile: u64,
}

/// The counts of those samples that were selected.
#[derive(Clone, Debug, Default)]
pub(super) struct Selected {
    counts: Vec<Counts>,
    /// Whether there is one; in a profile a stack may occur no times.
    is_there: Vec<bool>,
}

impl Selected {
    pub(super) fn at(&mut self, entry: u32) -> &mut Counts {
        let at = entry as usize;
        while self.counts.len() <= at {
            heap::push(&mut self.counts, Counts::default());
            heap::push(&mut self.is_there, false);
        }
        self.is_there[at] = true;
        &mut self.counts[at]
    }

    pub(super) fn get(&self, entry: usize) -> Option<Counts> {
        let is_there = self.is_there.get(entry).is_some_and(|&there| there);
        is_there.then(|| self.counts[entry])
    }
}

/// A part of the pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::check) enum Part {
    /// All samples of both sides.
    Whole,
    /// The selected samples of the profile, and those of the trace.
    Selected {
        /// Whether the trace is narrowed; if not, all of its samples are selected.
        of_trace: bool,
    },
    /// The selected samples of the profile, and all of the trace.
    Anywhere,
}

impl Part {
    /// The part that is looked at.
    pub(in crate::check) fn of(narrow: &Narrow) -> Self {
        match narrow.judged() {
            Judged::BothWays => Self::Whole,
            Judged::TraceAtLeast | Judged::TraceAtMost => Self::Selected {
                of_trace: narrow.narrows_trace(),
            },
        }
    }

    /// The counts of a stack in this part, if it has it; of all its samples and of the selected
    /// ones.
    pub(super) fn counts(self, all: Counts, selected: Option<Counts>) -> Option<Counts> {
        let of_trace = match self {
            Self::Whole => return Some(all),
            Self::Selected { of_trace } => of_trace,
            Self::Anywhere => false,
        };
        if of_trace {
            return selected;
        }
        let is_there = selected.is_some() || all.trace > 0;
        is_there.then(|| Counts {
            trace: all.trace,
            profile: selected.unwrap_or_default().profile,
        })
    }
}

/// The counts of all stacks together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::check) struct Totals {
    /// Samples of walked stacks.
    pub(in crate::check) real: Counts,
    /// Samples of stand-ins.
    pub(in crate::check) synthetic: Counts,
    /// Samples of walked stacks that the trace misses, summed over the stacks.
    pub(in crate::check) missing: u64,
    /// Samples of walked stacks that it has too many.
    pub(in crate::check) surplus: u64,
    /// Whether a stack occurs on both sides.
    pub(in crate::check) has_common_stack: bool,
}

impl Totals {
    pub(super) fn add(&mut self, counts: Counts, kind: Kind) {
        let Counts { trace, profile } = counts;
        self.has_common_stack |= trace > 0 && profile > 0;
        let sum = match kind {
            Kind::Real => &mut self.real,
            Kind::Synthetic => &mut self.synthetic,
        };
        sum.trace += trace;
        sum.profile += profile;
        if kind == Kind::Real {
            self.missing += profile.saturating_sub(trace);
            self.surplus += trace.saturating_sub(profile);
        }
    }
}
