//! The catalogue of mistakes: each fails the cases that it names, and one that no case notices is
//! told.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use sigprof::corpus::mistakes::{self, CATALOGUE, Row};
use sigprof::fixtures::Files;

use super::parser::corpus;

/// The whole catalogue on the whole corpus, run once for all.
static ROWS: LazyLock<Vec<Row>> =
    LazyLock::new(|| mistakes::run(&Files::embedded(), CATALOGUE, 2).unwrap());

/// The table is a golden, too; this says why a line of it is wrong.
///
/// Guards S64.1.
#[test]
fn every_mistake_fails_the_cases_that_it_names() {
    for row in ROWS.iter() {
        assert!(
            row.missed.is_empty(),
            "{}: lives in {:?}",
            row.mistake,
            row.missed
        );
        assert!(!row.failed.is_empty(), "{}: nothing fails", row.mistake);
    }
}

/// A parser with a narrow mistake fails few cases: what fails is the mistake's, not the parser's.
///
/// Guards S64.1.
#[test]
fn a_mistake_fails_no_case_that_has_nothing_of_it() {
    let names: BTreeSet<_> = CATALOGUE.iter().map(|mistake| mistake.name).collect();
    assert_eq!(names.len(), CATALOGUE.len(), "a name twice");
    let narrow = |name: &str| ROWS.iter().find(|row| row.mistake == name).unwrap();
    // What only these cases have: were the parser wrong otherwise, more would fail.
    for (name, cases) in [
        ("names-utf-8-alone", &["names-go1.19", "names-go1.22"][..]),
        ("no-stack-dropped", &["none-go1.19", "none-go1.22"]),
    ] {
        for failed in &narrow(name).failed {
            let is_meant = cases.iter().any(|case| failed.ends_with(case));
            let is_world = failed.starts_with("valid/order/world-");
            let has_all = failed.starts_with("valid/events/");
            assert!(is_meant || is_world || has_all, "{name}: {failed}");
        }
    }
}

/// Without the case nobody notices the mistake, and that is said.
///
/// Guards S64.1.
#[test]
fn a_mistake_whose_case_is_gone_lives() {
    let mut files = Files::embedded();
    let case = "valid/stacks/defined-twice-go1.19";
    let plain = files.file("valid/basics/tiny/trace").unwrap().to_vec();
    let expected = files
        .file("valid/basics/tiny/expected.json")
        .unwrap()
        .to_vec();
    files.insert(format!("{case}/trace"), plain);
    files.insert(format!("{case}/expected.json"), expected);
    let first = mistakes::select(&["first-definition".to_owned()]).unwrap();
    let rows = mistakes::run(&files, &first, 1).unwrap();
    assert_eq!(rows[0].missed, [case]);
    let table = mistakes::table(&rows);
    assert!(table.contains(&format!("LIVES in {case}: ")), "{table}");
    assert!(table.contains("\n0 of 1 mistakes"), "{table}");
}

/// Guards S64.2.
#[test]
fn the_command_shows_them() {
    let (code, out, _) = corpus(&["mistakes", "--filter", "names-", "--format", "json"]);
    assert_eq!(code, 0, "{out}");
    let json: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(json["mistakes"].as_array().unwrap().len(), 3);
    assert!(
        json["mistakes"][0]["failed"]
            .as_array()
            .is_some_and(|f| f.len() > 1)
    );
    assert_eq!(corpus(&["mistakes", "--filter", "no/such"]).0, 4);
}
