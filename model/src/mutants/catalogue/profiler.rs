//! The profiler.

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
        .known_as("B14"),
        flaw(
            "armed_ignored",
            FIXED,
            Flaw::ArmedIgnored,
            breaks(Law::HandlerGoesOn, "signal_in_set_rate"),
        )
        .known_as("B14"),
        flaw(
            "in_atomic_ignored",
            FIXED,
            Flaw::InAtomicIgnored,
            breaks(Law::HandlerGoesOn, "signal_in_an_emulated_atomic"),
        )
        .known_as("B13"),
        flaw(
            "starts_unfinished",
            FIXED,
            Flaw::StartsUnfinished,
            breaks(Law::Conserved, "start_of_two_profiles"),
        ),
        flaw(
            "rate_under_lock_ignored",
            FIXED,
            Flaw::RateUnderLockIgnored,
            breaks(Law::Conserved, "profile_stops"),
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
            breaks(Law::InProfile, "trace_stops_then_profile"),
        ),
    ]
}
