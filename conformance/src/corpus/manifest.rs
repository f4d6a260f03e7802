//! `manifests/<format>.txt`: which cases belong to which version of the format, one a line.
//!
//! | manifest | who should run it |
//! |---|---|
//! | `go1.5` to `go1.26` | who reads traces of that version |
//! | `v1`, `v2` | who reads all versions up to Go 1.21, or all from 1.22 on |
//! | `v1-only` | who reads no traces from Go 1.22 on (the v2 format), and must say so |
//! | `pprof` | who reads CPU profiles |
//!
//! An invalid trace whose header names no version is in the manifest of each.

use sigprof_wire::FormatVersion;

use super::expected::{Input, Invalid, Valid};
use crate::fixtures::Files;

/// Cases of all v1 formats, and of all v2 formats.
pub const FAMILIES: [(&str, &[FormatVersion]); 2] =
    [("v1", &FormatVersion::V1), ("v2", &FormatVersion::V2)];

/// Invalid cases of the v2 format, which a reader without it must refuse as well.
pub const V1_ONLY: &str = "v1-only";

/// Cases with CPU profiles.
pub const PPROF: &str = "pprof";

/// The formats that a trace of the corpus can have, oldest first: `go1.5` to `go1.26`.
#[must_use]
pub fn trace_formats() -> Vec<String> {
    let versions = FormatVersion::V1.into_iter().chain(FormatVersion::V2);
    versions.map(|version| format!("go{version}")).collect()
}

/// Whether a format is the one that a manifest is for, or one of those.
fn is_of(format: &str, name: &str) -> bool {
    let of_all = FAMILIES.iter().find(|(all, _)| *all == name);
    let is_it = |version: &FormatVersion| format.strip_prefix("go") == Some(&version.to_string());
    format == name || of_all.is_some_and(|(_, versions)| versions.iter().any(is_it))
}

/// Whether `format` is of v2.
#[must_use]
pub fn is_v2(format: &str) -> bool {
    is_of(format, FAMILIES[1].0)
}

/// The names of all manifests.
#[must_use]
pub fn names() -> Vec<String> {
    let mut names = trace_formats();
    names.extend(FAMILIES.map(|(name, _)| name.to_owned()));
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
                .is_ok_and(|expected| is_of(&expected.format, name)),
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
        (Input::Trace, Some(format)) => is_of(format, name) || name == V1_ONLY && is_v2(format),
    }
}

/// The text of a manifest.
#[must_use]
pub fn text(files: &Files, name: &str) -> String {
    let about = match name {
        PPROF => "CPU profiles: `profile.pb.gz` of valid cases, `profile` of invalid ones.".into(),
        V1_ONLY => {
            "Traces of the v2 format (Go 1.22 on) that every reader must refuse, one without it as well."
                .into()
        }
        _ if FAMILIES.iter().any(|(all, _)| *all == name) => {
            format!("Traces for readers of all {name} formats.")
        }
        _ => format!("Traces for readers of format {name}."),
    };
    let cases: String = belonging(files, name)
        .iter()
        .map(|case| format!("{case}\n"))
        .collect();
    format!("# {about}\n{cases}")
}
