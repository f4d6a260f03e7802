//! JUnit XML: a suite for each area.

use std::borrow::Cow;
use std::io;
use std::time::Duration;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::{cases_were, cut, facts};
use crate::failure::Failure;
use crate::shown::Shown;
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
                suite.add_property(("goroot", &*attribute(&judge.root)));
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

/// A text as an attribute. The crate leaves out what XML cannot have, tabs and some line ends,
/// and parsers make spaces of the others; so all of it is spelled out before.
fn attribute(text: &str) -> Cow<'_, str> {
    match Shown(text).text() {
        Cow::Borrowed(_) => Cow::Borrowed(text),
        Cow::Owned(text) => Cow::Owned(text),
    }
}

/// A text in the body of an element, where line ends stay.
fn body(text: &str) -> String {
    let lines: Vec<_> = text.split('\n').map(attribute).collect();
    lines.join("\n")
}

fn test_case(case: &CaseOutcome) -> TestCase {
    let status = match &case.status {
        Status::Passed => TestCaseStatus::success(),
        Status::Skipped(why) => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(attribute(why));
            status
        }
        Status::Failed(failures) => failed(case, failures),
    };
    let mut test_case = TestCase::new(attribute(&case.name), status);
    test_case.set_classname(case.area);
    test_case.set_time(Duration::from_millis(case.millis));
    test_case
}

fn failed(case: &CaseOutcome, failures: &[Failure]) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    if let Some(first) = failures.first() {
        let mut message = first.to_string();
        cut(&mut message);
        status.set_message(attribute(&message));
        status.set_type(attribute(&first.rule));
    }
    let lines = failures.iter().flat_map(|failure| {
        let facts = facts(failure, &case.again).into_iter();
        facts.map(|(name, value)| format!("{name:8}  {}", body(&value)))
    });
    status.set_description(lines.collect::<Vec<_>>().join("\n"));
    status
}
