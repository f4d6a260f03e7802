//! The numbers of a trace whose only generation is not whole, of a file as of a stream.

use sigprof::trace::v2::{Options, Reader, Totals, Warning};
use sigprof_wire::v2::EventType as E;

use crate::fuzzed::targets::write::{batch, clocks, event, header, strings};

/// A trace with one generation, in which a goroutine is created that is there.
fn broken(version: u16, has_clocks: bool) -> Vec<u8> {
    let mut out = header(version);
    if has_clocks {
        clocks(&mut out, version, 1, 100, 15_625_000);
    }
    let mut data = Vec::new();
    event(&mut data, E::ProcStatus, &[1, 0, 1]);
    event(&mut data, E::GoStatus, &[1, 1, 7, 2]);
    event(&mut data, E::GoCreate, &[1, 1, 0, 0]);
    batch(&mut out, 1, 7, 101, &data);
    // Behind them the runtime begins no batch of the generation.
    strings(&mut out, 1, 102, &[b"a"]);
    out
}

/// The numbers and warnings of a reader, which are the same of a stream.
#[track_caller]
fn read(bytes: &[u8], keep_going: bool) -> (Totals, Vec<Warning>) {
    let options = Options {
        keep_going,
        ..Options::default()
    };
    let read = |mut reader: Reader| {
        let error = reader.verify().map_err(|error| error.to_string());
        let warnings = reader.warnings().first().to_vec();
        (reader.totals(), warnings, error)
    };
    let whole = read(Reader::new(bytes, options).unwrap());
    let stream = read(Reader::of_stream(bytes, options).unwrap());
    assert_eq!(whole, stream);
    (whole.0, whole.1)
}

/// Guards S43.1, S68.4.
#[test]
fn a_generation_that_is_left_out_has_the_bytes_that_it_has() {
    for (version, has_clocks) in [(22, false), (23, true), (25, true)] {
        let bytes = broken(version, has_clocks);
        let (totals, warnings) = read(&bytes, true);
        assert_eq!(totals.bytes, bytes.len() as u64, "{version}");
        assert_eq!((totals.generations, totals.lost), (1, 1), "{version}");
        let lost = [(0x10, bytes.len() as u64)];
        let said = warnings.iter().map(|warning| match warning {
            Warning::Lost { offset, until, .. } => (*offset, *until),
            other => panic!("{other}"),
        });
        assert!(said.eq(lost), "{version}: {warnings:?}");
    }
}

/// Guards R71.3, S42.1, S68.4.
#[test]
fn a_header_alone_is_said_to_have_no_generation() {
    for keep_going in [false, true] {
        let (totals, warnings) = read(&header(26), keep_going);
        assert_eq!((totals.bytes, totals.generations), (16, 0));
        let warnings: Vec<_> = warnings.iter().map(ToString::to_string).collect();
        let expected = "0x10: no generation is here: the file was cut off, or the program ended without trace.Stop";
        assert_eq!(warnings, [expected]);
    }
}
