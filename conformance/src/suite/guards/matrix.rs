//! Rule by rule, what guards it.

use std::fmt::Write;

use serde::Serialize;
use sigprof_model::mutants::{Fate, Mutant};

use super::Guard;
use crate::spec::{self, Rule};
use crate::suite::Inputs;
use crate::suite::failure::Failure;

/// Some rules and their guards.
pub struct Matrix<'a> {
    /// In the order of the specification.
    pub rules: Vec<(Rule<'a>, Vec<&'a Guard>)>,
    /// What is wrong with citations, whatever rules are shown.
    pub faults: &'a [Failure],
}

impl<'a> Matrix<'a> {
    /// The rules that have one of these numbers, or whose numbers begin with it (`R12` is
    /// all of `R12.1`, `R12.2`); all if there are no filters.
    #[must_use]
    pub fn new(inputs: &'a Inputs, filters: &[String]) -> Self {
        let is_meant = |rule: &Rule<'_>, filter: &String| {
            let rest = rule.number.strip_prefix(filter.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.') || filter.len() == 1)
        };
        let guards = inputs.guards();
        let rules = spec::rules(inputs.spec())
            .filter(|rule| filters.is_empty() || filters.iter().any(|f| is_meant(rule, f)));
        Self {
            rules: rules
                .map(|rule| (rule, guards.of(rule.number).collect()))
                .collect(),
            faults: &guards.faults,
        }
    }

    fn bare(&self) -> impl Iterator<Item = &Rule<'a>> {
        let bare = self.rules.iter().filter(|(_, guards)| guards.is_empty());
        bare.map(|(rule, _)| rule)
    }

    /// 1 if a rule has no guard, or a citation is wrong; else 0.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        u8::from(self.bare().next().is_some() || !self.faults.is_empty())
    }

    /// For people.
    #[must_use]
    pub fn text(&self) -> String {
        const WIDTH: usize = 76;
        let mut out = String::new();
        for (rule, guards) in &self.rules {
            let text: String = rule.text.chars().take(WIDTH).collect();
            let dots = if text.len() < rule.text.len() {
                "..."
            } else {
                ""
            };
            let _ = writeln!(out, "{:7} {text}{dots}", rule.number);
            for guard in guards {
                let (kind, id) = parts(guard);
                let _ = writeln!(out, "        {kind:8}{id}{}", how(guard));
            }
            if guards.is_empty() {
                let _ = writeln!(out, "        NOTHING guards it (SPEC.md:{})", rule.line);
            }
        }
        for fault in self.faults {
            let _ = writeln!(out, "WRONG   {fault}");
        }
        let count = |kind: &str| {
            let all = self.rules.iter().flat_map(|(_, guards)| guards);
            let mut all: Vec<_> = all
                .map(|guard| parts(guard))
                .filter(|(k, _)| *k == kind)
                .collect();
            all.sort_unstable();
            all.dedup();
            all.len()
        };
        let bare = self.bare().count();
        let _ = writeln!(
            out,
            "\n{} rules, {bare} without a guard; guarded by {} tests, {} mutants, {} fixtures and {} kept runs; {} wrong citations",
            self.rules.len(),
            count("test"),
            count("mutant"),
            count("fixture"),
            count("seed"),
            self.faults.len(),
        );
        out
    }

    /// For programs: SPEC.md, S16.14.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        #[derive(Serialize)]
        struct Row<'a> {
            rule: &'a str,
            label: &'a str,
            text: &'a str,
            line: u64,
            guards: &'a [&'a Guard],
        }
        let rows = self.rules.iter().map(|(rule, guards)| Row {
            rule: rule.number,
            label: rule.label,
            text: rule.text,
            line: rule.line,
            guards,
        });
        serde_json::json!({
            "schema_version": 1,
            "exit_code": self.exit_code(),
            "rules": rows.collect::<Vec<_>>(),
            "wrong": self.faults,
        })
    }
}

/// By which law a mutant is caught, and where.
fn how(guard: &Guard) -> String {
    let Guard::Mutant(name) = guard else {
        return String::new();
    };
    let mutant = Mutant::all().into_iter().find(|mutant| mutant.name == name);
    match mutant.map(|mutant| mutant.fate) {
        Some(Fate::Breaks { law, scenario, .. }) => format!(": L{} in {scenario}", law.number()),
        _ => String::new(),
    }
}

fn parts(guard: &Guard) -> (&'static str, &str) {
    match guard {
        Guard::Test(id) => ("test", id),
        Guard::Mutant(id) => ("mutant", id),
        Guard::Fixture(id) => ("fixture", id),
        Guard::Seed(id) => ("seed", id),
    }
}
