//! Samples, the signal lock, and the logs of a trace.

use super::{FIXED, ONE_LOG, breaks, flaw};
use crate::law::Law;
use crate::mutants::{Fate, Mutant};
use crate::protocol::Flaw;

pub(super) fn all() -> Vec<Mutant> {
    vec![
        // Samples.
        flaw(
            "no_mark_without_p",
            ONE_LOG,
            Flaw::NoMarkWithoutP,
            breaks(Law::Conserved, "headers"),
        )
        .rules(&["R31.1"]),
        flaw(
            "p_without_mark",
            ONE_LOG,
            Flaw::PWithoutMark,
            breaks(Law::RealHeader, "two_handlers"),
        )
        .rules(&["R31.1"]),
        flaw(
            "has_p_inverted",
            FIXED,
            Flaw::HasPInverted,
            breaks(Law::RealHeader, "headers"),
        )
        .rules(&["R37.3"]),
        flaw(
            "procid_missing",
            FIXED,
            Flaw::ProcidMissing,
            breaks(Law::RealHeader, "headers"),
        )
        .rules(&["R43.1"]),
        flaw(
            "no_m_allowed",
            FIXED,
            Flaw::NoMAllowed,
            breaks(Law::NoneRetired, "trace_stops_against_signal_without_m"),
        )
        .rules(&["R43.1"]),
        // The signal lock and the logs.
        flaw(
            "no_lock",
            FIXED,
            Flaw::NoLock,
            breaks(Law::OneWriter, "lock"),
        )
        .rules(&["R26", "R32.2"]),
        flaw(
            "lock_kept_without_log",
            ONE_LOG,
            Flaw::LockKeptWithoutLog,
            breaks(Law::Woken, "signal_in_start_and_stop"),
        )
        .rules(&["R32.2"]),
        flaw(
            "lock_in_start",
            FIXED,
            Flaw::LockInStart,
            breaks(Law::HandlerGoesOn, "signal_in_start_and_stop"),
        )
        .rules(&["R32.1"]),
        flaw(
            "lock_in_stop",
            FIXED,
            Flaw::LockInStop,
            breaks(Law::HandlerGoesOn, "signal_in_start_and_stop"),
        )
        .rules(&["R32.1"]),
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
        )
        .rules(&["R30.1"]),
        flaw(
            "generation_before_guard",
            FIXED,
            Flaw::GenerationBeforeGuard,
            breaks(Law::NoneRetired, "advance_against_handler"),
        )
        .rules(&["R43.3"]),
        flaw(
            "guard_kept",
            FIXED,
            Flaw::GuardKept,
            breaks(Law::Woken, "restart_against_handler"),
        )
        .rules(&["R43.3"]),
        flaw(
            "guard_not_nested",
            FIXED,
            Flaw::GuardNotNested,
            breaks(Law::InOrder, "signal_in_drain_against_advance"),
        )
        .rules(&["R43.3"]),
        flaw(
            "other_log",
            FIXED,
            Flaw::OtherLog,
            breaks(Law::NoneRetired, "advance_against_handler"),
        )
        .rules(&["R43.2"]),
        flaw(
            "clock_before_generation",
            FIXED,
            Flaw::ClockBeforeGeneration,
            breaks(Law::OwnTrace, "advance_against_handler"),
        )
        .rules(&["R43.3"]),
        flaw(
            "starts_when_on",
            FIXED,
            Flaw::StartsWhenOn,
            breaks(Law::Drained, "start_of_two"),
        )
        .rules(&["R33.5"]),
        flaw(
            "stops_when_off",
            FIXED,
            Flaw::StopsWhenOff,
            breaks(Law::NoThrow, "stop_of_none"),
        )
        .rules(&["R34.1"]),
        flaw(
            "advances_when_off",
            FIXED,
            Flaw::AdvancesWhenOff,
            breaks(Law::OwnTrace, "advance_of_none"),
        )
        .rules(&["R43.6"]),
    ]
}
