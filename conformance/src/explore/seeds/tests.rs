use super::*;

const CASE: &str = r#"about = "the end is reported with a record unread"
scenario = "record_then_close"
revision = "go1.26"
strategy = "dpor"
schedule = "-"
law = "none"
"#;

#[test]
fn a_case_is_read() {
    let case = Case::parse(CASE).unwrap();
    assert_eq!(
        (case.under.name(), case.kind, case.law),
        ("go1.26", Kind::Dpor, None)
    );
    assert!(case.check().is_ok());
}

#[track_caller]
fn refused(from: &str, to: &str, error: &str) {
    assert!(CASE.contains(from));
    let result = Case::parse(&CASE.replace(from, to));
    assert_eq!(result.err().unwrap().to_string(), error);
}

#[test]
fn an_error_has_place_want_and_got() {
    refused(
        "record_then_close",
        "nap",
        "0x3e: scenario: want the name of a scenario, got \"nap\"",
    );
    refused(
        "\"none\"",
        "\"L0\"",
        &format!(
            "0x8d: law: want L1 to L{}, or none, got \"L0\"",
            Law::ALL.len()
        ),
    );
    refused(
        "\"-\"",
        "\"7:0\"",
        "0x83: schedule: want `place:choice` with rising places and choices from 1 to 255, \
             as in `7:1 12:2`, or `-`, got \"7:0\"",
    );
    refused(
        "revision = \"go1.26\"\n",
        "",
        "0x0: case: want revision or mutant, got neither",
    );
    refused(
        "revision",
        "mutant = \"no_lock\"\nrevision",
        "0x5b: case: want revision or mutant, got both",
    );
}

#[test]
fn what_is_no_toml_or_lacks_a_field_is_refused() {
    refused(
        "law = \"none\"",
        "law = ",
        "0x8d: case: want about, scenario, revision or mutant, strategy, schedule and law, \
             as TOML, got string values must be quoted, expected literal string",
    );
    let result = Case::parse(&CASE.replace("law = \"none\"\n", ""));
    let error = result.err().unwrap().to_string();
    assert!(error.contains("missing field `law`"), "{error}");
}

#[test]
fn a_case_that_shows_nothing_any_more_says_so() {
    let case = Case::parse(&CASE.replace("none", "L8").replace("\"-\"", "\"900:1\""));
    let error = case.unwrap().check().unwrap_err();
    assert_eq!(
        error.to_string(),
        "go1.26: want L8 (the end comes after all data) broken, got no law \
             (the schedule does not fit: no such choice at 900)"
    );
}
