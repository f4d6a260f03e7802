//! Traces that are packed with gzip, as files and from pipes.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::path::Path;
use std::process::Output;

use sigprof::trace::{Options, Reader};

use crate::pack::pack;
use crate::run::sigprof;

/// A v1 and a v2 trace, each with its profile.
const PAIRS: [&str; 2] = ["valid/basics/hog", "valid/basics/hog-go1.27"];

fn fixture(pair: &str, file: &str) -> Vec<u8> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures");
    std::fs::read(fixtures.join(pair).join(file)).unwrap()
}

fn output(folder: &Path, args: &[&str], stdin: Vec<u8>) -> Output {
    let mut command = sigprof(args);
    command.current_dir(folder).write_stdin(stdin);
    command.output().unwrap()
}

/// Guards S11.6.
#[test]
fn a_packed_trace_is_read_as_it_was() {
    for pair in PAIRS {
        let (trace, profile) = (fixture(pair, "trace"), fixture(pair, "profile.pb.gz"));
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes) in [("a", &trace), ("a.gz", &pack(&trace)), ("p", &profile)] {
            std::fs::write(folder.path().join(name), bytes).unwrap();
        }
        for command in [
            &["stat"][..],
            &["parse", "--format", "json"],
            &["parse", "--format", "samples"],
            &["dump"],
            &["export", "--format", "pprof"],
            &["check", "p"],
        ] {
            let args = |file: &'static str| [&command[..1], &[file], &command[1..]].concat();
            let plain = output(folder.path(), &args("a"), vec![]);
            assert_eq!(plain.status.code(), Some(0), "{command:?}: {plain:?}");
            for (file, stdin) in [("a.gz", vec![]), ("-", pack(&trace))] {
                let packed = output(folder.path(), &args(file), stdin);
                assert_eq!(packed, plain, "{pair}: {command:?} of {file}");
            }
        }
    }
}

/// Guards S11.6.
#[test]
fn a_library_reads_packed_traces_too() {
    for pair in PAIRS {
        let trace = fixture(pair, "trace");
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("trace.gz");
        std::fs::write(&file, pack(&trace)).unwrap();
        let count = |mut reader: Reader| {
            let mut count = 0;
            while reader.next_event().unwrap().is_some() {
                count += 1;
            }
            count
        };
        let plain = count(Reader::new(&trace).unwrap());
        assert!(plain > 100);
        assert_eq!(count(Reader::from_path(&file).unwrap()), plain);
        let from = std::fs::File::open(&file).unwrap();
        let streamed = Reader::from_stream(from, Options::default()).unwrap();
        assert_eq!(count(streamed), plain);
    }
}

/// Guards S11.6.
#[test]
fn a_packed_trace_that_is_cut_is_an_error_in_the_packed_file() {
    let here = Path::new(".");
    for pair in PAIRS {
        let mut cut = pack(&fixture(pair, "trace"));
        cut.truncate(cut.len() / 2);
        let output = output(here, &["stat", "-"], cut.clone());
        assert_eq!(output.status.code(), Some(3));
        let why = String::from_utf8(output.stderr).unwrap();
        let at = format!(
            "error: -: {:#x}: gzip: want a whole gzip stream, got the end of the packed file (",
            cut.len()
        );
        assert!(why.starts_with(&at), "{why}");
    }
}

/// Guards S10.2, S11.6.
#[test]
fn a_bomb_with_the_header_of_a_trace_is_not_unpacked() {
    let mut trace = b"go 1.19 trace\0\0\0".to_vec();
    trace.resize(100 << 20, 0);
    let output = output(Path::new("."), &["stat", "-"], pack(&trace));
    assert_eq!(output.status.code(), Some(3));
    let why = String::from_utf8(output.stderr).unwrap();
    assert!(why.contains("gzip: want at most"), "{why}");
}
