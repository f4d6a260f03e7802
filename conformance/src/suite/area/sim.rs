//! Simulated runs: those of fixed seeds, and the hard cases, read again and held to the truth.
//!
//! The revision `seed` is left out: where it breaks the rules, that is B1, which
//! the [model](super::model) shows.

use sigprof_model::backend::Std;
use sigprof_sim::Seed;
use sigprof_sim::machine::{self, Revision};
use sigprof_sim::stage::{self, CASES};
use sigprof_sim::{truth as made, workload};

use crate::suite::Options;
use crate::suite::failure::{Checked, Failure};
use crate::truth::{self, Violation, judge};
use crate::{pprof, trace};

/// The revisions whose runs keep the rules.
const REVISIONS: [&str; 2] = ["go1.19", "go1.21"];

/// The case of drawn programs.
const DRAWN: &str = "drawn";

/// Drawn programs of a revision.
const fn limit(is_full: bool) -> u64 {
    if is_full { 2_000 } else { 100 }
}

/// `go1.19/drawn`, `go1.19/deep`
pub(super) fn cases() -> Vec<String> {
    let names = || {
        [DRAWN]
            .into_iter()
            .chain(CASES.iter().map(|&(name, _)| name))
    };
    let of = |revision: &'static str| names().map(move |name| format!("{revision}/{name}"));
    REVISIONS.into_iter().flat_map(of).collect()
}

pub(super) fn run(name: &str, options: &Options) -> Vec<Failure> {
    let parts = name.split_once('/');
    let parts = parts.and_then(|(revision, case)| Some((Revision::named(revision)?, case)));
    match parts {
        Some((revision, DRAWN)) => {
            let seeds = options.seeds(limit(options.is_full));
            seeds
                .flat_map(|seed| failures(&Run::drawn(seed, revision)))
                .collect()
        }
        Some((revision, case)) if CASES.iter().any(|(name, _)| *name == case) => {
            failures(&Run::staged(case, revision))
        }
        _ => vec![Failure::new("case", "a revision and a hard case", name)],
    }
}

/// What a run made.
struct Run {
    traces: Vec<Vec<u8>>,
    profiles: Vec<Vec<u8>>,
    truth: made::Truth,
    /// How it is made again.
    command: String,
}

impl Run {
    fn drawn(seed: Seed, revision: Revision) -> Self {
        let plan = workload::draw(seed);
        let mut traces: Vec<Vec<u8>> = Vec::new();
        let mut sink = |number: usize, piece: &[u8]| {
            traces.resize(traces.len().max(number + 1), Vec::new());
            traces[number].extend_from_slice(piece);
        };
        let run = machine::run::<Std>(seed, &plan, revision, &mut sink);
        // The revisions that there are write v1.
        let run = run.unwrap_or_else(|error| panic!("{}: {error}", revision.name));
        Self {
            traces,
            profiles: run.profiles,
            truth: run.truth,
            command: command(&format!("--seed {seed}"), revision),
        }
    }

    fn staged(case: &str, revision: Revision) -> Self {
        let staged = stage::run(&stage::case(case), revision);
        Self {
            traces: staged.traces,
            profiles: staged.profiles,
            truth: staged.truth,
            command: command(&format!("--seed 0 --case {case}"), revision),
        }
    }
}

fn command(options: &str, revision: Revision) -> String {
    format!(
        "sigprof sim {options} --revision {} --out DIR",
        revision.name
    )
}

fn failures(run: &Run) -> Vec<Failure> {
    let mut failures = Vec::new();
    if let Err(failure) = held_to_truth(run, &mut failures) {
        failures.push(failure);
    }
    failures
        .into_iter()
        .map(|f| f.again(&run.command))
        .collect()
}

/// # Errors
/// If something cannot be read; what is wrong otherwise goes into `failures`.
fn held_to_truth(run: &Run, failures: &mut Vec<Failure>) -> Checked {
    let broken =
        |error: &dyn std::fmt::Display| Failure::new("truth", "one that reads", error.to_string());
    let json = serde_json::to_vec(&run.truth).map_err(|e| broken(&e))?;
    let truth = truth::read(&json).map_err(|e| broken(&e))?;
    let mut add = |violations: Vec<Violation>| failures.extend(violations.iter().map(violated));
    for (number, bytes) in run.traces.iter().enumerate() {
        let trace = trace::read(bytes).map_err(|e| Failure::input(&e).file("trace"))?;
        add(judge(&truth, Some((number, &trace)), None));
    }
    for (number, bytes) in run.profiles.iter().enumerate() {
        let profile = pprof::read(bytes).map_err(|e| Failure::input(&e).file("profile.pb.gz"))?;
        add(judge(&truth, None, Some((number, &profile))));
    }
    Ok(())
}

fn violated(violation: &Violation) -> Failure {
    let Violation {
        rule,
        at,
        want,
        got,
    } = violation;
    Failure::new(format!("{rule:?}: {at}"), want.to_string(), got.to_string()).rule(rule.spec())
}
