//! The outcome of each mutant and each revision.

use sigprof_model::known::{self, Known};
use sigprof_model::law::Law;
use sigprof_model::mutants::{Fate, Mutant};
use sigprof_sim::engine::explore::Kind;

use super::judge::Complaint;
use super::{Catch, Options};

/// The outcome of a strategy in a scenario.
#[derive(Clone, Debug)]
pub struct Tried {
    /// The mutant of the row.
    pub kind: Kind,
    /// Number of runs.
    pub runs: u64,
    /// The laws that were broken, each where it was first, in order.
    pub caught: Vec<Catch>,
    /// Whether there are no more runs, under the strategy's terms.
    pub is_exhausted: bool,
}

impl Tried {
    /// Where this law was broken first.
    #[must_use]
    pub fn catch(&self, law: Law) -> Option<&Catch> {
        self.caught.iter().find(|catch| catch.law == law)
    }
}

/// A scenario through the strategies.
#[derive(Clone, Debug)]
pub struct Cell {
    /// The name of the revision.
    pub scenario: &'static str,
    /// The outcome of each strategy, as far as it was tried.
    pub tried: Vec<Tried>,
}

/// The row of a mutant.
#[derive(Clone, Debug)]
pub struct MutantRow {
    /// The mutant of the row.
    pub mutant: Mutant,
    /// Findings, in the order of scenarios.
    pub cells: Vec<Cell>,
    /// Complaints about these findings.
    pub complaints: Vec<Complaint>,
}

/// The row of a revision.
#[derive(Clone, Debug)]
pub struct RevisionRow {
    /// The name of the revision.
    pub name: &'static str,
    /// Findings, in the order of scenarios.
    pub cells: Vec<Cell>,
    /// Complaints about these findings.
    pub complaints: Vec<Complaint>,
}

/// All of it.
#[derive(Clone, Debug)]
pub struct Matrix {
    /// The options of the run.
    pub options: Options,
    /// Mutants, as in the catalogue.
    pub mutants: Vec<MutantRow>,
    /// Revisions, oldest first.
    pub revisions: Vec<RevisionRow>,
    /// How many rows are not here, because there was no time to run them to their end.
    pub unfinished: usize,
}

impl MutantRow {
    /// The scenario that the catalogue names.
    #[must_use]
    pub fn home(&self) -> Option<&Cell> {
        let Fate::Breaks { scenario, .. } = self.mutant.fate else {
            return None;
        };
        self.cells.iter().find(|cell| cell.scenario == scenario)
    }

    /// The others, in which something was found, and what was first.
    pub fn elsewhere(&self) -> impl Iterator<Item = (&'static str, &Catch)> {
        let home = self.home().map(|cell| cell.scenario);
        let others = self
            .cells
            .iter()
            .filter(move |cell| Some(cell.scenario) != home);
        others.filter_map(|cell| {
            let first = cell.tried.iter().find_map(|tried| tried.caught.first())?;
            Some((cell.scenario, first))
        })
    }
}

impl RevisionRow {
    /// Where a defect was found first, in the order of scenarios.
    #[must_use]
    pub fn home(&self, known: &Known) -> Option<&Cell> {
        self.cells.iter().find(|cell| {
            let caught = cell.tried.iter().flat_map(|tried| &tried.caught);
            let mut caught = caught.filter(|catch| known.explains(catch.law));
            known.scenarios.contains(&cell.scenario) && caught.next().is_some()
        })
    }

    /// The defects that it has.
    pub fn known(&self) -> impl Iterator<Item = &'static Known> {
        known::ALL
            .iter()
            .filter(|known| known.revisions.contains(&self.name))
    }
}

impl Matrix {
    /// 1 if there is anything to complain of, else 5 if a row is not here, else 0.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self.complaints().next() {
            Some(_) => 1,
            None if self.unfinished > 0 => 5,
            None => 0,
        }
    }

    /// Complaints, with the row's name.
    pub fn complaints(&self) -> impl Iterator<Item = (&'static str, &Complaint)> {
        let mutants = self.mutants.iter();
        let mutants = mutants.flat_map(|row| row.complaints.iter().map(|c| (row.mutant.name, c)));
        let revisions = self.revisions.iter();
        mutants.chain(revisions.flat_map(|row| row.complaints.iter().map(|c| (row.name, c))))
    }
}

#[cfg(test)]
mod tests {
    use sigprof_sim::Seed;

    use super::*;

    fn matrix(of_mutant: &[Complaint], of_revision: &[Complaint], unfinished: usize) -> Matrix {
        let row = |complaints| MutantRow {
            mutant: Mutant::all().into_iter().next().unwrap(),
            cells: Vec::new(),
            complaints,
        };
        Matrix {
            options: Options {
                filters: Vec::new(),
                jobs: 1,
                is_full: false,
                seed: Seed(0),
            },
            mutants: vec![row(Vec::new()), row(of_mutant.to_vec())],
            revisions: vec![RevisionRow {
                name: "fixed",
                cells: Vec::new(),
                complaints: of_revision.to_vec(),
            }],
            unfinished,
        }
    }

    /// Guards S9.8.
    #[test]
    fn a_complaint_about_any_row_is_exit_1_and_a_row_that_is_not_here_5() {
        assert_eq!(matrix(&[], &[], 0).exit_code(), 0);
        let complaint = [Complaint::NotFound(&known::ALL[0])];
        assert_eq!(matrix(&complaint, &[], 0).exit_code(), 1);
        assert_eq!(matrix(&[], &complaint, 1).exit_code(), 1);
        assert_eq!(matrix(&[], &[], 1).exit_code(), 5);
    }

    /// Guards S24.6.
    #[test]
    fn json_says_how_many_rows_are_not_here() {
        assert_eq!(matrix(&[], &[], 3).json(false)["unfinished"], 3);
        assert!(matrix(&[], &[], 0).json(false).get("unfinished").is_none());
    }
}
