//! The JSON of outcomes, and of errors in their place (S59.1).

use serde::Serialize;
use sigprof::check::report::SCHEMA_VERSION;
use sigprof::error::InputError;

use super::super::{interrupt, print_json};
use super::{Args, Checked, Stop, shown};

/// The version of the program.
pub(super) const VERSION: &str = sigprof::VERSION;

/// An outcome, with what it is of and what came to it.
#[derive(Debug, Serialize)]
pub(super) struct Outcome<'a> {
    sigprof_version: &'static str,
    trace: String,
    profile: Option<String>,
    #[serde(flatten)]
    checked: &'a Checked,
}

/// An error in an outcome's place.
#[derive(Debug, Serialize)]
struct Failed {
    schema_version: u32,
    sigprof_version: &'static str,
    trace: String,
    profile: Option<String>,
    exit_code: u8,
    error: String,
    /// None where no input is to blame.
    fault: Option<Fault>,
}

/// Where an input cannot be read, and why.
#[derive(Debug, Serialize)]
pub(in super::super) struct Fault {
    path: String,
    #[serde(flatten)]
    error: InputError,
}

impl Fault {
    /// The fault of an input; none if it was something else.
    pub(in super::super) fn of(stop: &Stop) -> Option<Self> {
        let Stop::Input { path, error } = stop else {
            return None;
        };
        Some(Self {
            path: shown(path),
            error: (**error).clone(),
        })
    }
}

/// An outcome as it is printed.
pub(super) fn outcome<'a>(args: &Args, checked: &'a Checked) -> Outcome<'a> {
    Outcome {
        sigprof_version: VERSION,
        trace: shown(&args.trace),
        profile: args.profile.as_deref().map(shown),
        checked,
    }
}

/// Prints an error, beside the words that standard error gets: whoever asked for JSON reads no
/// others. Not one of the command line, which may say something else than was meant.
pub(super) fn print_error(args: &Args, stop: &Stop) {
    let Some((exit_code, error)) = told(stop) else {
        return;
    };
    // That nobody reads it changes no exit code.
    let _ = print_json(&Failed {
        schema_version: SCHEMA_VERSION,
        sigprof_version: VERSION,
        trace: shown(&args.trace),
        profile: args.profile.as_deref().map(shown),
        exit_code,
        error,
        fault: Fault::of(stop),
    });
}

/// The exit code and the words of an error, if it is one of this check and not of the command line
/// or of standard output.
pub(in super::super) fn told(stop: &Stop) -> Option<(u8, String)> {
    Some(match stop {
        Stop::Usage(_) | Stop::Output(_) => return None,
        Stop::Input { path, error } => (3, format!("{}: {error}", shown(path))),
        Stop::Failed(why) => (3, why.trim_end().to_owned()),
        Stop::NothingSelected(why) => (4, format!("nothing selected: {why}")),
        Stop::Interrupted(came) => (interrupt::CODE, format!("interrupted: {came}")),
    })
}
