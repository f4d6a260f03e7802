//! JSON output has the fields that SPEC.md names, and no others (S16).

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use super::{case, run};

/// Words in back quotes in the rule, but for options, commands and what has a blank.
fn words(rule: &str) -> BTreeSet<String> {
    let spec = Path::new(env!("CARGO_MANIFEST_DIR")).join("../SPEC.md");
    let spec = std::fs::read_to_string(spec).unwrap();
    let head = format!("- **{rule}** *");
    let text = spec.lines().find(|line| line.starts_with(&head)).unwrap();
    let quoted = text.split('`').skip(1).step_by(2);
    let names = quoted.filter(|word| !word.contains([' ', '-']));
    names.map(str::to_owned).collect()
}

/// Names of fields, and texts, at any depth.
fn collect(value: &Value, names: &mut BTreeSet<String>, texts: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                names.insert(name.clone());
                collect(value, names, texts);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, names, texts)),
        Value::String(text) => drop(texts.insert(text.clone())),
        _ => {}
    }
}

/// Of all these commands together, which end with these codes.
#[track_caller]
fn check(rule: &str, commands: &[(&[&str], i32)]) {
    let (mut names, mut texts) = (BTreeSet::new(), BTreeSet::new());
    for (command, code) in commands {
        let json = run(&[command, &["--format", "json"][..]].concat())
            .ends(*code)
            .json();
        assert_eq!(
            (&json["schema_version"], &json["exit_code"]),
            (&1.into(), &(*code).into())
        );
        collect(&json, &mut names, &mut texts);
    }
    let words = words(rule);
    let unnamed: Vec<_> = names.difference(&words).collect();
    assert!(unnamed.is_empty(), "not in {rule}: {unnamed:?}");
    let absent: Vec<_> = words
        .difference(&names)
        .filter(|word| !texts.contains(*word))
        .collect();
    assert!(absent.is_empty(), "in {rule} only: {absent:?}");
}

/// Guards S16.7.
#[test]
fn explore_prints_the_fields_of_its_rule() {
    let found = [
        "explore",
        "--scenario",
        "record_then_close",
        "--revision",
        "go1.26",
    ];
    let by_seed = [&found[..], &["--seeds", "0..200"]].concat();
    check("S16.7", &[(&by_seed, 1)]);
}

/// Guards S16.8.
#[test]
fn replay_prints_the_fields_of_its_rule() {
    check("S16.8", &[(&["replay", &case("b30")], 1)]);
}

/// Guards S16.9.
#[test]
fn mutants_prints_the_fields_of_its_rule() {
    let mutants = [
        "mutants",
        "--filter",
        "threshold_strict",
        "--filter",
        "go1.26",
    ];
    let equivalent = ["mutants", "--filter", "stop_disables_first"];
    check("S16.9", &[(&mutants, 0), (&equivalent, 0)]);
}

/// Guards S16.10.
#[test]
fn fuzz_prints_the_fields_of_its_rule() {
    check(
        "S16.10",
        &[(&["fuzz", "--revision", "go1.26", "--seeds", "0..300"], 1)],
    );
}
