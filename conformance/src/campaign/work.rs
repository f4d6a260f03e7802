//! A piece of a campaign, done.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use sigprof_model::scenario::Scenario;
use sigprof_sim::Seed;
use sigprof_sim::engine::explore::{Kind, Subject, program};
use sigprof_sim::engine::sketch::Sketch;
use sigprof_sim::engine::{Engine, Run};
use sigprof_sim::machine::Revision;
use tempfile::TempDir;

use super::plan::{Extent, Known, Plan, Task};
use crate::explore::exploration::Seen;
use crate::explore::target::Variant;
use crate::go_text::{Text, refine};
use crate::oracle::Go;
use crate::shown::counted;
use crate::suite::simulated;

/// Runs between two looks at whether to stop.
const LOOK: u64 = 64;

/// The code of a run in which Go's text does not do what the model does.
pub const DIFFERENCE: &str = "difference";

/// The code of a simulated run whose files or truth do not read.
pub const UNREAD: &str = "unread";

/// The outcome of a piece, as its line has it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Came {
    /// Number of runs.
    pub runs: u64,
    /// Whether there are no more, under the terms of a strategy that goes through all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exhausted: Option<bool>,
    /// The sketch of the schedules, in Base64; empty if schedules are not counted.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    schedules: String,
    /// Points by word and use, and whether another M went on there (1) and a signal came (2).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    points: Vec<(String, String, u8)>,
    /// Failures by their code: a law, a rule, or [`DIFFERENCE`].
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub failures: BTreeMap<String, Failing>,
}

/// Runs that fail by one code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Failing {
    /// How many there were.
    pub count: u64,
    /// The seed of the first, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// The strategy as whose the choices are counted, and these; of a run of the model's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<(String, String)>,
    /// How it failed.
    pub how: String,
}

impl Came {
    /// Whether it has all runs of its piece, or a reason why not.
    ///
    /// # Errors
    /// It has others; in words.
    pub fn is_of(&self, task: &Task, extent: &Extent) -> Result<(), String> {
        let (want, got) = (extent.runs(), self.runs);
        let is_search = extent.of_seeds().is_none();
        // Go's text is compared up to the first difference.
        let is_cut = matches!(task, Task::GoText { .. }) && !self.failures.is_empty();
        match is_search || is_cut {
            false if want != got => Err(format!("want {}, got {got}", counted(want, "run"))),
            true if got > want => Err(format!("want {want} runs at the most, got {got}")),
            _ if is_search != self.exhausted.is_some() => {
                Err("want a search that says whether it is exhausted, and no other".to_owned())
            }
            _ => Ok(()),
        }
    }

    /// The schedules and points that were seen.
    ///
    /// # Errors
    /// The sketch is none; in words.
    pub fn seen(&self) -> Result<Seen, String> {
        let mut seen = Seen {
            runs: self.runs,
            ..Seen::default()
        };
        if !self.schedules.is_empty() {
            let bytes = STANDARD.decode(&self.schedules);
            let bytes = bytes.map_err(|error| error.to_string())?;
            seen.schedules = Sketch::from_bytes(&bytes)?;
        }
        for (word, used, was) in &self.points {
            let was = (was & 1 != 0, was & 2 != 0);
            seen.points.insert((word.clone(), used.clone().into()), was);
        }
        Ok(seen)
    }

    fn of(seen: &Seen) -> Self {
        let points = seen.points.iter().map(|((word, used), (left, signalled))| {
            let was = u8::from(*left) | u8::from(*signalled) << 1;
            (word.clone(), used.clone().into_owned(), was)
        });
        Self {
            runs: seen.runs,
            schedules: STANDARD.encode(seen.schedules.to_bytes()),
            points: points.collect(),
            ..Self::default()
        }
    }

    fn fail(&mut self, code: &str, failing: impl FnOnce() -> Failing) {
        match self.failures.get_mut(code) {
            Some(known) => known.count += 1,
            None => {
                self.failures.insert(code.to_owned(), failing());
            }
        }
    }
}

/// The Go that the pieces of a plan need.
#[derive(Debug, Default)]
pub struct Tools {
    go: BTreeMap<String, Go>,
    texts: BTreeMap<String, Text>,
}

impl Tools {
    /// Finds it, and makes programs of Go's text.
    ///
    /// # Errors
    /// A release is not installed, or its text cannot be taken; in words.
    pub fn find(plan: &Plan, folder: Option<&Path>) -> Result<Self, String> {
        let mut tools = Self::default();
        for version in plan.go() {
            let go = Go::find_in(folder, version).map_err(|error| error.to_string())?;
            let is_text = |task: &Task| matches!(task, Task::GoText { go, .. } if go == version);
            if plan.tasks.iter().any(is_text) {
                let text = Text::build(&go, None, &[]).map_err(|error| error.to_string())?;
                tools.texts.insert(version.to_owned(), text);
            }
            tools.go.insert(version.to_owned(), go);
        }
        Ok(tools)
    }

    /// The releases in full, by version: `go1.27.3`.
    #[must_use]
    pub fn releases(&self) -> BTreeMap<String, String> {
        let all = self.go.iter();
        all.map(|(version, go)| (version.clone(), go.release().to_owned()))
            .collect()
    }
}

/// A thread's state.
pub struct Worker<'a> {
    tools: &'a Tools,
    stop: &'a AtomicBool,
    engine: Engine,
    /// Where traces are put for Go to read.
    folder: Option<TempDir>,
}

impl<'a> Worker<'a> {
    /// One that has done nothing yet.
    #[must_use]
    pub fn new(tools: &'a Tools, stop: &'a AtomicBool) -> Self {
        Self {
            tools,
            stop,
            engine: Engine::new(),
            folder: None,
        }
    }

    fn is_stopped(&self) -> bool {
        self.stop.load(Relaxed)
    }

    /// Does a piece of a task; none if it was stopped within.
    ///
    /// # Errors
    /// Something that it needs has failed, which says nothing about the question; in words.
    pub fn piece(&mut self, task: &Task, extent: &Extent) -> Result<Option<Came>, String> {
        let known = task.known().map_err(|error| error.to_string())?;
        let came = match &known {
            Known::Explore(under, scenario, kind) => self.explore(*under, scenario, *kind, extent),
            Known::GoText(under, pair) => {
                let version = task.go().next().unwrap_or_default();
                self.compare(version, *under, pair, extent)?
            }
            Known::Sim(revision) => self.simulate(*revision, task, extent)?,
        };
        Ok((!self.is_stopped()).then_some(came))
    }

    fn explore(
        &mut self,
        under: Variant,
        scenario: &Scenario,
        kind: Kind,
        extent: &Extent,
    ) -> Came {
        let make = program(scenario, under.protocol());
        let stop = self.stop;
        self.engine.keep_coverage();
        let mut subject = Subject::new(&mut self.engine, &make);
        let (mut seen, mut failed) = (Seen::default(), Came::default());
        let mut exhausted = None;
        let mut count = |run: &Run, seed| {
            seen.count(run);
            if let Some(broken) = run.violation() {
                failed.fail(&broken.law.code(), || Failing {
                    count: 1,
                    seed,
                    schedule: Some((kind.to_string(), run.schedule.to_string())),
                    how: broken.how.clone(),
                });
            }
            seen.runs % LOOK != 0 || !stop.load(Relaxed)
        };
        match extent.of_seeds() {
            Some(mut seeds) => {
                seeds.all(|seed| count(&subject.run(kind, Seed(seed)), Some(seed)));
            }
            None => {
                let (mut runs, most) = (0, extent.runs());
                exhausted = Some(subject.exhaust(kind, |run| {
                    runs += 1;
                    count(run, None) && runs < most
                }));
            }
        }
        seen.cover(self.engine.take_coverage());
        Came {
            exhausted,
            failures: failed.failures,
            ..Came::of(&seen)
        }
    }

    fn compare(
        &self,
        version: &str,
        under: Variant,
        pair: &(Scenario, Scenario),
        extent: &Extent,
    ) -> Result<Came, String> {
        let text = self.tools.texts.get(version);
        let text = text.ok_or_else(|| format!("the text of Go {version} was not made"))?;
        let seeds = extent.of_seeds();
        let plan = refine::Plan {
            reduced: if seeds.is_some() { 0 } else { extent.runs() },
            random: seeds.clone().unwrap_or_default(),
            schedule: None,
        };
        let mut goes_on = |_| !self.stop.load(Relaxed);
        let compared = refine::scenario(text, under.protocol(), pair, &plan, &mut goes_on)?;
        let mut came = Came {
            runs: compared.runs,
            exhausted: seeds.is_none().then_some(compared.is_exhausted),
            ..Came::default()
        };
        if let Some(difference) = compared.difference {
            let (kind, schedule) = &difference.schedule;
            came.fail(DIFFERENCE, || Failing {
                count: 1,
                seed: None,
                schedule: Some((kind.to_string(), schedule.to_string())),
                how: difference.to_string(),
            });
        }
        Ok(came)
    }

    fn simulate(
        &mut self,
        revision: Revision,
        task: &Task,
        extent: &Extent,
    ) -> Result<Came, String> {
        let mut came = Came::default();
        if self.folder.is_none() {
            let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
            self.folder = Some(folder);
        }
        let folder = self.folder.as_ref().map(TempDir::path);
        let readers: Vec<_> = task.go().filter_map(|go| self.tools.go.get(go)).collect();
        for seed in extent.of_seeds().into_iter().flatten() {
            if self.is_stopped() {
                break;
            }
            came.runs += 1;
            let run = simulated::Simulated::drawn(Seed(seed), revision);
            let mut failures = run.failures();
            for go in &readers {
                failures.extend(run.read_by(go, folder.unwrap_or(Path::new(".")))?);
            }
            // A run counts once by each rule, in how many files ever it breaks it.
            let mut rules = BTreeSet::new();
            failures.retain(|failure| rules.insert(failure.rule.clone()));
            for failure in failures {
                let code = if failure.rule.is_empty() {
                    UNREAD
                } else {
                    &failure.rule
                };
                came.fail(code, || Failing {
                    count: 1,
                    seed: Some(seed),
                    schedule: None,
                    how: format!(
                        "{}: want {}, got {}",
                        failure.what, failure.expected, failure.got
                    ),
                });
            }
        }
        Ok(came)
    }
}
