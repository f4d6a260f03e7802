//! The hard cases (`sim/stages/`) in a few lines: what became of each signal, what trace and
//! profile show, and what the check says of them, revision by revision.

use std::fmt::Write;

use sigprof::check::{Narrow, check};
use sigprof::pprof;
use sigprof::trace::Reader;
use sigprof::truth::TraceSamples;
use sigprof_model::backend::catch_throw;
use sigprof_sim::Seed;
use sigprof_sim::machine::Revision;
use sigprof_sim::stage::{self, Staged};
use sigprof_sim::truth::{Generations, Signal};

use crate::Golden;

/// The first comment of a plan, and the outcome.
pub(crate) fn summary(name: &str) -> Golden {
    let stage = stage::case(name);
    let plan = stage::text(name).expect("a case");
    let about = plan.lines().take_while(|line| line.starts_with('#'));
    let about: Vec<_> = about.map(|line| line.trim_start_matches("# ")).collect();
    let mut text = String::new();
    let mut last = String::new();
    let revisions = Revision::V1.into_iter().chain(Revision::V2);
    for revision in revisions.filter(|&revision| stage.check_for(revision).is_ok()) {
        let run = || stage::run(&stage, revision, Seed(0));
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
        let samples = samples(bytes);
        let what = match truth.generations {
            None => format!("{} events", truth.events),
            generations => generations_in_words(generations),
        };
        let _ = writeln!(
            text,
            "  trace {}: {what} and {samples} samples; {} dropped",
            at + 1,
            truth.overflowed
        );
    }
    let snapshots = staged.snapshots.iter().zip(&staged.truth.snapshots);
    for (at, (bytes, truth)) in snapshots.enumerate() {
        let what = generations_in_words(truth.generations);
        let _ = writeln!(
            text,
            "  snapshot {}: {what} and {} samples",
            at + 1,
            samples(bytes)
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
        let mut trace = Reader::new(trace).expect("a trace that reads");
        let profile = pprof::read(profile).expect("a profile that reads");
        let said = match check(&mut trace, &profile, &Narrow::default()) {
            Ok(report) => report.summary,
            Err(nothing) => nothing.to_string(),
        };
        let _ = writeln!(text, "  check: {said}");
    }
    text
}

fn samples(bytes: &[u8]) -> usize {
    let read = TraceSamples::read(bytes).expect("a trace that reads");
    read.samples.len()
}

fn generations_in_words(generations: Option<Generations>) -> String {
    match generations {
        Some(Generations { first, last }) if first == last => format!("generation {first}"),
        Some(Generations { first, last }) => format!("generations {first} to {last}"),
        None => "no generation".to_owned(),
    }
}

fn fate(signal: &Signal) -> String {
    let p = signal.p.map_or("no P".to_owned(), |p| format!("P {p}"));
    let arrived = match (signal.in_trace, signal.in_profile) {
        (Some(in_trace), Some(in_profile)) => {
            let in_trace = match (signal.generation, signal.read_in) {
                (Some(taken), Some(read)) if taken != read => {
                    format!("{in_trace:?} from generation {taken} into {read}")
                }
                (Some(taken), _) => format!("{in_trace:?} in generation {taken}"),
                (None, _) => format!("{in_trace:?}"),
            };
            format!("{in_trace} in the trace, {in_profile:?} in the profile")
        }
        _ => format!("{:?}", signal.fate),
    };
    format!(
        "{p}, goroutine {}, {} frames: {arrived}",
        signal.g, signal.stack
    )
}
