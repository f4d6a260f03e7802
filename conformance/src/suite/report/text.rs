//! The report for people.

use std::collections::BTreeMap;
use std::fmt::Write;

use comfy_table::Table;

use super::{cases_were, facts};
use crate::again;
use crate::explain;
use crate::failure::Failure;
use crate::oracle::Mode;
use crate::shown::{Shown, counted, line};
use crate::suite::outcome::{AreaOutcome, CaseOutcome, Counts, Head, Outcome, Status};
use crate::table::bare;

/// The first lines: what is run, from which seed on, and which real Go judges.
impl std::fmt::Display for Head {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { seed, of, .. } = self;
        let seed = again::seed(*seed);
        write!(
            f,
            "conformance: seed {seed}, {}",
            counted(self.cases as u64, "case")
        )?;
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
    for cause in causes(outcome) {
        let Some((case, failure)) = cause.first() else {
            continue;
        };
        let _ = writeln!(out, "\nFAILED {}", Shown(&case.title()));
        for (name, value) in facts(failure, &case.again) {
            let _ = writeln!(out, "  {name:8}  {}", inner(&value));
        }
        if let Some(others) = others(&cause) {
            let _ = writeln!(out, "  {:8}  {}", "also", line(&others));
        }
    }
    let rules = outcome.failures().map(|(_, failure)| failure.rule.clone());
    let hint = explain::hint(rules);
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
    if let Some(hint) = hint {
        let _ = writeln!(out, "\n{hint}");
    }
    out
}

/// A failure of a case.
type Failed<'a> = (&'a CaseOutcome, &'a Failure);

/// Failures of one cause: of one area and rule, by which the same was expected.
fn causes(outcome: &Outcome) -> Vec<Vec<Failed<'_>>> {
    let mut causes: Vec<Vec<Failed<'_>>> = Vec::new();
    let cause = |(case, failure): &Failed<'_>| {
        let expected = failure.expected.clone();
        (case.area, failure.rule.clone(), expected)
    };
    for failed in outcome.failures() {
        let of_cause = |failures: &&mut Vec<Failed<'_>>| {
            failures
                .first()
                .is_some_and(|first| cause(first) == cause(&failed))
        };
        match causes.iter_mut().find(of_cause) {
            Some(failures) => failures.push(failed),
            None => causes.push(vec![failed]),
        }
    }
    causes
}

/// The other failures of a cause: how many there are, and in which cases.
fn others(cause: &[Failed<'_>]) -> Option<String> {
    /// Cases that are named.
    const MOST: usize = 8;
    let others = cause.get(1..).filter(|others| !others.is_empty())?;
    let mut names: Vec<_> = others.iter().map(|(case, _)| case.name.as_str()).collect();
    names.dedup();
    let more = match names.len().saturating_sub(MOST) {
        0 => String::new(),
        more => format!(" and {more} more cases"),
    };
    names.truncate(MOST);
    let failures = counted(others.len() as u64, "failure");
    Some(format!("{failures} more, in {}{more}", names.join(", ")))
}

fn table(areas: &[AreaOutcome]) -> Table {
    let mut table = bare(["area", "passed", "failed", "skipped", "ms"], 1..5);
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
    table
}
