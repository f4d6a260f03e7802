//! The model's scenarios, in every revision, through the strategies.
//!
//! All interleavings of a scenario are run (sequentially consistent, with the check for
//! races), and those with few switches and weak memory, then walks of fixed seeds. What a
//! revision breaks is known ([`sigprof_model::known`]); anything else is an accusation. The
//! kill matrix's judge says so.

use sigprof_model::known::{self, Known};
use sigprof_model::protocol::Protocol;
use sigprof_model::scenario::Scenario;

use super::mutants;
use crate::again;
use crate::explore::finding::Finding;
use crate::explore::matrix::judge::{self, Complaint};
use crate::explore::matrix::{self, Cell, RevisionRow, tables};
use crate::explore::target::Variant;
use crate::explore::{table, target};
use crate::failure::Failure;
use crate::suite::Options;

/// Names of cases, as `go1.26/overflow`.
pub(super) fn cases() -> Vec<String> {
    let revisions = Protocol::REVISIONS.into_iter();
    let scenarios = revisions.flat_map(|(name, protocol)| {
        let scenarios = Variant::Revision(name, protocol).scenarios();
        scenarios
            .into_iter()
            .map(move |s| format!("{name}/{}", s.name))
    });
    scenarios.collect()
}

pub(super) fn run(name: &str, options: &Options) -> Vec<Failure> {
    match parts(name) {
        Some((under, scenario)) => judge(under, scenario, options),
        None => vec![Failure::new("case", "a revision and a scenario", name)],
    }
}

/// Failures for what is broken there and not known to be.
fn judge(under: Variant, scenario: Scenario, options: &Options) -> Vec<Failure> {
    let cell = matrix::explore(under, scenario, &limits(options));
    let complaints = judge::scenario(under.name(), &cell).into_iter();
    complaints
        .map(|complaint| failure(under, complaint, options))
        .collect()
}

fn limits(options: &Options) -> matrix::Options {
    matrix::Options::of_one(options.seed, options.is_full)
}

fn failure(under: Variant, complaint: Complaint, options: &Options) -> Failure {
    match complaint {
        Complaint::Accused(seen) => match matrix::finding(under, &seen, &limits(options)) {
            Some(finding) => accusation(&finding),
            None => Failure::new(under.name(), "the violation again", seen.to_string()),
        },
        Complaint::Endless {
            scenario,
            kind,
            runs,
        } => {
            let what = format!("interleavings of {scenario} in {} by {kind}", under.name());
            let expected = format!("an end within {runs} runs");
            Failure::new(what, expected, "none")
        }
        Complaint::NotFoundThere { scenario, known } => not_found(known, under, &[scenario]),
        Complaint::NotFound(known) => not_found(known, under, known.scenarios),
        other => Failure::new(
            under.name(),
            "a complaint about a revision",
            other.to_string(),
        ),
    }
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

fn not_found(known: &Known, under: Variant, scenarios: &[&str]) -> Failure {
    let Known { id, what, law, .. } = known;
    let (what, expected) = (
        format!("{id} in {}", under.name()),
        format!("{law} broken: {what}"),
    );
    let got = format!("nothing of the kind in {}", scenarios.join(", "));
    let again = again::command(&format!(
        "explore {} --strategy dpor --scenario {}",
        under.option(),
        scenarios.join(" --scenario ")
    ));
    Failure::new(what, expected, got).again(again)
}

pub(super) fn find(name: &str, options: &Options) -> Vec<Failure> {
    let parts = name.split_once('/').and_then(|(revision, id)| {
        let known = known::ALL.iter().find(|known| known.id == id)?;
        Some((Variant::revision(revision)?, known))
    });
    match parts {
        Some((under, known)) => shows(known, under, options),
        None => vec![Failure::new("case", "a revision and a defect", name)],
    }
}

/// Looks for a defect in its scenarios, up to the first that shows it, which makes its row of
/// the kill matrix.
fn shows(known: &'static Known, under: Variant, options: &Options) -> Vec<Failure> {
    let limits = limits(options);
    let mut scenarios = under.scenarios();
    scenarios.retain(|scenario| known.scenarios.contains(&scenario.name));
    let mut cells: Vec<Cell> = Vec::new();
    for scenario in scenarios {
        cells.push(matrix::explore(under, scenario, &limits));
        if judge::defect(known, &cells).is_none() {
            break;
        }
    }
    if let Some(complaint) = judge::defect(known, &cells) {
        return vec![failure(under, complaint, options)];
    }
    let row = RevisionRow {
        name: under.name(),
        cells,
        complaints: Vec::new(),
    };
    let difference = tables::defect(&row, known, &limits);
    let failure = difference.map(|difference| mutants::differs(difference, under.name()));
    failure.into_iter().collect()
}

fn parts(name: &str) -> Option<(Variant, Scenario)> {
    let (revision, scenario) = name.split_once('/')?;
    Some((Variant::revision(revision)?, target::scenario(scenario)?))
}

#[cfg(test)]
mod tests {
    use sigprof_model::law::Law;
    use sigprof_sim::engine::explore::Kind;

    use super::*;

    fn mutant(name: &str) -> Variant {
        Variant::mutant(name).unwrap()
    }

    /// Guards S22.6, S22.15.
    #[test]
    fn what_is_not_known_is_an_accusation_with_the_run_that_shows_it() {
        let scenario = target::scenario("write_read").unwrap();
        let failures = judge(mutant("ring_commit_relaxed"), scenario, &Options::default());
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
        let cell = matrix::explore(under, scenario, &limits(&Options::default()));
        let complaints = judge::scenario(under.name(), &cell);
        let [Complaint::Accused(seen)] = complaints[..] else {
            panic!("want one accusation, got {complaints:?}");
        };
        assert_eq!((seen.kind, seen.catch.law), (Kind::WeakDpor, Law::EofLast));
    }

    /// Guards S22.6.
    #[test]
    fn interleavings_that_do_not_come_to_an_end_are_a_failure() {
        let complaint = Complaint::Endless {
            scenario: "write_read",
            kind: Kind::Dpor,
            runs: 60_000,
        };
        let under = Variant::revision("fixed").unwrap();
        let failure = failure(under, complaint, &Options::default());
        assert_eq!(
            failure.to_string(),
            "interleavings of write_read in fixed by dpor: expected an end within 60000 runs, got \
             none"
        );
    }

    /// Guards S22.6.
    #[test]
    fn what_is_known_of_a_revision_is_no_accusation_and_is_one_of_another() {
        let failures = |under| {
            let scenario = target::scenario("record_then_close").unwrap();
            judge(under, scenario, &Options::default())
        };
        assert_eq!(failures(Variant::revision("go1.26").unwrap()), []);
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
            shows(b30, Variant::revision("go1.19").unwrap(), &options),
            []
        );
        let failures = shows(b30, Variant::revision("fixed").unwrap(), &options);
        let [failure] = &failures[..] else {
            panic!("want one failure, got {failures:?}");
        };
        assert_eq!(failure.what, "B30 in fixed");
        assert!(failure.expected.contains("L8"), "{failure}");
        assert!(
            failure
                .again
                .as_deref()
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
                Variant::Revision(name, protocol).scenarios().len(),
                "{name}"
            );
        }
        assert!(cases.contains(&"go1.26/overflow".to_owned()));
    }
}
