//! The outcome in words, and as a table: which side has more, by how much, why,
//! and what to do.

use std::fmt::Write;

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

use super::narrow::Judged;
use super::report::{Report, StackReport};
use super::verdict::{Reason, Verdict};

/// Rows of the table that are shown if not all are asked for.
const ROWS: usize = 15;

/// Frames of a stack that the table shows, from the leaf on.
const FRAMES: usize = 3;

/// The verdict in one sentence.
pub(super) fn summary(report: &Report) -> String {
    let Report {
        trace_samples,
        profile_samples,
        missing,
        surplus,
        ..
    } = report;
    let missing =
        format!("{missing} of the profile's {profile_samples} samples are not in the trace");
    let surplus =
        format!("{surplus} of the trace's {trace_samples} samples are not in the profile");
    match (report.verdict, report.reason) {
        (Verdict::Match, _) => match report.judged {
            Judged::BothWays => format!(
                "match: trace and profile have the same {trace_samples} samples, stack by stack"
            ),
            Judged::TraceAtLeast => format!(
                "match: the trace has each of the profile's {profile_samples} selected samples, stack by stack"
            ),
            Judged::TraceAtMost => format!(
                "match: the profile has each of the trace's {trace_samples} selected samples, stack by stack"
            ),
        },
        (Verdict::Lost, Some(Reason::RingCapacity)) => {
            format!("lost: the ring's capacity was reached; {missing}")
        }
        (Verdict::Lost, Some(Reason::Window)) => {
            format!("lost: the profile ran longer than the trace; {missing}")
        }
        (Verdict::Lost, _) => format!("lost: how long the profile ran is not known; {missing}"),
        (Verdict::Surplus, Some(Reason::ProfileRing)) => {
            format!("surplus: the profiler's own ring overflowed; {surplus}")
        }
        (Verdict::Surplus, Some(Reason::Window)) => {
            format!("surplus: the trace ran longer than the profile; {surplus}")
        }
        (Verdict::Surplus, _) => {
            format!("surplus: how long the profile ran is not known; {surplus}")
        }
        (Verdict::NoOverlap, reason) => format!(
            "no overlap: {}",
            match reason {
                Some(Reason::OldFormat) =>
                    "traces from before Go 1.19 have no CPU samples".to_owned(),
                Some(Reason::NoTraceSamples) =>
                    format!("the trace has no sample, the profile {profile_samples}"),
                Some(Reason::NoProfileSamples) =>
                    format!("the profile has no sample, the trace {trace_samples}"),
                _ => format!(
                    "not one stack occurs on both sides (trace {trace_samples} samples, profile {profile_samples})"
                ),
            }
        ),
        (Verdict::Synthetic, _) => {
            "synthetic: neither side has a stack that could be walked".to_owned()
        }
        (Verdict::Wrong, _) => {
            format!("wrong: the counts differ and nothing explains it; {missing}, and {surplus}")
        }
    }
}

/// How the outcome is laid out.
#[derive(Clone, Copy, Debug, Default)]
pub struct Layout {
    /// Show every stack and every frame.
    pub all: bool,
    /// Columns of the terminal; none: tables are as wide as they need to be.
    pub width: Option<u16>,
}

/// Columns of running text where there is no terminal.
const TEXT_WIDTH: u16 = 100;

/// The whole outcome for people.
#[must_use]
pub fn text(report: &Report, layout: Layout) -> String {
    let mut out = format!("{}\n\n", report.summary);
    sides(report, &mut out);
    for (title, lines) in [("Why", why(report)), ("What to do", what_to_do(report))] {
        for (i, line) in lines.iter().enumerate() {
            let title = if i == 0 { title } else { "" };
            let first = format!("  {title:<11} ");
            let width = layout.width.unwrap_or(TEXT_WIDTH).min(TEXT_WIDTH);
            let options = textwrap::Options::new(width.into())
                .initial_indent(&first)
                .subsequent_indent("              ");
            let _ = writeln!(out, "{}", textwrap::fill(line, options));
        }
    }
    let _ = writeln!(out);
    table(report, layout, &mut out);
    out
}

fn sides(report: &Report, out: &mut String) {
    let side = |name: &str, samples, synthetic, ns: Option<i64>| {
        let synthetic = match synthetic {
            0 => String::new(),
            n => format!(" and {n} stand-ins"),
        };
        let ran = ns.map_or("an unknown time".into(), seconds);
        format!("  {name:<11} {samples} samples{synthetic} in {ran}\n")
    };
    let windows = &report.windows;
    out.push_str(&side(
        "Trace",
        report.trace_samples,
        report.trace_synthetic,
        Some(windows.trace_ns),
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
        .map(|(k, v)| format!("profile: label {k}={v}"))
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

fn why(report: &Report) -> Vec<String> {
    let mut lines = Vec::new();
    let has = |reason| {
        report.reason == Some(reason) || report.stacks.iter().any(|s| s.reason == Some(reason))
    };
    if has(Reason::RingCapacity) {
        lines.extend(ring(report));
    }
    if has(Reason::Window) || report.verdict == Verdict::Wrong {
        lines.push(window(report));
    }
    if report.profile_lost > 0 {
        lines.push(format!(
            "The profiler's own ring overflowed: the profile counts {} samples as lost (runtime/pprof.lostProfileEvent).",
            report.profile_lost
        ));
    }
    match report.reason {
        Some(Reason::NoTraceSamples) => lines.push(
            "The profiler did not run while the trace was taken, or the CPU was idle.".into(),
        ),
        Some(Reason::NoProfileSamples) => {
            lines.push("The trace's samples come from another profile than this one.".into())
        }
        Some(Reason::NoCommonStack) => lines.push(
            "The two come from different runs or times, or one was symbolised from another binary."
                .into(),
        ),
        _ => {}
    }
    if has(Reason::Narrowing) {
        lines.push(match report.judged {
            Judged::TraceAtLeast => "Only the profile knows labels, so more samples in the trace are no fault (verdict surplus below).".into(),
            _ => "Only the trace knows goroutines and regions, so more samples in the profile are no fault (verdict lost below).".into(),
        });
    }
    if report.verdict == Verdict::Wrong {
        lines.push(full_too_short(report));
    }
    lines
}

fn ring(report: &Report) -> Vec<String> {
    let ring = &report.ring;
    let mut lines = vec![format!(
        "The tracer keeps samples in a ring of {} words until the trace's reader comes by; what comes while it is full is dropped.",
        ring.capacity_words
    )];
    const SHOWN: usize = 3;
    for drain in ring.full.iter().take(SHOWN) {
        let free = ring.capacity_words.saturating_sub(drain.words);
        lines.push(format!(
            "It was full from {} on, with {} samples in {} words ({free} free, {} wanted), until it was drained at {}.",
            seconds(drain.last_taken_ns),
            drain.records,
            drain.words,
            2 * ring.largest_record_words,
            seconds(drain.drained_ns),
        ));
    }
    if ring.full.len() > SHOWN {
        lines.push(format!("And {} times more.", ring.full.len() - SHOWN));
    }
    lines
}

/// Why the ring does not explain what is missing.
fn full_too_short(report: &Report) -> String {
    let ring = &report.ring;
    match ring.dropped(&report.windows) {
        Some(dropped @ 1..) => format!(
            "The tracer's ring was full {} times, but not for long enough: room for at most {dropped} samples.",
            ring.full.len()
        ),
        _ => format!(
            "The tracer's ring was never full ({} drains), so it dropped nothing.",
            ring.drains
        ),
    }
}

fn window(report: &Report) -> String {
    let windows = &report.windows;
    let Some(profile_ns) = windows.profile_ns else {
        return "The profile does not say how long it ran.".into();
    };
    let difference = profile_ns.saturating_sub(windows.trace_ns);
    let (longer, room) = if difference >= 0 {
        ("profile", windows.outside_trace())
    } else {
        ("trace", windows.outside_profile())
    };
    let room = room.map_or("an unknown number of".into(), |n| format!("at most {n}"));
    format!(
        "The {longer} ran {} longer: room for {room} samples on {} threads.",
        seconds(difference.saturating_abs()),
        windows.threads,
    )
}

fn what_to_do(report: &Report) -> Vec<String> {
    let text = match (report.verdict, report.reason) {
        (Verdict::Match, _) => return Vec::new(),
        (Verdict::Lost, Some(Reason::RingCapacity)) => {
            "Trust the profile for totals; the trace has every sample up to the moment above. To lose none: trace for a shorter time, \
             at a lower rate, with more events (Go up to 1.21 drains only when a buffer of events is full, golang/go#52674), or use Go 1.22 or later."
        }
        (Verdict::Lost | Verdict::Surplus, Some(Reason::Window)) => {
            "Compare only what both saw: set a label and a region around the work (pprof.Do, trace.WithRegion) and check with --label and --region."
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
        (Verdict::Wrong, _) => {
            "Look at the stacks below: if their frames differ only in spelling, a tool has rewritten one side; if not, samples were lost, \
             doubled or changed on the way, and that is a bug in whatever produced the pair."
        }
    };
    vec![text.to_owned()]
}

fn table(report: &Report, layout: Layout, out: &mut String) {
    let rows = if layout.all {
        report.stacks.len()
    } else {
        ROWS
    };
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(["verdict", "trace", "profile", "stack, leaf first"]);
    for stack in report.stacks.iter().take(rows) {
        table.add_row([
            stack.verdict.to_string(),
            stack.trace.to_string(),
            stack.profile.to_string(),
            frames(stack, layout.all),
        ]);
    }
    if let Some(width) = layout.width {
        table.set_width(width.saturating_sub(1));
    }
    for index in [1, 2] {
        if let Some(column) = table.column_mut(index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let table = table.to_string();
    for line in table.lines() {
        let _ = writeln!(out, " {}", line.trim_end());
    }
    if let hidden @ 1.. = report.stacks.len().saturating_sub(rows) {
        let plural = if hidden == 1 { "" } else { "s" };
        let _ = writeln!(
            out,
            "  and {hidden} more stack{plural} with smaller differences (--all)"
        );
    }
}

fn frames(stack: &StackReport, all: bool) -> String {
    let shown = if all { stack.frames.len() } else { FRAMES };
    let mut text: Vec<_> = stack
        .frames
        .iter()
        .take(shown)
        .map(|f| format!("{}:{}", f.function, f.line))
        .collect();
    match stack.frames.len() - text.len() {
        0 if text.is_empty() => text.push("(no stack)".into()),
        0 => {}
        n => text.push(format!("{n} more")),
    }
    text.join(" < ")
}

fn seconds(ns: i64) -> String {
    format!(
        "{}.{:03} s",
        ns / 1_000_000_000,
        (ns % 1_000_000_000) / 1_000_000
    )
}
