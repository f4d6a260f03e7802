//! Pairs whose trace was thinned: of each stack some samples are gone, and nothing says why.

use sigprof::check::Reason::Fewer;
use sigprof::check::{Narrow, Report, TraceSide, Verdict, words};
use sigprof::pprof;
use sigprof::trace::v1;
use sigprof_wire::v1::EventType;

use super::{bytes, profile};

/// The outcome of a pair without those samples of which it is so, by their number and their
/// stack. The profile lies within the trace, so that nothing is outside of it.
fn without(case: &str, is_gone: impl Fn(usize, u64) -> bool) -> Report {
    let bytes = bytes(case);
    let mut trace = v1::read(&bytes).unwrap();
    let mut nth = 0;
    trace.events.retain(|event| {
        let is_sample = event.event_type == EventType::CPUSample;
        nth += usize::from(is_sample);
        !is_sample || !is_gone(nth, event.stack.map_or(0, std::num::NonZeroU64::get))
    });
    let side = TraceSide::of(&trace, &Narrow::default());
    let mut profile = profile(case);
    profile.duration = trace.span() * 9 / 10;
    side.check(profile).unwrap()
}

/// Guards S8.29.
#[test]
fn an_even_loss_has_one_word_whatever_its_share() {
    for of_ten in [1, 3, 5, 7, 9] {
        let report = without("basics/hog", |nth, _| nth % 10 < of_ten);
        let got = (report.verdict, report.reason);
        assert_eq!(
            got,
            (Verdict::CannotTell, Some(Fewer)),
            "{}",
            report.summary
        );
        let text = words::text(&report, words::Layout::default());
        assert!(
            text.starts_with("cannot tell: the trace has fewer"),
            "{text}"
        );
        assert!(text.contains("do not take the trace for whole"), "{text}");
        for stack in &report.stacks {
            assert!(stack.verdict <= report.verdict, "{stack:?}");
        }
    }
}

/// One function's samples, and of others none, are nothing that chance does.
///
/// Guards S8.29.
#[test]
fn a_loss_of_one_stack_stays_wrong() {
    let whole = without("basics/hog", |_, _| false);
    assert_eq!(whole.verdict, Verdict::Match);
    let bytes = bytes("basics/hog");
    let trace = v1::read(&bytes).unwrap();
    let mut counts = std::collections::BTreeMap::<u64, usize>::new();
    for event in &trace.events {
        if event.event_type == EventType::CPUSample {
            *counts
                .entry(event.stack.map_or(0, |id| id.get()))
                .or_default() += 1;
        }
    }
    let mut stacks: Vec<_> = counts.into_iter().collect();
    stacks.sort_by_key(|&(_, count)| std::cmp::Reverse(count));
    // Half of all samples, of the stacks that have most.
    let all: usize = stacks.iter().map(|&(_, count)| count).sum();
    let mut gone = Vec::new();
    let mut sum = 0;
    for (stack, count) in stacks {
        if sum * 2 < all {
            gone.push(stack);
            sum += count;
        }
    }
    let report = without("basics/hog", |_, stack| gone.contains(&stack));
    assert_eq!(report.verdict, Verdict::Wrong, "{}", report.summary);
}

/// A profile with twice the samples that there was time for is no loss of the trace's.
///
/// Guards S8.29.
#[test]
fn a_profile_with_more_than_there_was_time_for_stays_wrong() {
    let mut profile = profile("basics/hog-go1.27");
    profile
        .samples
        .iter_mut()
        .for_each(|sample| sample.count *= 2);
    let bytes = bytes("basics/hog-go1.27");
    let mut reader = sigprof::trace::Reader::new(&bytes).unwrap();
    let side = TraceSide::read(&mut reader, &Narrow::default()).unwrap();
    let report: Report = side.check(pprof::Profile { ..profile }).unwrap();
    assert_eq!(report.verdict, Verdict::Wrong, "{}", report.summary);
}
