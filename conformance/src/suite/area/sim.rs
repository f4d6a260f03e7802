//! Simulated runs: those of fixed seeds, and the hard cases, read again and held to the truth.
//!
//! The revision `seed` is left out: where it breaks the rules, that is B1, which
//! the [model](super::model) shows.

use sigprof_model::backend::Std;
use sigprof_sim::Seed;
use sigprof_sim::machine::{self, Revision};
use sigprof_sim::pinned::{self, PINNED as PINNED_RUNS, Pinned};
use sigprof_sim::stage;
use sigprof_sim::{truth as made, workload};

use crate::again;
use crate::error::InputError;
use crate::failure::{Checked, Failure};
use crate::suite::Options;
use crate::truth::{self, Violation};

/// The revisions whose runs keep the rules.
const REVISIONS: [&str; 7] = [
    "go1.19", "go1.21", "go1.22", "go1.23", "go1.25", "go1.26", "fixed",
];

/// The case of drawn programs.
const DRAWN: &str = "drawn";

/// The case of runs whose bytes are known.
const PINNED: &str = "pinned";

/// Drawn programs of a revision.
const fn limit(is_full: bool) -> u64 {
    if is_full { 2_000 } else { 100 }
}

/// Names of cases: `go1.19/drawn`, `go1.19/deep`, `pinned`.
pub(super) fn cases() -> Vec<String> {
    let of = |revision: Revision| {
        let staged = stage::cases_of(revision).map(|(name, _)| name);
        let names = [DRAWN].into_iter().chain(staged);
        names.map(move |name| format!("{}/{name}", revision.name))
    };
    let of_revisions = REVISIONS.into_iter().filter_map(Revision::named);
    let of_revisions = of_revisions.flat_map(of);
    of_revisions.chain([PINNED.to_owned()]).collect()
}

pub(super) fn run(name: &str, options: &Options) -> Vec<Failure> {
    if name == PINNED {
        return PINNED_RUNS.iter().filter_map(moved).collect();
    }
    let parts = name.split_once('/');
    let parts = parts.and_then(|(revision, case)| Some((Revision::named(revision)?, case)));
    match parts {
        Some((revision, DRAWN)) => {
            let seeds = options.seeds(limit(options.is_full));
            seeds
                .flat_map(|seed| failures(&Run::drawn(seed, revision)))
                .collect()
        }
        Some((revision, case)) if stage::text(case).is_some() => {
            failures(&Run::staged(case, revision))
        }
        _ => vec![Failure::new("case", "a revision and a hard case", name)],
    }
}

/// The failure of a group of runs that make other bytes than they always made: this build
/// computes otherwise than others do.
fn moved(&(name, want): &Pinned) -> Option<Failure> {
    let got = match pinned::hash(name) {
        Ok(got) if got == want => return None,
        Ok(got) => format!("{got:#018x}"),
        Err(error) => error.to_string(),
    };
    Some(Failure::new(name, format!("{want:#018x}"), got).rule("S20.12"))
}

/// The output of a run.
struct Run {
    traces: Vec<Vec<u8>>,
    profiles: Vec<Vec<u8>>,
    snapshots: Vec<Vec<u8>>,
    truth: made::Truth,
    /// How it is made again.
    command: String,
}

impl Run {
    fn drawn(seed: Seed, revision: Revision) -> Self {
        let workload = workload::draw_for(seed, revision);
        let mut traces: Vec<Vec<u8>> = Vec::new();
        let mut sink = |number: usize, piece: &[u8]| {
            traces.resize(traces.len().max(number + 1), Vec::new());
            traces[number].extend_from_slice(piece);
        };
        let run = machine::run::<Std>(seed, &workload, revision, &mut sink);
        let run = run.unwrap_or_else(|error| panic!("{}: {error}", revision.name));
        Self {
            traces,
            profiles: run.profiles,
            snapshots: run.snapshots,
            truth: run.truth,
            command: command(&format!("--seed {}", again::seed(seed)), revision),
        }
    }

    fn staged(case: &str, revision: Revision) -> Self {
        let staged = stage::run(&stage::case(case), revision, Seed(0));
        Self {
            traces: staged.traces,
            profiles: staged.profiles,
            snapshots: staged.snapshots,
            truth: staged.truth,
            command: command(&format!("--seed 0 --case {case}"), revision),
        }
    }
}

fn command(options: &str, revision: Revision) -> String {
    again::command(&format!(
        "sim {options} --revision {} --output DIR",
        revision.name
    ))
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

/// Holds a run to its truth.
///
/// # Errors
/// If something cannot be read; what is wrong otherwise goes into `failures`.
fn held_to_truth(run: &Run, failures: &mut Vec<Failure>) -> Checked {
    let broken =
        |error: &dyn std::fmt::Display| Failure::new("truth", "one that reads", error.to_string());
    let json = serde_json::to_vec(&run.truth).map_err(|e| broken(&e))?;
    let truth = truth::read(&json).map_err(|e| broken(&e))?;
    type JudgeFile = fn(&truth::Truth, usize, &[u8]) -> Result<Vec<Violation>, InputError>;
    let judges: [(&str, &[Vec<u8>], JudgeFile); 3] = [
        ("trace", &run.traces, truth::judge_trace_file),
        ("snapshot", &run.snapshots, truth::judge_snapshot_file),
        ("profile.pb.gz", &run.profiles, truth::judge_profile_file),
    ];
    for (name, files, judge_file) in judges {
        for (number, bytes) in files.iter().enumerate() {
            let found = judge_file(&truth, number, bytes);
            let found = found.map_err(|e| Failure::input(&e).file(name))?;
            failures.extend(found.iter().map(violated));
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn staged() -> Run {
        Run::staged("equal-times", Revision::named("go1.19").unwrap())
    }

    /// Guards S22.9.
    #[test]
    fn a_hard_case_and_a_drawn_run_keep_the_rules() {
        assert_eq!(failures(&staged()), []);
        let drawn = Run::drawn(Seed(7), Revision::named("go1.21").unwrap());
        assert_eq!(failures(&drawn), []);
    }

    /// Guards S22.9, S22.15.
    #[test]
    fn a_run_that_is_not_as_its_truth_says_fails_by_the_rule_of_the_truth() {
        let mut run = staged();
        let handled = run
            .truth
            .signals
            .iter()
            .position(|signal| signal.in_trace.is_some());
        run.truth.signals.remove(handled.unwrap());
        let failures = failures(&run);
        let rules: Vec<_> = failures
            .iter()
            .map(|failure| failure.rule.as_ref())
            .collect();
        assert!(rules.contains(&"S21.3"), "{failures:?}");
        let again = failures[0].again.as_deref().unwrap();
        assert_eq!(
            again,
            "sigprof sim --seed 0 --case equal-times --revision go1.19 --output DIR"
        );
    }

    /// Guards S20.12.
    #[test]
    fn another_hash_of_a_pinned_run_fails() {
        let (name, hash) = PINNED_RUNS[1];
        assert_eq!(moved(&(name, hash)), None);
        let failure = moved(&(name, hash + 1)).unwrap();
        assert_eq!((&*failure.what, &*failure.rule), (name, "S20.12"));
    }

    /// Guards S22.9.
    #[test]
    fn a_trace_that_does_not_read_fails_where_it_does_not() {
        let mut run = staged();
        run.traces[0].truncate(20);
        let failures = failures(&run);
        assert!(failures[0].place.offset.is_some(), "{failures:?}");
        assert_eq!(failures[0].place.file.as_deref(), Some("trace"));
    }
}
