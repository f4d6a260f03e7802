//! Facts that take more than a sentence.

use super::super::rate::ENOUGH;
use super::super::report::Report;
use super::super::ring::Drain;
use super::super::words::{came, seconds, times};
use super::Reason;
use crate::shown::counted;

/// Drains that are shown one by one.
const DRAINS: u64 = 3;

pub(super) fn ring(report: &Report) -> Vec<String> {
    let ring = &report.ring;
    let what = match ring.replay {
        Some(_) => "two rings, for even and for odd generations, each",
        None => "a ring",
    };
    let mut lines = vec![format!(
        "The tracer keeps samples in {what} of {} words until the trace's reader comes by; what comes \
         while it is full is dropped.",
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
    lines.extend(came::short_gaps(&report.expected));
    lines
}

pub(super) fn ring_wrap(report: &Report) -> Vec<String> {
    let ring = &report.ring;
    let mut lines = vec![format!(
        "The tracer keeps samples in two rings of {} words, for even and for odd generations. At a \
         generation's end a ring is read once, and no further than its last word: what was written from its \
         first word on again comes two generations later, or never if the trace ends before that.",
        ring.capacity_words
    )];
    lines.extend(came::wraps(ring, &report.windows));
    lines
}

fn full(report: &Report, drain: &Drain) -> String {
    let ring = &report.ring;
    let free = ring.capacity_words.saturating_sub(drain.words);
    format!(
        "It was full from {} on, until it was drained at {}: it held {} in {} \
         ({free} free; a long stack wants {} in one piece).",
        seconds(drain.full_from_ns.unwrap_or(drain.last_taken_ns)),
        seconds(drain.drained_ns),
        counted(drain.records, "sample"),
        counted(drain.words, "word"),
        ring.largest_record_words,
    )
}

pub(super) fn window(report: &Report) -> Vec<String> {
    let windows = &report.windows;
    let room = |ns| match windows.fit(ns) {
        Some(n) => {
            let (samples, threads) = (counted(n, "sample"), counted(windows.max_threads, "thread"));
            format!("at most {samples}, on {threads}")
        }
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
        let is_surplus = report.missing == 0 && report.surplus > 0;
        let (longer, other, ns) = if profile > 0 && !is_surplus {
            ("profile", "trace", profile)
        } else {
            ("trace", "profile", trace)
        };
        lines.push(match windows.profile_window() {
            Some(_) => format!(
                "By their clocks {} of the {longer} can lie outside of the {other}: room for {}.",
                seconds(ns),
                room(ns)
            ),
            None => format!(
                "The {longer} ran {} longer: room for {}.",
                seconds(ns),
                room(ns)
            ),
        });
    }
    if report.reason != Some(Reason::Window) && outside > profile {
        lines.push(format!(
            "When the trace began, by the time of day, is not known. Going by its samples, up to {} \
             of the profile can lie outside of it: room for {}.",
            seconds(outside),
            room(outside)
        ));
    }
    lines
}

pub(super) fn profile_ring(report: &Report) -> Vec<String> {
    let mut lines = vec![format!(
        "The profiler's own ring overflowed: the profile counts {} as lost \
         (runtime/pprof.lostProfileEvent).",
        counted(report.profile_lost, "sample")
    )];
    if let n @ 1.. = report.on_neither_side {
        let full = report.ring.full.len() as u64;
        lines.extend(
            (full > 0).then(|| format!("The tracer's ring was full as well, {}.", times(full))),
        );
        lines.push(format!(
            "The signal handler logs a sample for the trace as well, but up to {n} of these are not in the \
             trace either: the tracer lost them, too, or no trace ran at the time, or they came from \
             threads that are not Go's, which are never in a trace."
        ));
    }
    lines
}

pub(super) fn after_overflow(report: &Report) -> Vec<String> {
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

/// Where no sample came.
pub(super) fn gap(report: &Report) -> Vec<String> {
    let gaps = came::gaps(&report.expected);
    gaps.chain(came::short_gaps(&report.expected)).collect()
}

/// How many samples were to come, and did.
pub(super) fn fewer(report: &Report) -> Vec<String> {
    let mut lines = vec![came::expected(&report.expected)];
    if let Some(by_profile) = report.expected.by_profile {
        lines.push(format!(
            "By the profile, {} {} in as long a time; the trace has {}.",
            counted(by_profile, "sample"),
            if by_profile == 1 { "comes" } else { "come" },
            report.trace_samples
        ));
    }
    if report.reason == Some(Reason::Fewer) {
        lines.extend(window(report));
    }
    if has_no_room(report) {
        lines.push(
            "More are missing than that, and of all stacks alike, as when single samples are dropped on their \
             way; nothing in the bytes says where."
                .to_owned(),
        );
    }
    lines
}

/// Whether more samples are missing than all that is known has room for.
fn has_no_room(report: &Report) -> bool {
    let mut losses = report.trace_losses.iter();
    let room = losses.try_fold(0_u64, |sum, loss| Some(sum.saturating_add(loss.at_most?)));
    room.is_some_and(|room| report.missing > room)
}

/// Whether the two ran at the same time, but for a fifth of the profile at the most.
pub(super) fn ran_together(report: &Report) -> bool {
    let whole = report.profile_samples;
    let by_profile = report.expected.by_profile;
    by_profile.is_some_and(|common| common >= whole - whole / 5)
}

/// When the two were taken.
pub(super) fn other_time(report: &Report) -> Vec<String> {
    let windows = &report.windows;
    let far = windows.profile_begins_ns.zip(windows.profile_ns);
    let line = match far {
        Some((begins, _)) if begins > windows.trace_ns => format!(
            "By their clocks the profile began {} after the trace had ended.",
            seconds(begins.saturating_sub(windows.trace_ns))
        ),
        Some((begins, long)) if begins.saturating_add(long) < 0 => format!(
            "By their clocks the profile ended {} before the trace began.",
            seconds(begins.saturating_add(long).saturating_neg())
        ),
        _ => "Most functions occur on both sides, but their counts differ in both directions by more than \
              the windows have room for."
            .to_owned(),
    };
    vec![line]
}

/// More time in a profile's samples than it had.
pub(super) fn before(report: &Report) -> Vec<String> {
    let windows = &report.windows;
    let (Some(profile), Some(period)) = (windows.profile_ns, windows.period_ns) else {
        return Vec::new();
    };
    let took = i64::try_from(report.profile_samples).unwrap_or(i64::MAX);
    vec![format!(
        "The profile ran for {}, and its samples took {} of CPU time, on at most {}.",
        seconds(profile),
        seconds(took.saturating_mul(period)),
        counted(windows.max_threads, "thread"),
    )]
}

/// Whether goroutines ran in the trace long enough for samples to come.
pub(super) fn was_busy(report: &Report) -> bool {
    report.rate.running_ns / report.expected.period_ns >= ENOUGH
}

pub(super) fn no_trace_samples(report: &Report) -> Vec<String> {
    let ran = report.rate.running_ns;
    vec![if was_busy(report) {
        format!(
            "Goroutines ran for {} in all while the trace was taken, time for {}, and none came: the \
             profiler did not run then.",
            seconds(i64::try_from(ran).unwrap_or(i64::MAX)),
            counted(ran / report.expected.period_ns, "sample"),
        )
    } else {
        "The profiler did not run while the trace was taken, or the CPU was idle.".to_owned()
    }]
}
