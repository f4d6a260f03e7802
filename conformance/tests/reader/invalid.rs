//! The checked-in inputs of `fixtures/invalid` are held to their generator here; what each must
//! lead to is a case of `sigprof conformance`.

#[path = "../../../xtask/src/fixtures/hard_to_read.rs"]
mod hard_to_read;
#[path = "../../../xtask/src/fixtures/profiles.rs"]
mod profiles;
#[path = "../../../xtask/src/fixtures/traces.rs"]
pub(super) mod traces;
#[path = "../../../xtask/src/fixtures/traces_v2.rs"]
mod traces_v2;
#[path = "../../../xtask/src/fixtures/worlds.rs"]
mod worlds;

use std::collections::BTreeSet;
use std::path::Path;

use sigprof::fixtures::{Files, Origin};

use crate::fuzzed::targets::{world, write};

/// The same of the valid traces that no simulator makes; those with every event type are held to
/// theirs where the simulated ones are.
#[test]
fn valid_fixtures_without_a_simulator_are_what_their_generators_make() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/valid");
    let mut made = BTreeSet::new();
    for (name, bytes) in [worlds::all(), hard_to_read::all()].concat() {
        let file = std::fs::read(folder.join(&name).join("trace")).unwrap_or_default();
        assert!(
            file == bytes,
            "{name}: other bytes than its generator makes"
        );
        made.insert(format!("valid/{name}"));
    }
    let files = Files::embedded();
    let mut there: BTreeSet<_> = files.valid().into_iter().collect();
    there.retain(|case| {
        let origin: Origin = files.toml(&format!("{case}/origin.toml")).unwrap();
        origin.command == "cargo xtask fixtures" && !case.starts_with("valid/events/")
    });
    assert_eq!(there, made);
}

/// `cargo xtask fixtures` would change nothing.
#[test]
fn the_invalid_fixtures_are_what_their_generator_makes() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures");
    let mut made = BTreeSet::new();
    let traces = [traces::all(), traces_v2::all()].concat();
    for (kind, cases) in [("trace", traces), ("profile", profiles::all())] {
        for (name, bytes) in cases {
            let path = folder.join("invalid").join(&name).join(kind);
            let file = std::fs::read(&path).unwrap_or_default();
            assert!(
                path.is_file() && file == bytes,
                "{kind} {name}: other bytes than its generator makes"
            );
            assert!(made.insert(name.clone()), "{kind} {name}: twice");
        }
    }
    let mut there = BTreeSet::new();
    for topic in std::fs::read_dir(folder.join("invalid")).unwrap() {
        let topic = topic.unwrap();
        for case in std::fs::read_dir(topic.path()).unwrap() {
            let names = [topic.file_name(), case.unwrap().file_name()];
            there.insert(names.map(|name| name.into_string().unwrap()).join("/"));
        }
    }
    assert_eq!(there, made);
}
