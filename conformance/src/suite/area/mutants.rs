//! The kill matrix, mutant by mutant.
//!
//! Each mutant is run in the scenario that must catch it, through every strategy, and in all
//! others for a while; one that is excused is run everywhere. `--full` goes ten times as far.

use std::sync::atomic::AtomicBool;

use sigprof_model::mutants::{Fate, Mutant};

use crate::explore::matrix::{self, Plan};
use crate::suite::Options;
use crate::suite::failure::{Failure, rule_of};

pub(super) fn run(name: &str, options: &Options) -> Vec<Failure> {
    let Some(mutant) = Mutant::all().into_iter().find(|m| m.name == name) else {
        return vec![Failure::new("case", "a mutant of the catalogue", name)];
    };
    let matrix = Plan::of(
        mutant,
        matrix::Options {
            filters: Vec::new(),
            jobs: 1,
            is_full: options.is_full,
            seed: options.seed,
        },
    );
    let matrix = matrix.run(&AtomicBool::new(false), |_, _| ());
    let complaints = matrix.complaints();
    complaints
        .map(|(_, why)| failure(&mutant, why, options))
        .collect()
}

fn failure(mutant: &Mutant, complaint: &str, options: &Options) -> Failure {
    let expected = match mutant.fate {
        Fate::Breaks { law, scenario, .. } => format!("{law} broken in {scenario}"),
        Fate::Equivalent(why) => format!("nothing broken: {why}"),
        Fate::OutOfReach(why) => format!("nothing seen: {why}"),
    };
    let what = format!("mutant {} of {}", mutant.name, mutant.base);
    let failure = Failure::new(what, expected, complaint);
    let failure = failure.again(format!(
        "sigprof mutants --filter {}{}",
        mutant.name,
        options.arguments()
    ));
    match mutant.fate {
        Fate::Breaks { law, .. } => failure.rule(rule_of(law)),
        Fate::Equivalent(_) | Fate::OutOfReach(_) => failure,
    }
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

    /// Guards S22.10.
    #[test]
    fn mutants_that_are_caught_and_excused_ones_pass() {
        for name in ["no_lock", "extra_cleared_first"] {
            assert_eq!(run(name, &Options::default()), [], "{name}");
        }
        assert_ne!(run("no such mutant", &Options::default()), []);
    }
}
