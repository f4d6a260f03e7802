//! The pair check has teeth: each verdict is reached by a pair that has just what
//! it stands for, and is not reached by its neighbour that has it no more.
//!
//! Traces come from the simulator's writer, which shares no code with the reader.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod collected;
mod evidence;
mod narrow;
mod pair;
mod rings;
mod same;
mod words;

use pair::{LAST, Pair, SECOND, deep};
use sigprof::check::Reason::{
    Fewer, NoCommonStack, NoProfileSamples, NoTraceSamples, OldFormat, ProfileRing, RingCapacity,
    Shift, UnknownWindow, Window,
};
use sigprof::check::{Reason, Verdict};
use sigprof_wire::FormatVersion;
use sigprof_wire::limits::{MAX_CPU_PROF_STACK, PROF_BUF_TAGS};

/// Samples with the deepest stacks that the ring certainly holds: with one more,
/// less than twice a record's 68 words is left of its 131,072 (R4).
const SAFE_DEEP_SAMPLES: u64 = 1925;

/// As many PCs as a sample has at the most, of which the profile does not show the last.
fn deepest() -> String {
    deep(MAX_CPU_PROF_STACK - 1) + " runtime.goexit"
}

#[track_caller]
fn check(pair: &Pair, verdict: Verdict, reason: impl Into<Option<Reason>>) {
    let report = pair.check();
    let got = (report.verdict, report.reason);
    assert_eq!(got, (verdict, reason.into()), "{}", report.summary);
}

/// Guards S8.2.
#[test]
fn equal_counts_match() {
    let pair = Pair::default().both("a", 3).both("b", 1);
    check(&pair, Verdict::Match, None);
}

/// Guards S8.7.
#[test]
fn a_missing_sample_that_nothing_explains_is_wrong() {
    let pair = Pair::default().both("a", 3).profile("a", 1);
    check(&pair, Verdict::Wrong, None);
}

/// Guards S8.4, S8.7.
#[test]
fn a_sample_too_many_that_nothing_explains_is_wrong() {
    let pair = Pair::default().both("a", 3).trace("a", 1);
    check(
        &pair.clone().profile_ns(LAST - 1),
        Verdict::Consistent,
        Window,
    );
    check(&pair.profile_ns(LAST + SECOND), Verdict::Wrong, None);
}

/// Guards S8.1, S8.7.
#[test]
fn equal_totals_of_different_stacks_are_wrong() {
    let pair = Pair::default()
        .both("a", 3)
        .both("b", 9)
        .trace("a", 5)
        .profile("b", 5);
    check(&pair, Verdict::Wrong, None);
}

/// Guards S8.3, S8.11, S8.21.
#[test]
fn a_longer_profile_explains_as_many_as_fit() {
    // One P, a sample each 10 ms: 10 fit into 100 ms, and one for the begun period.
    let pair = Pair::default().both("a", 3).profile_ns(LAST + SECOND / 10);
    check(&pair.clone().profile("a", 11), Verdict::CannotTell, Fewer);
    check(&pair.profile("a", 12), Verdict::Wrong, None);
}

/// Guards S8.11.
#[test]
fn each_thread_can_be_sampled() {
    let pair = Pair::default().both("a", 3).profile_ns(LAST + SECOND / 10);
    let three = pair.clone().threads(3);
    check(&three.clone().profile("a", 33), Verdict::CannotTell, Fewer);
    check(&three.clone().profile("a", 34), Verdict::Wrong, None);
    // There may be more than took a P, and fewer than took one at one time or another.
    let of_four = three.procs(4);
    check(
        &of_four.clone().profile("a", 44),
        Verdict::CannotTell,
        Fewer,
    );
    check(&of_four.profile("a", 45), Verdict::Wrong, None);
    let of_two = pair.threads(3).procs(2);
    check(&of_two.profile("a", 33), Verdict::CannotTell, Fewer);
}

/// Guards S8.3, S8.11.
#[test]
fn a_profile_of_another_time_explains_as_many_as_fit() {
    // Samples of the first ten milliseconds only: the profile may have stopped then, and
    // have run 9.989 s before the trace.
    let pair = Pair::default().both("a", 10).sampled_early();
    check(&pair.clone().profile("a", 999), Verdict::Consistent, Shift);
    check(&pair.clone().profile("a", 1000), Verdict::Wrong, None);
    // The same number is not explained where samples come until the end.
    let pair = Pair::default().both("a", 10).profile("a", 999);
    check(&pair, Verdict::Wrong, None);
}

/// Guards S8.3.
#[test]
fn a_profile_without_a_duration_explains_nothing_and_excludes_nothing() {
    let pair = Pair::default().both("a", 3).profile("a", 1).profile_ns(0);
    check(&pair, Verdict::CannotTell, UnknownWindow);
}

/// Guards S8.3, S8.10.
#[test]
fn a_full_ring_is_seen_in_the_trace() {
    let stack = deepest();
    let pair = Pair::default().profile(&stack, 5);
    let full = pair
        .clone()
        .both(&stack, SAFE_DEEP_SAMPLES + 1)
        .drained_at_end();
    check(&full, Verdict::Lost, RingCapacity);
    let report = full.check();
    assert_eq!(report.missing, 5);
    assert_eq!(report.ring.full.len(), 1);
    assert_eq!(report.ring.full[0].words, (SAFE_DEEP_SAMPLES + 1) * 68);

    let not_full = pair.both(&stack, SAFE_DEEP_SAMPLES).drained_at_end();
    check(&not_full, Verdict::Consistent, Shift);
    assert!(not_full.check().ring.full.is_empty());
}

/// Guards S8.3.
#[test]
fn a_full_ring_drops_no_more_than_comes_meanwhile() {
    // Full from 1.926 s on: 808 samples until the drain at 10 s. And the profile may have
    // stopped then: 808 samples before the trace, less one as it is shorter.
    let pair = Pair::default()
        .both(&deepest(), SAFE_DEEP_SAMPLES + 1)
        .drained_at_end();
    check(
        &pair.clone().profile(&deepest(), 808 + 808),
        Verdict::Lost,
        RingCapacity,
    );
    check(&pair.profile(&deepest(), 808 + 809), Verdict::Wrong, None);
}

#[test]
fn a_ring_is_full_as_soon_as_a_long_record_does_not_fit() {
    let pair = Pair::default()
        .both(&deepest(), SAFE_DEEP_SAMPLES + 1)
        .both("main.short", 9);
    let report = pair.drained_at_end().profile(&deepest(), 5).check();
    let milli = SECOND / 1000;
    assert_eq!(report.ring.full[0].full_from_ns, Some(1926 * milli));
    assert_eq!(report.ring.full[0].last_taken_ns, 1935 * milli);
}

/// With the root that only the trace has, and at most as many PCs as the handler takes.
///
/// Guards S8.10.
#[test]
fn the_largest_record_is_that_of_the_longest_stack() {
    let words = |stack: &str| {
        Pair::default()
            .both(stack, 1)
            .check()
            .ring
            .largest_record_words
    };
    // Length, time and two words of header stand before the PCs.
    assert_eq!(words("a"), 4 + 2);
    assert_eq!(words("a b c"), 4 + 4);
    assert_eq!(words(&deep(MAX_CPU_PROF_STACK + 5)), 4 + MAX_CPU_PROF_STACK);
}

/// Guards S8.10.
#[test]
fn a_stack_with_inlined_callers_takes_no_more_room_than_its_pcs() {
    let stack = deep(MAX_CPU_PROF_STACK + 5);
    let full = Pair::default()
        .both(&stack, SAFE_DEEP_SAMPLES + 1)
        .drained_at_end();
    let ring = full.check().ring;
    assert_eq!(ring.full[0].words, (SAFE_DEEP_SAMPLES + 1) * 68);
    assert_eq!(ring.full[0].first_taken_ns, SECOND / 1000);
}

#[test]
fn numbers_below_zero_say_nothing() {
    let pair = Pair::default().both("a", 1);
    let windows = pair.clone().profile_ns(-1).period_ns(-1).check().windows;
    assert_eq!((windows.profile_ns, windows.period_ns), (None, None));
    let windows = pair.profile_ns(0).period_ns(0).check().windows;
    assert_eq!((windows.profile_ns, windows.period_ns), (None, None));
}

/// Guards S8.9.
#[test]
fn a_ring_that_was_drained_in_time_was_not_full() {
    let stack = deep(MAX_CPU_PROF_STACK - 1);
    let pair = Pair::default()
        .both(&stack, 2 * SAFE_DEEP_SAMPLES)
        .profile(&stack, 5);
    check(&pair, Verdict::Wrong, None);
}

/// Guards S8.10.
#[test]
fn short_stacks_fill_the_tags_first() {
    let pair = Pair::default().profile("a", 5).drained_at_end();
    let full = pair.clone().both("a", PROF_BUF_TAGS);
    check(&full, Verdict::Lost, RingCapacity);
    check(
        &pair.both("a", PROF_BUF_TAGS - 1),
        Verdict::Consistent,
        Shift,
    );
}

/// Guards S8.5.
#[test]
fn a_side_without_samples_does_not_overlap() {
    check(
        &Pair::default().profile("a", 3),
        Verdict::NoOverlap,
        NoTraceSamples,
    );
    check(
        &Pair::default().trace("a", 3),
        Verdict::NoOverlap,
        NoProfileSamples,
    );
    let old = Pair::default()
        .profile("a", 3)
        .version(FormatVersion::GO_1_11);
    check(&old, Verdict::NoOverlap, OldFormat);
}

/// Guards S8.5.
#[test]
fn pairs_without_a_common_stack_do_not_overlap() {
    let pair = Pair::default().trace("a", 3).profile("b", 4);
    check(&pair, Verdict::NoOverlap, NoCommonStack);
}

/// Guards S8.5.
#[test]
fn as_many_samples_with_other_stacks_are_wrong() {
    let pair = Pair::default()
        .trace("x a main", 100)
        .profile("a main", 100);
    check(&pair, Verdict::Wrong, None);
}

#[test]
fn without_any_sample_there_is_nothing_to_compare() {
    let error = Pair::default().try_check().unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("neither the trace nor the profile"),
        "{error}"
    );
}

/// Guards S7.3, S8.6.
#[test]
fn stand_ins_are_set_apart() {
    for root in [
        "runtime._System",
        "runtime._GC",
        "runtime._ExternalCode",
        "runtime._VDSO",
    ] {
        let stack = format!("leaf {root}");
        let pair = Pair::default().both("a", 3).profile(&stack, 100);
        check(&pair, Verdict::Match, None);
        assert_eq!(pair.check().profile_synthetic, 100);
        check(&Pair::default().both(&stack, 3), Verdict::Synthetic, None);
        // Threads that are not Go's are in the profile alone; not the other way round.
        check(
            &Pair::default().both("a", 3).trace(&stack, 1),
            Verdict::Synthetic,
            None,
        );
        // Only as the root: in a trace, _ExternalCode may stand at the leaf (R24.3).
        let leaf = format!("{root} main.main");
        check(
            &Pair::default().both("a", 3).profile(&leaf, 9),
            Verdict::Wrong,
            None,
        );
    }
}

/// Guards S8.4.
#[test]
fn the_profilers_own_losses_explain_a_surplus() {
    let pair = Pair::default().both("a", 3).trace("a", 9);
    check(&pair, Verdict::Wrong, None);
    // One fits into the millisecond that the trace is longer, and one was in a handler.
    let too_few = pair.clone().profile("runtime/pprof.lostProfileEvent", 6);
    check(&too_few, Verdict::Wrong, None);
    let lost = pair.profile("runtime/pprof.lostProfileEvent", 7);
    check(&lost, Verdict::Surplus, ProfileRing);
    assert_eq!(lost.check().profile_lost, 7);
    assert_eq!(lost.check().profile_samples, 3);
}

/// Guards S7.2, S7.4.
#[test]
fn goexit_and_type_arguments_do_not_count() {
    let pair = Pair::default()
        .trace("main.f[...] main.main runtime.goexit", 3)
        .profile("main.f[go.shape.int] main.main", 3);
    check(&pair, Verdict::Match, None);
}

/// Guards S7.5.
#[test]
fn a_stack_that_the_tracer_cut_is_the_longer_one_of_the_profile() {
    let cut = deep(MAX_CPU_PROF_STACK);
    let pair = Pair::default().trace(&cut, 3);
    check(
        &pair.clone().profile(&format!("{cut} main.inlined_into"), 3),
        Verdict::Match,
        None,
    );
    let shorter = deep(MAX_CPU_PROF_STACK - 1);
    let uncut = Pair::default().both("a", 1).trace(&shorter, 3);
    check(
        &uncut.profile(&format!("{shorter} main.inlined_into"), 3),
        Verdict::Wrong,
        None,
    );
}

#[test]
fn the_order_in_either_file_does_not_matter() {
    let json = |pair: &Pair| serde_json::to_value(pair.check().stacks).unwrap();
    let one = Pair::default()
        .both("a", 3)
        .both("b", 3)
        .trace("c", 1)
        .profile("d", 2);
    let other = Pair::default()
        .profile("d", 2)
        .both("b", 3)
        .trace("c", 1)
        .both("a", 3);
    assert_eq!(json(&one), json(&other));
}

/// The trace should have had what the profiler lost.
///
/// Guards S8.14, S8.16.
#[test]
fn equal_counts_are_no_match_where_the_profiler_lost_samples() {
    let lost = |n| {
        Pair::default()
            .both("a", 3)
            .profile("runtime/pprof.lostProfileEvent", n)
    };
    check(&lost(2), Verdict::Lost, ProfileRing);
    let report = lost(2).check();
    assert_eq!((report.on_neither_side, report.verdict.exit_code()), (2, 5));
    assert!((report.summary).contains("up to 2 samples that it lost are on neither side"));
    // What the trace has more may be these, but not two.
    check(&lost(2).trace("a", 1), Verdict::Lost, ProfileRing);
    assert_eq!(lost(2).trace("a", 1).check().on_neither_side, 1);
    assert_eq!(lost(8).trace("a", 8).check().on_neither_side, 0);
    // Fewer in the trace is what it was.
    check(&lost(2).profile("a", 1), Verdict::Wrong, None);
    // These were lost before either ring.
    for lost in [
        "runtime._LostExternalCode runtime._ExternalCode",
        "runtime._LostSIGPROFDuringAtomic64 runtime._System",
    ] {
        check(
            &Pair::default().both("a", 3).profile(lost, 9),
            Verdict::Match,
            None,
        );
    }
}
