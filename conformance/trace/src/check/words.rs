//! The outcome in words, and as a table: which side has more, by how much, why,
//! and what to do.

pub(super) mod came;
pub(super) mod snapshot;
mod table;
mod why;

use std::fmt::Write;

use super::narrow::Judged;
use super::report::Report;
use super::verdict::Verdict;
use crate::shown::{Shown, are, counted, wrap};
use why::{what_to_do, why};

/// Says it all in words.
pub(super) fn tell(report: &mut Report) {
    report.summary = summary(report);
    report.why = why(report);
    report.advice = what_to_do(report);
    report.notes = came::notes(report);
    let window = report.snapshot.iter();
    report.notes.extend(window.flat_map(snapshot::notes));
    let advice = report.snapshot.as_ref().and_then(snapshot::advice);
    report.advice.extend(advice);
}

/// The verdict in one sentence.
fn summary(report: &Report) -> String {
    match (report.verdict, report.reason) {
        (Verdict::Match, _) => matched(report),
        (Verdict::Wrong, _) => format!(
            "wrong: the counts differ and nothing explains it; {}, and {}",
            missing(report),
            surplus(report)
        ),
        (_, Some(reason)) => reason.sentence(report),
        (_, None) if report.trace_samples + report.profile_samples > 0 => format!(
            "synthetic: the trace has {} stand-ins for stacks, the profile only {}; the rest is equal",
            report.trace_synthetic, report.profile_synthetic
        ),
        (_, None) => "synthetic: neither side has a stack that could be walked".to_owned(),
    }
}

/// Samples that the trace does not have.
pub(super) fn missing(report: &Report) -> String {
    let Report {
        missing,
        profile_samples,
        ..
    } = report;
    format!(
        "{missing} of the profile's {} {} not in the trace",
        counted(*profile_samples, "sample"),
        are(*missing)
    )
}

/// Samples that the profile does not have.
pub(super) fn surplus(report: &Report) -> String {
    let Report {
        surplus,
        trace_samples,
        ..
    } = report;
    format!(
        "{surplus} of the trace's {} {} not in the profile",
        counted(*trace_samples, "sample"),
        are(*surplus)
    )
}

/// Nothing is missing, and nothing too much.
pub(super) fn matched(report: &Report) -> String {
    let Report {
        trace_samples,
        profile_samples,
        ..
    } = report;
    match report.judged {
        Judged::BothWays => format!(
            "match: trace and profile have the same {}, stack by stack",
            counted(*trace_samples, "sample")
        ),
        Judged::TraceAtLeast => format!(
            "match: the trace has each of the profile's {}, stack by stack",
            counted(*profile_samples, "selected sample")
        ),
        Judged::TraceAtMost => format!(
            "match: the profile has each of the trace's {}, stack by stack",
            counted(*trace_samples, "selected sample")
        ),
    }
}

/// The part of the trace that was looked at.
pub(super) fn selection(report: &Report) -> String {
    let goroutine = report.narrow.goroutine.map(|g| format!("in goroutine {g}"));
    let region = report.narrow.region.as_ref();
    let region = region.map(|name| format!("in region {name:?}"));
    let parts: Vec<_> = goroutine.into_iter().chain(region).collect();
    parts.join(" and ")
}

/// How the outcome is laid out.
#[derive(Clone, Copy, Debug, Default)]
pub struct Layout {
    /// Show every stack and every frame.
    pub all: bool,
    /// Columns of the terminal; none: tables are as wide as they need to be.
    pub width: Option<u16>,
}

impl Layout {
    /// Columns of running text.
    #[must_use]
    pub fn text_width(&self) -> usize {
        self.width.unwrap_or(TEXT_WIDTH).min(TEXT_WIDTH).into()
    }
}

/// Columns of running text where there is no terminal.
const TEXT_WIDTH: u16 = 100;

/// The whole outcome for people.
#[must_use]
pub fn text(report: &Report, layout: Layout) -> String {
    let mut out = format!("{}\n\n", report.summary);
    sides(report, &mut out);
    for (title, lines) in said(report) {
        paragraphs(title, &lines, layout.text_width(), &mut out);
    }
    let _ = writeln!(out);
    table::write(report, layout, &mut out);
    out
}

/// All that is said of the outcome below its headline: titles, with a paragraph each line.
#[must_use]
pub fn said(report: &Report) -> [(&'static str, Vec<String>); 3] {
    [
        ("Why", report.why.clone()),
        ("What to do", report.advice.clone()),
        ("Note", report.notes.clone()),
    ]
}

/// Writes paragraphs in lines of so many characters, the first one behind a title.
pub(super) fn paragraphs(title: &str, lines: &[String], width: usize, out: &mut String) {
    for (i, line) in lines.iter().enumerate() {
        let title = if i == 0 { title } else { "" };
        wrap(&format!("  {title:<11} "), line, width, out);
    }
}

fn sides(report: &Report, out: &mut String) {
    let side = |name: &str, samples, synthetic, ns: Option<i64>| {
        let synthetic = match synthetic {
            0 => String::new(),
            n => format!(" and {}", counted(n, "stand-in")),
        };
        let ran = ns.map_or("an unknown time".into(), seconds);
        format!(
            "  {name:<11} {}{synthetic} in {ran}\n",
            counted(samples, "sample")
        )
    };
    let windows = &report.windows;
    let trace_ns = Some(windows.trace_ns).filter(|&ns| ns > 0 || report.damage.is_empty());
    out.push_str(&side(
        "Trace",
        report.trace_samples,
        report.trace_synthetic,
        trace_ns,
    ));
    out.push_str(&side(
        "Profile",
        report.profile_samples,
        report.profile_synthetic,
        windows.profile_ns,
    ));
    let narrow = &report.narrow;
    let mut parts: Vec<_> = narrow
        .labels
        .iter()
        .map(|(k, v)| format!("profile: label {}={}", Shown(k), Shown(v)))
        .collect();
    parts.extend(narrow.goroutine.map(|g| format!("trace: goroutine {g}")));
    parts.extend(
        narrow
            .region
            .as_ref()
            .map(|name| format!("trace: region {name:?}")),
    );
    if !parts.is_empty() {
        let _ = writeln!(out, "  {:<11} {}", "Narrowed to", parts.join("; "));
    }
}

pub(super) fn seconds(ns: i64) -> String {
    format!(
        "{}.{:03} s",
        ns / 1_000_000_000,
        (ns % 1_000_000_000) / 1_000_000
    )
}

pub(super) fn times(n: u64) -> String {
    match n {
        1 => "once".into(),
        n => format!("{n} times"),
    }
}
