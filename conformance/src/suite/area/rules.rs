//! Every rule of SPEC.md is guarded; and what stands there about guards is so.

use std::collections::BTreeSet;

use crate::spec;
use crate::suite::Inputs;
use crate::suite::failure::Failure;
use crate::suite::guards::{Sources, table};

/// Citations of rules are as they should be.
const CITATIONS: &str = "citations";

/// The specification names the guards that there are.
const TABLE: &str = "table";

/// Every golden file has a case, and every case its golden file.
const SNAPSHOTS: &str = "snapshots";

/// The numbers of all rules, and three cases besides.
pub(super) fn cases(inputs: &Inputs) -> Vec<String> {
    let rules = spec::rules(inputs.spec()).map(|rule| rule.number);
    let cases = rules.chain([CITATIONS, TABLE, SNAPSHOTS]);
    cases.map(str::to_owned).collect()
}

pub(super) fn run(name: &str, inputs: &Inputs) -> Vec<Failure> {
    match name {
        CITATIONS => inputs.guards().faults.clone(),
        TABLE => in_step(inputs).err().into_iter().collect(),
        SNAPSHOTS => inputs.sources.as_ref().map(snapshots).unwrap_or_default(),
        rule => is_guarded(rule, inputs).err().into_iter().collect(),
    }
}

fn is_guarded(number: &str, inputs: &Inputs) -> Result<(), Failure> {
    let rule = spec::rules(inputs.spec()).find(|rule| rule.number == number);
    let Some(rule) = rule else {
        return Err(Failure::new("case", "a rule of SPEC.md", number));
    };
    if inputs.guards().of(number).next().is_some() {
        return Ok(());
    }
    let what = format!("guards of {number}");
    let expected = format!("a test (`/// Guards {number}.`), a mutant or a fixture that cites it");
    let failure = Failure::new(what, expected, "none");
    Err(failure
        .file("SPEC.md")
        .line(rule.line)
        .again(format!("sigprof conformance --matrix --filter {number}")))
}

/// Whether the specification is that of the checkout, and its table has the guards that there
/// are. Away from its sources, the program takes tests from the table, and nothing else.
fn in_step(inputs: &Inputs) -> Result<(), Failure> {
    let spec = inputs.spec();
    if spec != spec::TEXT {
        let (want, got) = ("that of the program", "another: it has changed since");
        let failure = Failure::new("SPEC.md", want, got).file("SPEC.md");
        return Err(failure.again("cargo run --release -- conformance --filter 'rules table'"));
    }
    let at = |expected: &str, got: &str| {
        let what = "table of guards, which `just bless` writes";
        Failure::new(what, expected, got).file("SPEC.md")
    };
    let written = table::written(spec, inputs.guards());
    let written = written.map_err(|missing| at("one", &missing))?;
    let mut lines = written.lines().zip(spec.lines()).zip(1..);
    match lines.find(|((want, got), _)| want != got) {
        Some(((want, got), line)) => {
            let (want, got) = differing(want, got);
            Err(at(&want, &got).line(line))
        }
        None if written.len() == spec.len() => Ok(()),
        None => Err(at("as many lines", "fewer or more")),
    }
}

/// What only one of two lines of the table has. These lines are long.
fn differing(want: &str, got: &str) -> (String, String) {
    let parts = |line: &str| -> Option<(String, BTreeSet<String>)> {
        let (rule, guards) = line
            .strip_prefix("| ")?
            .strip_suffix(" |")?
            .split_once(" | ")?;
        Some((
            rule.to_owned(),
            guards.split(", ").map(str::to_owned).collect(),
        ))
    };
    let whole = || (want.to_owned(), got.to_owned());
    let (Some((rule, wants)), Some((other, gots))) = (parts(want), parts(got)) else {
        return whole();
    };
    let only = |one: &BTreeSet<String>, other: &BTreeSet<String>| {
        let only: Vec<_> = one.difference(other).cloned().collect();
        let guards = if only.is_empty() {
            "nothing".to_owned()
        } else {
            only.join(", ")
        };
        format!("{rule}: {guards} more")
    };
    match rule == other && wants != gots {
        true => (only(&wants, &gots), only(&gots, &wants)),
        false => whole(),
    }
}

/// Where the cases of golden files are listed.
const GOLDENS: &str = "conformance/goldens/main.rs";

/// Golden files without a case, and cases without a golden file.
fn snapshots(sources: &Sources) -> Vec<Failure> {
    let text = sources.rust.get(GOLDENS).map_or("", String::as_str);
    let listed = listed(text);
    if listed.is_empty() {
        let failure = Failure::new("cases of golden files", "some", "none").file(GOLDENS);
        return vec![failure.rule(GOLDEN_RULE)];
    }
    let without_case = sources
        .snapshots
        .difference(&listed)
        .map(|path| Failure::new("golden file", format!("a case in {GOLDENS}"), "none").file(path));
    let without_file = listed
        .difference(&sources.snapshots)
        .map(|path| Failure::new("case", format!("the golden file {path}"), "none").file(GOLDENS));
    let failures = without_case.chain(without_file);
    failures.map(|failure| failure.rule(GOLDEN_RULE)).collect()
}

/// The rule about golden files.
const GOLDEN_RULE: &str = "S22.16";

/// The golden files of the cases that are listed: rows `"kind" / "case": ...` of a macro, and
/// the names of transcripts.
fn listed(text: &str) -> BTreeSet<String> {
    let rows = text.lines().filter_map(|line| {
        let (_, row) = line.split_once(" = \"")?;
        let (kind, rest) = row.split_once("\" / \"")?;
        let (case, _) = rest.split_once("\": ")?;
        Some(format!("snapshots/{kind}/{case}.snap"))
    });
    let transcripts = text
        .split_once("const TRANSCRIPTS")
        .map_or("", |(_, rest)| rest);
    let transcripts = transcripts.split_once("];").map_or("", |(list, _)| list);
    let names = transcripts
        .lines()
        .filter_map(|line| line.trim().strip_prefix('"')?.strip_suffix("\","));
    let transcripts = names.map(|name| format!("snapshots/cli/{name}.trycmd"));
    rows.chain(transcripts).collect()
}
