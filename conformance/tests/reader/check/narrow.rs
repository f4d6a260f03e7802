//! Labels, goroutines and regions: what they select, and which way a narrowed pair is
//! judged.

use sigprof::check::Reason::{Narrowing, OutsideSelection, ProfileRing};
use sigprof::check::Verdict;

use super::check;
use super::pair::{GOROUTINE, LAST, Pair, SECOND};

/// Guards S8.8, S8.12.
#[test]
fn a_label_demands_at_least_the_profiles_samples() {
    let pair = Pair::default()
        .both("a", 3)
        .trace("b", 2)
        .labelled("a", 4, ("k", "v"));
    let label = vec![("k".to_owned(), "v".to_owned())];
    let mut narrowed = pair.clone().trace("a", 4);
    narrowed.narrow.labels = label.clone();
    check(&narrowed, Verdict::Match, None);
    let surplus: Vec<_> = narrowed
        .check()
        .stacks
        .iter()
        .map(|s| (s.verdict, s.reason))
        .collect();
    assert_eq!(surplus, [(Verdict::Consistent, Some(Narrowing)); 2]);

    let mut missing = Pair::default().trace("a", 3).labelled("a", 4, ("k", "v"));
    missing.narrow.labels = label;
    check(&missing, Verdict::Wrong, None);
}

/// Samples that were lost may have had the label; but the goroutine's samples are all in the
/// profile.
///
/// Guards S8.14, S8.15.
#[test]
fn what_the_profiler_lost_counts_with_a_label_and_not_with_a_goroutine() {
    let lost = |trace| {
        let pair = Pair::default().labelled("a", 4, ("k", "v"));
        let pair = pair.profile("runtime/pprof.lostProfileEvent", 2);
        pair.trace("a", trace)
    };
    let mut by_label = lost(4);
    by_label.narrow.labels = vec![("k".to_owned(), "v".to_owned())];
    check(&by_label, Verdict::Lost, ProfileRing);
    let mut made_up_for = lost(6);
    made_up_for.narrow.labels = by_label.narrow.labels;
    check(&made_up_for, Verdict::Match, None);
    let mut by_goroutine = lost(4);
    by_goroutine.narrow.goroutine = Some(sigprof::trace::GoId(GOROUTINE));
    check(&by_goroutine, Verdict::Match, None);
}

/// Guards S8.13.
#[test]
fn labelled_samples_of_other_goroutines_are_outside_the_selection() {
    let label = ("k", "v");
    let mut pair = Pair::default()
        .trace("a", 4)
        .labelled("a", 4, label)
        .region("work", 2, 3);
    pair.narrow.labels = vec![("k".to_owned(), "v".to_owned())];
    check(&pair, Verdict::Match, None);
    pair.narrow.region = Some("work".into());
    check(&pair, Verdict::Lost, OutsideSelection);
    // What is nowhere in the trace is another matter, be it one sample.
    check(&pair.clone().labelled("b", 1, label), Verdict::Wrong, None);
    check(&pair.labelled("b", 9, label), Verdict::Wrong, None);
}

#[test]
fn all_labels_must_be_there() {
    let mut pair = Pair::default().trace("a", 9).labelled("a", 4, ("k", "v"));
    pair = pair.labelled("a", 5, ("l", "w"));
    pair.narrow.labels = vec![("k".to_owned(), "v".to_owned())];
    assert_eq!(pair.check().profile_samples, 4);
    pair.narrow.labels.push(("l".to_owned(), "w".to_owned()));
    let error = pair.try_check().unwrap_err().to_string();
    assert!(
        error.starts_with("no sample of the profile has label k=v and l=w"),
        "{error}"
    );
}

#[test]
fn a_label_that_does_not_occur_selects_nothing() {
    let mut pair = Pair::default().labelled("a", 4, ("k", "v"));
    pair.narrow.labels = vec![("k".to_owned(), "w".to_owned())];
    let error = pair.try_check().unwrap_err();
    assert_eq!(
        error.to_string(),
        "no sample of the profile has label k=w; there are: k=v"
    );
}

#[test]
fn ten_of_those_that_there_are_are_named() {
    let there_are = |count| {
        let labelled = |pair: Pair, at| pair.labelled("a", 1, ("k", &*format!("{at:02}")));
        let mut pair = (0..count).fold(Pair::default(), labelled);
        pair.narrow.labels = vec![("k".to_owned(), "w".to_owned())];
        pair.try_check().unwrap_err().there_are
    };
    let ten = "there are: k=00, k=01, k=02, k=03, k=04, k=05, k=06, k=07, k=08, k=09";
    assert_eq!(there_are(10), ten);
    assert_eq!(there_are(12), format!("{ten} and 2 more"));
}

/// Guards S8.12.
#[test]
fn a_goroutine_demands_at_most_the_profiles_samples() {
    let mut pair = Pair::default().both("a", 3).profile("b", 9);
    pair.narrow.goroutine = Some(sigprof::trace::GoId(GOROUTINE));
    check(&pair, Verdict::Match, None);
    let more = pair.trace("a", 7);
    check(&more, Verdict::Wrong, None);
}

#[test]
fn goroutines_and_their_regions_are_told_apart() {
    let pair = Pair::default()
        .both("a", 3)
        .trace_of(2, "a", 4)
        .profile("a", 4);
    let pair = pair.region("work", 2, LAST);
    let samples = |goroutine, region: Option<&str>| {
        let mut pair = pair.clone();
        pair.narrow.goroutine = (goroutine != 0).then_some(sigprof::trace::GoId(goroutine));
        pair.narrow.region = region.map(str::to_owned);
        pair.check().trace_samples
    };
    assert_eq!(samples(0, None), 7);
    assert_eq!(samples(1, None), 3);
    assert_eq!(samples(2, None), 4);
    assert_eq!(samples(0, Some("work")), 3);
    assert_eq!(samples(2, Some("work")), 0);
}

#[test]
fn goroutines_and_regions_that_do_not_occur_select_nothing() {
    let mut pair = Pair::default().both("a", 3);
    pair.narrow.goroutine = Some(sigprof::trace::GoId(99));
    let error = pair.try_check().unwrap_err().to_string();
    assert_eq!(error, "the trace has no goroutine 99; there are: 1");

    let mut pair = Pair::default().both("a", 3).region("work", 0, LAST);
    pair.narrow.region = Some("play".into());
    let error = pair.try_check().unwrap_err().to_string();
    assert_eq!(error, "the trace has no region \"play\"; there are: work");
}

/// Guards S8.12.
#[test]
fn a_region_takes_the_samples_that_it_lasts_for() {
    // Samples at 1, 2, ..., 10 ms.
    let milli = SECOND / 1000;
    let mut pair = Pair::default().both("a", 10);
    pair.narrow.region = Some("work".into());
    let samples = |pair: Pair| pair.check().trace_samples;
    assert_eq!(
        samples(pair.clone().region("work", 3 * milli, 5 * milli)),
        3
    );
    // It may have fewer than the profile.
    let part = pair.clone().region("work", 3 * milli, 5 * milli);
    check(&part, Verdict::Match, None);
    let more = pair
        .clone()
        .trace("b", 3)
        .region("work", 3 * milli, 12 * milli);
    check(&more, Verdict::Wrong, None);
    let two = pair
        .clone()
        .region("work", 0, 2 * milli)
        .region("work", 9 * milli, LAST);
    assert_eq!(samples(two), 3);
    assert_eq!(samples(pair.clone().open_region("work", 8 * milli)), 3);
    let ended = pair
        .clone()
        .open_region("work", 5 * milli)
        .goroutine_ends(7 * milli);
    assert_eq!(samples(ended), 3);
    assert_eq!(samples(pair.region_end("work", 4 * milli)), 4);
}
