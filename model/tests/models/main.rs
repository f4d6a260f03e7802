//! Models: every scenario of the protocol, on loom and in a plain full search.
//!
//! | child | what |
//! |---|---|
//! | `loom_engine` | loom: weak memory and races, though not every interleaving |
//! | `loom_ways` | how it is to run each scenario, and where it has to stop |
//! | `search` | every sequentially consistent interleaving |
//! | `engines` | litmus tests of both |
//! | `revisions` | which laws each revision keeps and which it breaks |
//! | `loom_table` | `just loom`: what loom saw of each model, and what that is worth |
//! | `outcomes` | all that can come of a scenario, where that is the point of it |
//! | `mutants` | every mutant is caught, or says why not |
//! | `interleavings` | the shortest ways to Go's own defects, as the docs show them |

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod engines;
mod explored;
mod interleavings;
mod loom_engine;
mod loom_table;
mod loom_ways;
mod mutants;
mod outcomes;
mod revisions;
mod search;

use std::time::Duration;

use sigprof_model::protocol::Protocol;
use sigprof_model::scenario::{self, Scenario};

use explored::Limits;
use loom_engine::Loom;
use search::Search;

/// The search ends long before.
const SEARCH_LIMITS: Limits = Limits {
    preemptions: None,
    executions: 10_000_000,
    time: Duration::from_secs(60),
};

/// The scenarios that make sense for these switches, on both engines.
fn scenarios(protocol: &Protocol) -> Vec<(Scenario, Scenario)> {
    let both = scenario::all::<Search>()
        .into_iter()
        .zip(scenario::all::<Loom>());
    both.filter(|(scenario, _)| (scenario.applies)(protocol))
        .collect()
}
