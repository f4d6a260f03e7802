//! Switches by which revisions differ, the wrong way.

use super::{FIXED, ONE_LOG, breaks, switch};
use crate::law::Law;
use crate::mutants::{Fate, Mutant};
use crate::protocol::{Drain, Guard, OverflowTest, Protocol, Reports, Step};

pub(super) fn all() -> Vec<Mutant> {
    vec![
        switch(
            "eof_with_a_record_unread",
            FIXED,
            breaks(Law::EofLast, "record_then_close"),
            |p| Protocol {
                looks_again_at_eof: false,
                ..p
            },
        )
        .rules(&["R12.4"])
        .known_as("B30"),
        switch(
            "woken_twice",
            FIXED,
            breaks(Law::WokenOnce, "drop_then_close"),
            |p| Protocol {
                extra_clears_sleeping: false,
                ..p
            },
        )
        .rules(&["R14.2"])
        .known_as("B28"),
        switch(
            "overflow_before_older_records",
            FIXED,
            breaks(Law::InOrder, "overflow"),
            |p| Protocol {
                looks_again_at_overflow: false,
                ..p
            },
        )
        .rules(&["R12.5"])
        .known_as("B32"),
        switch(
            "non_go_ignores_the_rate",
            FIXED,
            breaks(Law::Conserved, "profile_stops_against_foreign_thread"),
            |p| Protocol {
                non_go_checks_rate: false,
                ..p
            },
        )
        .rules(&["R27.5"])
        .known_as("B33"),
        switch(
            "overflow_tested_too_late",
            ONE_LOG,
            breaks(Law::NoThrow, "headers"),
            |p| Protocol {
                overflow_test: OverflowTest::AfterAdvance,
                ..p
            },
        )
        .rules(&["R37.2"])
        .known_as("B1"),
        switch(
            "drains_once",
            FIXED,
            breaks(Law::Drained, "last_drain_of_a_wrapped_ring"),
            |p| Protocol {
                drain: Drain::Once,
                ..p
            },
        )
        .rules(&["R37.1"])
        .known_as("B2"),
        switch(
            "names_the_scheduler",
            FIXED,
            breaks(Law::SameGoroutine, "signal_in_the_scheduler"),
            |p| Protocol {
                reports: Reports::Gp,
                ..p
            },
        )
        .rules(&["R25.1", "R25.3"])
        .known_as("B8"),
        switch(
            "no_guard",
            FIXED,
            breaks(Law::NoneRetired, "advance_against_handler"),
            |p| Protocol {
                guard: Guard::None,
                ..p
            },
        )
        .rules(&["R43.4"]),
        switch(
            "stop_without_drain",
            ONE_LOG,
            breaks(Law::Drained, "two_handlers"),
            |p| Protocol {
                stop: &[Step::ClearLog, Step::Close, Step::Disable],
                ..p
            },
        )
        .rules(&["R34.2"]),
        switch(
            "stop_drains_first",
            ONE_LOG,
            breaks(Law::Drained, "signal_in_start_and_stop"),
            |p| Protocol {
                stop: &[Step::Drain, Step::ClearLog, Step::Close, Step::Disable],
                ..p
            },
        )
        .rules(&["R34.2"]),
        switch(
            "stop_closes_first",
            ONE_LOG,
            Fate::Equivalent(
                "a write does not look for the end, and the drain that follows reads data before it",
            ),
            |p| Protocol {
                stop: &[Step::Close, Step::ClearLog, Step::Drain, Step::Disable],
                ..p
            },
        ),
        switch(
            "stop_clears_last",
            ONE_LOG,
            breaks(Law::Drained, "signal_in_start_and_stop"),
            |p| Protocol {
                stop: &[Step::Close, Step::Drain, Step::Disable, Step::ClearLog],
                ..p
            },
        )
        .rules(&["R34.2"]),
        switch(
            "stop_disables_first",
            ONE_LOG,
            Fate::Equivalent("the log is cleared and drained all the same"),
            |p| Protocol {
                stop: &[Step::Disable, Step::ClearLog, Step::Close, Step::Drain],
                ..p
            },
        ),
        switch(
            "stop_never_clears",
            ONE_LOG,
            breaks(Law::Drained, "signal_in_start_and_stop"),
            |p| Protocol {
                stop: &[Step::Close, Step::Drain, Step::Disable],
                ..p
            },
        )
        .rules(&["R34.2"]),
        switch(
            "stop_without_waiting",
            FIXED,
            breaks(Law::NoneRetired, "stop_against_handler"),
            |p| Protocol {
                stop: &[Step::Disable, Step::Drain, Step::ClearLog, Step::Close],
                ..p
            },
        )
        .rules(&["R43.5"]),
        switch(
            "stop_waits_first",
            FIXED,
            breaks(Law::NoneRetired, "stop_against_handler"),
            |p| Protocol {
                stop: &[
                    Step::AwaitHandlers,
                    Step::Disable,
                    Step::Drain,
                    Step::ClearLog,
                    Step::Close,
                ],
                ..p
            },
        )
        .rules(&["R43.5"]),
        switch(
            "advance_without_waiting",
            FIXED,
            breaks(Law::NoneRetired, "advance_against_handler"),
            |p| Protocol {
                advance: &[Step::NextGeneration, Step::Drain],
                ..p
            },
        )
        .rules(&["R43.4"]),
        switch(
            "advance_waits_first",
            FIXED,
            breaks(Law::NoneRetired, "advance_against_handler"),
            |p| Protocol {
                advance: &[Step::AwaitHandlers, Step::NextGeneration, Step::Drain],
                ..p
            },
        )
        .rules(&["R43.4"]),
        switch(
            "advance_drains_first",
            FIXED,
            breaks(Law::NoneRetired, "advance_against_handler"),
            |p| Protocol {
                advance: &[Step::Drain, Step::NextGeneration, Step::AwaitHandlers],
                ..p
            },
        )
        .rules(&["R43.4"]),
        switch(
            "advance_without_drain",
            FIXED,
            breaks(Law::NoneRetired, "advance_against_handler"),
            |p| Protocol {
                advance: &[Step::NextGeneration, Step::AwaitHandlers],
                ..p
            },
        )
        .rules(&["R43.4"]),
    ]
}
