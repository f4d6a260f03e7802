//! A stream that is nothing that is read is refused by its first 16 bytes, and text by a few more: it
//! may have no end.

#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    reason = "test code, though clippy's allow-unwrap-in-tests does not see helpers as such"
)]

use std::fs::File;
use std::io::{self, Read};
use std::process::{Output, Stdio};
use std::time::Duration;

use sigprof::pprof;
use sigprof::trace::input::OpenError;
use sigprof::trace::{Input, header};

/// The output of the command with these arguments and this standard input; it is killed if it
/// takes long.
fn sigprof(args: &[&str], stdin: impl Into<Stdio>) -> Output {
    let command = std::process::Command::new(env!("CARGO_BIN_EXE_sigprof"))
        .args(args)
        .stdin(stdin)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let id = command.id();
    let (done, is_done) = std::sync::mpsc::channel();
    let output = std::thread::spawn(move || {
        let output = command.wait_with_output();
        let _ = done.send(());
        output
    });
    if is_done.recv_timeout(Duration::from_secs(20)).is_err() {
        let _ = std::process::Command::new("kill")
            .arg(id.to_string())
            .status();
        panic!("{args:?} goes on reading");
    }
    output.join().unwrap().unwrap()
}

const NO_TRACE: &str = "0x0: header: want a trace, which begins with `go 1.N trace`, got the bytes [00, 00, 00, 00, 00, 00, 00, 00, 00, 00, 00, 00, 00, 00, 00, 00]";

const NO_PROFILE: &str = "0x0: profile: want a pprof CPU profile, got the bytes [00, 00, 00, 00, 00, 00, 00, 00, 00, 00, 00, 00, 00, 00, 00, 00]";

#[track_caller]
fn check(args: &[&str], path: &str, why: &str) {
    let stdin = File::open("/dev/zero").unwrap();
    let output = sigprof(args, stdin);
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(stderr, format!("error: {path}: {why}\n"), "{args:?}");
    assert_eq!(output.status.code(), Some(3), "{args:?}");
    assert!(output.stdout.is_empty(), "{args:?}");
}

/// Guards S10.8.
#[test]
fn standard_input_without_end_is_refused_at_once() {
    let trace = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../fixtures/valid/basics/tiny/trace"
    );
    check(&["stat", "-"], "-", NO_TRACE);
    check(&["parse", "-"], "-", NO_TRACE);
    check(&["dump", "-"], "-", NO_TRACE);
    check(&["export", "--format", "chrome", "-"], "-", NO_TRACE);
    check(&["check", "-", trace], "-", NO_TRACE);
    check(&["check", trace, "-"], "-", NO_PROFILE);
    let samples = ["parse", "--input", "profile", "--format", "samples", "-"];
    check(&samples, "-", NO_PROFILE);
}

/// Guards S10.8, S65.1.
#[test]
fn text_without_an_end_is_refused_too() {
    let mut yes = std::process::Command::new("yes")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let output = sigprof(&["stat", "-"], yes.stdout.take().unwrap());
    let _ = yes.kill();
    let _ = yes.wait();
    let why = String::from_utf8(output.stderr).unwrap();
    assert!(
        why.ends_with("got text: \"y\"; no trace begins in its first 16 MiB\n"),
        "{why}"
    );
    assert_eq!(output.status.code(), Some(3));
}

/// Guards S10.8.
#[test]
fn a_device_is_refused_at_once() {
    check(&["stat", "/dev/zero"], "/dev/zero", NO_TRACE);
    check(&["stat", "/dev/stdin"], "/dev/stdin", NO_TRACE);
}

/// A stream that counts what is read of it, and has no end.
struct Endless<'a> {
    start: &'a [u8],
    read: usize,
    most: usize,
}

impl Read for Endless<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.read += buffer.len();
        assert!(self.read <= self.most, "{} bytes are asked for", self.read);
        let len = buffer.len();
        buffer.fill(b'.');
        let start = &self.start[..self.start.len().min(len)];
        buffer[..start.len()].copy_from_slice(start);
        self.start = &self.start[start.len()..];
        Ok(len)
    }
}

fn first_bytes(
    most: usize,
    start: &[u8],
    judge: fn(&[u8]) -> Result<(), sigprof::error::InputError>,
) -> String {
    let read = 0;
    let mut stream = Endless { start, read, most };
    match Input::from_stream_if(&mut stream, judge) {
        Err(OpenError::Input(error)) => error.to_string(),
        other => panic!("{other:?}"),
    }
}

/// Guards S10.8.
#[test]
fn no_more_than_16_bytes_are_asked_for_and_of_text_64() {
    let error = first_bytes(16, b"go 1.28 trace\0\0\0", header::check);
    assert!(error.contains("newer"), "{error}");
    let error = first_bytes(64, b"y\ny\ny\ny\ny\ny\ny\ny\n", pprof::judge);
    assert!(error.contains("got text: \"y\""), "{error}");
    let error = first_bytes(16, b"go 1.19 trace\0\0\0", pprof::judge);
    assert!(error.contains("a Go execution trace"), "{error}");
}

/// Guards S10.8.
#[test]
fn what_begins_rightly_is_read_to_its_end() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/valid/basics/tiny");
    let trace = File::open(format!("{folder}/trace")).unwrap();
    assert_eq!(sigprof(&["stat", "-"], trace).status.code(), Some(0));
    let trace = format!("{folder}/trace");
    let profile = File::open(format!("{folder}/profile.pb.gz")).unwrap();
    let output = sigprof(&["check", &trace, "-"], profile);
    assert_ne!(output.status.code(), Some(3), "{output:?}");
}
