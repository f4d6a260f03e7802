//! Writes what is generated of the corpus: of each `expected.json` the samples and what real
//! Go does; and the manifests.
//!
//! ```text
//! cargo xtask expected
//! ```
//!
//! What is by hand stays: about, format, rules, the pair's verdicts, the error. In a new case
//! the last two are filled in with what sigprof says, for a person to look at. What Go does
//! is measured where Go is installed, and stays as it is where not.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use sigprof::check::{self, Narrow};
use sigprof::corpus::expected::{ExpectedCheck, ExpectedError, GoDoes, Input, Invalid, Valid};
use sigprof::corpus::samples::{ProfileSide, TraceSide};
use sigprof::corpus::{SCHEMA_VERSION, events, layout, manifest, ours};
use sigprof::fixtures::Files;
use sigprof::oracle::Go;
use sigprof::pprof;
use sigprof::trace::Reader;

use super::go;

/// The fields of an `expected.json` that are written by hand, of a valid case or an invalid one.
#[derive(Deserialize)]
struct Hand {
    about: String,
    format: Option<String>,
    input: Option<Input>,
    rules: Vec<String>,
    pair: Option<Vec<ExpectedCheck>>,
    error: Option<ExpectedError>,
    go: Option<BTreeMap<String, GoDoes>>,
}

type Failure = Box<dyn std::error::Error>;

/// Writes all of it.
pub(crate) fn write() -> Result<(), Failure> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures");
    let mut files = Files::default();
    for kind in ["valid", "invalid"] {
        for folder in folders(&root.join(kind))? {
            let text = match kind {
                "valid" => valid(&folder)?,
                _ => invalid(&folder)?,
            };
            std::fs::write(folder.join("expected.json"), &text)?;
            let case = folder.strip_prefix(&root)?.to_string_lossy().into_owned();
            if folder.join("profile.pb.gz").is_file() {
                files.insert(format!("{case}/profile.pb.gz"), "");
            }
            files.insert(format!("{case}/expected.json"), text);
        }
    }
    measure_go(&root, &mut files)?;
    std::fs::create_dir_all(root.join("manifests"))?;
    for name in manifest::names() {
        std::fs::write(
            root.join(manifest::path(&name)),
            manifest::text(&files, &name),
        )?;
    }
    Ok(())
}

/// The folders `<topic>/<case>`.
fn folders(root: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut folders = Vec::new();
    for topic in std::fs::read_dir(root)? {
        for case in std::fs::read_dir(topic?.path())? {
            folders.push(case?.path());
        }
    }
    folders.sort();
    Ok(folders)
}

fn hand(folder: &Path) -> Result<Hand, Failure> {
    let path = folder.join("expected.json");
    let text = std::fs::read(&path).map_err(|e| {
        let wants = r#"{"about": "a sentence", "format": "go1.19", "rules": ["R60.1"]}"#;
        format!("{}: {e}; begin it by hand: {wants}", path.display())
    })?;
    serde_json::from_slice(&text).map_err(|e| format!("{}: {e}", path.display()).into())
}

fn valid(folder: &Path) -> Result<String, Failure> {
    let hand = hand(folder)?;
    let bad = |e: &dyn std::fmt::Display| format!("{}: {e}", folder.display());
    let bytes = std::fs::read(folder.join("trace"))?;
    let format = Reader::new(&bytes).map(|reader| format!("go{}", reader.version()));
    let packed = std::fs::read(folder.join("profile.pb.gz")).ok();
    let side: TraceSide = ours::trace(&bytes).map_err(|e| bad(&e))?;
    let profile = packed.as_deref().map(ours::profile).transpose();
    let profile: Option<ProfileSide> = profile.map_err(|e| bad(&e))?;
    let pair = match (hand.pair, &packed) {
        (Some(pair), _) => pair,
        (None, None) => Vec::new(),
        (None, Some(packed)) => new_pair(&bytes, packed)?,
    };
    Ok(layout::valid(&Valid {
        schema_version: SCHEMA_VERSION,
        about: hand.about,
        format: hand.format.unwrap_or(format.map_err(|e| bad(&e))?),
        rules: hand.rules,
        trace: side,
        events: events::sum(&events::of(&bytes).map_err(|e| bad(&e))?),
        profile,
        pair,
    }))
}

fn new_pair(trace: &[u8], profile: &[u8]) -> Result<Vec<ExpectedCheck>, Failure> {
    let side = check::TraceSide::read(&mut Reader::new(trace)?, &Narrow::default())?;
    let report = side.check(pprof::read(profile)?);
    let expected = report.map(|report| ExpectedCheck {
        label: None,
        goroutine: None,
        region: None,
        verdict: report.verdict,
        reason: report.reason,
    });
    Ok(expected.into_iter().collect())
}

fn invalid(folder: &Path) -> Result<String, Failure> {
    let hand = hand(folder)?;
    let has_trace = folder.join("trace").is_file();
    let input = hand.input.unwrap_or(match has_trace {
        true => Input::Trace,
        false => Input::Profile,
    });
    let bytes = std::fs::read(folder.join(input.file()))?;
    let result = match input {
        Input::Trace => Reader::new(&bytes).and_then(|mut reader| reader.verify()),
        Input::Profile => pprof::read(&bytes).map(|_| ()),
    };
    let error = match (hand.error, result) {
        (Some(error), _) => error,
        (None, Err(error)) => ExpectedError::from(&error),
        (None, Ok(())) => return Err(format!("{}: is read", folder.display()).into()),
    };
    Ok(layout::invalid(&Invalid {
        schema_version: SCHEMA_VERSION,
        about: hand.about,
        format: hand.format,
        input,
        rules: hand.rules,
        error,
        go: hand.go,
    }))
}

/// Asks each Go that is installed about each invalid trace.
fn measure_go(root: &Path, files: &mut Files) -> Result<(), Failure> {
    let mut cases: Vec<(String, Invalid)> = Vec::new();
    for case in files.invalid() {
        let expected: Invalid = files.json(&format!("{case}/expected.json"))?;
        if expected.input == Input::Trace {
            cases.push((case, expected));
        }
    }
    for release in go::RELEASES {
        let is_asked = |expected: &Invalid| {
            let format = expected.format.as_deref();
            release.judges_v1 || format.is_some_and(manifest::is_v2)
        };
        let asked = cases.iter_mut().filter(|(_, expected)| is_asked(expected));
        let asked: Vec<_> = asked.collect();
        let paths: Vec<_> = asked
            .iter()
            .map(|(case, _)| root.join(case).join("trace"))
            .collect();
        let go = match Go::find(release.version) {
            Ok(go) => go,
            Err(absent) => {
                println!("{absent}: what it does stays as it is");
                continue;
            }
        };
        let answers = go::Decoder::build(&go, &release)?.read(&paths)?;
        for ((case, expected), answer) in asked.into_iter().zip(answers) {
            println!("{go} {:?}: {case}: {}", answer.does, answer.said);
            let go = expected.go.get_or_insert_default();
            go.insert(release.version.to_owned(), answer.does);
        }
    }
    for (case, expected) in cases {
        let text = layout::invalid(&expected);
        std::fs::write(root.join(&case).join("expected.json"), &text)?;
        files.insert(format!("{case}/expected.json"), text);
    }
    Ok(())
}
