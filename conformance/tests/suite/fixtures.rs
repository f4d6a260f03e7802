//! Each area of fixtures fails when its fixture is not as it should be, and says what was
//! wanted, what came, and where.

use serde_json::json;
use sigprof::failure::Failure;
use sigprof::fixtures::Files;
use sigprof::suite::area::Area;
use sigprof::suite::outcome::Status;
use sigprof::suite::{Case, Context, Options};

const TINY: &str = "valid/basics/tiny";
const HOG: &str = "valid/basics/hog";
const HOG_OF_TODAY: &str = "valid/basics/hog-go1.27";

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
    let options = Options::default();
    Case { area, name }.run(&Context {
        files,
        options: &options,
    })
}

/// A case that must fail with all of these words.
#[track_caller]
fn fails(files: &Files, area: Area, name: &str, words: &[&str]) {
    let status = run(files, area, name);
    let Status::Failed(failures) = &status else {
        panic!("want a failure that names {words:?}, got {status:?}");
    };
    // What real Go wrote is held a second time, so that another hash is two failures (S27.1).
    let is_held = |failure: &Failure| failure.to_string().contains("real.snap");
    let others: Vec<_> = failures.iter().filter(|f| !is_held(f)).collect();
    let [failure] = others.as_slice() else {
        panic!("expected one failure, got {failures:?}");
    };
    // Wherever something is wrong with a fixture, a file is.
    assert!(failure.place.file.is_some(), "{failure}");
    let why = failure.to_string();
    assert!(
        words.iter().all(|w| why.contains(w)),
        "expected {words:?}, got {why}"
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

/// Guards S22.1.
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

/// Guards S22.1.
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
            &["SHA-256 of", file, "expected", "got"],
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
        &["expected case \"tiny\"", "got \"hog\""],
    );
}

/// Guards S22.1, S22.2, S22.3, S22.4.
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
        fails(&files, area, TINY, &[&path, "got none"]);
    }
}

/// Guards S22.2.
#[test]
fn readers_that_see_something_else_than_go_fail() {
    for (key, what) in [
        ("events", "events"),
        ("trace_samples", "samples of the trace"),
        ("profile_samples", "samples of the profile"),
        ("profile_lost", "samples of the profile"),
    ] {
        let files = with_origin(key, "987654");
        fails(&files, Area::Read, TINY, &[what, "expected 9", "got "]);
    }
    let files = with_origin("parsed_sha256", "\"0\"");
    fails(
        &files,
        Area::Read,
        TINY,
        &["sorted events", "expected \"0\"", "got \""],
    );
}

/// Guards S22.2.
#[test]
fn a_v2_trace_that_is_printed_in_another_way_than_by_go_fails() {
    let path = format!("{HOG_OF_TODAY}/origin.toml");
    let text = String::from_utf8(Files::embedded().file(&path).unwrap().to_vec()).unwrap();
    for (key, what) in [
        ("events", "events"),
        ("trace_samples", "samples of the trace"),
        ("profile_samples", "samples of the profile"),
        ("parsed_sha256", "SHA-256 of what is printed"),
    ] {
        let line = |l: &str| match l.strip_prefix(&format!("{key} = ")) {
            Some(value) if value.starts_with('"') => format!("{key} = \"9\"\n"),
            Some(_) => format!("{key} = 987654\n"),
            None => format!("{l}\n"),
        };
        let files = with(&path, text.lines().map(line).collect::<String>());
        fails(
            &files,
            Area::Read,
            HOG_OF_TODAY,
            &[what, "expected ", "got "],
        );
    }
    let of_nobody = text.replace("\"go1.27.", "\"go1.1.");
    fails(
        &with(&path, of_nobody),
        Area::Read,
        HOG_OF_TODAY,
        &["Go 1.22 or later"],
    );
    passes(&Files::embedded(), Area::Read, HOG_OF_TODAY);
}

/// Guards S22.2, S22.3, S22.4, S22.15.
#[test]
fn damaged_files_fail_in_every_area() {
    let files = with(&format!("{TINY}/trace"), damaged_trace());
    for area in [Area::Read, Area::Dump, Area::Check] {
        fails(&files, area, TINY, &["offset 0x10", "expected ", "got "]);
    }
    let files = with(&format!("{TINY}/profile.pb.gz"), "text");
    for area in [Area::Read, Area::Check] {
        fails(&files, area, TINY, &["/profile.pb.gz", "expected ", "got "]);
    }
}

/// A case with these checks in its `expected.json`, each with its fields that are not null.
fn with_checks(case: &str, checks: &[serde_json::Value]) -> Files {
    let path = format!("{case}/expected.json");
    let mut expected: serde_json::Value = Files::embedded().json(&path).unwrap();
    expected["pair"] = checks.into();
    with(&path, expected.to_string())
}

fn hog_with_checks(checks: &[serde_json::Value]) -> Files {
    with_checks(HOG, checks)
}

/// Guards S22.4.
#[test]
fn another_verdict_than_expected_fails() {
    let right = json!({"verdict": "match"});
    let wrong = json!({"verdict": "lost"});
    let words = ["expected lost", "got match: "];
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

/// Guards S22.4.
#[test]
fn another_reason_than_expected_fails() {
    let wrong = json!({"verdict": "match", "reason": "window"});
    let files = hog_with_checks(&[wrong]);
    fails(
        &files,
        Area::Check,
        HOG,
        &["expected match (window)", "got match: "],
    );
    let overflow = "valid/rings/overflow";
    let files = with_checks(overflow, &[json!({"verdict": "lost"})]);
    let words = ["expected lost,", "got lost (ring-capacity): "];
    fails(&files, Area::Check, overflow, &words);
}

/// Guards S22.4.
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
    let words = ["expected match", "--goroutine 1", "worker=1"];
    fails(&files, Area::Check, HOG, &words);
}

/// Guards S22.5.
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
        fails(&files, Area::Invalid, name, &["expected \"another\"", got]);
    }
}

/// Guards S22.5.
#[test]
fn an_invalid_input_that_is_read_fails() {
    for (name, file, valid) in [
        ("invalid/wire/unknown-event", "trace", "trace"),
        ("invalid/references/no-count", "profile", "profile.pb.gz"),
    ] {
        let files = with(&format!("{name}/{file}"), tiny(valid));
        fails(&files, Area::Invalid, name, &["expected ", "got none"]);
    }
}
