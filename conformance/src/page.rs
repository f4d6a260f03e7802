//! Outcomes as pages: one file each, that opens from disk and needs nothing else.
//!
//! ```text
//! outcome -> template (words, tables) + data (numbers, names, as JSON) + scripts + style -> bytes
//! ```
//!
//! L1: the same input gives the same bytes. L2: nothing is asked of any network. L3: no text of a
//! file becomes markup, script or style.
//!
//! L3 is kept thrice: texts go into markup by way of the template, which escapes them, and into
//! the script as JSON in which no `<`, `>` or `&` stands as it is (`json`); the script makes text
//! nodes of them and no markup; and the page's own policy names the scripts that may run, by their
//! hashes, and forbids all else, which keeps L2, too. Hidden characters are spelled out as in any
//! text for people (S25.1).
//!
//! The scripts of others are in `page/vendor`, made from npm by `scripts/page-libraries`.

pub mod check;

use std::fmt;

use askama::Template;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::shown::{Shown, line};

/// Colours, letters and tables that all pages have.
const STYLE: &str = include_str!("page/house.css");

/// The licences of the scripts of others.
const LICENCES: &str = include_str!("page/vendor/LICENSES");

/// The frame that all pages have: style, scripts, and a policy that allows these alone.
#[derive(Clone, Copy, Debug)]
pub(crate) struct House {
    /// Style sheets besides [`STYLE`].
    pub(crate) styles: &'static [&'static str],
    /// Scripts, in their order.
    pub(crate) scripts: &'static [&'static str],
    /// Whether scripts of others are among them.
    pub(crate) has_others: bool,
}

impl House {
    /// The page's policy (Content Security Policy Level 3): these scripts, its own style, nothing
    /// that is loaded.
    pub(crate) fn policy(&self) -> String {
        let hashes = self.scripts.iter().map(|script| {
            let hash = Sha256::digest(framed(script));
            format!(" 'sha256-{}'", BASE64_STANDARD.encode(hash))
        });
        format!(
            "default-src 'none'; script-src{}; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
            hashes.collect::<String>()
        )
    }

    /// The scripts as they stand between their tags.
    pub(crate) fn scripts(&self) -> impl Iterator<Item = String> {
        self.scripts.iter().map(|script| framed(script))
    }

    /// The style sheets, one after the other.
    pub(crate) fn style(&self) -> String {
        let own = [STYLE].into_iter();
        own.chain(self.styles.iter().copied()).collect()
    }

    /// The licences that a copy of the page must have with it.
    pub(crate) fn licences(&self) -> Option<&'static str> {
        self.has_others.then_some(LICENCES)
    }
}

/// A script in lines of its own.
fn framed(script: &str) -> String {
    format!("\n{}\n", script.trim_end())
}

/// A page's bytes.
pub(crate) fn render(page: &impl Template) -> String {
    // What can fail is a text's own Display, and those here do not.
    let mut text = page.render().unwrap_or_default();
    text.push('\n');
    text
}

/// A value as JSON that may stand in a script element: what could end it, or begin a comment or
/// another tag, is escaped; and so are the two line separators.
fn json(value: &impl Serialize) -> String {
    // Neither maps with odd keys nor anything else that JSON has no form for is among them.
    let text = serde_json::to_string(value).unwrap_or_default();
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => out.push_str("\\u003c"),
            '>' => out.push_str("\\u003e"),
            '&' => out.push_str("\\u0026"),
            '\u{2028}' => out.push_str("\\u2028"),
            '\u{2029}' => out.push_str("\\u2029"),
            other => out.push(other),
        }
    }
    out
}

/// The longest name that a page has; longer ones are cut. Generic functions have long names.
const LONGEST_NAME: usize = 400;

/// A name of others as a page has it.
fn name(text: &str) -> String {
    let shown = Shown(text);
    let shown = shown.text();
    match shown.char_indices().nth(LONGEST_NAME) {
        Some((at, _)) => format!("{}…", &shown[..at]),
        None => shown.into_owned(),
    }
}

/// Words of ours that quote others, in one line.
pub(crate) fn words(text: &str) -> String {
    line(text).into_owned()
}

/// Nanoseconds as seconds, to the millisecond.
fn seconds(ns: impl TryInto<i64>) -> String {
    let ns = ns.try_into().unwrap_or(i64::MAX);
    let (sign, ns) = (if ns < 0 { "-" } else { "" }, ns.unsigned_abs());
    format!(
        "{sign}{}.{:03} s",
        ns / 1_000_000_000,
        ns % 1_000_000_000 / 1_000_000
    )
}

/// A part of a whole, in per cent for a style sheet.
struct Percent(f64);

impl Percent {
    fn of(part: i64, whole: i64) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "a place on a screen")]
        let share = part as f64 / whole.max(1) as f64;
        Self(share.clamp(0.0, 1.0) * 100.0)
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3}%", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The files of `vendor` are those that `scripts/page-libraries` made.
    ///
    /// Guards S56.3.
    #[test]
    fn scripts_of_others_are_as_they_were_made() {
        let sums = include_str!("page/vendor/SHA256SUMS");
        let files = [
            ("LICENSES", LICENCES),
            (
                "flame-graph.min.js",
                include_str!("page/vendor/flame-graph.min.js"),
            ),
            (
                "uPlot.iife.min.js",
                include_str!("page/vendor/uPlot.iife.min.js"),
            ),
            ("uPlot.min.css", include_str!("page/vendor/uPlot.min.css")),
        ];
        assert_eq!(sums.lines().count(), files.len());
        for (name, text) in files {
            let hash = Sha256::digest(text);
            let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
            assert!(sums.contains(&format!("{hash}  ./{name}\n")), "{name}");
            assert!(
                !text.contains("</script") && !text.contains("<!--"),
                "{name}"
            );
        }
    }

    /// Guards S56.1.
    #[test]
    fn json_in_a_script_cannot_end_it() {
        let hostile = "</script><!--<script>&amp;\u{2028}\u{2029}\"\\";
        let text = json(&hostile);
        for odd in ["<", ">", "&", "\u{2028}", "\u{2029}"] {
            assert!(!text.contains(odd), "{text}");
        }
        let back: String = serde_json::from_str(&text).expect("JSON");
        assert_eq!(back, hostile);
    }

    #[test]
    fn a_long_name_is_cut_between_characters() {
        let long = "ä".repeat(LONGEST_NAME + 1);
        assert_eq!(name(&long).chars().count(), LONGEST_NAME + 1);
        assert_eq!(name("a\u{202e}b"), "a\\u{202e}b");
    }

    #[test]
    fn times_before_the_beginning_have_their_sign() {
        assert_eq!(seconds(-1_500_000_000_i64), "-1.500 s");
        assert_eq!(seconds(u64::MAX), "9223372036.854 s");
        assert_eq!(Percent::of(1, 3).to_string(), "33.333%");
        assert_eq!(Percent::of(5, 0).to_string(), "100.000%");
    }
}
