//! `manifests/<format>.txt`: which cases belong to which version of the format, one a line.
//!
//! | manifest | who should run it |
//! |---|---|
//! | `go1.5` to `go1.21` | who reads traces of that version |
//! | `v1-only` | who reads no traces from Go 1.22 on (the v2 format), and must say so |
//! | `pprof` | who reads CPU profiles |
//!
//! An invalid trace whose header names no version is in the manifest of each of v1.

use sigprof_wire::FormatVersion;

use super::expected::{Input, Invalid, Valid};
use crate::fixtures::Files;

/// Cases that only a reader without v2 must refuse.
pub const V1_ONLY: &str = "v1-only";

/// Cases with CPU profiles.
pub const PPROF: &str = "pprof";

/// The formats that a trace of the corpus can have, oldest first: `go1.5` to `go1.21`.
#[must_use]
pub fn trace_formats() -> Vec<String> {
    let versions = FormatVersion::V1.iter();
    versions.map(|version| format!("go{version}")).collect()
}

/// The names of all manifests.
#[must_use]
pub fn names() -> Vec<String> {
    let mut names = trace_formats();
    names.extend([V1_ONLY, PPROF].map(str::to_owned));
    names
}

/// The path of a manifest below `fixtures`.
#[must_use]
pub fn path(name: &str) -> String {
    format!("manifests/{name}.txt")
}

/// The cases that a manifest lists, as they stand there.
///
/// # Errors
/// In words, if it is absent.
pub fn listed(files: &Files, name: &str) -> Result<Vec<String>, String> {
    let text =
        String::from_utf8_lossy(files.file(&path(name)).map_err(|e| e.to_string())?).into_owned();
    let lines = text.lines().map(str::trim);
    let cases = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    Ok(cases.map(str::to_owned).collect())
}

/// The cases that a manifest should list: what the cases say of themselves.
#[must_use]
pub fn belonging(files: &Files, name: &str) -> Vec<String> {
    let mut cases: Vec<_> = files
        .valid()
        .into_iter()
        .filter(|case| match name {
            PPROF => files.has(&format!("{case}/profile.pb.gz")),
            _ => files
                .json::<Valid>(&format!("{case}/expected.json"))
                .is_ok_and(|expected| expected.format == name),
        })
        .collect();
    cases.extend(files.invalid().into_iter().filter(|case| {
        let expected = files.json::<Invalid>(&format!("{case}/expected.json"));
        expected.is_ok_and(|expected| is_in(&expected, name))
    }));
    cases
}

fn is_in(expected: &Invalid, name: &str) -> bool {
    match (expected.input, expected.format.as_deref()) {
        (Input::Profile, _) => name == PPROF,
        (Input::Trace, None) => name != PPROF && name != V1_ONLY,
        (Input::Trace, Some(format)) if trace_formats().iter().any(|f| f == format) => {
            name == format
        }
        (Input::Trace, Some(_)) => name == V1_ONLY,
    }
}

/// The text of a manifest.
#[must_use]
pub fn text(files: &Files, name: &str) -> String {
    let about = match name {
        PPROF => "CPU profiles: `profile.pb.gz` of valid cases, `profile` of invalid ones.".into(),
        V1_ONLY => {
            "Traces that a reader without the v2 format (Go 1.22 on) must refuse, and others read."
                .into()
        }
        _ => format!("Traces for readers of format {name}."),
    };
    let cases: String = belonging(files, name)
        .iter()
        .map(|case| format!("{case}\n"))
        .collect();
    format!("# {about}\n{cases}")
}
