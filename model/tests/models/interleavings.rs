//! The shortest ways to Go's own defects, as the docs show them
//! (`sigprof_model::defects`).
//!
//! The steps are the search's, and the notes beside them are checked to belong to a step
//! that is there. With `SIGPROF_BLESS=1` the files are written anew.

use std::path::Path;

use sigprof_model::law::Law;
use sigprof_model::protocol::Protocol;
use sigprof_model::scenario;

use super::search::{self, Search, Shown};

struct Way<'a> {
    bug: &'a str,
    revision: &'a str,
    scenario: &'a str,
    law: Law,
    shown: Shown<'a>,
}

fn check(way: &Way<'_>) {
    let all = scenario::all::<Search>();
    let mut all = all.iter();
    let scenario = all.find(|s| s.name == way.scenario).unwrap();
    let protocol = Protocol::named(way.revision).unwrap();
    let found = search::shortest(scenario, protocol, way.law).unwrap();
    let mut text = format!(
        "{}, scenario {}: {}\n",
        way.revision, scenario.name, scenario.about
    );
    if !way.shown.only.is_empty() {
        let only = way.shown.only.join(", ");
        text += &format!("(operations on {only} alone; there are more)\n");
    }
    text += &format!("\n{}", found.show(way.shown));

    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/interleavings");
    let file = folder.join(format!("{}.txt", way.bug));
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
    check(&Way {
        bug: "b1",
        revision: "seed",
        scenario: "headers",
        law: Law::NoThrow,
        shown: Shown {
            only: &[],
            notes: &[
                ("swap w 1/5", "a sample with one PC: five words"),
                (
                    "load w -> 1/5",
                    "read; the drain goes beyond it, and looks at its header",
                ),
            ],
        },
    });
}

#[test]
fn b2_one_read_does_not_drain_a_ring_that_has_wrapped() {
    check(&Way {
        bug: "b2",
        revision: "go1.26",
        scenario: "last_drain_of_a_wrapped_ring",
        law: Law::Drained,
        shown: Shown {
            only: &["r2", "w2", "enabled"],
            notes: &[
                ("swap w2 1/6", "sample 1: words 0 to 5 of 16"),
                ("load w2 -> 1/6", "a drain reads it"),
                ("store r2 1/6", "the next one gives it back"),
                ("swap w2 2/12", "sample 2: words 6 to 11"),
                (
                    "swap w2 3/22",
                    "sample 3: four words are left, too few: words 0 to 5",
                ),
                (
                    "swap w2 3/22 extra",
                    "sample 4: no room, it is counted as lost",
                ),
                ("store enabled 0", "the trace stops"),
                (
                    "load w2 -> 3/22 extra",
                    "the one read: sample 2, up to the ring's end",
                ),
            ],
        },
    });
}

#[test]
fn b6_a_handler_writes_after_the_last_drain() {
    check(&Way {
        bug: "b6",
        revision: "go1.21",
        scenario: "stop_against_handler",
        law: Law::NoneRetired,
        shown: Shown {
            only: &[],
            notes: &[
                ("load cpuLogWrite -> 1", "the handler has the log"),
                ("store cpuLogWrite 0", "and the trace stops meanwhile"),
                ("load w -> 0/0 extra", "the last drain finds nothing"),
                ("swap w 1/5", "a sample that nobody will read"),
            ],
        },
    });
}

#[test]
fn b6_a_sample_lands_in_the_next_trace() {
    check(&Way {
        bug: "b6b",
        revision: "go1.21",
        scenario: "restart_against_handler",
        law: Law::OwnTrace,
        shown: Shown {
            only: &[],
            notes: &[
                ("load w -> 0/0 extra", "the last drain of the first trace"),
                ("add clock 3", "the handler looks at the clock"),
                ("add clock 4", "the next trace begins"),
                ("load cpuLogWrite -> 2", "the handler finds its log"),
                ("swap w2 1/5", "an old sample"),
                ("load w2 -> 1/5 extra", "which the next trace drains"),
            ],
        },
    });
}

#[test]
fn b30_the_end_is_reported_with_a_record_unread() {
    check(&Way {
        bug: "b30",
        revision: "go1.26",
        scenario: "record_then_close",
        law: Law::EofLast,
        shown: Shown {
            only: &[],
            notes: &[
                ("load w -> 0/0", "the writer looks for room"),
                ("load w -> 0/0", "the reader finds the ring empty"),
                ("swap w 1/4", "now it is not"),
                ("store eof 1", "and it is closed"),
                ("load eof -> 1", "the reader reports the end"),
            ],
        },
    });
}

#[test]
fn b31_a_reader_is_woken_twice() {
    check(&Way {
        bug: "b31",
        revision: "go1.22",
        scenario: "overflow_then_close",
        law: Law::WokenOnce,
        shown: Shown {
            only: &[],
            notes: &[
                ("swap w 1/4", "record 1 fills the ring"),
                ("load w -> 1/4", "the writer looks for room for record 2"),
                ("store overflowTime 2", "there is none"),
                ("load w -> 1/4", "the reader has read record 1"),
                ("store r 1/4", "gives it back, and finds nothing more"),
                ("swap w 1/4 sleeping", "the reader goes to sleep"),
                ("store overflow 1 (generation 1)", "record 2 is dropped"),
                ("swap w 1/4 sleeping extra", "`sleeping` stays"),
                ("wake wait", "woken; it has not run yet"),
                ("store eof 1", "the ring is closed"),
                ("wake wait", "woken again, because of `sleeping`"),
            ],
        },
    });
}

#[test]
fn b32_an_overflow_is_reported_before_older_records() {
    check(&Way {
        bug: "b32",
        revision: "go1.26",
        scenario: "overflow",
        law: Law::InOrder,
        shown: Shown {
            only: &[],
            notes: &[
                ("load w -> 0/0", "the writer looks for room"),
                ("load w -> 0/0", "the reader finds the ring empty"),
                ("swap w 1/4", "record 1, and the ring is full"),
                ("store overflow 1 (generation 1)", "record 2 is dropped"),
                (
                    "load overflow -> 1 (generation 1)",
                    "the reader finds the count",
                ),
                (
                    "swap overflow 0 (generation 2)",
                    "and reports 2 as lost, before it has read 1",
                ),
            ],
        },
    });
}

#[test]
fn b33_a_foreign_stack_comes_after_the_stop() {
    check(&Way {
        bug: "b33",
        revision: "go1.26",
        scenario: "profile_stops_against_foreign_thread",
        law: Law::Conserved,
        shown: Shown {
            only: &[],
            notes: &[
                ("load prof.hz -> 100", "the foreign thread finds it on"),
                ("store prof.hz 0", "now it is off"),
                ("load lostAtomic -> 0", "the stop has emptied the array"),
                ("store eof 1", "and closes the log"),
                (
                    "swap prof.signalLock 1",
                    "the stack goes into the array all the same",
                ),
            ],
        },
    });
}
