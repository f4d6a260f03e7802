//! The table in SPEC.md that names the guards of each rule.

use std::fmt::Write;

use super::{Guard, Guards};
use crate::spec;

/// The line before it, and the one behind it.
const BEGIN: &str = "<!-- guards: `just bless` writes what stands here -->";
const END: &str = "<!-- end of guards -->";

/// The specification with the table as it should be.
///
/// # Errors
/// If the two lines that enclose it are not there.
pub fn written(spec: &str, guards: &Guards) -> Result<String, String> {
    let missing = |line: &str| format!("no line {line:?}");
    let (before, rest) = spec.split_once(BEGIN).ok_or_else(|| missing(BEGIN))?;
    let (_, after) = rest.split_once(END).ok_or_else(|| missing(END))?;
    let mut out = format!("{before}{BEGIN}\n\n| rule | what guards it |\n|---|---|\n");
    for rule in spec::rules(spec) {
        let guards: Vec<_> = guards.of(rule.number).map(ToString::to_string).collect();
        let _ = writeln!(out, "| {} | {} |", rule.number, guards.join(", "));
    }
    let _ = write!(out, "\n{END}{after}");
    Ok(out)
}

/// The tests that the table of a specification names, with their rules.
pub(super) fn tests(spec: &str) -> impl Iterator<Item = (&str, Guard)> {
    let table = spec.split_once(BEGIN).map_or("", |(_, rest)| rest);
    let table = table.split_once(END).map_or("", |(table, _)| table);
    table.lines().flat_map(|line| {
        let (rule, guards) = line
            .strip_prefix("| ")
            .and_then(|line| line.strip_suffix(" |")?.split_once(" | "))
            .unwrap_or_default();
        guards.split(", ").filter_map(move |guard| {
            let id = guard.strip_prefix("test `")?.strip_suffix('`')?;
            Some((rule, Guard::Test(id.to_owned())))
        })
    })
}
