//! Tests of the v2 reader: against real Go, against damage, and of what it does otherwise.

#![expect(clippy::cast_possible_truncation, reason = "small numbers of tests")]
#![expect(clippy::unwrap_used, reason = "tests")]

mod damage;
mod dumped;
mod exported;
mod fuzz;
mod go;
mod judged;
mod kept;
mod kinder;
mod left_out;
mod open;
mod random;
mod rings;
mod tables;
mod texts;
mod viewer;

use std::path::{Path, PathBuf};

use sigprof::fixtures::Files;
use sigprof::oracle::parsed::events as printed;
use sigprof::trace::v2::{Options, Release};

/// The folders of valid fixtures with a trace of the v2 format, in order.
fn fixtures() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures");
    let cases = Files::embedded().valid_v2();
    assert!(cases.len() > 20);
    cases.iter().map(|case| root.join(case)).collect()
}

/// The trace of a valid fixture: `basics/hog-go1.27`.
fn fixture(name: &str) -> Vec<u8> {
    let path = format!("valid/{name}/trace");
    Files::embedded().file(&path).unwrap().to_vec()
}

/// The minor version in a header.
fn header(bytes: &[u8]) -> u16 {
    std::str::from_utf8(&bytes[5..7]).unwrap().parse().unwrap()
}

/// Options of a release.
fn like(release: Release) -> Options {
    Options {
        release,
        ..Options::default()
    }
}
