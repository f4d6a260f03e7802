//! `sigprof conformance` with real Go absent, and with a stand-in for it that prints
//! what a test lays down: what differs from Go must fail.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]
#![cfg(unix)]

mod strangers;
mod today;

use std::fmt::Write as _;
use std::fs;
use std::io::pipe;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use sigprof::fixtures::Files;
use sigprof::oracle::{Go, compare};
use sigprof::pprof;
use sigprof_wire::FormatVersion;
use tempfile::TempDir;

/// The cases that go 1.19 judges; other areas have fixtures of go1.19 as well.
const JUDGED: &str = "go1.19 valid/";

/// One of them.
const TINY: &str = "go1.19 valid/basics/tiny";

/// The suite with the toolchains of a folder.
fn conformance(oracles: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("sigprof"));
    command
        .arg("conformance")
        .args(args)
        .env("SIGPROF_ORACLES_DIR", oracles)
        .env_remove("SIGPROF_ORACLES");
    command
}

#[track_caller]
fn check(mut command: Command, code: i32, words: &[&str]) -> String {
    let output = command.output().unwrap();
    let out = String::from_utf8(output.stdout).unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(code), "{out}{err}");
    for words in words {
        assert!(
            format!("{out}{err}").contains(words),
            "want {words:?} in {out}{err}"
        );
    }
    out
}

#[test]
fn absent_go_is_a_failure_only_where_it_is_required() {
    let empty = tempfile::tempdir().unwrap();
    let run = |mode| conformance(empty.path(), &["--oracles", mode, "--filter", JUDGED]);
    let why = "Go 1.19 is not installed";
    let folder = empty.path().display();
    let required = format!("got       {why} in {folder} (SIGPROF_ORACLES_DIR)");
    check(
        run("required"),
        1,
        &[
            "FAILED go1.19 valid/",
            "expected  real Go",
            &required,
            "' --oracles required",
            " 0 skipped",
        ],
    );
    let out = check(run("auto"), 4, &[why, "0 passed, 0 failed, "]);
    assert!(!out.contains("FAILED"), "{out}");
    check(run("off"), 4, &["nothing selected"]);
}

#[test]
fn the_environment_says_whether_go_is_required() {
    let empty = tempfile::tempdir().unwrap();
    for (mode, code) in [("required", 1), ("auto", 4), ("off", 4)] {
        let mut command = conformance(empty.path(), &["--filter", JUDGED]);
        command.env("SIGPROF_ORACLES", mode);
        check(command, code, &[]);
    }
}

#[test]
fn without_go_the_other_cases_still_count() {
    let empty = tempfile::tempdir().unwrap();
    let tiny = |mode| {
        conformance(
            empty.path(),
            &["--oracles", mode, "--filter", "valid/basics/tiny"],
        )
    };
    check(
        tiny("auto"),
        0,
        &["4 passed, 0 failed, 2 skipped", "skipped 1: Go 1.21"],
    );
    check(tiny("required"), 1, &["4 passed, 2 failed, 0 skipped"]);
    check(tiny("off"), 0, &["4 passed, 0 failed, 0 skipped"]);
}

#[test]
fn cases_are_listed_and_filtered() {
    let empty = tempfile::tempdir().unwrap();
    let list = |args: &[&str]| {
        let command = conformance(empty.path(), &[&["--list"], args].concat());
        check(command, 0, &[])
            .lines()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let all = list(&[]);
    let some = |part: &str| {
        all.iter()
            .filter(|t| t.contains(part))
            .cloned()
            .collect::<Vec<_>>()
    };
    assert!(all.contains(&TINY.to_owned()));
    assert_eq!(list(&["--filter", "invalid/proto"]), some("invalid/proto"));
    assert!((1..all.len()).contains(&some("invalid/proto").len()));
    let two = list(&["--filter", "dump valid", "--filter", "read valid"]);
    assert_eq!(
        two.len(),
        some("dump valid").len() + some("read valid").len()
    );
    let off = list(&["--oracles", "off"]);
    let by_go = some("")
        .iter()
        .filter(|title| title.starts_with("go1."))
        .count();
    assert!(by_go > some("go1.19 valid").len() + some("go1.27 invalid").len());
    assert_eq!(off.len() + by_go, all.len());
}

#[test]
fn json_of_the_suite_has_every_case() {
    let empty = tempfile::tempdir().unwrap();
    let args = ["--format", "json", "--filter", "valid/basics/tiny"];
    let json = check(conformance(empty.path(), &args), 0, &[]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["schema_version"], 2);
    assert_eq!((&json["passed"], &json["skipped"]), (&4.into(), &2.into()));
    let cases = json["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 6);
    assert_eq!(cases[0]["status"], "passed");
    assert_eq!(cases[4]["status"], "skipped");
    assert_eq!(cases[4]["area"], "go1.19");
}

#[test]
fn an_outcome_that_nobody_reads_is_still_the_exit_code() {
    let empty = tempfile::tempdir().unwrap();
    for format in ["text", "json"] {
        for (mode, code) in [("required", 1), ("auto", 4)] {
            let (reader, writer) = pipe().unwrap();
            drop(reader);
            let args = ["--format", format, "--oracles", mode, "--filter", JUDGED];
            let mut command = conformance(empty.path(), &args);
            let status = command.stdout(writer).status().unwrap();
            assert_eq!(status.code(), Some(code), "{format} {mode}");
        }
    }
}

/// A Go 1.19 that prints these texts. Its command is a link: a file that was just
/// written cannot be run for as long as a process of another test has it open.
fn fake_go(trace: &str, pprof: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("go1.19");
    fs::create_dir_all(root.join("bin")).unwrap();
    fs::write(root.join("VERSION"), "go1.19.8\n").unwrap();
    fs::write(root.join("trace"), trace).unwrap();
    fs::write(root.join("pprof"), pprof).unwrap();
    let go = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/oracles/go");
    symlink(go, root.join("bin/go")).unwrap();
    folder
}

fn tiny(file: &str) -> Vec<u8> {
    let files = Files::embedded();
    files
        .file(&format!("valid/basics/tiny/{file}"))
        .unwrap()
        .to_vec()
}

/// The lines that Go prints for tiny's trace.
fn tiny_trace() -> String {
    let bytes = tiny("trace");
    let lines = compare::read(&bytes, FormatVersion::GO_1_19, None).unwrap();
    String::from_utf8(lines).unwrap()
}

/// The text that Go prints for tiny's profile, but for names of locations.
fn tiny_pprof() -> String {
    let profile = pprof::read(&tiny("profile.pb.gz")).unwrap();
    let mut samples = String::new();
    let mut locations = String::new();
    let mut id = 0;
    for sample in &profile.samples {
        let (count, ns) = (sample.count, sample.count * profile.period.cast_unsigned());
        let _ = write!(samples, "{count:>11} {ns:>10}: ");
        for frame in profile.stack(sample) {
            id += 1;
            let _ = write!(samples, "{id} ");
            let place = format!("{} {}:{}", frame.function, frame.file, frame.line);
            let _ = writeln!(locations, "{id:>6}: 0x4b3978 M=1 {place} s=0");
        }
        samples.push('\n');
        for (key, value) in &sample.labels {
            let _ = writeln!(samples, "                {key}:[{value}]");
        }
    }
    format!(
        "PeriodType: cpu nanoseconds\nPeriod: {}\nSamples:\nsamples/count cpu/nanoseconds\n\
         {samples}Locations\n{locations}Mappings\n",
        profile.period
    )
}

#[track_caller]
fn judge(oracles: &TempDir, code: i32, words: &[&str]) {
    check(
        conformance(oracles.path(), &["--filter", TINY]),
        code,
        words,
    );
}

#[test]
fn a_go_that_sees_the_same_passes() {
    judge(&fake_go(&tiny_trace(), &tiny_pprof()), 0, &["1 passed"]);
}

#[test]
fn another_go_in_its_place_is_no_judge() {
    let oracles = fake_go(&tiny_trace(), &tiny_pprof());
    let version = oracles.path().join("go1.19/VERSION");
    for (says, code) in [
        ("go1.19.8\ntime 2023", 0),
        ("go1.19", 0),
        ("go1.190", 1),
        ("go1.22.1", 1),
    ] {
        fs::write(&version, says).unwrap();
        judge(&oracles, code, &[]);
    }
    judge(&oracles, 1, &["VERSION: want go1.19, got go1.22.1"]);
}

#[test]
fn a_go_that_sees_other_events_fails() {
    let text = tiny_trace();
    let fewer = text.split_inclusive('\n').skip(1).collect::<String>();
    let changed = text.replacen("CPUSample p=", "CPUSample p=9", 1);
    for trace in [String::new(), fewer, changed] {
        let oracles = fake_go(&trace, &tiny_pprof());
        judge(&oracles, 1, &["FAILED go1.19", "Go 1.19 prints", "sigprof"]);
    }
}

#[test]
fn a_go_that_sees_other_samples_fails() {
    let pprof = tiny_pprof();
    let line = pprof.lines().find(|l| l.contains(": 1 2 ")).unwrap();
    let count: u64 = line.split_whitespace().next().unwrap().parse().unwrap();
    let line = line.trim_start();
    let more = format!("{}{}", count + 1, &line[count.to_string().len()..]);
    for changed in [
        pprof.replacen(line, &more, 1),
        pprof.replacen("main.main ", "main.other ", 1),
        pprof.replacen(":[v]", ":[w]", 1),
    ] {
        assert_ne!(changed, pprof);
        let oracles = fake_go(&tiny_trace(), &changed);
        judge(&oracles, 1, &["FAILED go1.19", "Go 1.19 has", "sigprof"]);
    }
}

#[test]
fn a_go_that_fails_is_a_failure_with_its_words() {
    for tool in ["trace", "pprof"] {
        let oracles = fake_go(&tiny_trace(), &tiny_pprof());
        fs::remove_file(oracles.path().join("go1.19").join(tool)).unwrap();
        let command = format!("Go 1.19: go tool {tool} ");
        judge(&oracles, 1, &["FAILED go1.19", &command, "No such file"]);
    }
}

/// The comparison with real Go, which cannot go wrong unnoticed.
#[test]
fn another_profile_is_seen() {
    let Some(go) = Go::find_or_skip("1.19") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("profile.pb.gz");
    fs::write(&path, tiny("profile.pb.gz")).unwrap();
    let hog = Files::embedded();
    let hog = hog.file("valid/basics/hog/profile.pb.gz").unwrap();
    assert_eq!(compare::profile(&go, &path, &tiny("profile.pb.gz")), Ok(()));
    let error = compare::profile(&go, &path, hog).unwrap_err();
    assert!(error.contains("Go 1.19 has"), "{error}");
}
