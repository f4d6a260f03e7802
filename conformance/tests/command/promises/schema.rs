//! JSON of `check` is as its schema has it, and errors are JSON, too.

use serde_json::Value;

use super::{HOG, OVERFLOW, check, run, trace};

fn schema() -> jsonschema::Validator {
    let schema = include_str!("../../../../docs/check.schema.json");
    jsonschema::draft202012::new(&serde_json::from_str(schema).unwrap()).unwrap()
}

#[track_caller]
fn fits(json: &Value) {
    let faults: Vec<_> = schema().iter_errors(json).map(|e| e.to_string()).collect();
    assert_eq!(faults, [""; 0]);
}

/// Guards S59.2.
#[test]
fn outcomes_are_as_their_schema_has_them() {
    const JSON: [&str; 2] = ["--format", "json"];
    for case in [HOG, OVERFLOW, "rings/wrap-leak-go1.27", "windows/partial"] {
        fits(&check(case, &JSON).json());
    }
    fits(&check(HOG, &["--format", "json", "--goroutine", "1"]).json());
    for case in [HOG, "rings/overflow"] {
        fits(&run(&["check", &trace(case), "--format", "json"]).json());
    }
    let several = [trace(HOG), trace("basics/tiny"), "/nowhere/trace".into()];
    let several: Vec<_> = several.iter().map(String::as_str).collect();
    let several = run(&[&["check"], &several[..], &JSON].concat());
    fits(&several.ends(3).json());
    // It says what is there, and no more.
    let mut one = check(HOG, &JSON).json();
    one["another"] = 1.into();
    assert!(!schema().is_valid(&one));
    one.as_object_mut().unwrap().remove("another");
    one.as_object_mut().unwrap().remove("why");
    assert!(!schema().is_valid(&one));
}

/// Guards S16.2, S59.1.
#[test]
fn json_says_why_and_what_to_do() {
    let json = check(OVERFLOW, &["--format", "json"]).ends(5).json();
    let text = check(OVERFLOW, &[]).out;
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    for said in ["why", "advice"] {
        let lines = json[said].as_array().unwrap();
        assert!(!lines.is_empty(), "{said}");
        for line in lines {
            assert!(
                words(&text).contains(&words(line.as_str().unwrap())),
                "{line}"
            );
        }
    }
    assert_eq!(json["trace"], trace(OVERFLOW));
    assert_eq!(json["sigprof_version"], env!("CARGO_PKG_VERSION"));
}

/// Guards S59.1.
#[test]
fn errors_are_json_where_json_was_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let cut = folder.path().join("cut");
    std::fs::write(&cut, b"go 1.26 trace\0\0\0\x07").unwrap();
    let cut = cut.to_str().unwrap();
    let profile = trace(HOG).replace("trace", "profile.pb.gz");
    let json = |code: i32, args: &[&str]| {
        let run = run(&[&["check"], args, &["--format", "json"]].concat()).ends(code);
        // People are told as well.
        assert!(!run.err.is_empty());
        let json = run.json();
        fits(&json);
        assert_eq!(json["exit_code"], code);
        let why = json["why"][0].as_str().unwrap();
        assert!(json["error"].as_str().unwrap().ends_with(why), "{json}");
        assert!(json["advice"][0].is_string(), "{json}");
        json
    };
    let bad = json(3, &[cut, &profile]);
    let fault = &bad["fault"];
    assert_eq!(
        (&fault["path"], &fault["offset"]),
        (&cut.into(), &16.into())
    );
    assert!(!fault["want"].as_str().unwrap().is_empty());
    assert!(!fault["got"].as_str().unwrap().is_empty());
    let missing = json(3, &[&trace(HOG), "/nowhere/profile"]);
    let error = missing["error"].as_str().unwrap();
    assert!(
        error.starts_with("cannot open /nowhere/profile: "),
        "{error}"
    );
    assert_eq!(missing["fault"], Value::Null);
    let none = json(4, &[&trace(HOG), &profile, "--label", "no=such"]);
    let error = none["error"].as_str().unwrap();
    assert!(error.starts_with("nothing selected: "), "{error}");
    let empty = folder.path().join("empty");
    std::fs::create_dir(&empty).unwrap();
    json(4, &[empty.to_str().unwrap()]);
    // A wrong command line is for whoever wrote it.
    run(&["check", "-", "-", "--format", "json"]).refuses(2, "standard input");
}

/// Guards S51.3, S59.3.
#[test]
fn a_file_that_cannot_be_written_hides_no_outcome() {
    for (option, format) in [("--diff", "text"), ("--html", "text"), ("--html", "json")] {
        let run = check(HOG, &[option, "/nowhere/file", "--format", format]).ends(3);
        assert!(run.out.contains("match: "), "{run:#?}");
        assert!(run.err.contains("cannot write: /nowhere/file"), "{run:#?}");
        if format == "json" {
            fits(&run.json());
        }
    }
}
