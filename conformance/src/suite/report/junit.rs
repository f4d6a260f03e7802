//! JUnit XML: a suite for each area.

use std::borrow::Cow;

use askama::Template;

use super::{cases_were, cut, facts};
use crate::failure::Failure;
use crate::page::render;
use crate::shown::Shown;
use crate::suite::outcome::{AreaOutcome, CaseOutcome, Counts, Outcome, Status};

/// A report as its template sees it.
#[derive(Template)]
#[template(path = "junit.xml")]
struct Report<'a> {
    seed: String,
    counts: Counts,
    /// How many cases are missing, if it was interrupted: a report that lacks cases is not to be
    /// taken for one in which all passed.
    left: Option<String>,
    time: String,
    suites: Vec<Suite<'a>>,
}

struct Suite<'a> {
    area: &'static str,
    counts: Counts,
    time: String,
    judges: Vec<(&'a str, Cow<'a, str>)>,
    cases: Vec<Case<'a>>,
}

struct Case<'a> {
    name: Cow<'a, str>,
    time: String,
    end: End<'a>,
}

enum End<'a> {
    Passed,
    Skipped(Cow<'a, str>),
    Failed {
        message: String,
        rule: String,
        facts: String,
    },
}

pub(super) fn junit(outcome: &Outcome) -> String {
    render(&Report {
        seed: outcome.head.seed.to_string(),
        counts: outcome.counts(),
        left: outcome.is_interrupted.then(|| cases_were(outcome.left())),
        time: seconds(outcome.millis),
        suites: outcome
            .areas()
            .iter()
            .map(|area| suite(outcome, area))
            .collect(),
    })
}

fn suite<'a>(outcome: &'a Outcome, area: &AreaOutcome) -> Suite<'a> {
    let judges = outcome.head.judges.iter();
    let judges = judges.filter(|judge| is_of(&judge.release, area.area));
    let cases = outcome.cases.iter().filter(|case| case.area == area.area);
    Suite {
        area: area.area,
        counts: area.counts,
        time: seconds(area.millis),
        judges: judges
            .map(|judge| (&*judge.release, attribute(&judge.root)))
            .collect(),
        cases: cases.map(case).collect(),
    }
}

/// Whether `go1.19.8` judges the area `go1.19`.
fn is_of(release: &str, area: &str) -> bool {
    let rest = release.strip_prefix(area);
    rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()))
}

fn seconds(millis: u64) -> String {
    format!("{}.{:03}", millis / 1000, millis % 1000)
}

/// A text as an attribute. The template escapes markup; but there is what XML cannot have at all, and
/// parsers make spaces of tabs and line ends: so all of it is spelled out before.
fn attribute(text: &str) -> Cow<'_, str> {
    Shown(text).text()
}

/// A text in the body of an element, where line ends stay.
fn body(text: &str) -> String {
    let lines: Vec<_> = text.split('\n').map(attribute).collect();
    lines.join("\n")
}

fn case(case: &CaseOutcome) -> Case<'_> {
    Case {
        name: attribute(&case.name),
        time: seconds(case.millis),
        end: match &case.status {
            Status::Passed => End::Passed,
            Status::Skipped(why) => End::Skipped(attribute(why)),
            Status::Failed(failures) => failed(case, failures),
        },
    }
}

fn failed<'a>(case: &CaseOutcome, failures: &[Failure]) -> End<'a> {
    let first = failures.first();
    let mut message = first.map(Failure::to_string).unwrap_or_default();
    cut(&mut message);
    let lines = failures.iter().flat_map(|failure| {
        let facts = facts(failure, &case.again).into_iter();
        facts.map(|(name, value)| format!("{name:8}  {}", body(&value)))
    });
    End::Failed {
        message: attribute(&message).into_owned(),
        rule: first.map_or_else(String::new, |first| attribute(&first.rule).into_owned()),
        facts: lines.collect::<Vec<_>>().join("\n"),
    }
}
