//! Which laws each revision keeps and which it breaks.

use std::collections::BTreeSet;

use sigprof_model::law::Law;
use sigprof_model::protocol::Protocol;

use super::search::{self, Shown};
use super::{SEARCH_LIMITS, scenarios};

/// What Go's releases break, by scenario. Everything else holds in them, and everything
/// holds in `fixed`.
///
/// | law | defect |
/// |---|---|
/// | L3 | B32: an overflow is reported before records that are older |
/// | L4, L14 | B33: a foreign thread's stack comes after the stop has emptied the array |
/// | L8 | B30: the end is reported with something unread |
/// | L10 | B31: a reader is woken twice |
/// | L11, L14 | B2: one read does not drain a ring that has wrapped |
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
    known.insert(("foreign_stack_in_the_next_profile", Law::OwnTrace));
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
        known.insert(("advance_with_a_wrapped_ring", Law::OwnTrace));
    } else {
        known.insert(("stop_against_handler", Law::NoneRetired));
        known.insert(("restart_against_handler", Law::NoneRetired));
        known.insert(("trace_stops_then_profile", Law::NoneRetired));
        known.insert(("trace_stops_against_signal_without_m", Law::NoneRetired));
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
            "start_of_two",
            "stop_of_none",
        ] {
            known.insert((scenario, Law::NoThrow));
        }
        known.insert(("signal_in_the_scheduler", Law::SameGoroutine));
    }
    known
}

/// What is found and was not known is shown, step by step.
#[test]
fn the_search_finds_what_is_known_and_nothing_else() {
    for (revision, protocol) in Protocol::REVISIONS {
        let known = known(revision);
        let mut found = BTreeSet::new();
        for (scenario, _) in scenarios(&protocol) {
            let explored = search::explore(&scenario, protocol, SEARCH_LIMITS);
            let Some(violation) = explored.violation else {
                assert!(explored.is_finished, "{revision}: {}", scenario.name);
                continue;
            };
            let broken = (scenario.name, violation.law);
            found.insert(broken);
            if !known.contains(&broken)
                && let Some(way) = search::shortest(&scenario, protocol, violation.law)
            {
                let (name, about) = (scenario.name, scenario.about);
                println!("{revision}, scenario {name}: {about}\n");
                println!("{}", way.show(Shown::ALL));
            }
        }
        let news: Vec<_> = found.difference(&known).collect();
        let gone: Vec<_> = known.difference(&found).collect();
        assert!(
            news.is_empty() && gone.is_empty(),
            "{revision}: broken, not known: {news:?}; known, not broken: {gone:?}"
        );
    }
}
