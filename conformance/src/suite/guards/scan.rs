//! Citations in Rust sources: `/// Guards R36.2, S8.4.` above a test.

/// A test that cites rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Citation {
    /// The rules, as they stand there.
    pub rules: Vec<String>,
    /// The name of the function, or of the row of a macro that makes it.
    pub test: String,
    /// Where the citation stands, from 1.
    pub line: u64,
}

/// A citation that is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// Where it stands, from 1.
    pub line: u64,
    /// What should be there.
    pub want: &'static str,
    /// What is there.
    pub got: String,
}

/// How a citation begins.
const BEGINNING: &str = "/// Guards ";

/// Every citation of a file.
pub fn citations(text: &str) -> impl Iterator<Item = Result<Citation, Misfit>> + '_ {
    let lines: Vec<_> = text.lines().map(str::trim).collect();
    let starts = (0..lines.len()).filter({
        let lines = lines.clone();
        move |&at| lines[at].starts_with(BEGINNING)
    });
    starts
        .map(move |at| citation(&lines, at))
        .collect::<Vec<_>>()
        .into_iter()
}

fn citation(lines: &[&str], at: usize) -> Result<Citation, Misfit> {
    let line = at as u64 + 1;
    let misfit = |want, got: &str| Misfit {
        line,
        want,
        got: got.to_owned(),
    };
    // A line that ends in a comma goes on in the next.
    let mut words = lines[at].trim_start_matches(BEGINNING).to_owned();
    let mut next = at + 1;
    while words.ends_with(',') {
        let Some(more) = lines.get(next).and_then(|line| line.strip_prefix("/// ")) else {
            break;
        };
        words = format!("{words} {more}");
        next += 1;
    }
    let list = words.strip_suffix('.').filter(|_| !words.contains(". "));
    let list = list.ok_or_else(|| misfit("rules, and then a full stop", &words))?;
    let rules: Vec<_> = list.split(", ").map(str::to_owned).collect();
    if let Some(rule) = rules.iter().find(|rule| !is_rule(rule)) {
        return Err(misfit("a rule, as R36.2 or S8.4", rule));
    }
    let (test, kind) = item(&lines[next..]).ok_or_else(|| misfit("a test below it", "the end"))?;
    match kind {
        Kind::Test | Kind::Row => Ok(Citation { rules, test, line }),
        Kind::Ignored => Err(misfit(
            "a test that runs",
            &format!("{test}, which is ignored"),
        )),
        Kind::Function if is_in_quickcheck(&lines[..at]) => Ok(Citation { rules, test, line }),
        Kind::Function => Err(misfit("a test", &format!("{test}, which has no #[test]"))),
    }
}

fn is_rule(word: &str) -> bool {
    let number = word.strip_prefix(['R', 'S']).unwrap_or_default();
    let mut parts = number.split('.');
    !number.is_empty()
        && parts.all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
}

enum Kind {
    /// A function with `#[test]`.
    Test,
    /// And `#[ignore]`.
    Ignored,
    /// A function without.
    Function,
    /// A row of a macro that makes tests.
    Row,
}

/// The name of what stands below a comment, and what it is.
fn item(lines: &[&str]) -> Option<(String, Kind)> {
    let (mut is_test, mut is_ignored) = (false, false);
    for line in lines {
        is_test |= line.starts_with("#[test]");
        is_ignored |= line.starts_with("#[ignore");
        if line.is_empty()
            || line.starts_with("//")
            || line.starts_with('#')
            || line.starts_with(')')
        {
            continue;
        }
        let function = line.split_once("fn ").filter(|(before, _)| {
            let mut words = before.split_whitespace();
            words.all(|word| matches!(word, "pub" | "async" | "pub(crate)"))
        });
        let (rest, kind) = match function {
            Some((_, rest)) if is_ignored => (rest, Kind::Ignored),
            Some((_, rest)) if is_test => (rest, Kind::Test),
            Some((_, rest)) => (rest, Kind::Function),
            None if is_item(line) => (*line, Kind::Function),
            None => (*line, Kind::Row),
        };
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
        let name = &rest[..end.unwrap_or(rest.len())];
        return (!name.is_empty()).then(|| (name.to_owned(), kind));
    }
    None
}

/// Whether a line begins something of Rust's own: no row of a macro, and no test.
fn is_item(line: &str) -> bool {
    const WORDS: [&str; 15] = [
        "async",
        "const",
        "enum",
        "extern",
        "fn",
        "impl",
        "let",
        "macro_rules!",
        "mod",
        "pub",
        "static",
        "struct",
        "trait",
        "type",
        "use",
    ];
    let word = line.split([' ', '(', '<']).next().unwrap_or_default();
    WORDS.contains(&word) || word == "unsafe"
}

/// Functions in this macro are tests without saying so.
fn is_in_quickcheck(before: &[&str]) -> bool {
    before.iter().any(|line| {
        line.starts_with("quickcheck! {") || line.starts_with("quickcheck::quickcheck! {")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<(&[&str], &str, u64), &str>) {
        let found: Vec<_> = citations(text).collect();
        let [found] = found.as_slice() else {
            panic!("want one citation, got {found:?}");
        };
        let expected = expected.map(|(rules, test, line)| Citation {
            rules: rules.iter().map(|&r| r.to_owned()).collect(),
            test: test.to_owned(),
            line,
        });
        match (found, expected) {
            (Ok(found), Ok(expected)) => assert_eq!(*found, expected),
            (Err(misfit), Err(words)) => {
                let text = format!("{}: want {}, got {}", misfit.line, misfit.want, misfit.got);
                assert_eq!(text, words);
            }
            (found, expected) => panic!("want {expected:?}, got {found:?}"),
        }
    }

    #[test]
    fn a_test_cites_what_stands_above_it() {
        let text = "\n/// Why.\n/// Guards R36.2, S4.\n#[test]\nfn it_holds() {\n}\n";
        check(text, Ok((&["R36.2", "S4"], "it_holds", 3)));
        let text = "/// Guards R1.1,\n/// R1.2.\n/// More.\n    #[test]\n    fn it_holds() {";
        check(text, Ok((&["R1.1", "R1.2"], "it_holds", 1)));
    }

    #[test]
    fn a_row_of_a_macro_cites_too() {
        check(
            "goldens! {\n    /// Guards S7.1.\n    a_case = \"a\",",
            Ok((&["S7.1"], "a_case", 2)),
        );
        check(
            "quickcheck! {\n/// Guards S7.1.\nfn holds(x: u8) -> bool {",
            Ok((&["S7.1"], "holds", 2)),
        );
    }

    #[test]
    fn what_does_not_run_cites_nothing() {
        let text = "/// Guards S4.\n#[test]\n#[ignore = \"slow\"]\nfn it_holds() {";
        check(
            text,
            Err("1: want a test that runs, got it_holds, which is ignored"),
        );
        for item in [
            "struct A;",
            "pub(crate) struct A;",
            "const fn a() {",
            "mod tests {",
            "let a = 1;",
        ] {
            let word = item.split([' ', '(']).next().unwrap();
            let words = format!("1: want a test, got {word}, which has no #[test]");
            check(&format!("/// Guards S4.\n{item}"), Err(&words));
        }
        let text = "/// Guards S4.\nfn helper() {";
        check(
            text,
            Err("1: want a test, got helper, which has no #[test]"),
        );
        check(
            "/// Guards S4.\n",
            Err("1: want a test below it, got the end"),
        );
    }

    #[test]
    fn a_citation_of_another_form_is_seen() {
        let test = "\n#[test]\nfn it_holds() {";
        let form = "1: want rules, and then a full stop, got ";
        check(&format!("/// Guards S4{test}"), Err(&format!("{form}S4")));
        check(
            &format!("/// Guards S4. And more.{test}"),
            Err(&format!("{form}S4. And more.")),
        );
        let rule = "1: want a rule, as R36.2 or S8.4, got ";
        for word in ["L4", "R", "R1.", "the end", "R1 to R3"] {
            let text = format!("/// Guards {word}.{test}");
            check(&text, Err(&format!("{rule}{word}")));
        }
    }
}
