//! Go's viewer shows of random traces, and of those of Go's own tests, what we export.

#[path = "../../judged/exported/compare.rs"]
mod compare;
#[expect(dead_code, reason = "other tests ask for more")]
#[path = "../../judged/exported/server.rs"]
mod server;

use std::path::Path;

use serde_json::Value;
use sigprof::export::chrome;
use sigprof::oracle::Go;
use sigprof::trace::{Options, Reader, Strict};

use super::{judged, random};
use crate::fuzzed::targets::world::legal;

/// Takes frames their names: in a random trace one PC has others in each generation, and which
/// of them is shown is not the same (S45.3).
fn nameless(trace: &mut Value) {
    for frame in trace["stackFrames"].as_object_mut().unwrap().values_mut() {
        frame["name"] = "a frame".into();
    }
}

/// Events that both show. None where one of the two cannot show the trace: Go's server gives up
/// what its own laws do not foresee.
fn compared(tool: &Path, file: &Path, bytes: &[u8]) -> Option<usize> {
    let options = Options {
        strict: Some(Strict::Go1_27),
        ..Options::default()
    };
    let mut reader = Reader::with(bytes, options).ok()?;
    let mut json = Vec::new();
    chrome::write(&mut reader, chrome::Options::default(), &mut json).ok()?;
    let mut ours: Value = serde_json::from_slice(&json).unwrap();
    std::fs::write(file, bytes).unwrap();
    let mut theirs = match server::try_json_trace(tool, file) {
        Ok(theirs) => theirs,
        Err(why) => {
            println!("{}: {why}", file.display());
            return None;
        }
    };
    if reader.as_v2()?.totals().generations > 1 {
        nameless(&mut ours);
        nameless(&mut theirs);
    }
    Some(compare::same(&file.display().to_string(), &theirs, &ours))
}

/// Guards R82.1, R82.2, R82.3, R82.4, S45.3.
#[test]
fn go_1_26_shows_of_random_traces_what_we_show() {
    let Some(go) = Go::find_or_skip("1.26") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let tool = server::program(&go, folder.path());
    let (mut shown, mut events) = (0, 0);
    let count = random::FEW / 2;
    for seed in 0..count {
        let minor = [22, 23, 25, 26][seed as usize % 4];
        let file = folder.path().join(format!("seed {seed}, header 1.{minor}"));
        if let Some(count) = compared(&tool, &file, &legal(seed, minor)) {
            shown += 1;
            events += count;
        }
    }
    println!("{shown} of {count} traces, {events} events");
    assert!(shown * 2 > count, "{shown} of {count}");
}

/// Guards R82.1, R82.2.
#[test]
fn go_1_26_shows_of_its_own_tests_what_we_show() {
    let Some(go) = Go::find_or_skip("1.26") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let tool = server::program(&go, folder.path());
    let tests = go.root().join("src/internal/trace/testdata/tests");
    let mut shown = 0;
    for entry in std::fs::read_dir(tests).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let Some((true, bytes)) = judged::test_data(&go, &path, &text) else {
            continue;
        };
        let file = folder.path().join(path.file_name().unwrap());
        shown += usize::from(compared(&tool, &file, &bytes).is_some());
    }
    println!("{shown} traces");
    assert!(shown > 10, "{shown}");
}
