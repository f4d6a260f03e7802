//! Mutants of the ring.

use super::{FIXED, breaks, flaw};
use crate::law::Law;
use crate::mutants::{Fate, Mutant};
use crate::protocol::Flaw;

pub(super) fn all() -> Vec<Mutant> {
    vec![
        // The ring: room and places.
        flaw(
            "marker_omitted",
            FIXED,
            Flaw::MarkerOmitted,
            breaks(Law::Whole, "around_the_end"),
        )
        .rules(&["R5.1"]),
        flaw(
            "tail_not_charged",
            FIXED,
            Flaw::TailNotCharged,
            breaks(Law::Whole, "end_is_charged"),
        )
        .rules(&["R4.1"]),
        flaw(
            "tail_not_counted",
            FIXED,
            Flaw::TailNotCounted,
            breaks(Law::Whole, "around_the_end"),
        )
        .rules(&["R5.1"]),
        flaw(
            "tag_room_ignored",
            FIXED,
            Flaw::TagRoomIgnored,
            breaks(Law::OwnTag, "tags_run_out"),
        )
        .rules(&["R4.1"]),
        flaw(
            "one_fits_is_enough",
            FIXED,
            Flaw::OneFitsIsEnough,
            breaks(Law::OwnTag, "overflow_of_two"),
        )
        .rules(&["R4.2", "R6.4"]),
        flaw(
            "difference_of_32_bits",
            FIXED,
            Flaw::DifferenceOf32Bits,
            breaks(Law::Whole, "counts_wrap"),
        )
        .rules(&["R3.2"]),
        // The ring: overflow.
        flaw(
            "overflow_after_record",
            FIXED,
            Flaw::OverflowAfterRecord,
            breaks(Law::InOrder, "overflow_of_two"),
        )
        .rules(&["R6.2"]),
        flaw(
            "overflow_tagged",
            FIXED,
            Flaw::OverflowTagged,
            breaks(Law::OwnTag, "overflow_of_two"),
        )
        .rules(&["R7.1"]),
        flaw(
            "time_of_last",
            FIXED,
            Flaw::TimeOfLast,
            breaks(Law::FirstDrop, "drops_in_place"),
        )
        .rules(&["R7.1", "R7.3"]),
        flaw(
            "time_after_count",
            FIXED,
            Flaw::TimeAfterCount,
            breaks(Law::FirstDrop, "overflow"),
        )
        .rules(&["R7.3"]),
        flaw(
            "not_sticky",
            FIXED,
            Flaw::NotSticky,
            breaks(Law::Conserved, "drops_without_end"),
        )
        .rules(&["R8"]),
        flaw(
            "generation_kept",
            FIXED,
            Flaw::GenerationKept,
            breaks(Law::InOrder, "overflow_again"),
        )
        .rules(&["R7.2"]),
        // The ring: flags and wake-ups.
        flaw(
            "flags_kept",
            FIXED,
            Flaw::FlagsKept,
            breaks(Law::WokenOnce, "record_then_close"),
        )
        .rules(&["R13.1"]),
        flaw(
            "commit_by_store",
            FIXED,
            Flaw::CommitByStore,
            breaks(Law::Woken, "half_wakes"),
        )
        .rules(&["R6.5"]),
        flaw(
            "commit_without_wake",
            FIXED,
            Flaw::CommitWithoutWake,
            breaks(Law::Woken, "half_wakes"),
        )
        .rules(&["R13.1", "R14.2"]),
        flaw(
            "sleeping_not_carried",
            FIXED,
            Flaw::SleepingNotCarried,
            breaks(Law::Woken, "second_quarter_wakes"),
        )
        .rules(&["R14.2"]),
        flaw(
            "threshold_strict",
            FIXED,
            Flaw::ThresholdStrict,
            breaks(Law::Woken, "half_wakes"),
        )
        .rules(&["R14.2"]),
        flaw(
            "extra_not_raised",
            FIXED,
            Flaw::ExtraNotRaised,
            breaks(Law::Woken, "close_wakes"),
        )
        .rules(&["R14.1"]),
        flaw(
            "extra_cleared_by_store",
            FIXED,
            Flaw::ExtraClearedByStore,
            breaks(Law::Conserved, "overflow_of_two"),
        )
        .rules(&["R12.1"]),
        flaw(
            "extra_left",
            FIXED,
            Flaw::ExtraLeft,
            breaks(Law::Woken, "drop_then_close"),
        )
        .rules(&["R12.1"]),
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
        )
        .rules(&["R13.2"]),
        flaw(
            "eof_before_overflow",
            FIXED,
            Flaw::EofBeforeOverflow,
            breaks(Law::Conserved, "drop_before_the_end"),
        )
        .rules(&["R12.1"]),
        flaw(
            "wake_may_block",
            FIXED,
            Flaw::WakeMayBlock,
            breaks(Law::HandlerGoesOn, "signal_in_read"),
        )
        .rules(&["R13.4"])
        .known_as("B12"),
        // The ring: the reader.
        flaw(
            "given_back_at_once",
            FIXED,
            Flaw::GivenBackAtOnce,
            breaks(Law::OwnTag, "write_read"),
        )
        .rules(&["R10.1"]),
        flaw(
            "tags_kept",
            FIXED,
            Flaw::TagsKept,
            breaks(Law::OwnTag, "around_the_end"),
        )
        .rules(&["R10.2"]),
        flaw(
            "tag_run_ignored",
            FIXED,
            Flaw::TagRunIgnored,
            breaks(Law::NoThrow, "tags_wrap"),
        )
        .rules(&["R11.1"]),
        flaw(
            "marker_counted",
            FIXED,
            Flaw::MarkerCounted,
            breaks(Law::Whole, "around_the_end"),
        )
        .rules(&["R11.2"]),
    ]
}
