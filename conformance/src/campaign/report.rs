//! The report on a campaign: as text and as JSON. It is the same for any number of shards.

mod table;

use std::fmt::Write;

use serde_json::{Value, json};
use sigprof_sim::Seed;
use sigprof_sim::engine::explore::program;
use sigprof_sim::engine::{Engine, Schedule};

use super::SCHEMA_VERSION;
use super::merge::{Merged, Problem, Total};
use super::plan::{Known, Plan, Task};
use super::work::Failing;
use crate::again;
use crate::explain;
use crate::explore::exploration::Found;
use crate::explore::finding::{Finding, causes};
use crate::explore::report::LEGEND;
use crate::explore::seeds;
use crate::shown::counted;
use crate::table::fitted;

/// The outcome of a campaign.
pub struct Report<'a> {
    plan: &'a Plan,
    totals: Vec<Total>,
    problems: Vec<Problem>,
    /// Runs of the model that broke a law, shrunk.
    findings: Vec<Finding>,
    /// Failures of other questions.
    others: Vec<Other>,
}

/// A failure that is no run of the model.
struct Other {
    task: String,
    code: String,
    count: u64,
    how: String,
    again: String,
}

impl<'a> Report<'a> {
    /// Runs each failure again, and shrinks it.
    #[must_use]
    pub fn new(plan: &'a Plan, merged: Merged) -> Self {
        let mut report = Self {
            plan,
            totals: merged.totals,
            problems: merged.problems,
            findings: Vec::new(),
            others: Vec::new(),
        };
        if report.is_wrong() {
            return report;
        }
        for (task, total) in plan.tasks.iter().zip(&report.totals) {
            for (code, (_, failing)) in &total.failures {
                match again(task, failing) {
                    Some(again) => report.others.push(Other {
                        task: task.to_string(),
                        code: code.clone(),
                        count: failing.count,
                        how: failing.how.clone(),
                        again: again::command(&again),
                    }),
                    None => match finding(task, code, failing) {
                        Ok(finding) => report.findings.push(finding),
                        Err(problem) => report.problems.push(problem),
                    },
                }
            }
        }
        report
    }

    /// Whether the journals are not to be used.
    #[must_use]
    pub fn is_wrong(&self) -> bool {
        self.problems.iter().any(Problem::is_wrong)
    }

    /// Whether all pieces are there, and nothing is wrong.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.problems.is_empty()
    }

    fn has_found(&self) -> bool {
        !self.findings.is_empty() || !self.others.is_empty()
    }

    fn is_exhausted(&self) -> bool {
        self.totals
            .iter()
            .all(|total| total.exhausted != Some(false))
    }

    /// 3 if the journals are not to be used; 1 if something was found; 5 if not, but pieces are
    /// missing, or a search is not exhausted; else 0.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self.has_found() {
            _ if self.is_wrong() => 3,
            true => 1,
            false if !self.is_complete() || !self.is_exhausted() => 5,
            false => 0,
        }
    }

    /// A table by question, each failure once, and the sum. All tasks have a line of their own if
    /// `is_all` is set.
    #[must_use]
    pub fn text(&self, width: Option<u16>, is_all: bool) -> String {
        let mut out = String::new();
        if self.is_wrong() {
            return self.sum();
        }
        let _ = writeln!(
            out,
            "{}\n{LEGEND}",
            fitted(&table::of(self.plan, &self.totals, is_all), width)
        );
        let causes = causes(self.findings.iter());
        for cause in &causes {
            let _ = write!(out, "\n{}", cause[0].text());
            let place = |of: &&Finding| format!("{} of {}", of.scenario, of.under);
            let others: Vec<_> = cause[1..].iter().map(place).collect();
            if !others.is_empty() {
                let _ = writeln!(out, "  also in: {}", others.join(", "));
            }
        }
        for other in &self.others {
            let Other {
                task,
                code,
                count,
                how,
                again,
            } = other;
            let _ = writeln!(
                out,
                "\nFOUND in {task}: {code}, in {}",
                counted(*count, "run")
            );
            let _ = writeln!(
                out,
                "  {}\n\n  again: {again}",
                how.trim_end().replace('\n', "\n  ")
            );
        }
        let _ = writeln!(out, "\n{}", self.sum().trim_end());
        let codes = causes.iter().flat_map(|cause| cause[0].codes());
        let codes = codes.chain(self.others.iter().map(|other| other.code.clone()));
        if let Some(hint) = explain::hint(codes) {
            let _ = writeln!(out, "{hint}");
        }
        out
    }

    fn sum(&self) -> String {
        let mut out = String::new();
        for problem in &self.problems {
            let _ = writeln!(out, "  {problem}");
        }
        let runs: u64 = self.totals.iter().map(|total| total.seen.runs).sum();
        let tasks = self.plan.tasks.len() as u64;
        let runs = format!("{} of {}", counted(runs, "run"), counted(tasks, "task"));
        let found = match causes(self.findings.iter()).len() + self.others.len() {
            0 => "nothing found".to_owned(),
            found => counted(found as u64, "failure"),
        };
        match self.exit_code() {
            3 => format!("{out}NOT MERGED: the journals do not go together\n"),
            _ if !self.is_complete() => {
                format!("{out}INCOMPLETE: {runs}: {found} so far\n")
            }
            _ if !self.is_exhausted() => {
                format!("complete: {runs}: {found}; not all are exhausted\n")
            }
            _ => format!("complete: {runs}: {found}\n"),
        }
    }

    /// The failures of the model as cases to be kept, each with a name for its file.
    pub fn cases(&self) -> impl Iterator<Item = (String, String)> {
        causes(self.findings.iter()).into_iter().map(|cause| {
            let (under, scenario) = (cause[0].under.name(), cause[0].scenario);
            let law = cause[0].broken().map_or(0, |(law, _)| law.number());
            let strategy = cause[0].found_by;
            let name = format!("{under}-{scenario}-{strategy}-L{law}.toml");
            (name, seeds::keep(cause[0]))
        })
    }

    /// One JSON object.
    #[must_use]
    pub fn json(&self) -> Value {
        let task = |(task, total): (&Task, &Total)| {
            let (points, left, signalled) = total.seen.coverage();
            let failures = total.failures.iter().map(|(code, (_, failing))| {
                let seed = failing.seed.map(|seed| again::seed(Seed(seed)));
                json!({ "code": code, "count": failing.count, "seed": seed, "how": failing.how })
            });
            json!({
                "task": task.to_string(),
                "pieces": task.extent().pieces(),
                "runs": total.seen.runs,
                "schedules": total.seen.schedules.count(),
                "points": points,
                "left": left,
                "signalled": signalled,
                "exhausted": total.exhausted,
                "failures": failures.collect::<Vec<_>>(),
            })
        };
        // Of journals that do not go together nothing is said.
        let totals = if self.is_wrong() {
            &[]
        } else {
            &self.totals[..]
        };
        let tasks = self.plan.tasks.iter().zip(totals).map(task);
        let others = self.others.iter().map(|other| {
            json!({
                "task": other.task,
                "code": other.code,
                "count": other.count,
                "how": other.how,
                "again": other.again,
            })
        });
        let shrunk = causes(self.findings.iter()).into_iter().map(|cause| {
            let mut json = cause[0].json();
            json["scenario"] = cause[0].scenario.into();
            json["under"] = cause[0].under.name().into();
            json["also"] = cause[1..]
                .iter()
                .map(|of| json!({ "scenario": of.scenario, "under": of.under.name() }))
                .collect();
            json
        });
        json!({
            "schema_version": SCHEMA_VERSION,
            "sigprof_version": crate::VERSION,
            "plan": self.plan.digest(),
            "program": self.plan.program,
            "complete": self.is_complete(),
            "problems": self.problems,
            "exit_code": self.exit_code(),
            "runs": totals.iter().map(|total| total.seen.runs).sum::<u64>(),
            "tasks": tasks.collect::<Vec<_>>(),
            "failures": shrunk.chain(others).collect::<Vec<_>>(),
        })
    }
}

/// The failure of a run of the model, run again and shrunk.
fn finding(task: &Task, code: &str, failing: &Failing) -> Result<Finding, Problem> {
    let not_seen = |got: String| Problem::NotSeen {
        task: task.to_string(),
        code: code.to_owned(),
        schedule: failing.schedule.clone().unwrap_or_default().1,
        got,
    };
    let (Ok(Known::Explore(under, scenario, kind)), Some((_, schedule))) =
        (task.known(), &failing.schedule)
    else {
        return Err(not_seen("no run of the model's".to_owned()));
    };
    let schedule: Schedule = schedule
        .parse()
        .map_err(|error| not_seen(format!("{error}")))?;
    let make = program(&scenario, under.protocol());
    let (run, _) = Engine::new().run(&make, kind.grain().replay(&schedule));
    match run.violation().map(|broken| broken.law.code()) {
        Some(got) if got == code => {
            let seed = failing.seed.map(Seed);
            Ok(Finding::shrink(under, &scenario, kind, Found { seed, run }))
        }
        Some(got) => Err(not_seen(got)),
        None => Err(not_seen("no law is broken".to_owned())),
    }
}

/// The arguments that show a failure again; none of a run of the model's, which is run again here.
fn again(task: &Task, failing: &Failing) -> Option<String> {
    match task {
        Task::GoText { go, scenario, .. } => {
            let way = failing
                .schedule
                .as_ref()
                .map(|(kind, schedule)| format!(" --strategy {kind} --schedule '{schedule}'"));
            let way = way.unwrap_or_default();
            Some(format!("go-text --go {go} --scenario {scenario}{way}"))
        }
        Task::Sim { revision, .. } => {
            let seed = failing.seed.map(|seed| again::seed(Seed(seed)));
            let seed = seed.unwrap_or_default();
            Some(format!(
                "sim --seed {seed} --revision {revision} --output DIR"
            ))
        }
        Task::Explore { .. } => None,
    }
}
