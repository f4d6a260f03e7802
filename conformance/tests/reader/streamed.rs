//! `sigprof stat`, `sigprof export`, and how `parse` takes a damaged trace.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::path::Path;
use std::process::{Command, Output};

fn sigprof(args: &[&str]) -> Output {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("sigprof"));
    command.args(args).output().unwrap()
}

fn hog() -> String {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures");
    let path = fixtures.join("valid/basics/hog/trace");
    path.to_str().unwrap().to_owned()
}

#[track_caller]
fn run(args: &[&str], code: i32) -> (String, String) {
    let output = sigprof(args);
    let err = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{err}");
    (String::from_utf8_lossy(&output.stdout).into_owned(), err)
}

/// The hog's trace without its last third, in a throw-away folder.
fn cut() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("trace");
    let bytes = std::fs::read(hog()).unwrap();
    std::fs::write(&path, &bytes[..bytes.len() * 2 / 3]).unwrap();
    let path = path.to_str().unwrap().to_owned();
    (folder, path)
}

/// Guards S16.11.
#[test]
fn stat_counts_as_parse_prints() {
    let (json, _) = run(&["stat", &hog(), "--format", "json"], 0);
    let stat: serde_json::Value = serde_json::from_str(&json).unwrap();
    let (lines, _) = run(&["parse", &hog(), "--format", "go"], 0);
    assert_eq!(stat["schema_version"], 1);
    assert_eq!(stat["version"], "1.19");
    assert_eq!(stat["events"], lines.lines().count());
    for (name, count) in stat["events_by_type"].as_object().unwrap() {
        let of_type = lines.lines().filter(|l| l.split(' ').nth(1) == Some(name));
        assert_eq!(*count, of_type.count(), "{name}");
    }
    let samples = &stat["samples"];
    assert_eq!(samples["total"], stat["events_by_type"]["CPUSample"]);
    let last = lines.lines().last().unwrap().split(' ').next().unwrap();
    assert_eq!(stat["span_ns"].to_string(), last);
    let (text, _) = run(&["stat", &hog()], 0);
    assert!(
        text.contains("CPU samples") && text.contains("GoSched"),
        "{text}"
    );
}

/// Guards S2.3, S9.4, S16.11.
#[test]
fn a_damaged_trace_is_refused_or_read_as_far_as_it_goes() {
    let (_folder, path) = cut();
    for command in ["stat", "parse"] {
        let (out, err) = run(&[command, &path], 3);
        assert_eq!(out, "");
        assert!(err.starts_with("error: "), "{err}");
        let (out, err) = run(&[command, &path, "--keep-going"], 3);
        assert!(out.lines().count() > 20, "{out}");
        assert!(err.contains("error: "), "{err}");
    }
    let (json, _) = run(&["stat", &path, "--keep-going", "--format", "json"], 3);
    let stat: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert!(stat["error"].as_str().unwrap().starts_with("0x"));
    assert!(stat["events"].as_u64().unwrap() > 1000);
    assert!(stat["warnings_count"].as_u64().unwrap() >= 1);
}

#[test]
fn exports_go_to_files_and_to_standard_output() {
    let (chrome, _) = run(&["export", &hog(), "--format", "chrome"], 0);
    let chrome: serde_json::Value = serde_json::from_str(&chrome).unwrap();
    assert!(chrome["traceEvents"].as_array().unwrap().len() > 1000);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("profile");
    run(
        &[
            "export",
            &hog(),
            "--format",
            "pprof",
            "-o",
            path.to_str().unwrap(),
        ],
        0,
    );
    let profile = sigprof::pprof::read(&std::fs::read(path).unwrap()).unwrap();
    let samples: u64 = profile.samples.iter().map(|s| s.count).sum();
    assert_eq!(samples, 119);
    let (_, err) = run(
        &[
            "export",
            &hog(),
            "--format",
            "chrome",
            "-o",
            "/no/such/file",
        ],
        3,
    );
    assert!(err.contains("/no/such/file"), "{err}");
}

#[test]
fn a_damaged_trace_is_exported_as_far_as_it_goes() {
    let (_folder, path) = cut();
    let (out, _) = run(&["export", &path, "--format", "chrome"], 3);
    assert_eq!(out, "");
    let (out, err) = run(&["export", &path, "--format", "chrome", "--keep-going"], 3);
    assert!(serde_json::from_str::<serde_json::Value>(&out).is_ok());
    assert!(err.starts_with("error: "), "{err}");
}
