//! Each possible fault of the corpus is found.

use serde_json::{Value, json};
use sigprof::corpus::expected::{Invalid, Valid};
use sigprof::corpus::{faults, manifest};
use sigprof::fixtures::Files;

const HOG: &str = "valid/basics/hog";
const EMPTY: &str = "invalid/header/empty";

/// One fault, with these words.
#[track_caller]
fn one(files: &Files, words: &[&str]) {
    let found = faults::all(files);
    let text: Vec<_> = found.iter().map(ToString::to_string).collect();
    assert_eq!(text.len(), 1, "want {words:?}, got {text:#?}");
    assert!(
        words.iter().all(|w| text[0].contains(w)),
        "want {words:?}, got {}",
        text[0]
    );
}

fn with(path: &str, change: impl FnOnce(&mut Value)) -> Files {
    let mut files = Files::embedded();
    let mut value: Value = files.json(path).unwrap();
    change(&mut value);
    // Fields come out in another order, so that the text is another in any case.
    files.insert(path, value.to_string());
    files
}

/// Faults of a changed `expected.json`, without that of its text.
#[track_caller]
fn changed(case: &str, words: &[&str], change: impl FnOnce(&mut Value)) {
    let files = with(&format!("{case}/expected.json"), change);
    let found = faults::of_case(&files, case);
    let text: Vec<_> = found.iter().map(ToString::to_string).collect();
    let is_it = |fault: &&String| words.iter().all(|w| fault.contains(w));
    assert!(
        text.iter().any(|fault| is_it(&fault)),
        "want {words:?}, got {text:#?}"
    );
}

/// Guards S30.2, S30.3.
#[test]
fn there_is_none() {
    assert_eq!(faults::all(&Files::embedded()), []);
}

#[test]
fn a_case_without_origin_is_found() {
    let mut files = Files::embedded();
    files.remove(&format!("{HOG}/origin.toml"));
    one(
        &files,
        &["valid/basics/hog/origin.toml", "want an origin", "none"],
    );
}

#[test]
fn a_case_without_expectation_is_found() {
    for case in [HOG, EMPTY] {
        let mut files = Files::embedded();
        let path = format!("{case}/expected.json");
        files.remove(&path);
        let found = faults::of_case(&files, case);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].to_string().contains(&path), "{found:?}");
        // Its manifest lines lead nowhere now.
        assert!(!faults::of_manifests(&files).is_empty());
    }
}

/// Else nobody would see what the pair check makes of it.
///
/// Guards S22.1.
#[test]
fn a_pair_without_a_verdict_is_found() {
    let whole = ["want `pair` to have a verdict on the whole pair", "none"];
    changed(HOG, &whole, |v| v["pair"] = json!([]));
    changed(HOG, &whole, |v| {
        v["pair"]
            .as_array_mut()
            .unwrap()
            .retain(|check| !check["label"].is_null())
    });
    changed(HOG, &["want labels `key=value`", "tracing"], |v| {
        v["pair"]
            .as_array_mut()
            .unwrap()
            .push(json!({"label": "tracing", "verdict": "match"}));
    });
}

#[test]
fn files_too_many_and_too_few_are_found() {
    let mut files = Files::embedded();
    files.insert(format!("{HOG}/notes.txt"), "");
    one(&files, &["valid/basics/hog/notes.txt", "want no file but"]);
    let mut files = Files::embedded();
    files.remove(&format!("{EMPTY}/trace"));
    assert!(
        faults::of_case(&files, EMPTY)
            .iter()
            .any(|f| f.to_string().contains("want an input"))
    );
    let mut files = Files::embedded();
    files.insert("valid/basics/deep/er/trace", "");
    let found = faults::of_case(&files, "valid/basics/deep/er");
    assert!(found[0].want.contains("<topic>/<case>"), "{found:?}");
}

/// Guards S30.3.
#[test]
fn a_case_in_no_manifest_and_a_line_without_case_are_found() {
    let path = manifest::path("go1.19");
    let files = Files::embedded();
    let text = String::from_utf8(files.file(&path).unwrap().to_vec()).unwrap();
    let change = |text: String| {
        let mut files = files.clone();
        files.insert(&*path, text);
        files
    };
    one(
        &change(text.replace(&format!("{HOG}\n"), "")),
        &[&path, HOG, "no such line"],
    );
    one(
        &change(text.clone() + "valid/basics/none\n"),
        &[&path, "\"valid/basics/none\""],
    );
    one(
        &change(text.clone() + HOG + "\n"),
        &[&path, "hog once", "more"],
    );
    let of_1_21 = "valid/stacks/deep-go1.21";
    one(
        &change(format!("{text}{of_1_21}\n")),
        &[&path, of_1_21, "of this format only"],
    );
    let mut files = files.clone();
    files.remove(&path);
    one(&files, &[&path, "want a manifest"]);
}

#[test]
fn what_an_expectation_says_wrong_is_found() {
    changed(HOG, &["schema_version 1", "got 2"], |v| {
        v["schema_version"] = 2.into()
    });
    changed(HOG, &["at least one rule"], |v| v["rules"] = json!([]));
    changed(HOG, &["format to be one of"], |v| {
        v["format"] = "go1.20".into()
    });
    changed(HOG, &["want a profile, got none"], |v| {
        v["profile"] = Value::Null
    });
    changed(HOG, &["`expected.json`", "more"], |v| v["more"] = 1.into());
    changed(HOG, &["`expected.json`", "trace"], |v| {
        v.as_object_mut().unwrap().remove("trace");
    });
    changed(HOG, &["`cargo xtask expected` writes"], |v| {
        v["trace"]["samples"].as_array_mut().unwrap().swap(0, 1);
    });
    changed(EMPTY, &["a text of the error that begins"], |v| {
        v["error"]["offset"] = 1.into()
    });
    changed(EMPTY, &["`expected.json`", "paints"], |v| {
        v["go"]["1.19"] = "paints".into()
    });
}

fn validator() -> jsonschema::Validator {
    let schema: Value = Files::embedded()
        .json("schemas/expected.schema.json")
        .unwrap();
    jsonschema::draft202012::new(&schema).unwrap()
}

/// Guards S30.1.
#[test]
fn every_expectation_fits_the_schema() {
    let (files, schema) = (Files::embedded(), validator());
    for case in files.valid().into_iter().chain(files.invalid()) {
        let value: Value = files.json(&format!("{case}/expected.json")).unwrap();
        let errors: Vec<_> = schema
            .iter_errors(&value)
            .map(|e| format!("{}: {e}", e.instance_path()))
            .collect();
        assert_eq!(errors, [""; 0], "{case}");
    }
}

/// The demands of the schema: each change by itself makes it refuse.
///
/// Guards S30.1.
#[test]
fn the_schema_refuses_what_does_not_fit() {
    let (files, schema) = (Files::embedded(), validator());
    let valid: Value = files.json(&format!("{HOG}/expected.json")).unwrap();
    let invalid: Value = files.json(&format!("{EMPTY}/expected.json")).unwrap();
    let changes: [(&Value, &str, Option<Value>); 26] = [
        (&valid, "/schema_version", Some(json!(2))),
        (&valid, "/about", None),
        (&valid, "/about", Some(json!(""))),
        (&valid, "/format", Some(json!("go1.24"))),
        (&valid, "/trace/generations", Some(json!(-1))),
        (&valid, "/trace/kinds", Some(json!({"Sync": 0}))),
        (&valid, "/rules", Some(json!([]))),
        (&valid, "/rules", Some(json!(["rule 1"]))),
        (&valid, "/trace", None),
        (&valid, "/profile", None),
        (&valid, "/pair", None),
        (&valid, "/more", Some(json!(1))),
        (&valid, "/trace/stacks/0/0/line", Some(json!("1"))),
        (&valid, "/trace/stacks/0/0/pc", Some(json!(1))),
        (&valid, "/trace/samples/0/p", Some(json!(-1))),
        (&valid, "/trace/samples/0/g", Some(json!(0))),
        (&valid, "/trace/samples/0/time_ns", Some(json!(0.5))),
        (&valid, "/trace/samples/0/stack", Some(json!(null))),
        (&valid, "/profile/samples/0/labels", Some(json!([["key"]]))),
        (&valid, "/profile/samples/0/count", Some(json!(-1))),
        (&valid, "/pair/0/verdict", Some(json!("fine"))),
        (&invalid, "/error/kind", Some(json!("bad"))),
        (&invalid, "/error/place", None),
        (&invalid, "/input", Some(json!("file"))),
        (&invalid, "/go", None),
        (&invalid, "/go/1.19", Some(json!("guesses"))),
    ];
    for (value, path, change) in changes {
        let mut changed = value.clone();
        let (parent, key) = path.rsplit_once('/').unwrap();
        let object = changed
            .pointer_mut(parent)
            .unwrap()
            .as_object_mut()
            .unwrap();
        match &change {
            Some(new) => object.insert(key.to_owned(), new.clone()),
            None => object.remove(key),
        };
        assert!(schema.is_valid(value));
        assert!(!schema.is_valid(&changed), "{path} {change:?}");
    }
}

/// The types and the schema have the same fields.
#[test]
fn every_expectation_comes_back_as_it_is() {
    let files = Files::embedded();
    for case in files.valid() {
        let path = format!("{case}/expected.json");
        let (value, typed): (Value, Valid) =
            (files.json(&path).unwrap(), files.json(&path).unwrap());
        assert_eq!(serde_json::to_value(typed).unwrap(), value, "{case}");
    }
    for case in files.invalid() {
        let path = format!("{case}/expected.json");
        let (value, typed): (Value, Invalid) =
            (files.json(&path).unwrap(), files.json(&path).unwrap());
        assert_eq!(serde_json::to_value(typed).unwrap(), value, "{case}");
    }
}

/// The README of the corpus names every topic.
#[test]
fn the_readme_names_every_topic() {
    let files = Files::embedded();
    let readme = String::from_utf8(files.file("README.md").unwrap().to_vec()).unwrap();
    for case in files.valid().into_iter().chain(files.invalid()) {
        let topic = format!("`{}`", case.split('/').nth(1).unwrap());
        assert!(readme.contains(&topic), "{topic}");
    }
}
