//! Programs drawn from seeds, on every revision.

use std::collections::BTreeSet;
use std::sync::atomic::AtomicBool;

use sigprof_model::known;
use sigprof_model::law::Law;
use sigprof_sim::engine::explore::Kind;

use crate::again;
use crate::explore::fuzz::{Fuzz, FuzzFailure};
use crate::explore::table;
use crate::explore::target::Variant;
use crate::failure::Failure;
use crate::suite::Options;

/// Programs of a revision.
const fn limit(is_full: bool) -> u64 {
    if is_full { 50_000 } else { 4_096 }
}

pub(super) fn run(name: &str, options: &Options) -> Vec<Failure> {
    match Variant::revision(name) {
        Some(under) => judge(under, options),
        None => vec![Failure::new("case", "a revision", name)],
    }
}

fn judge(under: Variant, options: &Options) -> Vec<Failure> {
    let count = limit(options.is_full);
    let first = options.seed.0.min(u64::MAX - count);
    let fuzz = Fuzz {
        under,
        kind: Kind::Pct(3),
        plan: None,
        plan_file: None,
        seeds: first..first + count,
        time: None,
        runs_max: 1,
        jobs: 1,
    };
    let report = fuzz.run(&AtomicBool::new(false), |_| ());
    if let Some(failure) = report.failure {
        return vec![Failure::new("the hunt", "every seed run", failure)];
    }
    let known = laws_that_break(under.name());
    let failure = report
        .found
        .iter()
        .filter(|found| !known.contains(&found.law));
    failure.map(|found| accusation(under, found)).collect()
}

/// The laws that a revision is known to break somewhere.
fn laws_that_break(revision: &str) -> BTreeSet<Law> {
    let known = known::ALL
        .iter()
        .filter(|known| known.revisions.contains(&revision));
    known
        .flat_map(|known| known.also.iter().copied().chain([known.law]))
        .collect()
}

fn accusation(under: Variant, found: &FuzzFailure) -> Failure {
    let seed = again::seed(found.seed);
    let what = format!("the program of seed {seed} in {}", under.name());
    let Some(violation) = found.run.violation() else {
        return Failure::new(what, "the violation again, after shrinking", "none");
    };
    let again = again::command(&format!(
        "fuzz {} --strategy pct3 --seeds {}..{}",
        under.option(),
        found.seed.0,
        found.seed.0.saturating_add(1)
    ));
    let failure = Failure::law(what, violation).step(table::fatal_step(&found.run));
    failure.again(again)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Guards S22.8, S22.15.
    #[test]
    fn a_law_that_is_not_known_to_be_broken_is_an_accusation() {
        let failures = judge(Variant::mutant("no_lock").unwrap(), &Options::default());
        let failure = failures.iter().find(|failure| failure.rule == "S18.2");
        let failure = failure.unwrap_or_else(|| panic!("{failures:?}"));
        let again = failure.again.as_deref().unwrap();
        assert!(
            again.starts_with("sigprof fuzz --mutant no_lock --strategy pct3"),
            "{again}"
        );
    }

    /// Guards S22.8.
    #[test]
    fn what_a_revision_is_known_to_break_is_none() {
        assert!(laws_that_break("go1.26").contains(&Law::EofLast));
        assert_eq!(
            judge(Variant::revision("go1.26").unwrap(), &Options::default()),
            []
        );
        assert_eq!(laws_that_break("fixed"), BTreeSet::new());
    }

    /// Guards S22.8.
    #[test]
    fn seeds_near_the_end_are_as_many() {
        let options = Options {
            seed: sigprof_sim::Seed(u64::MAX),
            ..Options::default()
        };
        assert_ne!(judge(Variant::mutant("no_lock").unwrap(), &options), []);
    }
}
