//! Random legal traces: all releases print of each what we print.

use sigprof::trace::v2::Release;

use crate::fuzzed::targets::world::legal;
use crate::v2::go::Many;
use crate::v2::judged::check;

/// How many traces: 3,000 if the environment asks for all (`SIGPROF_V2_TRACES=3000`).
fn count() -> u64 {
    let said = std::env::var("SIGPROF_V2_TRACES");
    said.map_or(120, |n| n.parse().unwrap())
}

#[track_caller]
fn check_release(release: Release) {
    let Some(go) = Many::build(release) else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let headers: Vec<_> = [22, 23, 25, 26]
        .into_iter()
        .filter(|&h| h <= release.minor())
        .collect();
    let files: Vec<_> = (0..count())
        .map(|seed| {
            let minor = headers[seed as usize % headers.len()];
            let file = folder.path().join(format!("{seed}-{minor}"));
            std::fs::write(&file, legal(seed, minor)).unwrap();
            file
        })
        .collect();
    // A few of them no release takes; then both end in the same place.
    assert!(check(&go, release, "parsed", &files) * 10 >= files.len() * 9);
    // Of 1.25 and later it refuses events of experiments under most headers, as do we.
    assert!(check(&go, release, "wire", &files) > 0);
}

/// Guards R75.2, R75.3, R75.4, R76.1, R76.2, R77.1, R77.2, R77.3, R78.1, R78.6, R79.1, R79.2.
#[test]
fn go_1_27_prints_of_random_traces_what_we_print() {
    check_release(Release::Go1_27);
}

/// Guards R75.2, R75.3, R76.2.
#[test]
fn go_1_26_prints_of_random_traces_what_we_print() {
    check_release(Release::Go1_26);
}

/// Guards R75.2, R75.3, R76.2.
#[test]
fn go_1_25_prints_of_random_traces_what_we_print() {
    check_release(Release::Go1_25);
}

/// Guards R75.2, R75.3, R76.2.
#[test]
fn go_1_24_prints_of_random_traces_what_we_print() {
    check_release(Release::Go1_24);
}
