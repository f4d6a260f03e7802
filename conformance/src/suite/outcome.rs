//! What came of the cases.

use std::collections::BTreeMap;
use std::fmt::Write;

use comfy_table::{CellAlignment, Table, presets};
use serde::Serialize;

/// The version of the JSON form.
pub const SCHEMA_VERSION: u32 = 1;

/// What came of one case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "status", content = "why")]
pub enum Status {
    /// As it should be.
    Passed,
    /// Not tried, and why.
    Skipped(String),
    /// Not as it should be: what was wanted and what came.
    Failed(String),
}

/// What came of one case.
#[derive(Clone, Debug, Serialize)]
pub struct CaseOutcome {
    /// What it is about.
    pub area: String,
    /// The fixture.
    pub name: String,
    /// What came of it.
    #[serde(flatten)]
    pub status: Status,
    /// Milliseconds that it took.
    pub millis: u64,
}

/// What came of all cases.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// In the order in which they ran.
    pub cases: Vec<CaseOutcome>,
}

/// How many cases came out how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// As they should be.
    pub passed: u64,
    /// Not as they should be.
    pub failed: u64,
    /// Not tried.
    pub skipped: u64,
}

impl Counts {
    fn add(&mut self, status: &Status) {
        match status {
            Status::Passed => self.passed += 1,
            Status::Failed(_) => self.failed += 1,
            Status::Skipped(_) => self.skipped += 1,
        }
    }
}

impl Outcome {
    /// The counts of all cases together.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for case in &self.cases {
            counts.add(&case.status);
        }
        counts
    }

    /// The exit code: 0 if cases passed and none failed, 1 if one failed, 4 if none ran (S9).
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self.counts() {
            Counts { failed: 1.., .. } => 1,
            Counts { passed: 0, .. } => 4,
            _ => 0,
        }
    }

    /// A table by area, then why cases were skipped, then each failure with the
    /// command that repeats it.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = String::new();
        let _ = writeln!(out, "{}", self.table());
        let mut skipped: BTreeMap<&str, u64> = BTreeMap::new();
        for case in &self.cases {
            match &case.status {
                Status::Passed => {}
                Status::Skipped(why) => *skipped.entry(why).or_default() += 1,
                Status::Failed(why) => {
                    let CaseOutcome { area, name, .. } = case;
                    let _ = writeln!(
                        out,
                        "FAILED {area} {name}\n  {why}\n  again: sigprof conformance --filter '{area} {name}'"
                    );
                }
            }
        }
        for (why, count) in skipped {
            let _ = writeln!(out, "skipped {count}: {why}");
        }
        let Counts {
            passed,
            failed,
            skipped,
        } = self.counts();
        let _ = writeln!(out, "\n{passed} passed, {failed} failed, {skipped} skipped");
        out
    }

    /// One JSON object: `schema_version`, the counts, `cases`.
    ///
    /// # Errors
    /// None that real data leads to.
    pub fn json(&self) -> serde_json::Result<String> {
        #[derive(Serialize)]
        struct Json<'a> {
            schema_version: u32,
            #[serde(flatten)]
            counts: Counts,
            cases: &'a [CaseOutcome],
        }
        serde_json::to_string_pretty(&Json {
            schema_version: SCHEMA_VERSION,
            counts: self.counts(),
            cases: &self.cases,
        })
    }

    fn table(&self) -> Table {
        let mut areas: Vec<(&str, Counts, u64)> = Vec::new();
        for case in &self.cases {
            if areas.last().is_none_or(|(area, ..)| *area != case.area) {
                areas.push((&case.area, Counts::default(), 0));
            }
            if let Some((_, counts, millis)) = areas.last_mut() {
                counts.add(&case.status);
                *millis += case.millis;
            }
        }
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        table.set_header(["area", "passed", "failed", "skipped", "ms"]);
        for (area, counts, millis) in areas {
            let Counts {
                passed,
                failed,
                skipped,
            } = counts;
            let cells = [passed, failed, skipped, millis].map(|n| n.to_string());
            table.add_row([&[area.to_owned()], &cells[..]].concat());
        }
        for index in 1..5 {
            if let Some(column) = table.column_mut(index) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        table
    }
}
