//! Counts and causes to verdicts (S8).

use std::fmt;

use serde::Serialize;

use super::loss::{Loss, Losses};
use super::narrow::Judged;
use super::reason::Reason;
use super::stacks::{Counts, Kind, Totals};
use super::told::told;

told! {
    /// The verdict on a stack, or on the pair as a whole.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, serde::Deserialize)]
    #[serde(rename_all = "kebab-case")]
    pub enum Verdict {
        /// As many on both sides.
        Match,
        /// A stand-in for a stack that could not be walked: set apart.
        Synthetic,
        /// The counts differ as the windows do, or as narrowing makes them: nothing is missing that
        /// can be seen.
        Consistent,
        /// The counts differ, and the files do not say whether anything was lost.
        CannotTell,
        /// The trace has more, for a known reason.
        Surplus,
        /// The bytes show that the trace has lost samples.
        Lost,
        /// Nothing in common.
        NoOverlap,
        /// The counts differ and nothing explains it.
        Wrong,
    }
}

impl Verdict {
    /// The exit code of `sigprof check` (S9).
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Match | Self::Consistent => 0,
            Self::Wrong => 1,
            Self::Synthetic | Self::CannotTell | Self::Surplus | Self::Lost | Self::NoOverlap => 5,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Match => "match",
            Self::Synthetic => "synthetic",
            Self::Consistent => "consistent",
            Self::CannotTell => "cannot-tell",
            Self::Surplus => "surplus",
            Self::Lost => "lost",
            Self::NoOverlap => "no-overlap",
            Self::Wrong => "wrong",
        })
    }
}

/// Reasons that can explain a difference in this pair.
#[derive(Clone, Copy, Debug)]
pub(super) struct Causes {
    /// Why the pair has nothing in common, if it has not.
    pub(super) no_overlap: Option<Reason>,
    /// Why the trace may have fewer; none: nothing explains it.
    pub(super) missing: Option<Reason>,
    /// Why the trace may have more; none: nothing explains it.
    pub(super) surplus: Option<Reason>,
    /// Why nothing can be said of what is missing, though the windows have room for it.
    pub(super) doubt: Option<Reason>,
    /// Whether what nothing explains is because the two are of different times (S8.25).
    pub(super) is_other_time: bool,
}

impl Causes {
    /// Causes for a pair with these counts, in all and where it was looked at. `no_samples` is why
    /// the trace may have none at all.
    pub(super) fn new(whole: &Totals, part: &Totals, losses: &Losses, no_samples: Reason) -> Self {
        Self {
            no_overlap: no_overlap(whole, no_samples),
            missing: explain(part.missing, &losses.of_trace),
            surplus: explain(part.surplus, &losses.of_profile),
            doubt: None,
            is_other_time: false,
        }
    }

    /// The verdict on one stack.
    pub(super) fn stack(&self, counts: Counts, kind: Kind) -> (Verdict, Option<Reason>) {
        let unexplained = match self.is_other_time {
            true => (Verdict::CannotTell, Some(Reason::OtherTime)),
            false => (Verdict::Wrong, None),
        };
        let explained = |of: fn(Reason) -> Verdict, reason: Option<Reason>| {
            reason.map_or(unexplained, |reason| (of(reason), Some(reason)))
        };
        match (kind, self.no_overlap) {
            (Kind::Synthetic, _) => (Verdict::Synthetic, None),
            (Kind::Real, Some(reason)) => (Verdict::NoOverlap, Some(reason)),
            (Kind::Real, None) if counts.trace < counts.profile => {
                match (explained(Reason::of_missing, self.missing), self.doubt) {
                    ((Verdict::Consistent, Some(Reason::Window | Reason::Shift)), Some(doubt)) => {
                        (Verdict::CannotTell, Some(doubt))
                    }
                    (explained, _) => explained,
                }
            }
            (Kind::Real, None) if counts.trace > counts.profile => {
                explained(Reason::of_surplus, self.surplus)
            }
            (Kind::Real, None) => (Verdict::Match, None),
        }
    }
}

/// Why `count` samples are lost; none if the losses have no room for all of them. The losses
/// are taken one after the other until all fit: that one is the reason, unless one is there that is
/// named before all others.
pub(super) fn explain(count: u64, losses: &[Loss]) -> Option<Reason> {
    let mut room = Some(0_u64);
    let mut holds = |loss: &Loss| {
        let sum = |room: u64, most: u64| room.saturating_add(most);
        room = room.zip(loss.at_most).map(|(room, most)| sum(room, most));
        room.is_none_or(|room| count <= room)
    };
    let reason = losses.iter().find(|loss| holds(loss))?.reason;
    let mut reasons = losses.iter().map(|loss| loss.reason);
    Some(reasons.find(|r| r.is_named_first()).unwrap_or(reason))
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
    let is_fine = |verdict: Verdict| verdict.exit_code() == 0;
    if only_synthetic || has_too_many && is_fine(worst.0) {
        worst = (Verdict::Synthetic, None);
    }
    if is_fine(worst.0) && on_neither_side > 0 && judged != Judged::TraceAtMost {
        worst = (Verdict::Lost, Some(Reason::ProfileRing));
    }
    worst
}

fn no_overlap(whole: &Totals, no_samples: Reason) -> Option<Reason> {
    match (whole.real.trace, whole.real.profile) {
        (0, 0) => None,
        (0, _) => Some(no_samples),
        (_, 0) => Some(Reason::NoProfileSamples),
        // As many on both sides, and all different: the same samples, with wrong stacks.
        (trace, profile) if trace == profile => None,
        _ if !whole.has_common_stack => Some(Reason::NoCommonStack),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loss(reason: Reason, at_most: impl Into<Option<u64>>) -> Loss {
        Loss {
            reason,
            at_most: at_most.into(),
            ..Loss::unknown()
        }
    }

    #[track_caller]
    fn check(losses: &[Loss], expected: &[(u64, Option<Reason>)]) {
        for &(count, reason) in expected {
            assert_eq!(explain(count, losses), reason, "{count}");
        }
    }

    /// Guards S8.3, S8.4.
    #[test]
    fn the_first_loss_with_which_all_samples_fit_is_the_reason() {
        let losses = [loss(Reason::Window, 3), loss(Reason::Shift, 4)];
        let (window, shift) = (Some(Reason::Window), Some(Reason::Shift));
        check(&losses, &[(3, window), (4, shift), (7, shift), (8, None)]);
        check(&[], &[(1, None)]);
    }

    #[test]
    fn what_has_no_bound_explains_any_number() {
        let losses = [loss(Reason::Window, 3), loss(Reason::ProfileRing, None)];
        let ring = Some(Reason::ProfileRing);
        check(&losses, &[(3, Some(Reason::Window)), (u64::MAX, ring)]);
        let most = [
            loss(Reason::Window, u64::MAX),
            loss(Reason::Shift, u64::MAX),
        ];
        check(&most, &[(u64::MAX, Some(Reason::Window))]);
    }

    /// Guards S8.3.
    #[test]
    fn a_full_ring_is_named_before_what_needs_less() {
        let losses = [
            loss(Reason::Window, 3),
            loss(Reason::RingCapacity, 4),
            loss(Reason::RingCapacity, 5),
        ];
        let ring = Some(Reason::RingCapacity);
        check(&losses, &[(1, ring), (7, ring), (12, ring), (13, None)]);
    }
}
