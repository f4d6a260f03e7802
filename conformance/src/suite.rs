//! The conformance suite: every fixture through every reader and check, against
//! what is expected of it and against real Go; and every kept run of the model again.
//!
//! | module | what |
//! |---|---|
//! | [`fixture`] | the fixtures, which are part of the program, and what is said of them |
//! | [`cases`] | what is tried on each |
//! | [`outcome`] | what came of it: as text and as JSON |

pub mod cases;
pub mod fixture;
pub mod outcome;

use std::time::Instant;

use crate::oracle::Mode;
use fixture::Files;
use outcome::{CaseOutcome, Outcome, Status};

/// Which cases to run, and how.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Only cases whose `area name` contains one of these; all if empty.
    pub filters: Vec<String>,
    /// What to do about real Go.
    pub oracles: Mode,
}

/// The names of the selected cases, `area name`.
#[must_use]
pub fn list(files: &Files, options: &Options) -> Vec<String> {
    selected(files, options)
        .iter()
        .map(cases::Case::title)
        .collect()
}

/// Runs the selected cases, and tells `progress` of each.
pub fn run(files: &Files, options: &Options, mut progress: impl FnMut(&CaseOutcome)) -> Outcome {
    let mut outcome = Outcome::default();
    for case in selected(files, options) {
        let start = Instant::now();
        let status = match case.run(files) {
            Status::Skipped(why) if options.oracles == Mode::Required => Status::Failed(format!(
                "{why}, but real Go is required ({}=required)",
                crate::oracle::MODE_VARIABLE
            )),
            other => other,
        };
        let done = CaseOutcome {
            area: case.area.name(),
            name: case.name,
            status,
            millis: u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX),
        };
        progress(&done);
        outcome.cases.push(done);
    }
    outcome
}

fn selected(files: &Files, options: &Options) -> Vec<cases::Case> {
    let mut cases = cases::all(files);
    cases.retain(|case| {
        let title = case.title();
        let wanted =
            options.filters.is_empty() || options.filters.iter().any(|f| title.contains(f));
        wanted && (options.oracles != Mode::Off || !case.needs_go())
    });
    cases
}
