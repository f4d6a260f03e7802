//! The fuzz targets (`fuzz/`) over their corpora and the fixtures, without a fuzzer.

#![expect(
    clippy::expect_used,
    reason = "the targets panic if a promise is broken"
)]

#[path = "../../../fuzz/targets.rs"]
#[allow(dead_code, reason = "fuzzers use more of it")]
pub(crate) mod targets;

use std::path::{Path, PathBuf};

use targets::{ALL, Input, Target};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn replay(target: &Target, files: &[PathBuf]) {
    for file in files {
        println!("{}: {}", target.name, file.display());
        (target.run)(&std::fs::read(file).expect("a file"));
    }
}

#[test]
fn every_target_keeps_its_promise_of_its_corpus() {
    for target in &ALL {
        let files = targets::files(&root(), target);
        assert!(files.len() >= 3, "{}: {} files", target.name, files.len());
        replay(target, &files);
    }
}

/// They are larger than what fuzzers are given.
#[test]
fn every_promise_of_any_trace_holds_of_the_fixtures() {
    let of_fixtures = Target {
        seeds: &[("fixtures/valid", "/trace")],
        ..ALL[0]
    };
    let files = targets::files(&root(), &of_fixtures);
    let is_v2 = |file: &PathBuf| sigprof::trace::v2::is_v2(&std::fs::read(file).expect("a file"));
    let (mut of_v2, of_v1): (Vec<_>, Vec<_>) = files.into_iter().partition(is_v2);
    assert!(of_v1.len() > 20, "{} files", of_v1.len());
    for target in ALL.iter().filter(|t| t.input == Input::Trace) {
        replay(target, &of_v1);
    }
    // Their targets look at each event in three ways, and these are small.
    of_v2.retain(|file| std::fs::metadata(file).is_ok_and(|m| m.len() < 20_000));
    assert!(of_v2.len() > 10, "{} files", of_v2.len());
    for target in ALL.iter().filter(|t| t.input == Input::TraceV2) {
        replay(target, &of_v2);
    }
}

#[test]
fn every_target_has_its_file_and_its_program() {
    let read = |path: &str| std::fs::read_to_string(root().join(path)).expect("a file");
    let (manifest, recipes) = (read("fuzz/Cargo.toml"), read("fuzz/README.md"));
    for target in &ALL {
        let name = target.name;
        let file = read(&format!("fuzz/fuzz_targets/{name}.rs"));
        assert!(file.contains("fuzz_target!"), "{name}");
        assert!(manifest.contains(&format!("name = \"{name}\"")), "{name}");
        assert!(recipes.contains(&format!("| `{name}` |")), "{name}");
        let options = read(&format!("fuzz/fuzz_targets/{name}.options"));
        let max_len = format!("max_len = {}\n", target.max_len);
        assert!(options.ends_with(&max_len), "{name}: {options}");
    }
    let programs = manifest.matches("[[bin]]").count();
    assert_eq!(programs, ALL.len());
    assert_eq!(ALL.iter().map(|t| t.share).sum::<u32>(), 100);
}

/// Whether a trace can be told apart into events to its end, be they in an order that can be.
fn is_explained(trace: &[u8]) -> bool {
    use sigprof::trace::{v1, v2};
    match v2::is_v2(trace) {
        true => v2::dump::dump(trace, &mut std::io::sink()).is_ok(),
        false => v1::dump::dump(trace, &mut std::io::sink()).is_ok(),
    }
}

/// How many of a thousand changes of a target's inputs leave a trace and a profile.
fn pairs_left(target: &str, input: Input) -> usize {
    let target = ALL.iter().find(|t| t.name == target).expect("a target");
    let inputs: Vec<_> = targets::files(&root(), target)
        .iter()
        .map(|file| std::fs::read(file).expect("a file"))
        .collect();
    let mut draws = sigprof_sim::Seed(1).draws();
    let mut left = 0;
    for _ in 0..1_000 {
        let mut bytes = inputs[draws.below(inputs.len())].clone();
        let other = &inputs[draws.below(inputs.len())];
        let before = bytes.clone();
        targets::mutate::mutate(input, &mut bytes, other, target.max_len, &mut draws);
        assert!(bytes.len() <= target.max_len);
        let Some((trace, profile)) = targets::profile::split(&bytes) else {
            continue;
        };
        let is_pair = is_explained(trace) && sigprof::pprof::read(profile).is_ok();
        left += usize::from(bytes != before && is_pair);
    }
    left
}

/// Bytes that are flipped blindly mostly break the syntax of one of both, or the length before
/// them, and nothing is compared (an order that cannot be is a thing that is to be tried).
#[test]
fn a_pair_is_changed_as_a_trace_and_a_profile() {
    for target in ["pair", "v2_pair"] {
        let (blindly, as_pair) = (
            pairs_left(target, Input::Text),
            pairs_left(target, Input::Pair),
        );
        assert!(
            as_pair > 2 * blindly && as_pair > 500,
            "{target}: {as_pair}, {blindly} blindly"
        );
    }
}

/// The promises of what is built would hold of a builder that gets nowhere.
#[test]
fn steps_lead_to_every_kind_of_event() {
    let mut types = std::collections::BTreeMap::new();
    let mut draws = sigprof_sim::Seed(1).draws();
    for _ in 0..2_000 {
        let mut bytes: Vec<_> = (0..64).flat_map(|_| draws.bits().to_le_bytes()).collect();
        // Nothing wrong in it.
        bytes[1] &= !1;
        let built = targets::steps::trace(&bytes);
        let trace = sigprof::trace::v1::read(&built.bytes).expect("it can have happened");
        assert_eq!(built.events, Some(trace.events.len() as u64));
        for event in trace.events {
            *types.entry(event.event_type).or_insert(0) += 1;
        }
    }
    assert!(types.values().all(|&count| count > 20), "{types:?}");
    assert!(types.len() >= 40, "{} types: {types:?}", types.len());
}

/// The same of v2, and all that is legal is read.
#[test]
fn a_world_leads_to_every_kind_of_event_of_v2() {
    use sigprof::trace::v2::{Options, Reader};
    let mut types = std::collections::BTreeMap::new();
    for (seed, minor) in (0..400).zip([22, 23, 25, 26].into_iter().cycle()) {
        let bytes = targets::world::legal(seed, minor);
        let mut reader = Reader::new(&bytes, Options::default()).expect("a header");
        while reader.advance().unwrap_or_else(|e| panic!("{seed}: {e}")) {
            *types.entry(reader.event().event_type()).or_insert(0) += 1;
        }
    }
    assert!(types.values().all(|&count| count > 20), "{types:?}");
    assert!(types.len() >= 36, "{} types: {types:?}", types.len());
}
