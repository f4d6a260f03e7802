//! Traces of Go 1.22 and later, against what Go 1.26 and 1.27 show of them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;
use sigprof::export::chrome;
use sigprof::fixtures::Files;
use sigprof::oracle::Go;
use sigprof::trace::{Options, Reader};

use super::compare::{canonical, same};
use super::server;

/// The valid fixtures with a trace of the v2 format.
fn fixtures() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures");
    let cases = Files::embedded().valid_v2();
    assert!(cases.len() > 20);
    let traces = cases.iter().map(|case| root.join(case).join("trace"));
    traces.collect()
}

fn export(bytes: &[u8], all: bool) -> Value {
    let mut reader = Reader::with(bytes, Options::default()).unwrap();
    let mut json = Vec::new();
    chrome::write(&mut reader, chrome::Options { all }, &mut json).unwrap();
    serde_json::from_slice(&json).unwrap()
}

/// How many events of each name there are, without what stands in brackets.
fn names(trace: &Value) -> BTreeMap<String, usize> {
    let mut names = BTreeMap::new();
    for event in trace["traceEvents"].as_array().unwrap() {
        let name = event["name"].as_str().unwrap_or_default();
        let name = name.split(" (").next().unwrap();
        let is_run = name.starts_with('G') && name[1..].starts_with(|c: char| c.is_ascii_digit());
        let name = if is_run { "a run" } else { name };
        *names.entry(name.to_owned()).or_default() += 1;
    }
    names
}

/// Guards R82.1, R82.2, R82.3, S45.1, S45.2.
#[test]
fn chrome_has_all_events_of_go_1_26_and_1_27() {
    let mut names_seen = BTreeMap::new();
    for release in ["1.26", "1.27"] {
        let Some(go) = Go::find_or_skip(release) else {
            return;
        };
        let folder = tempfile::tempdir().unwrap();
        let tool = server::program(&go, folder.path());
        for file in fixtures() {
            let bytes = std::fs::read(&file).unwrap();
            let theirs = server::json_trace(&tool, &file);
            let ours = export(&bytes, false);
            let what = format!("{} in {release}", file.display());
            // Those that are made by hand or simulated have a few events.
            let least = (bytes.len() / 300).clamp(3, 100);
            assert!(same(&what, &theirs, &ours) > least, "{what}");
            names_seen.extend(names(&ours));
        }
    }
    // Nothing is equal for want of it.
    for name in [
        "a run",
        "CPU profile sample",
        "go",
        "unblock",
        "syscall",
        "exit blocked syscall",
        "proc start",
        "proc stop",
        "GC concurrent mark phase",
        "stop-the-world",
        "Goroutines",
        "Heap",
        "Threads",
    ] {
        assert!(names_seen.contains_key(name), "{name}: {names_seen:#?}");
    }
}

/// The comparison cannot go wrong unnoticed.
#[test]
fn another_stack_or_row_is_seen() {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/valid/basics/hog-go1.27/trace");
    let ours = export(&std::fs::read(path).unwrap(), false);
    let events = ours["traceEvents"].as_array().unwrap();
    let sample = events
        .iter()
        .position(|e| e["name"] == "CPU profile sample");
    let sample = sample.unwrap();
    for (key, value) in [("tid", 99), ("sf", 1)] {
        let mut other = ours.clone();
        other["traceEvents"][sample][key] = value.into();
        assert_ne!(canonical(&ours), canonical(&other), "{key}");
    }
}
