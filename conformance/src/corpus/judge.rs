//! Whether what a parser did with a case is what it should have done.

use crate::shown;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::compare::{self, Difference, Numbers};
use super::crash;
use super::decoder::{Ended, MAX_OUTPUT};
use super::events::{self, Line};
use super::run::{Case, Expected, Level};
use super::samples::{ProfileSide, TraceSide};

/// A failure: what should have come, and what came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// In a word, for programs.
    pub kind: FailureKind,
    /// The outcome that was wanted.
    pub want: String,
    /// The outcome that came.
    pub got: String,
    /// How much is wrong, and in what the first of it differs; empty if there is no more to say.
    pub note: String,
}

/// A failure in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureKind {
    /// The parser crashed.
    Crash,
    /// The parser ended with an exit code that is neither 0 nor a refusal's.
    WrongExitCode,
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
    /// A number beside the samples is not that of the file.
    WrongNumbers,
    /// Events are not those of the file, or not in their order.
    WrongEvents,
}

impl Failure {
    pub(super) fn new(kind: FailureKind, want: impl Into<String>, got: impl Into<String>) -> Self {
        Self {
            kind,
            want: want.into(),
            got: got.into(),
            note: String::new(),
        }
    }

    fn of(kind: FailureKind, difference: Difference) -> Self {
        Self {
            note: difference.about,
            ..Self::new(kind, difference.want, difference.got)
        }
    }
}

/// The exit code that says "I refuse this file", as sigprof's own does.
pub const REFUSAL: i32 = 3;

/// The output of a run that ended with exit code 0, the words of a refusal, or a failure
/// whatever the file was.
///
/// # Errors
/// A crash, another exit code, or no end.
pub(super) fn printed(ended: &Ended) -> Result<Result<&[u8], String>, Failure> {
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
    let words = || crash::with_last(&status.to_string(), said);
    match status.code() {
        Some(0) => Ok(Ok(out)),
        Some(REFUSAL) => Ok(Err(words())),
        _ => Err(Failure::new(
            FailureKind::WrongExitCode,
            format!("exit code 0, or {REFUSAL} for a refusal"),
            words(),
        )),
    }
}

/// Whether a run on the bytes of a case ended as it should.
pub(super) fn judge(case: &Case, level: Level, bytes: &[u8], ended: &Ended) -> Result<(), Failure> {
    let wanted = wanted(case, level);
    let result = printed(ended).map_err(|mut failure| {
        if let FailureKind::Crash | FailureKind::WrongExitCode = failure.kind {
            failure.want.clone_from(&wanted);
        }
        failure
    })?;
    match (&case.expected, result) {
        (Expected::Refused(_), Ok(out)) => {
            let got = format!("exit code 0, with {}", beginning(out));
            Err(Failure::new(FailureKind::Accepted, wanted, got))
        }
        (Expected::Refused(_), Err(_)) => Ok(()),
        (Expected::Read(_), Err(refusal)) => {
            Err(Failure::new(FailureKind::Refused, wanted, refusal))
        }
        (Expected::Read(_), Ok(out)) => read(case, bytes, &answer(case, level, out)?),
    }
}

/// The words for what a case wants of a parser.
fn wanted(case: &Case, level: Level) -> String {
    match &case.expected {
        Expected::Refused(expected) => {
            format!("a refusal, exit code {REFUSAL}: {}", expected.error.text)
        }
        Expected::Read(_) => level.wanted().to_owned(),
    }
}

/// The words of a parser that has read a file.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Answer {
    /// The samples of a trace, with the numbers beside them that were given.
    Trace(TraceSide, Numbers),
    /// The samples of a profile.
    Profile(ProfileSide),
    /// The events of a trace.
    Events(Vec<Line>),
}

/// The output of a parser on a case, as a value.
///
/// # Errors
/// What is wrong with its form.
pub(super) fn answer(case: &Case, level: Level, out: &[u8]) -> Result<Answer, Failure> {
    if level == Level::Events {
        return Ok(Answer::Events(lines(out)?));
    }
    if case.is_trace() {
        let numbers = parse(out, "trace")?;
        return Ok(Answer::Trace(parse(out, "trace")?, numbers));
    }
    parse(out, "profile").map(Answer::Profile)
}

/// Whether a parser's answer to a valid case is what is in the file.
///
/// # Errors
/// The first thing that is not.
pub(super) fn read(case: &Case, bytes: &[u8], answer: &Answer) -> Result<(), Failure> {
    let Expected::Read(expected) = &case.expected else {
        return Ok(());
    };
    match answer {
        Answer::Trace(got, numbers) => {
            compare::trace(&expected.trace, got)
                .map_err(|d| Failure::of(FailureKind::WrongSamples, d))?;
            compare::numbers(&expected.trace, numbers)
                .map_err(|d| Failure::of(FailureKind::WrongNumbers, d))
        }
        Answer::Profile(got) => {
            let expected = expected.profile.clone().unwrap_or_default();
            compare::profile(&expected, got).map_err(|d| Failure::of(FailureKind::WrongSamples, d))
        }
        Answer::Events(got) => {
            // The case has their number and hash; our reader has them.
            let want = events::of(bytes).unwrap_or_default();
            compare::events(&want, got).map_err(|d| Failure::of(FailureKind::WrongEvents, d))
        }
    }
}

/// Events, one JSON object a line.
fn lines(out: &[u8]) -> Result<Vec<Line>, Failure> {
    let lines = serde_json::Deserializer::from_slice(out).into_iter();
    lines.collect::<Result<_, _>>().map_err(|error| {
        let want = "one event a line as JSON, with time_ns, kind, p and g, on standard output";
        let got = format!("{} ({})", beginning(out), shown::line(&error.to_string()));
        Failure::new(FailureKind::NotJson, want, got)
    })
}

/// The object that a parser prints.
fn parse<T: DeserializeOwned>(out: &[u8], name: &str) -> Result<T, Failure> {
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
