//! Annotations of GitHub's workflows: `::error file=...,line=...,title=...::message`.

use std::fmt::Write;

use super::{cases_were, facts};
use crate::shown::{Shown, line};
use crate::suite::outcome::{Counts, Outcome, Status};

/// An error for each failure, and a warning if there are skipped cases or some that were not
/// run: what was not tried is to be seen.
pub(super) fn annotations(outcome: &Outcome) -> String {
    let mut out = String::new();
    for (case, failure) in outcome.failures() {
        let mut properties = Vec::new();
        if let Some(file) = &failure.place.file {
            properties.push(("file", line(file).into_owned()));
        }
        if let Some(line) = failure.place.line {
            properties.push(("line", line.to_string()));
        }
        properties.push(("title", format!("conformance: {}", Shown(&case.title()))));
        let facts = facts(failure, &case.again).into_iter();
        let lines: Vec<_> = facts
            .map(|(name, value)| format!("{name}: {}", in_lines(&value)))
            .collect();
        annotation(&mut out, "error", &properties, &lines.join("\n"));
    }
    let Counts { skipped, .. } = outcome.counts();
    if skipped > 0 {
        let mut why: Vec<_> = outcome
            .cases
            .iter()
            .filter_map(|case| match &case.status {
                Status::Skipped(why) => Some(why.as_str()),
                _ => None,
            })
            .collect();
        why.sort_unstable();
        why.dedup();
        let message = format!("{} skipped: {}", cases_were(skipped), why.join("; "));
        let title = ("title", "conformance".to_owned());
        annotation(&mut out, "warning", &[title], &message);
    }
    if outcome.is_interrupted {
        let message = format!("interrupted: {} not run", cases_were(outcome.left()));
        let title = ("title", "conformance".to_owned());
        annotation(&mut out, "error", &[title], &message);
    }
    out
}

fn annotation(out: &mut String, kind: &str, properties: &[(&str, String)], message: &str) {
    let properties: Vec<_> = properties
        .iter()
        .map(|(name, value)| format!("{name}={}", escaped_property(value)))
        .collect();
    let _ = writeln!(
        out,
        "::{kind} {}::{}",
        properties.join(","),
        escaped(message)
    );
}

/// A value without anything hidden but line ends, which an annotation may have.
fn in_lines(value: &str) -> String {
    let lines: Vec<_> = value.split('\n').map(line).collect();
    lines.join("\n")
}

/// A text as GitHub's runner shows it: it takes a line that begins with `::`, after spaces, for a
/// command.
pub(super) fn plain(text: &str) -> String {
    let line = |line: &str| {
        let words = line.trim_start();
        let indent = &line[..line.len() - words.len()];
        match words.strip_prefix("::") {
            Some(rest) => format!("{indent}\\u{{3a}}:{rest}\n"),
            None => format!("{line}\n"),
        }
    };
    text.lines().map(line).collect()
}

/// As GitHub's own toolkit escapes messages.
fn escaped(text: &str) -> String {
    let text = text.replace('%', "%25").replace('\r', "%0D");
    text.replace('\n', "%0A")
}

/// And values of properties.
fn escaped_property(text: &str) -> String {
    escaped(text).replace(':', "%3A").replace(',', "%2C")
}
