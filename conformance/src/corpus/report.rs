//! A parser's outcome on the corpus: as text and as JSON.

use std::collections::BTreeMap;
use std::fmt::Write;

use comfy_table::Table;
use serde::Serialize;

use super::SCHEMA_VERSION;
use super::judge::FailureKind;
use super::run::{Level, Outcome, Worth, topic};
use crate::table::bare;
use crate::{again, explain};

/// Everything, with the command that repeats a case.
#[derive(Clone, Debug)]
pub struct Report<'a> {
    /// In the order of cases.
    pub outcomes: &'a [Outcome],
    /// The parser, as a person would type it.
    pub command: &'a str,
    /// Options of `sigprof corpus run` that belong to it, with a space behind each.
    pub options: &'a str,
    /// The output that was wanted.
    pub level: Level,
    /// How many cases were selected, run or not.
    pub selected: usize,
    /// The fault of the parser as such, because of which no case was run.
    pub smoke: Option<&'a str>,
}

/// Cases that passed, by what that is worth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Passed {
    /// There were samples to get right.
    pub with_samples: usize,
    /// Files without a sample, of which an empty list passes.
    pub without_samples: usize,
    /// Cases that must be refused, for whatever reason.
    pub refused: usize,
}

#[derive(Serialize)]
struct JsonCase<'a> {
    case: &'a str,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<FailureKind>,
    #[serde(skip_serializing_if = "Option::is_none")]
    want: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    got: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    again: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rules: Option<&'a [String]>,
    millis: u64,
}

#[derive(Serialize)]
struct Json<'a> {
    schema_version: u32,
    sigprof_version: &'static str,
    command: &'a str,
    level: Level,
    passed: usize,
    failed: usize,
    not_run: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    smoke_test: Option<&'a str>,
    passed_by_worth: Passed,
    cases: Vec<JsonCase<'a>>,
}

impl Report<'_> {
    /// How many passed, and how many did not.
    #[must_use]
    pub fn counts(&self) -> (usize, usize) {
        let failed = self.outcomes.iter().filter(|o| o.failure.is_some());
        let failed = failed.count();
        (self.outcomes.len() - failed, failed)
    }

    /// Counts the cases that passed, by what that is worth.
    #[must_use]
    pub fn passed(&self) -> Passed {
        let mut passed = Passed::default();
        for outcome in self.outcomes.iter().filter(|o| o.failure.is_none()) {
            *match outcome.worth {
                Worth::Samples => &mut passed.with_samples,
                Worth::NoSamples => &mut passed.without_samples,
                Worth::Refusal => &mut passed.refused,
            } += 1;
        }
        passed
    }

    /// 0 if all passed, 1 if one did not or the smoke test failed, 5 if not all were run and
    /// none failed.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self.smoke {
            None if self.counts().1 == 0 && self.not_run() == 0 => 0,
            None if self.counts().1 == 0 => 5,
            _ => 1,
        }
    }

    fn not_run(&self) -> usize {
        self.selected.saturating_sub(self.outcomes.len())
    }

    /// A table by topic, then each failure with the command that repeats it; or why there is
    /// none.
    #[must_use]
    pub fn text(&self) -> String {
        if let Some(why) = self.smoke {
            return format!(
                "{}: the smoke test failed: {why}\nNo case was run of {}; --no-smoke-test runs them.\n",
                self.command, self.selected
            );
        }
        let mut out = format!("{}\n", self.table());
        for outcome in self.outcomes {
            if let Some(failure) = &outcome.failure {
                let (file, rules) = (&outcome.file, outcome.rules.join(", "));
                let _ = writeln!(out, "FAILED {} ({file}; {rules})", outcome.name);
                let _ = writeln!(out, "  want {}\n  got  {}", failure.want, failure.got);
                if !failure.note.is_empty() {
                    let _ = writeln!(out, "  {}", failure.note);
                }
                let _ = writeln!(out, "  again: {}", self.again(&outcome.name));
            }
        }
        let failed = self
            .outcomes
            .iter()
            .filter(|outcome| outcome.failure.is_some());
        let hint = explain::hint(failed.flat_map(|outcome| &outcome.rules));
        let (passed, failed) = self.counts();
        let Passed {
            with_samples,
            without_samples,
            refused,
        } = self.passed();
        let things = match self.level {
            Level::Samples => "samples",
            Level::Events => "events",
        };
        let _ = writeln!(
            out,
            "\npassed: {with_samples} with {things}, {without_samples} without a sample to get wrong, \
             {refused} by refusing them"
        );
        let _ = match self.not_run() {
            0 => writeln!(out, "{passed} passed, {failed} failed"),
            more => writeln!(out, "{passed} passed, {failed} failed, {more} not run"),
        };
        if let Some(hint) = hint {
            let _ = writeln!(out, "\n{hint}");
        }
        out
    }

    /// One object: `schema_version`, `command`, the counts, `cases`.
    ///
    /// # Errors
    /// None that real data leads to.
    pub fn json(&self) -> serde_json::Result<String> {
        let (passed, failed) = self.counts();
        let cases = self.outcomes.iter().map(|outcome| {
            let failure = outcome.failure.as_ref();
            JsonCase {
                case: &outcome.name,
                status: failure.map_or("passed", |_| "failed"),
                kind: failure.map(|f| f.kind),
                want: failure.map(|f| &*f.want),
                got: failure.map(|f| &*f.got),
                note: failure.map(|f| &*f.note).filter(|note| !note.is_empty()),
                again: failure.map(|_| self.again(&outcome.name)),
                file: failure.map(|_| &*outcome.file),
                rules: failure.map(|_| &*outcome.rules),
                millis: outcome.millis,
            }
        });
        serde_json::to_string_pretty(&Json {
            schema_version: SCHEMA_VERSION,
            sigprof_version: crate::VERSION,
            command: self.command,
            level: self.level,
            passed,
            failed,
            not_run: self.not_run(),
            smoke_test: self.smoke,
            passed_by_worth: self.passed(),
            cases: cases.collect(),
        })
    }

    fn again(&self, case: &str) -> String {
        let Self {
            command, options, ..
        } = self;
        again::command(&format!("corpus run {options}--filter {case} -- {command}"))
    }

    fn table(&self) -> Table {
        let mut topics: BTreeMap<&str, (usize, usize, u64)> = BTreeMap::new();
        for outcome in self.outcomes {
            let row = topics.entry(topic(&outcome.name)).or_default();
            match outcome.failure {
                None => row.0 += 1,
                Some(_) => row.1 += 1,
            }
            row.2 += outcome.millis;
        }
        let mut table = bare(["topic", "passed", "failed", "ms"], 1..4);
        for (topic, (passed, failed, millis)) in topics {
            table.add_row([
                topic.to_owned(),
                passed.to_string(),
                failed.to_string(),
                millis.to_string(),
            ]);
        }
        table
    }
}
