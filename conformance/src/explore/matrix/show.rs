//! The matrix as text and as JSON.

use std::fmt::Write;
use std::time::Duration;

use comfy_table::{CellAlignment, Table, presets};
use serde_json::{Value, json};
use sigprof_model::known::Known;
use sigprof_model::mutants::{Fate, Shows};

use super::{Catch, Cell, Matrix, MutantRow, RevisionRow, Tried};

/// The version of the JSON form.
const SCHEMA_VERSION: u32 = 1;

impl Matrix {
    /// A table of mutants, reasons, a table of revisions, complaints, and the sum; with times
    /// or without.
    #[must_use]
    pub fn text(&self, has_times: bool) -> String {
        let mut out = String::new();
        if !self.mutants.is_empty() {
            let _ = writeln!(out, "\n{}", self.mutants_table(has_times).trim_fmt());
            self.reasons(&mut out);
        }
        if !self.revisions.is_empty() {
            let _ = writeln!(out, "\n{}", self.revisions_table(has_times).trim_fmt());
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
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        let mut head: Vec<_> = first.map(str::to_owned).into();
        head.extend(self.options.kinds().iter().map(ToString::to_string));
        head.extend(has_times.then(|| "first catch".to_owned()));
        head.extend(last.map(str::to_owned));
        let right = first.len()..first.len() + self.options.kinds().len() + usize::from(has_times);
        table.set_header(head);
        for index in right {
            if let Some(column) = table.column_mut(index) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        table
    }

    fn mutants_table(&self, has_times: bool) -> Table {
        let mut table = self.head(
            ["mutant", "of", "law", "scenario, loom model"],
            has_times,
            Some("elsewhere"),
        );
        for row in &self.mutants {
            let mutant = &row.mutant;
            let mut cells = vec![mutant.name.to_owned(), mutant.base.to_owned()];
            let kinds = self.options.kinds();
            if let Fate::Breaks { law, scenario, .. } = mutant.fate {
                cells.extend([format!("L{}", law.number()), scenario.to_owned()]);
                let home = row.home();
                cells.extend(kinds.iter().map(|kind| {
                    let tried = home.and_then(|home| home.tried.iter().find(|t| t.kind == *kind));
                    tried.map_or_else(String::new, |tried| outcome(tried, |c| c.law == law))
                }));
                cells.extend(
                    has_times.then(|| home.and_then(quickest).map_or("-".into(), in_words)),
                );
                let (found, all) = (row.elsewhere().count(), row.cells.len() - 1);
                cells.push(format!("{found} of {all}"));
            } else {
                cells.extend([word(mutant.fate).to_owned(), "all".to_owned()]);
                let is_caught = |kind| {
                    let mut tried = row.cells.iter().flat_map(|cell| &cell.tried);
                    tried.any(|tried| tried.kind == kind && !tried.caught.is_empty())
                };
                let caught = kinds
                    .iter()
                    .map(|&kind| if is_caught(kind) { "CAUGHT" } else { "-" });
                cells.extend(caught.map(str::to_owned));
                cells.extend(has_times.then(String::new));
                cells.push(format!(
                    "{} of {}",
                    row.elsewhere().count(),
                    row.cells.len()
                ));
            }
            table.add_row(cells);
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
                let home = row.home(known);
                let name = home.map_or("not found", |cell| cell.scenario);
                let law = format!("L{}", known.law.number());
                let mut cells = [row.name, known.id, &law, name].map(str::to_owned).to_vec();
                let tried = home.map_or(&[][..], |cell| &cell.tried);
                let explains = |catch: &Catch| known.explains(catch.law);
                cells.extend(tried.iter().map(|tried| {
                    let mut caught = tried.caught.iter();
                    let catch = caught.find(|catch| explains(catch));
                    catch.map_or("-".to_owned(), |catch| match catch.law == known.law {
                        true => catch.run.to_string(),
                        false => format!("L{}: {}", catch.law.number(), catch.run),
                    })
                }));
                cells.extend(has_times.then(|| {
                    let caught = tried.iter().flat_map(|tried| &tried.caught);
                    let times = caught
                        .filter(|catch| explains(catch))
                        .map(|catch| catch.time);
                    times.min().map_or("-".into(), in_words)
                }));
                table.add_row(cells);
            }
            if row.known().next().is_none() {
                let all = row.cells.len();
                let what = format!("{all} scenarios");
                let mut cells = [row.name, "none", "all", &what].map(str::to_owned).to_vec();
                cells.extend(self.options.kinds().iter().map(|kind| {
                    let mut tried: Vec<_> = row.cells.iter().flat_map(|cell| &cell.tried).collect();
                    tried.retain(|tried| tried.kind == *kind);
                    let runs: u64 = tried.iter().map(|tried| tried.runs).sum();
                    let exhausted = tried.iter().filter(|tried| tried.is_exhausted).count();
                    match (
                        tried.iter().any(|tried| !tried.caught.is_empty()),
                        kind.terms(),
                    ) {
                        (true, _) => "CAUGHT".to_owned(),
                        (false, Some(_)) => format!("{exhausted} exhausted"),
                        (false, None) => format!("- in {runs}"),
                    }
                }));
                cells.extend(has_times.then(String::new));
                table.add_row(cells);
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
        "wrong": row.complaints,
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
        "wrong": row.complaints,
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

/// In which run the law was broken; if another was before it, that one.
fn outcome(tried: &Tried, is_meant: impl Fn(&Catch) -> bool) -> String {
    let mut words: Vec<_> = Vec::new();
    for catch in &tried.caught {
        match is_meant(catch) {
            true => words.push(catch.run.to_string()),
            false => words.push(format!("L{}: {}", catch.law.number(), catch.run)),
        }
    }
    if words.is_empty() {
        return "-".into();
    }
    words.join(", ")
}

fn quickest(home: &Cell) -> Option<Duration> {
    let caught = home.tried.iter().flat_map(|tried| &tried.caught);
    caught.map(|catch| catch.time).min()
}

fn in_words(time: Duration) -> String {
    match time.as_micros() {
        micros @ 0..10_000 => format!("{micros} us"),
        micros => format!("{} ms", micros / 1_000),
    }
}

fn word(fate: Fate) -> &'static str {
    match fate {
        Fate::Breaks { .. } => "breaks",
        Fate::Equivalent(_) => "equivalent",
        Fate::OutOfReach(_) => "out of reach",
    }
}
