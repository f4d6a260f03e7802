//! What a person is told, where no golden has it.

use sigprof::check::words::{Layout, text};

use crate::pair::{GOROUTINE, LAST, Pair};

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
    pair.narrow.goroutine = std::num::NonZeroU64::new(GOROUTINE);
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
    pair.narrow.goroutine = std::num::NonZeroU64::new(GOROUTINE);
    let text = text(&pair.check(), Layout::default());
    let expected = "
  Narrowed to profile: label k=v; trace: goroutine 1
  Why         Goroutines inherit labels from the one that starts them, but not its regions: labelled
              work may run in other goroutines than the one that was looked at.
  What to do  Narrow the trace to all goroutines that do the work, or leave out --goroutine and
              --region.

  verdict  trace  profile  stack, leaf first
  lost         1        4  a:7
";
    assert!(text.ends_with(expected), "{text}");
}
