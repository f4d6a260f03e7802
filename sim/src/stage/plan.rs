//! What the threads of a stage do.

use std::str::FromStr;

use serde::Deserialize;
use sigprof_model::limits::{MAX_CPU_PROF_STACK, Sizes};

/// Where a signal comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct At {
    /// The P, if the thread has one.
    pub p: Option<u32>,
    /// The goroutine; 0 for the scheduler.
    pub g: u64,
    /// Frames of the stack.
    pub frames: usize,
    /// Which set of labels, from 1 on.
    pub labels: Option<u64>,
    /// At the time of the one before.
    pub same_time: bool,
    /// So many times.
    pub times: usize,
}

/// A step.
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
}

/// A thread.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Role {
    /// What it does.
    pub does: Vec<Step>,
    /// The signal that may come at any point of it; on the engine only.
    pub signal: Option<Step>,
}

/// A plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StagePlan {
    /// The rings.
    pub sizes: Sizes,
    /// The threads. The first has P 0 and the main goroutine.
    pub m: Vec<Role>,
}

/// A text that is no plan of a stage.
#[derive(Debug, thiserror::Error)]
pub enum StagePlanError {
    /// It is not TOML, or has other fields; says where.
    #[error("{0}")]
    Toml(#[from] toml::de::Error),
    /// A step is none.
    #[error(
        "no step: {0:?}; want start-trace, stop-trace, read-trace, start-profile, stop-profile, \
         read-profile, yield, or sample with p=, g=, frames= (1 to 64), labels=, times=, same-time"
    )]
    Step(String),
    /// There is no thread.
    #[error("want at least one [[m]]")]
    NoThread,
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
}

fn words() -> usize {
    Sizes::GO.words
}

fn tags() -> usize {
    Sizes::GO.tags
}

/// Reads a plan.
///
/// # Errors
///
/// If it is none.
pub fn parse(text: &str) -> Result<StagePlan, StagePlanError> {
    let file: File = toml::from_str(text)?;
    if file.m.is_empty() {
        return Err(StagePlanError::NoThread);
    }
    let role = |role: &RoleFile| -> Result<Role, StagePlanError> {
        Ok(Role {
            does: role
                .does
                .iter()
                .map(|s| s.parse())
                .collect::<Result<_, _>>()?,
            signal: role.signal.as_ref().map(|s| s.parse()).transpose()?,
        })
    };
    Ok(StagePlan {
        sizes: Sizes {
            words: file.words,
            tags: file.tags,
        },
        m: file.m.iter().map(role).collect::<Result<_, _>>()?,
    })
}

impl StagePlan {
    /// Whether anything is left to chance: who goes on, or when a signal comes.
    #[must_use]
    pub fn has_choices(&self) -> bool {
        self.m.len() > 1 || self.m.iter().any(|role| role.signal.is_some())
    }

    /// How often something is started.
    pub(super) fn count(&self, step: &Step) -> usize {
        let steps = self.m.iter().flat_map(|role| &role.does);
        steps.filter(|s| *s == step).count()
    }
}

impl FromStr for Step {
    type Err = StagePlanError;

    fn from_str(text: &str) -> Result<Self, StagePlanError> {
        let mut words = text.split(' ');
        let step = match words.next() {
            Some("start-trace") => Self::StartTrace,
            Some("stop-trace") => Self::StopTrace,
            Some("read-trace") => Self::ReadTrace,
            Some("start-profile") => Self::StartProfile,
            Some("stop-profile") => Self::StopProfile,
            Some("read-profile") => Self::ReadProfile,
            Some("yield") => Self::Yield,
            Some("sample") => {
                let at = words.by_ref().try_fold(At::default(), At::with);
                Self::Sample(at.ok_or_else(|| StagePlanError::Step(text.to_owned()))?)
            }
            _ => return Err(StagePlanError::Step(text.to_owned())),
        };
        match words.next() {
            None => Ok(step),
            Some(_) => Err(StagePlanError::Step(text.to_owned())),
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
    /// With one word more of its text.
    fn with(mut self, word: &str) -> Option<Self> {
        match word.split_once('=') {
            Some(("p", value)) => self.p = Some(value.parse().ok()?),
            Some(("g", value)) => self.g = value.parse().ok()?,
            Some(("frames", value)) => self.frames = value.parse().ok()?,
            Some(("labels", value)) => self.labels = Some(value.parse().ok()?),
            Some(("times", value)) => self.times = value.parse().ok()?,
            None if word == "same-time" => self.same_time = true,
            _ => return None,
        }
        let frames = self.frames as u64;
        let is_legal = (1..=MAX_CPU_PROF_STACK).contains(&frames)
            && self.p.is_none_or(|p| p < super::run::PROCS)
            && self
                .labels
                .is_none_or(|l| (1..=super::run::LABEL_SETS).contains(&l));
        is_legal.then_some(self)
    }
}
