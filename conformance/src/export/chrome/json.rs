//! Writes JSON without a tree in between.

use std::io::{self, Write};

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

    pub(super) fn raw(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.held.extend_from_slice(bytes);
        Ok(())
    }

    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.out.write_all(&self.held)?;
        self.held.clear();
        self.out.flush()
    }

    /// Begins an event.
    pub(super) fn begin(&mut self, name: &[u8], phase: &str) -> io::Result<()> {
        if !std::mem::take(&mut self.is_first) {
            self.held.push(b',');
        }
        self.held.extend_from_slice(b"\n{");
        // As in Go, an empty name is none.
        if !name.is_empty() {
            self.held.extend_from_slice(b"\"name\":");
            self.text(name)?;
            self.held.push(b',');
        }
        self.held.extend_from_slice(b"\"ph\":\"");
        self.held.extend_from_slice(phase.as_bytes());
        self.held.push(b'"');
        Ok(())
    }

    /// Ends it.
    pub(super) fn end(&mut self) -> io::Result<()> {
        self.held.push(b'}');
        if self.held.len() >= HELD {
            self.out.write_all(&self.held)?;
            self.held.clear();
        }
        Ok(())
    }

    fn key(&mut self, key: &str) {
        self.held.extend_from_slice(b",\"");
        self.held.extend_from_slice(key.as_bytes());
        self.held.extend_from_slice(b"\":");
    }

    pub(super) fn number(&mut self, key: &str, value: u64) -> io::Result<()> {
        self.key(key);
        self.digits(value);
        Ok(())
    }

    pub(super) fn number_but_0(&mut self, key: &str, value: u64) -> io::Result<()> {
        match value {
            0 => Ok(()),
            _ => self.number(key, value),
        }
    }

    pub(super) fn text_but_empty(&mut self, key: &str, value: &[u8]) -> io::Result<()> {
        if value.is_empty() {
            return Ok(());
        }
        self.key(key);
        self.text(value)
    }

    pub(super) fn args(&mut self, args: &[(&str, u64)]) -> io::Result<()> {
        self.held.extend_from_slice(b",\"args\":");
        let mut before = b'{';
        for (key, value) in args {
            self.held.push(before);
            before = b',';
            self.text(key.as_bytes())?;
            self.held.push(b':');
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
            let zeroes = digits.iter().rev().take_while(|&&d| d == b'0').count();
            self.held.extend_from_slice(&digits[..4 - zeroes]);
        }
        Ok(())
    }

    /// The time from one event to another: a difference of floating-point numbers, as Go
    /// makes it, and never 0, which the viewer would take for a slice without end.
    pub(super) fn duration(&mut self, from: i64, to: i64) -> io::Result<()> {
        self.key("dur");
        if to <= from {
            return self.raw(b"0.0001");
        }
        let micros = to as f64 / 1000.0 - from as f64 / 1000.0;
        write!(self.held, "{micros}")
    }

    fn digits(&mut self, mut value: u64) {
        let mut digits = [0; 20];
        let mut at = digits.len();
        loop {
            at -= 1;
            digits[at] = b'0' + (value % 10).to_le_bytes()[0];
            value /= 10;
            if value == 0 {
                break;
            }
        }
        self.held.extend_from_slice(&digits[at..]);
    }

    /// A string; what is not UTF-8 is replaced, as Go does.
    pub(super) fn text(&mut self, text: &[u8]) -> io::Result<()> {
        self.held.push(b'"');
        let is_plain = |b: &u8| (0x20..0x7f).contains(b) && !matches!(b, b'"' | b'\\');
        if text.iter().all(is_plain) {
            self.held.extend_from_slice(text);
        } else {
            let quoted = serde_json::to_string(&String::from_utf8_lossy(text))?;
            let inner = quoted.as_bytes();
            self.held.extend_from_slice(&inner[1..inner.len() - 1]);
        }
        self.held.push(b'"');
        Ok(())
    }
}
