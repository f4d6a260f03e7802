//! Writes JSON without a tree in between.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::Formatter;

use super::state::Name;

/// Bytes that are held before they are written.
const HELD: usize = 1 << 16;

/// Bytes for which there is room at first: as many as an event has, and a few.
const ROOM: usize = 1 << 11;

/// Bytes of a text that are copied at once.
const PIECE: usize = 1 << 9;

/// Writes JSON, a comma before each object of a list but the first.
pub(super) struct Json<'o, W> {
    out: &'o mut W,
    held: Vec<u8>,
    is_first: bool,
}

impl<'o, W: Write> Json<'o, W> {
    pub(super) fn new(out: &'o mut W) -> Self {
        Self {
            out,
            held: Vec::with_capacity(ROOM),
            is_first: true,
        }
    }

    #[inline]
    pub(super) fn raw(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.held.extend_from_slice(bytes);
        Ok(())
    }

    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.out.write_all(&self.held)?;
        self.held.clear();
        self.out.flush()
    }

    /// Begins an event; the name is a string of JSON.
    #[inline]
    pub(super) fn begin(&mut self, name: &[u8], phase: u8) -> io::Result<()> {
        // As in Go, an empty name is none.
        if name.len() > 2 {
            self.start(b",\n{\"name\":");
            self.held.extend_from_slice(name);
            self.held.push(b',');
        } else {
            self.start(b",\n{");
        }
        self.phase(phase);
        Ok(())
    }

    /// Begins an event whose name is this text, in parts.
    pub(super) fn begin_text(&mut self, name: &[&[u8]], phase: u8) -> io::Result<()> {
        if name.iter().all(|part| part.is_empty()) {
            self.start(b",\n{");
        } else {
            self.start(b",\n{\"name\":");
            self.text(name)?;
            self.held.push(b',');
        }
        self.phase(phase);
        Ok(())
    }

    /// Begins the slice of a run, which has the name of its goroutine.
    pub(super) fn begin_run(&mut self, goroutine: u64, name: Option<&Name>) -> io::Result<()> {
        let Some(name) = name else {
            return self.begin(b"", b'X');
        };
        self.start(b",\n{\"name\":\"G");
        self.digits(goroutine);
        self.held.push(b' ');
        if name.is_plain {
            self.held.extend_from_slice(name.text);
        } else {
            self.escaped(name.text)?;
        }
        self.held.extend_from_slice(b"\",");
        self.phase(b'X');
        Ok(())
    }

    /// Starts an event; the first has no comma before it.
    #[inline]
    fn start(&mut self, with_comma: &[u8]) {
        let from = usize::from(std::mem::take(&mut self.is_first));
        self.held.extend_from_slice(&with_comma[from..]);
    }

    #[inline]
    fn phase(&mut self, phase: u8) {
        self.held
            .extend_from_slice(&[b'"', b'p', b'h', b'"', b':', b'"', phase, b'"']);
    }

    /// Ends the event.
    pub(super) fn end(&mut self) -> io::Result<()> {
        self.held.push(b'}');
        self.write_if_full()
    }

    #[inline]
    fn write_if_full(&mut self) -> io::Result<()> {
        if self.held.len() >= HELD {
            self.out.write_all(&self.held)?;
            self.held.clear();
        }
        Ok(())
    }

    /// A key of a member that is not the first.
    #[inline]
    fn key(&mut self, key: &str) {
        const LONGEST: usize = 20;
        // In one piece: a copy of a length that is known costs next to nothing.
        let mut quoted = [0; LONGEST + 4];
        let (key, end) = (key.as_bytes(), 2 + key.len().min(LONGEST));
        quoted[..2].copy_from_slice(b",\"");
        quoted[2..end].copy_from_slice(&key[..end - 2]);
        quoted[end..end + 2].copy_from_slice(b"\":");
        self.held.extend_from_slice(&quoted[..end + 2]);
    }

    #[inline]
    pub(super) fn number(&mut self, key: &str, value: u64) -> io::Result<()> {
        self.key(key);
        self.digits(value);
        Ok(())
    }

    /// The row, among those of Ps.
    pub(super) fn row(&mut self, row: u64) -> io::Result<()> {
        self.held.extend_from_slice(b",\"pid\":0,\"tid\":");
        self.digits(row);
        Ok(())
    }

    #[inline]
    pub(super) fn number_but_0(&mut self, key: &str, value: u64) -> io::Result<()> {
        match value {
            0 => Ok(()),
            _ => self.number(key, value),
        }
    }

    pub(super) fn args(&mut self, args: &[(&str, u64)]) -> io::Result<()> {
        self.held.extend_from_slice(b",\"args\":");
        let mut before = b'{';
        for (key, value) in args {
            self.held.push(before);
            before = b',';
            self.held.push(b'"');
            self.held.extend_from_slice(key.as_bytes());
            self.held.extend_from_slice(b"\":");
            self.digits(*value);
        }
        self.held.push(b'}');
        Ok(())
    }

    pub(super) fn signed(&mut self, value: i64) -> io::Result<()> {
        if value < 0 {
            self.held.push(b'-');
        }
        self.digits(value.unsigned_abs());
        Ok(())
    }

    /// Nanoseconds as microseconds.
    #[inline]
    pub(super) fn time(&mut self, key: &str, nanos: i64) -> io::Result<()> {
        self.key(key);
        if nanos < 0 {
            self.held.push(b'-');
        }
        let nanos = nanos.unsigned_abs();
        self.digits(nanos / 1000);
        let rest = nanos % 1000;
        if rest > 0 {
            let digit = |n: u64| b'0' + (n % 10).to_le_bytes()[0];
            let digits = [b'.', digit(rest / 100), digit(rest / 10), digit(rest)];
            let zeroes = usize::from(digits[3] == b'0') + usize::from(rest.is_multiple_of(100));
            self.held.extend_from_slice(&digits[..4 - zeroes]);
        }
        Ok(())
    }

    /// The time from one event to another, and never 0, which the viewer would take for a
    /// slice without end.
    pub(super) fn duration(&mut self, from: i64, to: i64) -> io::Result<()> {
        if to <= from {
            return self.raw(b",\"dur\":0.0001");
        }
        self.time("dur", to.saturating_sub(from))
    }

    #[inline]
    fn digits(&mut self, mut value: u64) {
        if value < 10 {
            self.held.push(b'0' + value.to_le_bytes()[0]);
            return;
        }
        let mut digits = [0; 20];
        let mut at = digits.len();
        while value >= 10 {
            let pair = (value % 100).to_le_bytes()[0];
            value /= 100;
            at -= 2;
            digits[at] = b'0' + pair / 10;
            digits[at + 1] = b'0' + pair % 10;
        }
        if value > 0 {
            at -= 1;
            digits[at] = b'0' + value.to_le_bytes()[0];
        }
        self.held.extend_from_slice(&digits[at..]);
    }

    /// Writes a string, in parts, none of which ends within a character.
    pub(super) fn text(&mut self, parts: &[&[u8]]) -> io::Result<()> {
        self.held.push(b'"');
        for part in parts {
            self.escaped(part)?;
        }
        self.held.push(b'"');
        Ok(())
    }

    /// Writes the text within a string; what is not UTF-8 is replaced, as Go does. It may be as
    /// long as the trace, and is copied before it is looked at (see [`crate::bytes::text`]): a
    /// piece at a time.
    fn escaped(&mut self, mut text: &[u8]) -> io::Result<()> {
        while !text.is_empty() {
            let (piece, rest) = text.split_at(piece_len(text));
            text = rest;
            let mut copy = [0; PIECE];
            let copy = &mut copy[..piece.len()];
            copy.copy_from_slice(piece);
            for chunk in copy.utf8_chunks() {
                let mut json = Serializer::with_formatter(&mut self.held, Inner);
                chunk.valid().serialize(&mut json)?;
                if !chunk.invalid().is_empty() {
                    self.held.extend_from_slice("\u{fffd}".as_bytes());
                }
            }
            self.write_if_full()?;
        }
        Ok(())
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytes;

    fn check(text: &[u8]) {
        let mut out = Vec::new();
        let mut json = Json::new(&mut out);
        json.text(&[text]).unwrap();
        json.flush().unwrap();
        let wanted = serde_json::to_string(&bytes::text(text)).unwrap();
        assert_eq!(bytes::text(&out), wanted);
    }

    #[test]
    fn a_text_in_pieces_is_the_text_as_a_whole() {
        let texts: [&[u8]; 7] = [
            b"",
            b"\"\\\x00\x1f\x7f\t\n",
            "naïve €".as_bytes(),
            b"\xf0\x9f\x98\x80\x80\x80\x80\x80",
            b"\x80\x80\xc3",
            b"\xe2\x82a\xf4\x90\x80\x80",
            b"\xed\xa0\x80",
        ];
        for text in texts {
            check(text);
            // Every character of it stands across the border of pieces once.
            for before in PIECE - 9..=PIECE + 1 {
                check(&[&b"a".repeat(before)[..], text, b"b"].concat());
            }
            check(&text.repeat(1000));
        }
    }
}
