//! Which laws each revision keeps and which it breaks, and what loom saw of it.

use std::collections::BTreeSet;
use std::fmt::Write;

use sigprof_model::known;
use sigprof_model::protocol::Protocol;

use super::{SEARCH_LIMITS, loom_engine, loom_limits, scenarios, search, ways};

/// The first that the search comes to in a scenario ends it: where a scenario shows two
/// defects, it finds either.
#[test]
fn the_search_finds_what_is_known_and_nothing_else() {
    for (revision, protocol) in Protocol::REVISIONS {
        let mut found = BTreeSet::new();
        for (scenario, _) in scenarios(&protocol) {
            let name = scenario.name;
            let explored = search::explore(&scenario, protocol, SEARCH_LIMITS);
            let known: Vec<_> = known::of(revision, name).collect();
            let Some(violation) = explored.violation else {
                assert!(explored.is_finished, "{revision}: {name}");
                assert!(known.is_empty(), "{revision}: {name}: not found: {known:?}");
                continue;
            };
            let by = known.iter().find(|known| known.explains(violation.law));
            let by = by.unwrap_or_else(|| panic!("{revision}: {name}: {violation}"));
            found.insert(by.id);
        }
        for known in known::ALL {
            // In `seed` the first sample with one PC ends what would show B6.
            let is_hidden = (revision, known.id) == ("seed", "B6");
            let is_there = known.revisions.contains(&revision) && !is_hidden;
            assert_eq!(found.contains(known.id), is_there, "{revision}: {known:?}");
        }
    }
}

/// The table of `just loom`: loom comes to the end of every scenario of `fixed`, within
/// the bound that it was given, and finds nothing wrong. What it saw of the outcomes that
/// there are says what that is worth; it may see more, by weak memory.
#[test]
fn loom_table() {
    let protocol = Protocol::FIXED;
    let mut table = format!(
        "{:34}{:>6}{:>11}{:>9}  outcomes\n",
        "model (revision fixed)", "main", "executions", "time"
    );
    let mut missed = 0;
    for (on_search, on_loom) in scenarios(&protocol) {
        let all = search::explore(&on_search, protocol, SEARCH_LIMITS).outcomes;
        for way in ways(&on_search, protocol) {
            let limits = loom_limits(&on_loom);
            let explored = loom_engine::explore(&on_loom, protocol, way, limits);
            let name = on_loom.name;
            assert_eq!(explored.violation, None, "{name}, {way:?}");
            assert!(explored.is_finished, "{name}, {way:?}: {explored:?}");
            let seen = explored.outcomes.intersection(&all).count();
            let (more, all) = (explored.outcomes.len() - seen, all.len());
            missed += usize::from(seen < all);
            let mut note = match limits.preemptions {
                Some(bound) => format!(", up to {bound} switches"),
                None => String::new(),
            };
            if more > 0 {
                write!(note, ", {more} more by weak memory").unwrap();
            }
            if seen < all {
                note += ": loom saw fewer";
            }
            writeln!(
                table,
                "{name:34}{:>6}{:>11}{:>8.2}s  {seen} of {all}{note}",
                way.main,
                explored.executions,
                explored.elapsed.as_secs_f64(),
            )
            .unwrap();
        }
    }
    writeln!(
        table,
        "{missed} runs that loom calls complete saw fewer outcomes than there are \
         (tokio-rs/loom#166, #392): loom is\nhere for weak memory and races, and the \
         search is what is exhaustive, under sequential consistency."
    )
    .unwrap();
    println!("{table}");
    // When this fails, loom has got better: say so in ARCHITECTURE.
    assert!(missed > 0);
}
