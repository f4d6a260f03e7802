//! Writes JSON without a tree in between.

mod digits;
mod escape;

use std::io::{self, Write};

use digits::{EIGHT_DIGITS, FRACTIONS, ZEROES, eight_digits, few_digits, few_micros};
pub(super) use escape::append_escaped;
use escape::{append, escape};

/// Bytes that are held before they are written.
const HELD: usize = 1 << 16;

/// Writes JSON, a comma before each object of a list but the first.
///
/// Most pieces have a length that is known, so that to copy one is a few instructions.
pub(super) struct Json<'o> {
    out: &'o mut dyn Write,
    held: Box<[u8]>,
    /// How much of it there is.
    len: usize,
    /// Room for a piece of text.
    piece: Vec<u8>,
    is_first: bool,
    /// The time that was written last, and its digits: many events have that of another.
    last: i64,
    last_digits: u128,
    last_len: usize,
}

impl<'o> Json<'o> {
    pub(super) fn new(out: &'o mut dyn Write) -> Self {
        Self {
            out,
            held: vec![0; HELD].into(),
            len: 0,
            piece: Vec::new(),
            is_first: true,
            last: 0,
            last_digits: b'0'.into(),
            last_len: 1,
        }
    }

    /// Writes bytes as they are.
    #[inline]
    pub(super) fn raw(&mut self, bytes: &[u8]) -> io::Result<()> {
        let end = self.len + bytes.len();
        if let Some(place) = self.held.get_mut(self.len..end) {
            place.copy_from_slice(bytes);
            self.len = end;
            return Ok(());
        }
        self.write_held()?;
        self.out.write_all(bytes)
    }

    /// The same of bytes whose number is known here.
    #[inline(always)]
    pub(super) fn put<const N: usize>(&mut self, bytes: &[u8; N]) -> io::Result<()> {
        self.place(N)?.copy_from_slice(bytes);
        Ok(())
    }

    /// The place of the next few bytes.
    #[inline(always)]
    fn place(&mut self, len: usize) -> io::Result<&mut [u8]> {
        if HELD - self.len < len {
            self.write_held()?;
        }
        let start = self.len;
        self.len += len;
        Ok(&mut self.held[start..start + len])
    }

    #[cold]
    fn write_held(&mut self) -> io::Result<()> {
        let held = std::mem::take(&mut self.len);
        self.out.write_all(&self.held[..held])
    }

    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.write_held()?;
        self.out.flush()
    }

    /// Begins an event; the name is a string of JSON.
    #[inline]
    pub(super) fn begin(&mut self, name: &[u8], phase: u8) -> io::Result<()> {
        // As in Go, an empty name is none.
        if name.len() > 2 {
            self.start(b",\n{\"name\":")?;
            self.raw(name)?;
            self.put(b",")?;
        } else {
            self.start(b",\n{")?;
        }
        self.phase(phase)
    }

    /// Begins an event whose name is this text, in parts.
    pub(super) fn begin_text(&mut self, name: &[&[u8]], phase: u8) -> io::Result<()> {
        if name.iter().all(|part| part.is_empty()) {
            self.start(b",\n{")?;
        } else {
            self.start(b",\n{\"name\":")?;
            self.text(name)?;
            self.put(b",")?;
        }
        self.phase(phase)
    }

    /// Begins an event whose name comes next, as JSON has it, and then [`end_name`](Self::end_name).
    #[inline]
    pub(super) fn begin_name(&mut self) -> io::Result<()> {
        self.start(b",\n{\"name\":\"")
    }

    /// Ends the name that was begun.
    #[inline]
    pub(super) fn end_name(&mut self, phase: u8) -> io::Result<()> {
        self.put(b"\",")?;
        self.phase(phase)
    }

    /// Writes a text of which so many bytes are copied that their number is known.
    #[inline(always)]
    pub(super) fn padded(&mut self, text: Padded<'_>) -> io::Result<()> {
        match text {
            Padded::Short(bytes, len) => {
                self.put(bytes)?;
                self.len -= PAD - len;
                Ok(())
            }
            Padded::Long(bytes) => self.raw(bytes),
        }
    }

    /// Starts an event; the first has no comma before it.
    #[inline(always)]
    pub(super) fn start<const N: usize>(&mut self, with_comma: &[u8; N]) -> io::Result<()> {
        if std::mem::take(&mut self.is_first) {
            return self.raw(&with_comma[1..]);
        }
        self.put(with_comma)
    }

    #[inline]
    fn phase(&mut self, phase: u8) -> io::Result<()> {
        self.put(&[b'"', b'p', b'h', b'"', b':', b'"', phase, b'"'])
    }

    /// Ends the event.
    #[inline]
    pub(super) fn end(&mut self) -> io::Result<()> {
        self.put(b"}")
    }

    #[inline]
    pub(super) fn number(&mut self, key: &str, value: u64) -> io::Result<()> {
        self.put(b",\"")?;
        self.raw(key.as_bytes())?;
        self.put(b"\":")?;
        self.digits(value)
    }

    /// The row, among those of Ps.
    #[inline]
    pub(super) fn row(&mut self, row: u64) -> io::Result<()> {
        self.put(b",\"pid\":0,\"tid\":")?;
        self.digits(row)
    }

    /// The stack where an event begins, if it has one.
    #[inline]
    pub(super) fn stack(&mut self, stack: u32) -> io::Result<()> {
        if stack == 0 {
            return Ok(());
        }
        self.put(b",\"sf\":")?;
        self.digits(stack.into())
    }

    /// The stack where a slice ends, if it has one.
    #[inline]
    pub(super) fn end_stack(&mut self, stack: u32) -> io::Result<()> {
        if stack == 0 {
            return Ok(());
        }
        self.put(b",\"esf\":")?;
        self.digits(stack.into())
    }

    pub(super) fn args(&mut self, args: &[(&str, u64)]) -> io::Result<()> {
        self.put(b",\"args\":")?;
        let mut before = b'{';
        for (key, value) in args {
            self.put(&[before, b'"'])?;
            before = b',';
            self.raw(key.as_bytes())?;
            self.put(b"\":")?;
            self.digits(*value)?;
        }
        self.put(b"}")
    }

    pub(super) fn signed(&mut self, value: i64) -> io::Result<()> {
        if value < 0 {
            self.put(b"-")?;
        }
        self.digits(value.unsigned_abs())
    }

    /// When the event is.
    #[inline]
    pub(super) fn at(&mut self, nanos: i64) -> io::Result<()> {
        self.put(b",\"ts\":")?;
        self.time(nanos)
    }

    /// A time that other events are likely to have, too.
    #[inline(always)]
    pub(super) fn time(&mut self, nanos: i64) -> io::Result<()> {
        if nanos != self.last {
            let Some((digits, len)) = few_micros(nanos) else {
                return self.micros(nanos);
            };
            (self.last, self.last_digits, self.last_len) = (nanos, digits, len);
        }
        let digits = self.last_digits.to_le_bytes();
        self.put(&digits)?;
        self.len -= digits.len() - self.last_len;
        Ok(())
    }

    /// The time from one event to another, and never 0, which the viewer would take for a
    /// slice without end.
    #[inline]
    pub(super) fn duration(&mut self, from: i64, to: i64) -> io::Result<()> {
        self.put(b",\"dur\":")?;
        if to <= from {
            return self.put(b"0.0001");
        }
        self.micros(to.saturating_sub(from))
    }

    /// Nanoseconds as microseconds.
    #[inline]
    pub(super) fn micros(&mut self, nanos: i64) -> io::Result<()> {
        if let Some((digits, len)) = few_micros(nanos) {
            let digits = digits.to_le_bytes();
            self.put(&digits)?;
            self.len -= digits.len() - len;
            return Ok(());
        }
        if nanos < 0 {
            self.put(b"-")?;
        }
        let nanos = nanos.unsigned_abs();
        self.digits(nanos / 1000)?;
        let (fraction, len) = FRACTIONS[(nanos % 1000) as usize];
        self.put(&fraction.to_le_bytes())?;
        self.len -= 4 - len as usize;
        Ok(())
    }

    #[inline(always)]
    pub(super) fn digits(&mut self, value: u64) -> io::Result<()> {
        if value >= EIGHT_DIGITS {
            return self.many_digits(value);
        }
        let (digits, len) = few_digits(value);
        self.put(&digits.to_le_bytes())?;
        self.len -= 8 - len;
        Ok(())
    }

    #[cold]
    fn many_digits(&mut self, value: u64) -> io::Result<()> {
        self.digits(value / EIGHT_DIGITS)?;
        let rest = eight_digits(value % EIGHT_DIGITS) | ZEROES;
        self.put(&rest.to_le_bytes())
    }

    /// Writes a string, in parts, none of which ends within a character.
    pub(super) fn text(&mut self, parts: &[&[u8]]) -> io::Result<()> {
        self.put(b"\"")?;
        for part in parts {
            self.escaped(part)?;
        }
        self.put(b"\"")
    }

    /// Writes the text within a string.
    pub(super) fn escaped(&mut self, text: &[u8]) -> io::Result<()> {
        let mut piece = std::mem::take(&mut self.piece);
        let result = escape(text, |text| {
            piece.clear();
            append(text, &mut piece)?;
            self.raw(&piece)
        });
        self.piece = piece;
        result
    }
}

/// Bytes that stand behind a short text.
pub(super) const PAD: usize = 32;

/// A text that may be copied with what stands behind it.
#[derive(Clone, Copy)]
pub(super) enum Padded<'t> {
    Short(&'t [u8; PAD], usize),
    Long(&'t [u8]),
}

#[cfg(test)]
mod tests {
    use super::escape::PIECE;
    use super::*;

    /// Each byte that is not UTF-8 as a character of its own.
    fn replaced(text: &[u8]) -> String {
        let chunks = text.utf8_chunks();
        let text = chunks.map(|c| format!("{}{}", c.valid(), "\u{fffd}".repeat(c.invalid().len())));
        text.collect()
    }

    fn check(text: &[u8]) {
        let mut out = Vec::new();
        let mut json = Json::new(&mut out);
        json.text(&[text]).unwrap();
        json.flush().unwrap();
        let wanted = serde_json::to_string(&replaced(text)).unwrap();
        assert_eq!(out, wanted.as_bytes());
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

    /// Guards R82.4.
    #[test]
    fn each_byte_of_a_character_that_was_cut_is_replaced() {
        let mut text = Vec::new();
        append_escaped(b"cut \xe2\x82", &mut text);
        assert_eq!(text, "cut \u{fffd}\u{fffd}".as_bytes());
    }

    #[test]
    fn numbers_are_decimal_and_times_have_the_digits_that_they_need() {
        let mut out = Vec::new();
        let mut json = Json::new(&mut out);
        for number in [0, 9, 10, 99, 100, 12_345, u64::MAX] {
            json.digits(number).unwrap();
            json.put(b" ").unwrap();
        }
        for nanos in [0, 1, 10, 100, 999, 1000, 1_234_560, -1_500, i64::MIN] {
            json.micros(nanos).unwrap();
            json.put(b" ").unwrap();
        }
        json.flush().unwrap();
        let numbers = "0 9 10 99 100 12345 18446744073709551615 ";
        let times = "0 0.001 0.01 0.1 0.999 1 1234.56 -1.5 -9223372036854775.808 ";
        assert_eq!(out, format!("{numbers}{times}").as_bytes());
    }

    #[test]
    fn what_is_written_is_whole_wherever_the_buffer_ends() {
        let mut out = Vec::new();
        let mut json = Json::new(&mut out);
        let mut wanted = String::new();
        for number in 0..40_000_u64 {
            json.number("abc", number).unwrap();
            wanted += &format!(",\"abc\":{number}");
        }
        json.raw(&[b'x'; 2 * HELD]).unwrap();
        json.flush().unwrap();
        wanted += &"x".repeat(2 * HELD);
        assert!(out == wanted.as_bytes());
    }
}
