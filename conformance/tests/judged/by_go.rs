//! Real Go reads the same files and sees the same events and samples.
//!
//! The files are our fixtures and Go's own canned traces, which are read where the
//! toolchains are installed and never copied. Without a toolchain a test says that
//! it is skipped, unless the environment says that it must not be
//! (`SIGPROF_ORACLES=required`).

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::path::{Path, PathBuf};
use std::process::Command;

use sigprof::check::{Narrow, Report, check_collected as check};
use sigprof::oracle::{Go, compare};
use sigprof::pprof;
use sigprof::trace::v1 as trace;

fn real_fixtures() -> Vec<PathBuf> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures");
    let real = sigprof::fixtures::real_v1();
    assert!(real.len() >= 9, "{real:?}");
    real.iter().map(|case| fixtures.join(case)).collect()
}

fn canned_traces(go: &Go) -> Vec<PathBuf> {
    let testdata = go.root().join("src/internal/trace/testdata");
    let entries = std::fs::read_dir(testdata).unwrap();
    let mut files: Vec<_> = entries.map(|e| e.unwrap().path()).collect();
    files.retain(|f| f.is_file());
    files.sort();
    files
}

fn same_events(version: &str) {
    let Some(go) = Go::find_or_skip(version) else {
        return;
    };
    for folder in real_fixtures() {
        let path = folder.join("trace");
        let bytes = std::fs::read(&path).unwrap();
        compare::trace(&go, &path, &bytes).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    }
}

fn same_samples(version: &str) {
    let Some(go) = Go::find_or_skip(version) else {
        return;
    };
    for folder in real_fixtures() {
        let path = folder.join("profile.pb.gz");
        let bytes = std::fs::read(&path).unwrap();
        compare::profile(&go, &path, &bytes).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    }
}

/// Go's own traces of every version, and one whose times are not in order.
fn same_events_of_canned_traces(version: &str, expected: usize) {
    let Some(go) = Go::find_or_skip(version) else {
        return;
    };
    let mut compared = 0;
    for path in canned_traces(&go) {
        let bytes = std::fs::read(&path).unwrap();
        if path.ends_with("stress_1_5_unordered") {
            let ours = trace::verify(&bytes).unwrap_err().to_string();
            let program = go.root().join("bin/go");
            let theirs = go.trace_d_with(&path, Some(&program)).unwrap_err();
            let theirs = theirs.to_string();
            assert!(theirs.contains("time stamps out of order"), "{theirs}");
            assert!(ours.contains("time stamps out of order"), "{ours}");
            compared += 1;
            continue;
        }
        compare::trace(&go, &path, &bytes).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        compared += 1;
    }
    assert_eq!(compared, expected, "canned traces of {go}");
}

#[test]
fn go_1_19_sees_the_same_events() {
    same_events("1.19");
}

#[test]
fn go_1_21_sees_the_same_events() {
    same_events("1.21");
}

#[test]
fn go_1_19_sees_the_same_samples() {
    same_samples("1.19");
}

#[test]
fn go_1_21_sees_the_same_samples() {
    same_samples("1.21");
}

#[test]
fn go_1_27_sees_the_same_samples() {
    same_samples("1.27");
}

#[test]
fn go_1_19_sees_the_same_events_in_its_own_traces() {
    same_events_of_canned_traces("1.19", 21);
}

#[test]
fn go_1_21_sees_the_same_events_in_its_own_traces() {
    same_events_of_canned_traces("1.21", 25);
}

/// Guards R64.4.
#[test]
fn go_1_22_sees_the_same_events_in_its_own_traces() {
    same_events_of_canned_traces("1.22", 25);
}

/// A comparison that cannot fail would be worth nothing.
#[test]
fn a_changed_event_is_seen() {
    let Some(go) = Go::find_or_skip("1.19") else {
        return;
    };
    let hog = real_fixtures()
        .into_iter()
        .find(|f| f.ends_with("hog"))
        .unwrap();
    let mut bytes = std::fs::read(hog.join("trace")).unwrap();
    let trace = trace::read(&bytes).unwrap();
    let alloc = trace
        .events
        .iter()
        .find(|e| e.event_type.name() == "HeapAlloc")
        .unwrap();
    let at = usize::try_from(alloc.offset).unwrap();
    // The first byte behind the delta is the lowest of the heap's size.
    let delta = bytes[at + 1..].iter().position(|b| b & 0x80 == 0).unwrap();
    bytes[at + 2 + delta] ^= 1;
    let error = compare::trace(&go, &hog.join("trace"), &bytes).unwrap_err();
    assert!(error.contains("HeapAlloc"), "{error}");
}

/// Go 1.21 spells generic functions differently in traces and in profiles, and every
/// release shows in profiles what the tracer cuts off at 64 PCs; the check takes both
/// for the same stack (S7).
#[test]
fn a_pair_made_by_go_1_21_matches() {
    let Some(go) = Go::find_or_skip("1.21") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("generic");
    let programs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/programs");
    let mut build = go.command();
    build.args(["build", "-o"]).arg(&program).arg("./generic");
    run(build.current_dir(programs));
    // On a busy machine a run gets little of the CPU, and so few samples: then a longer one.
    let report = ["200ms", "400ms", "800ms", "1600ms", "3200ms"]
        .into_iter()
        .find_map(|time| make_and_check(&go, &program, folder.path(), time))
        .expect("a run of five with enough samples");
    // A sample or so may lie outside of the trace; the rest must be the same.
    assert!(
        report.missing <= 2 && report.surplus == 0,
        "{}",
        report.summary
    );
    let generic = report.stacks.iter().flat_map(|s| s.frames.iter());
    assert!(generic.into_iter().any(|f| f.function == "main.climb[...]"));
}

/// The report on a run of `time`; `None` if it has too few samples.
fn make_and_check(go: &Go, program: &Path, folder: &Path, time: &str) -> Option<Report> {
    const TOO_FEW: usize = 20;
    let mut make = Command::new(program);
    run(make
        .args(["-for", time, "-rate", "250"])
        .current_dir(folder));
    let trace = std::fs::read(folder.join("trace")).unwrap();
    compare::trace(go, &folder.join("trace"), &trace).unwrap();
    let trace = trace::read(&trace).unwrap();
    if trace.samples().count() <= TOO_FEW {
        return None;
    }
    let profile = std::fs::read(folder.join("profile.pb.gz")).unwrap();
    let profile = pprof::read(&profile).unwrap();
    Some(check(&trace, &profile, &Narrow::default()).unwrap())
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {stderr}");
}
