//! The text of a stage: what its threads do.

use std::str::FromStr;

use serde::Deserialize;
use sigprof_model::limits::Sizes;

use crate::bounds::{self, Bound, OutOfBounds};
use crate::machine::Revision;

/// Where a signal comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct At {
    /// The P, if the thread has one.
    pub p: Option<u32>,
    /// The goroutine; 0 for the scheduler.
    pub g: u64,
    /// Frames of the stack.
    pub frames: usize,
    /// The set of labels, from 1 on.
    pub labels: Option<u64>,
    /// At the time of the one before.
    pub same_time: bool,
    /// So many times.
    pub times: usize,
}

/// A step of a thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Starts a trace.
    StartTrace,
    /// Stops it, and reads it to its end.
    StopTrace,
    /// Reads what there is: samples are drained first (R36).
    ReadTrace,
    /// Starts a profile.
    StartProfile,
    /// Stops it, and reads it to its end.
    StopProfile,
    /// Reads what there is.
    ReadProfile,
    /// The main goroutine yields and goes on: two events.
    Yield,
    /// A signal, here.
    Sample(At),
    /// Goes on to the next generation, and reads the last one (from Go 1.22 on, as what follows).
    Advance,
    /// Starts a flight recorder, which keeps the newest generation and as much as fits besides.
    StartRecorder,
    /// Goes on to the next generation, and writes what the recorder has.
    Snapshot,
    /// Stops the recorder.
    StopRecorder,
}

impl Step {
    /// Steps that have no words, by their text.
    const PLAIN: [(&'static str, Self); 11] = [
        ("start-trace", Self::StartTrace),
        ("stop-trace", Self::StopTrace),
        ("read-trace", Self::ReadTrace),
        ("start-profile", Self::StartProfile),
        ("stop-profile", Self::StopProfile),
        ("read-profile", Self::ReadProfile),
        ("yield", Self::Yield),
        ("advance", Self::Advance),
        ("start-recorder", Self::StartRecorder),
        ("snapshot", Self::Snapshot),
        ("stop-recorder", Self::StopRecorder),
    ];

    /// Whether it takes generations.
    fn is_later(&self) -> bool {
        matches!(
            self,
            Self::Advance | Self::StartRecorder | Self::Snapshot | Self::StopRecorder
        )
    }

    fn takes_recorder(&self) -> bool {
        self.is_later() && *self != Self::Advance
    }
}

/// A thread of a stage.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Role {
    /// The steps of the thread.
    pub does: Vec<Step>,
    /// The signal that may come at any point of it; on the engine only.
    pub signal: Option<Step>,
    /// The id of the thread in the operating system, if it is not 4000 and its place.
    pub procid: Option<u64>,
}

/// A stage: what its threads do, step by step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    /// The sizes of the rings.
    pub sizes: Sizes,
    /// The threads. The first has P 0 and the main goroutine.
    pub m: Vec<Role>,
}

/// An error of a text that is not a stage.
#[derive(Debug, thiserror::Error)]
pub enum StageError {
    /// The text is not TOML, or has other fields; says where.
    #[error("{0}")]
    Toml(#[from] toml::de::Error),
    /// A number is out of bounds.
    #[error("{0}")]
    OutOfBounds(#[from] OutOfBounds),
    /// The text of a step is none.
    #[error(
        "no step: {0:?}; want start-trace, stop-trace, read-trace, start-profile, stop-profile, \
         read-profile, yield, advance, start-recorder, snapshot, stop-recorder, or sample with p=, \
         g=, frames=, labels=, times=, same-time"
    )]
    Step(String),
    /// The signal of a thread is no sample.
    #[error("signal: want a sample, got {0:?}")]
    Signal(String),
    /// A signal could come while the same signal is handled.
    #[error(
        "m {m}: want a signal, or samples among what it does, got both: \
         a handler is not interrupted by its own signal"
    )]
    Nested {
        /// The number of the thread, from 1 on.
        m: usize,
    },
    /// The revision is too old for the stage.
    #[error("the stage takes {0}: want {1} or later")]
    Revision(&'static str, &'static str),
    /// There is no thread.
    #[error("want at least one [[m]]")]
    NoThread,
    /// A thread starts what it does not stop.
    #[error("m {m}: want a {stop} after the last {start}: Go leaves a file that nobody can read")]
    NotStopped {
        /// The number of the thread, from 1 on.
        m: usize,
        /// The step that starts it.
        start: &'static str,
        /// The step that is missing.
        stop: &'static str,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default = "words")]
    words: usize,
    #[serde(default = "tags")]
    tags: usize,
    #[serde(default)]
    m: Vec<RoleFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RoleFile {
    #[serde(default)]
    does: Vec<String>,
    signal: Option<String>,
    procid: Option<u64>,
}

fn words() -> usize {
    Sizes::GO.words
}

fn tags() -> usize {
    Sizes::GO.tags
}

/// Reads a stage.
///
/// # Errors
///
/// If the text is none, or cannot be run.
pub fn parse(text: &str) -> Result<Stage, StageError> {
    bounds::TEXT_BYTES.check_len(text.len())?;
    let file: File = toml::from_str(text)?;
    if file.m.is_empty() {
        return Err(StageError::NoThread);
    }
    bounds::STAGE_THREADS.check_len(file.m.len())?;
    let roles = file.m.iter().zip(1..);
    let stage = Stage {
        sizes: Sizes {
            words: file.words,
            tags: file.tags,
        },
        m: roles
            .map(|(role, m)| read_role(role, m))
            .collect::<Result<_, _>>()?,
    };
    stage.check()?;
    Ok(stage)
}

fn read_role(role: &RoleFile, m: usize) -> Result<Role, StageError> {
    let step = |text: &String, place: String| match text.parse() {
        Err(StageError::OutOfBounds(error)) => Err(error.within(&place).into()),
        read => read,
    };
    let does = role.does.iter().zip(1..);
    let does = does.map(|(text, number)| step(text, format!("m {m}, step {number}")));
    let signal = role.signal.as_ref().map(|text| match text.parse()? {
        sample @ Step::Sample(_) => Ok(sample),
        _ => Err(StageError::Signal(text.clone())),
    });
    Ok(Role {
        does: does.collect::<Result<_, _>>()?,
        signal: signal.transpose()?,
        procid: role.procid,
    })
}

impl Stage {
    /// Whether anything is left to chance: who goes on, or when a signal comes.
    #[must_use]
    pub fn has_choices(&self) -> bool {
        self.m.len() > 1 || self.m.iter().any(|role| role.signal.is_some())
    }

    /// Holds the stage to what a revision can do.
    ///
    /// # Errors
    ///
    /// If it takes generations, or a flight recorder, and the revision has none.
    pub fn check_for(&self, revision: Revision) -> Result<(), StageError> {
        let mut steps = self.m.iter().flat_map(|role| &role.does);
        let has_procid = self.m.iter().any(|role| role.procid.is_some());
        if steps.clone().any(Step::takes_recorder) && !revision.has_recorder() {
            return Err(StageError::Revision("a flight recorder", "go1.25"));
        }
        if (has_procid || steps.any(Step::is_later)) && !revision.has_generations() {
            return Err(StageError::Revision("generations", "go1.22"));
        }
        Ok(())
    }

    /// How often something is started.
    pub(super) fn count(&self, step: &Step) -> usize {
        let steps = self.m.iter().flat_map(|role| &role.does);
        steps.filter(|s| *s == step).count()
    }

    /// Holds the stage as a whole to its bounds.
    fn check(&self) -> Result<(), StageError> {
        bounds::STAGE_WORDS.check_len(self.sizes.words)?;
        bounds::STAGE_TAGS.check_len(self.sizes.tags)?;
        let steps = self.m.iter().flat_map(|role| &role.does);
        bounds::STAGE_STEPS.check_len(steps.clone().count())?;
        let sessions = self.count(&Step::StartTrace) + self.count(&Step::StartRecorder);
        bounds::STAGE_TRACES.check_len(sessions)?;
        bounds::STAGE_PROFILES.check_len(self.count(&Step::StartProfile))?;
        let samples = steps.fold(0, |sum, step| step.samples().saturating_add(sum));
        bounds::STAGE_SAMPLES.check_len(samples)?;
        if self.has_choices() {
            let all = self.m.iter().flat_map(|m| m.does.iter().chain(&m.signal));
            let moves = all.fold(0, |sum, step| step.samples().max(1).saturating_add(sum));
            bounds::STAGE_MOVES.check_len(moves)?;
        }
        for (role, m) in self.m.iter().zip(1..) {
            role.check_stops(m)?;
            let is_handler = |step: &Step| matches!(step, Step::Sample(_));
            if role.signal.is_some() && role.does.iter().any(is_handler) {
                return Err(StageError::Nested { m });
            }
        }
        Ok(())
    }
}

impl Role {
    /// Whoever starts a trace or a profile stops one afterwards. So whatever order the engine
    /// chooses, both are over at the end of a run.
    fn check_stops(&self, m: usize) -> Result<(), StageError> {
        let last = |step: &Step| self.does.iter().rposition(|s| s == step);
        for (start, stop, words) in [
            (
                Step::StartTrace,
                Step::StopTrace,
                ["start-trace", "stop-trace"],
            ),
            (
                Step::StartProfile,
                Step::StopProfile,
                ["start-profile", "stop-profile"],
            ),
            (
                Step::StartRecorder,
                Step::StopRecorder,
                ["start-recorder", "stop-recorder"],
            ),
        ] {
            if last(&start) > last(&stop) {
                let [start, stop] = words;
                return Err(StageError::NotStopped { m, start, stop });
            }
        }
        Ok(())
    }
}

impl Step {
    /// The number of samples that the step takes.
    fn samples(&self) -> usize {
        match self {
            Self::Sample(at) => at.times,
            _ => 0,
        }
    }
}

impl FromStr for Step {
    type Err = StageError;

    fn from_str(text: &str) -> Result<Self, StageError> {
        bounds::STEP_BYTES.check_len(text.len())?;
        let mut words = text.split(' ');
        let step = match words.next() {
            Some("sample") => {
                let mut at = At::default();
                for word in words.by_ref() {
                    at.add(word, text)?;
                }
                Self::Sample(at)
            }
            first => {
                let mut plain = Self::PLAIN.into_iter();
                let found = plain.find(|(name, _)| Some(*name) == first);
                let Some((_, step)) = found else {
                    return Err(StageError::Step(text.to_owned()));
                };
                step
            }
        };
        match words.next() {
            None => Ok(step),
            Some(_) => Err(StageError::Step(text.to_owned())),
        }
    }
}

impl Default for At {
    fn default() -> Self {
        Self {
            p: None,
            g: 0,
            frames: 2,
            labels: None,
            same_time: false,
            times: 1,
        }
    }
}

impl At {
    /// Adds one word of the text of a step.
    fn add(&mut self, word: &str, text: &str) -> Result<(), StageError> {
        let no_step = || StageError::Step(text.to_owned());
        let Some((name, value)) = word.split_once('=') else {
            self.same_time |= word == "same-time";
            return if word == "same-time" {
                Ok(())
            } else {
                Err(no_step())
            };
        };
        let value: u64 = value.parse().map_err(|_| no_step())?;
        let held = |bound: Bound| {
            bound.check(value)?;
            usize::try_from(value).map_err(|_| no_step())
        };
        match name {
            "p" => self.p = u32::try_from(held(bounds::STAGE_P)?).ok(),
            "g" => {
                bounds::GOROUTINE.check(value)?;
                self.g = value;
            }
            "frames" => self.frames = held(bounds::FRAMES)?,
            "labels" => {
                held(bounds::LABELS)?;
                self.labels = Some(value);
            }
            "times" => self.times = held(bounds::TIMES)?,
            _ => return Err(no_step()),
        }
        Ok(())
    }
}
