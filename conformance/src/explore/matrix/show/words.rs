//! The words of a row, column by column.

use std::time::Duration;

use sigprof_model::known::Known;
use sigprof_model::mutants::Fate;
use sigprof_sim::engine::explore::Kind;

use super::word;
use crate::explore::matrix::{Catch, Cell, MutantRow, RevisionRow, Tried};

impl MutantRow {
    /// Its row of the table of mutants; with times or without.
    pub(in crate::explore::matrix) fn words(&self, kinds: &[Kind], has_times: bool) -> Vec<String> {
        let mutant = &self.mutant;
        let mut words = vec![mutant.name.to_owned(), mutant.base.to_owned()];
        let home = self.home();
        if let Fate::Breaks { law, scenario, .. } = mutant.fate {
            words.extend([format!("L{}", law.number()), scenario.to_owned()]);
            words.extend(kinds.iter().map(|kind| {
                let tried = home.and_then(|home| home.tried.iter().find(|t| t.kind == *kind));
                tried.map_or_else(String::new, |tried| outcome(tried, |c| c.law == law))
            }));
            words.extend(has_times.then(|| home.and_then(quickest).map_or("-".into(), in_time)));
        } else {
            words.extend([word(mutant.fate).to_owned(), "all".to_owned()]);
            let is_caught = |kind| {
                let mut tried = self.cells.iter().flat_map(|cell| &cell.tried);
                tried.any(|tried| tried.kind == kind && !tried.caught.is_empty())
            };
            let caught = kinds
                .iter()
                .map(|&kind| if is_caught(kind) { "CAUGHT" } else { "-" });
            words.extend(caught.map(str::to_owned));
            words.extend(has_times.then(String::new));
        }
        let (found, at_home) = (self.elsewhere().count(), usize::from(home.is_some()));
        words.push(format!("{found} of {}", self.cells.len() - at_home));
        words
    }
}

impl RevisionRow {
    /// The row of one of its defects; with times or without.
    pub(in crate::explore::matrix) fn words(&self, known: &Known, has_times: bool) -> Vec<String> {
        let home = self.home(known);
        let name = home.map_or("not found", |cell| cell.scenario);
        let law = format!("L{}", known.law.number());
        let mut words = [self.name, known.id, &law, name]
            .map(str::to_owned)
            .to_vec();
        let tried = home.map_or(&[][..], |cell| &cell.tried);
        let explains = |catch: &Catch| known.explains(catch.law);
        words.extend(tried.iter().map(|tried| {
            let mut caught = tried.caught.iter();
            let catch = caught.find(|catch| explains(catch));
            catch.map_or("-".to_owned(), |catch| match catch.law == known.law {
                true => catch.run.to_string(),
                false => format!("L{}: {}", catch.law.number(), catch.run),
            })
        }));
        words.extend(has_times.then(|| {
            let caught = tried.iter().flat_map(|tried| &tried.caught);
            let times = caught
                .filter(|catch| explains(catch))
                .map(|catch| catch.time);
            times.min().map_or("-".into(), in_time)
        }));
        words
    }

    /// Its row if it has no defect.
    pub(in crate::explore::matrix) fn words_of_none(
        &self,
        kinds: &[Kind],
        has_times: bool,
    ) -> Vec<String> {
        let what = format!("{} scenarios", self.cells.len());
        let mut words = [self.name, "none", "all", &what]
            .map(str::to_owned)
            .to_vec();
        words.extend(kinds.iter().map(|kind| {
            let mut tried: Vec<_> = self.cells.iter().flat_map(|cell| &cell.tried).collect();
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
        words.extend(has_times.then(String::new));
        words
    }
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

fn in_time(time: Duration) -> String {
    match time.as_micros() {
        micros @ 0..10_000 => format!("{micros} us"),
        micros => format!("{} ms", micros / 1_000),
    }
}
