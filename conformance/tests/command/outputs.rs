//! Files that commands leave behind: whole or not there, and nothing beside them, be it that a
//! disk is full or that a signal comes.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod files;
mod kept;
mod runs;
mod signals;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use sigprof_sim::tracer::{ProcId, Ticks, TraceBuilder};
use sigprof_wire::FormatVersion;
use sigprof_wire::v1::EventType as E;

fn sigprof(args: &[&str]) -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("sigprof"));
    command.args(args);
    command
}

/// Runs it to its end, which has this exit code.
#[track_caller]
fn run(args: &[&str], code: i32) -> Output {
    let output = sigprof(args).output().unwrap();
    ends(&output, code);
    output
}

#[track_caller]
fn ends(output: &Output, code: i32) {
    assert_eq!(output.status.code(), Some(code), "{output:?}");
}

fn complaint(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// A file below `fixtures`.
fn fixture(name: &str) -> String {
    format!("{}/../fixtures/{name}", env!("CARGO_MANIFEST_DIR"))
}

fn tiny() -> String {
    fixture("valid/basics/tiny/trace")
}

/// A path in a folder, as an argument.
fn at(folder: &Path, name: &str) -> String {
    folder.join(name).to_str().unwrap().to_owned()
}

fn make_fifo(path: &str) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

/// A trace that is refused for its order: a goroutine that was never created starts.
fn of_wrong_order(folder: &Path) -> String {
    let mut builder = TraceBuilder::new(FormatVersion::GO_1_19).unwrap();
    builder.batch(Some(ProcId(0)), Ticks(99));
    builder.event(Ticks(100), E::GoCreate, &[1, 0], &[]);
    builder.event(Ticks(110), E::GoStart, &[7, 1], &[]);
    let path = at(folder, "wrong");
    fs::write(&path, builder.finish(1_000_000_000)).unwrap();
    path
}
