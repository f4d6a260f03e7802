//! Every rule of SPEC.md is guarded; and what stands there about guards is so.

use crate::spec;
use crate::suite::Inputs;
use crate::suite::failure::Failure;
use crate::suite::guards::{Sources, table};

/// Citations of rules are as they should be.
const CITATIONS: &str = "citations";

/// The specification names the guards that there are.
const TABLE: &str = "table";

/// The numbers of all rules, and two cases besides.
pub(super) fn cases(inputs: &Inputs) -> Vec<String> {
    let rules = spec::rules(inputs.spec()).map(|rule| rule.number);
    let cases = rules.chain([CITATIONS, TABLE]);
    cases.map(str::to_owned).collect()
}

pub(super) fn run(name: &str, inputs: &Inputs) -> Vec<Failure> {
    match name {
        CITATIONS => inputs.guards().faults.clone(),
        TABLE => match &inputs.sources {
            Some(sources) => in_step(inputs, sources).err().into_iter().collect(),
            // The table is then what says what the tests are.
            None => Vec::new(),
        },
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

/// Whether the program, and the table, are those of the checkout.
fn in_step(inputs: &Inputs, sources: &Sources) -> Result<(), Failure> {
    let at = |what: &str, expected: &str, got: &str| {
        let failure = Failure::new(what, expected, got).file("SPEC.md");
        failure.again("just bless")
    };
    if sources.spec != spec::TEXT {
        let failure = at(
            "SPEC.md",
            "that of the program",
            "another: it has changed since",
        );
        return Err(failure.again("cargo run --release -- conformance"));
    }
    let written = table::written(&sources.spec, inputs.guards());
    let written = written.map_err(|missing| at("table of guards", "one", &missing))?;
    let mut lines = written.lines().zip(sources.spec.lines()).zip(1..);
    match lines.find(|((want, got), _)| want != got) {
        Some(((want, got), line)) => Err(at("table of guards", want, got).line(line)),
        None if written.len() == sources.spec.len() => Ok(()),
        None => Err(at("table of guards", "as many lines", "fewer or more")),
    }
}
