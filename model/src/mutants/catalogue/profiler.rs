//! The profiler.

use super::{FIXED, breaks, flaw, races};
use crate::law::Law;
use crate::mutants::{Fate, Mutant};
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
