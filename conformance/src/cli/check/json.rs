//! The JSON of outcomes, and of errors in their place (S59.1).

use serde::Serialize;
use sigprof::check::report::SCHEMA_VERSION;
use sigprof::error::{ErrorKind, InputError};

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
    #[serde(flatten)]
    told: Told,
}

/// All that is said of an error; of none where there is an outcome.
#[derive(Debug, Default, Serialize)]
pub(in super::super) struct Told {
    #[serde(skip)]
    pub(in super::super) exit_code: u8,
    pub(in super::super) error: Option<String>,
    why: Vec<String>,
    advice: Vec<&'static str>,
    /// None where no input is to blame.
    fault: Option<Fault>,
}

impl Told {
    /// A trace is missing beside a profile.
    pub(super) fn alone() -> Self {
        Self {
            exit_code: 4,
            error: Some("no trace goes with it".to_owned()),
            why: vec!["no trace goes with it".to_owned()],
            advice: vec![TAKE_BOTH],
            fault: None,
        }
    }
}

const TAKE_BOTH: &str = "Let a CPU profile run while the trace is taken, and the program work.";

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
    let Some(told) = told(stop) else {
        return;
    };
    // That nobody reads it changes no exit code.
    let _ = print_json(&Failed {
        schema_version: SCHEMA_VERSION,
        sigprof_version: VERSION,
        trace: shown(&args.trace),
        profile: args.profile.as_deref().map(shown),
        exit_code: told.exit_code,
        told,
    });
}

/// All words on an error, if it is one of this check and not of the command line or of standard output.
pub(in super::super) fn told(stop: &Stop) -> Option<Told> {
    let (exit_code, error, why) = match stop {
        Stop::Usage(_) | Stop::Output(_) => return None,
        Stop::Input { path, error } => (3, format!("{}: {error}", shown(path)), error.to_string()),
        Stop::Failed(why) => (3, why.trim_end().to_owned(), why.trim_end().to_owned()),
        Stop::NothingSelected(why) => (4, format!("nothing selected: {why}"), why.clone()),
        Stop::Interrupted(came) => (
            interrupt::CODE,
            format!("interrupted: {came}"),
            came.clone(),
        ),
    };
    Some(Told {
        exit_code,
        error: Some(error),
        why: vec![why],
        advice: vec![advice(stop)],
        fault: Fault::of(stop),
    })
}

/// Advice beside what the error itself says.
fn advice(stop: &Stop) -> &'static str {
    match stop {
        Stop::Input { error, .. } => match error.kind() {
            ErrorKind::WrongFormat => {
                "Give a trace of runtime/trace first, and then a CPU profile of runtime/pprof, as they were written."
            }
            ErrorKind::Truncated => {
                "Copy the file again, whole; or take the pair again, and stop trace and profile before the program ends."
            }
            ErrorKind::Unsupported => {
                "If a newer Go wrote it, get a newer sigprof; else take the pair again."
            }
            ErrorKind::TooLarge => "Take the pair for a shorter time.",
            _ => {
                "Take the pair again with Go's own runtime/trace and runtime/pprof, and give both files as they were \
                 written. If Go reads the file, this is a mistake of sigprof's."
            }
        },
        Stop::NothingSelected(_) => TAKE_BOTH,
        Stop::Interrupted(_) => "Run it again, and let it come to its end.",
        Stop::Usage(_) | Stop::Output(_) | Stop::Failed(_) => {
            "See that each file is there, and can be read or written."
        }
    }
}
