//! Text of others, fit to be shown to people.
//!
//! Names of functions, files and labels come from traces and profiles, and those may come from
//! anybody. As they are, they could clear a screen, set its title, turn the direction of a line or
//! begin one that reads like a verdict. [`Shown`] spells out what is not to be seen in such a text,
//! so that it can be read back; [`Guard`] does it once more for all that goes to people, line
//! ends apart, so that a text that was forgotten does no harm but that of a line end. [`wrap`] puts
//! a text into lines.

mod guard;

pub use guard::{Guard, Style};

use std::borrow::Cow;
use std::fmt::{self, Write};

/// Whether a character is not to be seen, or changes how others are: control characters, those
/// that have no glyph or set a direction, line ends, and those that are none.
#[must_use]
pub const fn is_hidden(c: char) -> bool {
    matches!(c,
        // Cc, with DEL and C1.
        '\0'..='\x1f' | '\x7f'..='\u{9f}'
        // Default_Ignorable_Code_Point, which has Bidi_Control, zero widths, fillers and tags.
        | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
        // Zl, Zp, and the anchors of interlinear text.
        | '\u{2028}' | '\u{2029}' | '\u{fff9}'..='\u{fffb}'
    ) || is_none(c)
}

/// Noncharacter_Code_Point; XML forbids some of them.
const fn is_none(c: char) -> bool {
    matches!(c, '\u{fdd0}'..='\u{fdef}') || (c as u32) & 0xfffe == 0xfffe
}

/// A text of others in one line: what is hidden in it is spelled `\u{1b}`.
///
/// So is a backslash where it would be taken for the beginning of such a spelling: [`read`] gets
/// the text back. And a `#` in `##[` and `##vso[`, which the logs of GitHub and Azure take for a
/// command, be it in the midst of a line.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a>(pub &'a str);

impl<'a> Shown<'a> {
    /// As text; the same where nothing is hidden.
    #[must_use]
    pub fn text(&self) -> Cow<'a, str> {
        spelled(self.0, true)
    }
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text())
    }
}

/// A message of ours that may quote others: in one line, backslashes as they are, since what is
/// quoted with them is spelled out already.
#[must_use]
pub fn line(text: &str) -> Cow<'_, str> {
    spelled(text, false)
}

/// A message of ours in lines: all but the first are indented, so that none reads like another
/// message.
#[must_use]
pub fn lines(text: &str) -> String {
    let lines: Vec<_> = text.trim_end().split('\n').map(line).collect();
    lines.join("\n  ")
}

fn spelled(text: &str, with_backslashes: bool) -> Cow<'_, str> {
    let is_odd = |(at, c)| {
        let rest = || &text[at..];
        match c {
            '\\' => with_backslashes && rest().starts_with("\\u{"),
            '#' => rest().starts_with("##[") || rest().starts_with("##vso["),
            c => is_hidden(c),
        }
    };
    if !text.char_indices().any(is_odd) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for (at, c) in text.char_indices() {
        if is_odd((at, c)) {
            // Writing to a string does not fail.
            let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// The text that is shown so.
#[must_use]
pub fn read(shown: &str) -> String {
    let mut out = String::with_capacity(shown.len());
    let mut rest = shown;
    while let Some((before, after)) = rest.split_once("\\u{") {
        out.push_str(before);
        let spelled = after.split_once('}').and_then(|(digits, after)| {
            let c = u32::from_str_radix(digits, 16).ok()?;
            Some((char::from_u32(c)?, after))
        });
        match spelled {
            Some((c, after)) => {
                out.push(c);
                rest = after;
            }
            None => {
                out.push_str("\\u{");
                rest = after;
            }
        }
    }
    out + rest
}

/// `1 task`, `2 tasks`: a count, and what it is of.
///
/// ```
/// # use sigprof_trace::shown::counted;
/// assert_eq!([counted(1, "task"), counted(2, "task")], ["1 task", "2 tasks"]);
/// ```
#[must_use]
pub fn counted(count: u64, what: &str) -> String {
    let end = if count == 1 { "" } else { "s" };
    format!("{count} {what}{end}")
}

/// The verb of so many things.
///
/// ```
/// # use sigprof_trace::shown::are;
/// assert_eq!([are(1), are(2)], ["is", "are"]);
/// ```
#[must_use]
pub fn are(count: u64) -> &'static str {
    if count == 1 { "is" } else { "are" }
}

/// Writes a line of text in lines of so many characters, the first after `first`, the others
/// as far in. A library for this would be the library's 36th crate.
pub fn wrap(first: &str, text: &str, width: usize, out: &mut String) {
    out.push_str(first);
    let indent = first.chars().count();
    let mut column = indent;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let len = word.chars().count();
        let is_first = column == indent;
        if !is_first && column + 1 + len > width {
            let _ = write!(out, "\n{:indent$}", "");
            column = indent;
        } else if !is_first {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += len;
    }
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(Shown(text).to_string(), expected);
        assert_eq!(read(expected), text);
    }

    /// Guards S25.1.
    #[test]
    fn what_is_hidden_is_spelled_out() {
        check("\x1b[2J\x1b]0;title\x07", "\\u{1b}[2J\\u{1b}]0;title\\u{7}");
        check("a\r\nb\tc\x08", "a\\u{d}\\u{a}b\\u{9}c\\u{8}");
        check("\u{9b}2J\x7f", "\\u{9b}2J\\u{7f}");
        check(
            "a\u{202e}b\u{2066}\u{200b}",
            "a\\u{202e}b\\u{2066}\\u{200b}",
        );
        check("\u{2028}\u{e0041}\u{ffff}", "\\u{2028}\\u{e0041}\\u{ffff}");
    }

    /// Guards S25.1.
    #[test]
    fn a_spelling_that_is_in_the_text_is_not_taken_for_another() {
        check("\\u{1b} \x1b", "\\u{5c}u{1b} \\u{1b}");
        check(r"C:\new\urls\{u}", r"C:\new\urls\{u}");
    }

    /// Guards S25.1.
    #[test]
    fn other_text_is_as_it_is() {
        let text = "main.(*T[go.shape.int]).Größe·f 世界 #1 ## a";
        assert!(matches!(Shown(text).text(), Cow::Borrowed(_)));
    }

    /// Guards S25.4.
    #[test]
    fn a_command_to_the_log_is_none() {
        check("f##[error]x", "f\\u{23}#[error]x");
        check("##vso[task]", "\\u{23}#vso[task]");
    }

    #[test]
    fn a_message_in_lines_has_one_that_begins_at_the_margin() {
        assert_eq!(lines("a\nerror: b\r\n"), "a\n  error: b");
        assert_eq!(lines("a\n\x1bb"), "a\n  \\u{1b}b");
    }
}
