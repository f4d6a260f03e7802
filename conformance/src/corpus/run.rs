//! A parser against the cases of the corpus: what it does with each.
//!
//! Nothing but the bytes of a file may tell it what it has: each is called `input`, is made
//! just before, and lies alone in a new folder with a random name. Valid and invalid cases
//! come mixed, in one order that has nothing to do with their names.

use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Instant;

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

use super::decoder::{Decoder, Ended};
use super::expected::{Input, Invalid, Valid};
use super::judge::{self, Failure};
use super::kept;
use super::manifest::{self, PPROF};
use crate::fixtures::Files;
use crate::parallel;

/// The name of every file that a parser gets.
const FILE: &str = "input";

/// The order of cases is always the same.
const ORDER: u64 = 30;

/// The output that is wanted of a parser.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// CPU samples with their stacks: one JSON object
    #[default]
    Samples,
    /// Every event in order, one JSON object a line (traces only)
    Events,
}

impl Level {
    /// The words for what a valid case wants.
    pub(super) fn wanted(self) -> &'static str {
        match self {
            Self::Samples => "exit code 0 and the samples as JSON",
            Self::Events => "exit code 0 and the events as JSON, one a line",
        }
    }
}

/// The cases to run.
#[derive(Clone, Debug)]
pub struct Selection {
    /// Traces or profiles.
    pub input: Input,
    /// The output that is wanted.
    pub level: Level,
    /// The names of manifests; empty for all formats, or for all profiles.
    pub formats: Vec<String>,
    /// Only cases whose name contains one of these; all if empty. A whole name selects that
    /// case alone.
    pub filters: Vec<String>,
}

/// A case that was selected, and what must come of it.
#[derive(Clone, Debug)]
pub struct Case {
    /// Its folder: `valid/basics/hog`.
    pub name: String,
    /// The topic of the case.
    pub about: String,
    /// Its file, below `fixtures`.
    pub file: String,
    /// The outcome that is expected.
    pub expected: Expected,
}

/// The outcome that a case must have.
#[derive(Clone, Debug)]
pub enum Expected {
    /// The input is read, and these are the samples.
    Read(Box<Valid>),
    /// The input is refused.
    Refused(Box<Invalid>),
}

/// How much it says that a parser passes a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Worth {
    /// There were samples, or events, to get right.
    Samples,
    /// The case has no sample: an empty list passes.
    NoSamples,
    /// The input must be refused, for whatever reason: a parser that refuses everything passes.
    Refusal,
}

/// The outcome of a case.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The folder of the case.
    pub name: String,
    /// How much it says that the case passed.
    pub worth: Worth,
    /// Its file, below `fixtures`, and in a folder that `corpus unpack` made.
    pub file: String,
    /// The rules of SPEC.md that the case shows, or breaks.
    pub rules: Vec<String>,
    /// The failure, with what was wanted and got.
    pub failure: Option<Failure>,
    /// How long it took.
    pub millis: u64,
}

impl Case {
    /// `valid/basics`: what tables are made by.
    #[must_use]
    pub fn topic(&self) -> &str {
        topic(&self.name)
    }

    /// Whether it must be read.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        matches!(self.expected, Expected::Read(_))
    }

    /// The rules of SPEC.md that it shows, or breaks.
    #[must_use]
    pub fn rules(&self) -> &[String] {
        match &self.expected {
            Expected::Read(valid) => &valid.rules,
            Expected::Refused(invalid) => &invalid.rules,
        }
    }

    /// Whether its file is a trace, not a profile.
    pub(super) fn is_trace(&self) -> bool {
        self.file.ends_with("/trace")
    }

    /// Whether the same samples are expected of another case.
    pub(super) fn has_samples_of(&self, other: &Self) -> bool {
        match (&self.expected, &other.expected) {
            (Expected::Read(ours), Expected::Read(theirs)) => {
                ours.trace == theirs.trace && ours.profile == theirs.profile
            }
            _ => false,
        }
    }

    /// How much it says that a parser passes the case.
    #[must_use]
    pub fn worth(&self, level: Level) -> Worth {
        let Expected::Read(valid) = &self.expected else {
            return Worth::Refusal;
        };
        if level == Level::Events {
            return Worth::Samples;
        }
        let has_samples = if self.is_trace() {
            !valid.trace.samples.is_empty()
        } else {
            let profile = valid.profile.as_ref();
            profile.is_some_and(|profile| !profile.samples.is_empty())
        };
        match has_samples {
            true => Worth::Samples,
            false => Worth::NoSamples,
        }
    }
}

/// The topic of a case, with its kind.
#[must_use]
pub fn topic(name: &str) -> &str {
    name.rsplit_once('/').map_or(name, |(topic, _)| topic)
}

/// Why there is nothing to run, or what cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SelectError {
    /// A filter that fits no case.
    #[error("no such case has {0:?} in its name (`sigprof corpus list` shows them)")]
    Filter(String),
    /// A manifest or an `expected.json` that cannot be read, in words.
    #[error("{0}")]
    Unread(String),
}

/// The selected cases, in order, each once.
///
/// # Errors
/// If a filter selects nothing, or a manifest or an `expected.json` cannot be read.
pub fn select(files: &Files, selection: &Selection) -> Result<Vec<Case>, SelectError> {
    let names = listed(files, selection).map_err(SelectError::Unread)?;
    let occurs = |name: &str, filter: &str| match filter.starts_with("valid/") {
        // It is part of `invalid/` as well.
        true => name.starts_with(filter),
        false => name.contains(filter),
    };
    let names = crate::select::select(names, String::clone, &selection.filters, occurs)
        .map_err(|filter| SelectError::Filter(filter.clone()))?;
    let cases = names.into_iter();
    let cases = cases.map(|name| case(files, name, selection.input));
    cases.collect::<Result<_, _>>().map_err(SelectError::Unread)
}

/// The names of all cases of the selected formats, in order, each once.
pub(super) fn listed(files: &Files, selection: &Selection) -> Result<Vec<String>, String> {
    let formats = match (selection.input, selection.formats.is_empty()) {
        (Input::Profile, _) => vec![PPROF.to_owned()],
        (Input::Trace, true) => manifest::trace_formats(),
        (Input::Trace, false) => selection.formats.clone(),
    };
    let mut names = Vec::new();
    for format in &formats {
        names.extend(manifest::listed(files, format)?);
    }
    names.sort();
    names.dedup();
    Ok(names)
}

pub(super) fn case(files: &Files, name: String, input: Input) -> Result<Case, String> {
    let path = format!("{name}/expected.json");
    let (about, file, expected) = if name.starts_with("valid/") {
        let valid: Valid = files.json(&path).map_err(|e| e.to_string())?;
        let file = match input {
            Input::Trace => "trace",
            Input::Profile => "profile.pb.gz",
        };
        (valid.about.clone(), file, Expected::Read(Box::new(valid)))
    } else {
        let invalid: Invalid = files.json(&path).map_err(|e| e.to_string())?;
        let about = invalid.about.clone();
        (about, input.file(), Expected::Refused(Box::new(invalid)))
    };
    Ok(Case {
        file: format!("{name}/{file}"),
        name,
        about,
        expected,
    })
}

/// A parser, and how it is run on cases.
#[derive(Clone, Copy, Debug)]
pub struct Job<'a> {
    /// Where the cases are.
    pub files: &'a Files,
    /// The output that is wanted.
    pub level: Level,
    /// The parser that is run.
    pub decoder: &'a Decoder,
    /// So many at a time.
    pub jobs: usize,
    /// The folder that gets what was printed of cases that fail.
    pub keep: Option<&'a Path>,
}

/// Runs a parser on every case until `stop` is set, and tells of each as it comes. What came of
/// each, in the order of cases; those that were not run, or not to their end, are absent.
///
/// # Errors
/// If it cannot be started, or a file cannot be made for it.
pub fn run(
    job: &Job,
    cases: &[Case],
    stop: &AtomicBool,
    mut heard: impl FnMut(&Outcome),
) -> io::Result<Vec<Outcome>> {
    let folder = tempfile::tempdir()?;
    let order = shuffled(cases.len());
    let halt = AtomicBool::new(stop.load(Relaxed));
    let work = |(): &mut (), at: usize| -> io::Result<Option<(usize, Outcome)>> {
        let (case, start) = (&cases[order[at]], Instant::now());
        let bytes = job.files.file(&case.file).unwrap_or_default();
        let ended = on(job.decoder, bytes, folder.path(), &case.file, stop)?;
        if matches!(ended, Ended::Stopped) {
            return Ok(None);
        }
        let failure = judge::judge(case, job.level, bytes, &ended).err();
        if let (Some(keep), Some(failure)) = (job.keep, &failure) {
            kept::keep(&keep.join(&case.name), bytes, &ended, failure)?;
        }
        let outcome = Outcome {
            name: case.name.clone(),
            worth: case.worth(job.level),
            file: case.file.clone(),
            rules: case.rules().to_vec(),
            failure,
            millis: u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX),
        };
        Ok(Some((order[at], outcome)))
    };
    // Once it could not be started, nobody begins another one.
    let tell = |outcome: &io::Result<Option<(usize, Outcome)>>| {
        halt.fetch_or(outcome.is_err() || stop.load(Relaxed), Relaxed);
        if let Ok(Some((_, outcome))) = outcome {
            heard(outcome);
        }
    };
    let done = parallel::in_order(cases.len(), job.jobs, &halt, || (), work, tell);
    let done: Vec<_> = done.into_iter().flatten().collect::<io::Result<_>>()?;
    let mut done: Vec<_> = done.into_iter().flatten().collect();
    done.sort_by_key(|&(at, _)| at);
    // It may have been left unreadable: then whoever runs the parser should know.
    folder.close()?;
    Ok(done.into_iter().map(|(_, outcome)| outcome).collect())
}

/// Runs a parser on these bytes, as a file in a new folder below `folder`. Where it has the
/// file's path in its words, `name` is put in its place: the file is gone afterwards.
pub(super) fn on(
    decoder: &Decoder,
    bytes: &[u8],
    folder: &Path,
    name: &str,
    stop: &AtomicBool,
) -> io::Result<Ended> {
    let folder = tempfile::tempdir_in(folder)?;
    let file = folder.path().join(FILE);
    std::fs::write(&file, bytes)?;
    let mut ended = decoder.run(&file, stop)?;
    if let Ended::Exited { said, .. } = &mut ended {
        let path = file.to_string_lossy();
        let lines = said.crash.iter_mut().map(|(_, line)| line);
        for line in lines.chain(&mut said.go_panic).chain([&mut said.last]) {
            *line = line.replace(&*path, name);
        }
    }
    Ok(ended)
}

/// The numbers below `count` in an order that is always the same.
fn shuffled(count: usize) -> Vec<usize> {
    let mut order: Vec<_> = (0..count).collect();
    order.shuffle(&mut ChaCha8Rng::seed_from_u64(ORDER));
    order
}
