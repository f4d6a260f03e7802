//! Tests of the v2 reader: against real Go, against damage, and of what it does otherwise.

#![expect(clippy::cast_possible_truncation, reason = "small numbers of tests")]
#![expect(clippy::unwrap_used, reason = "tests")]

mod damage;
mod go;
mod judged;
mod kinder;
mod random;
mod tables;

use std::path::{Path, PathBuf};

use sigprof::error::InputError;
use sigprof::trace::v2::print::Printer;
use sigprof::trace::v2::{Options, Reader, Release};

/// The folders of `fixtures/v2`, in order.
fn fixtures() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/v2");
    let entries = std::fs::read_dir(folder).unwrap();
    let mut folders: Vec<_> = entries.map(|e| e.unwrap().path()).collect();
    folders.sort();
    assert!(folders.len() > 10);
    folders
}

/// The trace of a fixture.
fn fixture(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/v2");
    std::fs::read(folder.join(name).join("trace")).unwrap()
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

/// All events as a release prints them, and how reading ended.
fn printed(mut reader: Reader) -> (Vec<u8>, Result<(), InputError>) {
    let mut out = Vec::new();
    let mut printer = Printer::new(&mut out, |_| 0);
    let result = loop {
        match reader.advance() {
            Ok(true) => printer.print(&reader).unwrap(),
            Ok(false) => break Ok(()),
            Err(error) => break Err(error),
        }
    };
    printer.flush().unwrap();
    drop(printer);
    (out, result)
}
