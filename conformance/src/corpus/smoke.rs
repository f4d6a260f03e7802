//! A parser on three files before all others: two that it must read and one that none may
//! accept. What fails here would fail on nearly every case, and is said once, in words that
//! say what is wrong with the parser and not with a case.

use std::sync::atomic::AtomicBool;

use super::crash;
use super::decoder::{Decoder, Ended};
use super::judge::{self, Answer, Failure, FailureKind, REFUSAL};
use super::run::{self, Case, Level, Selection, Worth};
use crate::fixtures::Files;

/// Bytes that no parser may accept.
const JUNK: &[u8] = b"This is no trace of Go's, and no profile either.\n";

/// Why it makes no sense to go on.
#[derive(Debug, thiserror::Error)]
pub enum SmokeError {
    /// The program cannot be run at all, in words.
    #[error("{0}")]
    NotRun(String),
    /// The command runs, and does not do what a parser does: why, in words.
    #[error("{0}")]
    Fails(String),
    /// A fixture that cannot be read, in words.
    #[error("{0}")]
    Unread(String),
}

/// The outcome of a plain file.
enum Look {
    Printed(Answer),
    /// The parser fails: in which way, and one failure in words.
    Failed(&'static str, Failure),
    Stopped,
}

/// Tries a parser on plain files of the selected formats, and on one that is none if `cases`
/// has such as must be refused.
///
/// # Errors
/// What is wrong with the parser.
pub fn test(
    files: &Files,
    selection: &Selection,
    cases: &[Case],
    decoder: &Decoder,
    stop: &AtomicBool,
) -> Result<(), SmokeError> {
    let smoke = Smoke {
        decoder,
        level: selection.level,
        folder: tempfile::tempdir().map_err(|e| SmokeError::NotRun(e.to_string()))?,
        stop,
    };
    let plain = plain(files, selection).map_err(SmokeError::Unread)?;
    let mut read = Vec::new();
    let mut failed: Vec<(&'static str, Failure, &Case)> = Vec::new();
    for case in &plain {
        let bytes = files.file(&case.file).unwrap_or_default();
        match smoke.look(bytes, case)? {
            Look::Printed(object) => read.push(object),
            Look::Failed(does, failure) => failed.push((does, failure, case)),
            Look::Stopped => return Ok(()),
        }
        // Nobody wants to wait for that again.
        if failed
            .iter()
            .any(|(_, f, _)| f.kind == FailureKind::TimeOut)
        {
            read.clear();
            break;
        }
    }
    // If it reads one of them, it is a parser, and its failures are worth looking at.
    if let (true, Some((does, failure, case))) = (read.is_empty(), failed.first()) {
        return Err(SmokeError::Fails(format!(
            "it {does}. Of {}, a plain file, want {}, got {}",
            case.file, failure.want, failure.got
        )));
    }
    let is_constant = matches!(&read[..], [first, second] if first == second);
    if is_constant || cases.iter().any(|case| !case.is_valid()) {
        smoke.junk(is_constant)?;
    }
    if is_constant {
        return Err(SmokeError::Fails(format!(
            "it prints the same of {} and of {}, which have different samples: does it read \
             the file that its last argument names?",
            plain[0].file, plain[1].file
        )));
    }
    Ok(())
}

struct Smoke<'a> {
    decoder: &'a Decoder,
    level: Level,
    folder: tempfile::TempDir,
    stop: &'a AtomicBool,
}

impl Smoke<'_> {
    fn run(&self, bytes: &[u8], name: &str) -> Result<Ended, SmokeError> {
        let ended = run::on(self.decoder, bytes, self.folder.path(), name, self.stop);
        let ended = ended.map_err(|e| SmokeError::NotRun(format!("cannot be started: {e}")))?;
        if let Ended::Exited { status, said, .. } = &ended
            && let Some(words) = crash::not_run(*status)
        {
            let words = crash::with_last(&format!("{status}, {words}"), said);
            return Err(SmokeError::NotRun(format!("cannot be run: {words}")));
        }
        Ok(ended)
    }

    fn look(&self, bytes: &[u8], case: &Case) -> Result<Look, SmokeError> {
        let ended = self.run(bytes, &case.file)?;
        if matches!(ended, Ended::Stopped) {
            return Ok(Look::Stopped);
        }
        let out = match judge::printed(&ended) {
            Ok(Ok(out)) => out,
            Ok(Err(refusal)) => {
                let want = self.level.wanted();
                let failure = Failure::new(FailureKind::Refused, want, refusal);
                return Ok(Look::Failed("refuses what it must read", failure));
            }
            Err(failure) => {
                let does = match failure.kind {
                    FailureKind::Crash => "crashes",
                    FailureKind::WrongExitCode => "neither reads nor refuses what it must read",
                    FailureKind::TooMuchOutput => "prints without end",
                    _ => "does not end",
                };
                return Ok(Look::Failed(does, failure));
            }
        };
        let words = match self.level {
            Level::Samples => "does not print samples as JSON",
            Level::Events => "does not print events as JSON",
        };
        Ok(match judge::answer(case, self.level, out) {
            Ok(answer) => Look::Printed(answer),
            Err(failure) => Look::Failed(words, failure),
        })
    }

    /// Tries bytes that no parser may accept. A crash is not judged here: cases show it.
    fn junk(&self, is_constant: bool) -> Result<(), SmokeError> {
        let ended = self.run(JUNK, "a text")?;
        match judge::printed(&ended) {
            Ok(Ok(_)) => {}
            Err(failure) if failure.kind == FailureKind::WrongExitCode => {
                return Err(SmokeError::Fails(format!(
                    "it refuses with another exit code than is agreed. Of a text that is neither \
                     trace nor profile want exit code {REFUSAL}, got {}",
                    failure.got
                )));
            }
            _ => return Ok(()),
        }
        let words = match is_constant {
            true => {
                "it ignores its last argument, the path of the file: it prints the same of two \
                 files with different samples, and accepts a text that is neither trace nor \
                 profile"
            }
            false => {
                "it accepts everything: of a text that is neither trace nor profile want a \
                 refusal, exit code 3, got exit code 0"
            }
        };
        Err(SmokeError::Fails(words.to_owned()))
    }
}

/// Two plain cases of these formats that must be read, with different samples; fewer if there
/// are no more, and one without samples if there is none with some.
fn plain(files: &Files, selection: &Selection) -> Result<Vec<Case>, String> {
    let names = run::listed(files, selection)?.into_iter();
    let valid = names.filter(|name| name.starts_with("valid/"));
    let valid = valid.map(|name| run::case(files, name, selection.input));
    let mut valid = valid.collect::<Result<Vec<_>, _>>()?;
    valid.sort_by_key(|case| {
        let size = files.file(&case.file).map_or(0, <[u8]>::len);
        let is_plain = case.topic() == "valid/basics";
        (
            case.worth(Level::Samples) != Worth::Samples,
            !is_plain,
            size,
        )
    });
    let Some(first) = valid.first().cloned() else {
        return Ok(Vec::new());
    };
    let is_other =
        |case: &&Case| case.worth(Level::Samples) == Worth::Samples && !case.has_samples_of(&first);
    let second = valid.iter().skip(1).find(is_other).cloned();
    Ok([first].into_iter().chain(second).collect())
}
