//! Codes in words: what a law, a defect, a rule, a verdict, a reason, a mutant, a scenario or an exit
//! code is, why it matters, where it is in Go's source, and what shows it.
//!
//! The words are those that stand where a code is defined: in SPEC.md, in the model's tables and
//! pages, in the documentation of the check's types. Here they are found and put together.

mod model;
mod outcomes;
mod rules;
mod text;

use std::fmt;

use serde::Serialize;
use sigprof_model::mutants::Mutant;

use crate::fixtures::Files;
use crate::spec;

pub use text::{listed, plain, text};

/// The version of what `sigprof explain --format json` prints.
pub const SCHEMA_VERSION: u32 = 1;

/// The kind of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A verdict of the check.
    Verdict,
    /// A reason of a verdict.
    Reason,
    /// An exit code.
    Exit,
    /// A law of the protocol.
    Law,
    /// A defect of Go's.
    Defect,
    /// A scenario of the model.
    Scenario,
    /// A mutant of the model.
    Mutant,
    /// A rule of SPEC.md.
    Rule,
}

impl Kind {
    /// All of them, in the order in which they are listed.
    pub const ALL: [Self; 8] = [
        Self::Verdict,
        Self::Reason,
        Self::Exit,
        Self::Law,
        Self::Defect,
        Self::Scenario,
        Self::Mutant,
        Self::Rule,
    ];

    /// The kind in words, one of them.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Verdict => "verdict",
            Self::Reason => "reason of a verdict",
            Self::Exit => "exit code",
            Self::Law => "law of the protocol",
            Self::Defect => "defect of Go's",
            Self::Scenario => "scenario of the model",
            Self::Mutant => "mutant of the model",
            Self::Rule => "rule of SPEC.md",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words())
    }
}

/// The explanation of a code. Paragraphs are Markdown of a line each.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// The kind of code.
    pub kind: Kind,
    /// The code: `L3`, `ring-wrap`, `5`.
    pub name: String,
    /// The meaning; the first paragraph is enough where there is little room.
    pub what: Vec<String>,
    /// Why it matters.
    pub why: Vec<String>,
    /// Where it is in Go's source.
    pub go: Vec<String>,
    /// Commands that show it, the shortest first.
    pub shown_by: Vec<String>,
    /// The steps that lead to it, as lines, if they are known.
    pub steps: Option<String>,
    /// Other codes that have to do with it.
    pub see: Vec<String>,
}

impl Entry {
    fn new(kind: Kind, name: impl Into<String>, what: impl Into<String>) -> Self {
        Self {
            kind,
            name: name.into(),
            what: vec![what.into()],
            why: Vec::new(),
            go: Vec::new(),
            shown_by: Vec::new(),
            steps: None,
            see: Vec::new(),
        }
    }
}

/// Everything that can be explained, by kind.
#[must_use]
pub fn all() -> Vec<Entry> {
    let (files, mutants) = (Files::embedded(), Mutant::all());
    let mut entries = outcomes::entries(&files);
    entries.extend(model::entries(&files, &mutants));
    entries.extend(rules::entries(&files, &mutants));
    entries.sort_by_key(|entry| entry.kind);
    entries
}

/// The explanations of a name, in whatever case it is spelled: more than one if several codes have
/// it, or if it is the number of several rules (`R12`). None if nothing has it.
#[must_use]
pub fn find<'a>(entries: &'a [Entry], name: &str) -> Vec<&'a Entry> {
    let code = name.strip_prefix("exit-");
    let name = code.unwrap_or(name);
    let is_named = |entry: &&Entry| {
        entry.name.eq_ignore_ascii_case(name) && (code.is_none() || entry.kind == Kind::Exit)
    };
    let found: Vec<_> = entries.iter().filter(is_named).collect();
    if !found.is_empty() {
        return found;
    }
    let rules = spec::find(name);
    let is_rule = |entry: &&Entry| {
        entry.kind == Kind::Rule && rules.iter().any(|rule| rule.number == entry.name)
    };
    entries.iter().filter(is_rule).collect()
}

/// The names that are most like one that nothing has, best first.
#[must_use]
pub fn near(names: impl IntoIterator<Item = String>, name: &str) -> Vec<String> {
    /// How alike they must be: as clap has it.
    const ALIKE: f64 = 0.7;
    /// How many are named.
    const MOST: usize = 5;
    let name = name.to_lowercase();
    let alike = |other: &String| strsim::jaro_winkler(&name, &other.to_lowercase());
    let mut names: Vec<_> = names
        .into_iter()
        .map(|other| (alike(&other), other))
        .filter(|(alike, _)| *alike > ALIKE)
        .collect();
    names.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    names.into_iter().take(MOST).map(|(_, name)| name).collect()
}

/// The same as the end of a message that names what was not found: empty if nothing is like it.
#[must_use]
pub fn like(names: impl IntoIterator<Item = String>, name: &str) -> String {
    let near = near(names, name);
    match near.is_empty() {
        true => String::new(),
        false => format!("; like it: {}", near.join(", ")),
    }
}

/// The line below an output that shows codes: how to have them explained.
#[must_use]
pub fn hint<T: fmt::Display>(codes: impl IntoIterator<Item = T>) -> Option<String> {
    /// Codes that a line names.
    const MOST: usize = 4;
    let mut names: Vec<String> = Vec::new();
    for code in codes {
        let name = code.to_string();
        if !name.is_empty() && !names.contains(&name) {
            names.push(name);
        }
    }
    names.truncate(MOST);
    (!names.is_empty()).then(|| format!("explained by: sigprof explain {}", names.join(" ")))
}

#[cfg(test)]
mod tests;
