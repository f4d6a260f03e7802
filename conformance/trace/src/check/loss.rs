//! Samples that one side may lack: each cause makes losses, and the verdict adds them up.
//!
//! | cause | of the trace | of the profile |
//! |---|---|---|
//! | `narrow` | `narrowing`, `outside-selection`: nothing else is asked for then | `narrowing` |
//! | `ring` | `ring-capacity`, one for each time at which it was full; `ring-wrap` | |
//! | `rate` | `gap`, one for each | |
//! | a trace that could not be read whole | `damaged` | |
//! | `window` | `unknown-window`, or `window` and `shift` | `unknown-window`, or `window` |
//! | the profiler's ring | | `profile-ring` |

use super::narrow::Judged;
use super::rate::Expected;
use super::reason::Reason;
use super::ring::Ring;
use super::stacks::{Part, Tally, Totals};
use super::window::Windows;

/// Samples that one side may lack, with the reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Loss {
    /// Why they are not there.
    pub reason: Reason,
    /// They were taken between this moment and `to`, in nanoseconds since the trace's first
    /// event, which may lie before it.
    pub from: i64,
    /// The end of the time in which they were taken, as `from` is its beginning.
    pub to: i64,
    /// The number of samples that can have been lost; none: any number.
    pub at_most: Option<u64>,
}

impl Loss {
    /// Any number of samples at any time.
    fn any(reason: Reason) -> Self {
        Self {
            reason,
            from: i64::MIN,
            to: i64::MAX,
            at_most: None,
        }
    }

    /// A side does not say how long it ran.
    pub(super) fn unknown() -> Self {
        Self::any(Reason::UnknownWindow)
    }
}

/// The samples that each side can have lost. Of the losses of a side those stand first that need
/// the least to have happened.
#[derive(Clone, Debug)]
pub(super) struct Losses {
    pub(super) of_trace: Vec<Loss>,
    pub(super) of_profile: Vec<Loss>,
}

impl Losses {
    pub(super) fn new(
        judged: Judged,
        narrows_trace: bool,
        tally: &Tally,
        ring: &Ring,
        windows: &Windows,
        expected: &Expected,
        is_damaged: bool,
    ) -> Self {
        let mut of_trace = of_trace(judged, narrows_trace, tally, ring, windows);
        if is_damaged {
            // What a ring or a gap seems to lack may stand in the part that is gone.
            of_trace = vec![Loss::any(Reason::Damaged)];
        } else if judged == Judged::BothWays {
            let gaps = expected.gaps.iter().map(|gap| Loss {
                reason: Reason::Gap,
                from: gap.from_ns,
                to: gap.to_ns,
                at_most: windows.fit(gap.to_ns.saturating_sub(gap.from_ns)),
            });
            of_trace.extend(gaps);
        }
        let mut of_profile = of_profile(judged, tally, windows);
        // The stacks may be gone.
        of_profile.extend(is_damaged.then(|| Loss::any(Reason::Damaged)));
        Self {
            of_trace,
            of_profile,
        }
    }

    /// Room in times without a sample, be they short, instead of in those that are gaps.
    pub(super) fn add_short_gaps(&mut self, expected: &Expected) {
        if let Some(short) = expected.short_gaps {
            self.of_trace.retain(|loss| loss.reason != Reason::Gap);
            self.of_trace.push(Loss {
                at_most: Some(short.samples),
                ..Loss::any(Reason::Gap)
            });
        }
    }
}

fn of_trace(
    judged: Judged,
    narrows_trace: bool,
    tally: &Tally,
    ring: &Ring,
    windows: &Windows,
) -> Vec<Loss> {
    if judged == Judged::TraceAtMost {
        return vec![Loss::any(Reason::Narrowing)];
    }
    let is_elsewhere = || tally.totals(Part::Anywhere).missing == 0;
    if judged == Judged::TraceAtLeast && narrows_trace && is_elsewhere() {
        return vec![Loss::any(Reason::OutsideSelection)];
    }
    let mut losses = windows.losses_of_trace();
    losses.extend(ring.losses(windows));
    losses
}

fn of_profile(judged: Judged, tally: &Tally, windows: &Windows) -> Vec<Loss> {
    if judged == Judged::TraceAtLeast {
        return vec![Loss::any(Reason::Narrowing)];
    }
    let mut losses = vec![windows.loss_of_profile()];
    if tally.profile_lost > 0 {
        losses.push(Loss {
            at_most: Some(tally.profile_lost),
            ..Loss::any(Reason::ProfileRing)
        });
    }
    losses
}

/// Samples that the profiler's ring lost and that the trace does not have either, at the most:
/// the handler logged each of them for the tracer as well, if a trace was on (R23), and what
/// the trace has more than the profile may be these.
pub(super) fn on_neither_side(profile_lost: u64, whole: &Totals) -> u64 {
    let synthetic = whole.synthetic;
    let stand_ins = synthetic.trace.saturating_sub(synthetic.profile);
    profile_lost.saturating_sub(whole.surplus.saturating_add(stand_ins))
}
