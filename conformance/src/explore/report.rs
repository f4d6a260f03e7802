//! The report on an exploration: as text and as JSON.
//!
//! Neither has a time in it or the number of threads: the same exploration, the same bytes.

use std::fmt::Write;

use comfy_table::Table;
use serde_json::{Value, json};
use sigprof_sim::Seed;
use sigprof_sim::engine::explore::Terms;

use super::exploration::{Done, Exploration, Ran};
use super::finding::{self, Finding};
use super::seeds;
use crate::again;
use crate::explain;
use crate::shown::counted;
use crate::table::{bare, fitted};

/// The columns of the table.
pub(crate) const LEGEND: &str = "
schedules: different runs, about; points: uses of shared words that were come to;
left: those of them where another M went on; signalled: those where a signal came
";

/// The version of the JSON form.
pub const SCHEMA_VERSION: u32 = 1;

/// A report: what was asked, and what was found.
pub struct Report {
    head: String,
    exploration: Value,
    terms: Option<Terms>,
    scenarios: Vec<Explored>,
    is_interrupted: bool,
    failure: Option<String>,
}

/// The results for one scenario.
struct Explored {
    name: &'static str,
    about: &'static str,
    done: Done,
    finding: Option<Finding>,
}

/// The first line: what is run, and which seeds.
#[must_use]
pub fn head(exploration: &Exploration) -> String {
    let scenarios = match exploration.scenarios.as_slice() {
        [one] => one.name.to_owned(),
        more => format!("{} scenarios", more.len()),
    };
    let first = again::seed(Seed(exploration.seeds.start));
    let what = match (
        exploration.kind.is_seeded(),
        exploration.time,
        exploration.kind.terms(),
    ) {
        (true, None, _) => {
            let last = again::seed(Seed(exploration.seeds.end - 1));
            format!("seeds {first} to {last}")
        }
        (true, Some(_), _) => format!("seeds from {first} on"),
        (false, _, Some(terms)) => format!("all runs: {terms}"),
        (false, _, None) => "one run".into(),
    };
    format!(
        "explore {scenarios} of {}, {}, {what}",
        exploration.under, exploration.kind
    )
}

impl Report {
    /// Shrinks what was found.
    #[must_use]
    pub fn new(exploration: &Exploration, ran: Ran, is_interrupted: bool) -> Self {
        let explored = |(scenario, done): (&sigprof_model::scenario::Scenario, Done)| {
            let found = done.found.clone();
            let finding = found
                .map(|found| Finding::shrink(exploration.under, scenario, exploration.kind, found));
            Explored {
                name: scenario.name,
                about: scenario.about,
                done,
                finding,
            }
        };
        let seeds = exploration.kind.is_seeded().then(|| {
            let end = exploration.time.is_none().then_some(exploration.seeds.end);
            json!({ "start": again::seed(Seed(exploration.seeds.start)),
                "end": end.map(|end| again::seed(Seed(end))) })
        });
        Self {
            head: head(exploration),
            exploration: json!({
                "under": exploration.under.name(),
                "base": exploration.under.base(),
                "strategy": exploration.kind.to_string(),
                "seeds": seeds,
            }),
            terms: exploration.kind.terms(),
            scenarios: exploration
                .scenarios
                .iter()
                .zip(ran.done)
                .map(explored)
                .collect(),
            is_interrupted,
            failure: ran.failure,
        }
    }

    /// Whether something was found.
    #[must_use]
    pub fn has_found(&self) -> bool {
        self.scenarios
            .iter()
            .any(|explored| explored.finding.is_some())
    }

    /// 3 if a worker died; 1 if something was found; 5 if not, but not all was run that was asked for: it was
    /// interrupted, or is not exhausted, or there was no time for a single run; else 0.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        let is_cut = |explored: &Explored| {
            let done = &explored.done;
            done.seen.runs == 0 || self.terms.is_some() && !done.is_exhausted
        };
        match self.has_found() {
            _ if self.failure.is_some() => 3,
            true => 1,
            false if self.is_interrupted || self.scenarios.iter().any(is_cut) => 5,
            false => 0,
        }
    }

    fn outcome(&self, explored: &Explored) -> String {
        match (&explored.finding, self.terms) {
            (Some(finding), _) => {
                let law = finding.broken().map_or(0, |(law, _)| law.number());
                let known = finding.broken().and_then(|(law, _)| {
                    let known = finding.under.known(finding.scenario, law)?;
                    Some(format!(", known as {}", known.id))
                });
                format!("L{law} is broken{}", known.unwrap_or_default())
            }
            (None, Some(_)) if explored.done.is_exhausted => "exhausted".into(),
            (None, Some(_)) => "not exhausted".into(),
            (None, None) if explored.done.seen.runs == 0 => "not run".into(),
            (None, None) if !explored.done.is_complete => "nothing found, cut short".into(),
            (None, None) => "nothing found".into(),
        }
    }

    /// A table by scenario, each failure with its interleaving, and the sum. The first line
    /// was printed before.
    #[must_use]
    pub fn text(&self, width: Option<u16>) -> String {
        let mut out = format!("\n{}\n{LEGEND}", fitted(&self.table(), width));
        let causes = self.causes();
        for cause in &causes {
            let _ = write!(out, "\n{}", cause[0].text());
            let others: Vec<_> = cause[1..].iter().map(|other| other.scenario).collect();
            if !others.is_empty() {
                let _ = writeln!(out, "  also in: {}", others.join(", "));
            }
        }
        let _ = writeln!(out, "\n{}", self.sum());
        if let Some(hint) = explain::hint(causes.iter().flat_map(|cause| cause[0].codes())) {
            let _ = writeln!(out, "{hint}");
        }
        out
    }

    fn causes(&self) -> Vec<Vec<&Finding>> {
        let findings = self.scenarios.iter();
        finding::causes(findings.filter_map(|explored| explored.finding.as_ref()))
    }

    fn table(&self) -> Table {
        let mut table = bare(
            [
                "scenario",
                "runs",
                "schedules",
                "points",
                "left",
                "signalled",
                "outcome",
            ],
            1..6,
        );
        for explored in &self.scenarios {
            let (points, left, signalled) = explored.done.seen.coverage();
            table.add_row([
                explored.name.to_owned(),
                explored.done.seen.runs.to_string(),
                format!("~{}", explored.done.seen.schedules.count()),
                points.to_string(),
                left.to_string(),
                signalled.to_string(),
                self.outcome(explored),
            ]);
        }
        table
    }

    fn sum(&self) -> String {
        let runs: u64 = self
            .scenarios
            .iter()
            .map(|explored| explored.done.seen.runs)
            .sum();
        let found = self
            .scenarios
            .iter()
            .filter(|explored| explored.finding.is_some());
        let found = found.count();
        let scenarios = counted(self.scenarios.len() as u64, "scenario");
        let mut sum = format!("{} of {scenarios}: ", counted(runs, "run"));
        if self.is_interrupted {
            sum = format!("interrupted after {sum}");
        }
        if let Some(failure) = &self.failure {
            sum = format!("FAILED: sigprof itself failed: {failure}\n{sum}");
        }
        match (found, self.terms) {
            (0, Some(terms)) if self.exit_code() == 0 => {
                let _ = write!(sum, "exhausted, nothing found ({terms})");
            }
            (0, Some(_)) => sum += "nothing found, not exhausted",
            (0, None) => sum += "nothing found",
            (1, _) => sum += "a law is broken in 1 scenario",
            (found, _) => {
                let _ = write!(sum, "laws are broken in {found} scenarios");
            }
        }
        sum
    }

    /// The failures as cases to be kept, each with a name for its file.
    pub fn cases(&self) -> impl Iterator<Item = (String, String)> {
        let findings = self
            .scenarios
            .iter()
            .filter_map(|explored| explored.finding.as_ref());
        findings.map(|finding| {
            let (under, scenario) = (finding.under.name(), finding.scenario);
            (format!("{under}-{scenario}.toml"), seeds::keep(finding))
        })
    }

    /// One JSON object (S16.7).
    #[must_use]
    pub fn json(&self) -> Value {
        let scenario = |explored: &Explored| {
            let done = &explored.done;
            let (points, left, signalled) = done.seen.coverage();
            json!({
                "name": explored.name,
                "about": explored.about,
                "runs": done.seen.runs,
                "schedules": done.seen.schedules.count(),
                "points": points,
                "left": left,
                "signalled": signalled,
                "complete": done.is_complete,
                "exhausted": self.terms.map(|_| done.is_exhausted),
                "failure": explored.finding.as_ref().map(Finding::json),
            })
        };
        let scenarios: Vec<_> = self.scenarios.iter().map(scenario).collect();
        let sum = |of: fn(&Done) -> u64| -> u64 {
            self.scenarios
                .iter()
                .map(|explored| of(&explored.done))
                .sum()
        };
        let (runs, schedules) = (
            sum(|done| done.seen.runs),
            sum(|done| done.seen.schedules.count()),
        );
        json!({
            "schema_version": SCHEMA_VERSION,
            "sigprof_version": crate::VERSION,
            "explore": self.head,
            "plan": self.exploration,
            "terms": self.terms.map(|terms| terms.to_string()),
            "interrupted": self.is_interrupted,
            "failure": self.failure,
            "exit_code": self.exit_code(),
            "runs": runs,
            "schedules": schedules,
            "scenarios": scenarios,
        })
    }
}
