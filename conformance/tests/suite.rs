//! The judge is judged: each case fails when its fixture is not as it should be, and
//! says what was wanted and what came; and a failure reaches the exit code.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use serde_json::json;
use sigprof::oracle::Mode;
use sigprof::suite::cases::{Area, Case};
use sigprof::suite::fixture::Files;
use sigprof::suite::outcome::{CaseOutcome, Outcome, Status};
use sigprof::suite::{self, Options};

const TINY: &str = "valid/basics/tiny";
const HOG: &str = "valid/basics/hog";

/// The embedded fixtures, one of them changed.
fn with(path: &str, bytes: impl Into<Vec<u8>>) -> Files {
    let mut files = Files::embedded();
    files.insert(path, bytes);
    files
}

/// The fixtures with another value for a key of tiny's `origin.toml`.
fn with_origin(key: &str, value: &str) -> Files {
    let path = format!("{TINY}/origin.toml");
    let text = String::from_utf8(Files::embedded().file(&path).unwrap().to_vec()).unwrap();
    let line = |l: &str| match l.split_once(" = ") {
        Some((k, _)) if k.trim_matches('"') == key => format!("{k} = {value}\n"),
        _ => format!("{l}\n"),
    };
    let changed: String = text.lines().map(line).collect();
    assert_ne!(changed, text, "{key}");
    with(&path, changed)
}

fn run(files: &Files, area: Area, name: &str) -> Status {
    let name = name.to_owned();
    Case { area, name }.run(files)
}

/// A case that must fail with all of these words.
#[track_caller]
fn fails(files: &Files, area: Area, name: &str, words: &[&str]) {
    let status = run(files, area, name);
    let Status::Failed(why) = &status else {
        panic!("want a failure that names {words:?}, got {status:?}");
    };
    assert!(
        words.iter().all(|w| why.contains(w)),
        "want {words:?}, got {why}"
    );
}

#[track_caller]
fn passes(files: &Files, area: Area, name: &str) {
    assert_eq!(run(files, area, name), Status::Passed);
}

fn tiny(file: &str) -> Vec<u8> {
    let files = Files::embedded();
    files.file(&format!("{TINY}/{file}")).unwrap().to_vec()
}

/// Tiny's trace with a byte of an event's type damaged.
fn damaged_trace() -> Vec<u8> {
    let mut trace = tiny("trace");
    trace[16] = 0xff;
    trace
}

#[test]
fn every_case_that_needs_no_go_passes() {
    let options = Options {
        oracles: Mode::Off,
        ..Options::default()
    };
    let outcome = suite::run(&Files::embedded(), &options, |_| {});
    assert_eq!(outcome.exit_code(), 0, "{}", outcome.text());
    assert!(outcome.counts().passed > 100);
    assert_eq!(outcome.counts().skipped, 0);
}

#[test]
fn an_origin_with_another_hash_fails() {
    for (key, what) in [
        ("trace", "SHA-256 of trace"),
        ("profile.pb.gz", "SHA-256 of profile.pb.gz"),
        ("source", "SHA-256 of source (changed?"),
    ] {
        let want = format!("\"{}\"", "0".repeat(64));
        let files = with_origin(key, &want);
        let got = format!("got {}", want.trim_matches('"'));
        fails(&files, Area::Origin, TINY, &[what, &got]);
    }
}

#[test]
fn files_that_are_not_those_of_the_origin_fail() {
    for file in ["trace", "profile.pb.gz"] {
        let mut bytes = tiny(file);
        bytes[20] ^= 1;
        let files = with(&format!("{TINY}/{file}"), bytes);
        fails(
            &files,
            Area::Origin,
            TINY,
            &["SHA-256 of", file, "want", "got"],
        );
    }
    for program in ["programs/tiny/new.go", "programs/internal/new.go"] {
        let files = with(program, "package new");
        fails(&files, Area::Origin, TINY, &["source", "just fixtures"]);
    }
    passes(
        &with("programs/other/new.go", "package new"),
        Area::Origin,
        TINY,
    );
}

#[test]
fn an_origin_of_another_case_fails() {
    let files = with_origin("case", "\"hog\"");
    fails(
        &files,
        Area::Origin,
        TINY,
        &["want case \"tiny\"", "got \"hog\""],
    );
}

#[test]
fn what_is_not_there_fails() {
    for (area, file) in [
        (Area::Origin, "origin.toml"),
        (Area::Read, "trace"),
        (Area::Read, "profile.pb.gz"),
        (Area::Dump, "trace"),
        (Area::Check, "expected.json"),
    ] {
        let path = format!("{TINY}/{file}");
        let mut files = Files::embedded();
        files.remove(&path);
        fails(&files, area, TINY, &[&path, "not there"]);
    }
}

#[test]
fn readers_that_see_something_else_than_go_fail() {
    for (key, what) in [
        ("events", "events"),
        ("trace_samples", "samples of the trace"),
        ("profile_samples", "samples of the profile"),
        ("profile_lost", "samples of the profile"),
    ] {
        let files = with_origin(key, "987654");
        fails(&files, Area::Read, TINY, &[what, "want 9", "got "]);
    }
    let files = with_origin("parsed_sha256", "\"0\"");
    fails(
        &files,
        Area::Read,
        TINY,
        &["sorted events", "want \"0\"", "got \""],
    );
}

#[test]
fn damaged_files_fail_in_every_area() {
    let files = with(&format!("{TINY}/trace"), damaged_trace());
    for area in [Area::Read, Area::Dump, Area::Check] {
        fails(&files, area, TINY, &["0x10: ", "want ", "got "]);
    }
    let files = with(&format!("{TINY}/profile.pb.gz"), "text");
    for area in [Area::Read, Area::Check] {
        fails(&files, area, TINY, &["profile: ", "want ", "got "]);
    }
}

/// A case with these checks in its `expected.json`, each with what it has besides nulls.
fn with_checks(case: &str, checks: &[serde_json::Value]) -> Files {
    let path = format!("{case}/expected.json");
    let mut expected: serde_json::Value = Files::embedded().json(&path).unwrap();
    expected["pair"] = checks.into();
    with(&path, expected.to_string())
}

fn hog_with_checks(checks: &[serde_json::Value]) -> Files {
    with_checks(HOG, checks)
}

#[test]
fn another_verdict_than_expected_fails() {
    let right = json!({"verdict": "match"});
    let wrong = json!({"verdict": "lost"});
    let words = ["want (Lost", "got (Match"];
    passes(
        &hog_with_checks(std::slice::from_ref(&right)),
        Area::Check,
        HOG,
    );
    let files = hog_with_checks(std::slice::from_ref(&wrong));
    fails(&files, Area::Check, HOG, &words);
    // The first check does not speak for the second.
    fails(&hog_with_checks(&[right, wrong]), Area::Check, HOG, &words);
}

#[test]
fn another_reason_than_expected_fails() {
    let wrong = json!({"verdict": "match", "reason": "window"});
    let files = hog_with_checks(&[wrong]);
    fails(&files, Area::Check, HOG, &["Window", "got (Match, None)"]);
    let overflow = "valid/rings/overflow";
    let files = with_checks(overflow, &[json!({"verdict": "lost"})]);
    let words = ["want (Lost, None)", "got (Lost, Some("];
    fails(&files, Area::Check, overflow, &words);
}

#[test]
fn expected_checks_are_narrowed() {
    // Goroutine 1 is that of main.main in every run.
    let narrowed = [
        json!({"goroutine": 1, "verdict": "match"}),
        json!({
            "goroutine": 1, "label": "tracing=on", "region": "cpuHogger", "verdict": "match",
        }),
    ];
    passes(&hog_with_checks(&narrowed), Area::Check, HOG);
    for (narrowed, words) in [
        (
            json!({"goroutine": 123_456, "verdict": "match"}),
            "no goroutine 123456",
        ),
        (
            json!({"label": "tracing=off", "verdict": "match"}),
            "label tracing=off",
        ),
        (
            json!({"region": "nap", "verdict": "match"}),
            "no region \"nap\"",
        ),
    ] {
        fails(&hog_with_checks(&[narrowed]), Area::Check, HOG, &[words]);
    }
    // Workers run on goroutines of their own.
    let files = hog_with_checks(&[json!({
        "goroutine": 1, "label": "worker=1", "verdict": "match",
    })]);
    let words = ["want (Match", "Narrow", "worker"];
    fails(&files, Area::Check, HOG, &words);
}

#[test]
fn an_error_in_other_words_fails() {
    for (name, got) in [
        ("invalid/wire/unknown-event", "got 63"),
        ("invalid/references/no-count", "got \"0x"),
    ] {
        let path = format!("{name}/expected.json");
        let mut expected: serde_json::Value = Files::embedded().json(&path).unwrap();
        expected["error"]["text"] = "another".into();
        let files = with(&path, expected.to_string());
        fails(&files, Area::Invalid, name, &["want \"another\"", got]);
    }
}

#[test]
fn an_invalid_input_that_is_read_fails() {
    for (name, file, valid) in [
        ("invalid/wire/unknown-event", "trace", "trace"),
        ("invalid/references/no-count", "profile", "profile.pb.gz"),
    ] {
        let files = with(&format!("{name}/{file}"), tiny(valid));
        fails(
            &files,
            Area::Invalid,
            name,
            &["want the error \"", "got none"],
        );
    }
}

/// Runs the cases of tiny, one area of which fails.
fn one_failure() -> Outcome {
    let options = Options {
        filters: vec![TINY.into()],
        oracles: Mode::Off,
    };
    suite::run(&with_origin("events", "1"), &options, |_| {})
}

#[test]
fn a_failed_case_is_exit_1() {
    let outcome = one_failure();
    let counts = outcome.counts();
    assert_eq!((counts.passed, counts.failed, counts.skipped), (3, 1, 0));
    assert_eq!(outcome.exit_code(), 1);
}

#[test]
fn every_case_is_told_of_as_it_ends() {
    let mut told = Vec::new();
    let options = Options {
        filters: vec![TINY.into()],
        oracles: Mode::Off,
    };
    let files = Files::embedded();
    suite::run(&files, &options, |case| {
        told.push(format!("{} {}", case.area, case.name))
    });
    assert_eq!(told, suite::list(&files, &options));
    assert_eq!(told[0], "origin valid/basics/tiny");
}

fn outcome(statuses: &[Status]) -> Outcome {
    let case = |status: &Status| CaseOutcome {
        area: "read".into(),
        name: "a/b".into(),
        status: status.clone(),
        millis: 7,
    };
    Outcome {
        cases: statuses.iter().map(case).collect(),
    }
}

fn failed() -> Status {
    Status::Failed("events: want 1, got 2".into())
}

fn skipped() -> Status {
    Status::Skipped("Go 1.19 is not installed".into())
}

#[test]
fn exit_codes_of_an_outcome() {
    for (statuses, code) in [
        (&[][..], 4),
        (&[skipped()], 4),
        (&[Status::Passed], 0),
        (&[Status::Passed, skipped()], 0),
        (&[failed()], 1),
        (&[failed(), skipped()], 1),
        (&[Status::Passed, failed(), Status::Passed], 1),
    ] {
        assert_eq!(outcome(statuses).exit_code(), code, "{statuses:?}");
    }
}

#[test]
fn text_names_failures_and_why_cases_were_skipped() {
    let text = outcome(&[Status::Passed, failed(), skipped(), skipped()]).text();
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(
        lines[0].split_whitespace().collect::<Vec<_>>(),
        ["area", "passed", "failed", "skipped", "ms"]
    );
    assert_eq!(
        lines[1].split_whitespace().collect::<Vec<_>>(),
        ["read", "1", "1", "2", "28"]
    );
    let rest = [
        "FAILED read a/b",
        "  events: want 1, got 2",
        "  again: sigprof conformance --filter 'read a/b'",
        "skipped 2: Go 1.19 is not installed",
        "",
        "1 passed, 1 failed, 2 skipped",
    ];
    assert_eq!(lines[2..], rest);
}

#[test]
fn json_has_counts_and_every_case() {
    let json = outcome(&[Status::Passed, failed(), skipped()])
        .json()
        .unwrap();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let case = |status: &str| serde_json::json!({"area": "read", "name": "a/b", "status": status, "millis": 7});
    let mut cases = ["passed", "failed", "skipped"].map(case);
    cases[1]["why"] = "events: want 1, got 2".into();
    cases[2]["why"] = "Go 1.19 is not installed".into();
    let expected = serde_json::json!({
        "schema_version": 1, "passed": 1, "failed": 1, "skipped": 1, "cases": cases,
    });
    assert_eq!(json, expected);
}
