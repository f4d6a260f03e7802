//! A smaller plan that fails in the same way.
//!
//! What can be taken away is taken away, the large things first: Ms, signals, operations; then
//! operations are made plainer, and tags and words halved. Each smaller plan is searched anew, since its runs are others: by
//! the reduced search, which is quick and complete for what needs no weak memory, and by seeds
//! for what does. A plan is taken if some run of it breaks the same law. The run that is left is
//! then shrunk by its choices.

use sigprof_model::law::Law;
use sigprof_model::protocol::Protocol;
use sigprof_model::scenario::plan::{Operation, Plan};

use super::program;
use crate::engine::explore::{Kind, Subject};
use crate::engine::shrink::Shrunk;
use crate::engine::{Engine, Run};
use crate::seed::Seed;

/// Runs of the reduced search, and seeds, to find the failure again.
const RUNS_MAX: u64 = 3_000;
const SEEDS_MAX: u64 = 300;

/// Smaller plans to try, at the most.
const PLANS_MAX: usize = 400;

/// A failing plan that was shrunk.
#[derive(Clone, Debug)]
pub struct ShrunkPlan {
    /// The plan that is left.
    pub plan: Plan,
    /// The run, shrunk as well.
    pub shrunk: Shrunk,
    /// Plans that were tried.
    pub plans: usize,
}

/// Shrinks a plan, of which this strategy has found this run.
pub fn shrink(
    engine: &mut Engine,
    protocol: Protocol,
    plan: &Plan,
    kind: Kind,
    found: Run,
) -> ShrunkPlan {
    let mut best = (plan.clone(), kind, found);
    let mut plans = 0;
    if let Some(law) = best.2.violation().map(|violation| violation.law) {
        while let Some(smaller) = smaller_than(&best.0).into_iter().find_map(|plan| {
            if plans >= PLANS_MAX || plan.check(&protocol).is_err() {
                return None;
            }
            plans += 1;
            let (kind, run) = find(engine, protocol, &plan, law, kind)?;
            Some((plan, kind, run))
        }) {
            best = smaller;
        }
    }
    let (plan, kind, run) = best;
    let make = || program(&plan, protocol);
    let shrunk = crate::engine::shrink::shrink(engine, &make, kind, run);
    ShrunkPlan {
        plan,
        shrunk,
        plans,
    }
}

/// A run that breaks the law, if one is found quickly.
fn find(
    engine: &mut Engine,
    protocol: Protocol,
    plan: &Plan,
    law: Law,
    kind: Kind,
) -> Option<(Kind, Run)> {
    let make = || program(plan, protocol);
    let mut subject = Subject::new(engine, &make);
    let breaks = |run: &Run| {
        run.violation()
            .is_some_and(|violation| violation.law == law)
    };
    // A run without old values is plainer.
    for kind in [Kind::Dpor, Kind::WeakDpor] {
        let (mut found, mut runs) = (None, 0);
        subject.exhaust(kind, |run| {
            runs += 1;
            if breaks(run) {
                found = Some(run.clone());
            }
            found.is_none() && runs < RUNS_MAX
        });
        if let Some(run) = found {
            return Some((kind, run));
        }
    }
    let kind = if kind.is_seeded() { kind } else { Kind::Pct(3) };
    let mut runs = (0..SEEDS_MAX).map(|seed| subject.run(kind, Seed(seed)));
    runs.find(breaks).map(|run| (kind, run))
}

/// The same operation with less to it.
fn plainer_than(operation: Operation) -> Vec<Operation> {
    let Operation::Write { frames, is_tagged } = operation else {
        return Vec::new();
    };
    let untagged = is_tagged.then_some(Operation::Write {
        frames,
        is_tagged: false,
    });
    let shorter = (frames > 1).then_some(Operation::Write {
        frames: 1,
        is_tagged,
    });
    untagged.into_iter().chain(shorter).collect()
}

/// Plans with one thing less, the largest first.
fn smaller_than(plan: &Plan) -> Vec<Plan> {
    let mut smaller = Vec::new();
    for m in (0..plan.ms.len()).rev() {
        let mut less = plan.clone();
        less.ms.remove(m);
        smaller.push(less);
    }
    for (m, role) in plan.ms.iter().enumerate() {
        if !role.signal.is_empty() {
            let mut less = plan.clone();
            less.ms[m].signal.clear();
            smaller.push(less);
        }
    }
    for (m, role) in plan.ms.iter().enumerate() {
        for at in (0..role.does.len()).rev() {
            let mut less = plan.clone();
            less.ms[m].does.remove(at);
            smaller.push(less);
        }
        for at in (0..role.signal.len()).rev() {
            let mut less = plan.clone();
            less.ms[m].signal.remove(at);
            smaller.push(less);
        }
    }
    for (m, role) in plan.ms.iter().enumerate() {
        for (at, operation) in role.does.iter().enumerate() {
            for plainer in plainer_than(*operation) {
                let mut less = plan.clone();
                less.ms[m].does[at] = plainer;
                smaller.push(less);
            }
        }
    }
    for half in [
        Plan {
            words: plan.words / 2,
            ..plan.clone()
        },
        Plan {
            tags: plan.tags / 2,
            ..plan.clone()
        },
    ] {
        smaller.push(half);
    }
    smaller
}
