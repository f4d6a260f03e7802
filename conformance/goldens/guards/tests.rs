//! Rules without a guard, citations of what is not there, and citations that nobody runs.

#![cfg(test)]

use std::collections::BTreeMap;

use sigprof::fixtures::Files;
use sigprof::spec;

use super::checkout::Checkout;
use super::{Guards, scan};

/// The checkout with this file in it.
fn with(path: &str, text: &str) -> Checkout {
    let mut checkout = Checkout::here();
    checkout.rust.insert(path.into(), text.into());
    checkout
}

/// The one fault of a checkout.
#[track_caller]
fn fault(checkout: &Checkout) -> String {
    let faults = Guards::new(checkout).faults;
    let [fault] = faults.as_slice() else {
        panic!("want one fault, got {faults:?}");
    };
    fault.clone()
}

/// Guards S22.12.
#[test]
fn every_rule_is_guarded_and_every_citation_is_right() {
    let checkout = Checkout::here();
    let guards = Guards::new(&checkout);
    assert_eq!(guards.faults, Vec::<String>::new());
    assert_eq!(guards.bare(&checkout.spec), Vec::<String>::new());
}

/// Guards S22.12.
#[test]
fn every_section_with_rules_has_a_golden() {
    let spec = Checkout::here().spec;
    let sections = spec.split("\n## ").skip(1);
    let with_rules = sections.filter(|section| spec::rules(section).next().is_some());
    let numbers = with_rules.map(|section| section.split(' ').next().unwrap_or_default());
    let wanted: Vec<_> = numbers.map(|number| format!("section-{number}")).collect();
    let cases = crate::CASES.iter().filter(|(kind, _)| *kind == "guards");
    let cases: Vec<_> = cases.map(|&(_, case)| case.to_owned()).collect();
    assert_eq!(cases, wanted);
}

/// Guards S22.12.
#[test]
fn a_rule_without_a_guard_is_named_with_its_line() {
    let mut checkout = Checkout::here();
    let first = checkout.spec.find("- **R1.1**").expect("the first rule");
    let line = checkout.spec[..first].lines().count() + 1;
    checkout
        .spec
        .insert_str(first, "- **S99** *our choice* Nobody looks.\n");
    let bare = Guards::new(&checkout).bare(&checkout.spec);
    let [bare] = bare.as_slice() else {
        panic!("want one, got {bare:?}");
    };
    let expected = format!("SPEC.md:{line}: S99 has no guard: want a test below `/// Guards S99.`");
    assert!(bare.starts_with(&expected), "{bare}");
}

/// Guards S22.12.
#[test]
fn a_test_that_cites_an_unknown_rule_is_a_fault() {
    let test = "/// Guards S99.\n#[test]\nfn nobody() {}\n";
    let why = fault(&with("model/tests/new.rs", test));
    let expected = "test model/tests/new.rs::nobody: want a rule of SPEC.md, got S99";
    assert_eq!(why, expected);
}

/// Guards S22.12.
#[test]
fn a_fixture_that_cites_an_unknown_rule_is_a_fault() {
    let mut checkout = Checkout::here();
    let expected = r#"{"rules": ["R99"]}"#;
    checkout
        .fixtures
        .insert("valid/new/new/expected.json", expected);
    let why = fault(&checkout);
    assert_eq!(
        why,
        "fixture valid/new/new: want a rule of SPEC.md, got R99"
    );
}

/// Guards S22.12.
#[test]
fn a_fixture_or_a_kept_run_that_goes_is_missed() {
    let mut checkout = Checkout::here();
    let line = "    kept run seeds/b30\n";
    let (_, before) = Guards::new(&checkout).section(&checkout.spec, 12);
    assert!(before.contains(line));
    checkout.fixtures.remove("seeds/b30.toml");
    let (_, after) = Guards::new(&checkout).section(&checkout.spec, 12);
    assert_eq!(after, before.replace(line, ""));
}

/// A new fixture is compiled in only if cargo hears of it (`conformance/build.rs`).
///
/// Guards S22.1.
#[test]
fn the_program_has_the_fixtures_of_its_checkout() {
    let (ours, theirs) = (Files::embedded(), Checkout::here().fixtures);
    let paths = |files: &Files| files.paths().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(paths(&ours), paths(&theirs));
    for path in ours.paths() {
        let is_same = ours.file(path).ok() == theirs.file(path).ok();
        assert!(is_same, "fixtures/{path} has changed since the build");
    }
}

/// The laws have one text: SPEC.md has what the model's documentation says.
#[test]
fn the_specification_has_the_laws_as_the_model_says_them() {
    let law = &Checkout::here().rust["model/src/law.rs"];
    let (_, body) = law.split_once("pub enum Law {").expect("the laws");
    let (body, _) = body.split_once("\n}").expect("their end");
    let comments = body
        .lines()
        .filter_map(|line| line.trim().strip_prefix("/// "));
    let said = comments.collect::<Vec<_>>().join(" ");
    for law in sigprof_model::law::Law::ALL {
        let number = law.number();
        let rule = spec::rule(&format!("S18.{number}")).expect("a rule");
        let text = rule.text.strip_prefix("Law ").expect("a law");
        assert!(said.contains(text), "S18.{number}: {text}");
    }
}

/// Compares the citations found in these files, as `path::test: rules`, and then the faults.
#[track_caller]
fn check_files(files: &[(&str, &str)], expected: &[&str]) {
    let files = files.iter().map(|&(path, text)| (path.into(), text.into()));
    let (citations, faults) = scan::scan(&BTreeMap::from_iter(files));
    let found = citations
        .iter()
        .map(|found| format!("{}::{}: {}", found.path, found.test, found.rules.join(" ")));
    assert_eq!(found.chain(faults).collect::<Vec<_>>(), expected);
}

/// Compares the one citation or fault found in a file `a/src/lib.rs`.
#[track_caller]
fn check(text: &str, expected: &str) {
    check_files(&[("a/src/lib.rs", text)], &[expected]);
}

/// The fault of a citation at this line of `a/src/lib.rs` below which no test runs.
fn no_test(line: u64) -> String {
    format!("a/src/lib.rs:{line}: citation: want a test below it that is always compiled and runs")
}

#[test]
fn a_test_cites_what_stands_above_it() {
    let text = "\n/// Why.\n/// Guards R36.2, S4.\n#[test]\nfn it_holds() {\n}\n";
    check(text, "a/src/lib.rs::it_holds: R36.2 S4");
    let text = "/// Guards R1.1,\n/// R1.2.\n/// More.\n    #[test]\n    fn it_holds() {}";
    check(text, "a/src/lib.rs::it_holds: R1.1 R1.2");
    let text =
        "#[cfg(test)]\nmod tests {\n    /// Guards S4.\n    #[test]\n    fn it_holds() {}\n}";
    check(text, "a/src/lib.rs::it_holds: S4");
    let text = "#[test]\n#[cfg_attr(miri, ignore = \"slow\")]\n/// Guards S4.\nfn it_holds() {}";
    check(text, "a/src/lib.rs::it_holds: S4");
}

#[test]
fn a_row_of_a_macro_that_makes_tests_cites_too() {
    let row = "goldens! {\n    /// Guards S7.1.\n    a_case = \"a\",\n}\n";
    let declared = |body: &str| format!("macro_rules! goldens {{ () => {{\n{body}\n}} }}\n{row}");
    check(
        &declared("#[test] fn $t() {}"),
        "a/src/lib.rs::a_case: S7.1",
    );
    check(&declared("fn $t() {}"), &no_test(5));
    check(row, &no_test(2));
    let test = "proptest! {\n    /// Guards S4.\n    #[test]\n    fn it_holds(a in any()) {}\n}";
    check(test, "a/src/lib.rs::it_holds: S4");
}

#[test]
fn what_is_not_compiled_cites_nothing() {
    let test = "/// Guards S4.\n#[test]\nfn it_holds() {}\n";
    check_files(&[("a/src/lib.rs", &format!("/*\n{test}*/"))], &[]);
    let text = format!("const X: &str = \"\n{test}\";");
    check_files(&[("a/src/lib.rs", &text)], &[]);
    check(
        &test.replace("#[test]", "#[test]\n#[cfg(any())]"),
        &no_test(1),
    );
    check(&format!("fn nobody() {{\n{test}}}"), &no_test(2));
    check(
        &format!("#[cfg(windows)]\nmod tests {{\n{test}}}"),
        &no_test(3),
    );
}

#[test]
fn what_does_not_run_cites_nothing() {
    check(
        "/// Guards S4.\n#[test]\n#[ignore = \"slow\"]\nfn it_holds() {}",
        &no_test(1),
    );
    let others = "/// Guards S4.\n#[cfg_attr(not(miri), ignore)]\n#[test]\nfn it_holds() {}";
    check(others, &no_test(1));
    check("/// Guards S4.\nfn helper() {}", &no_test(1));
    check("/// Guards S4.\nconst IT: u8 = 1;", &no_test(1));
}

#[test]
fn a_sweep_runs_elsewhere_and_cites() {
    let text = "/// Guards S4.\n#[test]\n#[ignore = \"a sweep: just test-all\"]\nfn it_holds() {}";
    check(text, "a/src/lib.rs::it_holds: S4");
}

#[test]
fn a_citation_of_another_form_is_a_fault() {
    let fault = |words: &str, want: &str| {
        let text = format!("/// Guards {words}\n#[test]\nfn it_holds() {{}}");
        let expected = format!("a/src/lib.rs:1: citation: want {want}, got {words}");
        check(&text, &expected);
    };
    for words in ["S4", "S4. And more."] {
        fault(words, "rules, and then a full stop");
    }
    for words in ["L4.", "R.", "R1..", "the end.", "R1 to R3."] {
        fault(words, "rules, as R36.2 or S8.4");
    }
}

#[test]
fn modules_are_followed_from_targets() {
    let test = |name: &str| format!("/// Guards S4.\n#[test]\nfn {name}() {{}}\n");
    let root = "pub mod b;\n#[path = \"e/f.rs\"]\nmod d;\nmod inner { mod g; }";
    let files = [
        ("a/src/lib.rs", root),
        ("a/src/b.rs", "mod c;"),
        ("a/src/b/c.rs", &test("c")),
        ("a/src/e/f.rs", &test("f")),
        ("a/src/inner/g.rs", &test("g")),
        ("a/tests/t/main.rs", "mod h;"),
        ("a/tests/t/h.rs", &test("h")),
        ("a/tests/u.rs", &test("u")),
    ];
    let expected = [
        "a/src/b/c.rs::c: S4",
        "a/src/e/f.rs::f: S4",
        "a/src/inner/g.rs::g: S4",
        "a/tests/t/h.rs::h: S4",
        "a/tests/u.rs::u: S4",
    ];
    check_files(&files, &expected);
}

#[test]
fn a_file_that_nobody_declares_cites_nothing() {
    let test = "/// Guards S4.\n#[test]\nfn it_holds() {}\n";
    let lost = "a/src/b.rs:1: citation: want a file to which a `mod` of a test target leads";
    for root in ["", "// mod b;", "#[cfg(windows)]\nmod b;", "mod c;"] {
        check_files(&[("a/src/lib.rs", root), ("a/src/b.rs", test)], &[lost]);
    }
    let lost = lost.replace("a/src/b.rs", "a/benches/c.rs");
    check_files(&[("a/benches/c.rs", test)], &[&lost]);
}
