//! Orderings weaker than needed: one for each site.

use core::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use super::{FIXED, LOAD_BUFFERING, ONE_LOG, races, weaker};
use crate::law::Law;
use crate::mutants::{Fate, Mutant};
use crate::protocol::Site;

pub(super) fn all() -> Vec<Mutant> {
    vec![
        weaker(
            "ring_commit_relaxed",
            FIXED,
            (Site::RingCommit, Relaxed),
            races(Law::Whole, "write_read"),
        )
        .rules(&["R6.5"]),
        weaker(
            "ring_seen_relaxed",
            FIXED,
            (Site::RingSeen, Relaxed),
            races(Law::Whole, "write_read"),
        )
        .rules(&["R6.5"]),
        weaker(
            "ring_given_back_relaxed",
            FIXED,
            (Site::RingGivenBack, Relaxed),
            races(Law::Whole, "give_back"),
        )
        .rules(&["R10.1"]),
        weaker(
            "ring_room_relaxed",
            FIXED,
            (Site::RingRoom, Relaxed),
            races(Law::Whole, "give_back"),
        )
        .rules(&["R10.1"]),
        weaker(
            "extra_raised_relaxed",
            FIXED,
            (Site::ExtraRaised, Relaxed),
            races(Law::Woken, "close_wakes"),
        )
        .rules(&["R14.1"]),
        weaker(
            "overflow_counted_relaxed",
            FIXED,
            (Site::OverflowCounted, Relaxed),
            races(Law::FirstDrop, "drop_then_close"),
        )
        .rules(&["R7.3"]),
        weaker(
            "overflow_seen_relaxed",
            FIXED,
            (Site::OverflowSeen, Relaxed),
            races(Law::FirstDrop, "drop_then_close"),
        )
        .rules(&["R7.3"]),
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
        )
        .rules(&["R13.2"]),
        weaker(
            "eof_seen_relaxed",
            FIXED,
            (Site::EofSeen, Relaxed),
            races(Law::EofLast, "record_then_close"),
        )
        .rules(&["R12.1"]),
        weaker(
            "lock_taken_relaxed",
            FIXED,
            (Site::LockTaken, Relaxed),
            races(Law::Whole, "lock"),
        )
        .rules(&["R26", "R32.2"]),
        weaker(
            "lock_freed_relaxed",
            FIXED,
            (Site::LockFreed, Relaxed),
            races(Law::Whole, "lock"),
        )
        .rules(&["R26", "R32.2"]),
        weaker(
            "log_installed_relaxed",
            ONE_LOG,
            (Site::LogInstalled, Relaxed),
            races(Law::Whole, "start_against_handler"),
        )
        .rules(&["R33.1"]),
        weaker(
            "log_loaded_relaxed",
            ONE_LOG,
            (Site::LogLoaded, Relaxed),
            races(Law::Whole, "start_against_handler"),
        )
        .rules(&["R32.2"]),
        weaker(
            "guard_raised_not_seq_cst",
            FIXED,
            (Site::GuardRaised, Release),
            races(Law::NoneRetired, "advance_against_handler"),
        )
        .rules(&["R43.3"]),
        weaker(
            "generation_read_not_seq_cst",
            FIXED,
            (Site::GenerationRead, Acquire),
            races(Law::NoneRetired, "advance_against_handler"),
        )
        .rules(&["R43.3"]),
        weaker(
            "guard_lowered_relaxed",
            FIXED,
            (Site::GuardLowered, Relaxed),
            races(Law::NoneRetired, "advance_against_handler"),
        )
        .rules(&["R43.3"]),
        weaker(
            "generation_changed_not_seq_cst",
            FIXED,
            (Site::GenerationChanged, Release),
            races(Law::NoneRetired, "advance_against_handler"),
        )
        .rules(&["R43.4"]),
        weaker(
            "guard_watched_not_seq_cst",
            FIXED,
            (Site::GuardWatched, Acquire),
            races(Law::NoneRetired, "advance_against_handler"),
        )
        .rules(&["R43.4"]),
    ]
}
