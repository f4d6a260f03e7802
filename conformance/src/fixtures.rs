//! The fixtures, which are part of the program, and what is said of them.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::failure::Failure;

mod embedded;

/// The folder `fixtures` as it was when the program was built (`build.rs`), by path.
static EMBEDDED: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/fixtures.rs"));

/// Files by their path below `fixtures`. The suite takes them as a value, so that a
/// test can hand it what is not as it should be.
#[derive(Clone, Debug, Default)]
pub struct Files(BTreeMap<String, Cow<'static, [u8]>>);

impl Files {
    /// The files that are part of the program.
    #[must_use]
    pub fn embedded() -> Self {
        let files = EMBEDDED.iter();
        let files = files.map(|&(path, bytes)| (path.to_owned(), Cow::Borrowed(bytes)));
        Self(files.collect())
    }

    /// Whether a file of the folder `fixtures` is a part of the program: README.md, schemas,
    /// manifests, cases, programs and kept runs.
    #[must_use]
    pub fn is_embedded(path: &str) -> bool {
        embedded::is_embedded(path)
    }

    /// Puts a file there, in place of the one that may be there.
    pub fn insert(&mut self, path: impl Into<String>, bytes: impl Into<Vec<u8>>) {
        self.0.insert(path.into(), Cow::Owned(bytes.into()));
    }

    /// Takes a file away.
    pub fn remove(&mut self, path: &str) {
        self.0.remove(path);
    }

    /// The bytes of a file.
    ///
    /// # Errors
    /// If it is absent.
    pub fn file(&self, path: &str) -> Result<&[u8], Failure> {
        let bytes = self.0.get(path).map(AsRef::as_ref);
        bytes.ok_or_else(|| Failure::new("file", "one", "none").file(format!("fixtures/{path}")))
    }

    /// A TOML file of a fixture.
    ///
    /// # Errors
    /// If it is absent or not as it should be.
    pub fn toml<T: serde::de::DeserializeOwned>(&self, path: &str) -> Result<T, Failure> {
        let text = String::from_utf8_lossy(self.file(path)?);
        toml::from_str(&text).map_err(|error| {
            let got = error.message().replace('\n', ", ");
            let failure = Failure::new("TOML", "the fields that fixtures/README.md has", got);
            let offset = error.span().map_or(0, |span| span.start as u64);
            failure.file(format!("fixtures/{path}")).offset(offset)
        })
    }

    /// A JSON file of a fixture.
    ///
    /// # Errors
    /// If it is absent or not as it should be.
    pub fn json<T: serde::de::DeserializeOwned>(&self, path: &str) -> Result<T, Failure> {
        serde_json::from_slice(self.file(path)?).map_err(|error| {
            let expected = "what fixtures/schemas/expected.schema.json has";
            let failure = Failure::new("JSON", expected, error.to_string());
            let failure = failure.file(format!("fixtures/{path}"));
            failure.line(error.line() as u64)
        })
    }

    /// Whether a file is there.
    #[must_use]
    pub fn has(&self, path: &str) -> bool {
        self.0.contains_key(path)
    }

    /// The paths of all files, in order.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The inputs that must be read, by folder: `valid/basics/hog`.
    #[must_use]
    pub fn valid(&self) -> Vec<String> {
        self.folders("valid/", "expected.json")
    }

    /// Cases of [`Files::valid`] that have a profile.
    #[must_use]
    pub fn pairs(&self) -> Vec<String> {
        let mut pairs = self.valid();
        pairs.retain(|case| self.has(&format!("{case}/profile.pb.gz")));
        pairs
    }

    /// Cases of [`Files::valid`] whose trace is of the v2 format.
    #[must_use]
    pub fn valid_v2(&self) -> Vec<String> {
        let mut cases = self.valid();
        cases.retain(|case| self.is_v2(case));
        cases
    }

    /// Cases of [`Files::valid`] that real Go made and judged.
    #[must_use]
    pub fn real(&self) -> Vec<String> {
        let mut real = self.valid();
        real.retain(|case| {
            let origin = self.toml::<Origin>(&format!("{case}/origin.toml"));
            origin.is_ok_and(|origin| origin.judged.is_some())
        });
        real
    }

    /// Cases of [`Files::real`] whose trace is of the v1 format.
    #[must_use]
    pub fn real_v1(&self) -> Vec<String> {
        let mut real = self.real();
        real.retain(|case| !self.is_v2(case));
        real
    }

    fn is_v2(&self, case: &str) -> bool {
        let trace = self.file(&format!("{case}/trace")).unwrap_or_default();
        crate::trace::v2::is_v2(trace)
    }

    /// The inputs that must be refused, by folder: `invalid/header/empty`.
    #[must_use]
    pub fn invalid(&self) -> Vec<String> {
        self.folders("invalid/", "expected.json")
    }

    /// The kept runs: `seeds/b30`.
    #[must_use]
    pub fn seeds(&self) -> Vec<String> {
        let paths = self.0.keys().filter(|p| p.starts_with("seeds/"));
        let cases = paths.filter_map(|p| p.strip_suffix(".toml").map(str::to_owned));
        cases.collect()
    }

    /// The rules that fixtures cite in their `expected.json`, by folder.
    #[must_use]
    pub fn rules(&self) -> Vec<(String, Vec<String>)> {
        #[derive(Deserialize)]
        struct Cites {
            rules: Vec<String>,
        }
        let files = self.0.iter();
        let cites = files.filter_map(|(path, bytes)| {
            let folder = path.strip_suffix("/expected.json")?;
            let cites: Cites = serde_json::from_slice(bytes).ok()?;
            Some((folder.to_owned(), cites.rules))
        });
        cites.collect()
    }

    /// The Go files that a program is made of, one after the other.
    #[must_use]
    pub fn source(&self, program: &str) -> Vec<u8> {
        let program = program.strip_prefix("fixtures/").unwrap_or(program);
        let program = format!("{program}/");
        let is_part = |p: &str| p.starts_with(&program) || p.starts_with("programs/internal/");
        let files = self.0.iter().filter(|(path, _)| is_part(path));
        files.flat_map(|(_, bytes)| bytes.iter().copied()).collect()
    }

    /// The folders below `root` that hold a file called `marker`, in order.
    fn folders(&self, root: &str, marker: &str) -> Vec<String> {
        let suffix = format!("/{marker}");
        let paths = self.0.keys().filter(|p| p.starts_with(root));
        let folders = paths.filter_map(|p| p.strip_suffix(&suffix).map(str::to_owned));
        folders.collect::<BTreeSet<_>>().into_iter().collect()
    }
}

/// The bytes of an embedded file.
#[must_use]
pub fn file(path: &str) -> Option<Cow<'static, [u8]>> {
    let at = EMBEDDED.binary_search_by_key(&path, |&(path, _)| path);
    at.ok().map(|at| Cow::Borrowed(EMBEDDED[at].1))
}

/// The embedded files that real Go made: [`Files::real`].
#[must_use]
pub fn real() -> Vec<String> {
    Files::embedded().real()
}

/// The embedded ones of the v1 format: [`Files::real_v1`].
#[must_use]
pub fn real_v1() -> Vec<String> {
    Files::embedded().real_v1()
}

/// An embedded JSON file: [`Files::json`].
///
/// # Errors
/// If it is absent or not as it should be.
pub fn json<T: serde::de::DeserializeOwned>(path: &str) -> Result<T, Failure> {
    Files::embedded().json(path)
}

/// How a case was made: `origin.toml`, which programs write.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// The folder's name.
    pub case: String,
    /// The program that made it: `go1.19.8`, `sigprof-sim`.
    pub made_by: String,
    /// The command that makes it again.
    pub command: String,
    /// The program's folder, from the repository's root, if real Go ran one.
    pub program: Option<String>,
    /// Operating system and processor, where they matter: `linux/amd64`.
    pub platform: Option<String>,
    /// The day when it was made, where it is not the same every time.
    pub date: Option<String>,
    /// SHA-256 in hexadecimal digits: of the files by their names, and as `source` of the
    /// program's Go files and the shared ones, in the order of their paths.
    pub sha256: BTreeMap<String, String>,
    /// The findings of the Go that made it.
    pub judged: Option<Judged>,
}

/// The findings of real Go about a pair.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Judged {
    /// Events that the trace tool of that Go prints.
    pub events: u64,
    /// CPU samples among them.
    pub trace_samples: u64,
    /// Samples of the profile, without those that it counts as lost.
    pub profile_samples: u64,
    /// Samples that the profile counts as lost.
    pub profile_lost: u64,
    /// SHA-256 of what it prints: of a v1 trace the lines of `go tool trace -d`, sorted bytewise; of
    /// a v2 trace all of `-d=parsed` as it is, in UTC.
    pub parsed_sha256: String,
}

/// SHA-256 in hexadecimal digits.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    let sum = Sha256::digest(bytes);
    sum.iter().map(|b| format!("{b:02x}")).collect()
}
