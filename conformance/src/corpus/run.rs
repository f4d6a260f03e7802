//! A parser against the cases of the corpus: what it does with each, and whether it should.

use std::io;
use std::path::Path;
use std::process::ExitStatus;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use serde::de::DeserializeOwned;

use super::compare;
use super::decoder::{Decoder, Ended, MAX_OUTPUT};
use super::expected::{Input, Invalid, Valid};
use super::manifest::{self, PPROF};
use crate::parallel;
use crate::suite::fixture::Files;

/// Which cases.
#[derive(Clone, Debug)]
pub struct Selection {
    /// Traces or profiles.
    pub input: Input,
    /// The names of manifests; empty for all formats of v1, or for all profiles.
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
    /// What it is about.
    pub about: String,
    /// Its file, below `fixtures`.
    pub file: String,
    expected: Expected,
}

#[derive(Clone, Debug)]
enum Expected {
    Read(Box<Valid>),
    Refused(Box<Invalid>),
}

/// What came of a case.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Its folder.
    pub name: String,
    /// What should have come and what came, if it is not as it should be.
    pub failure: Option<Failure>,
    /// How long it took.
    pub millis: u64,
}

/// What should have come, and what came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What should have come.
    pub want: String,
    /// What came.
    pub got: String,
}

impl Failure {
    fn new(want: impl Into<String>, got: impl Into<String>) -> Self {
        Self {
            want: want.into(),
            got: got.into(),
        }
    }
}

impl Case {
    /// `valid/basics`: what tables are made by.
    #[must_use]
    pub fn topic(&self) -> &str {
        topic(&self.name)
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
    let formats = match (selection.input, selection.formats.is_empty()) {
        (Input::Profile, _) => vec![PPROF.to_owned()],
        (Input::Trace, true) => manifest::trace_formats(),
        (Input::Trace, false) => selection.formats.clone(),
    };
    let mut names = Vec::new();
    for format in &formats {
        names.extend(manifest::listed(files, format).map_err(SelectError::Unread)?);
    }
    names.sort();
    names.dedup();
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

fn case(files: &Files, name: String, input: Input) -> Result<Case, String> {
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

/// Runs a parser on every case, so many at a time; `corpus` is where the files are.
/// Once `stop` is set, no other is begun.
///
/// # Errors
/// If it cannot be started.
pub fn run(
    cases: &[Case],
    decoder: &Decoder,
    corpus: &Path,
    jobs: usize,
    stop: &AtomicBool,
) -> io::Result<Vec<Outcome>> {
    let work = |(): &mut (), at: usize| -> io::Result<Outcome> {
        let (case, start) = (&cases[at], Instant::now());
        let ended = decoder.run(&corpus.join(&case.file))?;
        Ok(Outcome {
            name: case.name.clone(),
            failure: judge(case, ended).err(),
            millis: u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX),
        })
    };
    // Once it could not be started, nobody begins another one.
    let tell = |outcome: &io::Result<Outcome>| {
        stop.fetch_or(outcome.is_err(), Ordering::Relaxed);
    };
    let done = parallel::in_order(cases.len(), jobs, stop, || (), work, tell);
    done.into_iter().flatten().collect()
}

/// Whether a run ended as it should.
fn judge(case: &Case, ended: Ended) -> Result<(), Failure> {
    let (status, out, complaint) = match ended {
        Ended::Exited {
            status,
            out,
            complaint,
        } => (status, out, complaint),
        Ended::TimedOut => {
            return Err(Failure::new(
                "an end in time (--timeout)",
                "none: it was killed",
            ));
        }
        Ended::TooMuch => {
            let want = format!("at most {} MiB of output", MAX_OUTPUT >> 20);
            return Err(Failure::new(want, "more: it was killed"));
        }
    };
    if status.code().is_none() {
        let got = format!("a crash: {}", with_complaint(status, &complaint));
        return Err(Failure::new("exit by itself", got));
    }
    match &case.expected {
        Expected::Refused(expected) if status.success() => {
            let want = format!("a refusal, an exit code above 0: {}", expected.error.text);
            let got = format!("exit code 0, with {}", beginning(&out));
            Err(Failure::new(want, got))
        }
        Expected::Refused(_) => Ok(()),
        Expected::Read(_) if !status.success() => {
            let got = with_complaint(status, &complaint);
            Err(Failure::new("exit code 0 and the samples as JSON", got))
        }
        Expected::Read(expected) if case.file.ends_with("/trace") => {
            let got = parse(&out, "trace")?;
            compare::trace(&expected.trace, &got)
                .map_err(|words| Failure::new("the expected samples", words))
        }
        Expected::Read(expected) => {
            let got = parse(&out, "profile")?;
            let expected = expected.profile.clone().unwrap_or_default();
            compare::profile(&expected, &got)
                .map_err(|words| Failure::new("the expected stacks", words))
        }
    }
}

fn parse<T: DeserializeOwned>(out: &[u8], name: &str) -> Result<T, Failure> {
    serde_json::from_slice(out).map_err(|error| {
        let want = format!("the object `{name}` of expected.json on standard output");
        Failure::new(want, format!("{} ({error})", beginning(out)))
    })
}

fn with_complaint(status: ExitStatus, complaint: &str) -> String {
    match complaint {
        "" => format!("{status}, without a word on standard error"),
        words => format!("{status}: {words}"),
    }
}

/// As much of an output as helps.
fn beginning(out: &[u8]) -> String {
    const SHOWN: usize = 60;
    let text = String::from_utf8_lossy(&out[..out.len().min(4 * SHOWN)]).into_owned();
    let shown: String = text.chars().take(SHOWN).collect();
    match out.len() {
        0 => "no output".to_owned(),
        _ if shown.len() < out.len() => format!("the output {shown:?}..."),
        _ => format!("the output {shown:?}"),
    }
}
