//! The kill matrix, mutant by mutant.
//!
//! Each mutant is run in the scenario that must catch it, through every strategy, and in all
//! others for a while; one that is excused is run everywhere. `--full` goes ten times as far.

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
    let matrix = matrix.run(|_, _| ());
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
