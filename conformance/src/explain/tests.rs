use std::collections::{BTreeMap, BTreeSet};

use sigprof_model::known;
use sigprof_model::law::Law;
use sigprof_model::mutants::Mutant;

use super::*;
use crate::check::{Reason, Verdict};
use crate::explore::target::{self, Variant};
use crate::fixtures::Files;

/// Every code that the tables, the enumerations and SPEC.md have.
fn codes() -> BTreeMap<Kind, BTreeSet<String>> {
    let mut codes: BTreeMap<Kind, BTreeSet<String>> = BTreeMap::new();
    let mut add = |kind, names: Vec<String>| codes.entry(kind).or_default().extend(names);
    add(Kind::Verdict, Verdict::ALL.map(|of| of.to_string()).into());
    add(Kind::Reason, Reason::ALL.map(|of| of.to_string()).into());
    let exits = ["0", "1", "2", "3", "4", "5", "130"];
    add(Kind::Exit, exits.map(str::to_owned).into());
    let law = |law: Law| format!("L{}", law.number());
    add(Kind::Law, Law::ALL.map(law).into());
    add(Kind::Defect, known::ALL.map(|of| of.id.to_owned()).into());
    let mutants = Mutant::all();
    let bugs = mutants.iter().filter_map(|of| of.bug).map(str::to_owned);
    add(Kind::Defect, bugs.collect());
    // SPEC.md names these, and no table has them.
    add(Kind::Defect, ["B4", "B7", "B24"].map(str::to_owned).into());
    add(
        Kind::Mutant,
        mutants.iter().map(|of| of.name.to_owned()).collect(),
    );
    let scenarios = target::scenario_names().into_iter().map(str::to_owned);
    add(Kind::Scenario, scenarios.collect());
    let rules = spec::rules(spec::TEXT).map(|rule| rule.number.to_owned());
    add(Kind::Rule, rules.collect());
    codes
}

#[test]
fn every_code_there_is_is_explained_and_nothing_else() {
    let entries = all();
    for (kind, codes) in codes() {
        let of_kind = entries.iter().filter(|entry| entry.kind == kind);
        let names: Vec<_> = of_kind.map(|entry| entry.name.clone()).collect();
        let explained: BTreeSet<_> = names.iter().cloned().collect();
        assert_eq!(explained, codes, "{kind}");
        assert_eq!(explained.len(), names.len(), "{kind}: one is there twice");
    }
}

/// The first paragraph says what it is, and none is empty. What has no place in Go's source, or
/// nothing that shows it, is told by name or kind.
#[test]
fn every_explanation_has_all_of_its_parts() {
    for entry in all() {
        let Entry { kind, name, .. } = &entry;
        let parts = [&entry.what, &entry.why];
        for paragraphs in parts {
            assert!(!paragraphs.is_empty(), "{name}");
            assert!(
                paragraphs.iter().all(|text| text.len() > 3),
                "{name}: {paragraphs:?}"
            );
        }
        let rule = spec::rule(name);
        let is_ours = rule.is_some_and(|rule| rule.label == "our choice");
        // Nothing is broken by these two, and so no rule is named.
        let is_excused = *kind == Kind::Mutant && entry.see.is_empty();
        let is_in_go = match kind {
            Kind::Law | Kind::Defect | Kind::Mutant | Kind::Rule => !is_ours && !is_excused,
            _ => false,
        };
        assert!(!is_in_go || !entry.go.is_empty(), "{name}: not in Go");
        let says_why_not = || {
            let said =
                |text: &String| text.starts_with("No fixture") || text.starts_with("No command");
            entry.what.iter().any(said)
        };
        assert!(
            *kind == Kind::Rule || !entry.shown_by.is_empty() || says_why_not(),
            "{name}: nothing shows it, and nothing says why"
        );
    }
}

#[test]
fn what_an_explanation_names_exists() {
    let entries = all();
    let files = Files::embedded();
    let scenarios = target::scenario_names();
    for entry in &entries {
        for other in &entry.see {
            assert!(
                !find(&entries, other).is_empty(),
                "{}: see {other}",
                entry.name
            );
        }
        for command in &entry.shown_by {
            let words: Vec<_> = command.split_whitespace().collect();
            for pair in words.windows(2) {
                let is_there = match pair[0] {
                    "--scenario" => scenarios.contains(&pair[1]),
                    "--mutant" => Variant::mutant(pair[1]).is_some(),
                    "--revision" => Variant::revision(pair[1]).is_some(),
                    _ => pair[1]
                        .strip_prefix("fixtures/")
                        .is_none_or(|path| files.has(path)),
                };
                assert!(is_there, "{}: {command}: {}", entry.name, pair[1]);
            }
        }
    }
}

#[test]
fn a_name_is_found_in_any_case_and_a_number_stands_for_its_rules() {
    let entries = all();
    let names = |name: &str| {
        let found = find(&entries, name);
        found
            .iter()
            .map(|entry| entry.name.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(names("b32"), ["B32"]);
    assert_eq!(names("exit-5"), ["5"]);
    assert_eq!(names("R12").len(), 5);
    assert_eq!(names("R1200"), [""; 0]);
    let near_ones = near(entries.iter().map(|entry| entry.name.clone()), "ring-warp");
    assert_eq!(near_ones[0], "ring-wrap");
}

#[test]
fn links_are_words_in_a_text() {
    let check = |markdown: &str, want: &str| assert_eq!(plain(markdown), want);
    check(
        "Breaks [L15](Law::NoThrow), and [L4](Law::Conserved).*",
        "Breaks L15, and L4.*",
    );
    check(
        "look first ([`OverflowTest::BeforeAdvance`]).",
        "look first (`OverflowTest::BeforeAdvance`).",
    );
    check("`[[m]]` and a[0] (x)", "`[[m]]` and a[0] (x)");
}

#[test]
fn a_hint_names_each_code_once() {
    let codes = ["lost", "ring-wrap", "lost", ""];
    let want = "explained by: sigprof explain lost ring-wrap";
    assert_eq!(hint(codes).as_deref(), Some(want));
    assert_eq!(hint(Vec::<String>::new()), None);
}
