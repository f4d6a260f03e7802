//! The fuzz targets (`fuzz/`) over their corpus and the fixtures, without a fuzzer.

#![expect(
    clippy::expect_used,
    reason = "the targets panic if a promise is broken"
)]

#[path = "../../fuzz/targets.rs"]
mod targets;

use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.extend(self::files(&path));
        } else {
            files.push(path);
        }
    }
    files.sort();
    files
}

fn replay(target: fn(&[u8]), folders: &[&str], at_least: usize) {
    let files = folders
        .iter()
        .flat_map(|folder| files(&root().join(folder)));
    let mut count = 0;
    for file in files {
        let bytes = std::fs::read(&file).expect("a file");
        println!("{}", file.display());
        target(&bytes);
        count += 1;
    }
    assert!(count >= at_least, "{count} files");
}

#[test]
fn the_reader_keeps_its_promises() {
    let folders = ["fuzz/corpus/reader", "fixtures/invalid", "fixtures/valid"];
    replay(targets::reader, &folders, 100);
}

#[test]
fn the_dump_keeps_its_promises() {
    let folders = ["fuzz/corpus/reader", "fixtures/invalid", "fixtures/valid"];
    replay(targets::dump, &folders, 100);
}

#[test]
fn what_the_writer_writes_comes_back() {
    replay(
        targets::round_trip,
        &["fuzz/corpus/round_trip", "fixtures/invalid"],
        50,
    );
}
