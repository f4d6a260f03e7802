//! Which laws each revision keeps and which it breaks, and what loom saw of it.

use std::collections::BTreeSet;
use std::fmt::Write;

use sigprof_model::law::Law;
use sigprof_model::protocol::Protocol;

use super::{SEARCH_LIMITS, loom_engine, loom_limits, scenarios, search, ways};

/// What Go's releases break, by scenario. Everything else holds in them, and everything
/// holds in `fixed`.
///
/// | law | defect |
/// |---|---|
/// | L3 | B32: an overflow is reported before records that are older |
/// | L4 | B33: a foreign thread's stack comes after the stop has emptied the array |
/// | L8 | B30: the end is reported with something unread |
/// | L10 | B31: a reader is woken twice |
/// | L11 | B2: one read does not drain a ring that has wrapped |
/// | L12 | B6: a handler on a thread without a P writes after the last drain |
/// | L15 | B1: a record is looked at after it is gone |
/// | L16 | B8: a sample in the scheduler names no goroutine |
fn known(revision: &str) -> BTreeSet<(&'static str, Law)> {
    let mut known = BTreeSet::new();
    if revision == "fixed" {
        return known;
    }
    for scenario in [
        "give_back",
        "rewind",
        "overflow",
        "overflow_of_two",
        "overflow_again",
    ] {
        known.insert((scenario, Law::InOrder));
    }
    known.insert(("profile_stops_against_foreign_thread", Law::Conserved));
    for scenario in ["record_then_close", "profile_stops_against_reader"] {
        known.insert((scenario, Law::EofLast));
    }
    // Before 1.26 the other comes first.
    let law = match revision {
        "go1.26" => Law::EofLast,
        _ => Law::WokenOnce,
    };
    known.insert(("drop_then_close", law));
    known.insert(("overflow_then_close", law));
    if matches!(revision, "go1.22" | "go1.26") {
        known.insert(("last_drain_of_a_wrapped_ring", Law::Drained));
        known.insert(("overflow_among_samples", Law::Drained));
    } else {
        known.insert(("stop_against_handler", Law::NoneRetired));
        known.insert(("restart_against_handler", Law::NoneRetired));
    }
    if revision == "seed" {
        // The first sample with one PC ends it.
        known.retain(|(scenario, _)| !scenario.contains("against_handler"));
        for scenario in [
            "start_against_handler",
            "stop_against_handler",
            "restart_against_handler",
            "two_handlers",
            "signal_in_start_and_stop",
            "headers",
            "last_drain_of_a_wrapped_ring",
            "overflow_among_samples",
            "overflow_before_a_sample",
            "two_traces",
        ] {
            known.insert((scenario, Law::NoThrow));
        }
        known.insert(("signal_in_the_scheduler", Law::SameGoroutine));
    }
    known
}

#[test]
fn the_search_finds_what_is_known_and_nothing_else() {
    for (revision, protocol) in Protocol::REVISIONS {
        let mut found = BTreeSet::new();
        for (scenario, _) in scenarios(&protocol) {
            let explored = search::explore(&scenario, protocol, SEARCH_LIMITS);
            match explored.violation {
                Some(violation) => {
                    found.insert((scenario.name, violation.law));
                }
                None => assert!(explored.is_finished, "{revision}: {}", scenario.name),
            }
        }
        assert_eq!(found, known(revision), "{revision}");
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
