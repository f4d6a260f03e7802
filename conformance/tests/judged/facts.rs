//! Facts about real Go that SPEC.md states: a row of a table is a rule, releases, a file, a
//! declaration in it, and short pieces of that, which must stand there in this order.
//!
//! ```text
//! facts! {
//!     "R2.3" ALL "runtime/cpuprof.go" "profBufWordCount": "1 << 17";
//! }
//! ```
//!
//! | child | what |
//! |---|---|
//! | `go` | finds a declaration in the text of a Go file |
//! | `ring` | section 1 |
//! | `signals` | section 2 |
//! | `tracer` | sections 3 and 4 |
//! | `profile` | section 5 |
//! | `pair` | section 11 |
//! | `generations` | section 14 |
//!
//! This guards the specification against Go. That *our* code does the same is the business
//! of other tests. The source is read where the toolchains are installed; without one, its
//! rows are skipped, with a line that says so, unless the environment says that they must
//! not be (`SIGPROF_ORACLES=required`).

mod generations;
mod go;
mod pair;
mod profile;
mod ring;
mod signals;
mod tracer;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use go::{declaration, is_in_order, words};
use sigprof::oracle::Go;

/// Releases that write v1 traces.
const V1: &[&str] = &["1.19", "1.21"];
/// The older of the two.
const GO_1_19: &[&str] = &["1.19"];
/// The newer of the two.
const GO_1_21: &[&str] = &["1.21"];
/// The first with generations.
const GO_1_22: &[&str] = &["1.22"];
/// The next that was read.
const GO_1_24: &[&str] = &["1.24"];
/// All releases up to 1.24.
const UP_TO_1_24: &[&str] = &["1.19", "1.21", "1.22", "1.24"];
/// All releases from 1.22 on.
const SINCE_1_22: &[&str] = &["1.22", "1.24", "1.26", "1.27"];
/// All releases from 1.26 on.
const SINCE_1_26: &[&str] = &["1.26", "1.27"];
/// All releases from 1.21 on.
const SINCE_1_21: &[&str] = &["1.21", "1.22", "1.24", "1.26", "1.27"];
/// All releases of which SPEC.md says something.
const ALL: &[&str] = &["1.19", "1.21", "1.22", "1.24", "1.26", "1.27"];

/// Before a piece that must not be there.
const ABSENT: &str = "not: ";

/// A statement of a rule about Go, and where it can be read in Go's source.
struct Fact {
    /// The rule's number in SPEC.md.
    rule: &'static str,
    /// The releases of which it says so, as `1.19`.
    releases: &'static [&'static str],
    /// The file, below `src/`.
    file: &'static str,
    /// The declaration: `func read`, `func (*profBuf) read`, `const x`, `type x`, `var x`; or
    /// the bare name of what stands in a block.
    of: &'static str,
    /// Pieces of its text, in this order. One that begins with `not: ` must not stand in it at all.
    /// Comments are left out, and any white space is one blank.
    has: &'static [&'static str],
}

impl Fact {
    /// The reason why the fact does not hold in this text of its file; `None` if it holds.
    fn fault(&self, text: &str) -> Option<String> {
        let Some(found) = declaration(text, self.of) else {
            return Some(format!("no {}", self.of));
        };
        let found = words(&found);
        let (absent, present): (Vec<&str>, Vec<&str>) = self
            .has
            .iter()
            .copied()
            .partition(|piece| piece.starts_with(ABSENT));
        if let Some(piece) = absent
            .iter()
            .find(|piece| found.contains(&piece[ABSENT.len()..]))
        {
            return Some(format!("{} has {:?}", self.of, &piece[ABSENT.len()..]));
        }
        let missing = is_in_order(&found, &present).err()?;
        Some(format!(
            "{}: no {missing:?} where it was to be in {found}",
            self.of
        ))
    }
}

/// Rows of a table, see above.
macro_rules! facts {
    ($($rule:literal $releases:ident $file:literal $of:literal: $($has:literal),+;)*) => {
        &[$($crate::facts::Fact {
            rule: $rule,
            releases: $crate::facts::$releases,
            file: $file,
            of: $of,
            has: &[$($has),+],
        }),*]
    };
}
use facts;

/// All of these are so, in each of their releases.
#[track_caller]
fn hold(facts: &[Fact]) {
    let releases: BTreeSet<_> = facts.iter().flat_map(|fact| fact.releases).collect();
    let mut faults = Vec::new();
    for release in releases {
        let Some(go) = Go::find_or_skip(release) else {
            continue;
        };
        for fact in facts.iter().filter(|fact| fact.releases.contains(release)) {
            let path = go.root().join("src").join(fact.file);
            let fault = match fs::read_to_string(&path) {
                Ok(text) => fact.fault(&text),
                Err(error) => Some(error.to_string()),
            };
            if let Some(fault) = fault {
                faults.push(format!(
                    "{}: go {release}: {}: {fault}",
                    fact.rule, fact.file
                ));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// A table that nobody cites would guard in silence, and a rule that is cited without a row
/// would not be guarded.
#[test]
fn the_rules_of_the_tables_are_those_that_are_cited() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/judged/facts");
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.ends_with("main.rs") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let rows: BTreeSet<_> = text.lines().filter_map(rule_of_row).collect();
        let is_guard = |line: &&str| line.trim_start().starts_with("/// ");
        let mut cited = BTreeSet::new();
        let mut goes_on = false;
        for line in text.lines().filter(is_guard) {
            let line = line.trim_start().trim_start_matches("/// ");
            if goes_on || line.starts_with("Guards ") {
                let rules = line.trim_start_matches("Guards ").split([',', ' ']);
                let rules = rules.map(|rule| rule.trim_end_matches('.'));
                cited.extend(rules.filter(|rule| !rule.is_empty()));
                goes_on = line.ends_with(',');
            }
        }
        assert_eq!(rows, cited, "{}", path.display());
    }
}

/// The rule of a row, which begins with it.
fn rule_of_row(line: &str) -> Option<&str> {
    let (rule, behind) = line.trim_start().strip_prefix('"')?.split_once('"')?;
    let is_rule =
        rule.starts_with(['R', 'S']) && rule[1..].starts_with(|c: char| c.is_ascii_digit());
    (is_rule && behind.starts_with(' ')).then_some(rule)
}

mod tests {
    use super::*;

    const TEXT: &str = "\
package p

const (
	limit = 64 // not 65
	next  = limit + 1
)

// read does not lock.
func (b *buf) read(mode int) int {
	for {
		first()
		second(a,
			b)
	}
}

func read() {
}
";

    fn fault(of: &'static str, has: &'static [&'static str]) -> Option<String> {
        let fact = Fact {
            rule: "R0",
            releases: &[],
            file: "",
            of,
            has,
        };
        fact.fault(TEXT)
    }

    #[test]
    fn pieces_stand_in_their_order_and_in_their_declaration() {
        assert_eq!(
            fault("func (*buf) read", &["first()", "second(a, b)"]),
            None
        );
        assert_eq!(fault("limit", &["= 64"]), None);
        assert!(fault("func (*buf) read", &["second(a", "first()"]).is_some());
        assert!(fault("func read", &["first()"]).is_some());
        assert!(fault("limit", &["limit + 1"]).is_some());
        assert!(fault("func write", &[]).is_some());
    }

    #[test]
    fn comments_do_not_count() {
        assert!(fault("limit", &["65"]).is_some());
        assert_eq!(fault("func (*buf) read", &["not: lock"]), None);
    }

    #[test]
    fn what_must_be_absent_is_a_fault_where_it_is_there() {
        assert!(fault("func (*buf) read", &["not: second"]).is_some());
    }
}
