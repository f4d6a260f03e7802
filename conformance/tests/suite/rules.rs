//! Traceability has teeth: a rule without a guard, and a citation of a rule that is not there.

use std::collections::BTreeSet;
use std::path::Path;

use sigprof::spec;
use sigprof::suite::area::Area;
use sigprof::suite::fixture::Files;
use sigprof::suite::guards::matrix::Matrix;
use sigprof::suite::guards::{Guards, Sources, table};
use sigprof::suite::outcome::Status;
use sigprof::suite::{Case, Context, Inputs, Options};

fn here() -> Sources {
    Sources::here().unwrap().unwrap()
}

fn run(inputs: &Inputs, name: &str) -> Status {
    let case = Case {
        area: Area::Rules,
        name: name.into(),
    };
    case.run(&Context {
        inputs,
        options: &Options::default(),
    })
}

/// What a case says that fails.
fn failure(inputs: &Inputs, name: &str) -> String {
    match run(inputs, name) {
        Status::Failed(failures) => failures[0].to_string(),
        other => panic!("{name}: want a failure, got {other:?}"),
    }
}

/// With this file among the sources.
fn with(path: &str, text: &str) -> Inputs {
    let mut sources = here();
    sources.rust.insert(path.into(), text.into());
    Inputs::new(Files::embedded(), Some(sources))
}

/// With this line at the end of the specification's rules.
fn with_rule(rule: &str) -> Inputs {
    let mut sources = here();
    let first = sources.spec.find("- **R1.1**").unwrap();
    sources.spec.insert_str(first, &format!("{rule}\n"));
    Inputs::new(Files::embedded(), Some(sources))
}

/// Every rule is guarded, every citation is right, and SPEC.md has them. With
/// `SIGPROF_BLESS=1` SPEC.md is written anew.
///
/// Guards S22.12.
#[test]
fn every_rule_is_guarded_and_the_specification_says_by_what() {
    let sources = here();
    let guards = Guards::new(&Files::embedded(), Some(&sources));
    assert_eq!(guards.faults, []);
    let rules = spec::rules(&sources.spec).map(|rule| rule.number);
    let bare: Vec<_> = rules
        .filter(|rule| guards.of(rule).next().is_none())
        .collect();
    assert_eq!(bare, Vec::<&str>::new(), "without a guard");
    let written = table::written(&sources.spec, &guards).unwrap();
    if std::env::var_os("SIGPROF_BLESS").is_some() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../SPEC.md");
        std::fs::write(path, written).unwrap();
    } else {
        assert!(
            written == sources.spec,
            "section 13 is old: `just bless` writes it"
        );
    }
}

/// Guards S22.12, S9.10.
#[test]
fn a_rule_without_a_guard_fails_and_names_its_line() {
    let inputs = with_rule("- **S99** *our choice* Nobody looks.");
    let why = failure(&inputs, "S99");
    for words in [
        "guards of S99",
        "/// Guards S99.",
        "got none",
        "SPEC.md, line ",
    ] {
        assert!(why.contains(words), "{words} in {why}");
    }
    let matrix = Matrix::new(&inputs, &["S99".into()]);
    assert_eq!(matrix.exit_code(), 1);
    assert!(
        matrix.text().contains("NOTHING guards it"),
        "{}",
        matrix.text()
    );
}

/// Guards S22.12, S9.10.
#[test]
fn a_test_that_cites_an_unknown_rule_fails() {
    let test = "/// Guards S99.\n#[test]\nfn nobody() {}\n";
    let inputs = with("model/tests/new.rs", test);
    let why = failure(&inputs, "citations");
    let expected = "test `model/tests/new.rs::nobody`: expected rules of SPEC.md, got S99 (model/tests/new.rs)";
    assert_eq!(why, expected);
    // Whatever rules are shown.
    assert_eq!(Matrix::new(&inputs, &["S1.1".into()]).exit_code(), 1);
    let inputs = Inputs::new(Files::embedded(), Some(here()));
    assert_eq!(Matrix::new(&inputs, &["S1.1".into()]).exit_code(), 0);
}

/// Guards S22.12.
#[test]
fn a_fixture_that_cites_an_unknown_rule_fails() {
    let mut files = Files::embedded();
    files.insert("valid/new/new/expected.json", r#"{"rules": ["R99"]}"#);
    let why = failure(&Inputs::new(files, Some(here())), "citations");
    assert!(
        why.contains("fixture `valid/new/new`") && why.contains("got R99"),
        "{why}"
    );
}

/// Guards S22.12.
#[test]
fn a_citation_above_something_that_is_no_test_fails() {
    let function = "/// Guards S9.1.\nfn nobody() {}\n";
    let why = failure(&with("model/tests/new.rs", function), "citations");
    assert!(
        why.contains("no #[test]") && why.contains("model/tests/new.rs, line 1"),
        "{why}"
    );
}

/// A fixture or a kept run that goes, and whatever named it, is missed all the same; away from
/// the sources, too.
///
/// Guards S22.12.
#[test]
fn a_guard_that_has_gone_is_named() {
    for sources in [None, Some(here())] {
        let mut files = Files::embedded();
        files.remove("seeds/b30.toml");
        let why = failure(&Inputs::new(files, sources), "table");
        let words = "`just bless` writes: expected S18.8: nothing more, got S18.8: kept run `seeds/b30` more (SPEC.md, line ";
        assert!(why.contains(words), "{why}");
    }
}

/// Guards S22.12.
#[test]
fn a_test_that_nobody_compiles_guards_nothing() {
    let test = "/// Guards S9.1.\n#[test]\nfn nobody() {}\n";
    for path in ["model/src/nowhere.rs", "model/tests/models/nowhere.rs"] {
        let why = failure(&with(path, test), "citations");
        assert!(
            why.contains("no `mod` leads") && why.contains(&format!("{path}, line 1")),
            "{why}"
        );
    }
}

/// Guards S22.12.
#[test]
fn a_table_that_lacks_a_guard_fails() {
    let test = "/// Guards S9.1.\n#[test]\nfn another() {}\n";
    let why = failure(&with("model/tests/new.rs", test), "table");
    assert!(
        why.contains("table of guards") && why.contains("SPEC.md, line "),
        "{why}"
    );
}

/// Guards S22.16.
#[test]
fn a_golden_file_without_a_case_and_a_case_without_one_fail() {
    let with = |path: &str, is_there: bool| {
        let mut sources = here();
        match is_there {
            true => assert!(sources.snapshots.insert(path.into())),
            false => assert!(sources.snapshots.remove(path)),
        }
        failure(&Inputs::new(Files::embedded(), Some(sources)), "snapshots")
    };
    let why = with("snapshots/real/gone.snap", true);
    assert!(
        why.contains("expected a case") && why.contains("snapshots/real/gone.snap"),
        "{why}"
    );
    for path in ["snapshots/explore/b30.snap", "snapshots/cli/help.trycmd"] {
        let why = with(path, false);
        assert!(why.contains(&format!("the golden file {path}")), "{why}");
    }
    let inputs = Inputs::new(Files::embedded(), Some(here()));
    assert_eq!(run(&inputs, "snapshots"), Status::Passed);
}

/// Guards S22.12.
#[test]
fn a_program_that_is_older_than_its_sources_says_so() {
    let why = failure(&with_rule("- **S99** *our choice* New."), "table");
    assert!(why.contains("it has changed since"), "{why}");
}

/// Guards S22.12.
#[test]
fn away_from_its_sources_the_program_knows_the_same_guards() {
    let (near, far) = (
        Guards::new(&Files::embedded(), Some(&here())),
        Guards::new(&Files::embedded(), None),
    );
    for rule in spec::rules(spec::TEXT) {
        let of = |guards: &Guards| guards.of(rule.number).cloned().collect::<Vec<_>>();
        assert_eq!(of(&far), of(&near), "{}", rule.number);
    }
}

/// A filter of the matrix is the beginning of a number, up to a point.
///
/// Guards S16.14, S9.10.
#[test]
fn the_matrix_shows_rules_by_number() {
    let inputs = Inputs::new(Files::embedded(), Some(here()));
    let numbers = |filter: &str| {
        let matrix = Matrix::new(&inputs, &[filter.to_owned()]);
        matrix
            .rules
            .iter()
            .map(|(rule, _)| rule.number.to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(numbers("S9.1"), ["S9.1"]);
    assert!(numbers("S9").contains(&"S9.10".to_owned()));
    assert!(!numbers("S1").contains(&"S16.1".to_owned()));
    assert_eq!(numbers("S99"), Vec::<String>::new());
    let json = Matrix::new(&inputs, &["S9.10".into()]).json();
    let keys = |value: &serde_json::Value| {
        value
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect::<Vec<_>>()
    };
    let rule = &json["rules"][0];
    let fields = [keys(&json), keys(rule), keys(&rule["guards"][0])].concat();
    let text = spec::rule("S16.14").unwrap().text;
    let named = text.split('`').skip(1).step_by(2);
    let is_field =
        |word: &&str| !word.contains(' ') && !["test", "mutant", "fixture", "seed"].contains(word);
    let named: BTreeSet<_> = named.filter(is_field).map(str::to_owned).collect();
    assert_eq!(named, BTreeSet::from_iter(fields));
}

/// The laws have one text: SPEC.md has what the model's documentation says.
#[test]
fn the_specification_has_the_laws_as_the_model_says_them() {
    let sources = here();
    let law = &sources.rust["model/src/law.rs"];
    let (_, body) = law.split_once("pub enum Law {").unwrap();
    let (body, _) = body.split_once("\n}").unwrap();
    let comments = body
        .lines()
        .filter_map(|line| line.trim().strip_prefix("/// "));
    let said = comments.collect::<Vec<_>>().join(" ");
    for law in sigprof_model::law::Law::ALL {
        let number = law.number();
        let rule = spec::rule(&format!("S18.{number}")).unwrap();
        let text = rule.text.strip_prefix("Law ").unwrap();
        assert!(said.contains(text), "S18.{number}: {text}");
    }
}
