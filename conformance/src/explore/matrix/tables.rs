//! The reviewed tables: what the matrix comes to with the seeds from 0 on and without `--full`,
//! one file a part of the catalogue, and one of the revisions.
//!
//! They are part of the program. Whatever makes a row in the suite compares it with the one
//! that was reviewed, so that one run judges the mutants and keeps the tables true. The lines
//! around the rows, and which rows there are, need no run: a test compares them.

use sigprof_model::known::Known;
use sigprof_model::mutants::Mutant;
use sigprof_sim::Seed;

use super::{Matrix, MutantRow, Options, RevisionRow};

/// The part of the tables that is about revisions.
const REVISIONS: &str = "revisions";

macro_rules! tables {
    ($($part:literal)*) => {
        /// The text of each table, by its part.
        const TABLES: &[(&str, &str)] = &[$((
            $part,
            include_str!(concat!("../../../../snapshots/mutants/", $part, ".txt")),
        )),*];
    };
}

tables! { "ring" "logs" "profiler" "orderings" "switches" "revisions" }

/// A row that is not the one that was reviewed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The table, from the root of the repository.
    pub file: String,
    /// The line of the row, from 1, if the table has it.
    pub line: Option<u64>,
    /// The row as it was reviewed, with single spaces.
    pub reviewed: String,
    /// The row as it came.
    pub got: String,
}

/// How a mutant's row differs. Other seeds and further runs have no table.
#[must_use]
pub fn mutant(row: &MutantRow, options: &Options) -> Option<Difference> {
    let words = row.words(options.kinds(), false);
    differs(part_of(row.mutant.name), &words, options)
}

/// How the row of a revision's defect differs.
#[must_use]
pub fn defect(row: &RevisionRow, known: &Known, options: &Options) -> Option<Difference> {
    differs(REVISIONS, &row.words(known, false), options)
}

fn part_of(mutant: &str) -> &'static str {
    let mut parts = Mutant::parts().into_iter();
    let part = parts.find(|(_, mutants)| mutants.iter().any(|of| of.name == mutant));
    part.map_or("", |(part, _)| part)
}

fn differs(part: &str, words: &[String], options: &Options) -> Option<Difference> {
    if options.is_full || options.seed != Seed(0) {
        return None;
    }
    let text = TABLES.iter().find(|(of, _)| *of == part);
    compare(part, text.map_or("", |(_, text)| text), words)
}

/// Looks for the row by its first two words. How wide columns are is not compared.
fn compare(part: &str, text: &str, words: &[String]) -> Option<Difference> {
    let got = one_space(&words.join(" "));
    let key = format!("{} ", words[..2].join(" "));
    let mut lines = (1..).zip(text.lines().map(one_space));
    let (line, reviewed) = match lines.find(|(_, line)| line.starts_with(&key)) {
        Some((_, line)) if line == got => return None,
        Some((number, line)) => (Some(number), line),
        None => (None, "no row".to_owned()),
    };
    Some(Difference {
        file: format!("snapshots/mutants/{part}.txt"),
        line,
        reviewed,
        got,
    })
}

fn one_space(line: &str) -> String {
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl Matrix {
    /// The tables, as they are to be reviewed, by name.
    #[must_use]
    pub fn tables(&self) -> Vec<(String, String)> {
        let of = |part: &str, is_of: &dyn Fn(&MutantRow) -> bool, revisions: &[RevisionRow]| {
            let part_of_it = Self {
                options: self.options.clone(),
                mutants: self
                    .mutants
                    .iter()
                    .filter(|row| is_of(row))
                    .cloned()
                    .collect(),
                revisions: revisions.to_vec(),
                unfinished: self.unfinished,
            };
            let text = part_of_it.text(false, None);
            let head = format!("{part} of the kill matrix (sigprof mutants), without times\n");
            (format!("{part}.txt"), head + &text)
        };
        let parts = Mutant::parts().into_iter();
        let parts = parts.map(|(part, _)| of(part, &|row| part_of(row.mutant.name) == part, &[]));
        let revisions = of(REVISIONS, &|_| false, &self.revisions);
        parts.chain([revisions]).collect()
    }
}

#[cfg(test)]
mod tests {
    use sigprof_model::protocol::Protocol;

    use super::super::{Cell, MatrixJob, Tried};
    use super::*;
    use crate::explore::target::Variant;

    fn words(row: &str) -> Vec<String> {
        row.split_whitespace().map(str::to_owned).collect()
    }

    /// Guards S22.10.
    #[test]
    fn a_row_that_is_not_the_reviewed_one_is_a_difference_with_its_line() {
        let text = "about\n\n lock of fixed\n lock   fixed  L1  3  0 of 2\n";
        assert_eq!(
            compare("logs", text, &words("lock fixed L1 3 0 of 2")),
            None
        );
        let lost = compare("logs", text, &words("lock fixed L1 - 0 of 2"));
        let expected = Difference {
            file: "snapshots/mutants/logs.txt".into(),
            line: Some(4),
            reviewed: "lock fixed L1 3 0 of 2".into(),
            got: "lock fixed L1 - 0 of 2".into(),
        };
        assert_eq!(lost, Some(expected));
        let new = compare("logs", text, &words("unlock fixed L1 3 0 of 2")).unwrap();
        assert_eq!((new.line, &*new.reviewed), (None, "no row"));
    }

    /// Guards S22.10.
    #[test]
    fn every_mutant_and_every_defect_has_a_row_to_differ_from() {
        let options = Options::of_one(Seed(0), false);
        let without_a_run = not_run(&options);
        for row in &without_a_run.mutants {
            let difference = mutant(row, &options).unwrap();
            assert!(difference.line.is_some(), "{difference:?}");
            assert_eq!(mutant(row, &Options::of_one(Seed(1), false)), None);
            assert_eq!(mutant(row, &Options::of_one(Seed(0), true)), None);
        }
        for row in &without_a_run.revisions {
            for known in row.known() {
                let difference = defect(row, known, &options).unwrap();
                assert!(difference.line.is_some(), "{difference:?}");
            }
        }
    }

    /// A matrix in which no mutant was run, and nothing was seen in the revisions.
    fn not_run(options: &Options) -> Matrix {
        let job = MatrixJob::new(options.clone());
        let mut matrix = job.matrix(std::iter::empty());
        for row in &mut matrix.mutants {
            row.complaints.clear();
        }
        for (row, (name, protocol)) in matrix.revisions.iter_mut().zip(Protocol::REVISIONS) {
            let scenarios = Variant::Revision(name, protocol).scenarios();
            row.complaints.clear();
            row.cells.extend(scenarios.iter().map(|scenario| {
                Cell {
                    scenario: scenario.name,
                    tried: options
                        .kinds()
                        .iter()
                        .map(|&kind| Tried {
                            kind,
                            runs: options.limits().seeds,
                            caught: Vec::new(),
                            is_exhausted: true,
                        })
                        .collect(),
                }
            }));
        }
        matrix
    }

    /// The areas of the suite compare the rows that they make. This compares everything else:
    /// which rows there are and their order, why a mutant is excused, the sums, and the row of
    /// the revision without a defect, which says only what the area `model` demands of each of
    /// its scenarios.
    ///
    /// Guards S22.16.
    #[test]
    fn the_tables_have_the_rows_of_the_catalogue_and_no_other_line() {
        let matrix = not_run(&Options::of_one(Seed(0), false));
        let rows = matrix
            .mutants
            .iter()
            .map(|row| [row.mutant.name, row.mutant.base]);
        let defects = matrix.revisions.iter();
        let defects = defects.flat_map(|row| row.known().map(|known| [row.name, known.id]));
        let keys: Vec<_> = rows.chain(defects).map(|key| key.join(" ") + " ").collect();
        let without_results = |text: &str| -> Vec<String> {
            let lines = text.lines().map(one_space);
            let key = |line: &String| keys.iter().find(|key| line.starts_with(*key)).cloned();
            lines.map(|line| key(&line).unwrap_or(line)).collect()
        };
        let tables = matrix.tables();
        assert_eq!(tables.len(), TABLES.len());
        for ((name, text), (part, reviewed)) in tables.iter().zip(TABLES) {
            assert_eq!(*name, format!("{part}.txt"));
            assert_eq!(
                without_results(reviewed),
                without_results(text),
                "{name}: just bless"
            );
        }
    }
}
