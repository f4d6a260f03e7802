//! Rings of a v2 tracer that wrapped, in real traces of Go.

use std::path::Path;

use sigprof::check::{Narrow, Reason, Report, Verdict, check, words};
use sigprof::pprof::{self, Profile};
use sigprof::trace::Reader;

fn fixture(case: &str, change: impl FnOnce(&mut Profile)) -> Report {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/valid");
    let mut reader = Reader::from_path(fixtures.join(case).join("trace")).unwrap();
    let profile = std::fs::read(fixtures.join(case).join("profile.pb.gz")).unwrap();
    let mut profile = pprof::read(&profile).unwrap();
    change(&mut profile);
    check(&mut reader, &profile, &Narrow::default()).unwrap()
}

fn text(report: &Report) -> String {
    let text = words::text(report, words::Layout::default());
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Nothing explains the pair, and what is said of the rings has these words.
#[track_caller]
fn is_wrong(report: &Report, words: &str) {
    assert_eq!((report.verdict, report.reason), (Verdict::Wrong, None));
    let text = text(report);
    assert!(text.contains(words), "{text}");
}

/// Guards S8.3, S8.17.
#[test]
fn samples_behind_a_wrap_that_were_never_read_are_lost_there() {
    let report = fixture("rings/wrap-loss-go1.27", |_| {});
    let (lost, wrap) = (Verdict::Lost, Some(Reason::RingWrap));
    assert_eq!((report.verdict, report.reason), (lost, wrap));
    assert_eq!(report.missing, 338);
    let text = text(&report);
    assert!(
        text.contains("The last sample of generation 11 ends 26 words before its ring's end"),
        "{text}"
    );
}

/// Of the same ring no more than what fits into the time after its last sample.
///
/// Guards S8.17.
#[test]
fn a_wrap_does_not_explain_more_than_there_is_room_for() {
    let report = fixture("rings/wrap-loss-go1.27", |profile| {
        profile.samples[0].count += 2000;
    });
    is_wrong(&report, "but not for long enough");
}

/// Guards S8.17.
#[test]
fn rings_with_room_at_the_end_have_lost_nothing() {
    let report = fixture("basics/hog-go1.27", |profile| {
        profile.samples[0].count += 50;
    });
    is_wrong(
        &report,
        "had room when the trace ended: nothing was left in them",
    );
}

/// The place of each record is right to the word: the first that leaked found no room.
///
/// Guards S8.17, S8.18, S8.31.
#[test]
fn samples_that_leaked_are_found_and_the_first_had_no_room() {
    let report = fixture("rings/wrap-leak-go1.27", |_| {});
    assert_eq!(report.verdict, Verdict::Match);
    let said = text(&report);
    let words = "346 samples of generation 11, taken from 12.386 s on, came with generation 13";
    assert!(said.contains(words), "{said}");
    let replay = report.ring.replay.unwrap();
    let [leak] = replay.leaks[..] else {
        panic!("{replay:?}")
    };
    assert_eq!(
        (leak.generation, leak.taken_in, leak.samples),
        (13, 11, 346)
    );
    let free = leak.free_words.unwrap();
    assert!(free < report.ring.largest_record_words, "{free}");
}

/// As if the tracer had begun before: the snapshot of a flight recorder is like this.
///
/// Guards S8.18.
#[test]
fn without_the_tracers_beginning_it_is_not_known_where_rings_wrapped() {
    let pair = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/valid/basics/hog-go1.27");
    let mut trace = std::fs::read(pair.join("trace")).unwrap();
    let (began, other) = (b"start trace", b"other cause");
    let mut windows = trace.windows(began.len());
    let at = windows.position(|w| w == began).unwrap();
    trace[at..at + began.len()].copy_from_slice(other);
    let profile = std::fs::read(pair.join("profile.pb.gz")).unwrap();
    let mut profile = pprof::read(&profile).unwrap();
    profile.samples[0].count += 50;
    let mut reader = Reader::new(&trace).unwrap();
    let report = check(&mut reader, &profile, &Narrow::default()).unwrap();
    assert!(!report.ring.replay.as_ref().unwrap().is_known());
    is_wrong(&report, "is not known");
}

/// In ten seconds nobody came to read it.
///
/// Guards S8.3, S8.33.
#[test]
fn a_ring_that_took_as_many_words_as_it_has_was_full() {
    let report = fixture("rings/full-ring-go1.27", |_| {});
    let full = (Verdict::Lost, Some(Reason::RingCapacity));
    assert_eq!((report.verdict, report.reason), full);
    let [drain] = report.ring.full[..] else {
        panic!("{:?}", report.ring)
    };
    assert_eq!((drain.records, drain.words), (1899, 131_031));
    assert!(text(&report).contains("The tracer's ring was full as well, once."));
    // Of the same ring no more than what fits into that time.
    let more = fixture("rings/full-ring-go1.27", |p| p.samples[0].count += 2000);
    is_wrong(
        &more,
        "The tracer's ring was full once, but not for long enough",
    );
}
