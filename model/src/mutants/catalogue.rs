//! The catalogue.

use core::sync::atomic::Ordering::{self, Acquire, Relaxed, Release};

use super::{Change, Fate, Mutant, Shows};
use crate::law::Law;
use crate::protocol::{Drain, Flaw, Guard, OverflowTest, Protocol, Reports, Site, Step};

/// Most mutants are made of the revision that breaks nothing.
const FIXED: &str = "fixed";
/// Some can be seen with one log only.
const ONE_LOG: &str = "go1.19";

const LOAD_BUFFERING: &str = "the reader's load of the time would have to come after its swap of \
    the count: a load moved behind a store, which loom does not do";

pub(super) fn all() -> Vec<Mutant> {
    [
        ring(),
        samples_and_logs(),
        profiler(),
        orderings(),
        switches(),
    ]
    .concat()
}

const fn breaks(law: Law, scenario: &'static str) -> Fate {
    let shows = Shows::InOrder;
    Fate::Breaks {
        law,
        scenario,
        shows,
    }
}

/// As [`breaks`], for what no interleaving alone shows.
const fn races(law: Law, scenario: &'static str) -> Fate {
    let shows = Shows::WeakMemory;
    Fate::Breaks {
        law,
        scenario,
        shows,
    }
}

const fn flaw(name: &'static str, base: &'static str, flaw: Flaw, fate: Fate) -> Mutant {
    Mutant {
        name,
        base,
        change: Change::Flaw(flaw),
        fate,
        bug: None,
    }
}

const fn weaker(
    name: &'static str,
    base: &'static str,
    (site, ordering): (Site, Ordering),
    fate: Fate,
) -> Mutant {
    Mutant {
        name,
        base,
        change: Change::Weaker(site, ordering),
        fate,
        bug: None,
    }
}

const fn switch(
    name: &'static str,
    base: &'static str,
    fate: Fate,
    switch: fn(Protocol) -> Protocol,
) -> Mutant {
    Mutant {
        name,
        base,
        change: Change::Switch(switch),
        fate,
        bug: None,
    }
}

impl Mutant {
    const fn known_as(self, bug: &'static str) -> Self {
        Self {
            bug: Some(bug),
            ..self
        }
    }
}

fn ring() -> Vec<Mutant> {
    vec![
        // The ring: room and places.
        flaw(
            "marker_omitted",
            FIXED,
            Flaw::MarkerOmitted,
            breaks(Law::Whole, "around_the_end"),
        ),
        flaw(
            "tail_not_charged",
            FIXED,
            Flaw::TailNotCharged,
            breaks(Law::Whole, "end_is_charged"),
        ),
        flaw(
            "tail_not_counted",
            FIXED,
            Flaw::TailNotCounted,
            breaks(Law::Whole, "around_the_end"),
        ),
        flaw(
            "tag_room_ignored",
            FIXED,
            Flaw::TagRoomIgnored,
            breaks(Law::OwnTag, "tags_run_out"),
        ),
        flaw(
            "one_fits_is_enough",
            FIXED,
            Flaw::OneFitsIsEnough,
            breaks(Law::OwnTag, "overflow_of_two"),
        ),
        flaw(
            "difference_of_32_bits",
            FIXED,
            Flaw::DifferenceOf32Bits,
            breaks(Law::Whole, "counts_wrap"),
        ),
        // The ring: overflow.
        flaw(
            "overflow_after_record",
            FIXED,
            Flaw::OverflowAfterRecord,
            breaks(Law::InOrder, "overflow_of_two"),
        ),
        flaw(
            "overflow_tagged",
            FIXED,
            Flaw::OverflowTagged,
            breaks(Law::OwnTag, "overflow_of_two"),
        ),
        flaw(
            "time_of_last",
            FIXED,
            Flaw::TimeOfLast,
            breaks(Law::FirstDrop, "drops_in_place"),
        ),
        flaw(
            "time_after_count",
            FIXED,
            Flaw::TimeAfterCount,
            breaks(Law::FirstDrop, "overflow"),
        ),
        flaw(
            "not_sticky",
            FIXED,
            Flaw::NotSticky,
            breaks(Law::Conserved, "drops_without_end"),
        ),
        flaw(
            "generation_kept",
            FIXED,
            Flaw::GenerationKept,
            breaks(Law::InOrder, "overflow_again"),
        ),
        // The ring: flags and wake-ups.
        flaw(
            "flags_kept",
            FIXED,
            Flaw::FlagsKept,
            breaks(Law::WokenOnce, "record_then_close"),
        ),
        flaw(
            "commit_by_store",
            FIXED,
            Flaw::CommitByStore,
            breaks(Law::Woken, "half_wakes"),
        ),
        flaw(
            "commit_without_wake",
            FIXED,
            Flaw::CommitWithoutWake,
            breaks(Law::Woken, "half_wakes"),
        ),
        flaw(
            "sleeping_not_carried",
            FIXED,
            Flaw::SleepingNotCarried,
            breaks(Law::Woken, "second_quarter_wakes"),
        ),
        flaw(
            "threshold_strict",
            FIXED,
            Flaw::ThresholdStrict,
            breaks(Law::Woken, "half_wakes"),
        ),
        flaw(
            "extra_not_raised",
            FIXED,
            Flaw::ExtraNotRaised,
            breaks(Law::Woken, "close_wakes"),
        ),
        flaw(
            "extra_cleared_by_store",
            FIXED,
            Flaw::ExtraClearedByStore,
            breaks(Law::Conserved, "overflow_of_two"),
        ),
        flaw(
            "extra_left",
            FIXED,
            Flaw::ExtraLeft,
            breaks(Law::Woken, "drop_then_close"),
        ),
        flaw(
            "extra_cleared_first",
            FIXED,
            Flaw::ExtraClearedFirst,
            Fate::Equivalent(
                "the reader looks for what the flag stood for behind it all the same, and raising it again makes the swap to sleep fail",
            ),
        ),
        flaw(
            "woken_before_eof",
            FIXED,
            Flaw::WokenBeforeEof,
            breaks(Law::Woken, "close_wakes"),
        ),
        flaw(
            "eof_before_overflow",
            FIXED,
            Flaw::EofBeforeOverflow,
            breaks(Law::Conserved, "drop_before_the_end"),
        ),
        // The ring: the reader.
        flaw(
            "given_back_at_once",
            FIXED,
            Flaw::GivenBackAtOnce,
            breaks(Law::OwnTag, "write_read"),
        ),
        flaw(
            "tags_kept",
            FIXED,
            Flaw::TagsKept,
            breaks(Law::OwnTag, "around_the_end"),
        ),
        flaw(
            "tag_run_ignored",
            FIXED,
            Flaw::TagRunIgnored,
            breaks(Law::NoThrow, "tags_wrap"),
        ),
        flaw(
            "marker_counted",
            FIXED,
            Flaw::MarkerCounted,
            breaks(Law::Whole, "around_the_end"),
        ),
    ]
}

fn samples_and_logs() -> Vec<Mutant> {
    vec![
        // Samples.
        flaw(
            "no_mark_without_p",
            ONE_LOG,
            Flaw::NoMarkWithoutP,
            breaks(Law::Conserved, "headers"),
        ),
        flaw(
            "p_without_mark",
            ONE_LOG,
            Flaw::PWithoutMark,
            breaks(Law::RealHeader, "two_handlers"),
        ),
        flaw(
            "has_p_inverted",
            FIXED,
            Flaw::HasPInverted,
            breaks(Law::RealHeader, "headers"),
        ),
        // The signal lock and the logs.
        flaw(
            "no_lock",
            FIXED,
            Flaw::NoLock,
            breaks(Law::Conserved, "two_handlers"),
        ),
        flaw(
            "lock_kept_without_log",
            ONE_LOG,
            Flaw::LockKeptWithoutLog,
            breaks(Law::Woken, "signal_in_start_and_stop"),
        ),
        flaw(
            "lock_in_start",
            FIXED,
            Flaw::LockInStart,
            Fate::Equivalent(
                "a handler that comes meanwhile finds tracing off, and does not ask for the lock",
            ),
        ),
        flaw(
            "lock_in_stop",
            FIXED,
            Flaw::LockInStop,
            breaks(Law::HandlerGoesOn, "signal_in_start_and_stop"),
        ),
        flaw(
            "log_loaded_before_lock",
            FIXED,
            Flaw::LogLoadedBeforeLock,
            Fate::Equivalent(
                "it is the guard that keeps the log, not the lock; and until Go 1.21 nothing keeps it (B6)",
            ),
        ),
        flaw(
            "enabled_ignored",
            ONE_LOG,
            Flaw::EnabledIgnored,
            breaks(Law::OwnTrace, "start_against_handler"),
        ),
        flaw(
            "generation_before_guard",
            FIXED,
            Flaw::GenerationBeforeGuard,
            breaks(Law::NoneRetired, "advance_against_handler"),
        ),
        flaw(
            "guard_kept",
            FIXED,
            Flaw::GuardKept,
            breaks(Law::Woken, "restart_against_handler"),
        ),
        flaw(
            "guard_not_nested",
            FIXED,
            Flaw::GuardNotNested,
            breaks(Law::InOrder, "signal_in_drain_against_advance"),
        ),
        flaw(
            "other_log",
            FIXED,
            Flaw::OtherLog,
            breaks(Law::NoneRetired, "advance_against_handler"),
        ),
        flaw(
            "clock_before_generation",
            FIXED,
            Flaw::ClockBeforeGeneration,
            breaks(Law::OwnTrace, "advance_against_handler"),
        ),
    ]
}

fn profiler() -> Vec<Mutant> {
    vec![
        // The profiler.
        flaw(
            "thread_not_disarmed",
            FIXED,
            Flaw::ThreadNotDisarmed,
            breaks(Law::HandlerGoesOn, "signal_in_set_rate"),
        )
        .known_as("B14"),
        flaw(
            "rate_under_lock_ignored",
            FIXED,
            Flaw::RateUnderLockIgnored,
            races(Law::Whole, "profile_stops"),
        ),
        flaw(
            "extra_left_at_stop",
            FIXED,
            Flaw::ExtraLeftAtStop,
            breaks(Law::Conserved, "foreign_stacks"),
        ),
        flaw(
            "extra_after_close",
            FIXED,
            Flaw::ExtraAfterClose,
            breaks(Law::EofLast, "profile_stops_against_reader"),
        ),
        flaw(
            "lost_extra_kept",
            FIXED,
            Flaw::LostExtraKept,
            breaks(Law::Conserved, "foreign_stacks"),
        )
        .known_as("B15"),
        flaw(
            "lost_atomic_kept",
            FIXED,
            Flaw::LostAtomicKept,
            breaks(Law::Conserved, "foreign_stacks"),
        ),
        flaw(
            "non_go_without_lock",
            FIXED,
            Flaw::NonGoWithoutLock,
            races(Law::Whole, "signal_against_foreign_thread"),
        ),
        flaw(
            "armed_before_header",
            FIXED,
            Flaw::ArmedBeforeHeader,
            breaks(Law::InOrder, "profile_starts"),
        ),
        flaw(
            "trace_first",
            FIXED,
            Flaw::TraceFirst,
            Fate::Equivalent("the two locks and the two streams know nothing of each other"),
        ),
    ]
}

fn orderings() -> Vec<Mutant> {
    vec![
        weaker(
            "ring_commit_relaxed",
            FIXED,
            (Site::RingCommit, Relaxed),
            races(Law::Whole, "write_read"),
        ),
        weaker(
            "ring_seen_relaxed",
            FIXED,
            (Site::RingSeen, Relaxed),
            races(Law::Whole, "write_read"),
        ),
        weaker(
            "ring_given_back_relaxed",
            FIXED,
            (Site::RingGivenBack, Relaxed),
            races(Law::Whole, "give_back"),
        ),
        weaker(
            "ring_room_relaxed",
            FIXED,
            (Site::RingRoom, Relaxed),
            races(Law::Whole, "give_back"),
        ),
        weaker(
            "extra_raised_relaxed",
            FIXED,
            (Site::ExtraRaised, Relaxed),
            races(Law::Woken, "close_wakes"),
        ),
        weaker(
            "overflow_counted_relaxed",
            FIXED,
            (Site::OverflowCounted, Relaxed),
            races(Law::FirstDrop, "drop_then_close"),
        ),
        weaker(
            "overflow_seen_relaxed",
            FIXED,
            (Site::OverflowSeen, Relaxed),
            races(Law::FirstDrop, "drop_then_close"),
        ),
        weaker(
            "overflow_taken_relaxed",
            FIXED,
            (Site::OverflowTaken, Relaxed),
            Fate::OutOfReach(LOAD_BUFFERING),
        ),
        weaker(
            "overflow_looked_relaxed",
            FIXED,
            (Site::OverflowLooked, Relaxed),
            Fate::OutOfReach(LOAD_BUFFERING),
        ),
        weaker(
            "eof_set_relaxed",
            FIXED,
            (Site::EofSet, Relaxed),
            races(Law::EofLast, "record_then_close"),
        ),
        weaker(
            "eof_seen_relaxed",
            FIXED,
            (Site::EofSeen, Relaxed),
            races(Law::EofLast, "record_then_close"),
        ),
        weaker(
            "lock_taken_relaxed",
            FIXED,
            (Site::LockTaken, Relaxed),
            races(Law::Whole, "lock"),
        ),
        weaker(
            "lock_freed_relaxed",
            FIXED,
            (Site::LockFreed, Relaxed),
            races(Law::Whole, "lock"),
        ),
        weaker(
            "log_installed_relaxed",
            ONE_LOG,
            (Site::LogInstalled, Relaxed),
            races(Law::Whole, "start_against_handler"),
        ),
        weaker(
            "log_loaded_relaxed",
            ONE_LOG,
            (Site::LogLoaded, Relaxed),
            races(Law::Whole, "start_against_handler"),
        ),
        weaker(
            "guard_raised_not_seq_cst",
            FIXED,
            (Site::GuardRaised, Release),
            races(Law::NoneRetired, "advance_against_handler"),
        ),
        weaker(
            "generation_read_not_seq_cst",
            FIXED,
            (Site::GenerationRead, Acquire),
            races(Law::NoneRetired, "advance_against_handler"),
        ),
        weaker(
            "guard_lowered_relaxed",
            FIXED,
            (Site::GuardLowered, Relaxed),
            races(Law::NoneRetired, "advance_against_handler"),
        ),
        weaker(
            "generation_changed_not_seq_cst",
            FIXED,
            (Site::GenerationChanged, Release),
            races(Law::NoneRetired, "advance_against_handler"),
        ),
        weaker(
            "guard_watched_not_seq_cst",
            FIXED,
            (Site::GuardWatched, Acquire),
            races(Law::NoneRetired, "advance_against_handler"),
        ),
    ]
}

fn switches() -> Vec<Mutant> {
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
        .known_as("B8"),
        switch(
            "no_guard",
            FIXED,
            breaks(Law::NoneRetired, "advance_against_handler"),
            |p| Protocol {
                guard: Guard::None,
                ..p
            },
        ),
        switch(
            "stop_without_drain",
            ONE_LOG,
            breaks(Law::Drained, "two_handlers"),
            |p| Protocol {
                stop: &[Step::ClearLog, Step::Close, Step::Disable],
                ..p
            },
        ),
        switch(
            "stop_drains_first",
            ONE_LOG,
            breaks(Law::Drained, "signal_in_start_and_stop"),
            |p| Protocol {
                stop: &[Step::Drain, Step::ClearLog, Step::Close, Step::Disable],
                ..p
            },
        ),
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
        ),
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
        ),
        switch(
            "stop_without_waiting",
            FIXED,
            breaks(Law::NoneRetired, "stop_against_handler"),
            |p| Protocol {
                stop: &[Step::Disable, Step::Drain, Step::ClearLog, Step::Close],
                ..p
            },
        ),
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
        ),
        switch(
            "advance_without_waiting",
            FIXED,
            breaks(Law::NoneRetired, "advance_against_handler"),
            |p| Protocol {
                advance: &[Step::NextGeneration, Step::Drain],
                ..p
            },
        ),
        switch(
            "advance_waits_first",
            FIXED,
            breaks(Law::NoneRetired, "advance_against_handler"),
            |p| Protocol {
                advance: &[Step::AwaitHandlers, Step::NextGeneration, Step::Drain],
                ..p
            },
        ),
        switch(
            "advance_drains_first",
            FIXED,
            breaks(Law::NoneRetired, "advance_against_handler"),
            |p| Protocol {
                advance: &[Step::Drain, Step::NextGeneration, Step::AwaitHandlers],
                ..p
            },
        ),
        switch(
            "advance_without_drain",
            FIXED,
            breaks(Law::NoneRetired, "advance_against_handler"),
            |p| Protocol {
                advance: &[Step::NextGeneration, Step::AwaitHandlers],
                ..p
            },
        ),
    ]
}
