//! Random legal traces: all releases print of each what we print.

use std::path::{Path, PathBuf};

use sigprof::trace::v2::Release;

use crate::fuzzed::targets::world::{legal, legal_apart};
use crate::v2::go::{Many, check};

/// How many traces are compared with each change, and in the sweep.
pub(crate) const FEW: u64 = 120;
const ALL: u64 = 3_000;

/// Traces of the seeds below `count`, with the headers that a release reads in turn. Until 1.23
/// Go takes threads of equal times in any order, so that there are none.
fn traces(release: Release, count: u64, folder: &Path) -> Vec<PathBuf> {
    let headers: Vec<_> = [22, 23, 25, 26]
        .into_iter()
        .filter(|&h| h <= release.minor())
        .collect();
    let made = (0..count).map(|seed| {
        let minor = headers[seed as usize % headers.len()];
        let bytes = match release {
            Release::Go1_22 | Release::Go1_23 => legal_apart(seed, minor),
            _ => legal(seed, minor),
        };
        let file = folder.join(format!("{seed}-{minor}"));
        std::fs::write(&file, bytes).unwrap();
        file
    });
    made.collect()
}

#[track_caller]
fn check_release(release: Release, count: u64) {
    let Some(go) = Many::build(release) else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let files = traces(release, count, folder.path());
    let read = check(&go, release, "parsed", &files);
    println!(
        "Go {release}: {} traces, {read} read to their end",
        files.len()
    );
    assert_eq!(read, files.len(), "Go {release} refuses a legal trace");
    // Of 1.25 and later it refuses events of experiments under most headers, as do we.
    assert!(check(&go, release, "wire", &files) > 0);
}

/// Guards R75.2, R75.3, R75.4, R76.1, R76.2, R77.1, R77.2, R77.3, R78.1, R78.6, R79.1, R79.2.
#[test]
fn go_1_27_prints_of_random_traces_what_we_print() {
    check_release(Release::Go1_27, FEW);
}

/// Guards R75.2, R75.3, R76.2.
#[test]
fn go_1_26_prints_of_random_traces_what_we_print() {
    check_release(Release::Go1_26, FEW);
}

/// Guards R75.2, R75.3, R76.2.
#[test]
fn go_1_25_prints_of_random_traces_what_we_print() {
    check_release(Release::Go1_25, FEW);
}

/// Guards R75.2, R75.3, R76.2.
#[test]
fn go_1_24_prints_of_random_traces_what_we_print() {
    check_release(Release::Go1_24, FEW);
}

/// Guards R75.2, R76.2, R78.6.
#[test]
fn go_1_23_prints_of_random_traces_what_we_print() {
    check_release(Release::Go1_23, FEW);
}

/// Guards R75.2, R76.2, R78.6.
#[test]
fn go_1_22_prints_of_random_traces_what_we_print() {
    check_release(Release::Go1_22, FEW);
}

#[test]
#[ignore = "a sweep: just test-all"]
fn every_release_prints_of_3000_random_traces_what_we_print() {
    for release in Release::ALL {
        check_release(release, ALL);
    }
}
