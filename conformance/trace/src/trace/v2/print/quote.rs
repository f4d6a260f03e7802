//! Strings as Go's `%q` has them.
//!
//! Source: Go `strconv/quote.go`, `Quote` and `IsPrint`.

mod newer;

/// The version of Unicode, which says what characters exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unicode {
    /// Unicode 15.0, as in Go 1.21 to 1.26.
    V15,
    /// Unicode 17.0, as in Go 1.27.
    V17,
}

/// Writes bytes in double quotes: what is not printable is escaped, what is not UTF-8 byte
/// by byte.
pub fn quote(out: &mut Vec<u8>, text: &[u8], unicode: Unicode) {
    if quote_plain(out, text) {
        return;
    }
    out.push(b'"');
    for chunk in text.utf8_chunks() {
        for character in chunk.valid().chars() {
            escape(out, character, unicode);
        }
        for &byte in chunk.invalid() {
            escaped_byte(out, byte);
        }
    }
    out.push(b'"');
}

/// Writes bytes in double quotes if none of them has to be escaped in Go, Rust or JSON:
/// printable ASCII without quotes and backslashes. Otherwise nothing is written.
#[inline]
pub(in crate::trace::v2) fn quote_plain(out: &mut Vec<u8>, text: &[u8]) -> bool {
    let from = out.len();
    out.push(b'"');
    out.extend_from_slice(text);
    // The copy is looked at: a mapped file may change.
    let is_plain = |&byte: &u8| matches!(byte, b' '..=b'~') & (byte != b'"') & (byte != b'\\');
    if out[from + 1..].iter().all(is_plain) {
        out.push(b'"');
        return true;
    }
    out.truncate(from);
    false
}

fn escaped_byte(out: &mut Vec<u8>, byte: u8) {
    out.extend_from_slice(b"\\x");
    digits(out, byte.into(), 2);
}

fn digits(out: &mut Vec<u8>, value: u32, count: u32) {
    for digit in (0..count).rev() {
        out.push(b"0123456789abcdef"[(value >> (4 * digit) & 0xf) as usize]);
    }
}

fn escape(out: &mut Vec<u8>, character: char, unicode: Unicode) {
    let code = u32::from(character);
    match character {
        '"' | '\\' => {
            out.push(b'\\');
            out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        }
        '\x07' => out.extend_from_slice(b"\\a"),
        '\x08' => out.extend_from_slice(b"\\b"),
        '\x0c' => out.extend_from_slice(b"\\f"),
        '\n' => out.extend_from_slice(b"\\n"),
        '\r' => out.extend_from_slice(b"\\r"),
        '\t' => out.extend_from_slice(b"\\t"),
        '\x0b' => out.extend_from_slice(b"\\v"),
        ' '..='~' => out.push(character as u8),
        _ if is_printable(character, unicode) => {
            out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        }
        '\0'..='\x1f' | '\x7f' => {
            out.extend_from_slice(b"\\x");
            digits(out, code, 2);
        }
        '\0'..='\u{ffff}' => {
            out.extend_from_slice(b"\\u");
            digits(out, code, 4);
        }
        _ => {
            out.extend_from_slice(b"\\U");
            digits(out, code, 8);
        }
    }
}

/// Whether it is a letter, mark, number, punctuation or symbol.
fn is_printable(character: char, unicode: Unicode) -> bool {
    if newer::is_since_15(character.into()) {
        return unicode == Unicode::V17;
    }
    // Rust knows for its own `Debug`: behind another character it shows what is printable,
    // and combining marks, too.
    let mut text = String::from("a");
    text.push(character);
    text.escape_debug().nth(1) == Some(character)
}
