//! The forms of an outcome: each has every failure with all that is known of it.

use serde_json::{Value, json};
use sigprof::failure::Failure;
use sigprof::oracle::Mode;
use sigprof::suite::outcome::{CaseOutcome, Head, Judge, Outcome, Status};
use sigprof::suite::report::Format;
use sigprof_sim::Seed;

fn case(area: &'static str, status: Status) -> CaseOutcome {
    CaseOutcome {
        area,
        name: "a/b".into(),
        status,
        millis: 7,
        again: format!("sigprof conformance --filter '{area} a/b'"),
    }
}

fn outcome(cases: Vec<CaseOutcome>) -> Outcome {
    Outcome {
        head: Head {
            seed: Seed(42),
            is_full: false,
            oracles: Mode::Off,
            shard: Some("1/2".parse().unwrap()),
            cases: cases.len(),
            of: 9,
            judges: vec![Judge {
                release: "go1.19.8".into(),
                root: "/oracles/go1.19".into(),
            }],
        },
        cases,
        is_interrupted: false,
        millis: 1_500,
    }
}

fn failure() -> Failure {
    let failure = Failure::new("events", "1 < 2 & 3", "two\nlines: 50%");
    let failure = failure.file("fixtures/a,b/trace").line(3).offset(0x2a);
    failure.step(Some(7)).rule("S22.2")
}

fn failed() -> Status {
    Status::Failed(vec![failure()])
}

fn skipped() -> Status {
    Status::Skipped("Go 1.19 is not installed".into())
}

fn some() -> Outcome {
    outcome(vec![
        case("read", Status::Passed),
        case("read", failed()),
        case("go1.19", skipped()),
    ])
}

/// Guards S9.10.
#[test]
fn exit_codes_of_an_outcome() {
    for (statuses, code) in [
        (&[][..], 4),
        (&[skipped()], 4),
        (&[Status::Passed], 0),
        (&[Status::Passed, skipped()], 0),
        (&[failed()], 1),
        (&[failed(), skipped()], 1),
        (&[Status::Passed, failed(), Status::Passed], 1),
    ] {
        let cases: Vec<_> = statuses.iter().map(|s| case("read", s.clone())).collect();
        assert_eq!(outcome(cases).exit_code(), code, "{statuses:?}");
    }
    let interrupted = |status| Outcome {
        is_interrupted: true,
        ..outcome(vec![case("read", status)])
    };
    assert_eq!(interrupted(Status::Passed).exit_code(), 5);
    assert_eq!(interrupted(skipped()).exit_code(), 5);
    assert_eq!(interrupted(failed()).exit_code(), 1);
}

/// Guards S22.15.
#[test]
fn text_has_a_table_by_area_and_all_of_each_failure() {
    let text = some().show(Format::Text).unwrap();
    let lines: Vec<_> = text.lines().collect();
    let words = |line: &str| {
        line.split_whitespace()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        words(lines[0]),
        ["area", "passed", "failed", "skipped", "ms"]
    );
    assert_eq!(words(lines[1]), ["read", "1", "1", "0", "14"]);
    assert_eq!(words(lines[2]), ["go1.19", "0", "0", "1", "7"]);
    let rule = lines
        .iter()
        .find(|line| line.starts_with("  rule"))
        .unwrap();
    assert!(
        rule.contains("S22.2 (SPEC.md:") && rule.contains("readers see"),
        "{rule}"
    );
    for line in [
        "FAILED read a/b",
        "  what      events",
        "  expected  1 < 2 & 3",
        "  where     fixtures/a,b/trace, line 3, offset 0x2a, step 7",
        "  again     sigprof conformance --filter 'read a/b'",
        "skipped 1: Go 1.19 is not installed",
        "1 passed, 1 failed, 1 skipped in 1.5 s",
    ] {
        assert!(lines.contains(&line), "{line}\nin\n{text}");
    }
}

/// The report says first of all what was left out.
///
/// Guards S22.11.
#[test]
fn the_first_line_says_what_is_run_and_that_go_is_not_asked() {
    let head = some().head;
    let line = "conformance: seed 42, 3 cases of 9, shard 1/2, without real Go\n  judged by go1.19.8 in /oracles/go1.19";
    assert_eq!(head.to_string(), line);
    let asked = Head {
        oracles: Mode::Auto,
        is_full: true,
        shard: None,
        judges: Vec::new(),
        ..head
    };
    assert_eq!(asked.to_string(), "conformance: seed 42, 3 cases, full");
}

/// Guards S22.15.
#[test]
fn a_closer_command_takes_the_place_of_running_the_case() {
    let failure = failure().again("sigprof replay fixtures/seeds/b1.toml");
    let status = Status::Failed(vec![failure]);
    let text = outcome(vec![case("seeds", status)])
        .show(Format::Text)
        .unwrap();
    assert!(
        text.contains("again     sigprof replay fixtures/seeds/b1.toml\n"),
        "{text}"
    );
    assert!(!text.contains("--filter"), "{text}");
}

/// JSON has all of it.
#[test]
fn a_value_without_end_is_cut_in_the_middle() {
    let got = format!("begin{}end", "é".repeat(100_000));
    let outcome = outcome(vec![case(
        "read",
        Status::Failed(vec![Failure::new("a", "b", &got)]),
    )]);
    for format in [Format::Text, Format::Junit, Format::Github] {
        let text = outcome.show(format).unwrap();
        assert!(
            text.contains("[99008 characters, see --format json]"),
            "{text}"
        );
        assert!(
            text.contains("begin") && text.len() < 10_000,
            "{}",
            text.len()
        );
    }
    assert!(outcome.show(Format::Json).unwrap().contains(&got));
}

/// Guards S16.6.
#[test]
fn json_has_counts_areas_and_every_case() {
    let json: Value = serde_json::from_str(&some().show(Format::Json).unwrap()).unwrap();
    let case = |area: &str, status: &str| {
        let again = format!("sigprof conformance --filter '{area} a/b'");
        json!({"area": area, "name": "a/b", "status": status, "millis": 7, "again": again})
    };
    let mut cases = [
        case("read", "passed"),
        case("read", "failed"),
        case("go1.19", "skipped"),
    ];
    cases[1]["failures"] = json!([{
        "what": "events", "expected": "1 < 2 & 3", "got": "two\nlines: 50%",
        "place": {"file": "fixtures/a,b/trace", "line": 3, "offset": 42, "step": 7},
        "rule": "S22.2", "again": null,
    }]);
    cases[2]["why"] = json!("Go 1.19 is not installed");
    let area = |area: &str, [passed, failed, skipped]: [u8; 3], millis: u8| json!({"area": area, "passed": passed, "failed": failed, "skipped": skipped, "millis": millis});
    let expected = json!({
        "schema_version": 2, "sigprof_version": env!("CARGO_PKG_VERSION"), "exit_code": 1, "seed": "42", "full": false, "oracles": "off",
        "judges": [{"release": "go1.19.8", "root": "/oracles/go1.19"}],
        "shard": "1/2", "selected": 9, "interrupted": false,
        "passed": 1, "failed": 1, "skipped": 1, "millis": 1500,
        "areas": [area("read", [1, 1, 0], 14), area("go1.19", [0, 0, 1], 7)],
        "cases": cases,
    });
    assert_eq!(json, expected);
}

/// The fields that the specification names are those that there are.
///
/// Guards S16.6.
#[test]
fn the_specification_names_the_fields_of_the_json() {
    let json: Value = serde_json::from_str(&some().show(Format::Json).unwrap()).unwrap();
    let rule = sigprof::spec::rule("S16.6").unwrap().text;
    fn keys(value: &Value, found: &mut Vec<String>) {
        if let Value::Object(object) = value {
            found.extend(object.keys().cloned());
        }
        match value {
            Value::Object(object) => object.values().for_each(|value| keys(value, found)),
            Value::Array(values) => values.iter().for_each(|value| keys(value, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    keys(&json, &mut found);
    for key in found {
        assert!(rule.contains(&format!("`{key}`")), "S16.6 has no {key}");
    }
}

/// Guards S16.15.
#[test]
fn junit_is_xml_with_a_suite_for_each_area() {
    let xml = some().show(Format::Junit).unwrap();
    let document = roxmltree::Document::parse(&xml).unwrap();
    let all = |name: &'static str| {
        let elements = document.descendants();
        elements.filter(move |element| element.has_tag_name(name))
    };
    let one = |name| all(name).next().unwrap();
    let suites: Vec<_> = all("testsuite")
        .map(|suite| suite.attribute("name"))
        .collect();
    assert_eq!(suites, [Some("read"), Some("go1.19")]);
    let count = |of: roxmltree::Node| {
        let counts = ["tests", "failures", "skipped", "errors"];
        counts.map(|name| of.attribute(name).unwrap().parse::<u8>().unwrap())
    };
    assert_eq!(count(one("testsuites")), [3, 1, 1, 0]);
    assert_eq!(
        all("testsuite").map(count).collect::<Vec<_>>(),
        [[2, 1, 0, 0], [1, 0, 1, 0]]
    );
    assert_eq!(one("testsuites").attribute("time"), Some("1.500"));
    assert_eq!(all("testcase").count(), 3);
    for case in all("testcase") {
        let place = case.parent().unwrap().attribute("name");
        assert_eq!(
            (case.attribute("classname"), case.attribute("time")),
            (place, Some("0.007"))
        );
    }
    assert_eq!(
        one("skipped").attribute("message"),
        Some("Go 1.19 is not installed")
    );
    let failure = one("failure");
    assert_eq!(failure.attribute("type"), Some("S22.2"));
    let body = failure.text().unwrap();
    for words in ["1 < 2 & 3", "S22.2", "--filter"] {
        assert!(body.contains(words), "{words}\nin\n{body}");
    }
    let property = one("property");
    let (name, value) = (property.attribute("name"), property.attribute("value"));
    assert_eq!((name, value), (Some("seed"), Some(&*Seed(42).to_string())));
}

/// Guards S16.15.
#[test]
fn junit_of_an_interrupted_run_is_no_success() {
    let mut outcome = outcome(vec![case("read", Status::Passed)]);
    outcome.head.cases = 5;
    outcome.is_interrupted = true;
    let xml = outcome.show(Format::Junit).unwrap();
    let document = roxmltree::Document::parse(&xml).unwrap();
    let report = document.root_element();
    let (tests, errors) = (report.attribute("tests"), report.attribute("errors"));
    assert_eq!((tests, errors), (Some("2"), Some("1")));
    let error = document
        .descendants()
        .find(|element| element.has_tag_name("error"));
    let message = error.and_then(|error| error.attribute("message"));
    assert_eq!(message, Some("interrupted: 4 cases were not run"));
    assert!(
        outcome
            .show(Format::Text)
            .unwrap()
            .contains("4 cases were not run")
    );
}

/// Guards S16.15.
#[test]
fn github_gets_an_annotation_in_one_line_with_file_and_line() {
    let shown = some().show(Format::Github).unwrap();
    let text = some().show(Format::Text).unwrap();
    let annotations: Vec<_> = shown.strip_prefix(&text).unwrap().lines().collect();
    let [error, warning] = annotations.as_slice() else {
        panic!("want two annotations, got {annotations:?}");
    };
    let start = "::error file=fixtures/a%2Cb/trace,line=3,title=conformance%3A read a/b::";
    assert!(error.starts_with(start), "{error}");
    assert!(
        error.contains("got: two%0Alines: 50%25%0Awhere: "),
        "{error}"
    );
    let expected = "::warning title=conformance::1 case was skipped: Go 1.19 is not installed";
    assert_eq!(*warning, expected);
}

/// Guards S75.5.
#[test]
fn failures_of_one_cause_are_one_entry_in_text_alone() {
    let named = |name: &str, failure: Failure| CaseOutcome {
        name: name.into(),
        ..case("read", Status::Failed(vec![failure]))
    };
    let mut other_place = failure();
    other_place.got = "7".into();
    let other_cause = Failure::new("events", "4", "5").rule("S22.2");
    let cases = vec![
        named("a/b", failure()),
        named("a/c", other_cause),
        named("a/d", other_place),
    ];
    let outcome = outcome(cases);
    let text = outcome.show(Format::Text).unwrap();
    assert_eq!(text.matches("FAILED ").count(), 2, "{text}");
    assert!(
        text.contains("\n  also      1 failure more, in a/d\n"),
        "{text}"
    );
    let json = outcome.show(Format::Json).unwrap();
    assert_eq!(json.matches("\"what\"").count(), 3, "{json}");
}
