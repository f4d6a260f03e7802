//! The kill matrix, mutant by mutant.
//!
//! Each mutant is run in the scenario that must catch it, through every strategy, and in all
//! others for a while; one that is excused is run everywhere. `--full` goes ten times as far.
//! The row that comes of it is compared with the one that was reviewed.

use std::sync::atomic::AtomicBool;

use sigprof_model::mutants::{Fate, Mutant};

use crate::again;
use crate::explore::matrix::tables::{self, Difference};
use crate::explore::matrix::{self, MatrixJob};
use crate::failure::{Failure, rule_of};
use crate::suite::Options;

pub(super) fn run(name: &str, options: &Options) -> Vec<Failure> {
    let Some(mutant) = Mutant::all().into_iter().find(|m| m.name == name) else {
        return vec![Failure::new("case", "a mutant of the catalogue", name)];
    };
    let limits = matrix::Options::of_one(options.seed, options.is_full);
    let matrix = MatrixJob::of(mutant, limits.clone()).run(&AtomicBool::new(false), |_, _| ());
    let complaints = matrix.complaints();
    let mut failures: Vec<_> = complaints
        .map(|(_, complaint)| failure(&mutant, &complaint.to_string(), options))
        .collect();
    let rows = matrix.mutants.iter();
    let differences = rows.filter_map(|row| tables::mutant(row, &limits));
    failures.extend(differences.map(|difference| differs(difference, mutant.name)));
    failures
}

fn failure(mutant: &Mutant, complaint: &str, options: &Options) -> Failure {
    let expected = match mutant.fate {
        Fate::Breaks { law, scenario, .. } => format!("{law} broken in {scenario}"),
        Fate::Equivalent(why) => format!("nothing broken: {why}"),
        Fate::OutOfReach(why) => format!("nothing seen: {why}"),
    };
    let what = format!("mutant {} of {}", mutant.name, mutant.base);
    let failure = Failure::new(what, expected, complaint);
    let failure = failure.again(again::command(&format!(
        "mutants --filter {}{}",
        mutant.name,
        options.arguments()
    )));
    match mutant.fate {
        Fate::Breaks { law, .. } => failure.rule(rule_of(law)),
        Fate::Equivalent(_) | Fate::OutOfReach(_) => failure,
    }
}

/// A row that is not the one that was reviewed: a test may have lost its teeth.
pub(super) fn differs(difference: Difference, filter: &str) -> Failure {
    let Difference {
        file,
        line,
        reviewed,
        got,
    } = difference;
    let got = format!("{got}; if that is meant, `just bless` writes it");
    let mut failure = Failure::new("the reviewed row of the kill matrix", reviewed, got).file(file);
    failure.place.line = line;
    failure.again(again::command(&format!(
        "mutants --no-times --filter {filter}"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Guards S22.10, S22.15.
    #[test]
    fn a_survivor_names_its_law_and_the_command() {
        let mutant = Mutant::all()
            .into_iter()
            .find(|m| m.name == "no_lock")
            .unwrap();
        let options = Options {
            is_full: true,
            ..Options::default()
        };
        let failure = failure(&mutant, "survives", &options);
        assert_eq!(failure.rule, "S18.1");
        assert!(failure.expected.starts_with("L1 "), "{failure}");
        let again = failure.again.unwrap();
        assert_eq!(again, "sigprof mutants --filter no_lock --full");
    }

    /// Guards S22.10, S22.15.
    #[test]
    fn a_row_that_is_not_the_reviewed_one_says_what_to_do() {
        let difference = Difference {
            file: "snapshots/mutants/logs.txt".into(),
            line: Some(7),
            reviewed: "no_lock fixed L1 3".into(),
            got: "no_lock fixed L1 -".into(),
        };
        let failure = differs(difference, "no_lock");
        assert_eq!(
            failure.to_string(),
            "the reviewed row of the kill matrix: expected no_lock fixed L1 3, got no_lock fixed \
             L1 -; if that is meant, `just bless` writes it (snapshots/mutants/logs.txt, line 7)"
        );
        assert_eq!(
            failure.again.unwrap(),
            "sigprof mutants --no-times --filter no_lock"
        );
    }

    /// Some of all kinds; `sigprof conformance` tries the others.
    ///
    /// Guards S22.10.
    #[test]
    fn mutants_that_are_caught_and_excused_ones_pass() {
        for name in ["no_lock", "non_go_ignores_the_rate", "extra_cleared_first"] {
            assert_eq!(run(name, &Options::default()), [], "{name}");
        }
        assert_ne!(run("no such mutant", &Options::default()), []);
    }
}
