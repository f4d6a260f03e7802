//! The judgement of our reader and of real Go on the same bytes.

use std::io::Write;
use std::path::Path;
use std::process::Output;

use sigprof::oracle::{Go, compare};
use sigprof_wire::FormatVersion;
use tempfile::NamedTempFile;

/// The installed releases that read the trace's version, and the version whose names each prints.
fn judges(bytes: &[u8]) -> Vec<(Go, FormatVersion)> {
    let mut judges = vec![("1.21", FormatVersion::GO_1_21)];
    if !bytes.starts_with(b"go 1.21 ") {
        judges.push(("1.19", FormatVersion::GO_1_19));
    }
    let judges = judges.into_iter();
    judges
        .filter_map(|(version, printer)| Some((Go::find_or_skip(version)?, printer)))
        .collect()
}

pub(crate) fn file(bytes: &[u8]) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    file
}

/// `go tool trace -d`, with the program that a trace of Go 1.5 needs, if it is to have one.
pub(crate) fn trace_d(go: &Go, bytes: &[u8], program: Option<&Path>) -> Output {
    let file = file(bytes);
    let mut command = go.command();
    let option = if go.to_string() == "Go 1.24" {
        "-d=parsed"
    } else if go.to_string() == "Go 1.22" {
        "-d=1"
    } else {
        "-d"
    };
    command.args(["tool", "trace", option]).args(program);
    command.arg(file.path()).output().unwrap()
}

/// Lines without offsets, which most tests do not care for.
fn without_offsets(text: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(text).into_owned();
    let line = |line: &str| {
        let Some((head, tail)) = line.split_once(" off=") else {
            return line.to_owned();
        };
        let args = tail.split_once(' ').map(|(_, args)| format!(" {args}"));
        format!("{head}{}", args.unwrap_or_default())
    };
    text.lines().map(line).collect()
}

/// The events that our reader finds, printed as by Go 1.19.
#[track_caller]
pub(crate) fn ours(bytes: &[u8]) -> Vec<String> {
    without_offsets(&compare::read(bytes, FormatVersion::GO_1_19, None).unwrap())
}

/// Our reader sees these events, and so does Go. Lines are as Go 1.19 prints them, without
/// offsets; but Go's and ours are compared whole.
#[track_caller]
pub(crate) fn reads(bytes: &[u8], lines: &[&str]) {
    assert_eq!(ours(bytes), lines);
    agrees(bytes);
}

/// Go sees what we see.
#[track_caller]
pub(crate) fn agrees(bytes: &[u8]) {
    for (go, printer) in judges(bytes) {
        let program = go.root().join("bin/go");
        let program = bytes.starts_with(b"go 1.5 ").then_some(&*program);
        let output = trace_d(&go, bytes, program);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{go}: {said}");
        let ours = compare::read(bytes, printer, None).unwrap();
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        assert_eq!(text(&output.stdout), text(&ours), "{go}, and we");
    }
}

/// Our reader refuses it in words with these among them, and Go in its own.
#[track_caller]
pub(crate) fn refused(bytes: &[u8], ours: &str, go: &str) {
    we_refuse(bytes, ours);
    go_refuses(bytes, go);
}

#[track_caller]
pub(crate) fn we_refuse(bytes: &[u8], words: &str) {
    let error = sigprof::trace::v1::verify(bytes).unwrap_err().to_string();
    assert!(error.contains(words), "want {words:?}, got {error}");
}

#[track_caller]
pub(crate) fn go_refuses(bytes: &[u8], words: &str) {
    for (go, _) in judges(bytes) {
        let output = trace_d(&go, bytes, None);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success(), "{go} reads it");
        assert!(said.contains(words), "{go}: want {words:?}, got {said}");
    }
}

/// Go sees these events, whatever we see.
#[track_caller]
pub(crate) fn go_reads(bytes: &[u8], lines: &[&str]) {
    for (go, _) in judges(bytes) {
        let output = trace_d(&go, bytes, None);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{go}: {said}");
        assert_eq!(without_offsets(&output.stdout), lines, "{go}");
    }
}

/// Frames of the stacks at which goroutines block, as Go 1.19 has them in a profile.
#[track_caller]
pub(crate) fn blocked_at(bytes: &[u8]) -> Option<String> {
    let go = Go::find_or_skip("1.19")?;
    let trace = file(bytes);
    let mut command = go.command();
    command.args(["tool", "trace", "-pprof=sync"]);
    let output = command.arg(trace.path()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let profile = file(&output.stdout);
    let raw = go.pprof_raw(profile.path()).unwrap();
    Some(String::from_utf8(raw).unwrap())
}
