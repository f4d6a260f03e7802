//! The suite tests itself: every mutant, and every revision, through the strategies.
//!
//! A mutant is run in its *home*, the scenario that the catalogue names (and in which loom has
//! to catch it, in the model's tests), through each strategy, until the law that it names is
//! broken; and elsewhere, in all scenarios that its base passes, until anything is. One that
//! is said to break nothing is run everywhere through everything. A revision is run in all
//! scenarios through all strategies, by the ordinary laws, and nobody is told where to look.
//!
//! The judgement of what was seen is [`judge`]'s alone. Tables of it are reviewed, and
//! [`tables`] compares with those.
//!
//! What is found is a function of the catalogue and the limits: times are measured, but
//! nothing depends on them.

pub mod judge;
mod rows;
mod run;
mod show;
pub mod tables;

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use sigprof_model::known;
use sigprof_model::law::Law;
use sigprof_model::mutants::{Fate, Mutant};
use sigprof_model::protocol::Protocol;
use sigprof_model::scenario::Scenario;
use sigprof_sim::Seed;
use sigprof_sim::engine::Engine;
use sigprof_sim::engine::explore::Kind;

use super::finding::Finding;
use super::target::{self, Variant};
use crate::again;
use crate::parallel;
use judge::Sighting;
pub use rows::{Cell, Matrix, MutantRow, RevisionRow, Tried};
use run::Until;
pub use show::LEGEND;

/// Rows to try, and how far.
#[derive(Clone, Debug)]
pub struct Options {
    /// Only mutants and revisions whose name contains one of these; all if empty.
    pub filters: Vec<String>,
    /// Number of threads.
    pub jobs: usize,
    /// Whether to go much further.
    pub is_full: bool,
    /// The first seed of strategies that have seeds.
    pub seed: Seed,
}

/// How far a strategy goes in one scenario.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Seeds, from [`Options::seed`] on.
    pub seeds: u64,
    /// Runs of a strategy that goes through all there are.
    pub runs: u64,
}

impl Options {
    /// Options for one row, on one thread.
    #[must_use]
    pub const fn of_one(seed: Seed, is_full: bool) -> Self {
        Self {
            filters: Vec::new(),
            jobs: 1,
            is_full,
            seed,
        }
    }

    /// The strategies, in the order of the columns.
    #[must_use]
    pub fn kinds(&self) -> &'static [Kind] {
        const ALL: [Kind; 5] = [
            Kind::Bounded(2),
            Kind::Random,
            Kind::Pct(3),
            Kind::WeakDpor,
            Kind::Dpor,
        ];
        if self.is_full { &ALL } else { &ALL[1..] }
    }

    /// How far in a mutant's home, with what is said to break nothing, and with revisions.
    #[must_use]
    pub fn limits(&self) -> Limits {
        match self.is_full {
            false => Limits {
                seeds: 1_000,
                runs: 60_000,
            },
            true => Limits {
                seeds: 20_000,
                runs: 500_000,
            },
        }
    }

    /// How far elsewhere.
    #[must_use]
    pub fn limits_elsewhere(&self) -> Limits {
        match self.is_full {
            false => Limits {
                seeds: 200,
                runs: 2_000,
            },
            true => Limits {
                seeds: 1_000,
                runs: 10_000,
            },
        }
    }

    fn selects(&self, name: &str, bugs: &[&str]) -> bool {
        let is_meant = |filter: &String| name.contains(filter) || bugs.contains(&filter.as_str());
        self.filters.is_empty() || self.filters.iter().any(is_meant)
    }
}

/// A law that was broken.
#[derive(Clone, Copy, Debug)]
pub struct Catch {
    /// The law that is broken.
    pub law: Law,
    /// In which run, counted from 1.
    pub run: u64,
    /// How long it took.
    pub time: Duration,
}

/// Runs a scenario of a revision through the strategies, as its row has it.
#[must_use]
pub fn explore(under: Variant, scenario: Scenario, options: &Options) -> Cell {
    let task = Task {
        row: 0,
        under,
        scenario,
        until: Until::End,
        limits: options.limits(),
        seed: options.seed,
    };
    let stop = AtomicBool::new(false);
    let cell = run::run(&mut Engine::new(), &task, options.kinds(), &stop);
    cell.expect("it was not stopped")
}

/// The shrunk run in which a law was seen broken. A cell does not keep it: the same seed, or the
/// same search, comes to it again.
#[must_use]
pub fn finding(under: Variant, seen: &Sighting, options: &Options) -> Option<Finding> {
    let scenario = target::scenario(seen.scenario)?;
    let Sighting { kind, catch, .. } = *seen;
    let found = run::again(under, &scenario, kind, options.seed, catch.run)?;
    Some(Finding::shrink(under, &scenario, kind, found))
}

/// The rows to run and their tasks.
pub struct MatrixJob {
    options: Options,
    mutants: Vec<Mutant>,
    revisions: Vec<(&'static str, Protocol)>,
}

/// A row and a scenario.
struct Task {
    row: usize,
    under: Variant,
    scenario: Scenario,
    until: Until,
    limits: Limits,
    seed: Seed,
}

impl MatrixJob {
    /// The rows that are selected.
    #[must_use]
    pub fn new(options: Options) -> Self {
        let bugs = |revision: &str| -> Vec<&str> {
            let of = known::ALL
                .iter()
                .filter(|known| known.revisions.contains(&revision));
            of.map(|known| known.id).collect()
        };
        let mut mutants = Mutant::all();
        mutants.retain(|mutant| options.selects(mutant.name, mutant.bug.as_slice()));
        let mut revisions = Protocol::REVISIONS.to_vec();
        revisions.retain(|(name, _)| options.selects(name, &bugs(name)));
        Self {
            options,
            mutants,
            revisions,
        }
    }

    /// The row of one mutant.
    #[must_use]
    pub fn of(mutant: Mutant, options: Options) -> Self {
        Self {
            options,
            mutants: vec![mutant],
            revisions: Vec::new(),
        }
    }

    /// Whether there is nothing to run.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.mutants.is_empty() && self.revisions.is_empty()
    }

    /// The first line: what is run, and which seeds.
    #[must_use]
    pub fn head(&self) -> String {
        let kinds: Vec<_> = self
            .options
            .kinds()
            .iter()
            .map(ToString::to_string)
            .collect();
        let first = self.options.seed;
        let last = Seed(first.0.wrapping_add(self.options.limits().seeds - 1));
        format!(
            "mutants: {} mutants and {} revisions, {}, seeds {} to {}",
            self.mutants.len(),
            self.revisions.len(),
            kinds.join(", "),
            again::seed(first),
            again::seed(last),
        )
    }

    /// The longest first, so that none is left for the end.
    fn tasks(&self) -> Vec<Task> {
        let (limits, elsewhere) = (self.options.limits(), self.options.limits_elsewhere());
        let mut tasks = Vec::new();
        for (row, &(name, protocol)) in self.revisions.iter().enumerate() {
            let under = Variant::Revision(name, protocol);
            let row = self.mutants.len() + row;
            tasks.extend(under.scenarios().into_iter().map(|scenario| Task {
                row,
                under,
                scenario,
                until: Until::End,
                limits,
                seed: self.options.seed,
            }));
        }
        for (row, mutant) in self.mutants.iter().enumerate() {
            let under = Variant::Mutant(*mutant);
            for scenario in under.scenarios() {
                if known::of(mutant.base, scenario.name).next().is_some() {
                    continue;
                }
                let (until, limits) = match mutant.fate {
                    Fate::Breaks {
                        law,
                        scenario: home,
                        ..
                    } if home == scenario.name => (Until::Law(law), limits),
                    Fate::Breaks { .. } => (Until::Anything, elsewhere),
                    Fate::Equivalent(_) | Fate::OutOfReach(_) => (Until::End, limits),
                };
                tasks.push(Task {
                    row,
                    under,
                    scenario,
                    until,
                    limits,
                    seed: self.options.seed,
                });
            }
        }
        tasks
    }

    /// Runs all of it, or what there is time for until `stop` is set, and tells how many tasks
    /// are done, of how many.
    #[must_use]
    pub fn run(&self, stop: &AtomicBool, tell: impl Fn(usize, usize)) -> Matrix {
        let tasks = self.tasks();
        let kinds = self.options.kinds();
        let mut done = 0;
        let cells = parallel::in_order(
            tasks.len(),
            self.options.jobs,
            stop,
            Engine::new,
            |engine, at| run::run(engine, &tasks[at], kinds, stop),
            |_| {
                done += 1;
                tell(done, tasks.len());
            },
        );
        self.matrix(tasks.iter().zip(cells.into_iter().map(Option::flatten)))
    }

    /// The matrix of what came of the tasks: each a cell, or nothing if not run to its end. A row
    /// that lacks one cannot be judged, and is left out.
    fn matrix<'a>(&self, cells: impl Iterator<Item = (&'a Task, Option<Cell>)>) -> Matrix {
        let count = self.mutants.len() + self.revisions.len();
        let mut rows: Vec<Option<Vec<Cell>>> = vec![Some(Vec::new()); count];
        for (task, cell) in cells {
            let row = &mut rows[task.row];
            match (row.as_mut(), cell) {
                (Some(cells), Some(cell)) => cells.push(cell),
                _ => *row = None,
            }
        }
        let unfinished = rows.iter().filter(|row| row.is_none()).count();
        let of_revisions = rows.split_off(self.mutants.len());
        let mutants = self.mutants.iter().zip(rows);
        let mutants = mutants.filter_map(|(&mutant, cells)| {
            let cells = cells?;
            Some(MutantRow {
                complaints: judge::mutant(&mutant, self.options.seed, &cells),
                mutant,
                cells,
            })
        });
        let revisions = self.revisions.iter().zip(of_revisions);
        let revisions = revisions.filter_map(|(&(name, _), cells)| {
            let cells = cells?;
            Some(RevisionRow {
                complaints: judge::revision(name, &cells),
                name,
                cells,
            })
        });
        Matrix {
            options: self.options.clone(),
            mutants: mutants.collect(),
            revisions: revisions.collect(),
            unfinished,
        }
    }
}
