//! What came of a parser on the corpus: as text and as JSON.

use std::collections::BTreeMap;
use std::fmt::Write;

use comfy_table::{CellAlignment, Table, presets};
use serde::Serialize;

use super::SCHEMA_VERSION;
use super::run::{Outcome, topic};

/// Everything, with the command that repeats a case.
#[derive(Clone, Debug)]
pub struct Report<'a> {
    /// In the order of cases.
    pub outcomes: &'a [Outcome],
    /// The parser, as a person would type it.
    pub command: &'a str,
    /// Options of `sigprof corpus run` that belong to it, with a space behind each.
    pub options: &'a str,
}

#[derive(Serialize)]
struct JsonCase<'a> {
    case: &'a str,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    want: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    got: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    again: Option<String>,
    millis: u64,
}

#[derive(Serialize)]
struct Json<'a> {
    schema_version: u32,
    command: &'a str,
    passed: usize,
    failed: usize,
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

    /// 0 if all passed, else 1.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        u8::from(self.counts().1 > 0)
    }

    /// A table by topic, then each failure with the command that repeats it.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = format!("{}\n", self.table());
        for outcome in self.outcomes {
            if let Some(failure) = &outcome.failure {
                let _ = writeln!(out, "FAILED {}", outcome.name);
                let _ = writeln!(out, "  want {}\n  got  {}", failure.want, failure.got);
                let _ = writeln!(out, "  again: {}", self.again(&outcome.name));
            }
        }
        let (passed, failed) = self.counts();
        let _ = writeln!(out, "\n{passed} passed, {failed} failed");
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
                want: failure.map(|f| &*f.want),
                got: failure.map(|f| &*f.got),
                again: failure.map(|_| self.again(&outcome.name)),
                millis: outcome.millis,
            }
        });
        serde_json::to_string_pretty(&Json {
            schema_version: SCHEMA_VERSION,
            command: self.command,
            passed,
            failed,
            cases: cases.collect(),
        })
    }

    fn again(&self, case: &str) -> String {
        let Self {
            command, options, ..
        } = self;
        format!("sigprof corpus run {options}--filter {case} -- {command}")
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
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        table.set_header(["topic", "passed", "failed", "ms"]);
        for (topic, (passed, failed, millis)) in topics {
            table.add_row([
                topic.to_owned(),
                passed.to_string(),
                failed.to_string(),
                millis.to_string(),
            ]);
        }
        for index in 1..4 {
            if let Some(column) = table.column_mut(index) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        table
    }
}
