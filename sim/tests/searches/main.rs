//! The explorer finds the same as the model's plain full search: two engines that share no code,
//! and reduce what they run in different ways. (The search stands among the model's tests, where
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
    pub(crate) mod search;
}

use std::time::Duration;

use models::explored::Limits;
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
                continue;
            }
            let found = explored.violation.map(|(violation, _)| violation);
            assert_eq!(found, None, "{name}");
            assert!(searched.is_finished && explored.is_exhausted, "{name}");
            assert_eq!(explored.outcomes, searched.outcomes, "{name}");
        }
    }
}
