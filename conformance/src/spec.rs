//! SPEC.md, which is part of the program: its rules by number.

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
    rules(TEXT).find(|rule| rule.number == number)
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
    }
}
