//! The rules of SPEC.md, with what breaks and what shows them.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use sigprof_model::mutants::Mutant;

use super::{Entry, Kind, model};
use crate::corpus::expected::{Input, Invalid};
use crate::fixtures::Files;
use crate::spec::{self, Rule};

/// Fixtures that an explanation names.
const FIXTURES: usize = 2;

/// All rules, in their order.
pub(super) fn entries(files: &Files, mutants: &[Mutant]) -> Vec<Entry> {
    let cited = cited(files);
    let entry = |rule: Rule<'static>| {
        let mut entry = Entry::new(Kind::Rule, rule.number, rule.text);
        entry.why = vec![obeyed(rule.label)];
        entry.go = source(&rule).into_iter().collect();
        let breaks = |mutant: &&Mutant| mutant.rules.contains(&rule.number);
        for mutant in mutants.iter().filter(breaks) {
            entry.shown_by.extend(model::command(mutant));
            entry.see.push(mutant.name.to_owned());
            entry.see.extend(mutant.bug.map(str::to_owned));
        }
        entry.shown_by.truncate(2);
        let cases = cited.get(rule.number).into_iter().flatten();
        let commands = cases.take(FIXTURES).map(|case| command(files, case));
        entry.shown_by.extend(commands);
        entry
    };
    spec::rules(spec::TEXT).map(entry).collect()
}

/// The cases that cite a rule, smallest first.
fn cited(files: &Files) -> BTreeMap<String, Vec<String>> {
    let mut cited: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (case, rules) in files.rules() {
        for rule in rules {
            cited.entry(rule).or_default().push(case.clone());
        }
    }
    for cases in cited.values_mut() {
        cases.sort_by_key(|case| {
            let inputs = ["trace", "profile", "profile.pb.gz"];
            let bytes =
                inputs.map(|name| files.file(&format!("{case}/{name}")).unwrap_or_default());
            bytes.map(<[u8]>::len).iter().sum::<usize>()
        });
    }
    cited
}

/// The command that shows a case of the corpus.
fn command(files: &Files, case: &str) -> String {
    if files.has(&format!("{case}/profile.pb.gz")) {
        return format!("sigprof check fixtures/{case}/trace fixtures/{case}/profile.pb.gz");
    }
    let invalid = files.json::<Invalid>(&format!("{case}/expected.json"));
    match invalid.map(|invalid| invalid.input) {
        Ok(Input::Profile) => {
            format!("sigprof parse --input profile --format samples fixtures/{case}/profile")
        }
        _ => format!("sigprof parse fixtures/{case}/trace"),
    }
}

/// The one who has to obey a rule with this label: a row of SPEC.md's table.
fn obeyed(label: &str) -> String {
    let row = format!("| *{label}* | ");
    let row = spec::TEXT.lines().find_map(|line| line.strip_prefix(&row));
    match row.and_then(|row| row.split_once(" | ")) {
        Some((says, who)) => {
            let who = who.trim_end_matches(" |");
            format!("*{label}*: {says}. Who has to obey: {who}.")
        }
        None => format!("*{label}*"),
    }
}

/// Where Go does what a rule says: the files that the rule names, or else those of its section.
/// None of a rule that is our choice and names none.
pub(super) fn source(rule: &Rule<'_>) -> Option<String> {
    let mut inner = rule.text.split('(').skip(1);
    let named = inner.find_map(|inner| {
        let inner = inner.split_once(')')?.0;
        inner
            .contains(".go`")
            .then(|| inner.trim_start_matches("Go: "))
    });
    if let Some(named) = named {
        return Some(format!("{named} ({})", rule.number));
    }
    if rule.label == "our choice" {
        return None;
    }
    static SECTIONS: OnceLock<Vec<(u64, String)>> = OnceLock::new();
    let sections = SECTIONS.get_or_init(sections);
    let of_rule = sections.iter().rfind(|(line, _)| *line < rule.line);
    of_rule.map(|(_, source)| format!("{source} ({})", rule.number))
}

/// The sources of sections, with the lines where they stand.
fn sections() -> Vec<(u64, String)> {
    let mut sections = Vec::new();
    for (line, number) in spec::TEXT.lines().zip(1..) {
        let source = match line.strip_prefix("Source: ") {
            Some(source) => source.split(". ").next(),
            None if line.starts_with("- ") => None,
            None => line
                .split_once("(Go: ")
                .and_then(|(_, rest)| rest.split(')').next()),
        };
        if let Some(source) = source {
            sections.push((number, source.trim_end_matches('.').to_owned()));
        }
    }
    sections
}
