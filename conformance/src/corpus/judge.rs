//! Whether what a parser did with a case is what it should have done.

use crate::shown;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::compare;
use super::crash;
use super::decoder::{Ended, MAX_OUTPUT};
use super::run::{Case, Expected};

/// A failure: what should have come, and what came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// In a word, for programs.
    pub kind: FailureKind,
    /// The outcome that was wanted.
    pub want: String,
    /// The outcome that came.
    pub got: String,
}

/// A failure in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureKind {
    /// The parser crashed.
    Crash,
    /// The parser did not end in time.
    TimeOut,
    /// The parser printed too much.
    TooMuchOutput,
    /// The parser ended, but a process that it started keeps its output open.
    OutputHeld,
    /// An input that must be refused was read.
    Accepted,
    /// An input that must be read was refused.
    Refused,
    /// The output is not the JSON that it should be.
    NotJson,
    /// Samples are not those of the file.
    WrongSamples,
}

impl Failure {
    fn new(kind: FailureKind, want: impl Into<String>, got: impl Into<String>) -> Self {
        Self {
            kind,
            want: want.into(),
            got: got.into(),
        }
    }
}

/// The output of a run that ended with exit code 0, the words of a refusal, or a failure
/// whatever the file was.
///
/// # Errors
/// A crash, or no end.
pub(super) fn printed(ended: &mut Ended) -> Result<Result<Vec<u8>, String>, Failure> {
    let (status, out, said) = match ended {
        Ended::Exited { status, out, said } => (*status, out, said),
        Ended::TimedOut | Ended::Stopped => {
            let want = "an end in time (--timeout)";
            return Err(Failure::new(
                FailureKind::TimeOut,
                want,
                "none: it was killed",
            ));
        }
        Ended::TooMuch => {
            let want = format!("at most {} MiB of output", MAX_OUTPUT >> 20);
            return Err(Failure::new(
                FailureKind::TooMuchOutput,
                want,
                "more: it was killed",
            ));
        }
        Ended::Held => {
            let want = "an end of its output when it has ended";
            let got = "none: a process that has left its process group holds it";
            return Err(Failure::new(FailureKind::OutputHeld, want, got));
        }
    };
    if let Some(words) = crash::of(status, said) {
        let want = "an exit by its own decision";
        let got = format!("a crash: {words}");
        return Err(Failure::new(FailureKind::Crash, want, got));
    }
    Ok(match status.success() {
        true => Ok(std::mem::take(out)),
        false => Err(crash::with_last(&status.to_string(), said)),
    })
}

/// Whether a run ended as it should.
pub(super) fn judge(case: &Case, ended: &mut Ended) -> Result<(), Failure> {
    let result = printed(ended).map_err(|mut failure| {
        if failure.kind == FailureKind::Crash {
            failure.want = match &case.expected {
                Expected::Refused(expected) => format!("a refusal: {}", expected.error.text),
                Expected::Read(_) => "exit code 0 and the samples as JSON".to_owned(),
            };
        }
        failure
    })?;
    match (&case.expected, result) {
        (Expected::Refused(expected), Ok(out)) => {
            let want = format!("a refusal, an exit code above 0: {}", expected.error.text);
            let got = format!("exit code 0, with {}", beginning(&out));
            Err(Failure::new(FailureKind::Accepted, want, got))
        }
        (Expected::Refused(_), Err(_)) => Ok(()),
        (Expected::Read(_), Err(refusal)) => {
            let want = "exit code 0 and the samples as JSON";
            Err(Failure::new(FailureKind::Refused, want, refusal))
        }
        (Expected::Read(expected), Ok(out)) if case.file.ends_with("/trace") => {
            let got = parse(&out, "trace")?;
            compare::trace(&expected.trace, &got).map_err(|words| {
                Failure::new(FailureKind::WrongSamples, "the expected samples", words)
            })
        }
        (Expected::Read(expected), Ok(out)) => {
            let got = parse(&out, "profile")?;
            let expected = expected.profile.clone().unwrap_or_default();
            compare::profile(&expected, &got).map_err(|words| {
                Failure::new(FailureKind::WrongSamples, "the expected stacks", words)
            })
        }
    }
}

/// The object that a parser prints.
pub(super) fn parse<T: DeserializeOwned>(out: &[u8], name: &str) -> Result<T, Failure> {
    serde_json::from_slice(out).map_err(|error| {
        let want = format!("the object `{name}` of expected.json on standard output");
        let got = format!("{} ({})", beginning(out), shown::line(&error.to_string()));
        Failure::new(FailureKind::NotJson, want, got)
    })
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
