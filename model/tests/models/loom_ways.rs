//! Ways in which loom runs the scenarios, and where it has to stop.

use std::time::Duration;

use sigprof_model::protocol::{Logs, Protocol};
use sigprof_model::scenario::Scenario;

use super::explored::Limits;
use super::loom_engine::{Fences, Way};
use super::search;

/// Scenarios that loom does not finish: it is given this many switches away from a thread that
/// could go on.
const BOUNDED: [(&str, usize); 5] = [
    ("signal_in_read", 2),
    ("overflow_again", 2),
    ("drop_then_close", 3),
    ("overflow_then_close", 2),
    ("signal_in_drain_against_advance", 2),
];

/// Where loom has to stop in a scenario.
pub(crate) fn limits(scenario: &Scenario) -> Limits {
    let bound = BOUNDED.iter().find(|(name, _)| *name == scenario.name);
    Limits {
        preemptions: bound.map(|&(_, preemptions)| preemptions),
        executions: 1_000_000,
        time: Duration::from_secs(20),
    }
}

/// The ways in which loom is to run a scenario: each thread in its main thread, and both
/// places for fences where there are any.
pub(crate) fn ways(scenario: &Scenario, protocol: Protocol) -> Vec<Way> {
    let fences: &[Fences] = match protocol.logs {
        Logs::ByGeneration if scenario.name.contains("against_handler") => {
            &[Fences::BehindStores, Fences::BeforeLoads]
        }
        _ => &[Fences::BehindStores],
    };
    let mains = 0..search::threads(scenario, protocol).len();
    mains
        .flat_map(|main| fences.iter().map(move |&fences| Way { main, fences }))
        .collect()
}
