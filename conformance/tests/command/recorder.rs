//! The window that a flight recorder kept, held to the recorder's settings.

use serde_json::Value;

use crate::run::{Run, in_one_line, run};

/// Seven generations of 20 kB in all, in 0.1 s.
const BESIDE: &str = "recorder/beside-go1.27";

fn fixture(case: &str, file: &str) -> String {
    let fixtures = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/valid");
    format!("{fixtures}/{case}/{file}")
}

fn check(case: &str, options: &[&str]) -> Run {
    let (trace, profile) = (fixture(case, "trace"), fixture(case, "profile.pb.gz"));
    run(&[&["check", &trace, &profile], options].concat())
}

fn snapshot(case: &str, options: &[&str]) -> Value {
    let run = check(case, &[options, &["--format", "json"]].concat());
    run.json()["snapshot"].clone()
}

/// Guards S60.1, S60.5.
#[test]
fn a_window_is_said_with_its_generations_and_bytes() {
    let said = in_one_line(&check(BESIDE, &[]).out);
    let words = "as the snapshot of a flight recorder does, or a trace that was begun beside one: a window of 93.0 ms \
                 (7 generations, 18 kB).";
    assert!(said.contains(words), "{said}");
    let json = snapshot(BESIDE, &[]);
    // But for the header.
    let size = std::fs::metadata(fixture(BESIDE, "trace")).unwrap().len();
    assert_eq!(json["bytes"], size - 16);
    assert_eq!(json["generations"], 7);
    assert_eq!(json["oldest"]["generation"], 4);
    assert_eq!(json["shorter"], "unknown");
    assert_eq!(json["min_age_ns"], Value::Null);
    // Without a sample, too.
    let trace = fixture("recorder/window-go1.25", "trace");
    let refused = run(&["check", &trace]).ends(4);
    assert_eq!(refused.out, "");
    let said = in_one_line(&refused.err);
    assert!(
        said.contains("in its window of 43.0 ms (2 generations, 9768 bytes)"),
        "{said}"
    );
    // A trace that holds its beginning is none.
    assert_eq!(snapshot("basics/hog-go1.27", &[]), Value::Null);
}

/// Guards S60.2, S60.4.
#[test]
fn a_window_that_is_too_short_says_why_and_what_to_do() {
    let told = ["--min-age", "10s", "--max-bytes", "18kB"];
    let plain = check(BESIDE, &[]);
    let run = check(BESIDE, &told);
    // It changes no verdict.
    assert_eq!(run.code, plain.code);
    let said = in_one_line(&run.out);
    for words in [
        "That is shorter than MinAge (10.000 s), as MaxBytes (18 kB) goes first.",
        "To look back for 10.000 s at this rate, MaxBytes must be some 3 MB,",
    ] {
        assert!(said.contains(words), "{said}");
    }
    assert_eq!(snapshot(BESIDE, &told)["shorter"], "max-bytes");
    assert_eq!(
        snapshot(BESIDE, &["--min-age", "50ms"])["shorter"],
        Value::Null
    );
    // With the tracer's beginning there was nothing older.
    let began = snapshot("basics/hog-go1.27", &["--min-age", "10s"]);
    assert_eq!(began["shorter"], "began");
}

/// Guards S60.2.
#[test]
fn a_moment_in_one_generation_may_be_a_second_snapshot() {
    let words_of = |case| in_one_line(&check(case, &[]).out);
    let second = "So short a window is what a second snapshot has right after a first";
    let said = words_of("recorder/recorder-cuts-ring-go1.25");
    assert!(said.contains(second), "{said}");
    let said = words_of(BESIDE);
    assert!(!said.contains(second), "{said}");
}

/// Guards S60.3.
#[test]
fn a_window_that_these_settings_do_not_keep_is_of_others() {
    let is_of_others = |options: &[&str]| snapshot(BESIDE, options)["is_of_others"].clone();
    assert_eq!(is_of_others(&[]), false);
    assert_eq!(is_of_others(&["--max-bytes", "18kB"]), false);
    assert_eq!(is_of_others(&["--max-bytes", "1kB"]), true);
    assert_eq!(is_of_others(&["--min-age", "1ms"]), true);
    let said = in_one_line(&check(BESIDE, &["--min-age", "1ms"]).out);
    assert!(said.contains("would have kept less"), "{said}");
}

/// Guards S60.4.
#[test]
fn settings_that_nothing_comes_of_are_refused() {
    let old = fixture("basics/hog", "trace");
    for (option, value) in [("--min-age", "10s"), ("--max-bytes", "10MiB")] {
        let words = format!(
            "{option} is for snapshots of flight recorders, which have traces of Go 1.22 or later; {old} is one of Go 1.19"
        );
        run(&["check", &old, option, value]).refuses(2, &words);
        let new = fixture(BESIDE, "trace");
        let words = format!("{option} is for one pair");
        run(&["check", &new, &old, &new, option, value]).refuses(2, &words);
        run(&["check", &new, option, "0"]).refuses(2, option);
    }
}
