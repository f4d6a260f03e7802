//! The outcome of a hunt, for people and for programs.

use std::fmt::Write;

use serde_json::{Value, json};
use sigprof_model::law::Law;
use sigprof_sim::Seed;
use sigprof_sim::plan;

use super::{Hunt, Hunted, Quarry};
use crate::explore::table;

/// The version of the JSON object.
const SCHEMA_VERSION: u32 = 1;

/// Lines of a table; the command that is printed shows the rest.
const LINES_MAX: usize = 200;

impl Hunt {
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
        let (first, last) = (Seed(self.seeds.start), Seed(self.seeds.end - 1));
        let range = match self.time {
            Some(_) => format!("seeds from {first} on"),
            None => format!("seeds {first} to {last}"),
        };
        format!("fuzz {what} of {}, {}, {range}\n", self.under, self.kind)
    }

    /// The command that finds it again, and nothing else.
    fn again(&self, quarry: &Quarry) -> String {
        let plan = if self.plan.is_some() {
            " --plan FILE"
        } else {
            ""
        };
        let seed = quarry.seed.0;
        let seeds = if self.plan.is_none() || self.kind.is_seeded() {
            format!(" --seeds {seed}..{}", seed + 1)
        } else {
            String::new()
        };
        let (under, kind) = (self.under.option(), self.kind);
        format!("sigprof fuzz {under} --strategy {kind}{plan}{seeds}")
    }

    /// All of it, for people.
    #[must_use]
    pub fn text(&self, hunted: &Hunted) -> String {
        let mut out = String::new();
        for quarry in &hunted.quarry {
            let _ = writeln!(out, "\nFOUND {}", table::verdict(&quarry.run));
            let small = &quarry.shrunk;
            let (operations, ms) = quarry.before;
            let _ = writeln!(
                out,
                "  {} of {} plans; first seed {}: {operations} operations on {ms} Ms, shrunk to {} on {}, \
                 with {} forced choices ({} plans and {} runs)\n",
                quarry.times,
                hunted.plans,
                quarry.seed,
                small.plan.operations(),
                small.plan.ms.len(),
                small.shrunk.run.schedule.forced(),
                small.plans,
                small.shrunk.runs,
            );
            for line in plan::to_toml(&small.plan).lines() {
                let _ = writeln!(out, "{}", format!("  {line}").trim_end());
            }
            let _ = writeln!(out, "\n{}", table::text_of(&quarry.run, LINES_MAX));
            let _ = writeln!(out, "  again: {}", self.again(quarry));
        }
        let laws = hunted.quarry.len();
        let outcome = match laws {
            0 => "nothing found".to_owned(),
            1 => "1 law is broken".to_owned(),
            laws => format!("{laws} laws are broken"),
        };
        let cut = if hunted.is_complete || hunted.failure.is_some() {
            ""
        } else {
            ", interrupted"
        };
        if let Some(failure) = &hunted.failure {
            let _ = writeln!(out, "\nFAILED: sigprof itself failed: {failure}");
        }
        let counted = |count: u64, what: &str| match count {
            1 => format!("1 {what}"),
            _ => format!("{count} {what}s"),
        };
        let _ = writeln!(
            out,
            "\n{}, {}{cut}: {outcome}",
            counted(hunted.plans, "plan"),
            counted(hunted.runs, "run")
        );
        out
    }

    /// All of it, for programs (SPEC.md, S16.10).
    #[must_use]
    pub fn json(&self, hunted: &Hunted) -> Value {
        let quarry = hunted.quarry.iter().map(|quarry| {
            json!({
                "law": format!("L{}", quarry.law.number()),
                "law_words": quarry.law.words(),
                "how": quarry.run.violation().map(|violation| violation.how.clone()),
                "plans": quarry.times,
                "seed": quarry.seed.to_string(),
                "operations": quarry.before.0,
                "ms": quarry.before.1,
                "plan": plan::to_toml(&quarry.shrunk.plan),
                "strategy": quarry.shrunk.shrunk.kind.to_string(),
                "schedule": quarry.run.schedule.to_string(),
                "again": self.again(quarry),
            })
        });
        json!({
            "schema_version": SCHEMA_VERSION,
            "exit_code": hunted.exit_code(),
            "under": self.under.name(),
            "strategy": self.kind.to_string(),
            "plans": hunted.plans,
            "runs": hunted.runs,
            "complete": hunted.is_complete,
            "failure": hunted.failure,
            "found": quarry.collect::<Vec<_>>(),
        })
    }
}

impl Hunted {
    /// 3 if a worker died, 1 if a law is broken, 5 if none is but not all was run, else 0.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        if self.failure.is_some() {
            return 3;
        }
        match (self.quarry.is_empty(), self.is_complete && self.plans > 0) {
            (false, _) => 1,
            (true, true) => 0,
            (true, false) => 5,
        }
    }

    /// Files to keep: the plans that are left, each with how it fails.
    #[must_use]
    pub fn cases(&self, hunt: &Hunt) -> Vec<(String, String)> {
        let case = |quarry: &Quarry| {
            let name = hunt.case_name(quarry.law);
            let small = &quarry.shrunk.shrunk;
            let text = format!(
                "# {}\n# {}: sigprof fuzz {} --plan {name} --strategy {} --schedule '{}'\n{}",
                table::verdict(&quarry.run),
                quarry.seed,
                hunt.under.option(),
                small.kind,
                small.run.schedule,
                plan::to_toml(&quarry.shrunk.plan)
            );
            (name, text)
        };
        self.quarry.iter().map(case).collect()
    }
}
