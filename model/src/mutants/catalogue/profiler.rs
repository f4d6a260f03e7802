//! Mutants of the profiler.

use super::{FIXED, breaks, flaw, races};
use crate::law::Law;
use crate::mutants::Mutant;
use crate::protocol::Flaw;

pub(super) fn all() -> Vec<Mutant> {
    vec![
        flaw(
            "thread_not_disarmed",
            FIXED,
            Flaw::ThreadNotDisarmed,
            breaks(Law::HandlerGoesOn, "signal_in_set_rate"),
        )
        .rules(&["R21.1"])
        .known_as("B14"),
        flaw(
            "armed_ignored",
            FIXED,
            Flaw::ArmedIgnored,
            breaks(Law::HandlerGoesOn, "signal_in_set_rate"),
        )
        .rules(&["R22.1"])
        .known_as("B14"),
        flaw(
            "in_atomic_ignored",
            FIXED,
            Flaw::InAtomicIgnored,
            breaks(Law::HandlerGoesOn, "signal_in_an_emulated_atomic"),
        )
        .rules(&["R22.2"])
        .known_as("B13"),
        flaw(
            "starts_unfinished",
            FIXED,
            Flaw::StartsUnfinished,
            breaks(Law::Conserved, "start_of_two_profiles"),
        )
        .rules(&["R20.2"]),
        flaw(
            "rate_under_lock_ignored",
            FIXED,
            Flaw::RateUnderLockIgnored,
            breaks(Law::Conserved, "profile_stops"),
        )
        .rules(&["R26"]),
        flaw(
            "extra_left_at_stop",
            FIXED,
            Flaw::ExtraLeftAtStop,
            breaks(Law::Conserved, "foreign_stacks"),
        )
        .rules(&["R20.4"]),
        flaw(
            "extra_after_close",
            FIXED,
            Flaw::ExtraAfterClose,
            breaks(Law::EofLast, "profile_stops_against_reader"),
        )
        .rules(&["R20.4"]),
        flaw(
            "lost_extra_kept",
            FIXED,
            Flaw::LostExtraKept,
            breaks(Law::Conserved, "foreign_stacks"),
        )
        .rules(&["R27.3"])
        .known_as("B15"),
        flaw(
            "lost_atomic_kept",
            FIXED,
            Flaw::LostAtomicKept,
            breaks(Law::Conserved, "foreign_stacks"),
        )
        .rules(&["R27.3"]),
        flaw(
            "non_go_without_lock",
            FIXED,
            Flaw::NonGoWithoutLock,
            races(Law::Whole, "signal_against_foreign_thread"),
        )
        .rules(&["R27.1"]),
        flaw(
            "armed_before_header",
            FIXED,
            Flaw::ArmedBeforeHeader,
            breaks(Law::InOrder, "profile_starts"),
        )
        .rules(&["R20.3"]),
        flaw(
            "trace_first",
            FIXED,
            Flaw::TraceFirst,
            breaks(Law::InProfile, "trace_stops_then_profile"),
        )
        .rules(&["R23.1"]),
    ]
}
