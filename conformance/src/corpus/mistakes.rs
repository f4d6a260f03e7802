//! Mistakes that parsers make, each put into our own parser and run on the corpus: what the kill
//! matrix is to the model, this is to the corpus. A mistake names the cases that must notice it, so
//! that nobody can take the case away, and nobody need look for what a failure of his own parser
//! means.
//!
//! The parser is one, sigprof's; a mistake is made in what it is given, in how it names what it
//! read, or in what it says.

mod catalogue;
mod does;
mod found;

use std::fmt::Write;

use serde::Serialize;

use super::expected::Input;
use super::judge::{self, Answer};
use super::ours;
use super::run::{self, Case, Expected, Level, Selection};
use super::samples::ProfileSide;
use crate::fixtures::Files;
use crate::parallel;
use found::{Found, Lines};

pub use catalogue::CATALOGUE;

/// A mistake of parsers.
#[derive(Clone, Copy, Debug)]
pub struct Mistake {
    /// Its name: `names-latin-1`.
    pub name: &'static str,
    /// A sentence that says what goes wrong.
    pub about: &'static str,
    /// Cases that must fail because of it, whatever others do.
    pub cases: &'static [&'static str],
    does: Does,
}

/// Where a mistake is made.
#[derive(Clone, Copy, Debug)]
enum Does {
    /// In how a string becomes a name; none if the parser then gives up.
    Names(fn(&[u8]) -> Option<String>),
    /// In the bytes that are read, and in which definition of a string is taken.
    FirstDefinition,
    /// In the samples that were read from these bytes.
    Samples(fn(&[u8], &mut Found)),
    /// In the number of events: that of the file, and how many samples there are.
    Count(fn(u64, u64) -> u64),
    /// In the events, each with its place in the file.
    Events(fn(Lines) -> Lines),
    /// In the samples of a profile.
    Profile(fn(&mut ProfileSide)),
    /// In a trace that should be read, and is refused.
    Refuses(fn(&Found) -> bool),
    /// In files of this topic, all of which are read and should be refused. There is nothing to
    /// compute: a parser that reads them fails their cases.
    Accepts(&'static str),
}

/// The outcome of a mistake.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// The name of the mistake.
    pub mistake: &'static str,
    /// A sentence that says what goes wrong.
    pub about: &'static str,
    /// The output that is tried: `samples`, `events` or `profile`.
    pub output: &'static str,
    /// The case that tells it best: the first of those that must notice it and do.
    pub first: Option<String>,
    /// The cases that failed, by name.
    pub failed: Vec<String>,
    /// How many cases it was tried on.
    pub tried: usize,
    /// Cases that should have failed and did not.
    pub missed: Vec<&'static str>,
}

impl Mistake {
    /// The output in which it is seen.
    fn output(&self) -> (&'static str, Input) {
        match self.does {
            Does::Events(_) => ("events", Input::Trace),
            Does::Profile(_) => ("profile", Input::Profile),
            _ => ("samples", Input::Trace),
        }
    }

    /// Whether a parser with this mistake fails on a case.
    fn fails(&self, case: &Case, bytes: &[u8]) -> bool {
        if let Expected::Refused(_) = case.expected {
            let topic = format!("invalid/{}/", self.accepted().unwrap_or(" "));
            return case.name.starts_with(&topic);
        }
        if self.accepted().is_some() {
            // It reads what is right as it should.
            return false;
        }
        let answer = self.answer(bytes);
        answer.is_none_or(|answer| judge::read(case, bytes, &answer).is_err())
    }

    fn accepted(&self) -> Option<&'static str> {
        match self.does {
            Does::Accepts(topic) => Some(topic),
            _ => None,
        }
    }

    /// The answer of such a parser to a valid file; none if it refuses it.
    fn answer(&self, bytes: &[u8]) -> Option<Answer> {
        let mut plain = |_: u64, _: u64, text: &[u8]| crate::bytes::text(text);
        let mut numbers = super::compare::Numbers::default();
        let found = match self.does {
            Does::Accepts(_) => return None,
            Does::Names(name) => {
                let mut gives_up = false;
                let mut named = |_: u64, _: u64, text: &[u8]| {
                    let name = name(text);
                    gives_up |= name.is_none();
                    name.unwrap_or_default()
                };
                let found = found::read(bytes, &mut named).ok()?;
                if gives_up {
                    return None;
                }
                found
            }
            Does::FirstDefinition => does::first_definition(bytes)?,
            Does::Samples(change) => {
                let mut found = found::read(bytes, &mut plain).ok()?;
                change(bytes, &mut found);
                found
            }
            Does::Count(count) => {
                let side = ours::trace(bytes).ok()?;
                numbers.events = Some(count(side.events, side.samples.len() as u64));
                Found {
                    side,
                    ..Found::default()
                }
            }
            Does::Refuses(refuses) => {
                let found = found::read(bytes, &mut plain).ok()?;
                if refuses(&found) {
                    return None;
                }
                found
            }
            Does::Events(change) => {
                let lines = change(found::lines(bytes).ok()?)
                    .into_iter()
                    .map(|(_, line)| line);
                return Some(Answer::Events(lines.collect()));
            }
            Does::Profile(change) => {
                let mut side = ours::profile(bytes).ok()?;
                change(&mut side);
                return Some(Answer::Profile(side));
            }
        };
        Some(Answer::Trace(found.side, numbers))
    }
}

/// The mistakes in whose names one of these occurs; all if there are none.
///
/// # Errors
/// The first of these that fits no mistake.
pub fn select(filters: &[String]) -> Result<Vec<Mistake>, &String> {
    let name = |mistake: &Mistake| mistake.name.to_owned();
    let occurs = |name: &str, filter: &str| name.contains(filter);
    crate::select::select(CATALOGUE.to_vec(), name, filters, occurs)
}

/// Runs these mistakes on the corpus, so many at a time.
///
/// # Errors
/// If the corpus cannot be read, in words.
pub fn run(files: &Files, mistakes: &[Mistake], jobs: usize) -> Result<Vec<Row>, String> {
    let cases_of = |input| {
        let selection = Selection {
            input,
            level: Level::Samples,
            formats: Vec::new(),
            filters: Vec::new(),
        };
        run::select(files, &selection).map_err(|e| e.to_string())
    };
    let (traces, profiles) = (cases_of(Input::Trace)?, cases_of(Input::Profile)?);
    let work = |(): &mut (), at: usize| -> Result<Row, String> {
        let mistake = &mistakes[at];
        let (output, input) = mistake.output();
        let cases = match input {
            Input::Trace => &traces,
            Input::Profile => &profiles,
        };
        let fails = |case: &&Case| {
            let bytes = files.file(&case.file).unwrap_or_default();
            mistake.fails(case, bytes)
        };
        let failed: Vec<_> = cases.iter().filter(fails).map(|c| c.name.clone()).collect();
        let named = mistake.cases.iter().map(|case| (*case).to_owned());
        let mut named = named.filter(|case| failed.contains(case));
        let first = named.next().or_else(|| failed.first().cloned());
        let is_missed = |case: &&&str| !failed.iter().any(|name| name == **case);
        Ok(Row {
            mistake: mistake.name,
            about: mistake.about,
            output,
            missed: mistake.cases.iter().filter(is_missed).copied().collect(),
            first,
            failed,
            tried: cases.len(),
        })
    };
    let halt = std::sync::atomic::AtomicBool::new(false);
    let rows = parallel::in_order(mistakes.len(), jobs, &halt, || (), work, |_| ());
    rows.into_iter().flatten().collect()
}

/// The kill table: a mistake a line, with how many cases notice it and the one that it is for.
#[must_use]
pub fn table(rows: &[Row]) -> String {
    let widest = rows.iter().map(|row| row.mistake.len()).max().unwrap_or(0);
    let mut out = format!("{:widest$}  output   failed  for one\n", "mistake");
    for row in rows {
        let first = row.first.as_deref().unwrap_or("-");
        let _ = writeln!(
            out,
            "{:widest$}  {:7}  {:>6}  {first}",
            row.mistake,
            row.output,
            row.failed.len()
        );
        for case in &row.missed {
            let _ = writeln!(out, "  LIVES in {case}: {}", row.about);
        }
    }
    let (lived, all) = (
        rows.iter().filter(|r| !r.missed.is_empty()).count(),
        rows.len(),
    );
    let _ = writeln!(
        out,
        "\n{} of {all} mistakes fail the cases that they name",
        all - lived
    );
    out
}
