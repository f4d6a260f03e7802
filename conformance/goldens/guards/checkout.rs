//! The checkout whose rules, tests and fixtures are looked at.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sigprof::fixtures::Files;

/// A checkout, as far as guards need it. A value, so that a test can hand over one that is
/// not as it should be.
#[derive(Clone, Debug)]
pub(super) struct Checkout {
    /// The text of SPEC.md.
    pub(super) spec: String,
    /// Rust files by their path from the root.
    pub(super) rust: BTreeMap<String, String>,
    /// The fixtures, as they are on disk.
    pub(super) fixtures: Files,
}

impl Checkout {
    /// The checkout that this test was built from.
    pub(super) fn here() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let read = |path: &Path| std::fs::read_to_string(path).expect("a file of the checkout");
        let mut rust = BTreeMap::new();
        for folder in ["model", "sim", "conformance"] {
            for path in files(&root.join(folder)) {
                if path.extension().is_some_and(|e| e == "rs") {
                    rust.insert(from(root, &path), read(&path));
                }
            }
        }
        let folder = root.join("fixtures");
        let mut fixtures = Files::default();
        for path in files(&folder) {
            let name = from(&folder, &path);
            if Files::is_embedded(&name) {
                fixtures.insert(name, std::fs::read(&path).expect("a fixture"));
            }
        }
        Self {
            spec: read(&root.join("SPEC.md")),
            rust,
            fixtures,
        }
    }
}

fn from(root: &Path, path: &Path) -> String {
    let path = path.strip_prefix(root).unwrap_or(path);
    let parts = path.iter().map(|part| part.to_string_lossy());
    parts.collect::<Vec<_>>().join("/")
}

/// All files below a folder, but for what cargo builds.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("a file").path();
            match path.is_dir() {
                true if path.file_name().is_some_and(|name| name == "target") => {}
                true => folders.push(path),
                false => files.push(path),
            }
        }
    }
    files
}
