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
