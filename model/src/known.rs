//! The laws that Go's releases break, by scenario. They keep all others, and `fixed` keeps every
//! law.
//!
//! Whatever explores the [scenarios](crate::scenario) must find each of these in the releases
//! that have it, by the ordinary laws, and must find nothing else: a release that is accused
//! of more is a mistake of the model's, or news.

use crate::law::Law;

/// A defect of Go's own.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// The defect's name, such as `B2`.
    pub id: &'static str,
    /// A description in one line.
    pub what: &'static str,
    /// The law that it breaks.
    pub law: Law,
    /// Other laws that it breaks, for whoever looks closer.
    pub also: &'static [Law],
    /// The revisions that have it, oldest first.
    pub revisions: &'static [&'static str],
    /// The scenarios that show it.
    pub scenarios: &'static [&'static str],
}

const UP_TO_1_26: &[&str] = &["seed", "go1.19", "go1.21", "go1.22", "go1.26"];

/// All of them.
pub const ALL: [Known; 8] = [
    Known {
        id: "B1",
        what: "a record is looked at after it is gone",
        law: Law::NoThrow,
        also: &[],
        revisions: &["seed"],
        scenarios: &[
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
        ],
    },
    Known {
        id: "B2",
        what: "one read does not drain a ring that has wrapped",
        law: Law::Drained,
        // What is left in a ring turns up two generations later.
        also: &[Law::OwnTrace],
        revisions: &["go1.22", "go1.26"],
        scenarios: &[
            "last_drain_of_a_wrapped_ring",
            "overflow_among_samples",
            "advance_with_a_wrapped_ring",
        ],
    },
    Known {
        id: "B6",
        what: "a handler on a thread without a P writes after the last drain",
        law: Law::NoneRetired,
        // With another trace started at once, the sample lands there; and where the ring is kept,
        // it is seen to lie there for ever.
        also: &[Law::OwnTrace, Law::Drained],
        revisions: &["seed", "go1.19", "go1.21"],
        scenarios: &[
            "stop_against_handler",
            "restart_against_handler",
            "trace_stops_then_profile",
            "trace_stops_against_signal_without_m",
        ],
    },
    Known {
        id: "B8",
        what: "a sample in the scheduler names no goroutine",
        law: Law::SameGoroutine,
        also: &[],
        revisions: &["seed"],
        scenarios: &["signal_in_the_scheduler"],
    },
    Known {
        id: "B30",
        what: "the end is reported with something unread",
        law: Law::EofLast,
        also: &[],
        revisions: UP_TO_1_26,
        scenarios: &[
            "record_then_close",
            "drop_then_close",
            "overflow_then_close",
            "profile_stops_against_reader",
        ],
    },
    Known {
        id: "B31",
        what: "a reader is woken twice",
        law: Law::WokenOnce,
        also: &[],
        revisions: &["seed", "go1.19", "go1.21", "go1.22"],
        scenarios: &["drop_then_close", "overflow_then_close"],
    },
    Known {
        id: "B32",
        what: "an overflow is reported before records that are older",
        law: Law::InOrder,
        also: &[],
        revisions: UP_TO_1_26,
        scenarios: &[
            "give_back",
            "rewind",
            "overflow",
            "overflow_of_two",
            "overflow_again",
            "overflow_then_close",
        ],
    },
    Known {
        id: "B33",
        what: "a foreign thread's stack comes after the stop has emptied the array",
        law: Law::Conserved,
        // Nothing orders the two; or it is counted in the next profile.
        also: &[Law::Whole, Law::OwnTrace],
        revisions: UP_TO_1_26,
        scenarios: &[
            "profile_stops_against_foreign_thread",
            "foreign_stack_in_the_next_profile",
        ],
    },
];

impl Known {
    /// Whether this is what breaks the law there.
    #[must_use]
    pub fn explains(&self, law: Law) -> bool {
        self.law == law || self.also.contains(&law)
    }
}

/// The defects that show in a scenario of a revision.
pub fn of<'a>(revision: &'a str, scenario: &'a str) -> impl Iterator<Item = &'static Known> + 'a {
    ALL.iter()
        .filter(move |known| known.revisions.contains(&revision))
        .filter(move |known| known.scenarios.contains(&scenario))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::Std;
    use crate::protocol::Protocol;
    use crate::scenario;

    #[test]
    fn they_name_revisions_and_scenarios_that_there_are() {
        let scenarios = scenario::all::<Std>();
        for known in ALL {
            for revision in known.revisions {
                let protocol = Protocol::named(revision);
                let protocol = protocol.unwrap_or_else(|| panic!("{}: {revision}", known.id));
                for name in known.scenarios {
                    let mut all = scenarios.iter();
                    let is_there = all.any(|s| s.name == *name && (s.applies)(&protocol));
                    assert!(is_there, "{}: {revision}, {name}", known.id);
                }
            }
        }
    }

    #[test]
    fn fixed_has_none() {
        assert!(ALL.iter().all(|known| !known.revisions.contains(&"fixed")));
    }
}
