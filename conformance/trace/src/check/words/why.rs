//! Why counts differ, and what to do about it: what the reasons say, in order, and what is said
//! where there is none.

use super::super::reason::Reason;
use super::super::report::Report;
use super::super::verdict::Verdict;
use super::times;
use crate::shown::counted;

/// The facts that the bytes show, a paragraph each.
pub(super) fn why(report: &Report) -> Vec<String> {
    let told = Reason::ALL.into_iter().filter(|&r| is_told(report, r));
    let mut lines: Vec<_> = told.flat_map(|reason| reason.why(report)).collect();
    if report.verdict == Verdict::Wrong {
        lines.push(ring_is_no_reason(report));
    }
    if report.trace_synthetic > report.profile_synthetic {
        lines.push(
            "A stand-in (runtime._System and its like) is for a stack that could not be walked. The \
             profile can have more of them, of threads that are not Go's; the trace should not."
                .into(),
        );
    }
    lines
}

/// Whether it is told why a reason holds: if it does, or if that was looked at and does not
/// explain enough.
fn is_told(report: &Report, reason: Reason) -> bool {
    let has = |reason| {
        report.reason == Some(reason) || report.stacks.iter().any(|s| s.reason == Some(reason))
    };
    match reason {
        Reason::Window => {
            has(Reason::Window) || has(Reason::Shift) || report.verdict == Verdict::Wrong
        }
        // With the window.
        Reason::Shift => false,
        Reason::ProfileRing => report.profile_lost > 0,
        other => has(other),
    }
}

/// Why the ring does not explain what is missing.
fn ring_is_no_reason(report: &Report) -> String {
    let ring = &report.ring;
    let losses = report.trace_losses.iter();
    let mut of_ring = losses.filter(|loss| loss.reason == Reason::RingCapacity);
    let dropped = of_ring.try_fold(0_u64, |sum, loss| sum.checked_add(loss.at_most?));
    if let Some(dropped @ 1..) = dropped {
        return format!(
            "The tracer's ring was full {}, but not for long enough: room for at most {}.",
            times(ring.full.len() as u64),
            counted(dropped, "sample")
        );
    }
    if let Some(replay) = &ring.replay {
        return if !replay.is_known() {
            "The trace does not hold its tracer's beginning, as the snapshot of a flight recorder does \
             not: whether a ring wrapped at its end is not known."
        } else if ring.wrapped().next().is_some() {
            "A ring of the tracer wrapped before its last drain, but not for long enough."
        } else {
            "The tracer's rings, followed sample by sample, had room when the trace ended: nothing was \
             left in them."
        }
        .to_owned();
    }
    format!(
        "The tracer's ring was drained {} and never full, so it dropped nothing.",
        times(ring.drains)
    )
}

/// Advice, a paragraph each.
pub(super) fn what_to_do(report: &Report) -> Vec<String> {
    match (report.verdict, report.reason) {
        (Verdict::Match, _) => Vec::new(),
        (Verdict::Wrong, _) => after_wrong(report),
        (_, Some(reason)) => reason.advice(report),
        (_, None) => vec![
            "Take samples for a longer time, or outside of C code and the runtime's own stacks."
                .to_owned(),
        ],
    }
}

fn after_wrong(report: &Report) -> Vec<String> {
    let mut lines = Vec::new();
    if report.missing > 0 && report.surplus > 0 {
        lines.push(
            "First make sure that both files are of the same run of the same program.".into(),
        );
    }
    lines.push(
        "Look at the stacks below: if their frames differ only in spelling, a tool has rewritten one \
         side; if not, samples were lost, doubled or changed on the way, which is a bug in what \
         produced the pair."
            .into(),
    );
    lines
}
