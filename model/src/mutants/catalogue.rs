//! The catalogue, as a table: a mutant is a row, in the part of the protocol that it is about.
//!
//! ```text
//! name [of BASE]: change => fate [, also LAW...] [, at_times LAW...] [, rules "R1.1"...] [, bug "B1"];
//! ```
//!
//! | | |
//! |---|---|
//! | base | the revision it is made of; `fixed` if none is named |
//! | change | `flaw(FLAW)`, `weaker(SITE, ORDERING)` or `switch(FIELD: VALUE)` |
//! | fate | `breaks LAW in SCENARIO`, or `races`, if no order of operations alone shows it; `equivalent(WHY)`, `out_of_reach(WHY)` |
//!
//! The other columns are the fields of [`Mutant`] of that name.

use core::sync::atomic::Ordering;

use super::{Change, Fate, Mutant, Shows};
use crate::law::Law;
use crate::protocol::Step::{AwaitHandlers, ClearLog, Close, Disable, Drain, NextGeneration};
use crate::protocol::{self, Flaw, Guard, OverflowTest, Protocol, Reports, Site};

/// The revision that most mutants are made of: it breaks nothing.
const FIXED: &str = "fixed";
/// The revision of those that only show with one log.
const ONE_LOG: &str = "go1.19";

const LOAD_BUFFERING: &str = "the reader's load of the time would have to come after its swap of \
    the count: a load moved behind a store, which no engine here does";

macro_rules! catalogue {
    ($($part:ident {$(
        $name:ident $(of $base:ident)?: $change:ident($($switch:tt)*)
            => $fate:ident $(($why:expr))? $($law:ident in $scenario:ident)?
            $(, also $($also:ident)+)?
            $(, at_times $($at_times:ident)+)?
            $(, rules $($rule:literal)+)?
            $(, bug $bug:literal)?;
    )*})*) => {
        pub(super) fn parts() -> [(&'static str, Vec<Mutant>); 5] {
            [$((stringify!($part), vec![$(Mutant {
                name: stringify!($name),
                base: or!(FIXED $($base)?),
                change: change!($change $($switch)*),
                fate: fate!($fate $(($why))? $($law in $scenario)?),
                also: &[$($(Law::$also),+)?],
                at_times: &[$($(Law::$at_times),+)?],
                rules: &[$($($rule),+)?],
                bug: or!(None $(Some($bug))?),
            }),*])),*]
        }
    };
}

/// The first, or the second in its place.
macro_rules! or {
    ($default:expr) => {
        $default
    };
    ($default:ident $given:expr) => {
        $given
    };
}

macro_rules! change {
    (flaw $flaw:ident) => {
        Change::Flaw(Flaw::$flaw)
    };
    (weaker $site:ident, $ordering:ident) => {
        Change::Weaker(Site::$site, Ordering::$ordering)
    };
    (switch $field:ident: $value:expr) => {
        Change::Switch(
            |base| Protocol {
                $field: $value,
                ..base
            },
            concat!(stringify!($field), ": ", stringify!($value)),
        )
    };
}

macro_rules! fate {
    (breaks $law:ident in $scenario:ident) => {
        fate!(InOrder $law $scenario)
    };
    (races $law:ident in $scenario:ident) => {
        fate!(WeakMemory $law $scenario)
    };
    ($shows:ident $law:ident $scenario:ident) => {
        Fate::Breaks {
            law: Law::$law,
            scenario: stringify!($scenario),
            shows: Shows::$shows,
        }
    };
    (equivalent($why:expr)) => {
        Fate::Equivalent($why)
    };
    (out_of_reach($why:expr)) => {
        Fate::OutOfReach($why)
    };
}

catalogue! {
    ring {
        // The ring: room and places.
        marker_omitted: flaw(MarkerOmitted) => breaks Whole in around_the_end, rules "R5.1";
        tail_not_charged: flaw(TailNotCharged) => breaks Whole in end_is_charged, rules "R4.1";
        tail_not_counted: flaw(TailNotCounted) => breaks Whole in around_the_end, rules "R5.1";
        tag_room_ignored: flaw(TagRoomIgnored) => breaks OwnTag in tags_run_out, rules "R4.1";
        // Tags that are not there yet are read, or records come out before their time.
        one_fits_is_enough: flaw(OneFitsIsEnough)
            => breaks OwnTag in overflow_of_two, also Whole Conserved, rules "R4.2" "R6.4";
        difference_of_32_bits: flaw(DifferenceOf32Bits)
            => breaks Whole in counts_wrap, rules "R3.2";
        // The ring: overflow.
        overflow_after_record: flaw(OverflowAfterRecord)
            => breaks InOrder in overflow_of_two, rules "R6.2";
        overflow_tagged: flaw(OverflowTagged) => breaks OwnTag in overflow_of_two, rules "R7.1";
        time_of_last: flaw(TimeOfLast) => breaks FirstDrop in drops_in_place, rules "R7.1" "R7.3";
        time_after_count: flaw(TimeAfterCount) => breaks FirstDrop in overflow, rules "R7.3";
        not_sticky: flaw(NotSticky) => breaks Conserved in drops_without_end, rules "R8";
        generation_kept: flaw(GenerationKept) => breaks InOrder in overflow_again, rules "R7.2";
        // The ring: flags and wake-ups.
        flags_kept: flaw(FlagsKept) => breaks WokenOnce in record_then_close, rules "R13.1";
        commit_by_store: flaw(CommitByStore) => breaks Woken in half_wakes, rules "R6.5";
        commit_without_wake: flaw(CommitWithoutWake)
            => breaks Woken in half_wakes, rules "R13.1" "R14.2";
        sleeping_not_carried: flaw(SleepingNotCarried)
            => breaks Woken in second_quarter_wakes, rules "R14.2";
        threshold_strict: flaw(ThresholdStrict) => breaks Woken in half_wakes, rules "R14.2";
        extra_not_raised: flaw(ExtraNotRaised) => breaks Woken in close_wakes, rules "R14.1";
        extra_cleared_by_store: flaw(ExtraClearedByStore)
            => breaks Conserved in overflow_of_two, rules "R12.1";
        extra_left: flaw(ExtraLeft) => breaks Woken in drop_then_close, rules "R12.1";
        extra_cleared_first: flaw(ExtraClearedFirst)
            => equivalent("the reader looks for what the flag stood for behind it all the same, and \
                raising it again makes the swap to sleep fail");
        woken_before_eof: flaw(WokenBeforeEof) => breaks Woken in close_wakes, rules "R13.2";
        eof_before_overflow: flaw(EofBeforeOverflow)
            => breaks Conserved in drop_before_the_end, rules "R12.1";
        wake_may_block: flaw(WakeMayBlock)
            => breaks HandlerGoesOn in signal_in_read, rules "R13.4", bug "B12";
        // The ring: the reader.
        given_back_at_once: flaw(GivenBackAtOnce) => breaks OwnTag in write_read, rules "R10.1";
        tags_kept: flaw(TagsKept) => breaks OwnTag in around_the_end, rules "R10.2";
        tag_run_ignored: flaw(TagRunIgnored) => breaks NoThrow in tags_wrap, rules "R11.1";
        marker_counted: flaw(MarkerCounted) => breaks Whole in around_the_end, rules "R11.2";
    }
    logs {
        // Samples.
        no_mark_without_p of ONE_LOG: flaw(NoMarkWithoutP)
            => breaks Conserved in headers, rules "R31.1";
        p_without_mark of ONE_LOG: flaw(PWithoutMark)
            => breaks RealHeader in two_handlers, rules "R31.1";
        has_p_inverted: flaw(HasPInverted) => breaks RealHeader in headers, rules "R37.3";
        procid_missing: flaw(ProcidMissing) => breaks RealHeader in headers, rules "R43.1";
        no_m_allowed: flaw(NoMAllowed)
            => breaks NoneRetired in trace_stops_against_signal_without_m, rules "R43.1";
        // The signal lock and the logs.
        no_lock: flaw(NoLock) => breaks OneWriter in lock, also Whole, rules "R26" "R32.2";
        lock_kept_without_log of ONE_LOG: flaw(LockKeptWithoutLog)
            => breaks Woken in signal_in_start_and_stop, rules "R32.2";
        lock_in_start: flaw(LockInStart)
            => breaks HandlerGoesOn in signal_in_start_and_stop, rules "R32.1";
        lock_in_stop: flaw(LockInStop)
            => breaks HandlerGoesOn in signal_in_start_and_stop, rules "R32.1";
        log_loaded_before_lock: flaw(LogLoadedBeforeLock)
            => equivalent("it is the guard that keeps the log, not the lock; and until Go 1.21 \
                nothing keeps it (B6)");
        enabled_ignored of ONE_LOG: flaw(EnabledIgnored)
            => breaks OwnTrace in start_against_handler, rules "R30.1";
        generation_before_guard: flaw(GenerationBeforeGuard)
            => breaks NoneRetired in advance_against_handler, rules "R43.3";
        guard_kept: flaw(GuardKept) => breaks Woken in restart_against_handler, rules "R43.3";
        guard_not_nested: flaw(GuardNotNested)
            => breaks InOrder in signal_in_drain_against_advance, also Whole, rules "R43.3";
        // The sample is found in the wrong generation before anybody sees that its ring was gone.
        other_log: flaw(OtherLog)
            => breaks NoneRetired in advance_against_handler, also OwnTrace, rules "R43.2";
        clock_before_generation: flaw(ClockBeforeGeneration)
            => breaks OwnTrace in advance_against_handler, rules "R43.3";
        starts_when_on: flaw(StartsWhenOn) => breaks Drained in start_of_two, rules "R33.5";
        stops_when_off: flaw(StopsWhenOff) => breaks NoThrow in stop_of_none, rules "R34.1";
        advances_when_off: flaw(AdvancesWhenOff)
            => breaks OwnTrace in advance_of_none, rules "R43.6";
    }
    profiler {
        thread_not_disarmed: flaw(ThreadNotDisarmed)
            => breaks HandlerGoesOn in signal_in_set_rate, rules "R21.1", bug "B14";
        armed_ignored: flaw(ArmedIgnored)
            => breaks HandlerGoesOn in signal_in_set_rate, rules "R22.1", bug "B14";
        in_atomic_ignored: flaw(InAtomicIgnored)
            => breaks HandlerGoesOn in signal_in_an_emulated_atomic, rules "R22.2", bug "B13";
        starts_unfinished: flaw(StartsUnfinished)
            => breaks Conserved in start_of_two_profiles, rules "R20.2";
        rate_under_lock_ignored: flaw(RateUnderLockIgnored)
            => breaks Conserved in profile_stops, also Whole, rules "R26";
        extra_left_at_stop: flaw(ExtraLeftAtStop)
            => breaks Conserved in foreign_stacks, rules "R20.4";
        extra_after_close: flaw(ExtraAfterClose)
            => breaks EofLast in profile_stops_against_reader, rules "R20.4";
        lost_extra_kept: flaw(LostExtraKept)
            => breaks Conserved in foreign_stacks, rules "R27.3", bug "B15";
        lost_atomic_kept: flaw(LostAtomicKept) => breaks Conserved in foreign_stacks, rules "R27.3";
        non_go_without_lock: flaw(NonGoWithoutLock)
            => races Whole in signal_against_foreign_thread, rules "R27.1";
        armed_before_header: flaw(ArmedBeforeHeader)
            => breaks InOrder in profile_starts, also Whole, rules "R20.3";
        trace_first: flaw(TraceFirst)
            => breaks InProfile in trace_stops_then_profile, rules "R23.1";
    }
    orderings {
        ring_commit_relaxed: weaker(RingCommit, Relaxed) => races Whole in write_read, rules "R6.5";
        ring_seen_relaxed: weaker(RingSeen, Relaxed) => races Whole in write_read, rules "R6.5";
        ring_given_back_relaxed: weaker(RingGivenBack, Relaxed)
            => races Whole in give_back, rules "R10.1";
        ring_room_relaxed: weaker(RingRoom, Relaxed) => races Whole in give_back, rules "R10.1";
        extra_raised_relaxed: weaker(ExtraRaised, Relaxed)
            => races Woken in close_wakes, rules "R14.1";
        overflow_counted_relaxed: weaker(OverflowCounted, Relaxed)
            => races FirstDrop in drop_then_close, rules "R7.3";
        overflow_seen_relaxed: weaker(OverflowSeen, Relaxed)
            => races FirstDrop in drop_then_close, rules "R7.3";
        overflow_taken_relaxed: weaker(OverflowTaken, Relaxed) => out_of_reach(LOAD_BUFFERING);
        overflow_looked_relaxed: weaker(OverflowLooked, Relaxed) => out_of_reach(LOAD_BUFFERING);
        eof_set_relaxed: weaker(EofSet, Relaxed)
            => races EofLast in record_then_close, rules "R13.2";
        eof_seen_relaxed: weaker(EofSeen, Relaxed)
            => races EofLast in record_then_close, rules "R12.1";
        lock_taken_relaxed: weaker(LockTaken, Relaxed) => races Whole in lock, rules "R26" "R32.2";
        lock_freed_relaxed: weaker(LockFreed, Relaxed) => races Whole in lock, rules "R26" "R32.2";
        log_installed_relaxed of ONE_LOG: weaker(LogInstalled, Relaxed)
            => races Whole in start_against_handler, rules "R33.1";
        log_loaded_relaxed of ONE_LOG: weaker(LogLoaded, Relaxed)
            => races Whole in start_against_handler, rules "R32.2";
        guard_raised_not_seq_cst: weaker(GuardRaised, Release)
            => races NoneRetired in advance_against_handler, rules "R43.3";
        generation_read_not_seq_cst: weaker(GenerationRead, Acquire)
            => races NoneRetired in advance_against_handler, rules "R43.3";
        guard_lowered_relaxed: weaker(GuardLowered, Relaxed)
            => races NoneRetired in advance_against_handler, rules "R43.3";
        generation_changed_not_seq_cst: weaker(GenerationChanged, Release)
            => races NoneRetired in advance_against_handler, rules "R43.4";
        guard_watched_not_seq_cst: weaker(GuardWatched, Acquire)
            => races NoneRetired in advance_against_handler, rules "R43.4";
    }
    switches {
        eof_with_a_record_unread: switch(looks_again_at_eof: false)
            => breaks EofLast in record_then_close, rules "R12.4", bug "B30";
        woken_twice: switch(extra_clears_sleeping: false)
            => breaks WokenOnce in drop_then_close, rules "R14.2", bug "B28";
        overflow_before_older_records: switch(looks_again_at_overflow: false)
            => breaks InOrder in overflow, rules "R12.5", bug "B32";
        // What comes after the stop is read half, or lands in the next profile, as B33 may.
        non_go_ignores_the_rate: switch(non_go_checks_rate: false)
            => breaks Conserved in profile_stops_against_foreign_thread, at_times Whole OwnTrace,
                rules "R27.5", bug "B33";
        overflow_tested_too_late of ONE_LOG: switch(overflow_test: OverflowTest::AfterAdvance)
            => breaks NoThrow in headers, rules "R37.2", bug "B1";
        drains_once: switch(drain: protocol::Drain::Once)
            => breaks Drained in last_drain_of_a_wrapped_ring, rules "R37.1", bug "B2";
        names_the_scheduler: switch(reports: Reports::Gp)
            => breaks SameGoroutine in signal_in_the_scheduler, rules "R25.1" "R25.3", bug "B8";
        no_guard: switch(guard: Guard::None)
            => breaks NoneRetired in advance_against_handler, rules "R43.4";
        stop_without_drain of ONE_LOG: switch(stop: &[ClearLog, Close, Disable])
            => breaks Drained in two_handlers, rules "R34.2";
        stop_drains_first of ONE_LOG: switch(stop: &[Drain, ClearLog, Close, Disable])
            => breaks Drained in signal_in_start_and_stop, rules "R34.2";
        stop_closes_first of ONE_LOG: switch(stop: &[Close, ClearLog, Drain, Disable])
            => equivalent("a write does not look for the end, and the drain that follows reads data \
                before it");
        stop_clears_last of ONE_LOG: switch(stop: &[Close, Drain, Disable, ClearLog])
            => breaks Drained in signal_in_start_and_stop, rules "R34.2";
        stop_disables_first of ONE_LOG: switch(stop: &[Disable, ClearLog, Close, Drain])
            => equivalent("the log is cleared and drained all the same");
        stop_never_clears of ONE_LOG: switch(stop: &[Close, Drain, Disable])
            => breaks Drained in signal_in_start_and_stop, rules "R34.2";
        stop_without_waiting: switch(stop: &[Disable, Drain, ClearLog, Close])
            => breaks NoneRetired in stop_against_handler, rules "R43.5";
        stop_waits_first: switch(stop: &[AwaitHandlers, Disable, Drain, ClearLog, Close])
            => breaks NoneRetired in stop_against_handler, rules "R43.5";
        advance_without_waiting: switch(advance: &[NextGeneration, Drain])
            => breaks NoneRetired in advance_against_handler, rules "R43.4";
        advance_waits_first: switch(advance: &[AwaitHandlers, NextGeneration, Drain])
            => breaks NoneRetired in advance_against_handler, rules "R43.4";
        advance_drains_first: switch(advance: &[Drain, NextGeneration, AwaitHandlers])
            => breaks NoneRetired in advance_against_handler, rules "R43.4";
        advance_without_drain: switch(advance: &[NextGeneration, AwaitHandlers])
            => breaks NoneRetired in advance_against_handler, rules "R43.4";
    }
}
