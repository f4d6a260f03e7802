//! The report for people.

use std::collections::BTreeMap;
use std::fmt::Write;

use comfy_table::{CellAlignment, Table, presets};

use super::{cases, cases_were, facts};
use crate::oracle::Mode;
use crate::shown::{Shown, line};
use crate::suite::outcome::{AreaOutcome, Counts, Head, Outcome, Status};

/// The first lines: what is run, from which seed on, and which real Go judges.
impl std::fmt::Display for Head {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { seed, of, .. } = self;
        write!(f, "conformance: seed {seed}, {}", cases(self.cases as u64))?;
        if let Some(shard) = self.shard {
            write!(f, " of {of}, shard {shard}")?;
        }
        if self.is_full {
            f.write_str(", full")?;
        }
        if self.oracles == Mode::Off {
            f.write_str(", without real Go")?;
        }
        for judge in &self.judges {
            write!(
                f,
                "\n  judged by {} in {}",
                judge.release,
                Shown(&judge.root)
            )?;
        }
        Ok(())
    }
}

/// A value in lines of which none but the first is at the margin: it may quote what it likes.
fn inner(value: &str) -> String {
    let lines: Vec<_> = value.split('\n').map(line).collect();
    lines.join("\n            ")
}

/// A table by area, then why cases were skipped, then each failure.
pub(super) fn text(outcome: &Outcome) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{}", table(&outcome.areas()));
    for (case, failure) in outcome.failures() {
        let _ = writeln!(out, "\nFAILED {}", Shown(&case.title()));
        for (name, value) in facts(failure, &case.again) {
            let _ = writeln!(out, "  {name:8}  {}", inner(&value));
        }
    }
    let mut skipped: BTreeMap<&str, u64> = BTreeMap::new();
    for case in &outcome.cases {
        if let Status::Skipped(why) = &case.status {
            *skipped.entry(why).or_default() += 1;
        }
    }
    if !skipped.is_empty() {
        out.push('\n');
    }
    for (why, count) in skipped {
        let _ = writeln!(out, "skipped {count}: {}", line(why));
    }
    let Counts {
        passed,
        failed,
        skipped,
    } = outcome.counts();
    let seconds = outcome.millis as f64 / 1e3;
    let _ = writeln!(
        out,
        "\n{passed} passed, {failed} failed, {skipped} skipped in {seconds:.1} s"
    );
    if outcome.is_interrupted {
        let _ = writeln!(out, "interrupted: {} not run", cases_were(outcome.left()));
    }
    out
}

fn table(areas: &[AreaOutcome]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(["area", "passed", "failed", "skipped", "ms"]);
    for AreaOutcome {
        area,
        counts,
        millis,
    } in areas
    {
        let numbers = [counts.passed, counts.failed, counts.skipped, *millis];
        let numbers = numbers.map(|n| n.to_string());
        table.add_row([&[(*area).to_owned()], &numbers[..]].concat());
    }
    for index in 1..5 {
        if let Some(column) = table.column_mut(index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}
