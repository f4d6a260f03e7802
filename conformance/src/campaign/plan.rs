//! Plans: what is to be run, cut into pieces.

use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};
use sigprof_model::scenario::Scenario;
use sigprof_sim::engine::explore::Kind;
use sigprof_sim::machine::Revision;

use super::SCHEMA_VERSION;
use crate::explore::target::Variant;
use crate::go_text::refine;
use crate::oracle::{RELEASES, Release};

/// The revision of the simulator whose runs may crash (B1): there is nothing to read then.
const CRASHES: &str = "seed";

/// A plan, as its file has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// The version of the format.
    pub schema_version: u32,
    /// The version of the program that made it.
    pub sigprof_version: String,
    /// The digest of that program, which alone may run it.
    pub program: String,
    /// The tasks, in order.
    pub tasks: Vec<Task>,
}

/// A question that is asked many times.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Task {
    /// Does a run of a scenario break a law?
    Explore {
        /// A revision, or a mutant.
        under: String,
        /// The name of the scenario.
        scenario: String,
        /// The strategy, as `explore` names it.
        strategy: String,
        /// The runs of the task.
        extent: Extent,
    },
    /// Does Go's own text do what the model does?
    GoText {
        /// The release, as in `1.27`.
        go: String,
        /// The name of the scenario.
        scenario: String,
        /// All runs that the search keeps, up to so many; or seeds of random ones.
        extent: Extent,
    },
    /// Does a simulated run keep the rules of the truth, and does Go read it?
    Sim {
        /// The release that is simulated.
        revision: String,
        /// The releases of Go that read what it writes, as in `1.27`.
        go: Vec<String>,
        /// The seeds of the task.
        extent: Extent,
    },
}

/// The runs of a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Extent {
    /// A run for each of these seeds.
    Seeds {
        /// The first seed.
        start: u64,
        /// The first that is not run any more.
        end: u64,
        /// Seeds of a piece; the last may have fewer.
        piece: u64,
    },
    /// All runs that there are, up to so many: one piece.
    Runs(u64),
}

impl Extent {
    /// Some seeds, in pieces of so many.
    #[must_use]
    pub fn seeds(seeds: Range<u64>, piece: u64) -> Self {
        let Range { start, end } = seeds;
        Self::Seeds { start, end, piece }
    }

    /// Number of pieces.
    #[must_use]
    pub fn pieces(&self) -> u64 {
        match *self {
            Self::Seeds { start, end, piece } => end.saturating_sub(start).div_ceil(piece.max(1)),
            Self::Runs(_) => 1,
        }
    }

    /// Number of runs, at the most.
    #[must_use]
    pub fn runs(&self) -> u64 {
        match *self {
            Self::Seeds { start, end, .. } => end.saturating_sub(start),
            Self::Runs(runs) => runs,
        }
    }

    /// The runs of the piece of that number, as if there were no others.
    #[must_use]
    pub fn piece(&self, number: u64) -> Self {
        match *self {
            Self::Seeds { start, end, piece } => {
                let start = start + number * piece;
                let end = end.min(start.saturating_add(piece));
                Self::Seeds { start, end, piece }
            }
            Self::Runs(runs) => Self::Runs(runs),
        }
    }

    /// The seeds, if there is a run for each.
    #[must_use]
    pub fn of_seeds(&self) -> Option<Range<u64>> {
        match *self {
            Self::Seeds { start, end, .. } => Some(start..end),
            Self::Runs(_) => None,
        }
    }
}

/// A plan that is not usable.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct PlanError(String);

impl PlanError {
    pub(super) fn new(why: impl Into<String>) -> Self {
        Self(why.into())
    }
}

/// A task whose names are known.
pub enum Known {
    /// A scenario of the model.
    Explore(Variant, Scenario, Kind),
    /// A scenario, of the model and of Go's text.
    GoText(Variant, Box<(Scenario, Scenario)>),
    /// A release of the simulator's.
    Sim(Revision),
}

impl Task {
    /// The runs of the task.
    #[must_use]
    pub fn extent(&self) -> &Extent {
        match self {
            Self::Explore { extent, .. }
            | Self::GoText { extent, .. }
            | Self::Sim { extent, .. } => extent,
        }
    }

    /// The releases of Go that it needs.
    pub fn go(&self) -> impl Iterator<Item = &str> {
        let (one, many): (Option<&String>, &[String]) = match self {
            Self::Explore { .. } => (None, &[]),
            Self::GoText { go, .. } => (Some(go), &[]),
            Self::Sim { go, .. } => (None, go),
        };
        one.into_iter().chain(many).map(String::as_str)
    }

    /// The question without its scenario: what a table has a line for.
    #[must_use]
    pub fn question(&self) -> String {
        match self {
            Self::Explore {
                under, strategy, ..
            } => format!("explore {under} {strategy}"),
            Self::GoText { go, extent, .. } => {
                let how = if extent.of_seeds().is_some() {
                    "random"
                } else {
                    "dpor"
                };
                format!("go-text {go} {how}")
            }
            Self::Sim { revision, go, .. } if go.is_empty() => format!("sim {revision}"),
            Self::Sim { revision, go, .. } => {
                format!("sim {revision}, read by {}", go.join(", "))
            }
        }
    }

    /// The scenario, if it is of one.
    #[must_use]
    pub fn scenario(&self) -> Option<&str> {
        match self {
            Self::Explore { scenario, .. } | Self::GoText { scenario, .. } => Some(scenario),
            Self::Sim { .. } => None,
        }
    }

    /// Looks its names up.
    ///
    /// # Errors
    /// One is not known, or does not go with another.
    pub fn known(&self) -> Result<Known, PlanError> {
        let unknown =
            |what: &str, name: &str| PlanError::new(format!("no {what} is named {name:?}"));
        match self {
            Self::Explore {
                under,
                scenario,
                strategy,
                extent,
            } => {
                let variant = Variant::revision(under).or_else(|| Variant::mutant(under));
                let variant = variant.ok_or_else(|| unknown("revision or mutant", under))?;
                let mut scenarios = variant.scenarios().into_iter();
                let scenario = scenarios.find(|of| of.name == scenario).ok_or_else(|| {
                    PlanError::new(format!("no scenario of {variant} is named {scenario:?}"))
                })?;
                let kind: Kind = strategy
                    .parse()
                    .map_err(|error| PlanError::new(format!("{error}")))?;
                if kind.is_seeded() != extent.of_seeds().is_some() {
                    let want = if kind.is_seeded() { "seeds" } else { "runs" };
                    return Err(PlanError::new(format!("{kind} has {want}")));
                }
                Ok(Known::Explore(variant, scenario, kind))
            }
            Self::GoText { go, scenario, .. } => {
                let is_known = Release::of(go).is_some();
                let variant = Variant::release(&format!("go{go}")).filter(|_| is_known);
                let variant = variant.ok_or_else(|| unknown("release of Go", go))?;
                let mut pairs = refine::scenarios(&variant.protocol()).into_iter();
                let pair = pairs
                    .find(|(ours, _)| ours.name == scenario)
                    .ok_or_else(|| {
                        PlanError::new(format!("no scenario of {variant} is named {scenario:?}"))
                    })?;
                Ok(Known::GoText(variant, Box::new(pair)))
            }
            Self::Sim {
                revision,
                go,
                extent,
            } => {
                if extent.of_seeds().is_none() {
                    return Err(PlanError::new("sim has seeds"));
                }
                let known = Revision::named(revision).filter(|known| known.name != CRASHES);
                let known = known.ok_or_else(|| unknown("revision of the simulator", revision))?;
                for version in go {
                    let release = Release::of(version);
                    let release = release.ok_or_else(|| unknown("release of Go", version))?;
                    if !release.reads_runs_of(known.format()) {
                        let why = format!("Go {version} does not read traces of {revision}");
                        return Err(PlanError::new(why));
                    }
                }
                Ok(Known::Sim(known))
            }
        }
    }
}

/// `explore go1.26 pct3 overflow`.
impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scenario = self.scenario().map(|name| format!(" {name}"));
        write!(f, "{}{}", self.question(), scenario.unwrap_or_default())
    }
}

impl Plan {
    /// A plan of these tasks for the program of that digest.
    #[must_use]
    pub fn new(program: String, tasks: Vec<Task>) -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            sigprof_version: crate::VERSION.to_owned(),
            program,
            tasks,
        }
    }

    /// Reads a plan.
    ///
    /// # Errors
    /// It is no plan, or of a version that is not known, or has nothing to run, or a task whose
    /// names are not known; with the task.
    pub fn read(json: &[u8]) -> Result<Self, PlanError> {
        let plan: Self = serde_json::from_slice(json)
            .map_err(|error| PlanError::new(format!("want a plan: {error}")))?;
        if plan.schema_version != SCHEMA_VERSION {
            return Err(PlanError::new(format!(
                "want schema_version {SCHEMA_VERSION}, got {}",
                plan.schema_version
            )));
        }
        if plan.pieces() == 0 {
            return Err(PlanError::new("want something to run, got no piece"));
        }
        for (number, task) in plan.tasks.iter().enumerate() {
            if matches!(task.extent(), Extent::Seeds { piece: 0, .. }) || task.extent().runs() == 0
            {
                let why =
                    format!("tasks[{number}]: want something to run, got none, or pieces of none");
                return Err(PlanError::new(why));
            }
            task.known()
                .map_err(|error| PlanError::new(format!("tasks[{number}]: {error}")))?;
        }
        Ok(plan)
    }

    /// The plan as its file has it.
    #[must_use]
    pub fn text(&self) -> String {
        let json = serde_json::to_string_pretty(self).expect("a plan is JSON");
        json + "\n"
    }

    /// The digest of the plan: what is to be run, and by which program.
    #[must_use]
    pub fn digest(&self) -> String {
        crate::fixtures::sha256(self.text().as_bytes())
    }

    /// Number of pieces.
    #[must_use]
    pub fn pieces(&self) -> u64 {
        let pieces = self.tasks.iter().map(|task| task.extent().pieces());
        pieces.fold(0, u64::saturating_add)
    }

    /// Number of runs, at the most.
    #[must_use]
    pub fn runs(&self) -> u64 {
        let runs = self.tasks.iter().map(|task| task.extent().runs());
        runs.fold(0, u64::saturating_add)
    }

    /// The plan, cut into its pieces.
    #[must_use]
    pub fn cut(&self) -> Cut<'_> {
        let ends = self.tasks.iter().scan(0_u64, |end, task| {
            *end = end.saturating_add(task.extent().pieces());
            Some(*end)
        });
        Cut {
            plan: self,
            ends: ends.collect(),
        }
    }

    /// The releases of Go that it needs, each once, in order.
    #[must_use]
    pub fn go(&self) -> Vec<&str> {
        let all = RELEASES.iter().map(|release| release.version);
        all.filter(|version| {
            self.tasks
                .iter()
                .any(|task| task.go().any(|of| of == *version))
        })
        .collect()
    }
}

/// A plan, cut into its pieces.
pub struct Cut<'a> {
    plan: &'a Plan,
    /// The number behind the last piece of each task.
    ends: Vec<u64>,
}

impl Cut<'_> {
    /// The number of the task that a piece is of, and its runs.
    #[must_use]
    pub fn piece(&self, number: u64) -> Option<(usize, Extent)> {
        let at = self.ends.partition_point(|&end| end <= number);
        let extent = self.plan.tasks.get(at)?.extent();
        let start = self.ends[at] - extent.pieces();
        Some((at, extent.piece(number - start)))
    }
}
