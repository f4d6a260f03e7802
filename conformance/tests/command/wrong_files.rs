//! Files in the place of others: a file, a pipe and a packed pipe are told in the same words.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::io::Write;
use std::path::Path;

use crate::pack::pack;
use crate::run::sigprof;

fn fixture(path: &str) -> Vec<u8> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures");
    std::fs::read(fixtures.join(path)).unwrap()
}

/// The exit code and the words of an error, without the file's name.
fn told(args: &[&str], file: &Path, stdin: Vec<u8>) -> (Option<i32>, String) {
    let mut command = sigprof(args);
    let output = command.write_stdin(stdin).output().unwrap();
    let words = String::from_utf8(output.stderr).unwrap();
    let name = format!("error: {}: ", file.display());
    let words = words.replace(&name, "").replace("error: -: ", "");
    (output.status.code(), words)
}

/// The words of a command on bytes in the place of its input, which is `@`.
#[track_caller]
fn said(args: &[&str], bytes: &[u8], is_packed_too: bool) -> String {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    let with = |name: &str| -> Vec<String> {
        let args = args.iter().map(|&arg| if arg == "@" { name } else { arg });
        args.map(str::to_owned).collect()
    };
    let run = |name: &str, stdin: Vec<u8>| {
        let args = with(name);
        let args: Vec<_> = args.iter().map(String::as_str).collect();
        told(&args, file.path(), stdin)
    };
    let (code, words) = run(file.path().to_str().unwrap(), vec![]);
    assert_eq!(code, Some(3), "{args:?}: {words}");
    assert_eq!(
        run("-", bytes.to_vec()),
        (code, words.clone()),
        "{args:?} of a pipe"
    );
    if is_packed_too {
        assert_eq!(
            run("-", pack(bytes)),
            (code, words.clone()),
            "{args:?} of a packed pipe"
        );
    }
    words
}

/// Commands that go through a trace in ways of their own.
const OF_TRACES: [&[&str]; 6] = [
    &["stat", "@"],
    &["check", "@"],
    &["dump", "@"],
    &["parse", "@"],
    &["parse", "--format", "wire", "@"],
    &["export", "--format", "folded", "@"],
];

/// Guards S42.3, S65.1.
#[test]
fn text_in_front_of_a_trace_is_told_with_the_place_where_the_trace_begins() {
    for trace in ["valid/basics/tiny/trace", "valid/basics/hog-go1.27/trace"] {
        let trace = fixture(trace);
        let long = "a line of a log\n".repeat(5000);
        for text in [
            "\n",
            "hello world\n",
            "\x1b[32mINFO\x1b[0m up\n",
            "Привет\n",
            &long,
        ] {
            let bytes = [text.as_bytes(), &trace].concat();
            let (first, at) = (
                text.trim_end().lines().next().unwrap_or_default(),
                text.len(),
            );
            let want = format!(
                "got {at} byte{} of something else, first {first:?}; the trace begins at byte {at} (tail -c +{} cuts off what is before it)\n",
                if at == 1 { "" } else { "s" },
                at + 1
            );
            for command in OF_TRACES {
                let words = said(command, &bytes, true);
                assert!(words.ends_with(&want), "{command:?}: {words}");
            }
        }
    }
}

/// Guards S65.1.
#[test]
fn text_without_a_trace_is_quoted_as_far_of_a_pipe_as_of_a_file() {
    let text = b"Could not enable tracing: tracing is already enabled\n";
    for command in OF_TRACES {
        let words = said(command, text, true);
        assert!(
            words.ends_with("got text: \"Could not enable tracing: tracin\"\n"),
            "{words}"
        );
    }
    let profile = ["parse", "--input", "profile", "--format", "samples", "@"];
    let words = said(&profile, text, true);
    assert!(
        words.ends_with("got text: \"Could not enable tracing: tracin\"\n"),
        "{words}"
    );
}

/// Guards S65.1.
#[test]
fn a_trace_that_is_too_far_behind_is_not_looked_for() {
    let mut bytes = vec![b'x'; 17 << 20];
    bytes.extend(fixture("valid/basics/tiny/trace"));
    let words = said(&["stat", "@"], &bytes, false);
    assert!(
        words.ends_with("xxx\"; no trace begins in its first 16 MiB\n"),
        "{words}"
    );
}

/// Guards S65.6.
#[test]
fn packed_files_are_named_in_either_place() {
    let trace = fixture("valid/basics/tiny/trace");
    let twice = pack(&pack(&trace));
    let profile = ["parse", "--input", "profile", "--format", "samples", "@"];
    for (bytes, name) in [
        (
            &b"\xfd7zXZ\0\0\x04\xe6\xd6\xb4\x46\x02\0\x21\x01"[..],
            "an xz file: unpack it first (xz -d)",
        ),
        (
            b"\x28\xb5\x2f\xfd\x04\x58\x45\0\0hello\xac\x1e",
            "a Zstandard file: unpack it first (zstd -d)",
        ),
        (
            b"BZh91AY&SY\x1b\xf3\x8a\x2f\0\0",
            "a bzip2 file: unpack it first (bzip2 -d)",
        ),
        (
            b"PK\x03\x04\x0a\0\0\0\0\0\x6a\x1a\x7e\x5b\0\0",
            "a zip file: unpack it first (unzip)",
        ),
        (
            &twice,
            "a gzip file in a gzip file: unpack it first (gzip -d)",
        ),
    ] {
        for command in [&["stat", "@"][..], &profile] {
            let words = said(command, bytes, false);
            assert!(
                words.ends_with(&format!("got {name}\n")),
                "{command:?}: {words}"
            );
        }
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("a.zip"),
        b"PK\x03\x04\x0a\0\0\0\0\0\x6a\x1a\x7e\x5b\0\0",
    )
    .unwrap();
    std::fs::write(folder.path().join("a"), fixture("valid/basics/hog/trace")).unwrap();
    let output = sigprof(&["check", folder.path().to_str().unwrap()])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.contains("1 other file is neither a trace nor a profile."),
        "{text}"
    );
}

/// Guards S65.6.
#[test]
fn whether_to_swap_is_said_where_there_are_two_and_it_helps() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (trace, profile) = (path("t"), path("p"));
    std::fs::write(&trace, fixture("valid/basics/hog/trace")).unwrap();
    std::fs::write(&profile, fixture("valid/basics/hog/profile.pb.gz")).unwrap();
    let (trace, profile) = (trace.as_str(), profile.as_str());
    for (args, end) in [
        (
            &["check", profile, trace][..],
            "got a profile (a gzip file) (swap the two arguments)\n",
        ),
        (
            &["check", profile, profile],
            "got a profile (a gzip file) (both are profiles)\n",
        ),
        (
            &["check", trace, trace],
            "got a Go execution trace (both are traces)\n",
        ),
        (&["check", profile], "got a profile (a gzip file)\n"),
        (&["stat", profile], "got a profile (a gzip file)\n"),
        (&["dump", profile], "got a profile (a gzip file)\n"),
        (
            &["parse", "--input", "profile", "--format", "samples", trace],
            "got a Go execution trace\n",
        ),
    ] {
        let (code, words) = told(args, Path::new(""), vec![]);
        assert_eq!(code, Some(3), "{args:?}");
        assert!(words.ends_with(end), "{args:?}: {words}");
    }
}

/// Guards S65.4.
#[test]
fn bytes_behind_a_gzip_stream_are_told_and_zeros_are_none() {
    for trace in [
        "valid/basics/hog/trace",
        "valid/basics/modern-go1.22/trace",
        "valid/basics/hog-go1.27/trace",
    ] {
        let packed = pack(&fixture(trace));
        let bytes = [&packed[..], b"junk\n"].concat();
        let end = packed.len();
        let want = format!(
            "{end:#x}: gzip: want the end of the packed file, or another gzip stream, got bytes that are not gzip, behind a whole gzip stream (head -c {end} cuts them off) (offset in the packed file)\n"
        );
        assert_eq!(said(&["stat", "@"], &bytes, false), want);
        let mut padded = packed;
        padded.extend([0; 300]);
        let output = sigprof(&["stat", "-"])
            .write_stdin(padded)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(0), "{output:?}");
    }
}

/// Guards S65.3.
#[test]
fn a_release_that_is_newer_is_said_to_be_newer() {
    let words = said(&["stat", "@"], b"go 1.28 trace\0\0\0\x01\x02", true);
    assert!(words.contains("want a trace of Go 1.5 to 1.27, got one of Go 1.28, which is newer than this sigprof knows"), "{words}");
}
