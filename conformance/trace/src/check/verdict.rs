//! Counts and causes to verdicts (S8).

use std::fmt;

use serde::Serialize;

use super::narrow::Judged;
use super::ring::Ring;
use super::stacks::{Counts, Kind, Tally};
use super::window::Windows;

/// The verdict on a stack, or on the pair as a whole.
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
    /// The profile may have run at another time than the trace, and that has room for
    /// the samples.
    Shift,
    /// A side does not say how long it ran.
    UnknownWindow,
    /// The profiler's own ring overflowed: it says so itself. The trace may have what was lost
    /// (`surplus`), or not (`lost`).
    ProfileRing,
    /// Only a part of one side was looked at.
    Narrowing,
    /// The trace has the samples, but not in the goroutine or the region looked at.
    OutsideSelection,
    /// The trace's format has no CPU samples (before Go 1.19).
    OldFormat,
    /// The trace has no sample.
    NoTraceSamples,
    /// The profile has no sample.
    NoProfileSamples,
    /// Not one stack occurs on both sides.
    NoCommonStack,
}

/// As in JSON: `ring-capacity`.
impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::RingCapacity => "ring-capacity",
            Self::Window => "window",
            Self::Shift => "shift",
            Self::UnknownWindow => "unknown-window",
            Self::ProfileRing => "profile-ring",
            Self::Narrowing => "narrowing",
            Self::OutsideSelection => "outside-selection",
            Self::OldFormat => "old-format",
            Self::NoTraceSamples => "no-trace-samples",
            Self::NoProfileSamples => "no-profile-samples",
            Self::NoCommonStack => "no-common-stack",
        })
    }
}

/// The samples to be compared.
#[derive(Clone, Copy)]
pub(super) struct Sides<'a> {
    /// All of them.
    pub(super) whole: &'a Tally,
    /// Counts of the samples that were selected.
    pub(super) tally: &'a Tally,
    /// Counts of the selected samples of the profile, and of all of the trace's; `None` if the
    /// trace is not narrowed, or the profile is not.
    pub(super) anywhere: Option<&'a Tally>,
    /// The differences that count.
    pub(super) judged: Judged,
    /// Whether the trace's format has no samples.
    pub(super) old_format: bool,
}

/// Causes that can explain a difference in this pair.
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
    pub(super) fn new(sides: &Sides, ring: &Ring, windows: &Windows) -> Self {
        Self {
            no_overlap: no_overlap(sides),
            missing: missing(sides, ring, windows),
            surplus: surplus(sides, windows),
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

/// Why the trace may have fewer samples; none: nothing explains it. All that are missing
/// must fit into what could hold or drop them.
fn missing(sides: &Sides, ring: &Ring, windows: &Windows) -> Option<Reason> {
    let (missing, _) = differences(sides.tally);
    if sides.judged == Judged::TraceAtMost {
        return Some(Reason::Narrowing);
    }
    if sides
        .anywhere
        .is_some_and(|anywhere| differences(anywhere).0 == 0)
    {
        return Some(Reason::OutsideSelection);
    }
    let outside = windows.profile_outside_ns().and_then(|ns| windows.fit(ns));
    let room = |dropped: u64| outside.map(|outside| outside.saturating_add(dropped));
    let fits = |room: Option<u64>| room.is_none_or(|room| missing <= room);
    let dropped = ring.dropped(windows);
    if !ring.full.is_empty() && dropped.is_none_or(|dropped| fits(room(dropped))) {
        return Some(Reason::RingCapacity);
    }
    if outside.is_none() {
        return Some(Reason::UnknownWindow);
    }
    let longer = windows.profile_longer_ns().and_then(|ns| windows.fit(ns));
    if longer.is_some_and(|longer| missing <= longer) {
        return Some(Reason::Window);
    }
    fits(outside).then_some(Reason::Shift)
}

/// Why the trace may have more samples; none: nothing explains it.
fn surplus(sides: &Sides, windows: &Windows) -> Option<Reason> {
    let (_, surplus) = differences(sides.tally);
    if sides.judged == Judged::TraceAtLeast {
        return Some(Reason::Narrowing);
    }
    let Some(room) = windows.trace_longer_ns().and_then(|ns| windows.fit(ns)) else {
        return Some(Reason::UnknownWindow);
    };
    let lost = sides.whole.profile_lost;
    if surplus <= room {
        Some(Reason::Window)
    } else {
        (surplus <= room.saturating_add(lost)).then_some(Reason::ProfileRing)
    }
}

/// The verdict on the pair: the worst of its stacks', but what narrowing brings about is
/// no difference, and stand-ins count only if there is nothing else, or if the trace has
/// more of them than the profile.
///
/// Nothing matches if the profiler lost samples that the trace does not have either; but all
/// samples of a goroutine or a region are in the profile, whatever else it lacks (S8.14, S8.15).
pub(super) fn pair(
    stacks: impl Iterator<Item = (Verdict, Option<Reason>)>,
    synthetic: Counts,
    on_neither_side: u64,
    judged: Judged,
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
    let has_too_many = synthetic.trace > synthetic.profile;
    if only_synthetic || has_too_many && worst.0 == Verdict::Match {
        worst = (Verdict::Synthetic, None);
    }
    if worst.0 == Verdict::Match && on_neither_side > 0 && judged != Judged::TraceAtMost {
        worst = (Verdict::Lost, Some(Reason::ProfileRing));
    }
    worst
}

/// Samples that the profiler's ring lost and that the trace does not have either, at the most:
/// the handler logged each of them for the tracer as well, if a trace was on (R23), and what
/// the trace has more than the profile may be these.
pub(super) fn on_neither_side(whole: &Tally) -> u64 {
    let synthetic = whole.total(Kind::Synthetic);
    let stand_ins = synthetic.trace.saturating_sub(synthetic.profile);
    let (_, surplus) = differences(whole);
    whole
        .profile_lost
        .saturating_sub(surplus.saturating_add(stand_ins))
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

fn no_overlap(sides: &Sides) -> Option<Reason> {
    let real = sides.whole.total(Kind::Real);
    match (real.trace, real.profile) {
        (0, 0) => None,
        (0, _) if sides.old_format => Some(Reason::OldFormat),
        (0, _) => Some(Reason::NoTraceSamples),
        (_, 0) => Some(Reason::NoProfileSamples),
        // As many on both sides, and all different: the same samples, with wrong stacks.
        (trace, profile) if trace == profile => None,
        _ if !sides.whole.has_common_stack() => Some(Reason::NoCommonStack),
        _ => None,
    }
}
