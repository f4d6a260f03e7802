//! Writes JSON without a tree in between.

use std::io::{self, Write};

use crate::bytes;

/// Bytes that are held before they are written.
const HELD: usize = 1 << 16;

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
            held: Vec::with_capacity(HELD + 4096),
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
    pub(super) fn begin(&mut self, name: &[u8], phase: &str) -> io::Result<()> {
        if !std::mem::take(&mut self.is_first) {
            self.held.push(b',');
        }
        self.held.extend_from_slice(b"\n{");
        // As in Go, an empty name is none.
        if name.len() > 2 {
            self.held.extend_from_slice(b"\"name\":");
            self.held.extend_from_slice(name);
            self.held.push(b',');
        }
        self.held.extend_from_slice(b"\"ph\":\"");
        self.held.extend_from_slice(phase.as_bytes());
        self.held.push(b'"');
        Ok(())
    }

    /// Ends the event.
    pub(super) fn end(&mut self) -> io::Result<()> {
        self.held.push(b'}');
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

    /// Writes a string.
    pub(super) fn text(&mut self, text: &[u8]) -> io::Result<()> {
        self.raw(&quoted(text))
    }
}

/// A string of JSON; what is not UTF-8 is replaced, as Go does.
pub(super) fn quoted(text: &[u8]) -> Vec<u8> {
    let text = bytes::text(text);
    // Writing a string to memory does not fail.
    serde_json::to_vec(&text).unwrap_or_default()
}
