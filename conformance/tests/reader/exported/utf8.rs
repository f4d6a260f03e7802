//! Texts that are not UTF-8, in every format.

use std::io::Read;

use flate2::read::GzDecoder;
use prost::Message;
use sigprof::error::WriteError;
use sigprof::export::samples::{ExportError, Select};
use sigprof::export::{Options, chrome, firefox, folded, pprof, speedscope};
use sigprof::trace::Reader;
use sigprof_wire::v2::EventType as E;

use super::labels::does_with;
use super::{by_label, counts, profile};

/// A profile as protobuf's libraries see it, which refuse it whole if a string of it is not UTF-8.
#[derive(Message)]
struct Strings {
    #[prost(string, repeated, tag = "6")]
    table: Vec<String>,
}

/// A region of each of two tasks, whose names are none in UTF-8, nor those of the functions; the
/// third name is one that Go cut at 1,024 bytes.
fn trace() -> Vec<u8> {
    let cut = cut("é".as_bytes());
    let texts: [&[u8]; 3] = [b"ab\xff", b"ab\xfe", &cut[..1_024]];
    does_with(
        &texts,
        &[
            (E::UserTaskBegin, &[5, 0, 1, 0]),
            (E::UserTaskBegin, &[6, 0, 2, 0]),
            (E::UserLog, &[5, 1, 3, 0]),
            (E::UserRegionBegin, &[5, 3, 0]),
            (E::UserRegionEnd, &[5, 3, 0]),
            (E::UserRegionBegin, &[6, 3, 0]),
        ],
    )
}

/// 1,023 bytes of a name, and the character after them.
fn cut(last: &[u8]) -> Vec<u8> {
    [&b"a".repeat(1_023), last].concat()
}

type Written = Result<(), ExportError>;

/// The bytes that this writes of the trace.
fn written(write: impl FnOnce(&mut Reader, &mut Vec<u8>) -> Written) -> Vec<u8> {
    let (bytes, mut out) = (trace(), Vec::new());
    write(&mut Reader::new(&bytes).unwrap(), &mut out).unwrap();
    out
}

/// Guards S50.7.
#[test]
fn texts_of_a_profile_are_utf_8_and_samples_stay_apart() {
    let packed = written(|reader, out| pprof::write(reader, &pprof::Options::default(), out));
    let mut bytes = Vec::new();
    GzDecoder::new(&packed[..]).read_to_end(&mut bytes).unwrap();
    let strings = Strings::decode(&bytes[..]).unwrap();
    let cut = String::from_utf8(cut("\u{fffd}".as_bytes())).unwrap();
    let count = |text: &str| strings.table.iter().filter(|t| *t == text).count();
    assert_eq!((count("ab\u{fffd}"), count(&cut)), (2, 1));

    let profile = profile(&trace(), Select::default()).unwrap();
    assert_eq!(by_label(&profile, "task"), counts(&[("ab\u{fffd}", 2)]));
    assert_eq!(by_label(&profile, "region"), counts(&[(&cut, 2)]));
    // By their names alone the two tasks are one.
    let options = pprof::Options {
        labels: vec![pprof::Label::Task],
        ..pprof::Options::default()
    };
    let packed = written(|reader, out| pprof::write(reader, &options, out));
    assert_eq!(sigprof::pprof::read(&packed).unwrap().samples.len(), 3);
}

/// Guards S50.7.
#[test]
fn every_other_format_is_utf_8_too() {
    let of_chrome = |reader: &mut Reader, out: &mut Vec<u8>| {
        let written = chrome::write(reader, chrome::Options::default(), out);
        written.map(drop).map_err(|error| match error {
            WriteError::Input(error) => ExportError::Input(error),
            WriteError::Output(error) => ExportError::Output(error),
        })
    };
    let options = Options::default();
    for (format, out) in [
        ("chrome", written(of_chrome)),
        (
            "speedscope",
            written(|reader, out| speedscope::write(reader, &options, out)),
        ),
        (
            "firefox",
            written(|reader, out| firefox::write(reader, &options, out)),
        ),
        (
            "folded",
            written(|reader, out| folded::write(reader, &Select::default(), out)),
        ),
    ] {
        let text = String::from_utf8(out).expect(format);
        assert!(text.contains("ab\u{fffd}"), "{format}: {text}");
    }
}
