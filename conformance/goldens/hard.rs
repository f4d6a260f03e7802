//! The hard cases (`sim/stages/`) in a few lines: what became of each signal, what trace and
//! profile show, and what the check says of them, revision by revision.

use std::fmt::Write;

use sigprof::check::{Narrow, check_collected as check};
use sigprof::pprof;
use sigprof::trace::v1 as trace;
use sigprof_model::backend::catch_throw;
use sigprof_sim::Seed;
use sigprof_sim::machine::Revision;
use sigprof_sim::stage::{self, CASES, Staged};
use sigprof_sim::truth::Signal;

use crate::Golden;

/// The first comment of a plan, and the outcome.
pub(crate) fn summary(name: &str) -> Golden {
    let (_, plan) = CASES
        .iter()
        .find(|(case, _)| *case == name)
        .expect("a case");
    let about = plan.lines().take_while(|line| line.starts_with('#'));
    let about: Vec<_> = about.map(|line| line.trim_start_matches("# ")).collect();
    let mut text = String::new();
    let mut last = String::new();
    for revision in Revision::V1 {
        let run = || stage::run(&stage::case(name), revision, Seed(0));
        let outcome = match catch_throw(run) {
            Ok(staged) => outcome(&staged),
            Err(_) => "the runtime crashes\n".to_owned(),
        };
        if outcome == last {
            let _ = writeln!(text, "{}: the same", revision.name);
        } else {
            let _ = writeln!(text, "{}:\n{outcome}", revision.name);
        }
        last = outcome;
    }
    (about.join(" "), text)
}

fn outcome(staged: &Staged) -> String {
    let mut text = String::new();
    let mut groups: Vec<(String, u32)> = Vec::new();
    for signal in &staged.truth.signals {
        let line = fate(signal);
        match groups.last_mut() {
            Some((last, count)) if *last == line => *count += 1,
            _ => groups.push((line, 1)),
        }
    }
    for (line, count) in groups {
        let _ = writeln!(text, "  {count} x {line}");
    }
    for (at, (bytes, truth)) in staged.traces.iter().zip(&staged.truth.traces).enumerate() {
        let trace = trace::read(bytes).expect("a trace that reads");
        let _ = writeln!(
            text,
            "  trace {}: {} events and {} samples; {} dropped",
            at + 1,
            truth.events,
            trace.samples().count(),
            truth.overflowed
        );
    }
    for (at, bytes) in staged.profiles.iter().enumerate() {
        let profile = pprof::read(bytes).expect("a profile that reads");
        let leaf = |sample: &pprof::Sample| {
            let frame = profile.stack(sample).next().map(|f| f.function.clone());
            let labels = if sample.labels.is_empty() {
                ""
            } else {
                " with labels"
            };
            let frames = sample.frames.len();
            format!(
                "{} x {}/{frames}{labels}",
                sample.count,
                frame.unwrap_or_default()
            )
        };
        let samples: Vec<_> = profile.samples.iter().map(leaf).collect();
        let _ = writeln!(text, "  profile {}: {}", at + 1, samples.join(", "));
    }
    if let (Some(trace), Some(profile)) = (staged.traces.first(), staged.profiles.first()) {
        let trace = trace::read(trace).expect("a trace that reads");
        let profile = pprof::read(profile).expect("a profile that reads");
        let said = match check(&trace, &profile, &Narrow::default()) {
            Ok(report) => report.summary,
            Err(nothing) => nothing.to_string(),
        };
        let _ = writeln!(text, "  check: {said}");
    }
    text
}

fn fate(signal: &Signal) -> String {
    let p = signal.p.map_or("no P".to_owned(), |p| format!("P {p}"));
    let arrived = match (signal.in_trace, signal.in_profile) {
        (Some(in_trace), Some(in_profile)) => {
            format!("{in_trace:?} in the trace, {in_profile:?} in the profile")
        }
        _ => format!("{:?}", signal.fate),
    };
    format!(
        "{p}, goroutine {}, {} frames: {arrived}",
        signal.g, signal.stack
    )
}
