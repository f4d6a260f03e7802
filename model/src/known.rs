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
    /// The mechanism, in a few sentences.
    pub why: &'static str,
    /// The releases that ship it, as people say them.
    pub releases: &'static str,
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
        why: "The drain goes on to the next record first, and then looks whether the record that it has left \
              is an overflow: it looks at what comes after it. If nothing does, the program panics; if \
              something does, a sample is taken for an overflow, or an overflow for a sample.",
        releases: "Go before 1.19 was out (golang/go#52704)",
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
        why: "A read returns one piece of the ring, up to its end, and the last drain of a generation reads \
              once. What was written behind the wrap stays: it comes two generations later, or never if the \
              trace stops.",
        releases: "Go 1.22 to 1.27",
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
        why: "To stop the world does not stop a handler on a thread without a P. It may have loaded the \
              pointer to the ring before the tracer clears it, and write when nobody reads any more.",
        releases: "Go 1.19 to 1.21",
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
        why: "The trace names what the thread runs, which in the scheduler is goroutine 0; the profile names \
              the goroutine on whose behalf it runs.",
        releases: "Go before 1.19 was out (golang/go#52693)",
        law: Law::SameGoroutine,
        also: &[],
        revisions: &["seed"],
        scenarios: &["signal_in_the_scheduler"],
    },
    Known {
        id: "B30",
        what: "the end is reported with something unread",
        why: "The reader finds the ring empty. A record is written, and the ring closed. The reader then looks \
              for the end, finds it, and reports it: the record is never read.",
        releases: "Go 1.19 to 1.27",
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
        why: "An overflow or a close wakes a reader that sleeps, but leaves the flag that says so. A second \
              one wakes it again before it has run, and the program dies of a double wake-up.",
        releases: "Go 1.19 to 1.25",
        law: Law::WokenOnce,
        also: &[],
        revisions: &["seed", "go1.19", "go1.21", "go1.22"],
        scenarios: &["drop_then_close", "overflow_then_close"],
    },
    Known {
        id: "B32",
        what: "an overflow is reported before records that are older",
        why: "The reader finds the ring empty. A writer fills it, and drops a record. The reader then looks \
              for an overflow, finds one, and reports it before the records that are older.",
        releases: "Go 1.19 to 1.27",
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
        why: "A handler on a thread that is not Go's looks at the rate before it takes prof.signalLock, and \
              not again under it. So its stack can come while the stop empties the array of such stacks, or \
              after it: it is gone, or counts in the next profile.",
        releases: "Go 1.19 to 1.27",
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
