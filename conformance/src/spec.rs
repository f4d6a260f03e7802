//! SPEC.md, which is part of the program: its rules by number.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

/// The file, as it was when the program was built.
pub const TEXT: &str = include_str!("../../SPEC.md");

/// A rule of SPEC.md.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule<'a> {
    /// The rule's number: `R36.2`, `S4`.
    pub number: &'a str,
    /// The one who has to obey: `format`, `our choice` and so on.
    pub label: &'a str,
    /// The text of the rule.
    pub text: &'a str,
    /// The line where it stands, from 1.
    pub line: u64,
}

/// As it stands in SPEC.md.
impl fmt::Display for Rule<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            number,
            label,
            text,
            ..
        } = self;
        write!(f, "- **{number}** *{label}* {text}")
    }
}

/// The rules of a specification, in its order. Every rule is one list item (see the preamble
/// of SPEC.md).
pub fn rules(spec: &str) -> impl Iterator<Item = Rule<'_>> {
    spec.lines().zip(1..).filter_map(|(text, line)| {
        let (number, rest) = text.strip_prefix("- **")?.split_once("** *")?;
        let (label, text) = rest.split_once("* ")?;
        Some(Rule {
            number,
            label,
            text,
            line,
        })
    })
}

/// The rule of that number.
#[must_use]
pub fn rule(number: &str) -> Option<Rule<'static>> {
    static RULES: LazyLock<BTreeMap<&str, Rule<'static>>> =
        LazyLock::new(|| rules(TEXT).map(|rule| (rule.number, rule)).collect());
    RULES.get(number).copied()
}

/// The rules of a number: itself, or those below it (`R37` is all of `R37.1`, `R37.2` and so on).
#[must_use]
pub fn find(number: &str) -> Vec<Rule<'static>> {
    let number = number.to_uppercase();
    let below = format!("{number}.");
    let is_of = |rule: &Rule<'_>| rule.number == number || rule.number.starts_with(&below);
    rules(TEXT).filter(is_of).collect()
}

/// A section of SPEC.md, without its end of line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Section<'a> {
    /// The section's heading: `12 Our choices`; `The specification of sigprof` of what comes first.
    pub heading: &'a str,
    /// The text from the heading on, up to the next.
    pub text: &'a str,
}

/// The sections of the specification, in its order.
#[must_use]
pub fn sections() -> Vec<Section<'static>> {
    let heads = TEXT.match_indices("\n## ").map(|(at, _)| at + 1);
    let starts: Vec<usize> = std::iter::once(0).chain(heads).collect();
    let ends = starts.iter().skip(1).copied().chain([TEXT.len()]);
    let section = |(&start, end): (&usize, usize)| {
        let text = TEXT[start..end].trim_end();
        let heading = text.lines().next().unwrap_or_default();
        Section {
            heading: heading.trim_start_matches(['#', ' ']),
            text,
        }
    };
    starts.iter().zip(ends).map(section).collect()
}

/// The sections of that number, or with these words in their headings.
#[must_use]
pub fn find_sections(name: &str) -> Vec<Section<'static>> {
    let name = name.to_lowercase();
    let numbered = format!("{name} ");
    let mut found = sections();
    found.retain(|section| {
        let heading = section.heading.to_lowercase();
        let is_number = name.bytes().all(|b| b.is_ascii_digit());
        match is_number {
            true => heading.starts_with(&numbered),
            false => heading.contains(&name),
        }
    });
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_read_with_their_lines() {
        let spec =
            "# A\n\n- **R1.1** *format* One.\n- no rule\n- **S4** *our choice* Two *three*.\n";
        let found: Vec<_> = rules(spec).collect();
        let want = |number, label, text, line| Rule {
            number,
            label,
            text,
            line,
        };
        let expected = [
            want("R1.1", "format", "One.", 3),
            want("S4", "our choice", "Two *three*.", 5),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_rule_of_the_specification_is_found_by_its_number() {
        assert!(rule("S9.1").is_some_and(|rule| rule.text.starts_with("Exit 0")));
        assert_eq!(rule("S9"), None);
        let numbers = |name| {
            find(name)
                .into_iter()
                .map(|rule| rule.number)
                .collect::<Vec<_>>()
        };
        assert_eq!(numbers("s9.1"), ["S9.1"]);
        assert_eq!(
            numbers("R12"),
            ["R12.1", "R12.2", "R12.3", "R12.4", "R12.5"]
        );
        assert!(numbers("R1").iter().all(|number| number.starts_with("R1.")));
    }

    #[test]
    fn sections_are_all_of_it_and_are_found_by_number_and_by_words() {
        let text: Vec<_> = sections().iter().map(|section| section.text).collect();
        let lines = text
            .iter()
            .map(|text| text.lines().filter(|l| !l.is_empty()).count());
        let all = TEXT.lines().filter(|line| !line.is_empty());
        assert_eq!(lines.sum::<usize>(), all.count());
        let found = |name| {
            find_sections(name)
                .into_iter()
                .map(|s| s.heading)
                .collect::<Vec<_>>()
        };
        assert_eq!(found("1"), ["1 The ring"]);
        assert_eq!(found("our choices"), ["12 Our choices"]);
        assert_eq!(found("no such words"), [""; 0]);
    }
}
