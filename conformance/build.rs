//! The fixtures become part of the program, as a list of paths and bytes.
//!
//! A crate that embeds folders (rust-embed, include_dir) does the same with thirteen crates, or
//! without a choice of files.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

#[path = "src/fixtures/embedded.rs"]
mod embedded;

fn main() {
    // Of a folder cargo looks at all that is in it, and at the times of the folders themselves: so it
    // sees that one is new and that one is gone, be it a whole folder.
    println!("cargo::rerun-if-changed=../fixtures");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures");
    let mut list = String::from("&[\n");
    for path in files(&root) {
        let below = path.strip_prefix(&root).expect("a path below");
        let parts = below.iter().map(|part| part.to_str().expect("UTF-8"));
        let name = parts.collect::<Vec<_>>().join("/");
        if embedded::is_embedded(&name) {
            let path = path.to_str().expect("UTF-8");
            writeln!(list, "({name:?}, include_bytes!({path:?})),").expect("memory");
        }
    }
    list.push(']');
    let out = std::env::var_os("OUT_DIR").expect("cargo says");
    fs::write(Path::new(&out).join("fixtures.rs"), list).expect("the folder of builds");
}

/// All files below a folder, in the order of their names below it.
fn files(root: &Path) -> Vec<PathBuf> {
    let (mut files, mut folders) = (Vec::new(), vec![root.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("a file").path();
            match path.is_dir() {
                true => folders.push(path),
                false => files.push(path),
            }
        }
    }
    // As text, so that a name can be searched for: paths are compared part by part.
    files.sort_by_key(|path| path.to_string_lossy().replace('\\', "/"));
    files
}
