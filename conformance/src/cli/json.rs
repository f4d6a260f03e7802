//! Errors as JSON, in the place of an outcome (S59.4).

use serde::Serialize;
use sigprof::VERSION;

use super::check::json::{Fault, told};
use super::{Command, Kind, Stop, print_as, print_json};

/// The version of this object.
const SCHEMA_VERSION: u32 = 1;

impl Command {
    /// Whether it prints JSON, and so an error as an object (S59.4). `check` has one of its own
    /// (S59.1).
    pub(super) fn is_json(&self) -> bool {
        match self {
            Self::Stat(args) => args.is_json(),
            Self::Conformance(args) => args.is_json(),
            Self::Corpus(args) => args.is_json(),
            Self::Explore(args) => args.is_json(),
            Self::Campaign(args) => args.is_json(),
            Self::GoText(args) => args.is_json(),
            Self::Fuzz(args) => args.is_json(),
            Self::Replay(args) => args.is_json(),
            Self::Mutants(args) => args.is_json(),
            Self::Parse(args) => args.is_json(),
            _ => false,
        }
    }
}

#[derive(Serialize)]
struct Failed {
    schema_version: u32,
    sigprof_version: &'static str,
    exit_code: u8,
    error: Option<String>,
    /// None where no input is to blame.
    fault: Option<Fault>,
}

/// Prints an error beside the words that standard error gets. Not one of the command line, which may
/// say something else than was meant.
pub(super) fn print_error(stop: &Stop, is_a_line: bool) {
    let Some(told) = told(stop) else {
        return;
    };
    let failed = Failed {
        schema_version: SCHEMA_VERSION,
        sigprof_version: VERSION,
        exit_code: told.exit_code,
        error: told.error,
        fault: Fault::of(stop),
    };
    // That nobody reads it changes no exit code.
    let _ = match (is_a_line, serde_json::to_string(&failed)) {
        (true, Ok(line)) => print_as(Kind::Json, &format!("{line}\n")),
        _ => print_json(&failed),
    };
}
