//! The rules of SPEC.md and their guards: tests, mutants, fixtures and kept runs that cite them.
//!
//! A guard is something that fails when the rule is broken:
//!
//! - a **test** that says so above it, `/// Guards R36.2, S8.4.`;
//! - a **mutant** of the model, which breaks the rules that it names, and the law that it
//!   breaks (S18); it must be caught;
//! - a **fixture**, whose `expected.json` names the rules that it shows, or that an invalid
//!   file breaks;
//! - a **kept run**, which must break its law (S17.1).
//!
//! `snapshots/guards/section-<n>.snap` has them for each section of SPEC.md, so that a guard
//! which comes or goes is a line that a reviewer sees.

mod checkout;
mod scan;
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::LazyLock;

use sigprof::explore::seeds;
use sigprof::failure::rule_of;
use sigprof::spec;
use sigprof_model::mutants::{Fate, Mutant};

use crate::Golden;
use checkout::Checkout;

/// The guards of each rule, and the citations that are wrong.
#[derive(Debug, Default)]
struct Guards {
    /// The guards of each rule: ``test model/tests/ring/eof.rs::the_end_comes_last``.
    by_rule: BTreeMap<String, BTreeSet<String>>,
    /// Wrong citations, in words, with file and line.
    faults: Vec<String>,
}

impl Guards {
    fn new(checkout: &Checkout) -> Self {
        let mut guards = Self::default();
        for mutant in Mutant::all() {
            guards.add_mutant(&mutant);
        }
        let files = &checkout.fixtures;
        for (folder, rules) in files.rules() {
            for rule in rules {
                guards.add(&rule, format!("fixture {folder}"));
            }
        }
        for seed in files.seeds() {
            let text = files.file(&format!("{seed}.toml")).unwrap_or_default();
            // A kept run that cannot be read fails in its own area of the suite.
            let case = seeds::Case::parse(&String::from_utf8_lossy(text));
            if let Some(law) = case.ok().and_then(|case| case.law) {
                guards.add(&rule_of(law), format!("kept run {seed}"));
            }
        }
        let (citations, faults) = scan::scan(&checkout.rust);
        guards.faults = faults;
        for citation in citations {
            for rule in citation.rules {
                guards.add(&rule, format!("test {}::{}", citation.path, citation.test));
            }
        }
        guards.find_unknown(&checkout.spec);
        guards
    }

    fn add(&mut self, rule: &str, guard: String) {
        self.by_rule
            .entry(rule.to_owned())
            .or_default()
            .insert(guard);
    }

    fn add_mutant(&mut self, mutant: &Mutant) {
        if let Fate::Breaks { law, .. } = mutant.fate {
            let guard = || format!("mutant {}", mutant.name);
            self.add(&rule_of(law), guard());
            for rule in mutant.rules {
                self.add(rule, guard());
            }
        }
    }

    /// Citations of a rule that SPEC.md does not have.
    fn find_unknown(&mut self, spec: &str) {
        let known: BTreeSet<_> = spec::rules(spec).map(|rule| rule.number).collect();
        for (rule, guards) in &self.by_rule {
            if !known.contains(rule.as_str()) {
                let of = guards
                    .iter()
                    .map(|guard| format!("{guard}: want a rule of SPEC.md, got {rule}"));
                self.faults.extend(of);
            }
        }
    }

    /// Rules without a guard, with the line at which they stand.
    fn bare(&self, spec: &str) -> Vec<String> {
        let bare = spec::rules(spec).filter(|rule| !self.by_rule.contains_key(rule.number));
        bare.map(|rule| {
            format!(
                "SPEC.md:{}: {} has no guard: want a test below `/// Guards {}.`, a mutant, a \
                 fixture or a kept run that cites it",
                rule.line, rule.number, rule.number
            )
        })
        .collect()
    }

    /// The rules of a section of SPEC.md, each with its guards.
    fn section(&self, spec: &str, number: u64) -> Golden {
        let begin = format!("\n## {number} ");
        let (_, section) = spec.split_once(&begin).expect("a section of SPEC.md");
        let section = section.split("\n## ").next().unwrap_or_default();
        let title = section.lines().next().unwrap_or_default();
        let mut text = String::new();
        for rule in spec::rules(section) {
            let _ = writeln!(text, "{}", rule.number);
            for guard in self.by_rule.get(rule.number).into_iter().flatten() {
                let _ = writeln!(text, "    {guard}");
            }
        }
        (
            format!("guards of the rules of SPEC.md, section {number}, {title}"),
            text,
        )
    }
}

/// This checkout, which is parsed once for all sections.
static HERE: LazyLock<(Checkout, Guards)> = LazyLock::new(|| {
    let checkout = Checkout::here();
    let guards = Guards::new(&checkout);
    (checkout, guards)
});

/// The golden of `section-<n>`.
pub(crate) fn section(case: &str) -> Golden {
    let number = case
        .strip_prefix("section-")
        .and_then(|number| number.parse().ok())
        .expect("section-<n>");
    let (checkout, guards) = &*HERE;
    guards.section(&checkout.spec, number)
}
