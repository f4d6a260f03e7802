//! A failure, made as small as it gets, and the command that shows it again.

use std::fmt::Write;

use serde::Serialize;
use sigprof_model::law::Law;
use sigprof_model::scenario::Scenario;
use sigprof_sim::Seed;
use sigprof_sim::engine::Engine;
use sigprof_sim::engine::explore::{Kind, Subject, program};

use super::exploration::Found;
use super::replay::{self, Replayed, Way};
use super::table;
use super::target::Variant;
use crate::again;
use crate::shown::counted;

/// Lines of a table among others; `sigprof replay` shows all.
const LINES_MAX: usize = 200;

/// Forced choices and operations of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Size {
    /// Choices that are not the dull one: switches, signals, old stores.
    pub forced: usize,
    /// Operations on shared words.
    pub operations: usize,
}

/// A failure and the smallest run that shows it.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The scenario that was run.
    pub scenario: &'static str,
    /// The revision or mutant that it was run on.
    pub under: Variant,
    /// The strategy that found it.
    pub found_by: Kind,
    /// The strategy whose numbering the shrunk schedule uses.
    pub kind: Kind,
    /// The run of this seed, if it has one.
    pub seed: Option<Seed>,
    /// The size of the run that was found.
    pub before: Size,
    /// The size of the run that is left.
    pub after: Size,
    /// Runs that it took to shrink.
    pub runs: usize,
    /// The run that is left.
    pub run: Replayed,
}

impl Finding {
    /// Shrinks a run that broke a law.
    #[must_use]
    pub fn shrink(under: Variant, scenario: &Scenario, kind: Kind, found: Found) -> Self {
        let make = program(scenario, under.protocol());
        let mut engine = Engine::new();
        let shrunk = Subject::new(&mut engine, &make).shrink(kind, found.run);
        let way = Way::Schedule(shrunk.run.schedule.clone());
        Self {
            scenario: scenario.name,
            under,
            kind: shrunk.kind,
            found_by: kind,
            seed: found.seed,
            before: Size {
                forced: shrunk.forced_before,
                operations: shrunk.operations_before,
            },
            after: Size {
                forced: shrunk.run.schedule.forced(),
                operations: shrunk.run.operations,
            },
            runs: shrunk.runs,
            run: replay::replay(scenario, under.protocol(), shrunk.kind, &way),
        }
    }

    /// The law that was broken, and how.
    #[must_use]
    pub fn broken(&self) -> Option<(Law, &str)> {
        let violation = self.run.violation()?;
        Some((violation.law, &violation.how))
    }

    /// The defect that it is known as, if it is, and the law.
    pub fn codes(&self) -> impl Iterator<Item = String> + use<> {
        let law = self.broken().map(|(law, _)| law);
        let known = law.and_then(|law| self.under.known(self.scenario, law));
        let known = known.map(|known| known.id.to_owned());
        known.into_iter().chain(law.map(Law::code))
    }

    /// The command that shows it again.
    #[must_use]
    pub fn command(&self) -> String {
        replay::command(self.scenario, self.under, self.kind, &self.run.schedule)
    }

    /// Law, place, seed, size, table and command.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = String::new();
        let _ = writeln!(
            out,
            "FOUND in {}: {}",
            self.scenario,
            table::verdict(&self.run)
        );
        let known = self
            .broken()
            .and_then(|(law, _)| self.under.known(self.scenario, law));
        if let Some(known) = known {
            let _ = writeln!(out, "  known as {}: {}", known.id, known.what);
        }
        let Size { forced, operations } = self.before;
        let seed = self
            .seed
            .map(|seed| format!(", seed {}", again::seed(seed)));
        let _ = writeln!(
            out,
            "  {}, {}{}: {} in {}; shrunk to {} in {} ({})\n",
            self.under,
            self.found_by,
            seed.unwrap_or_default(),
            counted(forced as u64, "forced choice"),
            counted(operations as u64, "operation"),
            self.after.forced,
            self.after.operations,
            counted(self.runs as u64, "run"),
        );
        out += &table::text_of(&self.run, LINES_MAX);
        let _ = writeln!(out, "\n  again: {}", self.command());
        out
    }

    /// The finding as JSON, for programs.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        let (law, how) = self.broken().unzip();
        let known = law.and_then(|law| self.under.known(self.scenario, law));
        serde_json::json!({
            "law": law.map(|law| format!("L{}", law.number())),
            "law_words": law.map(Law::words),
            "how": how,
            "known": known.map(|known| known.id),
            "seed": self.seed.map(again::seed),
            "found": self.before,
            "shrunk": self.after,
            "shrink_runs": self.runs,
            "schedule": self.run.schedule.to_string(),
            "again": self.command(),
        })
    }
}

/// Failures of one cause, a law that is broken and the defect that is known to, are one entry: the
/// smallest of them first, then the others in order.
pub fn causes<'a>(findings: impl Iterator<Item = &'a Finding>) -> Vec<Vec<&'a Finding>> {
    let mut causes: Vec<(Vec<String>, Vec<&'a Finding>)> = Vec::new();
    for finding in findings {
        let codes: Vec<_> = finding.codes().collect();
        match causes.iter_mut().find(|(of, _)| *of == codes) {
            Some((_, cause)) => cause.push(finding),
            None => causes.push((codes, vec![finding])),
        }
    }
    for (_, cause) in &mut causes {
        let size = |&(_, of): &(usize, &&Finding)| (of.after.forced, of.after.operations);
        let first = cause.iter().enumerate().min_by_key(size);
        let first = first.map_or(0, |(first, _)| first);
        cause[..=first].rotate_right(1);
    }
    causes.into_iter().map(|(_, cause)| cause).collect()
}
