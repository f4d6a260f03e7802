//! `sigprof corpus`: our own parser passes; what is listed, unpacked and printed as JSON.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use sigprof::corpus::expected::Valid;
use sigprof::fixtures::{Files, sha256};

use super::parser::{corpus, program, shell};

/// Guards S30.5.
#[test]
fn our_own_parser_passes() {
    let ours = [program(), "parse", "--format", "samples"];
    let (code, out, _) = corpus(&[&["run", "--"], &ours[..]].concat());
    let invalid_traces = 110;
    let passed = Files::embedded().valid().len() + invalid_traces;
    assert_eq!(code, 0, "{out}");
    assert!(
        out.ends_with(&format!("\n{passed} passed, 0 failed\n")),
        "{out}"
    );
    let v1_only = ["run", "--format-version", "v1-only", "--"];
    let (code, out, _) = corpus(&[&v1_only, &ours[..]].concat());
    assert_eq!(code, 0, "{out}");
    assert!(out.ends_with("\n50 passed, 0 failed\n"), "{out}");
}

/// Guards S30.5.
#[test]
fn our_own_parser_of_profiles_passes() {
    let run = ["run", "--input", "profile", "--"];
    let ours = [
        program(),
        "parse",
        "--format",
        "samples",
        "--input",
        "profile",
    ];
    let (code, out, _) = corpus(&[&run, &ours[..]].concat());
    let passed = Files::embedded().pairs().len() + 22;
    assert_eq!(code, 0, "{out}");
    assert!(
        out.ends_with(&format!("\n{passed} passed, 0 failed\n")),
        "{out}"
    );
}

/// Guards S30.4.
#[test]
fn what_cannot_be_started_exits_with_3() {
    let (code, out, err) = corpus(&["run", "--", "/no/such/parser"]);
    assert_eq!((code, out.as_str()), (3, ""));
    assert!(
        err.starts_with("error: /no/such/parser: cannot be started: "),
        "{err}"
    );
}

/// Guards S30.4.
#[test]
fn nothing_selected_exits_with_4_and_a_wrong_line_with_2() {
    let (code, _, err) = corpus(&["run", "--filter", "no/such", "--", "true"]);
    assert_eq!(code, 4);
    assert!(err.contains("no such case has"), "{err}");
    for (args, words) in [
        (&["run"][..], "required"),
        (
            &["run", "--format-version", "go1.20", "--", "true"],
            "want one of go1.5, go1.7",
        ),
        (
            &[
                "run",
                "--input",
                "profile",
                "--format-version",
                "go1.19",
                "--",
                "true",
            ],
            "goes without",
        ),
        (
            &["run", "--timeout", "0", "--", "true"],
            "want more than nothing",
        ),
        (&["list", "--valid", "--invalid"], "cannot be used with"),
    ] {
        let (code, _, err) = corpus(args);
        assert_eq!(code, 2, "{args:?}");
        assert!(err.contains(words), "{err}");
    }
}

/// A whole name is that case, though others begin so.
#[test]
fn the_command_that_repeats_a_case_runs_only_this_one() {
    let (code, out, _) = shell(
        &["--no-smoke-test", "--filter", "valid/windows/restart"],
        "exit 3",
    );
    assert_eq!(code, 1);
    let last = "\n0 passed, 1 failed\n\nexplained by: sigprof explain ";
    assert!(out.contains(last), "{out}");
    let (_, out, _) = shell(
        &["--no-smoke-test", "--filter", "windows/restart"],
        "exit 3",
    );
    let last = "\n0 passed, 5 failed\n\nexplained by: sigprof explain ";
    assert!(out.contains(last), "{out}");
}

/// An object that has these fields, and no others.
#[track_caller]
fn has_fields(object: &Value, fields: &[&str]) {
    let keys = object.as_object().unwrap().keys().map(String::as_str);
    let keys: BTreeSet<_> = keys.collect();
    assert_eq!(keys, fields.iter().copied().collect());
}

/// Guards S30.6.
#[test]
fn json_of_a_run_has_every_case() {
    let options = [
        "--no-smoke-test",
        "--filter",
        "valid/basics/tiny",
        "--filter",
        "header/empty",
        "--format",
        "json",
    ];
    let (code, out, _) = shell(&options, "exit 3");
    assert_eq!(code, 1);
    let json: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        (&json["schema_version"], &json["passed"], &json["failed"]),
        (&1.into(), &1.into(), &1.into())
    );
    let cases = json["cases"].as_array().unwrap();
    let fields = [
        "schema_version",
        "sigprof_version",
        "command",
        "level",
        "passed",
        "failed",
        "not_run",
        "passed_by_worth",
        "cases",
    ];
    has_fields(&json, &fields);
    let worth = serde_json::json!({ "with_samples": 0, "without_samples": 0, "refused": 1 });
    assert_eq!(
        (&json["passed_by_worth"], &json["not_run"]),
        (&worth, &0.into())
    );
    has_fields(&cases[0], &["case", "status", "millis"]);
    let of_a_failure = [
        "case", "status", "kind", "want", "got", "again", "file", "rules", "millis",
    ];
    has_fields(&cases[1], &of_a_failure);
    assert_eq!(cases[0]["case"], "invalid/header/empty");
    assert_eq!(
        (&cases[0]["status"], cases[0].get("want")),
        (&"passed".into(), None)
    );
    assert_eq!(cases[1]["case"], "valid/basics/tiny");
    assert_eq!(cases[1]["status"], "failed");
    assert_eq!(cases[1]["kind"], "refused");
    assert_eq!(
        cases[1]["again"],
        "sigprof corpus run --no-smoke-test --filter valid/basics/tiny -- sh -c 'exit 3' sh"
    );
}

/// Guards S30.6.
#[test]
fn cases_are_listed_with_what_they_show() {
    let files = Files::embedded();
    let lines = |args: &[&str]| -> Vec<String> {
        let (code, out, _) = corpus(&[&["list"], args].concat());
        assert_eq!(code, 0);
        out.lines().map(str::to_owned).collect()
    };
    assert_eq!(
        lines(&[]).len(),
        files.valid().len() + files.invalid().len()
    );
    assert_eq!(lines(&["--valid"]).len(), files.valid().len());
    assert_eq!(lines(&["--invalid"]).len(), files.invalid().len());
    let of_1_5 = lines(&["--format-version", "go1.5", "--invalid"]);
    assert!(
        of_1_5
            .iter()
            .any(|line| line.starts_with("invalid/wire/go-1.5 ")),
        "{of_1_5:?}"
    );
    assert!(of_1_5.len() < 20);
    let json: Value = serde_json::from_str(
        &lines(&["--format", "json", "--format-version", "v1-only"]).join("\n"),
    )
    .unwrap();
    let cases = json["cases"].as_array().unwrap();
    let case = cases.iter().find(|c| c["case"] == "invalid/header/go-1.22");
    let case = case.unwrap();
    has_fields(&json, &["schema_version", "sigprof_version", "cases"]);
    has_fields(case, &["case", "manifests", "rules", "about"]);
    assert_eq!(json["schema_version"], 1);
    assert_eq!(
        case["manifests"],
        serde_json::json!(["go1.22", "v2", "v1-only"])
    );
    assert!(case["about"].as_str().unwrap().contains("1.22"));
}

/// But for the README, whose links lead to the specification that is unpacked with it.
///
/// Guards S63.5.
#[test]
fn what_is_unpacked_is_what_the_repository_has() {
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("corpus");
    let (code, out, err) = corpus(&["unpack", to.to_str().unwrap()]);
    assert_eq!((code, err.as_str()), (0, ""));
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut count = 0;
    let mut folders = vec![to.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let below = path.strip_prefix(&to).unwrap();
            let ours = match below.to_str() {
                Some("SPEC.md") => root.join("SPEC.md"),
                _ => root.join("fixtures").join(below),
            };
            count += 1;
            let mut want = std::fs::read(&ours).unwrap();
            if below == Path::new("README.md") {
                let text = String::from_utf8(want).unwrap();
                assert!(text.contains("](../SPEC.md"));
                want = text.replace("](../SPEC.md", "](SPEC.md").into_bytes();
            }
            assert!(std::fs::read(&path).unwrap() == want, "{}", ours.display());
        }
    }
    assert!(out.starts_with(&format!("{count} files in ")), "{out}");
    for part in [
        "README.md",
        "SPEC.md",
        "schemas/expected.schema.json",
        "manifests/go1.19.txt",
        "valid/basics/hog/trace",
    ] {
        assert!(to.join(part).is_file(), "{part}");
    }
    let (code, _, err) = corpus(&["unpack", to.to_str().unwrap()]);
    assert_eq!(code, 3);
    assert!(err.contains("new or empty"), "{err}");
}

/// Guards S62.1, S63.5.
#[test]
fn events_are_unpacked_with_the_hash_that_is_expected() {
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("corpus");
    assert_eq!(corpus(&["unpack", "--events", to.to_str().unwrap()]).0, 0);
    let files = Files::embedded();
    for case in files.valid() {
        let lines = std::fs::read(to.join(&case).join("events.jsonl")).unwrap();
        let expected: Valid = files.json(&format!("{case}/expected.json")).unwrap();
        assert_eq!(sha256(&lines), expected.events.sha256, "{case}");
    }
}

#[test]
fn a_profile_has_samples_only() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/valid/basics/tiny");
    let output = Command::new(program())
        .args(["parse", "--input", "profile"])
        .arg(fixtures.join("profile.pb.gz"))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("--format samples"));
}
