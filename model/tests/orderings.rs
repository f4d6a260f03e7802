//! The tables of ARCHITECTURE.md are those of the code: a row for each atomic operation
//! whose ordering something rests upon, and one for each mutant that breaks nothing. And
//! what the catalogue of mutants says of the defects and of SPEC.md is there.
//!
//! A failure shows the rows to paste.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::path::Path;

use sigprof_model::mutants::{Change, Fate, Mutant};
use sigprof_model::protocol::Site;

fn text(path: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    std::fs::read_to_string(root.join(path)).unwrap()
}

/// The rows of the table below this head.
fn rows_below(head: &str) -> Vec<String> {
    let text = text("ARCHITECTURE.md");
    let (_, behind) = text.split_once(head).expect(head);
    let lines = behind.lines().skip(2);
    let rows = lines.take_while(|line| line.starts_with('|'));
    rows.map(str::to_owned).collect()
}

#[track_caller]
fn check(head: &str, want: &[String]) {
    let got = rows_below(head);
    assert!(
        got == want,
        "ARCHITECTURE.md, below {head}, want:\n{}\n",
        want.join("\n")
    );
}

#[test]
fn each_operation_has_its_row() {
    let mutants = Mutant::all();
    let row = |site: &Site| {
        let pairs = site.pairs_with().iter();
        let pairs: Vec<_> = pairs.map(|pair| format!("`{}`", pair.name())).collect();
        let weaker = mutants.iter().filter_map(|mutant| match mutant.change {
            Change::Weaker(of, to) if of == *site => Some((mutant.fate, to)),
            _ => None,
        });
        let caught = weaker.map(|(fate, to)| match fate {
            Fate::Breaks { law, scenario, .. } => {
                format!("{to:?}: L{} in `{scenario}`", law.number())
            }
            Fate::Equivalent(_) => format!("{to:?}: breaks nothing"),
            Fate::OutOfReach(_) => format!("{to:?}: out of loom's reach"),
        });
        format!(
            "| `{}` | {} | {:?} | {} | {} |",
            site.name(),
            site.operation(),
            site.ordering(),
            pairs.join(", "),
            caught.collect::<Vec<_>>().join("; ")
        )
    };
    let want: Vec<_> = Site::ALL.iter().map(row).collect();
    check("| site | operation | needs | pairs with | weaker |", &want);
}

#[test]
fn each_mutant_that_breaks_nothing_has_its_row() {
    let row = |mutant: &Mutant| match mutant.fate {
        Fate::Breaks { .. } => None,
        Fate::Equivalent(why) => Some(format!("| `{}` | equivalent | {why} |", mutant.name)),
        Fate::OutOfReach(why) => Some(format!("| `{}` | out of reach | {why} |", mutant.name)),
    };
    let want: Vec<_> = Mutant::all().iter().filter_map(row).collect();
    check("| mutant | fate | why |", &want);
}

/// Of mutants that shipped, and of Go's defects that the revisions have.
#[test]
fn each_bug_has_its_place_among_the_defects() {
    let defects = text("model/src/defects.rs");
    for mutant in Mutant::all() {
        if let Some(bug) = mutant.bug {
            let has_heading = defects.contains(&format!("//! # {bug}\n"));
            let has_row = defects.contains(&format!("| {bug} |"));
            assert!(has_heading || has_row, "{}: {bug}", mutant.name);
        }
    }
}

/// A mutant that must be caught breaks a rule that there is; one that breaks nothing
/// guards none.
#[test]
fn each_mutant_breaks_rules_of_the_specification() {
    let spec = text("SPEC.md");
    for mutant in Mutant::all() {
        let is_caught = matches!(mutant.fate, Fate::Breaks { .. });
        assert_eq!(is_caught, !mutant.rules.is_empty(), "{}", mutant.name);
        for rule in mutant.rules {
            let head = format!("\n- **{rule}** *");
            assert!(spec.contains(&head), "{}: {rule}", mutant.name);
        }
    }
}
