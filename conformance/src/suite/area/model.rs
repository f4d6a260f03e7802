//! The model's scenarios, in every revision, through the strategies.
//!
//! All interleavings of a scenario are run (sequentially consistent, with the check for
//! races), then those with few switches and weak memory, then walks of fixed seeds. What a
//! revision breaks is known ([`sigprof_model::known`]); anything else is an accusation.

use std::collections::BTreeSet;

use sigprof_model::known::{self, Known};
use sigprof_model::law::Law;
use sigprof_model::protocol::Protocol;
use sigprof_model::scenario::Scenario;
use sigprof_sim::Seed;
use sigprof_sim::engine::explore::{Kind, Subject, program};
use sigprof_sim::engine::{Engine, Run};

use crate::explore::campaign::Found;
use crate::explore::finding::Finding;
use crate::explore::target::Under;
use crate::explore::{table, target};
use crate::suite::Options;
use crate::suite::failure::Failure;

/// The strategies, the one that leaves nothing out first.
const KINDS: [Kind; 4] = [Kind::Dpor, Kind::Bounded(2), Kind::Pct(3), Kind::Random];

/// Runs in which the explorer comes to the end of every scenario, with much to spare.
const RUNS_MAX: u64 = 1_000_000;

/// Runs of a scenario with weak memory, and seeds of it.
const fn limits(is_full: bool) -> (u64, u64) {
    if is_full {
        (500_000, 20_000)
    } else {
        (5_000, 500)
    }
}

/// `go1.26/overflow`
pub(super) fn cases() -> Vec<String> {
    let revisions = Protocol::REVISIONS.into_iter();
    let scenarios = revisions.flat_map(|(name, protocol)| {
        let scenarios = Under::Revision(name, protocol).scenarios();
        scenarios
            .into_iter()
            .map(move |s| format!("{name}/{}", s.name))
    });
    scenarios.collect()
}

/// All that is broken in a scenario, first by each strategy.
struct Seen {
    broken: Vec<(Kind, Law, Found)>,
    is_exhausted: bool,
}

pub(super) fn run(name: &str, options: &Options) -> Vec<Failure> {
    let Some((under, scenario)) = parts(name) else {
        return vec![Failure::new("case", "a revision and a scenario", name)];
    };
    let known: Vec<_> = known::of(under.name(), scenario.name).collect();
    let seen = explore(under, &scenario, options);
    let mut failures = Vec::new();
    let mut accused = BTreeSet::new();
    for (kind, law, found) in seen.broken {
        if known.iter().any(|known| known.explains(law)) || !accused.insert(law) {
            continue;
        }
        failures.push(accusation(&Finding::shrink(under, &scenario, kind, found)));
    }
    if !seen.is_exhausted {
        let what = format!("interleavings of {name}");
        let got = format!("{RUNS_MAX} and no end");
        failures.push(Failure::new(
            what,
            format!("an end within {RUNS_MAX} runs"),
            got,
        ));
    }
    failures
}

/// A law that is broken and not known to be.
fn accusation(finding: &Finding) -> Failure {
    let what = format!("{} in {}", finding.scenario, finding.under.name());
    let Some(violation) = finding.run.violation() else {
        return Failure::new(what, "the violation again, after shrinking", "none");
    };
    Failure::law(what, violation)
        .step(table::fatal_step(&finding.run))
        .again(finding.command())
}

/// Whether a defect shows where it should: by its law, in each of its scenarios.
pub(super) fn find(name: &str, options: &Options) -> Vec<Failure> {
    let parts = name.split_once('/').and_then(|(revision, id)| {
        let known = known::ALL.iter().find(|known| known.id == id)?;
        Some((Under::revision(revision)?, known))
    });
    let Some((under, known)) = parts else {
        return vec![Failure::new("case", "a revision and a defect", name)];
    };
    let scenarios = under.scenarios();
    let mut scenarios = scenarios
        .iter()
        .filter(|s| known.scenarios.contains(&s.name));
    if scenarios.any(|scenario| shows(known, under, scenario, options)) {
        return Vec::new();
    }
    let Known { id, what, law, .. } = known;
    let got = format!("nothing of the kind in {}", known.scenarios.join(", "));
    let again = format!(
        "sigprof explore {} --strategy dpor --scenario {}",
        under.option(),
        known.scenarios.join(" --scenario ")
    );
    let failure = Failure::new(
        format!("{id} in {}", under.name()),
        format!("{law} broken: {what}"),
        got,
    );
    vec![failure.again(again)]
}

fn shows(known: &Known, under: Under, scenario: &Scenario, options: &Options) -> bool {
    let seen = explore(under, scenario, options);
    seen.broken.iter().any(|(_, law, _)| known.explains(*law))
}

fn parts(name: &str) -> Option<(Under, Scenario)> {
    let (revision, scenario) = name.split_once('/')?;
    Some((Under::revision(revision)?, target::scenario(scenario)?))
}

fn explore(under: Under, scenario: &Scenario, options: &Options) -> Seen {
    let make = program(scenario, under.protocol());
    let mut engine = Engine::new();
    let mut subject = Subject::new(&mut engine, &make);
    let (runs, seeds) = limits(options.is_full);
    let mut seen = Seen {
        broken: Vec::new(),
        is_exhausted: false,
    };
    for kind in KINDS {
        if kind.is_seeded() {
            for seed in options.seeds(seeds) {
                let run = subject.run(kind, seed);
                seen.note(kind, Some(seed), &run);
            }
            continue;
        }
        let mut left = if kind == Kind::Dpor { RUNS_MAX } else { runs };
        let is_exhausted = subject.exhaust(kind, |run| {
            seen.note(kind, None, run);
            left -= 1;
            left > 0
        });
        seen.is_exhausted |= is_exhausted && kind == Kind::Dpor;
    }
    seen
}

impl Seen {
    fn note(&mut self, kind: Kind, seed: Option<Seed>, run: &Run) {
        let Some(violation) = run.violation() else {
            return;
        };
        let law = violation.law;
        if !self.broken.iter().any(|(_, other, _)| *other == law) {
            let found = Found {
                seed,
                run: run.clone(),
            };
            self.broken.push((kind, law, found));
        }
    }
}
