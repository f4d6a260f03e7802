//! Something that stands in front of a trace, such as what the program printed.

use std::io::{self, Read};

use sigprof_wire::limits::HEADER_LEN;

use super::{in_hex, is_header, wrong_format};
use crate::bytes;
use crate::error::InputError;
use crate::shown::counted;

/// Bytes in which a header is looked for, of a stream as of a file.
const LOOKED_AT: usize = 16 << 20;

/// Bytes that are read at once.
const CHUNK: usize = 64 << 10;

/// Bytes whose first line is shown.
const SHOWN: usize = 256;

/// The first bytes of what does not begin as a trace, and where one begins behind them.
#[derive(Debug, Default)]
pub(super) struct Front {
    first: Vec<u8>,
    begins: Option<usize>,
    /// Whether there is more than was looked at.
    goes_on: bool,
}

impl Front {
    /// Reads on to where a header stands, to the end, or as far as is looked. Of what was read no
    /// more is held than a chunk.
    ///
    /// # Errors
    /// Those of the stream.
    pub(super) fn read(from: impl Read) -> io::Result<Self> {
        let mut from = from.take((LOOKED_AT + HEADER_LEN - 1) as u64);
        let mut front = Self::default();
        let mut window = Vec::new();
        let mut before = 0;
        loop {
            let there = window.len();
            window.resize(there + CHUNK, 0);
            let read = match from.read(&mut window[there..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => 0,
                Ok(0) => {
                    front.goes_on = from.limit() == 0;
                    return Ok(front);
                }
                read => read?,
            };
            window.truncate(there + read);
            let lacks = SHOWN - front.first.len();
            front.first.extend(window[there..].iter().take(lacks));
            if let Some(at) = find(&window) {
                front.begins = Some(before + at);
                return Ok(front);
            }
            // A header may be cut by the end of the window.
            let done = window.len().saturating_sub(HEADER_LEN - 1);
            window.drain(..done);
            before += done;
        }
    }

    /// The error that says what is there.
    pub(super) fn error(&self) -> InputError {
        if let Some(at) = self.begins {
            let text = bytes::text(&self.first[..self.first.len().min(at)]);
            let line = text.lines().find(|line| !line.is_empty());
            let first: String = line.unwrap_or_default().chars().take(64).collect();
            return wrong_format(format!(
                "{} of something else, first {first:?}; the trace begins at byte {at} (tail -c +{} cuts off what is before it)",
                counted(at as u64, "byte"),
                at + 1
            ));
        }
        let Some(line) = bytes::first_line_of_text(&self.first) else {
            return wrong_format(in_hex(&self.first));
        };
        let mut got = format!("text: {line:?}");
        if self.goes_on {
            got += &format!("; no trace begins in its first {} MiB", LOOKED_AT >> 20);
        }
        wrong_format(got)
    }
}

/// Where a header stands among these bytes.
fn find(bytes: &[u8]) -> Option<usize> {
    let mut places = bytes.iter().enumerate().filter(|&(_, &b)| b == b'g');
    places.find_map(|(at, _)| is_header(&bytes[at..]).then_some(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &[u8] = b"go 1.26 trace\0\0\0";

    /// A stream that gives a few bytes at once, and counts them.
    struct Drops<R>(R, usize);

    impl<R: Read> Read for Drops<R> {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            let len = out.len().min(1021);
            let read = self.0.read(&mut out[..len])?;
            self.1 += read;
            Ok(read)
        }
    }

    /// Guards S65.1.
    #[test]
    fn a_trace_is_found_wherever_the_reads_cut_its_header() {
        for printed in (0..60).map(|n| 1021 * 3 - 30 + n).chain([1, 70_000]) {
            let text = vec![b'x'; printed];
            let bytes = [&text[..], HEADER, b"\x01and more"].concat();
            for error in [
                Front::read(&bytes[..]).unwrap().error(),
                Front::read(Drops(&bytes[..], 0)).unwrap().error(),
            ] {
                let begins = format!(
                    "the trace begins at byte {printed} (tail -c +{} ",
                    printed + 1
                );
                assert!(error.to_string().contains(&begins), "{error}");
            }
        }
    }

    /// Guards S65.1.
    #[test]
    fn a_trace_is_found_in_so_many_bytes_however_they_come() {
        for (printed, is_found) in [(LOOKED_AT - 1, true), (LOOKED_AT, false)] {
            let mut text = vec![b'x'; printed];
            text[..9].copy_from_slice(b"\nprinted\n");
            let bytes = [&text[..], HEADER, b"\x01and more"].concat();
            for error in [
                Front::read(&bytes[..]).unwrap().error(),
                Front::read(Drops(&bytes[..], 0)).unwrap().error(),
            ] {
                let error = error.to_string();
                assert_eq!(error.contains(&format!("at byte {printed} ")), is_found);
                assert_eq!(error.contains("no trace begins"), !is_found, "{error}");
                assert!(error.contains("\"printed"), "{error}");
            }
        }
    }

    /// Guards S65.1.
    #[test]
    fn text_without_an_end_is_looked_at_as_far_as_is_said() {
        let mut endless = Drops(io::repeat(b'y'), 0);
        let error = Front::read(&mut endless).unwrap().error().to_string();
        assert!(
            error.ends_with("yyy\"; no trace begins in its first 16 MiB"),
            "{error}"
        );
        assert!(
            (LOOKED_AT..LOOKED_AT + CHUNK).contains(&endless.1),
            "{}",
            endless.1
        );
        let short = vec![b'y'; 1 << 20];
        let error = Front::read(&short[..]).unwrap().error().to_string();
        assert!(error.ends_with("yyy\""), "{error}");
    }
}
