//! The words that a person reads, where no golden has them.

use sigprof::check::words::{Layout, text};

use super::pair::{GOROUTINE, LAST, Pair, SECOND};

/// Four labelled samples, of which goroutine 2 has three, outside of the region.
fn elsewhere() -> Pair {
    let mut pair = Pair::default()
        .trace("a", 1)
        .trace_of(2, "a", 3)
        .labelled("a", 4, ("k", "v"))
        .region("work", 2, LAST);
    pair.narrow.labels = vec![("k".to_owned(), "v".to_owned())];
    pair
}

/// Guards S8.13.
#[test]
fn samples_outside_of_the_selection_are_named_with_it() {
    let mut pair = elsewhere();
    let summary = |pair: &Pair| pair.check().summary;
    pair.narrow.goroutine = Some(sigprof::trace::GoId(GOROUTINE));
    let missing = "3 of the profile's 4 samples are not in the trace as narrowed";
    assert_eq!(
        summary(&pair),
        format!("lost: the trace has the samples, but not in goroutine 1; {missing}")
    );
    pair.narrow.region = Some("work".into());
    assert_eq!(
        summary(&pair),
        format!(
            "lost: the trace has the samples, but not in goroutine 1 and in region \"work\"; {missing}"
        )
    );
}

/// Guards S8.13.
#[test]
fn why_samples_are_outside_of_the_selection_and_what_to_do() {
    let mut pair = elsewhere();
    pair.narrow.goroutine = Some(sigprof::trace::GoId(GOROUTINE));
    let text = text(&pair.check(), Layout::default());
    let expected = "
  Narrowed to profile: label k=v; trace: goroutine 1
  Why         Goroutines inherit labels from the one that starts them, but not its regions: labelled
              work may run in other goroutines than the one that was looked at.
  What to do  Narrow the trace to all goroutines that do the work, or leave out --goroutine and
              --region.

  verdict  trace  profile  stack, leaf first
  lost         1        4  a
";
    assert!(text.ends_with(expected), "{text}");
}

/// The words about a pair, without their line breaks.
fn words(pair: &Pair) -> String {
    let text = text(&pair.check(), Layout::default());
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn the_side_that_ran_longer_is_named() {
    let pair = Pair::default().both("a", 3);
    let profile = pair.clone().profile("a", 1).profile_ns(LAST + SECOND / 10);
    assert!(words(&profile).contains("The profile ran 0.100 s longer: room for at most 11"));
    let trace = pair.trace("a", 1).profile_ns(LAST - SECOND / 10);
    assert!(words(&trace).contains("The trace ran 0.100 s longer: room for at most 11"));
}

#[test]
fn where_a_profile_may_lie_outside_is_told_only_if_that_is_more_than_it_is_longer() {
    let says = |pair: &Pair| {
        words(pair).contains("When the trace began, by the time of day, is not known")
    };
    let pair = Pair::default().both("a", 10).profile("a", 2000);
    assert!(says(&pair.clone().sampled_early()));
    // Samples to the last moment, from 1 ms on: the profile is not longer, and lies outside by
    // no more than that.
    assert!(!says(&pair.profile_ns(LAST - SECOND / 10)));
}

#[test]
fn narrowing_is_advised_to_who_has_not_done_it() {
    let advice = "Set a label and a region around work";
    let pair = Pair::default().both("a", 3).profile_ns(LAST + SECOND / 10);
    assert!(words(&pair.clone().profile("a", 2)).contains(advice));
    let mut narrowed = pair
        .labelled("a", 2, ("k", "v"))
        .labelled("b", 1, ("k", "v"));
    narrowed.narrow.labels = vec![("k".to_owned(), "v".to_owned())];
    let words = words(&narrowed);
    assert!(
        words.starts_with("consistent: the profile ran longer"),
        "{words}"
    );
    assert!(!words.contains(advice), "{words}");
}

#[test]
fn only_counts_that_differ_both_ways_hint_at_another_run() {
    let hint = "First make sure that both files are of the same run";
    let missing = Pair::default().both("a", 3).profile("a", 9);
    assert!(!words(&missing).contains(hint));
    assert!(words(&missing.trace("b", 9)).contains(hint));
}

/// Guards S75.7.
#[test]
fn rows_are_what_differs_and_the_rest_is_counted() {
    let equal = (0..17).fold(Pair::default(), |pair, at| pair.both(&format!("f{at}"), 1));
    let counted = "stacks have as many samples on both sides (--all shows each)";
    assert!(words(&equal).ends_with(&format!(" 17 {counted}")));
    assert!(!words(&equal).contains("stack, leaf first"));
    let surplus = equal.clone().trace("f3", 1).profile_ns(LAST - 1);
    let text = words(&surplus);
    assert!(
        text.contains("stack, leaf first consistent 2 1 f3"),
        "{text}"
    );
    assert!(text.ends_with(&format!(" 16 other {counted}")), "{text}");
    let many = (0..17).fold(Pair::default(), |pair, at| {
        pair.both(&format!("f{at}"), 1).trace(&format!("f{at}"), 1)
    });
    let text = words(&many.profile_ns(LAST - 1));
    assert!(
        text.ends_with("and 2 more rows with smaller differences (--all)"),
        "{text}"
    );
}
