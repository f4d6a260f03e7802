//! JSON has the fields that SPEC.md names, and SPEC.md names all that JSON has.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{HOG, OVERFLOW, check, run, trace};

/// The words that a rule sets in backticks, each once.
fn named(rule: &str) -> BTreeSet<String> {
    let spec = include_str!("../../../../SPEC.md");
    let head = format!("- **{rule}** ");
    let text = spec.lines().find_map(|line| line.strip_prefix(&head));
    let words = text.unwrap().split('`').skip(1).step_by(2);
    words.map(str::to_owned).collect()
}

/// The rule names these fields, and apart from them only these other words.
#[track_caller]
pub(crate) fn names(rule: &str, objects: &[&Value], others: &[&str]) {
    let keys = objects.iter().flat_map(|o| o.as_object().unwrap().keys());
    let others = others.iter().map(|&word| word.to_owned());
    let fields: BTreeSet<_> = keys.cloned().chain(others).collect();
    assert_eq!(named(rule), fields, "{rule} on the left, JSON on the right");
}

/// Guards S16.1, S16.2, S16.3, S16.4, S16.16, S16.17, S16.18.
#[test]
fn a_check_has_the_fields_of_its_rules() {
    let mut report = check(OVERFLOW, &["--format", "json"]).ends(5).json();
    let version = report.as_object_mut().unwrap().remove("schema_version");
    assert_eq!(version, Some(2.into()));
    let judged = ["both-ways", "trace-at-least", "trace-at-most"];
    names("S16.2", &[&report], &judged);
    let stack = &report["stacks"][0];
    names("S16.3", &[stack, &stack["frames"][0]], &["stacks"]);
    let (windows, ring) = (&report["windows"], &report["ring"]);
    let full = &ring["full"][0];
    names("S16.4", &[windows, ring, full], &["windows", "ring"]);
    assert_eq!(ring["replay"], Value::Null);
    let rates = check("rings/overflow", &["--format", "json"]).json();
    let rate = &rates["rate"];
    let (gap, thread) = (&rate["gaps"][0], &rate["threads"][0]);
    names("S16.17", &[rate, gap, thread], &["rate"]);
    let outcomes = [
        "too-few",
        "as-expected",
        "waited",
        "fewer",
        "missing",
        "gap",
        "rate",
    ];
    names(
        "S16.18",
        &[&report["expected"]],
        &[&["expected"], &outcomes[..]].concat(),
    );
    let leaked = check("rings/wrap-leak-go1.27", &["--format", "json"]).json();
    let replay = &leaked["ring"]["replay"];
    let (leak, end) = (&replay["leaks"][0], &replay["ends"][0]);
    names("S16.16", &[replay, leak, end], &["ring.replay"]);
    let matches = check(HOG, &["--format", "json"]).ends(0).json();
    assert_eq!(
        (&matches["reason"], &matches["judged"]),
        (&Value::Null, &"both-ways".into())
    );
    let narrowed = check(HOG, &["--format", "json", "--label", "tracing=on"]);
    assert_eq!(narrowed.json()["judged"], "trace-at-least");
    let narrowed = check(HOG, &["--format", "json", "--goroutine", "1"]);
    assert_eq!(narrowed.json()["judged"], "trace-at-most");
}

/// Guards S16.19.
#[test]
fn a_trace_alone_has_the_fields_of_its_rule() {
    let alone = run(&["check", &trace(HOG), "--format", "json"]).json();
    names("S16.19", &[&alone], &["sigprof check TRACE --format json"]);
    assert_eq!(alone["schema_version"], 2);
    assert_eq!(alone["windows"]["profile_ns"], Value::Null);
}

/// Guards S16.3.
#[test]
fn the_largest_difference_comes_first() {
    let report = check(OVERFLOW, &["--format", "json"]).json();
    let stacks = report["stacks"].as_array().unwrap();
    let count = |stack: &Value, side: &str| stack[side].as_u64().unwrap();
    let differences = stacks
        .iter()
        .map(|s| count(s, "trace").abs_diff(count(s, "profile")));
    let differences: Vec<_> = differences.collect();
    assert!(differences.is_sorted_by(|a, b| a >= b), "{differences:?}");
    assert!(differences.first() > differences.last());
}

/// Guards S16.5.
#[test]
fn an_event_has_the_fields_of_its_rule() {
    let lines = run(&["parse", "--format", "json", &trace("basics/tiny")])
        .ends(0)
        .out;
    let places = ["no-p", "timer", "netpoll", "syscall", "gc"];
    let mut seen = 0;
    for line in lines.lines().skip(1) {
        let event: Value = serde_json::from_str(line).unwrap();
        let of_head = [
            "sigprof parse --format json",
            "schema_version",
            "sigprof_version",
        ];
        let others = [&places[..], &of_head].concat();
        names("S16.5", &[&event], &others);
        assert_eq!(event["p"].is_null(), event["place"].is_string(), "{line}");
        if event["type"] == "GoStart" {
            let args: Vec<_> = event["args"].as_object().unwrap().keys().collect();
            assert_eq!(args, ["g", "seq"]);
            seen += 1;
        }
    }
    assert!(seen > 0);
}

/// Guards S16.11.
#[test]
fn numbers_of_a_trace_have_the_fields_of_their_rule() {
    let stat = run(&["stat", "--format", "json", &trace(HOG)])
        .ends(0)
        .json();
    assert_eq!(
        (&stat["schema_version"], &stat["error"]),
        (&1.into(), &Value::Null)
    );
    let others = ["sigprof stat --format json", "--keep-going"];
    names("S16.11", &[&stat, &stat["samples"]], &others);
    let samples = &stat["samples"];
    let count = |field: &str| samples[field].as_u64().unwrap();
    assert_eq!(count("total"), count("with_p") + count("without_p"));
}

/// Guards S16.13.
#[test]
fn an_exported_profile_has_10_ms_a_sample_unless_it_is_told_otherwise() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("profile");
    let period = |options: &[&str]| {
        let to = ["-o", path.to_str().unwrap()];
        let hog = trace(HOG);
        let args = [&["export", &hog, "--format", "pprof"][..], &to, options];
        run(&args.concat()).ends(0);
        let profile = sigprof::pprof::read(&std::fs::read(&path).unwrap()).unwrap();
        profile.period
    };
    assert_eq!(period(&[]), 10_000_000);
    assert_eq!(period(&["--period", "4000000"]), 4_000_000);
}

#[test]
fn json_of_a_check_has_the_promised_fields() {
    let report = check(OVERFLOW, &["--format", "json"]).ends(5).json();
    assert_eq!(report["schema_version"], 2);
    assert_eq!(report["verdict"], "lost");
    assert!(report["trace_samples"].as_u64() < report["profile_samples"].as_u64());
    let stacks = report["stacks"].as_array().unwrap();
    assert!(!stacks.is_empty());
    for stack in stacks {
        assert!(stack["verdict"].is_string(), "{stack}");
        assert!(stack["trace"].is_u64() && stack["profile"].is_u64());
        let frames = stack["frames"].as_array().unwrap();
        assert!(
            frames
                .iter()
                .all(|f| f["function"].is_string() && f["line"].is_i64())
        );
    }
    let sum = |side: &str| stacks.iter().filter_map(|s| s[side].as_u64()).sum::<u64>();
    assert_eq!(Some(sum("trace")), report["trace_samples"].as_u64());
    assert_eq!(Some(sum("profile")), report["profile_samples"].as_u64());
}
