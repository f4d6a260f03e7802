//! The model's scenarios, in every revision, through the strategies.
//!
//! All interleavings of a scenario are run (sequentially consistent, with the check for
//! races), then those with few switches and weak memory, then walks of fixed seeds. What a
//! revision breaks is known ([`sigprof_model::known`]); anything else is an accusation.

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
use crate::suite::failure::{Checked, Failure};

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
    match parts(name) {
        Some((under, scenario)) => judge(under, &scenario, options),
        None => vec![Failure::new("case", "a revision and a scenario", name)],
    }
}

/// What is broken there and not known to be.
fn judge(under: Under, scenario: &Scenario, options: &Options) -> Vec<Failure> {
    accusations(under, scenario, explore(under, scenario, options))
}

/// What is wrong with what was seen.
fn accusations(under: Under, scenario: &Scenario, seen: Seen) -> Vec<Failure> {
    let known: Vec<_> = known::of(under.name(), scenario.name).collect();
    let mut failures = Vec::new();
    for (kind, law, found) in seen.broken {
        if !known.iter().any(|known| known.explains(law)) {
            failures.push(accusation(&Finding::shrink(under, scenario, kind, found)));
        }
    }
    if !seen.is_exhausted {
        let what = format!("interleavings of {} in {}", scenario.name, under.name());
        let expected = format!("an end within {RUNS_MAX} runs");
        failures.push(Failure::new(what, expected, "none"));
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

pub(super) fn find(name: &str, options: &Options) -> Vec<Failure> {
    let parts = name.split_once('/').and_then(|(revision, id)| {
        let known = known::ALL.iter().find(|known| known.id == id)?;
        Some((Under::revision(revision)?, known))
    });
    match parts {
        Some((under, known)) => shows(known, under, options).err().into_iter().collect(),
        None => vec![Failure::new("case", "a revision and a defect", name)],
    }
}

/// Whether a defect shows in one of its scenarios, by its law.
fn shows(known: &Known, under: Under, options: &Options) -> Checked {
    let is_it = |scenario: &Scenario| {
        let seen = explore(under, scenario, options);
        seen.broken.iter().any(|(_, law, _)| known.explains(*law))
    };
    let scenarios = under.scenarios();
    let mut scenarios = scenarios
        .iter()
        .filter(|s| known.scenarios.contains(&s.name));
    if scenarios.any(is_it) {
        return Ok(());
    }
    let Known { id, what, law, .. } = known;
    let (what, expected) = (
        format!("{id} in {}", under.name()),
        format!("{law} broken: {what}"),
    );
    let got = format!("nothing of the kind in {}", known.scenarios.join(", "));
    let again = format!(
        "sigprof explore {} --strategy dpor --scenario {}",
        under.option(),
        known.scenarios.join(" --scenario ")
    );
    Err(Failure::new(what, expected, got).again(again))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn mutant(name: &str) -> Under {
        Under::mutant(name).unwrap()
    }

    /// Guards S22.6, S22.15.
    #[test]
    fn what_is_not_known_is_an_accusation_with_the_run_that_shows_it() {
        let scenario = target::scenario("write_read").unwrap();
        let failures = judge(
            mutant("ring_commit_relaxed"),
            &scenario,
            &Options::default(),
        );
        let [failure] = failures.as_slice() else {
            panic!("want one failure, got {failures:?}");
        };
        assert_eq!(failure.rule, "S18.2");
        assert!(failure.expected.starts_with("L2"), "{failure}");
        let again = failure.again.as_deref().unwrap();
        assert!(
            again.starts_with("sigprof replay --scenario write_read --mutant"),
            "{again}"
        );
    }

    /// The scenario breaks nothing where memory is not weak.
    ///
    /// Guards S22.6.
    #[test]
    fn what_only_weak_memory_breaks_is_an_accusation() {
        let scenario = target::scenario("record_then_close").unwrap();
        let under = mutant("eof_seen_relaxed");
        let seen = explore(under, &scenario, &Options::default());
        let first = seen.broken.first().map(|&(kind, law, _)| (kind, law));
        assert_eq!(first, Some((Kind::Bounded(2), Law::EofLast)));
    }

    /// Guards S22.6.
    #[test]
    fn interleavings_that_do_not_come_to_an_end_are_a_failure() {
        let scenario = target::scenario("write_read").unwrap();
        let failures = |is_exhausted| {
            let broken = Vec::new();
            let seen = Seen {
                broken,
                is_exhausted,
            };
            accusations(Under::revision("fixed").unwrap(), &scenario, seen)
        };
        assert_eq!(failures(true), []);
        let [failure] = &failures(false)[..] else {
            panic!("want one failure");
        };
        assert!(failure.expected.starts_with("an end within "), "{failure}");
    }

    /// Guards S22.6.
    #[test]
    fn what_is_known_of_a_revision_is_no_accusation_and_is_one_of_another() {
        let scenario = target::scenario("record_then_close").unwrap();
        let failures = |under| judge(under, &scenario, &Options::default());
        assert_eq!(failures(Under::revision("go1.26").unwrap()), []);
        // The same defect in what is not said to have it.
        let again = failures(mutant("eof_with_a_record_unread"));
        assert!(
            again.iter().any(|failure| failure.rule == "S18.8"),
            "{again:?}"
        );
    }

    /// Guards S22.7, S22.15.
    #[test]
    fn a_defect_that_is_not_found_is_a_failure() {
        let b30 = known::ALL.iter().find(|known| known.id == "B30").unwrap();
        let options = Options::default();
        assert_eq!(
            shows(b30, Under::revision("go1.19").unwrap(), &options),
            Ok(())
        );
        let failure = shows(b30, Under::revision("fixed").unwrap(), &options).unwrap_err();
        assert_eq!(failure.what, "B30 in fixed");
        assert!(failure.expected.contains("L8"), "{failure}");
        assert!(
            failure
                .again
                .unwrap()
                .contains("--revision fixed --strategy dpor")
        );
    }

    /// Guards S22.6.
    #[test]
    fn each_scenario_of_each_revision_is_a_case() {
        let cases = cases();
        for (name, protocol) in Protocol::REVISIONS {
            let of = format!("{name}/");
            let count = cases.iter().filter(|case| case.starts_with(&of)).count();
            assert_eq!(
                count,
                Under::Revision(name, protocol).scenarios().len(),
                "{name}"
            );
        }
        assert!(cases.contains(&"go1.26/overflow".to_owned()));
    }
}
