//! Every mutant is caught, or says why not.

use std::time::Duration;

use sigprof_model::law::Violation;
use sigprof_model::mutants::{Fate, Mutant, Shows};
use sigprof_model::protocol::Protocol;
use sigprof_model::scenario::Scenario;

use super::explored::Limits;
use super::{SEARCH_LIMITS, loom_engine, loom_ways, scenarios, search};

/// The law that a mutant's base breaks by itself in this scenario, which is not the mutant's doing.
fn base_breaks(mutant: &Mutant, scenario: &Scenario) -> Option<Violation> {
    let base = Protocol::named(mutant.base).unwrap();
    search::explore(scenario, base, SEARCH_LIMITS).violation
}

/// The search, and loom in its best way, find all mutants that break a law.
#[test]
#[ignore = "a sweep: just test-all"]
fn each_is_caught_by_the_model_that_it_names() {
    let mut survivors = Vec::new();
    for mutant in Mutant::all() {
        let Fate::Breaks {
            law,
            scenario,
            shows,
        } = mutant.fate
        else {
            continue;
        };
        let protocol = mutant.protocol();
        let scenarios = scenarios(&protocol);
        let (on_search, on_loom) = scenarios
            .iter()
            .find(|(on_search, _)| on_search.name == scenario)
            .unwrap_or_else(|| panic!("{}: no scenario {scenario}", mutant.name));
        if let Some(violation) = base_breaks(&mutant, on_search) {
            survivors.push(format!("{}: its base: {violation}", mutant.name));
        }

        let found = search::explore(on_search, protocol, SEARCH_LIMITS).violation;
        let found = found.map(|violation| violation.law);
        let wanted = (shows == Shows::InOrder).then_some(law);
        if found != wanted {
            survivors.push(format!(
                "{}: search: want {wanted:?}, got {found:?}",
                mutant.name
            ));
        }
        let by_loom = loom_ways::ways(on_search, protocol)
            .into_iter()
            .filter_map(|way| {
                let explored =
                    loom_engine::explore(on_loom, protocol, way, loom_ways::limits(on_loom));
                explored.violation.map(|violation| violation.law)
            });
        let by_loom: Vec<_> = by_loom.collect();
        let is_caught = match shows {
            Shows::InOrder => !by_loom.is_empty(),
            Shows::WeakMemory => by_loom.contains(&law),
        };
        if !is_caught {
            survivors.push(format!(
                "{}: loom: want {law:?}, got {by_loom:?}",
                mutant.name
            ));
        }
    }
    assert!(survivors.is_empty(), "{survivors:#?}");
}

/// Mutants that are said to break nothing do break nothing: all that can come of a scenario can
/// come of it in the base, and the other way round, also where the base breaks a law.
#[test]
#[ignore = "a sweep: just test-all"]
fn none_is_excused_that_could_be_caught() {
    let limits = Limits {
        preemptions: Some(2),
        executions: 20_000,
        time: Duration::from_secs(2),
    };
    for mutant in Mutant::all() {
        if matches!(mutant.fate, Fate::Breaks { .. }) {
            continue;
        }
        let (base, protocol) = (Protocol::named(mutant.base).unwrap(), mutant.protocol());
        for (on_search, on_loom) in scenarios(&protocol) {
            let wanted = search::all(&on_search, base);
            let found = search::all(&on_search, protocol);
            assert_eq!(found, wanted, "{} in {}", mutant.name, on_search.name);
            if !wanted.1.is_empty() {
                continue;
            }
            for way in loom_ways::ways(&on_search, protocol) {
                let found = loom_engine::explore(&on_loom, protocol, way, limits);
                assert_eq!(found.violation, None, "{} in {}", mutant.name, on_loom.name);
            }
        }
    }
}
