//! The streaming reader against the storing one that came before it, and was judged by
//! real Go: the same events in the same order, or the same error, on everything.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod inputs;

mod old;

use std::path::{Path, PathBuf};

use proptest::prelude::*;
use sigprof::{bytes, error, trace};

use error::InputError;
use trace::{Event, Options, Reader, header};

fn old(bytes: &[u8]) -> Result<Vec<Event>, InputError> {
    old::read(header::read(bytes)?, bytes)
}

fn new(bytes: &[u8]) -> Result<Vec<Event>, InputError> {
    let without_answers = |event: Event| Event {
        answers: None,
        ..event
    };
    let reader = Reader::new(bytes)?;
    let events = reader.events();
    events.map(|e| e.map(without_answers)).collect()
}

/// What an error says, but for the number of a goroutine that has ended, which the new
/// reader has forgotten.
fn words(error: &InputError) -> (u64, String) {
    let text = error.to_string();
    match text.split_once("goroutine") {
        Some((before, _)) => (error.offset, before.to_owned()),
        None => (error.offset, text),
    }
}

fn same(bytes: &[u8]) -> Result<usize, String> {
    match (old(bytes), new(bytes)) {
        (Ok(old), Ok(new)) if old == new => Ok(new.len()),
        (Ok(old), Ok(new)) => {
            let at = old.iter().zip(&new).position(|(a, b)| a != b);
            let at = at.unwrap_or(old.len().min(new.len()));
            let (a, b) = (old.get(at), new.get(at));
            Err(format!("event {at}: want {a:?}, got {b:?}"))
        }
        (Err(old), Err(new)) if words(&old) == words(&new) => Ok(0),
        (old, new) => {
            let [old, new] = [old, new].map(|r| match r {
                Ok(events) => format!("{} events", events.len()),
                Err(error) => error.to_string(),
            });
            Err(format!("want {old}, got {new}"))
        }
    }
}

#[track_caller]
fn check(what: &str, bytes: &[u8]) -> usize {
    same(bytes).unwrap_or_else(|e| panic!("{what}: {e}"))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(self::files(&path));
        } else if std::fs::read(&path).is_ok_and(|b| b.starts_with(b"go 1.")) {
            files.push(path);
        }
    }
    files.sort();
    files
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

#[test]
fn every_fixture_reads_the_same() {
    let files = files(&root().join("fixtures"));
    let traces: Vec<_> = files.iter().filter(|f| f.ends_with("trace")).collect();
    assert!(traces.len() > 50, "{}", traces.len());
    for file in traces {
        // The old one did not read them.
        if std::fs::read(file).unwrap().starts_with(b"go 1.5 ") {
            continue;
        }
        check(&file.display().to_string(), &std::fs::read(file).unwrap());
    }
}

/// Where Go is installed.
#[test]
fn every_canned_trace_reads_the_same() {
    for release in ["go1.19", "go1.21", "go1.22"] {
        let folder = format!(".oracles/{release}/src/internal/trace/testdata");
        for file in files(&root().join(folder)) {
            let bytes = std::fs::read(&file).unwrap();
            if !bytes.starts_with(b"go 1.5 ") && !bytes.starts_with(b"go 1.22") {
                check(&file.display().to_string(), &bytes);
            }
        }
    }
}

/// A real trace with a byte changed here and there.
#[test]
fn damaged_traces_read_the_same() {
    let folder = root().join("fixtures/valid/basics");
    let bytes = std::fs::read(folder.join("tiny/trace")).unwrap();
    let mut changed = bytes.clone();
    for at in 0..bytes.len() {
        for flip in [1, 0x40, 0x80] {
            changed[at] ^= flip;
            check(&format!("{flip:#x} at {at:#x}"), &changed);
            changed[at] = bytes[at];
        }
    }
    for len in (0..bytes.len()).step_by(7) {
        check(&format!("{len} bytes"), &bytes[..len]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 3000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_run_reads_the_same(run in inputs::run()) {
        let bytes = inputs::trace(&run);
        same(&bytes).map_err(TestCaseError::fail)?;
    }
}

/// The property above would hold for traces that are all refused, or have nothing odd.
#[test]
fn runs_are_read_and_refused() {
    let mut counts = std::collections::BTreeMap::new();
    for seed in 0..2000 {
        let bytes = inputs::trace(&inputs::nth(seed));
        let outcome = match new(&bytes) {
            Ok(_) => "read".to_owned(),
            Err(error) => error
                .context
                .split(';')
                .next()
                .unwrap_or_default()
                .to_owned(),
        };
        let outcome = outcome.split(" at ").next().unwrap_or_default();
        *counts.entry(outcome.to_owned()).or_insert(0) += 1;
    }
    println!("{counts:#?}");
    assert!(counts["read"] > 200, "{counts:#?}");
    assert!(counts.len() > 4, "{counts:#?}");
}

/// What was read before an error is not lost.
#[test]
fn a_trace_that_is_cut_short_is_read_as_far_as_it_goes() {
    let folder = root().join("fixtures/valid/basics");
    let bytes = std::fs::read(folder.join("tiny/trace")).unwrap();
    let options = Options {
        keep_going: true,
        ..Options::default()
    };
    let mut most = 0;
    for len in 16..bytes.len() {
        let reader = Reader::with(&bytes[..len], options).unwrap();
        let mut events = reader.events();
        let read = events.by_ref().take_while(Result::is_ok).count();
        let error = Reader::new(&bytes[..len]).map(|_| ()).err();
        assert_eq!(reader.damage(), error.as_ref());
        assert!(events.next().is_none());
        most = most.max(read);
    }
    let all = new(&bytes).unwrap().len();
    assert!(most >= all - 1 && all > 50, "{most} of {all}");
}
