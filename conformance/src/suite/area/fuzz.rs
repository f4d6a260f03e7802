//! Programs drawn from seeds, on every revision.

use std::collections::BTreeSet;
use std::sync::atomic::AtomicBool;

use sigprof_model::known;
use sigprof_model::law::Law;
use sigprof_sim::engine::explore::Kind;

use crate::explore::hunt::{Hunt, Quarry};
use crate::explore::table;
use crate::explore::target::Under;
use crate::suite::Options;
use crate::suite::failure::Failure;

/// Programs of a revision.
const fn limit(is_full: bool) -> u64 {
    if is_full { 50_000 } else { 4_096 }
}

pub(super) fn run(name: &str, options: &Options) -> Vec<Failure> {
    let Some(under) = Under::revision(name) else {
        return vec![Failure::new("case", "a revision", name)];
    };
    let count = limit(options.is_full);
    let first = options.seed.0.min(u64::MAX - count);
    let hunt = Hunt {
        under,
        kind: Kind::Pct(3),
        plan: None,
        seeds: first..first + count,
        time: None,
        runs_max: 1,
        jobs: 1,
    };
    let hunted = hunt.run(&AtomicBool::new(false), |_| ());
    let known = laws_that_break(name);
    let quarry = hunted
        .quarry
        .iter()
        .filter(|found| !known.contains(&found.law));
    quarry.map(|found| accusation(under, found)).collect()
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

fn accusation(under: Under, found: &Quarry) -> Failure {
    let what = format!("the program of seed {} in {}", found.seed, under.name());
    let Some(violation) = found.run.violation() else {
        return Failure::new(what, "the violation again, after shrinking", "none");
    };
    let again = format!(
        "sigprof fuzz {} --strategy pct3 --seeds {}..{}",
        under.option(),
        found.seed.0,
        found.seed.0.saturating_add(1)
    );
    let failure = Failure::law(what, violation).step(table::fatal_step(&found.run));
    failure.again(again)
}
