//! Options that nothing would come of: refused, so that nobody takes a run for one that heard
//! them (S46).

use std::path::Path;

use sigprof::trace::Strict;
use sigprof_wire::FormatVersion;

use super::{Stop, shown};

/// Refuses the first of these options that was given.
pub(super) fn refuse(options: &[(&str, bool)], why: &str) -> Result<(), Stop> {
    match options.iter().find(|(_, is_given)| *is_given) {
        Some((option, _)) => Err(Stop::Usage(format!("{option} {why}"))),
        None => Ok(()),
    }
}

/// Refuses an option that is for the other format than a trace has.
pub(super) fn of_other_format(
    path: &Path,
    version: FormatVersion,
    option: &str,
    why: &str,
) -> Stop {
    let path = shown(path);
    Stop::Usage(format!("{option} {why}; {path} is one of Go {version}"))
}

/// Refuses a release whose reader does not judge a trace of this version.
pub(super) fn refuse_strict(
    path: &Path,
    version: FormatVersion,
    strict: Option<Strict>,
) -> Result<(), Stop> {
    let is_v2 = version >= FormatVersion::GO_1_22;
    let (option, why) = match strict {
        Some(Strict::Go1_19) if is_v2 => (
            "--strict go1.19",
            "is for traces of Go 1.5 to 1.21, and --strict go1.27 for those of Go 1.22 to 1.27",
        ),
        Some(Strict::Go1_27) if !is_v2 => (
            "--strict go1.27",
            "is for traces of Go 1.22 to 1.27, and --strict go1.19 for those of Go 1.5 to 1.21",
        ),
        _ => return Ok(()),
    };
    Err(of_other_format(path, version, option, why))
}
