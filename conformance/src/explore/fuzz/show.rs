//! The outcome of a hunt, for people and for programs.

use std::fmt::Write;

use serde_json::{Value, json};
use sigprof_model::law::Law;
use sigprof_sim::Seed;
use sigprof_sim::plan;

use super::{Fuzz, FuzzFailure, FuzzReport};
use crate::explore::table;
use crate::shown::counted;
use crate::{again, explain};

/// The version of the JSON object.
const SCHEMA_VERSION: u32 = 1;

/// Lines of a table; the command that is printed shows the rest.
const LINES_MAX: usize = 200;

impl Fuzz {
    /// The name of the file that keeps what broke this law.
    #[must_use]
    pub fn case_name(&self, law: Law) -> String {
        format!("{}-L{}.toml", self.under.name(), law.number())
    }

    /// The first line.
    #[must_use]
    pub fn head(&self) -> String {
        let what = match &self.plan {
            Some(_) => "a plan",
            None => "plans",
        };
        let seeds = [self.seeds.start, self.seeds.end - 1];
        let [first, last] = seeds.map(|seed| again::seed(Seed(seed)));
        let range = match self.time {
            Some(_) => format!("seeds from {first} on"),
            None => format!("seeds {first} to {last}"),
        };
        format!("fuzz {what} of {}, {}, {range}\n", self.under, self.kind)
    }

    /// The command that finds it again, and nothing else.
    fn again(&self, failure: &FuzzFailure) -> String {
        let plan = self
            .plan_file
            .as_ref()
            .map(|file| format!(" --plan {file}"));
        let plan = plan.unwrap_or_default();
        let seed = failure.seed.0;
        let [first, end] = [seed, seed + 1].map(|seed| again::seed(Seed(seed)));
        let seeds = if self.plan.is_none() || self.kind.is_seeded() {
            format!(" --seeds {first}..{end}")
        } else {
            String::new()
        };
        let (under, kind) = (self.under.option(), self.kind);
        again::command(&format!("fuzz {under} --strategy {kind}{plan}{seeds}"))
    }

    /// All of it, for people.
    #[must_use]
    pub fn text(&self, report: &FuzzReport) -> String {
        let mut out = String::new();
        for failure in &report.found {
            let _ = writeln!(out, "\nFOUND {}", table::verdict(&failure.run));
            let small = &failure.shrunk;
            let (operations, ms) = failure.before;
            let _ = writeln!(
                out,
                "  {} of {} plans; first seed {}: {operations} operations on {ms} Ms, shrunk to {} on {}, \
                 with {} forced choices ({} plans and {} runs)\n",
                failure.times,
                report.plans,
                again::seed(failure.seed),
                small.plan.operations(),
                small.plan.ms.len(),
                small.shrunk.run.schedule.forced(),
                small.plans,
                small.shrunk.runs,
            );
            for line in plan::to_toml(&small.plan).lines() {
                let _ = writeln!(out, "{}", format!("  {line}").trim_end());
            }
            let _ = writeln!(out, "\n{}", table::text_of(&failure.run, LINES_MAX));
            let _ = writeln!(out, "  again: {}", self.again(failure));
        }
        let laws = report.found.len();
        let outcome = match laws {
            0 => "nothing found".to_owned(),
            1 => "1 law is broken".to_owned(),
            laws => format!("{laws} laws are broken"),
        };
        let cut = if report.is_complete || report.failure.is_some() {
            ""
        } else {
            ", interrupted"
        };
        if let Some(failure) = &report.failure {
            let _ = writeln!(out, "\nFAILED: sigprof itself failed: {failure}");
        }
        let _ = writeln!(
            out,
            "\n{}, {}{cut}: {outcome}",
            counted(report.plans, "plan"),
            counted(report.runs, "run")
        );
        let codes = report.found.iter().map(|failure| failure.law.code());
        if let Some(hint) = explain::hint(codes) {
            let _ = writeln!(out, "{hint}");
        }
        out
    }

    /// All of it, for programs (SPEC.md, S16.10).
    #[must_use]
    pub fn json(&self, report: &FuzzReport) -> Value {
        let failure = report.found.iter().map(|failure| {
            json!({
                "law": format!("L{}", failure.law.number()),
                "law_words": failure.law.words(),
                "how": failure.run.violation().map(|violation| violation.how.clone()),
                "plans": failure.times,
                "seed": again::seed(failure.seed),
                "operations": failure.before.0,
                "ms": failure.before.1,
                "plan": plan::to_toml(&failure.shrunk.plan),
                "strategy": failure.shrunk.shrunk.kind.to_string(),
                "schedule": failure.run.schedule.to_string(),
                "again": self.again(failure),
            })
        });
        json!({
            "schema_version": SCHEMA_VERSION,
            "sigprof_version": crate::VERSION,
            "exit_code": report.exit_code(),
            "under": self.under.name(),
            "strategy": self.kind.to_string(),
            "plans": report.plans,
            "runs": report.runs,
            "complete": report.is_complete,
            "failure": report.failure,
            "found": failure.collect::<Vec<_>>(),
        })
    }
}

impl FuzzReport {
    /// 3 if a worker died, 1 if a law is broken, 5 if none is but not all was run, else 0.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        if self.failure.is_some() {
            return 3;
        }
        match (self.found.is_empty(), self.is_complete && self.plans > 0) {
            (false, _) => 1,
            (true, true) => 0,
            (true, false) => 5,
        }
    }

    /// Files to keep: the plans that are left, each with how it fails.
    #[must_use]
    pub fn cases(&self, fuzz: &Fuzz) -> Vec<(String, String)> {
        let case = |failure: &FuzzFailure| {
            let name = fuzz.case_name(failure.law);
            let small = &failure.shrunk.shrunk;
            let text = format!(
                "# {}\n# {}: sigprof fuzz {} --plan {name} --strategy {} --schedule '{}'\n{}",
                table::verdict(&failure.run),
                failure.seed,
                fuzz.under.option(),
                small.kind,
                small.run.schedule,
                plan::to_toml(&failure.shrunk.plan)
            );
            (name, text)
        };
        self.found.iter().map(case).collect()
    }
}
