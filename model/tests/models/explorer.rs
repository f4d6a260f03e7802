//! The simulator's explorer comes to the same as the plain full search: two engines that share no
//! code, and reduce what they run in different ways.
//!
//! Where a law is broken, which violation comes first is left open: the explorer sees races,
//! too, and words that were given up.

use sigprof_model::protocol::Protocol;
use sigprof_model::scenario;
use sigprof_sim::engine::explore::{Kind, Subject, program};
use sigprof_sim::engine::{Engine, Sim};

use super::{SEARCH_LIMITS, scenarios, search};

/// Runs in which the explorer comes to the end of every scenario.
const RUNS_MAX: u64 = 100_000;

#[test]
fn two_sound_searches_see_the_same() {
    let mut engine = Engine::new();
    for (revision, protocol) in Protocol::REVISIONS {
        let on_sim = scenario::all::<Sim>();
        let on_sim = on_sim.iter().filter(|on_sim| (on_sim.applies)(&protocol));
        for (on_sim, (on_search, _)) in on_sim.zip(scenarios(&protocol)) {
            let name = format!("{revision}: {}", on_sim.name);
            assert_eq!(on_sim.name, on_search.name);
            let searched = search::explore(&on_search, protocol, SEARCH_LIMITS);
            let make = program(on_sim, protocol);
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
