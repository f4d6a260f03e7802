//! The shortest ways to Go's own defects, as the docs show them.
//!
//! With `SIGPROF_BLESS=1` the files are written anew.

use std::path::Path;

use sigprof_model::law::Law;
use sigprof_model::protocol::Protocol;
use sigprof_model::scenario;

use super::search::{self, Search};

fn check(bug: &str, revision: &str, name: &str, law: Law) {
    let all = scenario::all::<Search>();
    let scenario = all.iter().find(|scenario| scenario.name == name).unwrap();
    let protocol = Protocol::named(revision).unwrap();
    let found = search::shortest(scenario, protocol, law).unwrap();
    let text = format!("{revision}, scenario {name}: {}\n\n{found}", scenario.about);

    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/interleavings");
    let file = folder.join(format!("{bug}.txt"));
    if std::env::var_os("SIGPROF_BLESS").is_some() {
        std::fs::write(&file, &text).unwrap();
    }
    let shown = std::fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(
        text, shown,
        "run SIGPROF_BLESS=1 cargo test -p sigprof-model --test models"
    );
}

#[test]
fn b1_a_record_is_looked_at_after_it_is_gone() {
    check("b1", "seed", "headers", Law::NoThrow);
}

#[test]
fn b2_one_read_does_not_drain_a_ring_that_has_wrapped() {
    check("b2", "go1.26", "last_drain_of_a_wrapped_ring", Law::Drained);
}

#[test]
fn b6_a_handler_writes_after_the_last_drain() {
    check("b6", "go1.21", "stop_against_handler", Law::NoneRetired);
}

#[test]
fn b30_the_end_is_reported_with_a_record_unread() {
    check("b30", "go1.26", "record_then_close", Law::EofLast);
}

#[test]
fn b31_a_reader_is_woken_twice() {
    check("b31", "go1.22", "drop_then_close", Law::WokenOnce);
}

#[test]
fn b32_an_overflow_is_reported_before_older_records() {
    check("b32", "go1.26", "overflow", Law::InOrder);
}

#[test]
fn b33_a_foreign_stack_comes_after_the_stop() {
    check(
        "b33",
        "go1.26",
        "profile_stops_against_foreign_thread",
        Law::Conserved,
    );
}
