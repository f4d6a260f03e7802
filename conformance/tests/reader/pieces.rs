//! A stream is explained, and printed as it stands, piece by piece: as a file is, to the last
//! word of an error.

use std::io::{Cursor, Read, Write};

use sigprof::error::WriteError;
use sigprof::trace::Release;
use sigprof::trace::v1::dump as v1_dump;
use sigprof::trace::v2::{dump as v2_dump, is_v2, wire};
use sigprof_wire::v2::EventType as E;

use crate::fuzzed::targets::write::{batch, clocks, event, header};

/// A stream that gives a few bytes at a time.
struct Drops<'a>(Cursor<&'a [u8]>, usize);

impl Read for Drops<'_> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let len = self.1.min(out.len());
        self.0.read(&mut out[..len])
    }
}

type Shown = (Vec<u8>, Option<String>);

fn shown(write: impl FnOnce(&mut Vec<u8>) -> Result<(), WriteError>) -> Shown {
    let mut out = Vec::new();
    let error = write(&mut out).err().map(|error| error.to_string());
    (out, error)
}

/// In each way a file's lines, and a stream's that gives so many bytes at a time.
fn ways(bytes: &[u8], at_a_time: usize) -> Vec<(Shown, Shown)> {
    let stream = || Drops(Cursor::new(bytes), at_a_time);
    if !is_v2(bytes) {
        return vec![(
            shown(|out| v1_dump::dump(bytes, out)),
            shown(|out| v1_dump::dump_stream(stream(), out)),
        )];
    }
    let release = Release::Go1_27;
    vec![
        (
            shown(|out| v2_dump::dump(bytes, out)),
            shown(|out| v2_dump::dump_stream(stream(), out)),
        ),
        (
            shown(|out| wire::write(bytes, release, out)),
            shown(|out| wire::write_stream(stream(), release, out)),
        ),
    ]
}

#[track_caller]
fn check(what: &str, bytes: &[u8], at_a_time: usize) {
    for (file, stream) in ways(bytes, at_a_time) {
        assert_eq!(file.1, stream.1, "{what}, {at_a_time} bytes at a time");
        assert!(file.0 == stream.0, "{what}, {at_a_time} bytes at a time");
    }
}

/// Guards S47.1.
#[test]
fn a_stream_is_explained_as_a_file_is() {
    let (mut v1, mut v2) = (0, 0);
    let fixtures = sigprof::fixtures::Files::embedded();
    for path in fixtures.paths().filter(|path| path.ends_with("/trace")) {
        let bytes = fixtures.file(path).unwrap();
        match is_v2(bytes) {
            true => v2 += 1,
            false => v1 += 1,
        }
        check(path, bytes, 7_001);
        if bytes.len() < 20_000 {
            check(path, bytes, 3);
            check(path, &bytes[..bytes.len() * 2 / 3], 11);
        }
    }
    assert!(v1 > 50 && v2 > 50, "{v1} and {v2}");
}

/// Bytes that are there, of a stream that then waits: whoever asks for more has shown everything
/// before.
struct Waits<'a, 'o> {
    there: &'a [u8],
    shown: &'o std::cell::RefCell<Vec<u8>>,
    expected: &'a [u8],
}

impl Read for Waits<'_, '_> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        if self.there.is_empty() {
            let shown = self.shown.borrow();
            assert!(
                *shown == self.expected,
                "{}",
                String::from_utf8_lossy(&shown)
            );
        }
        self.there.read(out)
    }
}

/// An output of which one sees what was flushed.
struct Flushed<'o>(Vec<u8>, &'o std::cell::RefCell<Vec<u8>>);

impl Write for Flushed<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.1.borrow_mut().append(&mut self.0);
        Ok(())
    }
}

fn waits(
    bytes: &[u8],
    run: impl FnOnce(Waits, &mut Flushed) -> Result<(), WriteError>,
    all: Shown,
) {
    let shown = std::cell::RefCell::default();
    let from = Waits {
        there: bytes,
        shown: &shown,
        expected: &all.0,
    };
    let result = run(from, &mut Flushed(Vec::new(), &shown));
    assert!(result.is_ok(), "{result:?}");
}

/// Guards S47.1.
#[test]
fn what_was_read_is_shown_before_more_is_asked_for() {
    let old = sigprof::fixtures::file("valid/basics/tiny/trace").unwrap();
    let new = sigprof::fixtures::file("valid/basics/one-p-go1.27/trace").unwrap();
    waits(
        &old,
        |from, out| v1_dump::dump_stream(from, out),
        shown(|out| v1_dump::dump(&old, out)),
    );
    waits(
        &new,
        |from, out| v2_dump::dump_stream(from, out),
        shown(|out| v2_dump::dump(&new, out)),
    );
    let release = Release::Go1_27;
    let all = shown(|out| wire::write(&new, release, out));
    waits(
        &new,
        |from, out| wire::write_stream(from, release, out),
        all,
    );
}

/// Guards S47.2.
#[test]
fn an_event_without_end_is_not_held() {
    let claims = |numbers: &[u64], event_type| {
        let mut bytes = header(26);
        event(&mut bytes, event_type, numbers);
        bytes
    };
    for (bytes, words) in [
        (
            claims(&[1, 1 << 40], E::Stack),
            "0x10: Stack: want an event of at most 1048576 bytes, got more",
        ),
        (
            claims(&[1, 1 << 40], E::String),
            "0x18: String: want at most 1048576 bytes, got 1099511627776",
        ),
    ] {
        let from = Cursor::new(&bytes).chain(std::io::repeat(1));
        let (out, error) = shown(|out| wire::write_stream(from, Release::Go1_27, out));
        assert!(out.is_empty());
        assert_eq!(error.as_deref(), Some(words));
        let mut long = bytes.clone();
        long.resize(3 << 20, 1);
        check(words, &long, 65_536);
    }
}

/// A stream has been read no further than that, and a file is there to its end.
///
/// Guards S47.1.
#[test]
fn text_in_the_place_of_a_batch_is_told_alike() {
    let mut bytes = header(23);
    clocks(&mut bytes, 23, 1, 1, 15_625_000);
    bytes.extend([b'J'; 50]);
    for more in [
        &b"JJJJJJJJJJJJJJJJJJJJ"[..],
        &[0; 20],
        b"\n\x01more of it\0",
    ] {
        let bytes = [&bytes, more].concat();
        for at_a_time in 1..80 {
            check("text", &bytes, at_a_time);
        }
    }
}

/// Guards S47.3.
#[test]
fn strings_of_another_generation_are_not_quoted() {
    let mut bytes = header(23);
    clocks(&mut bytes, 23, 1, 1, 15_625_000);
    let mut data = vec![E::Strings as u8];
    event(&mut data, E::String, &[1, 4]);
    data.extend_from_slice(b"work");
    batch(&mut bytes, 1, u64::MAX, 1, &data);
    for generation in [1, 2] {
        let mut data = Vec::new();
        event(&mut data, E::UserRegionBegin, &[1, 0, 1, 0]);
        batch(&mut bytes, generation, 7, 1, &data);
    }
    let (out, error) = shown(|out| v2_dump::dump(&bytes, out));
    assert_eq!(error, None);
    let text = String::from_utf8(out).unwrap();
    let named: Vec<_> = text
        .lines()
        .filter_map(|l| l.split_once("  name_string"))
        .map(|(_, name)| name)
        .collect();
    assert_eq!(named, [" = 1 \"work\"", " = 1"], "{text}");
}
