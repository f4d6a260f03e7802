//! The explorer finds the same as the model's plain full search: two engines that share no code,
//! and reduce what they run in different ways. What weak memory adds, it has with loom in common. (The search stands among the model's tests, where
//! loom is compared with it; the model itself depends on nobody.)
//!
//! Where a law is broken, which violation comes first is left open: the explorer sees races,
//! too, and words that were given up.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

#[path = "../../../model/tests/models"]
#[expect(
    dead_code,
    unused_imports,
    reason = "what only the model's tests ask of them"
)]
#[expect(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "the model's tests may look at a clock; what they find does not depend on it"
)]
mod models {
    pub(crate) mod explored;
    pub(crate) mod loom_engine;
    pub(crate) mod loom_ways;
    pub(crate) mod search;
}

use std::time::Duration;

use models::explored::Limits;
use models::loom_engine::{self, Loom};
use models::loom_ways;
use models::search::{self, Search};
use sigprof_model::protocol::Protocol;
use sigprof_model::scenario;
use sigprof_sim::engine::explore::{Kind, Subject, program};
use sigprof_sim::engine::{Engine, Sim};

/// Runs in which the explorer finishes every scenario.
const RUNS_MAX: u64 = 100_000;

/// The search ends long before.
const LIMITS: Limits = Limits {
    preemptions: None,
    executions: 10_000_000,
    time: Duration::from_secs(60),
};

#[test]
#[ignore = "a sweep: just test-all"]
fn two_sound_searches_see_the_same() {
    let mut engine = Engine::new();
    for (revision, protocol) in Protocol::REVISIONS {
        let both = scenario::all::<Sim>()
            .into_iter()
            .zip(scenario::all::<Search>());
        for (on_sim, on_search) in both.filter(|(on_sim, _)| (on_sim.applies)(&protocol)) {
            let name = format!("{revision}: {}", on_sim.name);
            let searched = search::explore(&on_search, protocol, LIMITS);
            let make = program(&on_sim, protocol);
            let explored = Subject::new(&mut engine, &make).outcomes(Kind::Dpor, RUNS_MAX);
            if let Some(violation) = searched.violation {
                assert!(explored.violation.is_some(), "{name}: {violation}");
                let weak = Subject::new(&mut engine, &make).outcomes(Kind::WeakDpor, RUNS_MAX);
                assert!(weak.violation.is_some(), "{name}: {violation}");
                continue;
            }
            let found = explored.violation.map(|(violation, _)| violation);
            assert_eq!(found, None, "{name}");
            assert!(searched.is_finished && explored.is_exhausted, "{name}");
            assert_eq!(explored.outcomes, searched.outcomes, "{name}");
            let weak = Subject::new(&mut engine, &make).outcomes(Kind::WeakDpor, RUNS_MAX);
            assert!(weak.is_exhausted && weak.violation.is_none(), "{name}");
            assert!(weak.outcomes.is_superset(&searched.outcomes), "{name}");
        }
    }
}

/// The outcomes of weak memory are all that loom and the bounded search see, and more than there are without.
#[test]
#[ignore = "a sweep: just test-all"]
fn weak_memory_leaves_out_nothing_that_loom_or_a_bounded_search_sees() {
    let mut engine = Engine::new();
    let protocol = Protocol::FIXED;
    let (mut weaker, mut by_loom, mut without_bound) = (0, 0, 0);
    let of_others = scenario::all::<Search>()
        .into_iter()
        .zip(scenario::all::<Loom>());
    for (on_sim, (on_search, on_loom)) in scenario::all::<Sim>().into_iter().zip(of_others) {
        let name = on_sim.name;
        let make = program(&on_sim, protocol);
        let mut of = |kind| Subject::new(&mut engine, &make).outcomes(kind, RUNS_MAX);
        let weak = of(Kind::WeakDpor);
        assert!(weak.is_exhausted && weak.violation.is_none(), "{name}");
        let strong = of(Kind::Dpor).outcomes;
        weaker += usize::from(weak.outcomes != strong);
        for kind in [Kind::Bounded(2), Kind::Bounded(9)] {
            let bounded = of(kind);
            assert!(weak.outcomes.is_superset(&bounded.outcomes), "{name}");
            // Nine switches show all that there is, where so many runs are enough for them.
            if kind == Kind::Bounded(9) && bounded.is_exhausted {
                assert_eq!(weak.outcomes, bounded.outcomes, "{name}");
                without_bound += 1;
            }
        }
        for way in loom_ways::ways(&on_search, protocol) {
            let seen = loom_engine::explore(&on_loom, protocol, way, loom_ways::limits(&on_loom));
            assert_eq!(seen.violation, None, "{name}, {way:?}");
            assert!(weak.outcomes.is_superset(&seen.outcomes), "{name}, {way:?}");
            by_loom += usize::from(!seen.outcomes.is_subset(&strong));
        }
    }
    // If not, nothing was compared.
    let compared = (weaker, by_loom, without_bound);
    assert!(
        weaker >= 3 && by_loom >= 3 && without_bound >= 30,
        "{compared:?}"
    );
}
