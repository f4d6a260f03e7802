//! Options of `corpus run`: how a parser gets its file, what is said and kept of a failure.

use serde_json::Value;
use sigprof::fixtures::Files;

use super::parser::{TINY, corpus, program, shell};

/// Guards S63.2.
#[test]
fn a_parser_may_read_standard_input() {
    let ours = [program(), "parse", "--format", "samples", "-"];
    let run = ["run", "--stdin", "--format-version", "go1.22", "--"];
    let (code, out, _) = corpus(&[&run, &ours[..]].concat());
    assert_eq!(code, 0, "{out}");
    assert!(!out.contains("\n0 passed"), "{out}");
    // No path is given then, and no file otherwise.
    let script = "test $# = 0 && exec $SIGPROF parse --format samples -";
    let options = ["--stdin", "--filter", "basics/"];
    assert_eq!(shell(&options, script).0, 0);
    let script = "test \"$(cat | wc -c)\" = 0 && exec $SIGPROF parse --format samples \"$1\"";
    assert_eq!(shell(&["--filter", "basics/"], script).0, 0);
}

/// The command that repeats a case says how the file was given.
///
/// Guards S63.2.
#[test]
fn the_command_that_repeats_a_case_has_the_options() {
    let options = [&["--stdin", "--level", "events", "--no-smoke-test"], TINY].concat();
    let (code, out, _) = shell(&options, "exit 3");
    assert_eq!(code, 1);
    let again = "again: sigprof corpus run --level events --stdin --no-smoke-test --filter ";
    assert!(out.contains(again), "{out}");
}

/// Guards S63.3.
#[test]
fn a_failure_has_its_file_and_the_rules_of_its_case() {
    let options = [&["--no-smoke-test"], TINY].concat();
    let script = "$SIGPROF parse --format samples \"$1\" | sed 's/\"p\":0/\"p\":1/'";
    let (_, out, _) = shell(&options, script);
    let head = "FAILED valid/basics/tiny (valid/basics/tiny/trace; R";
    assert!(out.contains(head), "{out}");
    let (_, out, _) = shell(&[&options[..], &["--format", "json"]].concat(), script);
    let json: Value = serde_json::from_str(&out).unwrap();
    let case = &json["cases"][0];
    assert_eq!(case["kind"], "wrong-samples");
    assert_eq!(case["file"], "valid/basics/tiny/trace");
    assert!(
        case["rules"]
            .as_array()
            .is_some_and(|rules| !rules.is_empty())
    );
    let (want, got) = (
        case["want"].as_str().unwrap(),
        case["got"].as_str().unwrap(),
    );
    assert_eq!(want.replacen(" p 0 ", " p 1 ", 1), got);
    assert!(case["note"].as_str().unwrap().ends_with("they differ in p"));
}

/// A wrong number beside right samples is a failure of its own.
///
/// Guards S62.3.
#[test]
fn a_wrong_count_of_events_is_noticed() {
    let options = [&["--no-smoke-test"], TINY].concat();
    let script = "$SIGPROF parse --format samples \"$1\" | sed 's/\"events\": 84/\"events\": 85/'";
    let (code, out, _) = shell(&options, script);
    assert_eq!(code, 1, "{out}");
    assert!(
        out.contains("want 84\n  got  85\n  another number in the field events"),
        "{out}"
    );
    let left_out = "$SIGPROF parse --format samples \"$1\" | sed '/\"events\"/d'";
    assert_eq!(shell(&options, left_out).0, 0);
}

/// Guards S63.4.
#[test]
fn outputs_of_failures_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let keep = folder.path().join("kept");
    let dir = keep.to_str().unwrap();
    let options = [
        &["--no-smoke-test", "--keep", dir, "--filter", "header/"],
        TINY,
    ]
    .concat();
    // One case fails, and the others are refused as they should be.
    let script = "echo out; echo words >&2; test $(wc -c < \"$1\") -gt 1000 && exit 0; exit 3";
    let (code, out, _) = shell(&options, script);
    assert_eq!(code, 1);
    assert!(out.contains(" 1 failed"), "{out}");
    let read = |name: &str| std::fs::read(keep.join("valid/basics/tiny").join(name)).unwrap();
    assert_eq!(read("stdout"), b"out\n");
    assert_eq!(read("stderr"), b"words\n");
    let files = Files::embedded();
    assert_eq!(
        read("input"),
        files.file("valid/basics/tiny/trace").unwrap()
    );
    let words = String::from_utf8(read("failure.txt")).unwrap();
    assert!(words.starts_with("want the object `trace`"), "{words}");
    assert!(!keep.join("invalid").exists());
    // Nothing is mixed up with it.
    let (code, _, err) = shell(&options, script);
    assert_eq!(code, 3);
    assert!(err.contains("new or empty"), "{err}");
}

/// Guards S63.1.
#[test]
fn the_smoke_test_tells_a_refusal_by_another_exit_code() {
    let script = "$SIGPROF parse --format samples \"$1\" || exit 1";
    let (code, out, _) = shell(&[], script);
    assert_eq!(code, 1);
    let words = "want exit code 3, got exit status: 1: ";
    assert!(out.contains(words) && out.lines().count() < 5, "{out}");
    let (_, out, _) = shell(&[], "echo no >&2; exit 2");
    assert!(
        out.contains("it neither reads nor refuses what it must read"),
        "{out}"
    );
}
