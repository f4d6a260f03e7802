//! Citations in Rust sources: `/// Guards R36.2, S8.4.` above a test.
//!
//! Lines are looked at, not syntax, so that no parser is needed; in code that `cargo fmt`
//! has been over this is enough to tell a test that runs from what only looks like one.

use super::code::code;
use super::reach::is_left_out_by;

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
pub fn citations(text: &str) -> Vec<Result<Citation, Misfit>> {
    let code = code(text);
    let file = File {
        lines: code.lines().collect(),
    };
    let is_start = |&at: &usize| file.lines[at].trim_start().starts_with(BEGINNING);
    let starts = (0..file.lines.len()).filter(is_start);
    starts.map(|at| file.citation(at)).collect()
}

/// A file, without texts.
struct File<'a> {
    lines: Vec<&'a str>,
}

impl File<'_> {
    fn citation(&self, at: usize) -> Result<Citation, Misfit> {
        let line = at as u64 + 1;
        let misfit = |want, got: &str| Misfit {
            line,
            want,
            got: got.to_owned(),
        };
        // A line that ends in a comma goes on in the next.
        let first = self.lines[at].trim();
        let mut words = first.trim_start_matches(BEGINNING).to_owned();
        let mut next = at + 1;
        while words.ends_with(',') {
            let Some(more) = self
                .lines
                .get(next)
                .and_then(|line| line.trim().strip_prefix("/// "))
            else {
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
        let (test, kind) =
            item(&self.lines[next..]).ok_or_else(|| misfit("a test below it", "the end"))?;
        let around = self.around(at);
        match kind {
            Kind::Ignored => {
                let got = format!("{test}, which is ignored");
                Err(misfit("a test that runs", &got))
            }
            Kind::LeftOut => {
                let got = format!("{test}, which has a #[cfg]");
                Err(misfit("a test that is always compiled", &got))
            }
            Kind::Function => Err(misfit("a test", &format!("{test}, which has no #[test]"))),
            Kind::Row if !around.is_some_and(|around| self.makes_tests(around)) => {
                let got = format!("{test}, which is neither a test nor a row that makes one");
                Err(misfit("a test", &got))
            }
            Kind::Test if !around.is_none_or(|around| self.keeps_tests(around)) => {
                let got = format!("{test}, within something else");
                Err(misfit("a test in a module that is always compiled", &got))
            }
            Kind::Test | Kind::Row => Ok(Citation { rules, test, line }),
        }
    }

    /// The line at which that begins what a line is part of.
    fn around(&self, at: usize) -> Option<usize> {
        if !self.lines[at].starts_with(' ') {
            return None;
        }
        let begins = |&before: &usize| self.lines[before].starts_with(char::is_alphabetic);
        (0..at).rev().find(begins)
    }

    /// Whether tests stay tests within that.
    fn keeps_tests(&self, at: usize) -> bool {
        let line = self.lines[at].trim_start_matches("pub ");
        if line == "proptest! {" {
            return true;
        }
        let above = self.lines[..at].iter().rev();
        let mut attributes = above.take_while(|line| line.starts_with("#["));
        line.starts_with("mod ") && !attributes.any(|line| is_left_out_by(line))
    }

    /// Whether a macro is called here that this file declares, and that makes tests.
    fn makes_tests(&self, at: usize) -> bool {
        let Some(name) = self.lines[at].strip_suffix("! {") else {
            return false;
        };
        let declaration = format!("macro_rules! {name} {{");
        let from = self.lines.iter().position(|line| *line == declaration);
        from.is_some_and(|from| {
            let body = self.lines[from..].iter();
            let mut body = body.take_while(|line| **line != "}");
            body.any(|line| line.trim() == "#[test]")
        })
    }
}

fn is_rule(word: &str) -> bool {
    let number = word.strip_prefix(['R', 'S']).unwrap_or_default();
    let mut parts = number.split('.');
    !number.is_empty()
        && parts.all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
}

#[derive(Clone, Copy)]
enum Kind {
    /// A function with `#[test]`.
    Test,
    /// And `#[ignore]`.
    Ignored,
    /// And `#[cfg]`.
    LeftOut,
    /// A function without.
    Function,
    /// Something else: maybe a row of a macro that makes tests.
    Row,
}

/// The name of what stands below a comment, and what it is.
fn item(lines: &[&str]) -> Option<(String, Kind)> {
    let (mut is_test, mut unless) = (false, None);
    let mut lines = lines.iter().map(|line| line.trim());
    while let Some(line) = lines.next() {
        if line.is_empty() || line.starts_with("//") {
            continue;
        }
        if line.starts_with('#') {
            // Over several lines, maybe.
            let mut attribute = line.to_owned();
            while attribute.matches('[').count() > attribute.matches(']').count() {
                attribute += lines.next()?;
            }
            is_test |= attribute == "#[test]";
            unless = unless.or(excuse(&attribute));
            continue;
        }
        let function = line.split_once("fn ").filter(|(before, _)| {
            let mut words = before.split_whitespace();
            words.all(|word| matches!(word, "pub" | "async" | "pub(crate)"))
        });
        let (rest, kind) = match function {
            Some((_, rest)) if is_test => (rest, unless.unwrap_or(Kind::Test)),
            Some((_, rest)) => (rest, Kind::Function),
            None => (line, Kind::Row),
        };
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
        let name = &rest[..end.unwrap_or(rest.len())];
        return (!name.is_empty()).then(|| (name.to_owned(), kind));
    }
    None
}

/// Why a test with this attribute may not run. Miri is another matter.
fn excuse(attribute: &str) -> Option<Kind> {
    let condition = attribute.strip_prefix("#[cfg_attr(");
    let is_ignored = condition.is_some_and(|c| c.contains("ignore") && !c.starts_with("miri,"));
    if is_ignored || attribute.starts_with("#[ignore") {
        Some(Kind::Ignored)
    } else {
        is_left_out_by(attribute).then_some(Kind::LeftOut)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<(&[&str], &str, u64), &str>) {
        let found = citations(text);
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
    fn a_row_of_a_macro_that_makes_tests_cites_too() {
        let row = "goldens! {\n    /// Guards S7.1.\n    a_case = \"a\",\n}\n";
        let declared = |body: &str| format!("macro_rules! goldens {{\n    {body}\n}}\n{row}");
        check(&declared("#[test]"), Ok((&["S7.1"], "a_case", 5)));
        let none = "a_case, which is neither a test nor a row that makes one";
        check(
            &declared("fn $test() {}"),
            Err(&format!("5: want a test, got {none}")),
        );
        check(row, Err(&format!("2: want a test, got {none}")));
    }

    #[test]
    fn an_attribute_may_have_several_lines() {
        let text = |attribute| format!("/// Guards S4.\n{attribute}\n#[test]\nfn it_holds() {{");
        let miri = text("#[cfg_attr(\n    miri,\n    ignore = \"slow]\"\n)]");
        check(&miri, Ok((&["S4"], "it_holds", 1)));
        let why = "1: want a test that runs, got it_holds, which is ignored";
        let others = text("#[cfg_attr(\n    not(miri),\n    ignore = \"slow\"\n)]");
        check(&others, Err(why));
    }

    #[test]
    fn what_is_not_compiled_cites_nothing() {
        let test = "/// Guards S4.\n#[test]\nfn it_holds() {}\n";
        for text in [
            format!("/*\n{test}*/"),
            format!("const X: &str = \"\n{test}\";"),
        ] {
            assert_eq!(citations(&text), []);
        }
        let why = "1: want a test that is always compiled, got it_holds, which has a #[cfg]";
        check(&test.replace("#[test]", "#[test]\n#[cfg(any())]"), Err(why));
        let within = |head: &str| {
            let test = test.replace('\n', "\n    ");
            format!("{head} {{\n    {}}}", test.trim_end_matches(' '))
        };
        check(&within("mod tests"), Ok((&["S4"], "it_holds", 2)));
        let why =
            "want a test in a module that is always compiled, got it_holds, within something else";
        check(&within("fn nobody()"), Err(&format!("2: {why}")));
        check(
            &within("#[cfg(any())]\nmod tests"),
            Err(&format!("3: {why}")),
        );
    }

    #[test]
    fn what_does_not_run_cites_nothing() {
        let text = "/// Guards S4.\n#[test]\n#[ignore = \"slow\"]\nfn it_holds() {";
        check(
            text,
            Err("1: want a test that runs, got it_holds, which is ignored"),
        );
        let text = "/// Guards S4.\nfn helper() {";
        check(
            text,
            Err("1: want a test, got helper, which has no #[test]"),
        );
        let text = "/// Guards S4.\nconst IT: u8 = 1;";
        check(
            text,
            Err("1: want a test, got const, which is neither a test nor a row that makes one"),
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
