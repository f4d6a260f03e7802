//! Fixtures of real Go, held a second time: `snapshots/fixtures/real.snap` has the length and
//! SHA-256 of each file, and is a golden that a person reviews. Everything else that is said of a
//! file lies beside it and can be changed along with it; a simulated or broken case is made
//! again by the tests, and a real one cannot be.
//!
//! The list is part of the program, as the fixtures are, so that the suite sees the change in
//! a checkout whose tests nobody ran.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::faults::Fault;
use crate::fixtures::{Files, Origin, sha256};

/// Where the list is, from the repository's root.
pub const PATH: &str = "snapshots/fixtures/real.snap";

const REVIEWED: &str = include_str!("../../../snapshots/fixtures/real.snap");

/// The files of a case that Go wrote.
const WRITTEN: [&str; 2] = ["trace", "profile.pb.gz"];

/// The list as it should be for these fixtures.
#[must_use]
pub fn list(files: &Files) -> String {
    let mut text = String::new();
    for case in files.real() {
        let Ok(origin) = files.toml::<Origin>(&format!("{case}/origin.toml")) else {
            continue;
        };
        let _ = writeln!(text, "{}: {}", origin.made_by, origin.command);
        for (path, bytes) in written(files, &case) {
            let _ = writeln!(text, "  {}", line(&path, bytes));
        }
    }
    text
}

/// Files of a case that are not those of the list, or in it and not there.
pub(super) fn of_case(files: &Files, case: &str) -> Vec<Fault> {
    let lines = REVIEWED.lines().filter_map(|line| line.strip_prefix("  "));
    let reviewed = lines.filter_map(|line| Some((line.split_once(' ')?.0, line)));
    let of_case = |path: &str| {
        path.rsplit_once('/')
            .is_some_and(|(folder, _)| folder == case)
    };
    let reviewed: BTreeMap<&str, &str> = reviewed.filter(|(path, _)| of_case(path)).collect();
    let mut there: BTreeMap<String, String> = BTreeMap::new();
    if !reviewed.is_empty() || files.real().iter().any(|real| real == case) {
        let written = written(files, case).into_iter();
        there.extend(written.map(|(path, bytes)| (path.clone(), line(&path, bytes))));
    }
    let paths: std::collections::BTreeSet<&str> = reviewed
        .keys()
        .copied()
        .chain(there.keys().map(String::as_str))
        .collect();
    let fault = |path: &str| {
        let (want, got) = (reviewed.get(path), there.get(path));
        if want.copied() == got.map(String::as_str) {
            return None;
        }
        let want = want.map_or("no file that real Go wrote", |line| *line);
        let want = format!("what {PATH} has, and a person reviewed: {want}");
        Some(Fault::new(path, want, got.map_or("none", |line| line)))
    };
    paths.into_iter().filter_map(fault).collect()
}

fn written<'a>(files: &'a Files, case: &str) -> Vec<(String, &'a [u8])> {
    let paths = WRITTEN.map(|name| format!("{case}/{name}")).into_iter();
    let files = paths.filter_map(|path| files.file(&path).ok().map(|bytes| (path, bytes)));
    files.collect()
}

fn line(path: &str, bytes: &[u8]) -> String {
    format!("{path} {} bytes {}", bytes.len(), sha256(bytes))
}
