//! Real Go as the judge of `expected.json`: it finds the same samples, and does with invalid
//! traces what is said there.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::{Path, PathBuf};

use sigprof::corpus::expected::{GoDoes, Input, Invalid, Valid};
use sigprof::corpus::samples::{TraceSample, TraceSide};
use sigprof::corpus::{compare, events, manifest};
use sigprof::fixtures::Files;
use sigprof::oracle::Go;

use super::go::{Decoder, RELEASES};

/// The decoder of a release, or a line that says why the test is skipped.
pub(crate) fn decoder(release: &str) -> Option<Decoder> {
    let row = RELEASES.iter().find(|r| r.version == release).unwrap();
    let go = Go::find_or_skip(release)?;
    Some(Decoder::build(&go, row).unwrap())
}

fn path(case: &str) -> PathBuf {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures");
    fixtures.join(case).join("trace")
}

/// Valid cases in the formats that a release reads.
fn valid(formats: &[&str]) -> Vec<(String, Valid)> {
    let files = Files::embedded();
    let expected = |case: String| {
        let expected: Valid = files.json(&format!("{case}/expected.json")).unwrap();
        (case, expected)
    };
    let mut cases: Vec<_> = files.valid().into_iter().map(expected).collect();
    cases.retain(|(_, expected)| formats.contains(&&*expected.format));
    let seen: BTreeSet<_> = cases.iter().map(|(_, e)| &*e.format).collect();
    assert_eq!(
        seen.len(),
        formats.len(),
        "want cases of {formats:?}, got {seen:?}"
    );
    cases
}

/// Go finds the samples of every valid case, and as many events, where it counts as we do.
fn finds_the_samples(release: &str, formats: &[&str], counts_events: bool) {
    let Some(decoder) = decoder(release) else {
        return;
    };
    let cases = valid(formats);
    let paths: Vec<_> = cases.iter().map(|(case, _)| path(case)).collect();
    let answers = decoder.read(&paths).unwrap();
    let (mut samples, mut moved) = (0, 0);
    for ((case, expected), answer) in cases.iter().zip(answers) {
        if !counts_events && case.starts_with("valid/events/") {
            // The conversion does not know FutileWakeup.
            assert_eq!(answer.said, "unexpected event type 36", "{case}");
            continue;
        }
        let mut found = answer
            .trace
            .unwrap_or_else(|| panic!("{case}: {}", answer.said));
        if !counts_events {
            moved += move_back(&expected.trace, &mut found);
        }
        compare::trace(&expected.trace, &found).unwrap_or_else(|e| panic!("{case}: {e}"));
        if counts_events {
            assert_eq!(found.events, expected.trace.events, "{case}");
        }
        samples += found.samples.len();
    }
    assert!(samples > 5000, "{samples}");
    assert!(moved < samples / 10, "{moved} of {samples}");
}

/// No two events of a v2 trace have the same time: the conversion makes each at least a
/// nanosecond later than the one before. Samples that were moved so, by a few nanoseconds, get
/// the time back that the sample has which is otherwise equal; returns how many.
fn move_back(expected: &TraceSide, found: &mut TraceSide) -> usize {
    const FEW_NS: i64 = 200;
    let key = |side: &TraceSide, s: &TraceSample| (s.p, s.g, side.stacks[s.stack].clone());
    let mut times: BTreeMap<_, VecDeque<i64>> = BTreeMap::new();
    for sample in &expected.samples {
        let same = times.entry(key(expected, sample)).or_default();
        same.push_back(sample.time_ns);
    }
    let keys: Vec<_> = found.samples.iter().map(|s| key(found, s)).collect();
    let mut moved = 0;
    for (sample, key) in found.samples.iter_mut().zip(keys) {
        let time = times.get_mut(&key).and_then(VecDeque::pop_front);
        let later = time.map_or(0, |time| sample.time_ns - time);
        if (1..=FEW_NS).contains(&later) {
            sample.time_ns -= later;
            moved += 1;
        }
    }
    moved
}

const UP_TO_1_19: [&str; 7] = [
    "go1.5", "go1.7", "go1.8", "go1.9", "go1.10", "go1.11", "go1.19",
];
const UP_TO_1_21: [&str; 8] = [
    "go1.5", "go1.7", "go1.8", "go1.9", "go1.10", "go1.11", "go1.19", "go1.21",
];

/// Guards R61.7, R62.11.
#[test]
fn go_1_19_finds_the_expected_samples() {
    finds_the_samples("1.19", &UP_TO_1_19, true);
}

/// Guards R61.7, R62.11.
#[test]
fn go_1_21_finds_the_expected_samples() {
    finds_the_samples("1.21", &UP_TO_1_21, true);
}

/// From 1.22 on Go converts v1 traces, those of Go 1.11 and later.
#[test]
fn go_1_27_finds_the_expected_samples() {
    finds_the_samples("1.27", &["go1.11", "go1.19", "go1.21"], false);
}

/// A release finds the samples of every v2 case that it reads; the newest counts events as we do.
fn finds_the_samples_of_v2(release: &str) {
    let Some(decoder) = decoder(release) else {
        return;
    };
    let is_read = |format: &&str| format.trim_start_matches("go") <= release;
    let formats = ["go1.22", "go1.23", "go1.25", "go1.26"];
    let formats: Vec<_> = formats.into_iter().filter(is_read).collect();
    let cases = valid(&formats);
    let paths: Vec<_> = cases.iter().map(|(case, _)| path(case)).collect();
    let answers = decoder.read(&paths).unwrap();
    for ((case, expected), answer) in cases.into_iter().zip(answers) {
        let mut found = answer
            .trace
            .unwrap_or_else(|| panic!("{case}: {}", answer.said));
        // Go does not say of which generation a sample is.
        let mut trace = expected.trace;
        for sample in &mut trace.samples {
            sample.generation = None;
        }
        compare::trace(&trace, &found).unwrap_or_else(|e| panic!("{case}: {e}"));
        if release == "1.27" {
            found.ticks_per_second = trace.ticks_per_second;
            found.generations = trace.generations;
            compare::trace_numbers(&trace, &found).unwrap_or_else(|e| panic!("{case}: {e}"));
        }
    }
}

/// A release finds the events of every case of these formats, in their order.
fn finds_the_events(release: &str, formats: &[&str], at_least: usize) {
    let Some(decoder) = decoder(release) else {
        return;
    };
    let mut count = 0;
    // Half a million events need not be in memory at once.
    for (case, expected) in valid(formats) {
        let path = path(&case);
        let ours = events::of(&std::fs::read(&path).unwrap()).unwrap();
        assert_eq!(events::sum(&ours), expected.events, "{case}");
        let answers = decoder.list(&[path]).unwrap();
        let theirs = answers[0].events.as_ref();
        let theirs = theirs.unwrap_or_else(|| panic!("{case}: {}", answers[0].said));
        compare::events(&ours, theirs).unwrap_or_else(|e| panic!("{case}: {e}"));
        count += theirs.len();
    }
    assert!(count > at_least, "{count}");
}

/// Guards S62.2.
#[test]
fn go_1_19_finds_the_expected_events() {
    finds_the_events("1.19", &UP_TO_1_19, 100_000);
}

/// Of older traces it renames the stops of the world (R64.4).
///
/// Guards S62.2.
#[test]
fn go_1_21_finds_the_expected_events() {
    finds_the_events("1.21", &["go1.21"], 3000);
}

/// Guards S62.2.
#[test]
fn go_1_27_finds_the_expected_events() {
    let formats = ["go1.22", "go1.23", "go1.25", "go1.26"];
    finds_the_events("1.27", &formats, 20_000);
}

/// Guards S30.13.
#[test]
fn go_1_22_finds_the_expected_samples_of_v2() {
    finds_the_samples_of_v2("1.22");
}

/// Guards S30.13.
#[test]
fn go_1_23_finds_the_expected_samples_of_v2() {
    finds_the_samples_of_v2("1.23");
}

/// Guards S30.13.
#[test]
fn go_1_24_finds_the_expected_samples_of_v2() {
    finds_the_samples_of_v2("1.24");
}

/// Guards S30.13.
#[test]
fn go_1_25_finds_the_expected_samples_of_v2() {
    finds_the_samples_of_v2("1.25");
}

/// Guards S30.13.
#[test]
fn go_1_26_finds_the_expected_samples_of_v2() {
    finds_the_samples_of_v2("1.26");
}

/// Guards S30.13.
#[test]
fn go_1_27_finds_the_expected_samples_of_v2() {
    finds_the_samples_of_v2("1.27");
}

/// Go does the same with a case every time, though equal times have no order in Go: it is asked
/// five times.
fn does_what_is_said(release: &str) {
    let Some(decoder) = decoder(release) else {
        return;
    };
    let row = RELEASES.iter().find(|r| r.version == release).unwrap();
    let files = Files::embedded();
    let mut cases = Vec::new();
    for case in files.invalid() {
        let expected: Invalid = files.json(&format!("{case}/expected.json")).unwrap();
        let format = expected.format.as_deref();
        let is_asked = row.judges_v1 || format.is_some_and(manifest::is_v2);
        if expected.input == Input::Trace && is_asked {
            cases.push((case, expected.go.unwrap()));
        }
    }
    let paths: Vec<_> = cases.iter().map(|(case, _)| path(case)).collect();
    for _ in 0..5 {
        let answers = decoder.read(&paths).unwrap();
        for ((case, go), answer) in cases.iter().zip(answers) {
            assert_eq!(
                go.get(release),
                Some(&answer.does),
                "{case}: {}",
                answer.said
            );
        }
    }
    let refused = cases
        .iter()
        .filter(|(_, go)| go[release] == GoDoes::Refuses);
    assert!(refused.count() > 40);
}

/// Guards R60.23.
#[test]
fn go_1_19_does_with_invalid_traces_what_is_said() {
    does_what_is_said("1.19");
}

/// Guards R60.23.
#[test]
fn go_1_21_does_with_invalid_traces_what_is_said() {
    does_what_is_said("1.21");
}

#[test]
fn go_1_27_does_with_invalid_traces_what_is_said() {
    does_what_is_said("1.27");
}

/// Guards S30.13.
#[test]
fn go_1_22_to_1_26_do_with_invalid_v2_traces_what_is_said() {
    for release in ["1.22", "1.23", "1.24", "1.25", "1.26"] {
        does_what_is_said(release);
    }
}
