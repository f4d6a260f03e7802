//! The last guard before a text goes to people.

use std::io::{self, Write};

use super::is_hidden;

/// How hidden characters are spelled on the way out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// As they are.
    Off,
    /// `\u{1b}`, and bytes that are not text `\x9b`.
    Text,
    /// As JSON has them in strings, so that it stays JSON: `\u001b`.
    Json,
}

/// Writes what it is given, with all that is hidden spelled out, but for line ends.
#[derive(Debug)]
pub struct Guard<W> {
    out: W,
    style: Style,
    /// The beginning of a character whose rest has not come yet.
    begun: Vec<u8>,
}

impl<W: Write> Guard<W> {
    /// Before this output.
    pub const fn new(out: W, style: Style) -> Self {
        let begun = Vec::new();
        Self { out, style, begun }
    }

    fn text(&mut self, text: &str) -> io::Result<()> {
        let is_odd = |c: char| c != '\n' && is_hidden(c);
        let mut rest = text;
        while let Some(at) = rest.find(is_odd) {
            let (before, odd) = rest.split_at(at);
            self.out.write_all(before.as_bytes())?;
            let mut chars = odd.chars();
            if let Some(c) = chars.next() {
                self.spell(c)?;
            }
            rest = chars.as_str();
        }
        self.out.write_all(rest.as_bytes())
    }

    fn spell(&mut self, c: char) -> io::Result<()> {
        if self.style == Style::Json {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                write!(self.out, "\\u{unit:04x}")?;
            }
            return Ok(());
        }
        write!(self.out, "\\u{{{:x}}}", u32::from(c))
    }

    fn no_text(&mut self, bytes: &[u8]) -> io::Result<()> {
        bytes
            .iter()
            .try_for_each(|byte| write!(self.out, "\\x{byte:02x}"))
    }

    /// Most lines are plain: those are written many at a time.
    fn lines(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut rest = bytes;
        while !rest.is_empty() {
            let (plain, odd) = rest.split_at(plain_len(rest));
            self.out.write_all(plain)?;
            // To the end of a line, where no character is in the midst.
            let end = odd.iter().position(|&b| b == b'\n');
            let (line, after) = odd.split_at(end.map_or(odd.len(), |at| at + 1));
            self.bytes(line)?;
            rest = after;
        }
        Ok(())
    }

    fn bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut rest = bytes;
        loop {
            let error = match str::from_utf8(rest) {
                Ok(text) => return self.text(text),
                Err(error) => error,
            };
            let (text, odd) = rest.split_at(error.valid_up_to());
            self.text(str::from_utf8(text).unwrap_or_default())?;
            let Some(length) = error.error_len() else {
                self.begun = odd.to_vec();
                return Ok(());
            };
            let (odd, after) = odd.split_at(length);
            self.no_text(odd)?;
            rest = after;
        }
    }
}

/// How many bytes, in pieces of a fixed length, are printable ASCII or ends of lines.
fn plain_len(bytes: &[u8]) -> usize {
    const PIECE: usize = 64;
    let is_plain = |&byte: &u8| matches!(byte, b' '..=b'~') | (byte == b'\n');
    let pieces = bytes.as_chunks::<PIECE>().0.iter();
    // Without an early end within a piece, so that it takes a few instructions.
    let plain = pieces.take_while(|piece| piece.iter().fold(true, |all, b| all & is_plain(b)));
    PIECE * plain.count()
}

impl<W: Write> Write for Guard<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.style == Style::Off {
            return self.out.write(bytes);
        }
        if self.begun.is_empty() {
            self.lines(bytes)?;
        } else {
            let whole = [&std::mem::take(&mut self.begun), bytes].concat();
            self.lines(&whole)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let begun = std::mem::take(&mut self.begun);
        self.no_text(&begun)?;
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// However it is cut into pieces.
    #[track_caller]
    fn check(style: Style, bytes: &[u8], expected: &[u8]) {
        for piece in 1..=bytes.len() {
            let mut guard = Guard::new(Vec::new(), style);
            for piece in bytes.chunks(piece) {
                guard.write_all(piece).unwrap();
            }
            guard.flush().unwrap();
            assert_eq!(guard.out, expected, "in pieces of {piece}");
        }
    }

    /// Guards S25.2.
    #[test]
    fn line_ends_pass_and_nothing_else_that_is_hidden() {
        let bytes = "a\n\x1b[2Jé\t\u{202e}世\u{e0041}".as_bytes();
        let expected = "a\n\\u{1b}[2Jé\\u{9}\\u{202e}世\\u{e0041}";
        check(Style::Text, bytes, expected.as_bytes());
        check(Style::Off, bytes, bytes);
    }

    /// Terminals with an older character set take some of them for controls.
    ///
    /// Guards S25.2.
    #[test]
    fn bytes_that_are_no_text_are_spelled_out() {
        check(
            Style::Text,
            b"a\x9b2J\xe4\xb8\xffz\xe4\xb8",
            b"a\\x9b2J\\xe4\\xb8\\xffz\\xe4\\xb8",
        );
    }

    /// Guards S25.3.
    #[test]
    fn json_stays_json_with_the_same_texts() {
        let text = "a\u{7f}\u{9b}\u{202e}\u{e0041}\u{1b}";
        let json = serde_json::to_string(text).unwrap();
        let shown = r#""a\u007f\u009b\u202e\udb40\udc41\u001b""#;
        check(Style::Json, json.as_bytes(), shown.as_bytes());
        assert_eq!(serde_json::from_str::<String>(shown).unwrap(), text);
    }
}
