//! Moments and times that a picture points out: losses, gaps, leaks, and what they mean in words.

use serde::Serialize;

use super::Outcome;
use super::timeline::Timeline;
use crate::page::seconds;
use crate::shown::counted;

/// Marks of a kind that a page has; the text says how many more there are.
const MOST: usize = 200;

/// Part of the time that is pointed out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Mark {
    pub(super) kind: Kind,
    pub(super) from_ns: i64,
    pub(super) to_ns: i64,
    pub(super) text: String,
}

/// A kind of mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Kind {
    /// No sample came, though goroutines ran.
    Gap,
    /// The ring of a v1 tracer was full.
    Full,
    /// A ring of a v2 tracer may have wrapped before its last read.
    Wrap,
    /// Samples came two generations late.
    Leak,
    /// The profile's window lies elsewhere.
    Outside,
}

impl Kind {
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Gap => "no sample",
            Self::Full => "ring full",
            Self::Wrap => "left in the ring",
            Self::Leak => "came late",
            Self::Outside => "no profile",
        }
    }

    /// The class that colours it.
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Gap => "gap",
            Self::Full => "full",
            Self::Wrap => "wrap",
            Self::Leak => "leak",
            Self::Outside => "outside",
        }
    }
}

/// All marks of an outcome, by kind and time, and how many were left out.
pub(super) fn marks(outcome: &Outcome, line: &Timeline) -> (Vec<Mark>, usize) {
    let mut marks = Vec::new();
    let mut left_out = 0;
    let kinds = [
        gaps(outcome),
        full(outcome),
        wraps(outcome),
        leaks(outcome, line),
        outside(outcome),
    ];
    for mut kind in kinds {
        left_out += kind.len().saturating_sub(MOST);
        kind.truncate(MOST);
        marks.append(&mut kind);
    }
    (marks, left_out)
}

fn gaps(outcome: &Outcome) -> Vec<Mark> {
    let expected = outcome.expected();
    let gaps = expected.gaps.iter().map(|gap| Mark {
        kind: Kind::Gap,
        from_ns: gap.from_ns,
        to_ns: gap.to_ns,
        text: format!(
            "No sample from {} to {}, though goroutines ran for {} in all: time for {}.",
            seconds(gap.from_ns),
            seconds(gap.to_ns),
            seconds(gap.running_ns),
            counted(gap.running_ns / expected.period_ns.max(1), "sample"),
        ),
    });
    gaps.collect()
}

fn full(outcome: &Outcome) -> Vec<Mark> {
    let full = outcome.ring().full.iter().map(|drain| {
        let from = drain.full_from_ns.unwrap_or(drain.drained_ns);
        Mark {
            kind: Kind::Full,
            from_ns: from,
            to_ns: drain.drained_ns,
            text: format!(
                "The ring was full from {} until it was drained at {}: {} in {}.",
                seconds(from),
                seconds(drain.drained_ns),
                counted(drain.records, "record"),
                counted(drain.words, "word"),
            ),
        }
    });
    full.collect()
}

fn wraps(outcome: &Outcome) -> Vec<Mark> {
    let ring = outcome.ring();
    let wraps = ring.wrapped().map(|end| Mark {
        kind: Kind::Wrap,
        from_ns: end.last_taken_ns,
        to_ns: end.ended_ns,
        text: format!(
            "The last sample of generation {} that came was taken at {}{}. Those up to {} were left at \
             the ring's beginning, where its last read did not go.",
            end.generation,
            seconds(end.last_taken_ns),
            match end.free_words {
                Some(free) if !end.has_full_labels() => format!(", {free} words before the ring's end"),
                _ => String::new(),
            },
            seconds(end.ended_ns),
        ),
    });
    wraps.collect()
}

fn leaks(outcome: &Outcome, line: &Timeline) -> Vec<Mark> {
    let leaks = outcome
        .ring()
        .replay
        .iter()
        .flat_map(|replay| &replay.leaks);
    let leaks = leaks.map(|leak| Mark {
        kind: Kind::Leak,
        from_ns: leak.first_taken_ns,
        to_ns: *line
            .late
            .get(&leak.generation)
            .unwrap_or(&leak.first_taken_ns),
        text: format!(
            "{} of generation {}, taken from {} on, came with generation {}: the ring had wrapped.",
            counted(leak.samples, "sample"),
            leak.taken_in,
            seconds(leak.first_taken_ns),
            leak.generation,
        ),
    });
    leaks.collect()
}

/// The parts of the trace in which no profile was taken, by both clocks.
fn outside(outcome: &Outcome) -> Vec<Mark> {
    let windows = outcome.windows();
    let Some((from, to)) = windows.profile_window() else {
        return Vec::new();
    };
    let parts = [
        (0, from.min(windows.trace_ns)),
        (to.max(0), windows.trace_ns),
    ];
    // A hundredth of a second is no part to be seen or to be told.
    let parts = parts
        .into_iter()
        .filter(|(from, to)| to - from > 10_000_000);
    let parts = parts.map(|(from, to)| Mark {
        kind: Kind::Outside,
        from_ns: from,
        to_ns: to,
        text: format!(
            "From {} to {} the trace ran without the profile.",
            seconds(from),
            seconds(to)
        ),
    });
    parts.collect()
}
