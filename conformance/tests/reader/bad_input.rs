//! Input that is cut short, damaged, or something else: refused with offset, want and
//! got, and never a panic (S2, S5, S9).

#![expect(
    clippy::unwrap_used,
    reason = "test code, though clippy's allow-unwrap-in-tests does not see helpers as such"
)]

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use sigprof::check::{Narrow, check_collected as check, words};
use sigprof::error::{InputError, WriteError};
use sigprof::gzip;
use sigprof::pprof::{self, Profile};
use sigprof::trace::v1::dump;
use sigprof::trace::v1::{self as trace, Trace, render};
use sigprof_wire::FormatVersion;

const LAYOUT: words::Layout = words::Layout {
    all: true,
    width: None,
};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures")
}

fn tiny(file: &str) -> Vec<u8> {
    std::fs::read(fixtures().join("valid/basics/tiny").join(file)).unwrap()
}

/// Each input with every bit flipped, one at a time: which, and whether it is the one
/// of its byte that is looked at more closely.
fn flips(bytes: &[u8]) -> impl Iterator<Item = (String, bool, Vec<u8>)> {
    (0..8 * bytes.len()).map(|at| {
        let (byte, bit) = (at / 8, at % 8);
        let mut flipped = bytes.to_vec();
        flipped[byte] ^= 1 << bit;
        (
            format!("bit {bit} of byte {byte:#x}"),
            bit == byte % 8,
            flipped,
        )
    })
}

/// An error that helps: it points into the input, and says what it wants and has.
#[track_caller]
fn assert_helps(error: &InputError, len: usize, what: &str) {
    let (place, want, got) = (error.place(), error.want(), error.got());
    assert!(
        error.offset() <= len as u64,
        "{what}: {len} bytes, but {error}"
    );
    assert!(
        !place.is_empty() && !want.is_empty() && !got.is_empty(),
        "{what}: {error}"
    );
    let text = error.to_string();
    assert!(
        text.starts_with("0x") && text.contains(": want ") && text.contains(", got "),
        "{text}"
    );
}

/// The dump ends where reading does, or later: it does not ask what events mean.
#[track_caller]
fn assert_dumps(bytes: &[u8], read: Result<(), &InputError>, what: &str) {
    let mut out = Vec::new();
    match dump::dump(bytes, &mut out) {
        Ok(()) => {}
        Err(WriteError::Input(error)) => {
            assert_helps(&error, bytes.len(), what);
            let read = read.expect_err(what);
            assert!(
                read.offset() <= error.offset(),
                "{what}: read {read}, dump {error}"
            );
        }
        Err(WriteError::Output(error)) => panic!("{what}: {error}"),
    }
}

/// Every way to show a trace and a pair.
fn show(trace: &Trace, profile: &Profile) {
    let mut out = Vec::new();
    for event in &trace.events {
        render::text(&trace.reader, event, true, &mut out).unwrap();
        render::go(&trace.reader, event, FormatVersion::GO_1_19, &mut out).unwrap();
        render::json(&trace.reader, event, &mut out).unwrap();
        out.clear();
    }
    if let Ok(report) = check(trace, profile, &Narrow::default()) {
        assert!(!words::text(&report, LAYOUT).is_empty());
        serde_json::to_string(&report).unwrap();
    }
}

/// A v1 trace has no mark at its end: after the frequency stand only stacks and their names, and a
/// cut between two of them cannot be seen, not even by Go. It loses no event.
#[test]
fn a_trace_cut_anywhere_is_an_error_unless_only_stacks_are_lost() {
    let bytes = tiny("trace");
    let whole = trace::read(&bytes).unwrap();
    let mut first_accepted = bytes.len();
    for end in 0..bytes.len() {
        let (cut, what) = (&bytes[..end], format!("cut at {end:#x}"));
        let read = trace::read(cut);
        assert_dumps(cut, read.as_ref().map(|_| ()), &what);
        match read {
            Ok(trace) => {
                first_accepted = first_accepted.min(end);
                assert_eq!(trace.events.len(), whole.events.len(), "{what}");
                assert!(
                    trace.reader.stack_count() < whole.reader.stack_count(),
                    "{what}"
                );
            }
            Err(error) => {
                assert_helps(&error, end, &what);
                // A cut leaves what is before it as it was: the error is at its end.
                assert!(error.offset() + 64 > end as u64, "{what}: {error}");
            }
        }
    }
    let mut text = Vec::new();
    dump::dump(&bytes[..first_accepted], &mut text).unwrap();
    let text = String::from_utf8(text).unwrap();
    let last: Vec<_> = text.lines().rev().take(2).collect();
    assert!(last[1].contains("| Frequency"), "{last:#?}");
}

/// One bit of each byte, all eight in turn.
///
/// Guards S2.1, S5.
#[test]
fn a_trace_with_any_bit_flipped_is_read_or_refused() {
    flip_a_trace(false);
}

#[test]
#[ignore = "a sweep: just test-all"]
fn a_trace_with_each_bit_flipped_is_read_or_refused() {
    flip_a_trace(true);
}

fn flip_a_trace(all: bool) {
    let (bytes, profile) = (tiny("trace"), tiny("profile.pb.gz"));
    let profile = pprof::read(&profile).unwrap();
    let (mut read, mut refused) = (0, 0);
    for (what, closely, flipped) in flips(&bytes).filter(|(_, closely, _)| all || *closely) {
        let result = trace::read(&flipped);
        if closely {
            assert_dumps(&flipped, result.as_ref().map(|_| ()), &what);
        }
        match result {
            Ok(trace) => {
                read += 1;
                if closely {
                    show(&trace, &profile);
                }
            }
            Err(error) => {
                refused += 1;
                assert_helps(&error, flipped.len(), &what);
            }
        }
    }
    println!("{read} read, {refused} refused");
    assert!(read > 0 && refused > 0);
}

#[test]
fn a_packed_profile_cut_anywhere_is_an_error() {
    let bytes = tiny("profile.pb.gz");
    for end in 0..bytes.len() {
        let error = pprof::read(&bytes[..end]).expect_err("a cut profile");
        assert_helps(&error, end, &format!("cut at {end:#x}"));
    }
}

#[test]
fn a_packed_profile_with_any_bit_flipped_is_the_same_or_refused() {
    let bytes = tiny("profile.pb.gz");
    let whole = pprof::read(&bytes).unwrap();
    let unpacked = gzip::unpack(&bytes).unwrap();
    for (what, _, flipped) in flips(&bytes) {
        match pprof::read(&flipped) {
            // In what gzip says of the file and not of its content.
            Ok(profile) => assert_eq!(profile, whole, "{what}"),
            Err(error) => assert_helps(&error, unpacked.len(), &what),
        }
    }
}

/// Protobuf has no mark at the end either: a cut between two fields cannot be seen.
#[test]
fn an_unpacked_profile_cut_or_damaged_anywhere_is_read_or_refused() {
    let bytes = gzip::unpack(&tiny("profile.pb.gz")).unwrap();
    let trace = tiny("trace");
    let trace = trace::read(&trace).unwrap();
    let cut = |end| (format!("cut at {end:#x}"), true, bytes[..end].to_vec());
    let cuts = (0..bytes.len()).map(cut);
    for (what, closely, broken) in cuts.chain(flips(&bytes)) {
        match pprof::read(&broken) {
            Ok(profile) if closely => show(&trace, &profile),
            Ok(_) => {}
            Err(error) => assert_helps(&error, broken.len(), &what),
        }
    }
}

/// Each trace that the generator breaks is broken for the dump, too, or for the reader alone, and
/// neither panics.
#[test]
fn the_dump_takes_every_invalid_trace() {
    for (name, bytes) in super::invalid::traces::all() {
        let error = trace::read(&bytes).expect_err(&name);
        assert_helps(&error, bytes.len(), &name);
        assert_dumps(&bytes, Err(&error), &name);
    }
}

fn sigprof() -> Command {
    Command::new(assert_cmd::cargo::cargo_bin!("sigprof"))
}

/// Runs the command; returns its exit code, standard output and standard error.
fn run(arguments: &[&Path]) -> (Option<i32>, String, String) {
    let output = sigprof().args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

/// The command refuses the input: exit 3, the file and the error, and no output.
#[track_caller]
fn refused(arguments: &[&Path], file: &Path, got: &str) {
    let (code, out, err) = run(arguments);
    assert_eq!((code, out.as_str()), (Some(3), ""), "{arguments:?}: {err}");
    let begin = format!("error: {}: 0x", file.display());
    assert!(err.starts_with(&begin), "{err}");
    assert!(err.contains(": want "), "{err}");
    assert!(err.contains(&format!(", got {got}")), "{err}");
    assert_eq!(err.lines().count(), 1, "{err}");
}

#[track_caller]
fn refused_as_trace(file: &Path, got: &str) {
    let profile = fixtures().join("valid/basics/tiny/profile.pb.gz");
    refused(&["parse".as_ref(), file], file, got);
    refused(&["dump".as_ref(), file], file, got);
    refused(&["check".as_ref(), file, &profile], file, got);
}

#[track_caller]
fn refused_as_profile(file: &Path, got: &str) {
    let trace = fixtures().join("valid/basics/tiny/trace");
    refused(&["check".as_ref(), &trace, file], file, got);
}

#[test]
fn an_empty_file_is_refused() {
    refused_as_trace(
        &fixtures().join("invalid/header/empty/trace"),
        "an empty file",
    );
    refused_as_profile(
        &fixtures().join("invalid/not-a-profile/empty/profile"),
        "an empty file",
    );
}

/// A file that is there but cannot be opened: the error says why, as people know it.
#[track_caller]
fn cannot_be_opened(file: &Path, why: &str) {
    let tiny = fixtures().join("valid/basics/tiny");
    let (trace, profile) = (tiny.join("trace"), tiny.join("profile.pb.gz"));
    let commands: [&[&Path]; 4] = [
        &["parse".as_ref(), file],
        &["dump".as_ref(), file],
        &["check".as_ref(), file, &profile],
        &["check".as_ref(), &trace, file],
    ];
    for arguments in commands {
        let (code, out, err) = run(arguments);
        assert_eq!((code, out.as_str()), (Some(3), ""), "{arguments:?}: {err}");
        let expected = format!("error: cannot open {}: {why}\n", file.display());
        assert_eq!(err, expected, "{arguments:?}");
    }
}

#[test]
fn a_directory_is_refused() {
    cannot_be_opened(&fixtures(), "is a directory");
}

#[test]
fn a_missing_file_is_refused() {
    cannot_be_opened(Path::new("/no/such/file"), "No such file or directory");
}

#[test]
fn a_profile_is_no_trace_and_a_trace_is_no_profile() {
    let tiny = fixtures().join("valid/basics/tiny");
    refused_as_trace(&tiny.join("profile.pb.gz"), "a profile (a gzip file)");
    refused_as_profile(&tiny.join("trace"), "a Go execution trace");
}

#[test]
fn text_is_refused_with_its_first_line() {
    let program = fixtures().join("programs/tiny/main.go");
    refused_as_trace(&program, "text: \"");
    refused_as_profile(&program, "text: \"");
}

/// `sigprof parse big | head -1`
#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let big = fixtures().join("valid/basics/busy/trace");
    for command in ["parse", "dump"] {
        let mut child = sigprof()
            .arg(command)
            .arg(&big)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        out.read_line(&mut line).unwrap();
        drop(out);
        let mut err = String::new();
        child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut err)
            .unwrap();
        let code = child.wait().unwrap().code();
        assert_eq!((code, err.as_str()), (Some(0), ""), "{command}");
        assert!(line.ends_with('\n'), "{command}: {line:?}");
    }
}

/// Guards S9.3.
#[test]
fn a_wrong_command_line_exits_with_2() {
    for arguments in [
        &["check"][..],
        &["parse", "--format", "xml", "-"],
        &["paint"],
    ] {
        let arguments: Vec<_> = arguments.iter().map(Path::new).collect();
        let (code, out, err) = run(&arguments);
        assert_eq!((code, out.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(err.starts_with("error: "), "{err}");
    }
}

/// Guards S9.5.
#[test]
fn a_label_that_does_not_occur_exits_with_4() {
    let tiny = fixtures().join("valid/basics/tiny");
    let (trace, profile) = (tiny.join("trace"), tiny.join("profile.pb.gz"));
    let label = Path::new("--label=no=such");
    let (code, out, err) = run(&["check".as_ref(), &trace, &profile, label]);
    assert_eq!((code, out.as_str()), (Some(4), ""), "{err}");
    assert!(
        err.contains("no sample of the profile has label no=such"),
        "{err}"
    );
}
