//! JUnit XML: a suite for each area.

use std::io;
use std::time::Duration;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::{cases_were, cut, facts};
use crate::suite::failure::Failure;
use crate::suite::outcome::{CaseOutcome, Outcome, Status};

pub(super) fn junit(outcome: &Outcome) -> io::Result<String> {
    let mut report = Report::new("sigprof conformance");
    report.set_time(Duration::from_millis(outcome.millis));
    for area in outcome.areas() {
        let mut suite = TestSuite::new(area.area);
        suite.set_time(Duration::from_millis(area.millis));
        suite.add_property(("seed", outcome.head.seed.to_string().as_str()));
        for judge in &outcome.head.judges {
            if is_of(&judge.release, area.area) {
                suite.add_property(("go", judge.release.as_str()));
                suite.add_property(("goroot", judge.root.as_str()));
            }
        }
        let cases = outcome.cases.iter().filter(|case| case.area == area.area);
        suite.add_test_cases(cases.map(test_case));
        report.add_test_suite(suite);
    }
    if outcome.is_interrupted {
        // A report that lacks cases is not to be taken for one in which all passed.
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_message(format!(
            "interrupted: {} not run",
            cases_were(outcome.left())
        ));
        let mut suite = TestSuite::new("interrupted");
        suite.add_test_case(TestCase::new("the rest", status));
        report.add_test_suite(suite);
    }
    report.to_string().map_err(io::Error::other)
}

/// Whether `go1.19.8` judges the area `go1.19`.
fn is_of(release: &str, area: &str) -> bool {
    let rest = release.strip_prefix(area);
    rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()))
}

fn test_case(case: &CaseOutcome) -> TestCase {
    let status = match &case.status {
        Status::Passed => TestCaseStatus::success(),
        Status::Skipped(why) => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(why.as_str());
            status
        }
        Status::Failed(failures) => failed(case, failures),
    };
    let mut test_case = TestCase::new(case.name.as_str(), status);
    test_case.set_classname(case.area);
    test_case.set_time(Duration::from_millis(case.millis));
    test_case
}

fn failed(case: &CaseOutcome, failures: &[Failure]) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    if let Some(first) = failures.first() {
        let mut message = first.to_string();
        cut(&mut message);
        status.set_message(message);
        status.set_type(first.rule.as_ref());
    }
    let lines = failures.iter().flat_map(|failure| {
        let facts = facts(failure, &case.again).into_iter();
        facts.map(|(name, value)| format!("{name:8}  {value}"))
    });
    status.set_description(lines.collect::<Vec<_>>().join("\n"));
    status
}
