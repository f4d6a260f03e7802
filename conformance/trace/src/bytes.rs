//! A cursor over bytes that knows where it stands.

use std::string::FromUtf8Error;

use sigprof_wire::limits::MAX_VARINT_LEN;

use crate::error::{ErrorKind, InputError};
use crate::shown::counted;

/// Reads numbers and runs of bytes, and keeps the absolute offset.
#[derive(Clone, Debug)]
pub struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
    /// The offset of the first byte.
    base: u64,
}

impl<'a> Cursor<'a> {
    /// A cursor that stands at offset `at` of `bytes`, or at their end if there are fewer.
    #[must_use]
    pub fn new(bytes: &'a [u8], at: usize) -> Self {
        Self {
            bytes,
            at: at.min(bytes.len()),
            base: 0,
        }
    }

    /// The same of bytes of which the first has this offset.
    #[must_use]
    pub(crate) fn based(mut self, base: u64) -> Self {
        self.base = base;
        self
    }

    /// Bytes from the start of the input.
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.base + self.at as u64
    }

    /// An index into the bytes.
    #[must_use]
    pub fn index(&self) -> usize {
        self.at
    }

    /// Goes to index `at`, or to the end if there are fewer bytes.
    pub fn seek(&mut self, at: usize) {
        self.at = at.min(self.bytes.len());
    }

    /// Whether nothing is left.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.at == self.bytes.len()
    }

    /// Reads one byte.
    ///
    /// # Errors
    /// `Truncated` at the end of the input.
    pub fn byte(&mut self, place: &str) -> Result<u8, InputError> {
        let byte = *self.bytes.get(self.at).ok_or_else(|| {
            InputError::new(
                ErrorKind::Truncated,
                self.offset(),
                place,
                "one more byte",
                "the end of the input",
            )
        })?;
        self.at += 1;
        Ok(byte)
    }

    /// An unsigned LEB128 number of at most ten bytes; as Go does, bits past the
    /// 64th are dropped (R60).
    ///
    /// # Errors
    /// `Truncated` at the end of the input, `Malformed` if the tenth byte does not
    /// end the number; both at the number's first byte, and the cursor stays there.
    pub fn varint(&mut self, place: &str) -> Result<u64, InputError> {
        let mut value = 0;
        let rest = &self.bytes[self.at..];
        for (i, &byte) in rest.iter().take(MAX_VARINT_LEN).enumerate() {
            value |= u64::from(byte & 0x7f) << (7 * i);
            if byte < 0x80 {
                self.at += i + 1;
                return Ok(value);
            }
        }
        Err(if rest.len() < MAX_VARINT_LEN {
            InputError::new(
                ErrorKind::Truncated,
                self.offset(),
                place,
                "a number",
                match rest.len() {
                    0 => "the end of the input".to_owned(),
                    1 => "the end of the input after its first byte".to_owned(),
                    n => format!("the end of the input after {n} of its bytes"),
                },
            )
        } else {
            InputError::new(
                ErrorKind::Malformed,
                self.offset(),
                place,
                format!("a number of at most {MAX_VARINT_LEN} bytes"),
                "more",
            )
        })
    }

    /// The next `len` bytes.
    ///
    /// # Errors
    /// `Truncated` if there are fewer; the cursor stays.
    pub fn take(&mut self, len: u64, place: &str) -> Result<&'a [u8], InputError> {
        let left = self.bytes.len() - self.at;
        match usize::try_from(len) {
            Ok(len) if len <= left => {
                let taken = &self.bytes[self.at..self.at + len];
                self.at += len;
                Ok(taken)
            }
            _ => Err(InputError::new(
                ErrorKind::Truncated,
                self.offset(),
                place,
                counted(len, "byte"),
                format!("{left} before the end of the input"),
            )),
        }
    }
}

/// Bytes as text, with what is not UTF-8 replaced. They are copied before they are looked at:
/// those of a mapped file may change meanwhile, and what was UTF-8 a moment ago need not be.
#[must_use]
pub fn text(bytes: &[u8]) -> String {
    let lossy = |error: FromUtf8Error| String::from_utf8_lossy(error.as_bytes()).into_owned();
    String::from_utf8(bytes.to_vec()).unwrap_or_else(lossy)
}

/// So many of the first bytes tell whether they are text.
pub(crate) const TEXT_LOOKED_AT: usize = 64;

/// How many of the first bytes are text: characters that can be seen, white space, and the
/// sequences that colour a terminal. A character that the last byte cuts counts.
pub(crate) fn text_run(bytes: &[u8]) -> usize {
    let start = bytes[..bytes.len().min(TEXT_LOOKED_AT)].to_vec();
    let (whole, is_cut) = match std::str::from_utf8(&start) {
        Ok(text) => (text, false),
        Err(error) => {
            let whole = &start[..error.valid_up_to()];
            let is_cut = error.error_len().is_none();
            (std::str::from_utf8(whole).unwrap_or_default(), is_cut)
        }
    };
    let is_text = |c: char| !c.is_control() || c.is_ascii_whitespace() || c == '\x1b';
    match whole.char_indices().find(|&(_, c)| !is_text(c)) {
        Some((at, _)) => at,
        None if is_cut => start.len(),
        None => whole.len(),
    }
}

/// The first line that has something in it, of bytes that are text.
pub(crate) fn first_line(text: &[u8]) -> String {
    const SHOWN: usize = 32;
    let text = self::text(&text[..text.len().min(TEXT_LOOKED_AT)]);
    let line = match text.trim_start_matches(['\r', '\n']) {
        "" => text.as_str(),
        shown => shown.split('\n').next().unwrap_or_default(),
    };
    // The last character may have been cut.
    let line = line.trim_end_matches(char::REPLACEMENT_CHARACTER);
    line.chars().take(SHOWN).collect()
}

/// The first line, if the bytes look like text: somebody saved an error message, or
/// gave the wrong file.
pub(crate) fn first_line_of_text(bytes: &[u8]) -> Option<String> {
    let start = &bytes[..bytes.len().min(TEXT_LOOKED_AT)];
    (!start.is_empty() && text_run(start) == start.len()).then(|| first_line(start))
}

/// Whether a name of a trace is the one that was asked for: one with what is not UTF-8 is asked for by
/// what is shown of it.
pub(crate) fn is_name(name: &[u8], wanted: &str) -> bool {
    name == wanted.as_bytes()
        || wanted.contains(char::REPLACEMENT_CHARACTER) && text(name) == wanted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], expected: Result<u64, &str>) {
        let got = Cursor::new(bytes, 0).varint("v").map_err(|e| e.to_string());
        assert_eq!(got, expected.map_err(str::to_owned));
    }

    #[test]
    fn varints_have_up_to_ten_bytes() {
        check(&[0], Ok(0));
        check(&[0x7f, 0xff], Ok(127));
        check(&[0x80, 1], Ok(128));
        check(
            &[0xff; 9],
            Err("0x0: v: want a number, got the end of the input after 9 of its bytes"),
        );
        let mut all_ones = [0xff; 10];
        all_ones[9] = 1;
        check(&all_ones, Ok(u64::MAX));
        check(
            &[0xff; 10],
            Err("0x0: v: want a number of at most 10 bytes, got more"),
        );
        check(
            &[0xff; 11],
            Err("0x0: v: want a number of at most 10 bytes, got more"),
        );
    }

    /// Guards R60.6.
    #[test]
    fn bits_past_the_64th_are_dropped_as_in_go() {
        let mut bytes = [0x80; 10];
        bytes[9] = 0x7e;
        check(&bytes, Ok(0));
    }

    #[test]
    fn text_is_what_is_utf_8_of_the_bytes() {
        assert_eq!(text("naïve".as_bytes()), "naïve");
        assert_eq!(text(b"a\xff\xc3b"), "a\u{fffd}\u{fffd}b");
    }

    #[test]
    fn taking_too_much_takes_nothing() {
        let mut cursor = Cursor::new(b"abc", 1);
        let error = cursor.take(3, "string").unwrap_err();
        assert_eq!(
            error.to_string(),
            "0x1: string: want 3 bytes, got 2 before the end of the input"
        );
        assert_eq!(cursor.take(2, "string").unwrap(), b"bc");
        assert!(cursor.is_empty());
    }
}
