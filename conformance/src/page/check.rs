//! The outcome of a check as a page: the verdict's words, the two windows, samples over time beside
//! those to be expected, the rings, and a flame graph of either side and of the difference.

mod bars;
mod buckets;
mod data;
mod flames;
mod marks;
mod timeline;

use askama::Template;

use super::{House, json, name, render, seconds, words};
use crate::check::rate::{Expected, Rate};
use crate::check::report::{Report, StackReport};
use crate::check::ring::Ring;
use crate::check::window::Windows;
use crate::check::{Alone, Verdict, words as said_of};
use crate::error::InputError;
use crate::explain;
use crate::shown::Shown;
use crate::trace::Reader;
use bars::{Bars, bars};
use data::Data;
use flames::{Counts, Flames};
use marks::Mark;
use timeline::Timeline;

const HOUSE: House = House {
    styles: &[
        include_str!("vendor/uPlot.min.css"),
        include_str!("check/page.css"),
    ],
    scripts: &[
        include_str!("vendor/uPlot.iife.min.js"),
        include_str!("vendor/flame-graph.min.js"),
        include_str!("check/time.js"),
        include_str!("check/flames.js"),
    ],
    has_others: true,
};

/// Stacks that the table shows, and frames of each.
const ROWS: usize = 15;
const FRAMES: usize = 5;

/// The outcome that a page shows.
#[derive(Clone, Copy, Debug)]
pub enum Outcome<'a> {
    /// Of a trace and a profile.
    Pair(&'a Report),
    /// Of a trace alone.
    Alone(&'a Alone),
}

/// The head of a page: where its files are, as the user named them.
#[derive(Clone, Debug)]
pub struct Head {
    /// The trace's path.
    pub trace: String,
    /// The profile, if there is one.
    pub profile: Option<String>,
}

/// The page of an outcome. The trace is read once more, from its beginning.
///
/// # Errors
/// What is wrong with the trace, where its reader does not keep going.
pub fn page(head: &Head, outcome: Outcome, trace: &mut Reader) -> Result<String, InputError> {
    let mut flames = Flames::default();
    let of_trace = match outcome {
        Outcome::Pair(report) => {
            add_stacks(&mut flames, report);
            None
        }
        Outcome::Alone(_) => Some(&mut flames),
    };
    let line = Timeline::read(trace, &outcome.rate().threads, outcome.ring(), of_trace)?;
    let (marks, marks_left_out) = marks::marks(&outcome, &line);
    let data = json(&Data::new(&outcome, &line, &marks, flames.graph()));
    let page = Page {
        house: HOUSE,
        head,
        verdict: outcome.verdict(),
        headline: headline(outcome.summary()),
        said: outcome.said(),
        bars: bars(&outcome),
        lanes: lanes(&line, outcome.expected()),
        sums: Sums::new(&outcome, &line),
        marks,
        marks_left_out,
        stacks: outcome.stacks().iter().take(ROWS).map(row).collect(),
        all_stacks: outcome.stacks().len(),
        version: env!("CARGO_PKG_VERSION"),
        data,
    };
    Ok(render(&page))
}

impl<'a> Outcome<'a> {
    /// The meanings of verdict and reason, and how to have more of it: the words of `sigprof explain`.
    fn meanings(&self) -> Vec<String> {
        let reason = match self {
            Self::Pair(report) => report.reason,
            Self::Alone(alone) => alone.reason,
        };
        let verdict = self.verdict();
        let mut lines = vec![format!("{verdict}: {}", verdict.meaning())];
        lines.extend(reason.map(|reason| format!("{reason}: {}", reason.meaning())));
        let reason = reason.map(|reason| reason.to_string());
        lines.extend(explain::hint(
            [verdict.to_string()].into_iter().chain(reason),
        ));
        lines
    }

    fn verdict(&self) -> Verdict {
        match self {
            Self::Pair(report) => report.verdict,
            Self::Alone(alone) => alone.verdict,
        }
    }

    fn summary(&self) -> &'a str {
        match self {
            Self::Pair(report) => &report.summary,
            Self::Alone(alone) => &alone.summary,
        }
    }

    fn said(&self) -> Vec<(&'static str, Vec<String>)> {
        let said = match self {
            Self::Pair(report) => said_of::said(report).to_vec(),
            Self::Alone(alone) => alone.said().to_vec(),
        };
        let meanings = [("In words", self.meanings())];
        let said = said.into_iter().chain(meanings);
        let said = said.filter(|(_, lines)| !lines.is_empty());
        said.map(|(title, lines)| (title, lines.iter().map(|line| words(line)).collect()))
            .collect()
    }

    fn windows(&self) -> &'a Windows {
        match self {
            Self::Pair(report) => &report.windows,
            Self::Alone(alone) => &alone.windows,
        }
    }

    fn ring(&self) -> &'a Ring {
        match self {
            Self::Pair(report) => &report.ring,
            Self::Alone(alone) => &alone.ring,
        }
    }

    fn rate(&self) -> &'a Rate {
        match self {
            Self::Pair(report) => &report.rate,
            Self::Alone(alone) => &alone.rate,
        }
    }

    fn expected(&self) -> &'a Expected {
        match self {
            Self::Pair(report) => &report.expected,
            Self::Alone(alone) => &alone.expected,
        }
    }

    fn stacks(&self) -> &'a [StackReport] {
        match self {
            Self::Pair(report) => &report.stacks,
            Self::Alone(_) => &[],
        }
    }

    fn is_damaged(&self) -> bool {
        match self {
            Self::Pair(report) => !report.damage.is_empty(),
            Self::Alone(alone) => !alone.damage.is_empty(),
        }
    }

    /// Whether a part of the pair is compared, and not all.
    fn is_narrowed(&self) -> bool {
        match self {
            Self::Pair(report) => report.narrow != crate::check::Narrow::default(),
            Self::Alone(_) => false,
        }
    }
}

fn add_stacks(flames: &mut Flames, report: &Report) {
    for stack in &report.stacks {
        let StackReport { trace, profile, .. } = *stack;
        let is_compared = stack.verdict != Verdict::Synthetic;
        let over = |a: u64, b: u64| if is_compared { a.saturating_sub(b) } else { 0 };
        let counts = Counts {
            trace,
            profile,
            missing: over(profile, trace),
            surplus: over(trace, profile),
        };
        let mut names: Vec<_> = stack.frames.iter().map(|f| f.function).collect();
        names.reverse();
        flames.add(names.into_iter(), counts);
    }
}

/// A page as its template sees it.
#[derive(Template)]
#[template(path = "check.html")]
struct Page<'a> {
    house: House,
    head: &'a Head,
    verdict: Verdict,
    headline: (String, String),
    said: Vec<(&'static str, Vec<String>)>,
    bars: Bars,
    lanes: Vec<LaneRow>,
    sums: Sums,
    marks: Vec<Mark>,
    marks_left_out: usize,
    stacks: Vec<StackRow>,
    all_stacks: usize,
    version: &'static str,
    data: String,
}

/// The outcome in one sentence: the verdict, and the rest.
fn headline(summary: &str) -> (String, String) {
    let summary = words(summary);
    let at = summary.find(':').unwrap_or(0);
    let (verdict, rest) = summary.split_at(at);
    (verdict.to_owned(), rest.to_owned())
}

/// A thread in the table.
struct LaneRow {
    name: String,
    ran: String,
    expected: u64,
    samples: u64,
}

fn lanes(line: &Timeline, expected: &Expected) -> Vec<LaneRow> {
    let what = if line.is_by_proc { "P" } else { "thread" };
    let mut names: Vec<_> = line.names.iter().map(|id| format!("{what} {id}")).collect();
    names.push(format!("{} others", line.others));
    let rows = line.lanes.iter().zip(names).map(|(lane, name)| {
        let ran = lane
            .ran
            .iter()
            .fold(0, |sum: u64, &ns| sum.saturating_add(ns));
        LaneRow {
            name,
            ran: seconds(ran),
            expected: ran / expected.period_ns.max(1),
            samples: lane.samples.iter().sum(),
        }
    });
    let mut rows: Vec<_> = rows.collect();
    // The last one is there for those that have no row of their own.
    let is_empty = |row: &LaneRow| line.others == 0 && row.samples == 0;
    if rows.last().is_some_and(is_empty) {
        rows.pop();
    } else if let Some(last) = rows.last_mut().filter(|_| line.others == 0) {
        last.name = format!("no {what}");
    }
    rows
}

/// Sums that the page says.
struct Sums {
    samples: u64,
    running: String,
    expected: u64,
    came: u64,
    period: String,
    is_assumed: bool,
    trace: u64,
    profile: Option<u64>,
    missing: u64,
    surplus: u64,
    /// The stand-ins among them, in words.
    of_trace: String,
    of_profile: String,
    drains: u64,
    capacity: u64,
    generations: usize,
    reads: usize,
    is_v2: bool,
    is_known: bool,
    is_damaged: bool,
    is_narrowed: bool,
}

impl Sums {
    fn new(outcome: &Outcome, line: &Timeline) -> Self {
        let (trace, profile, missing, surplus) = match outcome {
            Outcome::Pair(r) => (
                r.trace_samples + r.trace_synthetic,
                Some(r.profile_samples + r.profile_synthetic),
                r.missing,
                r.surplus,
            ),
            Outcome::Alone(alone) => (alone.trace_samples, None, 0, 0),
        };
        let (of_trace, of_profile) = match outcome {
            Outcome::Pair(report) => (report.trace_synthetic, report.profile_synthetic),
            Outcome::Alone(_) => (0, 0),
        };
        let stand_ins = |n: u64| match n {
            0 => String::new(),
            n => format!(" ({n} of them stand-ins)"),
        };
        let expected = outcome.expected();
        let micros = expected.period_ns / 1_000;
        Self {
            samples: line.samples,
            running: seconds(outcome.rate().running_ns),
            expected: expected.expected,
            came: expected.came,
            period: format!("{}.{:02} ms", micros / 1_000, micros % 1_000 / 10),
            is_assumed: expected.is_assumed,
            trace,
            profile,
            missing,
            surplus,
            of_trace: stand_ins(of_trace),
            of_profile: stand_ins(of_profile),
            drains: outcome.ring().drains,
            capacity: outcome.ring().capacity_words,
            generations: line.generations.len(),
            reads: line.reads.len(),
            is_v2: !line.is_by_proc,
            is_known: line
                .rings
                .iter()
                .any(|ring| ring.0.iter().any(Option::is_some)),
            is_damaged: outcome.is_damaged(),
            is_narrowed: outcome.is_narrowed(),
        }
    }
}

/// A stack in the table.
struct StackRow {
    verdict: Verdict,
    trace: u64,
    profile: u64,
    frames: Vec<String>,
    more: usize,
}

fn row(stack: &StackReport) -> StackRow {
    let frames = stack.frames.iter().take(FRAMES);
    let frames = frames.map(|f| format!("{}:{}", name(f.function), f.line));
    StackRow {
        verdict: stack.verdict,
        trace: stack.trace,
        profile: stack.profile,
        frames: frames.collect(),
        more: stack.frames.len().saturating_sub(FRAMES),
    }
}
