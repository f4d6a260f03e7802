//! Counts and causes to verdicts (S8).

use std::fmt;

use serde::Serialize;

use super::narrow::Judged;
use super::ring::Ring;
use super::stacks::{Counts, Kind, Tally};
use super::window::Windows;

/// What a stack, or the pair as a whole, turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Equal counts, or a difference that narrowing brings about.
    Match,
    /// A stand-in for a stack that could not be walked: set apart.
    Synthetic,
    /// The trace has more, for a known reason.
    Surplus,
    /// The trace has fewer, for a known reason.
    Lost,
    /// Nothing in common.
    NoOverlap,
    /// The counts differ and nothing explains it.
    Wrong,
}

impl Verdict {
    /// The exit code of `sigprof check` (S9).
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Match => 0,
            Self::Wrong => 1,
            Self::Synthetic | Self::Surplus | Self::Lost | Self::NoOverlap => 5,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Match => "match",
            Self::Synthetic => "synthetic",
            Self::Surplus => "surplus",
            Self::Lost => "lost",
            Self::NoOverlap => "no-overlap",
            Self::Wrong => "wrong",
        })
    }
}

/// Why counts differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// The tracer's ring was full when it was drained.
    RingCapacity,
    /// One side ran longer, and the difference has room for the samples.
    Window,
    /// A side does not say how long it ran.
    UnknownWindow,
    /// The profiler's own ring overflowed: it says so itself.
    ProfileRing,
    /// Only a part of one side was looked at.
    Narrowing,
    /// The trace's format has no CPU samples (before Go 1.19).
    OldFormat,
    /// The trace has no sample.
    NoTraceSamples,
    /// The profile has no sample.
    NoProfileSamples,
    /// Not one stack occurs on both sides.
    NoCommonStack,
}

/// What can explain a difference in this pair.
#[derive(Clone, Copy, Debug)]
pub(super) struct Causes {
    /// Why the pair has nothing in common, if it has not.
    pub(super) no_overlap: Option<Reason>,
    /// Why the trace may have fewer; none: nothing explains it.
    pub(super) missing: Option<Reason>,
    /// Why the trace may have more; none: nothing explains it.
    pub(super) surplus: Option<Reason>,
}

impl Causes {
    pub(super) fn new(
        ring: &Ring,
        windows: &Windows,
        old_format: bool,
        whole: &Tally,
        tally: &Tally,
        judged: Judged,
    ) -> Self {
        let (missing, surplus) = differences(tally);
        Self {
            no_overlap: no_overlap(whole, old_format),
            missing: match (windows.outside_trace(), ring.dropped(windows)) {
                _ if judged == Judged::TraceAtMost => Some(Reason::Narrowing),
                (Some(outside), Some(dropped)) if missing > outside.saturating_add(dropped) => None,
                _ if !ring.full.is_empty() => Some(Reason::RingCapacity),
                (None, _) => Some(Reason::UnknownWindow),
                (Some(_), _) => Some(Reason::Window),
            },
            surplus: match windows.outside_profile() {
                _ if judged == Judged::TraceAtLeast => Some(Reason::Narrowing),
                _ if whole.profile_lost > 0 => Some(Reason::ProfileRing),
                None => Some(Reason::UnknownWindow),
                Some(room) => (surplus <= room).then_some(Reason::Window),
            },
        }
    }

    /// The verdict on one stack.
    pub(super) fn stack(&self, counts: Counts, kind: Kind) -> (Verdict, Option<Reason>) {
        let explained = |verdict, reason: Option<Reason>| match reason {
            Some(reason) => (verdict, Some(reason)),
            None => (Verdict::Wrong, None),
        };
        match (kind, self.no_overlap) {
            (Kind::Synthetic, _) => (Verdict::Synthetic, None),
            (Kind::Real, Some(reason)) => (Verdict::NoOverlap, Some(reason)),
            (Kind::Real, None) if counts.trace < counts.profile => {
                explained(Verdict::Lost, self.missing)
            }
            (Kind::Real, None) if counts.trace > counts.profile => {
                explained(Verdict::Surplus, self.surplus)
            }
            (Kind::Real, None) => (Verdict::Match, None),
        }
    }
}

/// The verdict on the pair: the worst of its stacks', but what narrowing brings
/// about is no difference, and stand-ins count only if there is nothing else.
pub(super) fn pair(
    stacks: impl Iterator<Item = (Verdict, Option<Reason>)>,
) -> (Verdict, Option<Reason>) {
    let mut only_synthetic = true;
    let mut worst = (Verdict::Match, None);
    for (verdict, reason) in stacks {
        if verdict == Verdict::Synthetic {
            continue;
        }
        only_synthetic = false;
        if reason != Some(Reason::Narrowing) {
            worst = worst.max((verdict, reason));
        }
    }
    if only_synthetic {
        worst = (Verdict::Synthetic, None);
    }
    worst
}

/// Samples of walked stacks that the trace misses, and that it has too many.
pub(super) fn differences(tally: &Tally) -> (u64, u64) {
    let real = tally.stacks().filter(|&(_, _, kind)| kind == Kind::Real);
    real.fold((0, 0), |(missing, surplus), (_, counts, _)| {
        (
            missing + counts.profile.saturating_sub(counts.trace),
            surplus + counts.trace.saturating_sub(counts.profile),
        )
    })
}

fn no_overlap(whole: &Tally, old_format: bool) -> Option<Reason> {
    let real = whole.total(Kind::Real);
    match (real.trace, real.profile) {
        (0, 0) => None,
        (0, _) if old_format => Some(Reason::OldFormat),
        (0, _) => Some(Reason::NoTraceSamples),
        (_, 0) => Some(Reason::NoProfileSamples),
        _ if !whole.has_common_stack() => Some(Reason::NoCommonStack),
        _ => None,
    }
}
