//! The matrix as text and as JSON.

mod words;

use std::fmt::Write;

use comfy_table::Table;
use serde_json::{Value, json};
use sigprof_model::known::Known;
use sigprof_model::mutants::{Fate, Shows};

use super::judge::Complaint;
use super::{Cell, Matrix, MutantRow, RevisionRow, Tried};
use crate::table::{bare, fitted};

/// The cells of both tables.
pub const LEGEND: &str = "
below a strategy: the run in which the mutant's law, or the defect, was seen first; -: not seen;
L2: 1: another law was broken before; elsewhere: other scenarios in which anything is broken
";

/// The version of the JSON form.
const SCHEMA_VERSION: u32 = 1;

impl Matrix {
    /// A table of mutants, reasons, a table of revisions, complaints, and the sum; with times
    /// or without. Tables have so many columns at the most, if there is a limit.
    #[must_use]
    pub fn text(&self, has_times: bool, width: Option<u16>) -> String {
        let mut out = String::new();
        if !self.mutants.is_empty() {
            let _ = writeln!(out, "\n{}", fitted(&self.mutants_table(has_times), width));
            self.reasons(&mut out);
        }
        if !self.revisions.is_empty() {
            let _ = writeln!(out, "\n{}", fitted(&self.revisions_table(has_times), width));
        }
        if self
            .revisions
            .iter()
            .any(|row| row.known().next().is_none())
        {
            let kinds = self.options.kinds().iter();
            let terms = kinds.filter_map(|kind| Some(format!("{kind}: {}", kind.terms()?)));
            let terms = terms.collect::<Vec<_>>().join("; ");
            let _ = writeln!(out, "\nexhausted means: {terms}");
        }
        let mut complaints = self.complaints().peekable();
        if complaints.peek().is_some() {
            out.push('\n');
        }
        for (name, complaint) in complaints {
            let _ = writeln!(out, "WRONG {name}: {complaint}");
        }
        let _ = writeln!(out, "\n{}", self.sum());
        out
    }

    fn head(&self, first: [&str; 4], has_times: bool, last: Option<&str>) -> Table {
        let mut head: Vec<_> = first.map(str::to_owned).into();
        head.extend(self.options.kinds().iter().map(ToString::to_string));
        head.extend(has_times.then(|| "first catch".to_owned()));
        head.extend(last.map(str::to_owned));
        let right = first.len()..first.len() + self.options.kinds().len() + usize::from(has_times);
        bare(head, right)
    }

    fn mutants_table(&self, has_times: bool) -> Table {
        let mut table = self.head(
            ["mutant", "of", "law", "scenario, loom model"],
            has_times,
            Some("elsewhere"),
        );
        for row in &self.mutants {
            table.add_row(row.words(self.options.kinds(), has_times));
        }
        table
    }

    fn reasons(&self, out: &mut String) {
        let mut gap = "\n";
        for MutantRow { mutant, .. } in &self.mutants {
            if let Fate::Equivalent(why) | Fate::OutOfReach(why) = mutant.fate {
                let _ = writeln!(out, "{gap}{} is {}: {why}", mutant.name, word(mutant.fate));
                gap = "";
            }
        }
    }

    fn revisions_table(&self, has_times: bool) -> Table {
        let first = ["revision", "defect", "law", "scenario"];
        let mut table = self.head(first, has_times, None);
        for row in &self.revisions {
            for known in row.known() {
                table.add_row(row.words(known, has_times));
            }
            if row.known().next().is_none() {
                table.add_row(row.words_of_none(self.options.kinds(), has_times));
            }
        }
        table
    }

    fn sum(&self) -> String {
        let count = |is: fn(Fate) -> bool| {
            let of = self.mutants.iter().filter(|row| is(row.mutant.fate));
            of.count()
        };
        let wrong = self.complaints().count();
        let unfinished = match self.unfinished {
            0 => String::new(),
            rows => format!("; interrupted: {rows} more mutants and revisions not run to the end"),
        };
        format!(
            "{} mutants to be caught, {} equivalent, {} out of reach, {} revisions: {}{unfinished}",
            count(|fate| matches!(fate, Fate::Breaks { .. })),
            count(|fate| matches!(fate, Fate::Equivalent(_))),
            count(|fate| matches!(fate, Fate::OutOfReach(_))),
            self.revisions.len(),
            match wrong {
                0 => "all as it should be".to_owned(),
                wrong => format!("{wrong} wrong"),
            }
        )
    }

    /// One JSON object (S16.9).
    #[must_use]
    pub fn json(&self, has_times: bool) -> Value {
        let kinds: Vec<_> = self
            .options
            .kinds()
            .iter()
            .map(ToString::to_string)
            .collect();
        let mutants = self.mutants.iter().map(|row| mutant(row, has_times));
        let revisions = self.revisions.iter().map(|row| revision(row, has_times));
        let mut json = json!({
            "schema_version": SCHEMA_VERSION,
            "sigprof_version": crate::VERSION,
            "exit_code": self.exit_code(),
            "full": self.options.is_full,
            "strategies": kinds,
            "mutants": mutants.collect::<Vec<_>>(),
            "revisions": revisions.collect::<Vec<_>>(),
        });
        if self.unfinished > 0 {
            json["unfinished"] = self.unfinished.into();
        }
        json
    }
}

fn mutant(row: &MutantRow, has_times: bool) -> Value {
    let mutant = &row.mutant;
    let (law, scenario, needs, why) = match mutant.fate {
        Fate::Breaks {
            law,
            scenario,
            shows,
        } => {
            let needs = match shows {
                Shows::InOrder => "an order",
                Shows::WeakMemory => "weak memory or a race",
            };
            (
                Some(format!("L{}", law.number())),
                Some(scenario),
                Some(needs),
                None,
            )
        }
        Fate::Equivalent(why) | Fate::OutOfReach(why) => (None, None, None, Some(why)),
    };
    let home = row.home();
    let elsewhere = row.elsewhere().map(|(scenario, catch)| {
        json!({ "scenario": scenario, "law": format!("L{}", catch.law.number()) })
    });
    json!({
        "name": mutant.name,
        "of": mutant.base,
        "bug": mutant.bug,
        "fate": word(mutant.fate),
        "why": why,
        "needs": needs,
        "law": law,
        "scenario": scenario,
        "loom_model": scenario,
        "strategies": home.map(|home| tried(home, has_times)),
        "scenarios": row.cells.len(),
        "elsewhere": elsewhere.collect::<Vec<_>>(),
        "wrong": in_words(&row.complaints),
    })
}

fn revision(row: &RevisionRow, has_times: bool) -> Value {
    let defect = |known: &Known| {
        let home = row.home(known);
        json!({
            "id": known.id,
            "what": known.what,
            "law": format!("L{}", known.law.number()),
            "scenario": home.map(|home| home.scenario),
            "strategies": home.map(|home| tried(home, has_times)),
        })
    };
    json!({
        "name": row.name,
        "scenarios": row.cells.len(),
        "defects": row.known().map(defect).collect::<Vec<_>>(),
        "wrong": in_words(&row.complaints),
    })
}

fn tried(cell: &Cell, has_times: bool) -> Vec<Value> {
    let one = |tried: &Tried| {
        let caught = tried.caught.iter().map(|catch| {
            let law = format!("L{}", catch.law.number());
            let mut one = json!({ "law": law, "run": catch.run });
            if has_times && let Some(object) = one.as_object_mut() {
                let micros = u64::try_from(catch.time.as_micros()).unwrap_or(u64::MAX);
                object.insert("micros".into(), micros.into());
            }
            one
        });
        json!({
            "strategy": tried.kind.to_string(),
            "runs": tried.runs,
            "exhausted": tried.is_exhausted,
            "caught": caught.collect::<Vec<_>>(),
        })
    };
    cell.tried.iter().map(one).collect()
}

/// Complaints as the JSON form has them.
fn in_words(complaints: &[Complaint]) -> Vec<String> {
    complaints.iter().map(ToString::to_string).collect()
}

pub(super) fn word(fate: Fate) -> &'static str {
    match fate {
        Fate::Breaks { .. } => "breaks",
        Fate::Equivalent(_) => "equivalent",
        Fate::OutOfReach(_) => "out of reach",
    }
}
