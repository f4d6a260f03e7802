//! Bytes of others in the midst of a trace: what a program printed into the file, another trace.

use sigprof_wire::v2::EventType;

use super::batch::{Head, Item};
use super::source::Source;
use crate::bytes::{self, TEXT_LOOKED_AT};
use crate::error::{ErrorKind, InputError};
use crate::trace::header;

/// Bytes behind the beginning of a text in which the next batch is looked for, of a stream as of a
/// file.
const LOOKED_AT: usize = 64 << 10;

/// The error of a place where no batch begins.
pub(super) fn no_batch(offset: u64, got: String) -> InputError {
    let want = format!("a batch (byte {})", EventType::EventBatch as u8);
    InputError::new(ErrorKind::Malformed, offset, "batch", want, got)
}

/// The words on what stands at an index in place of a batch, if that is a text or another trace. Some texts
/// begin with a byte that a batch could begin with: whoever asks knows that what came of it is
/// wrong.
///
/// # Errors
/// Those of the stream.
pub(super) fn said(source: &mut Source, start: usize) -> Result<Option<String>, InputError> {
    source.fill(start + TEXT_LOOKED_AT)?;
    let rest = &source.bytes()[start..];
    let at = source.offset(start);
    if header::is_header(rest) {
        let begins = format!("another trace, which begins at byte {at}");
        let cut = format!(
            "tail -c +{} is that one, head -c {at} the one before",
            at + 1
        );
        return Ok(Some(format!("{begins} ({cut})")));
    }
    let Some(line) = text(rest) else {
        return Ok(None);
    };
    let next = Next::find(source, start);
    Ok(Some(next.said(&line)))
}

/// The error of a text behind what was taken for the end of a generation, if that is its first
/// byte, `4`: the generation goes on behind it, or ends there.
pub(super) fn with_end(source: &mut Source, start: usize, generation: u64) -> Option<InputError> {
    source.fill(start + TEXT_LOOKED_AT).ok()?;
    let rest = &source.bytes()[start..];
    let rest = &rest[..rest.len().min(TEXT_LOOKED_AT)];
    let line = text(&[&[EventType::EndOfGeneration as u8], rest].concat())?;
    let next = Next::find(source, start);
    if !next.is_end && next.generation != Some(generation) {
        return None;
    }
    Some(no_batch(source.offset(start) - 1, next.said(&line)))
}

/// Where a trace goes on behind a text.
#[derive(Default)]
struct Next {
    at: Option<u64>,
    /// Of the next batch.
    generation: Option<u64>,
    /// Whether the end of a generation comes before that.
    is_end: bool,
}

impl Next {
    fn find(source: &mut Source, start: usize) -> Self {
        let Some(at) = Head::find_before(source, start + 1, start + LOOKED_AT) else {
            return Self::default();
        };
        let generation = match Head::read(source, at) {
            Ok(Item::Batch(head)) => Some(head.generation),
            _ => None,
        };
        let is_end = source.bytes()[..at].ends_with(&LINE_AND_END);
        Self {
            at: Some(source.offset(at - usize::from(is_end))),
            generation,
            is_end,
        }
    }

    fn said(&self, line: &str) -> String {
        match self.at {
            Some(at) => format!("text: {line:?}; the trace goes on at byte {at}"),
            None => format!("text: {line:?}"),
        }
    }
}

/// The first line of bytes that begin with text: with two bytes at the least, up to a batch, the end
/// of the input or as far as is looked; or with a line.
fn text(rest: &[u8]) -> Option<String> {
    let rest = &rest[..rest.len().min(TEXT_LOOKED_AT)];
    let mut len = bytes::text_run(rest);
    let is_line = rest[..len].iter().position(|&b| b == b'\n') >= Some(3);
    let ends = rest
        .get(len)
        .is_none_or(|&b| b == EventType::EventBatch as u8);
    if ends && len > 2 && rest[..len].ends_with(&LINE_AND_END) {
        len -= 1;
    }
    (len >= 2 && (ends || is_line)).then(|| bytes::first_line(&rest[..len]))
}

/// A line's end, and a generation's.
const LINE_AND_END: [u8; 2] = [b'\n', EventType::EndOfGeneration as u8];

#[cfg(test)]
mod tests {
    use super::*;

    /// Guards S65.2.
    #[test]
    fn text_is_told_by_two_bytes_at_the_least() {
        let check = |bytes: &[u8], want: Option<&str>| {
            assert_eq!(text(bytes).as_deref(), want, "{bytes:02x?}");
        };
        check(b"ok\n\x01\x02", Some("ok"));
        check(b"\r\n\x01\x02", Some("\r\n"));
        check(
            b"\x1b[32mINFO\x1b[0m up\n\x01",
            Some("\x1b[32mINFO\x1b[0m up"),
        );
        check("Привет, мир\n\x01".as_bytes(), Some("Привет, мир"));
        check(b"12:34:56 started\n\x01", Some("12:34:56 started"));
        check(b"4 workers\n\x01", Some("4 workers"));
        check(b"done", Some("done"));
        // The end of a generation behind a line is none of it.
        check(b"\r\n4\x01", Some("\r\n"));
        check(b"done\n\0\0", Some("done"));
        check(&[b'x'; 100], Some(&"x".repeat(32)));
        // One byte, what is no text, and what ends as text does not.
        check(b"4\x01\x02", None);
        check(b"4", None);
        check(b"", None);
        check(b"\x1b\x03\x01", None);
        check(b"ab\x03\x01", None);
        check(b"a\nb\x03\x01", None);
        check(b"\xd0\x01", None);
        check(b"hello\0\x01", None);
    }
}
