//! The laws that each revision keeps, and those that it breaks.

use std::collections::BTreeSet;

use sigprof_model::known;
use sigprof_model::protocol::Protocol;

use super::search::{self, Shown};
use super::{SEARCH_LIMITS, scenarios};

/// The first that the search finds in a scenario ends it: where a scenario shows two defects, it
/// finds either. What is found and was not known is shown, step by step.
///
/// Guards R9.1, R12.2, R12.4, R12.5, R43.7.
#[test]
fn the_search_finds_what_is_known_and_nothing_else() {
    for (revision, protocol) in Protocol::REVISIONS {
        let (mut found, mut wrong) = (BTreeSet::new(), Vec::new());
        for (scenario, _) in scenarios(&protocol) {
            let name = scenario.name;
            let explored = search::explore(&scenario, protocol, SEARCH_LIMITS);
            let known: Vec<_> = known::of(revision, name).collect();
            let Some(violation) = explored.violation else {
                assert!(explored.is_finished, "{revision}: {name}");
                wrong.extend(known.iter().map(|known| format!("{name}: no {}", known.id)));
                continue;
            };
            if let Some(known) = known.iter().find(|known| known.explains(violation.law)) {
                found.insert(known.id);
                continue;
            }
            wrong.push(format!("{name}: {violation}"));
            if let Some(way) = search::shortest(&scenario, protocol, violation.law) {
                println!("{revision}, scenario {name}: {}\n", scenario.about);
                println!("{}", way.show(Shown::ALL));
            }
        }
        assert_eq!(wrong, Vec::<String>::new(), "{revision}");
        for known in known::ALL {
            let is_there = known.revisions.contains(&revision);
            assert_eq!(found.contains(known.id), is_there, "{revision}: {known:?}");
        }
    }
}
