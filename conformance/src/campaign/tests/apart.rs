//! Journals that do not go together, and those of something else.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::{PROGRAM, clean, done, problems, red, report, run, shard};
use crate::campaign::journal::{Head, Journal, JournalError, Piece};
use crate::campaign::plan::Plan;
use crate::campaign::shard::file_name;
use crate::campaign::work::Came;

/// Guards S77.7.
#[test]
fn journals_that_do_not_go_together_are_errors() {
    let plan = clean();
    let folder = done(&plan, 2, 1);
    let path = |name: &str| folder.path().join(name);
    let copy = || fs::copy(path("shard-1-of-2.ndjson"), path("copy.ndjson")).unwrap();
    // Pieces that stand in two files.
    copy();
    let twice = "shard-1-of-2.ndjson both have 4 pieces: take one of them away";
    problems(&plan, folder.path(), &[twice]);
    let (code, text) = report(&plan, folder.path());
    assert!(code == 3 && text.contains("NOT MERGED"), "{text}");
    // Of another cut, likewise.
    fs::remove_file(path("copy.ndjson")).unwrap();
    run(&plan, "1/3", folder.path(), 1);
    assert_eq!(report(&plan, folder.path()).0, 3);
    fs::remove_file(path("shard-1-of-3.ndjson")).unwrap();
    assert_eq!(report(&plan, folder.path()).0, 0);
    // Of another plan.
    let other = red();
    let of_other = done(&other, 1, 1);
    fs::copy(
        of_other.path().join("shard-1-of-1.ndjson"),
        path("other.ndjson"),
    )
    .unwrap();
    problems(&plan, folder.path(), &["it is of another plan"]);
    assert_eq!(report(&plan, folder.path()).0, 3);
    fs::remove_file(path("other.ndjson")).unwrap();
    // Of another program, and of another Go.
    for (program, go, want) in [
        (
            "another",
            None,
            "it is of another program: want a program, got another",
        ),
        (
            PROGRAM,
            Some("go1.27.3"),
            "it is of another Go: want , got go1.27.3",
        ),
    ] {
        let go = go.map(|go| ("1.27".to_owned(), go.to_owned()));
        let go: BTreeMap<_, _> = go.into_iter().collect();
        let head = Head::new(plan.digest(), program.to_owned(), go, "1/1".to_owned());
        let (journal, _) = Journal::open(&path("z.ndjson"), head, u64::MAX, |_| true).unwrap();
        drop(journal);
        problems(&plan, folder.path(), &[want]);
        fs::remove_file(path("z.ndjson")).unwrap();
    }
}

/// Guards S77.5, S77.7.
#[test]
fn a_file_that_is_no_journal_is_somebodys() {
    let plan = clean();
    let folder = done(&plan, 2, 1);
    let notes = folder.path().join("notes.ndjson");
    fs::write(&notes, "{\"precious\":1}\n").unwrap();
    problems(
        &plan,
        folder.path(),
        &["of another kind: want a journal of a campaign"],
    );
    assert_eq!(report(&plan, folder.path()).0, 3);
    fs::remove_file(&notes).unwrap();
    let path = folder.path().join("shard-1-of-3.ndjson");
    fs::write(&path, "{\"precious\":1}\n").unwrap();
    let head = Head::new(
        plan.digest(),
        PROGRAM.to_owned(),
        BTreeMap::new(),
        "1/3".to_owned(),
    );
    let error = Journal::open(&path, head, 3, |_| true).unwrap_err();
    assert!(
        error.to_string().contains("want a journal of this shard"),
        "{error}"
    );
    assert_eq!(fs::read_to_string(&path).unwrap(), "{\"precious\":1}\n");
}

/// A footer that comes too early is no end.
///
/// Guards S77.4.
#[test]
fn a_footer_before_all_pieces_is_gone_over() {
    let plan = clean();
    let folder = tempfile::tempdir().unwrap();
    let whole = done(&plan, 1, 1);
    let name = file_name(shard("1/1"));
    let mut first = Came::default();
    first.runs = 2;
    by_hand(&plan, "1/1", folder.path(), &[(0, first)]);
    assert_eq!(report(&plan, folder.path()).0, 5);
    let ran = run(&plan, "1/1", folder.path(), 1);
    assert!(ran.is_whole && ran.found.pieces == 1, "{ran:?}");
    let lines = |folder: &Path| {
        fs::read_to_string(folder.join(&name))
            .unwrap()
            .lines()
            .count()
    };
    assert_eq!(lines(folder.path()), lines(whole.path()));
}

/// A journal by hand.
fn by_hand(plan: &Plan, of: &str, folder: &Path, pieces: &[(u64, Came)]) {
    let head = Head::new(
        plan.digest(),
        PROGRAM.to_owned(),
        BTreeMap::new(),
        of.to_owned(),
    );
    let path = folder.join(file_name(shard(of)));
    let (mut journal, _) = Journal::open(&path, head, u64::MAX, |_| true).unwrap();
    for (piece, came) in pieces {
        let came = came.clone();
        let piece = *piece;
        journal.add(&Piece { piece, came }).unwrap();
    }
    journal.finish().unwrap();
}

/// Guards S77.7.
#[test]
fn two_outcomes_of_a_piece_and_a_failure_that_does_not_fail_are_errors() {
    let plan = red();
    let folder = done(&plan, 2, 1);
    // The third piece, by another machine, has no schedules.
    let mut came = Came::default();
    came.runs = 8;
    by_hand(&plan, "3/3", folder.path(), &[(2, came.clone())]);
    problems(&plan, folder.path(), &["piece 2 came out otherwise in"]);
    assert_eq!(report(&plan, folder.path()).0, 3);
    // One that lacks a run.
    fs::remove_file(folder.path().join("shard-3-of-3.ndjson")).unwrap();
    let mut short = came.clone();
    short.runs = 7;
    by_hand(&plan, "3/3", folder.path(), &[(2, short)]);
    problems(&plan, folder.path(), &["piece 2: want 8 runs, got 7"]);
    // A piece that is none of its shard's, and one that is none of the plan's.
    fs::remove_file(folder.path().join("shard-3-of-3.ndjson")).unwrap();
    by_hand(&plan, "3/3", folder.path(), &[(3, came.clone()), (5, came)]);
    let none = "it is none of this shard";
    problems(&plan, folder.path(), &[none, none]);
    fs::remove_file(folder.path().join("shard-3-of-3.ndjson")).unwrap();
    // A failure that this program does not see: the law is another.
    let path = folder.path().join("shard-1-of-2.ndjson");
    let text = fs::read_to_string(&path).unwrap();
    let pieces: Vec<_> = text
        .lines()
        .filter(|line| line.starts_with("{\"piece\":"))
        .map(|line| {
            let mut piece: serde_json::Value = serde_json::from_str(line).unwrap();
            piece.as_object_mut().unwrap().remove("chain");
            let mut piece: Piece = serde_json::from_value(piece).unwrap();
            let failures = std::mem::take(&mut piece.came.failures);
            let rename = |(_, failing)| ("L5".to_owned(), failing);
            piece.came.failures = failures.into_iter().map(rename).collect();
            (piece.piece, piece.came)
        })
        .collect();
    fs::remove_file(&path).unwrap();
    by_hand(&plan, "1/2", folder.path(), &pieces);
    let (code, text) = report(&plan, folder.path());
    assert_eq!(code, 3, "{text}");
    assert!(
        text.contains("a shard says that L5 fails in the run"),
        "{text}"
    );
}

/// Guards S77.5.
#[test]
fn a_journal_of_something_else_is_not_touched() {
    let plan = clean();
    let folder = done(&plan, 1, 1);
    let path = folder.path().join(file_name(shard("1/1")));
    let whole = fs::read(&path).unwrap();
    let open = |plan: &Plan, program: &str, of: &str| {
        let head = Head::new(
            plan.digest(),
            program.to_owned(),
            BTreeMap::new(),
            of.to_owned(),
        );
        Journal::open(&path, head, u64::MAX, |_| true)
            .map(|_| ())
            .unwrap_err()
    };
    for (error, want) in [
        (open(&red(), PROGRAM, "1/1"), "plan"),
        (open(&plan, "another", "1/1"), "program"),
        (open(&plan, PROGRAM, "1/2"), "shard"),
    ] {
        assert!(
            matches!(&error, JournalError::Other(other) if other.what == want),
            "{error}"
        );
    }
    // While somebody writes it, nobody else does.
    let head = Head::new(
        plan.digest(),
        PROGRAM.to_owned(),
        BTreeMap::new(),
        "1/1".to_owned(),
    );
    let held = Journal::open(&path, head, plan.pieces(), |_| true).unwrap();
    let error = open(&plan, PROGRAM, "1/1");
    assert!(matches!(error, JournalError::Locked { .. }), "{error}");
    drop(held);
    assert_eq!(fs::read(&path).unwrap(), whole);
}
