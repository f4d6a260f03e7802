//! What guards each rule of SPEC.md: the tests, mutants, fixtures and kept runs that cite it.
//!
//! A guard is something that fails when the rule is broken:
//!
//! - a **test** that says so above it, `/// Guards R36.2, S8.4.`;
//! - a **mutant** of the model, which breaks the rules that it names, and the law that it
//!   breaks (S18); it must be caught;
//! - a **fixture**, whose `expected.json` names the rules that it shows, or that an invalid
//!   file breaks;
//! - a **kept run**, which must break its law (S17.1).
//!
//! Citations of tests are read from the sources of the checkout that the program was built
//! from. SPEC.md has them in its last section, which [`table`] writes; a program that is
//! elsewhere than its sources takes them from there.

mod code;
pub mod matrix;
mod reach;
pub mod scan;
pub mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;
use sigprof_model::mutants::{Fate, Mutant};

use super::failure::{Failure, rule_of};
use super::fixture::Files;
use crate::explore::seeds;
use crate::spec;

/// The rule that says all this.
pub(super) const RULE: &str = "S22.12";

/// What guards a rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind", content = "id")]
pub enum Guard {
    /// `model/tests/eof.rs::the_end_comes_last`
    Test(String),
    /// The name of a mutant that must be caught.
    Mutant(String),
    /// The folder of a fixture: `invalid/wire/event-cut`.
    Fixture(String),
    /// A kept run: `seeds/b30`.
    Seed(String),
}

/// As SPEC.md has it: ``test `model/tests/eof.rs::the_end_comes_last` ``.
impl fmt::Display for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Test(id) => write!(f, "test `{id}`"),
            Self::Mutant(id) => write!(f, "mutant `{id}`"),
            Self::Fixture(id) => write!(f, "fixture `{id}`"),
            Self::Seed(id) => write!(f, "kept run `{id}`"),
        }
    }
}

/// The checkout that the program was built from, as far as it is looked at here.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// SPEC.md.
    pub spec: String,
    /// Rust files by their path from the root.
    pub rust: BTreeMap<String, String>,
    /// Paths of golden files and transcripts, from the root.
    pub snapshots: BTreeSet<String>,
    /// The fixtures, as they are now.
    pub fixtures: Files,
}

impl Sources {
    /// Reads it, if it is there.
    ///
    /// # Errors
    /// If it is there and cannot be read.
    pub fn here() -> io::Result<Option<Self>> {
        let Some(root) = Path::new(env!("CARGO_MANIFEST_DIR")).parent() else {
            return Ok(None);
        };
        if !root.join("SPEC.md").is_file() {
            return Ok(None);
        }
        let mut sources = Self {
            spec: std::fs::read_to_string(root.join("SPEC.md"))?,
            ..Self::default()
        };
        for folder in ["model", "sim", "conformance"] {
            for path in files(&root.join(folder))? {
                if path.extension().is_some_and(|e| e == "rs") {
                    let text = std::fs::read_to_string(&path)?;
                    sources.rust.insert(from_root(root, &path), text);
                }
            }
        }
        let fixtures = root.join("fixtures");
        for path in files(&fixtures)? {
            let name = from_root(&fixtures, &path);
            if Files::is_embedded(&name) {
                sources.fixtures.insert(name, std::fs::read(&path)?);
            }
        }
        for path in files(&root.join("snapshots"))? {
            // Others are what transcripts read.
            if path
                .extension()
                .is_some_and(|e| e == "snap" || e == "trycmd")
            {
                sources.snapshots.insert(from_root(root, &path));
            }
        }
        Ok(Some(sources))
    }
}

fn from_root(root: &Path, path: &Path) -> String {
    let path = path.strip_prefix(root).unwrap_or(path);
    let parts = path.iter().map(|part| part.to_string_lossy());
    parts.collect::<Vec<_>>().join("/")
}

/// All files below a folder, but for what cargo builds.
fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                if path.file_name().is_some_and(|name| name != "target") {
                    folders.push(path);
                }
            } else {
                files.push(path);
            }
        }
    }
    Ok(files)
}

/// What guards what.
#[derive(Clone, Debug, Default)]
pub struct Guards {
    by_rule: BTreeMap<String, BTreeSet<Guard>>,
    /// Citations that are not as they should be.
    pub faults: Vec<Failure>,
}

impl Guards {
    /// Those of mutants and fixtures, and of tests: from the sources if there are any, else
    /// from the table of the specification.
    #[must_use]
    pub fn new(files: &Files, sources: Option<&Sources>) -> Self {
        let mut guards = Self::default();
        for mutant in Mutant::all() {
            guards.add_mutant(&mutant);
        }
        for (folder, rules) in files.rules() {
            for rule in rules {
                guards.add(&rule, Guard::Fixture(folder.clone()));
            }
        }
        for seed in files.seeds() {
            let text = files.file(&format!("{seed}.toml")).unwrap_or_default();
            // One that does not read fails in its own area.
            let case = seeds::Case::parse(&String::from_utf8_lossy(text));
            if let Some(law) = case.ok().and_then(|case| case.law) {
                guards.add(&rule_of(law), Guard::Seed(seed));
            }
        }
        let spec = match sources {
            Some(sources) => {
                guards.add_tests(&sources.rust);
                &sources.spec
            }
            None => {
                for (rule, guard) in table::tests(spec::TEXT) {
                    guards.add(rule, guard);
                }
                spec::TEXT
            }
        };
        guards.find_unknown(spec);
        guards
    }

    /// What guards a rule.
    pub fn of(&self, rule: &str) -> impl Iterator<Item = &Guard> {
        self.by_rule.get(rule).into_iter().flatten()
    }

    fn add(&mut self, rule: &str, guard: Guard) {
        self.by_rule
            .entry(rule.to_owned())
            .or_default()
            .insert(guard);
    }

    fn add_mutant(&mut self, mutant: &Mutant) {
        if let Fate::Breaks { law, .. } = mutant.fate {
            let guard = || Guard::Mutant(mutant.name.to_owned());
            self.add(&rule_of(law), guard());
            for rule in mutant.rules {
                self.add(rule, guard());
            }
        }
    }

    fn add_tests(&mut self, rust: &BTreeMap<String, String>) {
        let reached = reach::reached(rust);
        for (path, text) in rust {
            let is_reached = reached.contains(path.as_str());
            for found in scan::citations(text) {
                let found = found.and_then(|citation| match is_reached {
                    true => Ok(citation),
                    false => Err(scan::Misfit {
                        line: citation.line,
                        want: "a file that a test target is made of",
                        got: "one to which no `mod` leads".into(),
                    }),
                });
                match found {
                    Ok(scan::Citation { rules, test, .. }) => {
                        for rule in rules {
                            self.add(&rule, Guard::Test(format!("{path}::{test}")));
                        }
                    }
                    Err(scan::Misfit { line, want, got }) => {
                        let failure = Failure::new("citation of a rule", want, got);
                        self.faults.push(failure.file(path).line(line).rule(RULE));
                    }
                }
            }
        }
    }

    /// What cites a rule that there is not.
    fn find_unknown(&mut self, spec: &str) {
        let known: BTreeSet<_> = spec::rules(spec).map(|rule| rule.number).collect();
        let unknown = self
            .by_rule
            .iter()
            .filter(|(rule, _)| !known.contains(rule.as_str()));
        for (rule, guards) in unknown {
            for guard in guards {
                let failure = Failure::new(guard.to_string(), "rules of SPEC.md", rule);
                let failure = match guard {
                    Guard::Test(id) => match id.split_once("::") {
                        Some((file, _)) => failure.file(file),
                        None => failure,
                    },
                    Guard::Mutant(_) => failure,
                    Guard::Seed(seed) => failure.file(format!("fixtures/{seed}.toml")),
                    Guard::Fixture(folder) => {
                        failure.file(format!("fixtures/{folder}/expected.json"))
                    }
                };
                self.faults.push(failure.rule(RULE));
            }
        }
    }
}
