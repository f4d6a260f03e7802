//! Outcomes of cases, as a report shows them.

use serde::Serialize;
use sigprof_sim::Seed;

use super::shard::Shard;
use crate::failure::Failure;
use crate::oracle::Mode;

/// The outcome of one case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// As it should be.
    Passed,
    /// Not tried, and why.
    Skipped(String),
    /// Not as it should be; at least one failure.
    Failed(Vec<Failure>),
}

impl Status {
    /// In a word.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Skipped(_) => "skipped",
            Self::Failed(_) => "failed",
        }
    }
}

/// The outcome of one case.
#[derive(Clone, Debug)]
pub struct CaseOutcome {
    /// The area of the case.
    pub area: &'static str,
    /// Its name in the area.
    pub name: String,
    /// The status of the case.
    pub status: Status,
    /// Milliseconds that it took.
    pub millis: u64,
    /// The command that runs it again.
    pub again: String,
}

impl CaseOutcome {
    /// The title, as `area name`.
    #[must_use]
    pub fn title(&self) -> String {
        format!("{} {}", self.area, self.name)
    }
}

/// A real Go that judges.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Judge {
    /// The release, such as `go1.19.8`.
    pub release: String,
    /// The folder of the toolchain.
    pub root: String,
}

/// The cases that were to be run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The first seed of what is drawn from seeds.
    pub seed: Seed,
    /// Whether to go much further.
    pub is_full: bool,
    /// Whether real Go was asked, and had to be.
    pub oracles: Mode,
    /// The shard, if only a part was run.
    pub shard: Option<Shard>,
    /// How many cases.
    pub cases: usize,
    /// How many of all parts together.
    pub of: usize,
    /// The toolchains of real Go that the cases need and that are there.
    pub judges: Vec<Judge>,
}

/// The outcome of all cases.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The cases that were to be run.
    pub head: Head,
    /// Cases that were run, in the order of the list.
    pub cases: Vec<CaseOutcome>,
    /// Whether some were not run, because somebody said stop.
    pub is_interrupted: bool,
    /// Milliseconds that it took.
    pub millis: u64,
}

/// How many cases came out how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// As they should be.
    pub passed: u64,
    /// Not as they should be.
    pub failed: u64,
    /// Cases that were not tried.
    pub skipped: u64,
}

impl Counts {
    /// How many there are.
    #[must_use]
    pub const fn all(&self) -> u64 {
        self.passed + self.failed + self.skipped
    }

    fn add(&mut self, status: &Status) {
        match status {
            Status::Passed => self.passed += 1,
            Status::Failed(_) => self.failed += 1,
            Status::Skipped(_) => self.skipped += 1,
        }
    }
}

/// The outcome of one area.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct AreaOutcome {
    /// The name of the area.
    pub area: &'static str,
    /// How many cases came out how.
    #[serde(flatten)]
    pub counts: Counts,
    /// Milliseconds of all of them together, on however many threads.
    pub millis: u64,
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

    /// How many were not run.
    #[must_use]
    pub fn left(&self) -> u64 {
        (self.head.cases - self.cases.len()) as u64
    }

    /// By area, in order.
    #[must_use]
    pub fn areas(&self) -> Vec<AreaOutcome> {
        let mut areas: Vec<AreaOutcome> = Vec::new();
        for case in &self.cases {
            if areas.last().is_none_or(|last| last.area != case.area) {
                areas.push(AreaOutcome {
                    area: case.area,
                    counts: Counts::default(),
                    millis: 0,
                });
            }
            if let Some(last) = areas.last_mut() {
                last.counts.add(&case.status);
                last.millis += case.millis;
            }
        }
        areas
    }

    /// The exit code (S9.10): 1 if a case failed; else 5 if some were not run, 4 if all were
    /// skipped, 0 if the others passed.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self.counts() {
            Counts { failed: 1.., .. } => 1,
            _ if self.is_interrupted => 5,
            Counts { passed: 0, .. } => 4,
            _ => 0,
        }
    }

    /// The failures of each case that failed.
    pub fn failures(&self) -> impl Iterator<Item = (&CaseOutcome, &Failure)> {
        self.cases.iter().flat_map(|case| {
            let failures = match &case.status {
                Status::Failed(failures) => failures.as_slice(),
                Status::Passed | Status::Skipped(_) => &[],
            };
            failures.iter().map(move |failure| (case, failure))
        })
    }
}
