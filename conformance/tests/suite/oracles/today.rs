//! Real Go as the judge of v2 traces: a stand-in that prints, refuses or panics.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use sigprof::fixtures::Files;
use sigprof::oracle::parsed;
use sigprof::trace::v2::Release;
use tempfile::TempDir;

use super::{check, conformance};

const VALID: &str = "valid/basics/one-p-go1.27";
const INVALID: &str = "invalid/states/proc-stop-twice-go1.22";

/// A Go 1.27 whose tool prints this and ends so, as [`fake_go`](super::fake_go) is one of 1.19.
fn fake(trace: &[u8], ends: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("go1.27");
    fs::create_dir_all(root.join("bin")).unwrap();
    fs::write(root.join("VERSION"), "go1.27.3\n").unwrap();
    fs::write(root.join("trace"), trace).unwrap();
    fs::write(root.join("ends"), ends).unwrap();
    for program in ["go", "tool"] {
        let stand_in = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/oracles");
        symlink(stand_in.join(program), root.join("bin").join(program)).unwrap();
    }
    folder
}

/// The text that Go 1.27 prints of the valid case.
fn printed() -> Vec<u8> {
    let files = Files::embedded();
    let bytes = files.file(&format!("{VALID}/trace")).unwrap();
    let (out, result) = parsed::of_bytes(bytes, Release::Go1_27);
    result.unwrap();
    out
}

#[track_caller]
fn judge(oracles: &TempDir, case: &str, code: i32, words: &[&str]) {
    let case = format!("go1.27 {case}");
    check(
        conformance(oracles.path(), &["--filter", &case]),
        code,
        words,
    );
}

/// Guards S22.17.
#[test]
fn a_go_of_today_that_prints_the_same_passes() {
    judge(
        &fake(&printed(), "0 "),
        VALID,
        0,
        &["judged by go1.27.3", "1 passed"],
    );
}

/// Guards S22.17.
#[test]
fn a_go_of_today_that_prints_something_else_fails() {
    let text = String::from_utf8(printed()).unwrap();
    let last = text.trim_end().rfind('\n').unwrap();
    let changed = text.replacen("Undetermined->Running", "Undetermined->Waiting", 1);
    assert!(changed != text);
    for (trace, ours) in [
        ("", "sigprof prints \"M="),
        (&changed, "Go 1.27 \"M="),
        (&text[..=last], "Go 1.27 \"nothing more\""),
    ] {
        let words = [
            "FAILED go1.27",
            "what Go 1.27 has (go tool trace -d=parsed)",
            ours,
            "S22.17",
        ];
        judge(&fake(trace.as_bytes(), "0 "), VALID, 1, &words);
    }
}

/// Guards S22.17.
#[test]
fn a_go_of_today_that_refuses_or_accepts_what_it_should_not_fails() {
    let words = ["sigprof reads it, Go 1.27 does not: event out of place"];
    judge(&fake(&printed(), "1 event out of place"), VALID, 1, &words);
    judge(&fake(b"", "1 no such proc"), INVALID, 0, &["1 passed"]);
    let words = ["FAILED go1.27", "answer of Go 1.27", "Refuses", "Accepts"];
    judge(&fake(b"", "0 "), INVALID, 1, &words);
}

/// A crash is no answer.
///
/// Guards S22.17.
#[test]
fn a_go_of_today_that_panics_fails() {
    for case in [VALID, INVALID] {
        judge(
            &fake(b"", "2 panic: index out of range"),
            case,
            1,
            &["FAILED go1.27", "panic: index out of range"],
        );
    }
}

/// Guards S22.17.
#[test]
fn without_go_of_today_there_is_a_line_for_each_release() {
    let empty = tempfile::tempdir().unwrap();
    let out = check(
        conformance(empty.path(), &["--filter", "basics/one-p-go1.27"]),
        0,
        &[],
    );
    let skipped: Vec<_> = out.lines().filter(|l| l.starts_with("skipped ")).collect();
    // Older releases do not read it.
    assert_eq!(skipped.len(), 2, "{out}");
    for (line, release) in skipped.iter().zip(["1.26", "1.27"]) {
        assert!(
            line.contains(&format!("Go {release} is not installed")),
            "{line}"
        );
    }
}
