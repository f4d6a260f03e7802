//! Texts as they are within a string of JSON.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::Formatter;

/// Bytes of a text that are copied at once.
pub(super) const PIECE: usize = 1 << 9;

/// Appends the text as it is within a string of JSON.
pub(in super::super) fn append_escaped(text: &[u8], to: &mut Vec<u8>) {
    // Nothing that is appended to a list fails.
    let _ = escape(text, |text| append(text, to));
}

pub(super) fn append(text: &str, to: &mut Vec<u8>) -> io::Result<()> {
    let mut json = Serializer::with_formatter(to, Inner);
    Ok(text.serialize(&mut json)?)
}

/// Goes through a text; each byte that is not UTF-8 is replaced, as Go does. It may be as long as
/// the trace, and is copied before it is looked at (see [`crate::bytes::text`]): a piece at a time.
pub(super) fn escape(
    mut text: &[u8],
    mut take: impl FnMut(&str) -> io::Result<()>,
) -> io::Result<()> {
    while !text.is_empty() {
        let (piece, rest) = text.split_at(piece_len(text));
        text = rest;
        let mut copy = [0; PIECE];
        let copy = &mut copy[..piece.len()];
        copy.copy_from_slice(piece);
        for chunk in copy.utf8_chunks() {
            take(chunk.valid())?;
            for _ in chunk.invalid() {
                take("\u{fffd}")?;
            }
        }
    }
    Ok(())
}

/// How much of a text is taken at once: up to where no character is cut in two.
fn piece_len(text: &[u8]) -> usize {
    if text.len() <= PIECE {
        return text.len();
    }
    let is_inner = |&at: &usize| text[at] & 0xc0 == 0x80;
    // Where more than three follow one another they are no character, wherever one begins.
    let start = (PIECE - 3..=PIECE).rev().find(|at| !is_inner(at));
    start.unwrap_or(PIECE)
}

/// Strings without quotes around them.
struct Inner;

impl Formatter for Inner {
    fn begin_string<W: Write + ?Sized>(&mut self, _: &mut W) -> io::Result<()> {
        Ok(())
    }

    fn end_string<W: Write + ?Sized>(&mut self, _: &mut W) -> io::Result<()> {
        Ok(())
    }
}
