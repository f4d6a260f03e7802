//! A lazy parser is not taken for one that reads: nothing but the bytes says what a case is,
//! a smoke test comes first, and it is said what passing was worth.

use std::collections::BTreeSet;

use serde_json::Value;
use sigprof::fixtures::Files;

use super::parser::{corpus, shell};

/// Runs our parser on every case and has it note something of each; what was noted, and the
/// last lines that were printed.
fn noted(options: &[&str], note: &str) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let script = format!(
        "\"$SIGPROF\" parse --format samples \"$1\"; code=$?; {{ {note}; }} >> {}; exit $code",
        log.display()
    );
    let (code, out, _) = shell(&[&["--no-smoke-test"], options].concat(), &script);
    assert_eq!(code, 0, "{out}");
    let text = std::fs::read_to_string(log).unwrap();
    text.lines().map(str::to_owned).collect()
}

/// Guards S30.7.
#[test]
fn every_file_has_the_same_name_and_lies_alone() {
    let notes = noted(
        &[],
        r#"echo "$# $(basename "$1") $(ls -A "$(dirname "$1")")""#,
    );
    assert!(notes.len() > 100);
    let notes: BTreeSet<_> = notes.into_iter().collect();
    assert_eq!(notes, BTreeSet::from(["1 input input".to_owned()]));
    let profiles = ["--input", "profile"];
    let script = r#""$SIGPROF" parse --format samples --input profile "$1" && basename "$1" >&2"#;
    let (_, out, _) = shell(&[&["--filter", "header"], &profiles[..]].concat(), script);
    assert!(!out.contains("profile.pb.gz"), "{out}");
}

/// Guards S30.7.
#[test]
fn paths_and_surroundings_say_nothing_of_a_case() {
    // The folders are new each time; the rest is the same for all.
    let paths = noted(&[], r#"dirname "$1""#);
    let folders: BTreeSet<_> = paths.iter().collect();
    assert_eq!(folders.len(), paths.len());
    let files = Files::embedded();
    for case in files.valid().iter().chain(&files.invalid()) {
        let mut words = case.split('/').filter(|word| word.len() > 3);
        let named = |word: &str| paths.iter().any(|p| p.contains(&format!("/{word}")));
        assert!(!words.any(named), "{case}");
    }
    let surroundings = noted(&[], "env | grep -v ^_= | sort | cksum");
    assert_eq!(surroundings.into_iter().collect::<BTreeSet<_>>().len(), 1);
    // A file is as old as its run: none is older than the folder that it lies in.
    let ages = noted(
        &[],
        r#"[ "$1" -ot "$(dirname "$1")" ] && echo older || echo new"#,
    );
    assert_eq!(
        ages.into_iter().collect::<BTreeSet<_>>(),
        BTreeSet::from(["new".into()])
    );
}

/// Guards S30.7.
#[test]
fn valid_and_invalid_cases_come_mixed_and_always_in_one_order() {
    let options = ["--jobs", "1", "--format-version", "go1.19"];
    let note = r#"echo "$code $(cksum < "$1")""#;
    let notes = noted(&options, note);
    assert_eq!(notes, noted(&options, note));
    let is_valid: Vec<_> = notes.iter().map(|note| note.starts_with("0 ")).collect();
    let changes = is_valid.windows(2).filter(|pair| pair[0] != pair[1]);
    assert!(changes.count() > 20, "{is_valid:?}");
    let sizes = notes.iter().map(|note| note.rsplit(' ').next().unwrap());
    let sizes: Vec<u64> = sizes.map(|size| size.parse().unwrap()).collect();
    let rising = sizes.windows(2).filter(|pair| pair[0] <= pair[1]).count();
    assert!((20..70).contains(&rising), "{sizes:?}");
}

/// Results stand in the order of the corpus all the same.
///
/// Guards S30.7.
#[test]
fn results_are_in_the_order_of_names() {
    let options = [
        "--format",
        "json",
        "--filter",
        "invalid/w",
        "--filter",
        "/tiny",
    ];
    let (code, out, _) = shell(&options, r#""$SIGPROF" parse --format samples "$1""#);
    assert_eq!(code, 0);
    let json: Value = serde_json::from_str(&out).unwrap();
    let names = json["cases"].as_array().unwrap().iter();
    let names: Vec<_> = names.map(|case| case["case"].as_str().unwrap()).collect();
    assert!(names.len() > 10 && names.is_sorted(), "{names:?}");
}

/// Words of the parser's about a file that is gone are about the case.
///
/// Guards S30.7.
#[test]
fn the_path_in_a_complaint_is_that_of_the_case() {
    let options = ["--no-smoke-test", "--filter", "valid/basics/tiny"];
    let (_, out, _) = shell(&options, r#"echo "cannot read $1" >&2; exit 3"#);
    let words = "exit status: 3: cannot read valid/basics/tiny/trace\n";
    assert!(out.contains(words), "{out}");
}

/// Ends at once with this code, and these words about the parser.
#[track_caller]
fn smokes(options: &[&str], script: &str, words: &str) {
    let (code, out, err) = shell(options, script);
    assert_eq!((code, err.as_str()), (1, ""), "{out}");
    assert!(out.contains(words) && out.lines().count() == 2, "{out}");
    let more = ["No case was run of ", "; --no-smoke-test runs them.\n"];
    assert!(more.iter().all(|w| out.contains(w)), "{out}");
}

const OURS: &str = r#""$SIGPROF" parse --format samples "$1""#;
const NOTHING: &str = r#"echo '{"stacks":[],"samples":[]}'"#;

/// Guards S30.10.
#[test]
fn what_is_no_parser_is_told_so_once() {
    smokes(
        &[],
        "exit 3",
        "the smoke test failed: it refuses what it must read. Of valid/basics/tiny/",
    );
    smokes(
        &[],
        "exit 101",
        "it crashes. Of valid/basics/tiny/trace, a plain file, want",
    );
    smokes(&[], "echo hello", "it does not print samples as JSON. Of ");
    smokes(
        &[],
        &format!("{OURS} || {NOTHING}"),
        "it accepts everything: of a text that",
    );
    smokes(
        &[],
        NOTHING,
        "it ignores its last argument, the path of the file",
    );
    smokes(&[], "exec yes", "it prints without end. Of ");
    smokes(&["--timeout", "1"], "exec sleep 60", "it does not end. Of ");
    let script = format!("{OURS} >/dev/null || exit 3; {NOTHING}");
    smokes(
        &[],
        &script,
        "it prints the same of valid/basics/tiny/trace and of ",
    );
    let profiles = ["--input", "profile"];
    smokes(
        &profiles,
        "exit 3",
        "Of valid/basics/tiny/profile.pb.gz, a plain file, want",
    );
}

/// Guards S30.10.
#[test]
fn what_cannot_be_executed_is_said_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("parser");
    std::fs::write(&script, "no program").unwrap();
    let (code, out, err) = corpus(&["run", "--", script.to_str().unwrap()]);
    assert_eq!((code, out.as_str()), (3, ""));
    assert!(err.contains("parser: cannot be started: "), "{err}");
    for (run, words) in [
        (
            "/no/such/parser",
            "cannot be run: exit status: 127, that of a command which was not found",
        ),
        (
            "/etc/passwd",
            "cannot be run: exit status: 126, that of a command which cannot be executed",
        ),
    ] {
        let (code, out, err) = shell(&[], run);
        assert_eq!((code, out.as_str()), (3, ""));
        assert!(err.contains(words), "{err}");
    }
}

/// A parser with one fault is a parser, and gets its list of failures.
///
/// Guards S30.10.
#[test]
fn one_failure_on_a_plain_file_does_not_fail_the_smoke_test() {
    let size = Files::embedded()
        .file("valid/basics/tiny/trace")
        .unwrap()
        .len();
    let script = format!(r#"[ $(wc -c < "$1") = {size} ] && exit 3; {OURS}"#);
    let (code, out, _) = shell(&["--filter", "valid/basics/"], &script);
    assert_eq!(code, 1);
    let last = "\n16 passed, 1 failed\n\nexplained by: sigprof explain ";
    assert!(out.contains(last), "{out}");
    // Who only wants to read may accept what is wrong.
    let (code, out, _) = shell(&["--filter", "valid/"], &format!("{OURS} || {NOTHING}"));
    assert_eq!(code, 0, "{out}");
}

/// Guards S30.10.
#[test]
fn the_smoke_test_in_json() {
    let (code, out, _) = shell(&["--format", "json"], "exit 3");
    assert_eq!(code, 1);
    let json: Value = serde_json::from_str(&out).unwrap();
    let words = json["smoke_test"].as_str().unwrap();
    assert!(
        words.starts_with("it refuses what it must read. "),
        "{words}"
    );
    assert_eq!((&json["failed"], &json["passed"]), (&0.into(), &0.into()));
    assert!(json["not_run"].as_u64().unwrap() > 100);
}

/// An empty list passes where there is no sample, and that is said.
///
/// Guards S30.11.
#[test]
fn cases_without_a_sample_are_counted_apart() {
    let script = format!("{OURS} >/dev/null || exit 3; {NOTHING}");
    let options = ["--format-version", "go1.11"];
    let (code, out, _) = shell(&options, &script);
    assert_eq!(code, 0, "{out}");
    let words = "\npassed: 0 with samples, 1 without a sample to get wrong, 9 by refusing them\n";
    assert!(out.contains(words), "{out}");
    let options = ["--format-version", "go1.11", "--format", "json"];
    let (_, out, _) = shell(&options, &script);
    let json: Value = serde_json::from_str(&out).unwrap();
    let worth = serde_json::json!({ "with_samples": 0, "without_samples": 1, "refused": 9 });
    assert_eq!(json["passed_by_worth"], worth);
    let options = [
        "--filter",
        "valid/basics/tiny",
        "--filter",
        "valid/windows/no-sample-go1.19",
    ];
    let (_, out, _) = shell(&options, OURS);
    let words = "\npassed: 1 with samples, 1 without a sample to get wrong, 0 by refusing them\n";
    assert!(out.contains(words), "{out}");
}
