//! The outcome, for people and for programs.

mod github;
mod json;
mod junit;
mod text;

pub use json::SCHEMA_VERSION;

use super::outcome::Outcome;
use crate::failure::Failure;
use crate::shown::counted;
use crate::spec;

/// How an outcome is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// A table by area, then what failed.
    #[default]
    Text,
    /// One object (SPEC.md, S16.6).
    Json,
    /// A suite for each area, as CI systems read it.
    Junit,
    /// The text, then an annotation for each failure, as GitHub's workflows read them.
    Github,
}

impl Outcome {
    /// Shows the outcome in this format.
    ///
    /// # Errors
    /// None that real data leads to.
    pub fn show(&self, format: Format) -> std::io::Result<String> {
        Ok(match format {
            Format::Text => text::text(self),
            Format::Json => json::json(self)?,
            Format::Junit => junit::junit(self),
            Format::Github => github::plain(&text::text(self)) + &github::annotations(self),
        })
    }
}

/// Facts that a person wants to know of a failure: a name and a value each.
fn facts(failure: &Failure, again: &str) -> Vec<(&'static str, String)> {
    let mut facts = vec![
        ("what", failure.what.clone()),
        ("expected", failure.expected.clone()),
        ("got", failure.got.clone()),
    ];
    let place = failure.place.to_string();
    if !place.is_empty() {
        facts.push(("where", place));
    }
    facts.push(("rule", rule(&failure.rule)));
    for (_, value) in &mut facts {
        cut(value);
    }
    let again = failure.again.as_deref().unwrap_or(again);
    facts.push(("again", again.to_owned()));
    facts
}

/// Characters of a value; JSON has all of it.
const LONGEST: usize = 1000;

/// Leaves out the middle of a value that nobody would read to its end.
fn cut(value: &mut String) {
    let count = value.chars().count();
    if count <= LONGEST {
        return;
    }
    let half = LONGEST / 2;
    let start: String = value.chars().take(half).collect();
    let end: String = value.chars().skip(count - half).collect();
    let left = count - 2 * half;
    *value = format!("{start} [{left} characters, see --format json] {end}");
}

/// `1 case was`, `2 cases were`
fn cases_were(count: u64) -> String {
    format!(
        "{} {}",
        counted(count, "case"),
        if count == 1 { "was" } else { "were" }
    )
}

/// A rule's number, and its beginning.
fn rule(number: &str) -> String {
    const WIDTH: usize = 90;
    let Some(rule) = spec::rule(number) else {
        return number.to_owned();
    };
    let text: String = rule.text.chars().take(WIDTH).collect();
    let dots = if text.len() < rule.text.len() {
        "..."
    } else {
        ""
    };
    format!("{number} (SPEC.md:{}) {text}{dots}", rule.line)
}
