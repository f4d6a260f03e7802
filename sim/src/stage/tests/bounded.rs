//! Bounds of stages, both sides of each.

use super::*;
use crate::bounds::{self, Bound};

/// Each number of a step with its bound.
const IN_STEPS: [(&str, Bound); 5] = [
    ("sample p=N", bounds::STAGE_P),
    ("sample g=N", bounds::GOROUTINE),
    ("sample frames=N", bounds::FRAMES),
    ("sample labels=N", bounds::LABELS),
    ("sample times=N", bounds::TIMES),
];

/// Guards S20.8.
#[test]
fn every_number_of_a_step_is_held_to_both_ends_of_its_bound() {
    for (text, bound) in IN_STEPS {
        let read = |number: u64| text.replace('N', &number.to_string()).parse::<Step>();
        for within in [bound.least, bound.most] {
            assert!(read(within).is_ok(), "{text}: {within}");
        }
        for outside in [bound.least.checked_sub(1), bound.most.checked_add(1)] {
            let Some(outside) = outside else { continue };
            let refused = matches!(read(outside), Err(StageError::OutOfBounds(_)));
            assert!(refused, "{text}: {outside}");
        }
    }
}

/// The stage of one thread that does this.
pub(super) fn one(does: &[&str]) -> String {
    format!("[[m]]\ndoes = {does:?}\n")
}

/// A text that grows with a number, and the bound of that number.
type Grows = (Bound, fn(u64) -> String);

fn times(number: u64, step: &'static str) -> Vec<&'static str> {
    (0..number).map(|_| step).collect()
}

fn traces(number: u64) -> String {
    one(&times(number, "start-trace stop-trace"))
        .replace("start-trace stop", "start-trace\", \"stop")
}

fn profiles(number: u64) -> String {
    traces(number).replace("trace", "profile")
}

/// Each number of a stage with its bound.
const IN_STAGES: [Grows; 8] = [
    (bounds::STAGE_WORDS, |n| format!("words = {n}\n[[m]]")),
    (bounds::STAGE_TAGS, |n| format!("tags = {n}\n[[m]]")),
    (bounds::STAGE_THREADS, |n| {
        "[[m]]\n".repeat(usize::try_from(n).unwrap())
    }),
    (bounds::STAGE_STEPS, |n| one(&times(n, "yield"))),
    (bounds::STAGE_TRACES, traces),
    (bounds::STAGE_PROFILES, profiles),
    (bounds::STAGE_SAMPLES, |n| {
        let rest = format!("sample times={}", n.saturating_sub(50_000).max(1));
        one(&["sample times=50000", &rest])
    }),
    (bounds::STAGE_MOVES, |n| {
        format!("[[m]]\n{}", one(&times(n, "yield")))
    }),
];

/// Guards S20.8.
#[test]
fn every_number_of_a_stage_is_held_to_both_ends_of_its_bound() {
    for (bound, text) in IN_STAGES {
        let read = |number: u64| parse(&text(number));
        assert!(
            read(bound.most).is_ok(),
            "{}: {:?}",
            bound.name,
            read(bound.most)
        );
        let refused = read(bound.most + 1).unwrap_err().to_string();
        let want = format!(
            "{}: want {} to {}, got {}",
            bound.name,
            bound.least,
            bound.most,
            bound.most + 1
        );
        assert!(refused.contains(&want), "{refused}");
    }
    let at_least_1 = parse("words = 0\n[[m]]").unwrap_err().to_string();
    assert!(
        at_least_1.starts_with("words: want 1 to 262144, got 0"),
        "{at_least_1}"
    );
}

#[track_caller]
fn check_refused(text: &str, want: &str) {
    let error = parse(text).unwrap_err().to_string();
    assert!(error.contains(want), "{error}");
}

/// Guards S20.8.
#[test]
fn a_step_out_of_bounds_is_said_with_its_place() {
    check_refused(
        &one(&["yield", "sample g=1 frames=65"]),
        "m 1, step 2, frames: want 1 to 64, got 65 (as in Go)",
    );
    check_refused(
        &one(&[&" ".repeat(201)]),
        "m 1, step 1, bytes: want 0 to 200",
    );
    check_refused(&"#".repeat((1 << 20) + 1), "bytes: want 0 to 1048576");
}

/// Guards S20.10.
#[test]
fn who_starts_a_trace_or_a_profile_stops_it() {
    check_refused(
        &one(&["start-trace"]),
        "m 1: want a stop-trace after the last start-trace",
    );
    check_refused(
        &one(&["stop-profile", "start-profile"]),
        "m 1: want a stop-profile after the last start-profile",
    );
    // Another thread may stop before this one starts.
    let two = format!("{}{}", one(&["stop-trace"]), one(&["start-trace"]));
    check_refused(&two, "m 2: want a stop-trace");
    assert!(parse(&one(&["start-trace", "start-trace", "stop-trace"])).is_ok());
}

/// Guards S20.10.
#[test]
fn no_handler_is_interrupted_by_its_own_signal() {
    let with = |signal: &str| format!("{}signal = {signal:?}", one(&["sample", "yield"]));
    check_refused(&with("sample"), "m 1: want a signal, or samples");
    check_refused(&with("yield"), "signal: want a sample, got \"yield\"");
}

/// As much as the engine is given comes to its end, with as much to read as there can be.
///
/// Guards S20.8.
#[test]
fn the_largest_stage_of_the_engine_ends() {
    let starts = ["start-profile", "start-trace"];
    let stops = ["stop-trace", "stop-profile"];
    let samples = [
        times(98, "sample p=0 g=1 frames=64"),
        times(98, "read-trace"),
        times(98, "read-profile"),
    ];
    let mixed: Vec<_> = (0..98)
        .flat_map(|n| samples.iter().map(move |s| s[n]))
        .collect();
    let alone = ["sample p=0 g=1 frames=64 times=380"];
    for middle in [&mixed[..], &alone[..]] {
        let text = format!("{}[[m]]", one(&[&starts[..], middle, &stops[..]].concat()));
        let stage = parse(&text).unwrap();
        for revision in Revision::V1 {
            for seed in 0..3 {
                let walked = walk(&stage, revision, Seed(seed));
                let violation = walked.err().map(|(violation, _)| violation.to_string());
                assert_eq!(violation, None, "{} {seed}", revision.name);
            }
        }
    }
}

/// Guards S20.9.
#[test]
fn a_truth_says_the_seed_that_it_was_given() {
    let staged = run(&case("deep"), revision(GO_1_19), Seed(7));
    assert_eq!(staged.truth.seed, Seed(7).to_string());
    let walked = walk(&case("stoppers-own-handler"), revision(GO_1_19), Seed(9));
    assert_eq!(walked.unwrap().0.truth.seed, Seed(9).to_string());
}
