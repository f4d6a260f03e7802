//! The faults of the corpus itself, each as a value, so that the suite can show
//! it, and a test can ask for it.

use std::collections::BTreeSet;
use std::fmt;

use super::expected::{ExpectedCheck, ExpectedError, Input, Invalid, Valid};
use super::{SCHEMA_VERSION, held, layout, manifest};
use crate::fixtures::{Files, Origin, sha256};

/// Something that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// The file or folder, below `fixtures`.
    pub path: String,
    /// The thing that should be there.
    pub want: String,
    /// The thing that is there.
    pub got: String,
}

impl Fault {
    pub(super) fn new(
        path: impl Into<String>,
        want: impl Into<String>,
        got: impl Into<String>,
    ) -> Self {
        Self {
            path: path.into(),
            want: want.into(),
            got: got.into(),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, want, got } = self;
        write!(f, "fixtures/{path}: want {want}, got {got}")
    }
}

/// The command that writes what is generated.
const GENERATE: &str = "what `cargo xtask expected` writes";

/// Everything that is wrong: [`of_case`] for each folder, and [`of_manifests`].
#[must_use]
pub fn all(files: &Files) -> Vec<Fault> {
    let cases = cases(files);
    let mut faults: Vec<_> = cases.iter().flat_map(|case| of_case(files, case)).collect();
    faults.extend(of_manifests(files));
    faults
}

/// Every folder below `valid` and `invalid` that has a file, whatever it is.
#[must_use]
pub fn cases(files: &Files) -> BTreeSet<String> {
    let is_case = |p: &&str| p.starts_with("valid/") || p.starts_with("invalid/");
    let paths = files.paths().filter(is_case);
    let folders = paths.filter_map(|p| p.rsplit_once('/').map(|(folder, _)| folder.to_owned()));
    folders.collect()
}

/// Faults of the files of a case, its origin and its `expected.json`.
#[must_use]
pub fn of_case(files: &Files, case: &str) -> Vec<Fault> {
    let mut faults = Vec::new();
    if case.split('/').count() != 3 {
        let want = "a folder `valid/<topic>/<case>` or `invalid/<topic>/<case>`";
        faults.push(Fault::new(case, want, "another"));
    }
    let inputs: &[&str] = if case.starts_with("valid/") {
        of_valid(files, case, &mut faults);
        &["trace", "profile.pb.gz"]
    } else {
        match of_invalid(files, case, &mut faults) {
            Some(Input::Profile) => &["profile"],
            Some(Input::Trace) => &["trace"],
            None if files.has(&format!("{case}/profile")) => &["profile"],
            None => &["trace"],
        }
    };
    of_files(files, case, inputs, &mut faults);
    of_origin(files, case, inputs, &mut faults);
    faults.extend(held::of_case(files, case));
    faults
}

/// Faults of the manifests: a case that is missing, a line too many.
#[must_use]
pub fn of_manifests(files: &Files) -> Vec<Fault> {
    let mut faults = Vec::new();
    for name in manifest::names() {
        let path = manifest::path(&name);
        let listed = match manifest::listed(files, &name) {
            Ok(listed) => listed,
            Err(why) => {
                faults.push(Fault::new(path, "a manifest", why));
                continue;
            }
        };
        let belonging = manifest::belonging(files, &name);
        for case in &listed {
            if !belonging.contains(case) {
                let want = "cases of this format only";
                faults.push(Fault::new(path.clone(), want, format!("{case:?}")));
            }
        }
        for case in &belonging {
            match listed.iter().filter(|line| *line == case).count() {
                1 => {}
                0 => faults.push(Fault::new(path.clone(), case, "no such line")),
                _ => faults.push(Fault::new(path.clone(), format!("{case} once"), "more")),
            }
        }
    }
    faults
}

fn of_valid(files: &Files, case: &str, faults: &mut Vec<Fault>) {
    let path = format!("{case}/expected.json");
    let expected: Valid = match files.json(&path) {
        Ok(expected) => expected,
        Err(why) => {
            return faults.push(Fault::new(path, "a valid case's `expected.json`", why.got));
        }
    };
    of_head(&path, expected.schema_version, &expected.rules, faults);
    if !manifest::trace_formats().contains(&expected.format) {
        let want = format!("format to be one of {:?}", manifest::trace_formats());
        faults.push(Fault::new(&path, want, &expected.format));
    }
    let has_profile = files.has(&format!("{case}/profile.pb.gz"));
    if expected.profile.is_some() != has_profile {
        let words = |has: bool| if has { "a profile" } else { "none" };
        let (want, got) = (words(has_profile), words(expected.profile.is_some()));
        faults.push(Fault::new(&path, want, got));
    }
    let has_samples = |count: Option<usize>| count.is_some_and(|count| count > 0);
    let profile_samples = expected.profile.as_ref().map(|p| p.samples.len());
    let can_be_checked =
        has_samples(Some(expected.trace.samples.len())) || has_samples(profile_samples);
    // Without one, nobody would see what the pair check makes of it.
    let is_whole = |check: &ExpectedCheck| {
        check.label.is_none() && check.goroutine.is_none() && check.region.is_none()
    };
    if has_profile && can_be_checked && !expected.pair.iter().any(is_whole) {
        let want = "`pair` to have a verdict on the whole pair";
        faults.push(Fault::new(&path, want, "none"));
    }
    let labels = expected
        .pair
        .iter()
        .filter_map(|check| check.label.as_ref());
    for label in labels.filter(|label| !label.contains('=')) {
        faults.push(Fault::new(
            &path,
            "labels `key=value`",
            format!("{label:?}"),
        ));
    }
    of_text(files, &path, &layout::valid(&expected), faults);
}

fn of_invalid(files: &Files, case: &str, faults: &mut Vec<Fault>) -> Option<Input> {
    let path = format!("{case}/expected.json");
    let expected: Invalid = match files.json(&path) {
        Ok(expected) => expected,
        Err(why) => {
            faults.push(Fault::new(
                path,
                "an invalid case's `expected.json`",
                why.got,
            ));
            return None;
        }
    };
    of_head(&path, expected.schema_version, &expected.rules, faults);
    let ExpectedError {
        offset,
        place,
        want,
        got,
        text,
        ..
    } = &expected.error;
    let begin = format!("{offset:#x}: {place}: want {want}, got {got}");
    if !text.starts_with(&begin) {
        faults.push(Fault::new(
            &path,
            format!("a text of the error that begins {begin:?}"),
            text,
        ));
    }
    of_text(files, &path, &layout::invalid(&expected), faults);
    Some(expected.input)
}

fn of_head(path: &str, version: u32, rules: &[String], faults: &mut Vec<Fault>) {
    if version != SCHEMA_VERSION {
        let want = format!("schema_version {SCHEMA_VERSION}");
        faults.push(Fault::new(path, want, version.to_string()));
    }
    if rules.is_empty() {
        faults.push(Fault::new(path, "at least one rule", "none"));
    }
}

/// The text is the one form that the values have, samples in their order.
fn of_text(files: &Files, path: &str, want: &str, faults: &mut Vec<Fault>) {
    let text = files.file(path).unwrap_or_default();
    if text != want.as_bytes() {
        let at = text
            .iter()
            .zip(want.as_bytes())
            .take_while(|(a, b)| a == b)
            .count();
        faults.push(Fault::new(
            path,
            GENERATE,
            format!("another text from byte {at} on"),
        ));
    }
}

/// The inputs are there (of a pair the profile may be missing), and no other file.
fn of_files(files: &Files, case: &str, inputs: &[&str], faults: &mut Vec<Fault>) {
    let folder = format!("{case}/");
    let names: Vec<_> = files
        .paths()
        .filter_map(|p| p.strip_prefix(&folder))
        .collect();
    for name in &names {
        if !inputs.contains(name) && !["expected.json", "origin.toml"].contains(name) {
            let want = format!("no file but {inputs:?}, expected.json and origin.toml");
            faults.push(Fault::new(format!("{case}/{name}"), want, "another"));
        }
    }
    if !names.contains(&inputs[0]) {
        faults.push(Fault::new(
            format!("{case}/{}", inputs[0]),
            "an input",
            "none",
        ));
    }
}

fn of_origin(files: &Files, case: &str, inputs: &[&str], faults: &mut Vec<Fault>) {
    let path = format!("{case}/origin.toml");
    let origin: Origin = match files.toml(&path) {
        Ok(origin) => origin,
        Err(why) => return faults.push(Fault::new(path, "an origin", why.got)),
    };
    let name = case.rsplit('/').next().unwrap_or_default();
    if origin.case != name {
        faults.push(Fault::new(
            &path,
            format!("case {name:?}"),
            format!("{:?}", origin.case),
        ));
    }
    let mut hashes = origin.sha256;
    let mut check = |key: &str, bytes: Option<&[u8]>, hint: &str| {
        let want = bytes.map(sha256);
        let got = hashes.remove(key);
        if want != got {
            let words = |sum: Option<String>| sum.unwrap_or_else(|| "none".into());
            let want = format!("SHA-256 of {key}{hint} {}", words(want));
            faults.push(Fault::new(&path, want, words(got)));
        }
    };
    for input in inputs {
        check(input, files.file(&format!("{case}/{input}")).ok(), "");
    }
    let source = origin
        .program
        .as_deref()
        .map(|program| files.source(program));
    check(
        "source",
        source.as_deref(),
        " (changed? then `just fixtures`)",
    );
    for key in hashes.keys() {
        faults.push(Fault::new(
            &path,
            "hashes of files that are there",
            format!("one of {key}"),
        ));
    }
}
