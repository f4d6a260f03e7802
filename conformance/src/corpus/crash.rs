//! A crash told from a refusal, by the exit code and what runtimes write to standard error.
//!
//! A refusal is a decision of the parser's: an exit code above 0 that is none of those below.
//!
//! | exit code | who has it |
//! |---|---|
//! | 101 | a panic of Rust's |
//! | 126, 127 | a shell that found a command which it cannot run, or none |
//! | 129 to 159 | a shell, or another wrapper, whose command died by a signal (128 + its number) |
//!
//! A trace of a crash counts with every exit code but 0: Python, the JVM and Node.js exit with 1
//! as refusals do, and `go run` turns Go's 2 into 1.

use std::process::ExitStatus;

use super::decoder::{Runtime, Said};

/// The signals that a shell adds to 128; those beyond are for programs' own use.
const SIGNALS: std::ops::RangeInclusive<i32> = 1..=31;

/// Says what crashed and how; none if the program exited by its own decision.
#[must_use]
pub fn of(status: ExitStatus, said: &Said) -> Option<String> {
    let Some(code) = status.code() else {
        return Some(with_last(&status.to_string(), said));
    };
    if code == 0 {
        return None;
    }
    let go_panic = said.go_panic.clone().filter(|_| code == 2);
    let trace = said.crash.clone();
    let trace = trace.or_else(|| go_panic.map(|line| (Runtime::Go, line)));
    if let Some((runtime, line)) = trace {
        return Some(format!("{} ({status}): {line}", runtime.words()));
    }
    if let Some(words) = not_run(status) {
        return Some(with_last(&format!("{status}, {words}"), said));
    }
    let words = match code {
        101 => "that of a Rust panic".to_owned(),
        _ if SIGNALS.contains(&(code - 128)) => {
            format!("that of a command which died by signal {}", code - 128)
        }
        _ => return None,
    };
    Some(with_last(&format!("{status}, {words}"), said))
}

/// Whether a shell says with its exit code that there was nothing to run.
#[must_use]
pub fn not_run(status: ExitStatus) -> Option<&'static str> {
    match status.code()? {
        126 => Some("that of a command which cannot be executed"),
        127 => Some("that of a command which was not found"),
        _ => None,
    }
}

/// How it ended, with the last line that it wrote.
pub(super) fn with_last(ended: &str, said: &Said) -> String {
    match &*said.last {
        "" => format!("{ended}, without a word on standard error"),
        words => format!("{ended}: {words}"),
    }
}
