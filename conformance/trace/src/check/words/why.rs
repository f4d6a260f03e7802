//! Why counts differ, and what to do about it.

use super::super::narrow::Judged;
use super::super::report::Report;
use super::super::ring::Drain;
use super::super::verdict::{Reason, Verdict};
use super::seconds;

/// Drains that are shown one by one.
const DRAINS: u64 = 3;

/// The facts that the bytes show, a paragraph each.
pub(super) fn why(report: &Report) -> Vec<String> {
    let mut lines = Vec::new();
    let has = |reason| {
        report.reason == Some(reason) || report.stacks.iter().any(|s| s.reason == Some(reason))
    };
    let is_wrong = report.verdict == Verdict::Wrong;
    if has(Reason::RingCapacity) {
        lines.extend(ring(report));
    }
    if has(Reason::Window) || has(Reason::Shift) || is_wrong {
        lines.extend(window(report));
    }
    if report.profile_lost > 0 {
        lines.push(format!(
            "The profiler's own ring overflowed: the profile counts {} samples as lost \
             (runtime/pprof.lostProfileEvent).",
            report.profile_lost
        ));
        lines.extend(on_neither_side(report));
    }
    lines.extend(no_overlap(report.reason));
    if has(Reason::OutsideSelection) {
        lines.push(
            "Goroutines inherit labels from the one that starts them, but not its regions: labelled \
             work may run in other goroutines than the one that was looked at."
                .into(),
        );
    }
    if has(Reason::Narrowing) {
        lines.push(match report.judged {
            Judged::TraceAtLeast => {
                "Only the profile knows labels, so more samples in the trace are no fault \
                 (verdict surplus below)."
                    .into()
            }
            _ => "Only the trace knows goroutines and regions, so more samples in the profile are \
                  no fault (verdict lost below)."
                .into(),
        });
    }
    if is_wrong {
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

/// Explains that samples which the profiler lost should be in the trace, and are not.
fn on_neither_side(report: &Report) -> Option<String> {
    let n = report.on_neither_side;
    (n > 0).then(|| {
        format!(
            "The signal handler logs a sample for the trace as well, but up to {n} of these are not in the \
             trace either: the tracer lost them, too, or no trace ran at the time, or they came from \
             threads that are not Go's, which are never in a trace."
        )
    })
}

fn no_overlap(reason: Option<Reason>) -> Option<String> {
    let text = match reason {
        Some(Reason::NoTraceSamples) => {
            "The profiler did not run while the trace was taken, or the CPU was idle."
        }
        Some(Reason::NoProfileSamples) => {
            "The trace's samples come from another profile than this one."
        }
        Some(Reason::NoCommonStack) => {
            "The two come from different runs or times, or one was symbolised from another binary."
        }
        _ => return None,
    };
    Some(text.to_owned())
}

fn ring(report: &Report) -> Vec<String> {
    let ring = &report.ring;
    let mut lines = vec![format!(
        "The tracer keeps samples in a ring of {} words until the trace's reader comes by; what \
         comes while it is full is dropped.",
        ring.capacity_words
    )];
    let shown = ring
        .full
        .iter()
        .take(DRAINS.try_into().unwrap_or(usize::MAX));
    lines.extend(shown.map(|drain| full(report, drain)));
    if let more @ 1.. = (ring.full.len() as u64).saturating_sub(DRAINS) {
        lines.push(format!("And {} more.", times(more)));
    }
    lines
}

fn full(report: &Report, drain: &Drain) -> String {
    let ring = &report.ring;
    let free = ring.capacity_words.saturating_sub(drain.words);
    format!(
        "It was full from {} on, until it was drained at {}: it held {} samples in {} words \
         ({free} free; a long stack wants {} in one piece).",
        seconds(drain.full_from_ns.unwrap_or(drain.last_taken_ns)),
        seconds(drain.drained_ns),
        drain.records,
        drain.words,
        ring.largest_record_words,
    )
}

fn window(report: &Report) -> Vec<String> {
    let windows = &report.windows;
    let room = |ns| match windows.fit(ns) {
        Some(n) => format!("at most {n} samples, on {} threads", windows.max_threads),
        None => "an unknown number of samples".to_owned(),
    };
    let (Some(profile), Some(trace), Some(outside)) = (
        windows.profile_longer_ns(),
        windows.trace_longer_ns(),
        windows.profile_outside_ns(),
    ) else {
        return vec!["The profile does not say how long it ran.".into()];
    };
    let mut lines = Vec::new();
    if report.reason != Some(Reason::Shift) {
        let (longer, ns) = if profile > 0 {
            ("profile", profile)
        } else {
            ("trace", trace)
        };
        lines.push(format!(
            "The {longer} ran {} longer: room for {}.",
            seconds(ns),
            room(ns)
        ));
    }
    if report.reason != Some(Reason::Window) && outside > profile {
        lines.push(format!(
            "A trace does not say at which time of day it began. Going by its samples, up to {} of \
             the profile can lie outside of it: room for {}.",
            seconds(outside),
            room(outside)
        ));
    }
    lines
}

/// Why the ring does not explain what is missing.
fn ring_is_no_reason(report: &Report) -> String {
    let ring = &report.ring;
    match ring.dropped(&report.windows) {
        Some(dropped @ 1..) => format!(
            "The tracer's ring was full {}, but not for long enough: room for at most {dropped} samples.",
            times(ring.full.len() as u64)
        ),
        _ => format!(
            "The tracer's ring was drained {} and never full, so it dropped nothing.",
            times(ring.drains)
        ),
    }
}

fn times(n: u64) -> String {
    match n {
        1 => "once".into(),
        n => format!("{n} times"),
    }
}

/// Advice, a paragraph each.
pub(super) fn what_to_do(report: &Report) -> Vec<String> {
    let narrow = "Set a label and a region around work that does not start goroutines (pprof.Do, \
                  trace.WithRegion), and check with --label and --region.";
    let text = match (report.verdict, report.reason) {
        (Verdict::Match, _) => return Vec::new(),
        (Verdict::Lost, Some(Reason::RingCapacity)) => return after_overflow(report),
        (Verdict::Lost | Verdict::Surplus, Some(Reason::Window)) => {
            "Compare only what both saw. Or start the profile just before the trace, and stop it just \
             after."
        }
        (Verdict::Lost, Some(Reason::Shift)) => {
            "Start the profile before the trace and stop it after, so that the one encloses the other: a \
             pair that does not cannot be judged."
        }
        (Verdict::Lost, Some(Reason::OutsideSelection)) => {
            "Narrow the trace to all goroutines that do the work, or leave out --goroutine and --region."
        }
        (Verdict::Lost, Some(Reason::ProfileRing)) => {
            "Neither side is whole: trust what both have, and no totals. Lower the profiling rate."
        }
        (Verdict::Surplus, Some(Reason::ProfileRing)) if report.on_neither_side > 0 => {
            "Trust the trace for these stacks, but neither side is whole; lower the profiling rate."
        }
        (Verdict::Surplus, Some(Reason::ProfileRing)) => {
            "Trust the trace for these stacks; lower the profiling rate."
        }
        (Verdict::Lost | Verdict::Surplus, _) => {
            "Take the profile from a Go program that was stopped properly."
        }
        (Verdict::NoOverlap, Some(Reason::OldFormat)) => "Take the trace with Go 1.19 or later.",
        (Verdict::NoOverlap, _) => {
            "Start the profile before the trace and stop it after, in the same run."
        }
        (Verdict::Synthetic, _) => {
            "Take samples for a longer time, or outside of C code and the runtime's own stacks."
        }
        (Verdict::Wrong, _) => return after_wrong(report),
    };
    let mut lines = vec![text.to_owned()];
    if report.reason == Some(Reason::Window) && report.narrow == Default::default() {
        lines.push(narrow.to_owned());
    }
    lines
}

fn after_overflow(report: &Report) -> Vec<String> {
    let trust = if report.profile_lost > 0 {
        "Neither side is whole: the profiler lost samples, too."
    } else {
        "Trust the profile for totals; the trace has every sample up to the moment above, and from \
         then on may lack those with long stacks."
    };
    vec![
        trust.to_owned(),
        "To lose none: trace for a shorter time, at a lower rate, with more events (Go up to 1.21 \
         drains only when a buffer of events is full, golang/go#52674; later releases drain every \
         100 ms, but may lose without a word what a ring holds when it wraps)."
            .to_owned(),
    ]
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
