//! truth.json is what its schema says (`sim/truth.schema.json`).

use std::collections::BTreeSet;

use serde_json::Value;

use sigprof_sim::machine::Revision;

use super::Run;

/// Differences between a value and its schema: fields too many, too few, or wrong. As much of JSON
/// Schema as ours uses.
fn faults(root: &Value, schema: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
    if let Some(target) = schema["$ref"].as_str() {
        let target = root.pointer(target.trim_start_matches('#')).unwrap();
        return faults(root, target, value, at, found);
    }
    let is_allowed = schema["enum"]
        .as_array()
        .is_none_or(|all| all.contains(value));
    let is_const = schema.get("const").is_none_or(|only| only == value);
    if !is_allowed || !is_const || !is_of_type(&schema["type"], value) {
        found.push(format!("{at}: {value}"));
    }
    if let Some(object) = value.as_object() {
        let properties = schema["properties"].as_object().unwrap();
        let required = schema["required"].as_array().unwrap();
        for name in required {
            if !object.contains_key(name.as_str().unwrap()) {
                found.push(format!("{at}: no {name}"));
            }
        }
        for (name, value) in object {
            match properties.get(name) {
                Some(schema) => faults(root, schema, value, &format!("{at}.{name}"), found),
                None => found.push(format!("{at}: {name}")),
            }
        }
    }
    for (number, value) in value.as_array().into_iter().flatten().enumerate() {
        faults(
            root,
            &schema["items"],
            value,
            &format!("{at}[{number}]"),
            found,
        );
    }
}

fn is_of_type(want: &Value, value: &Value) -> bool {
    let name = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    match want {
        Value::String(want) => want == name,
        Value::Array(any) => any.iter().any(|want| want == name),
        _ => true,
    }
}

fn schema() -> Value {
    serde_json::from_str(include_str!("../../../../sim/truth.schema.json")).unwrap()
}

/// Guards S20.5, S20.6.
#[test]
fn every_truth_is_as_the_schema_has_it() {
    let schema = schema();
    for seed in 0..12 {
        let truth = serde_json::to_value(&Run::drawn(seed).made.truth).unwrap();
        let mut found = Vec::new();
        faults(&schema, &schema, &truth, "", &mut found);
        assert_eq!(found, Vec::<String>::new(), "{seed}");
    }
}

/// Guards S20.5, S20.6.
#[test]
fn another_fate_or_field_is_refused() {
    let schema = schema();
    let mut truth = serde_json::to_value(&Run::drawn(1).made.truth).unwrap();
    truth["signals"][0]["fate"] = "lost".into();
    truth["signals"][0]["cpu"] = 1.into();
    truth["traces"][0].as_object_mut().unwrap().remove("events");
    let mut found = Vec::new();
    faults(&schema, &schema, &truth, "", &mut found);
    assert_eq!(found.len(), 3, "{found:?}");
}

/// The fields that objects of a truth have, by where they are.
fn fields(value: &Value, at: &str, into: &mut BTreeSet<String>) {
    for (name, value) in value.as_object().into_iter().flatten() {
        into.insert(format!("{at}.{name}"));
        fields(value, &format!("{at}.{name}"), into);
    }
    for value in value.as_array().into_iter().flatten() {
        fields(value, at, into);
    }
}

/// Guards S71.1, S71.2.
#[test]
fn every_truth_of_generations_is_as_the_schema_has_it() {
    let schema = schema();
    let mut got = BTreeSet::new();
    for (seed, revision) in (0..40).zip(Revision::V2.into_iter().cycle()) {
        let run = Run::later(seed, revision);
        let truth = serde_json::to_value(&run.made.truth).unwrap();
        let mut found = Vec::new();
        faults(&schema, &schema, &truth, "", &mut found);
        assert_eq!(found, Vec::<String>::new(), "{}", run.name);
        fields(&truth, "", &mut got);
    }
    // What is there at times only is there at some time.
    for field in [
        ".snapshots.generations.first",
        ".traces.generations.last",
        ".traces.is_cut",
        ".signals.thread",
        ".signals.generation",
        ".signals.read_in",
    ] {
        assert!(got.contains(field), "{field}: {got:?}");
    }
}
