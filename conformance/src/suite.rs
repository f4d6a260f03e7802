//! The conformance suite: every fixture through every reader and check, against what is
//! expected of it and against real Go; the model's scenarios, drawn programs, kept runs and
//! mutants; and simulated runs.
//!
//! | module | what |
//! |---|---|
//! | [`area`] | what there is to try, by area |
//! | [`outcome`] | what came of it |
//! | [`report`] | the outcome as text, as JSON, as JUnit XML and for GitHub |
//! | `simulated` | a simulated run, held to its truth |
//! | [`shard`] | a part of the cases, so that machines can share them |
//!
//! A list is a function of the fixtures and the options; what comes of it does not depend on
//! how many threads run it, but for the times that it takes.

pub mod area;
pub mod outcome;
mod quiet;
pub mod report;
pub mod shard;
pub(crate) mod simulated;

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use sigprof_sim::Seed;

use crate::again;
use crate::failure::Failure;
use crate::fixtures::Files;
use crate::oracle::{Go, MODE_VARIABLE, Mode};
use crate::parallel;
use crate::select::select;
use area::Area;
use outcome::{CaseOutcome, Head, Judge, Outcome, Status};
use shard::Shard;

/// Cases to run, and how to run them.
#[derive(Clone, Debug)]
pub struct Options {
    /// Only cases whose `area name` contains one of these, or is one of these; all if empty.
    pub filters: Vec<String>,
    /// Of these, only a part.
    pub shard: Option<Shard>,
    /// Whether real Go is asked, and must be.
    pub oracles: Mode,
    /// The folder of its toolchains, if not the one that [`Go::find`] takes.
    pub oracles_dir: Option<PathBuf>,
    /// The first seed of what is drawn from seeds.
    pub seed: Seed,
    /// Whether to go much further.
    pub is_full: bool,
    /// Number of threads.
    pub jobs: usize,
}

/// Everything, as far as it goes without being asked for more; on one thread.
impl Default for Options {
    fn default() -> Self {
        Self {
            filters: Vec::new(),
            shard: None,
            oracles: Mode::default(),
            oracles_dir: None,
            seed: Seed(0),
            is_full: false,
            jobs: 1,
        }
    }
}

impl Options {
    /// So many seeds.
    fn seeds(&self, count: u64) -> impl Iterator<Item = Seed> + use<> {
        let first = self.seed.0;
        (0..count).map(move |number| Seed(first.wrapping_add(number)))
    }

    /// Arguments that a command needs to run a case again.
    fn arguments(&self) -> String {
        let seed = (self.seed != Seed(0)).then(|| format!(" --seed {}", again::seed(self.seed)));
        let full = self.is_full.then_some(" --full");
        seed.unwrap_or_default() + full.unwrap_or_default()
    }
}

/// One thing to try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// The area of the case.
    pub area: Area,
    /// Its name in the area: a fixture's folder, a mutant.
    pub name: String,
}

/// The things that a case may look at.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The fixtures, by path.
    pub files: &'a Files,
    /// How it is run.
    pub options: &'a Options,
}

impl Case {
    /// The title, as `area name`.
    #[must_use]
    pub fn title(&self) -> String {
        format!("{} {}", self.area.name(), self.name)
    }

    /// Tries it. A panic is a failure as any other.
    #[must_use]
    pub fn run(&self, context: &Context<'_>) -> Status {
        let run = || self.area.run(&self.name, context);
        self.tried(context.options.oracles, run)
    }

    fn tried(&self, oracles: Mode, run: impl FnOnce() -> Status) -> Status {
        let failed = |what: &str, expected: String, got: String| {
            let failure = Failure::new(what, expected, got);
            Status::Failed(vec![failure.rule(self.area.rule())])
        };
        match quiet::catch(run) {
            Err(panic) => failed("the case", "an end".into(), format!("a panic: {panic}")),
            Ok(Status::Skipped(why)) if oracles == Mode::Required => failed(
                "toolchain",
                format!("real Go ({MODE_VARIABLE}=required)"),
                why,
            ),
            Ok(other) => other,
        }
    }
}

/// Why there is nothing to run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NothingSelected {
    /// A filter that fits no case.
    #[error("no case has {0:?} in its name (--list shows them)")]
    Filter(String),
    /// A shard without a case.
    #[error("shard {0} of {1} cases has none")]
    Shard(Shard, usize),
}

/// The cases to run.
pub struct CaseList<'a> {
    files: &'a Files,
    options: &'a Options,
    cases: Vec<Case>,
    /// Cases that the filters select, before they are shared out.
    of: usize,
}

impl<'a> CaseList<'a> {
    /// The selected cases.
    ///
    /// # Errors
    /// If a filter, or the shard, selects nothing: what was meant was not tried.
    pub fn new(files: &'a Files, options: &'a Options) -> Result<Self, NothingSelected> {
        let mut cases = all(files);
        cases.retain(|case| options.oracles != Mode::Off || case.area.go().is_none());
        cases = select(cases, Case::title, &options.filters, |title, filter| {
            title.contains(filter)
        })
        .map_err(|filter| NothingSelected::Filter(filter.clone()))?;
        let of = cases.len();
        if let Some(shard) = options.shard {
            cases = shard.of(cases);
            if cases.is_empty() {
                return Err(NothingSelected::Shard(shard, of));
            }
        }
        Ok(Self {
            files,
            options,
            cases,
            of,
        })
    }

    /// The cases, in order.
    #[must_use]
    pub fn cases(&self) -> &[Case] {
        &self.cases
    }

    /// The head of a report: cases to run and seeds.
    #[must_use]
    pub fn head(&self) -> Head {
        Head {
            seed: self.options.seed,
            is_full: self.options.is_full,
            oracles: self.options.oracles,
            shard: self.options.shard,
            cases: self.cases.len(),
            of: self.of,
            judges: self.judges(),
        }
    }

    /// The toolchains that the cases need, as far as they are there.
    fn judges(&self) -> Vec<Judge> {
        let mut areas: Vec<_> = self.cases.iter().map(|case| case.area).collect();
        areas.dedup();
        let versions = areas.into_iter().filter_map(Area::go);
        let folder = self.options.oracles_dir.as_deref();
        let found = versions.filter_map(|version| Go::find_in(folder, version).ok());
        let judge = |go: Go| Judge {
            release: go.release().to_owned(),
            root: go.root().display().to_string(),
        };
        found.map(judge).collect()
    }

    /// Runs the cases, and tells of each as it ends. Once `stop` is set, no other is begun.
    pub fn run(&self, stop: &AtomicBool, tell: impl FnMut(&CaseOutcome)) -> Outcome {
        let start = Instant::now();
        quiet::hush();
        let (count, jobs) = (self.cases.len(), self.options.jobs);
        let work = |(): &mut (), at: usize| self.run_one(&self.cases[at]);
        let done = parallel::in_order(count, jobs, stop, || (), work, tell);
        let cases: Vec<_> = done.into_iter().flatten().collect();
        Outcome {
            head: self.head(),
            is_interrupted: cases.len() < self.cases.len(),
            cases,
            millis: millis(start),
        }
    }

    /// The option that a case of real Go needs to be judged by the same one.
    fn oracles_dir(&self, case: &Case) -> String {
        let folder = self.options.oracles_dir.as_ref();
        let folder = folder.filter(|_| case.area.go().is_some());
        folder.map_or(String::new(), |folder| {
            format!(" --oracles-dir {}", again::path(folder))
        })
    }

    fn run_one(&self, case: &Case) -> CaseOutcome {
        let start = Instant::now();
        let status = case.run(&Context {
            files: self.files,
            options: self.options,
        });
        let title = case.title();
        CaseOutcome {
            area: case.area.name(),
            name: case.name.clone(),
            status,
            millis: millis(start),
            again: again::command(&format!(
                "conformance --filter '{title}'{}{}",
                self.options.arguments(),
                match self.options.oracles {
                    Mode::Required => " --oracles required",
                    Mode::Auto | Mode::Off => "",
                }
            )) + &self.oracles_dir(case),
        }
    }
}

fn millis(start: Instant) -> u64 {
    u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// Every case, by area.
#[must_use]
pub fn all(files: &Files) -> Vec<Case> {
    let of = |area: Area| {
        let names = area.cases(files).into_iter();
        names.map(move |name| Case { area, name })
    };
    Area::all().flat_map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oracle::RELEASES;

    fn tried(oracles: Mode, run: impl FnOnce() -> Status) -> Status {
        let case = Case {
            area: Area::Go(&RELEASES[0]),
            name: "a".into(),
        };
        case.tried(oracles, run)
    }

    fn failure(status: &Status) -> String {
        match status {
            Status::Failed(failures) => format!("{} {}", failures[0].rule, failures[0]),
            other => panic!("want a failure, got {other:?}"),
        }
    }

    /// Guards S9.10.
    #[test]
    fn a_panic_fails_the_case_and_says_where() {
        quiet::hush();
        let why = failure(&tried(Mode::Auto, || panic!("two\nlines")));
        assert!(
            why.starts_with("S22.11 the case: expected an end, got a panic: "),
            "{why}"
        );
        assert!(
            why.contains("suite.rs") && why.contains("two lines"),
            "{why}"
        );
        assert_eq!(tried(Mode::Auto, || Status::Passed), Status::Passed);
    }

    /// Guards S22.11.
    #[test]
    fn a_case_that_is_skipped_fails_where_go_is_required() {
        let skipped = || Status::Skipped("Go 1.19 is not installed".into());
        assert_eq!(tried(Mode::Auto, skipped), skipped());
        let why = failure(&tried(Mode::Required, skipped));
        let expected = "S22.11 toolchain: expected real Go (SIGPROF_ORACLES=required), got Go 1.19 is not installed";
        assert_eq!(why, expected);
    }
}
