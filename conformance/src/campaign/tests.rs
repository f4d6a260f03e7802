//! Campaigns, whole and broken in every way.

mod apart;

use std::fs;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use tempfile::TempDir;

use super::merge::{Merged, merge};
use super::plan::{Extent, Plan, Task};
use super::report::Report;
use super::shard::{Job, file_name};
use super::work::Tools;
use crate::suite::shard::Shard;

const PROGRAM: &str = "a program";

fn explore(under: &str, scenario: &str, strategy: &str, extent: Extent) -> Task {
    Task::Explore {
        under: under.to_owned(),
        scenario: scenario.to_owned(),
        strategy: strategy.to_owned(),
        extent,
    }
}

/// Two tasks in which nothing is found, in some pieces.
fn clean() -> Plan {
    let random = explore("fixed", "lock", "random", Extent::seeds(5..17, 2));
    let all = explore("fixed", "write_read", "dpor", Extent::Runs(1_000));
    Plan::new(PROGRAM.to_owned(), vec![random, all])
}

/// One in which B32 is found.
fn red() -> Plan {
    let extent = Extent::seeds(0..40, 8);
    let task = explore("go1.26", "overflow", "random", extent);
    Plan::new(PROGRAM.to_owned(), vec![task])
}

fn shard(text: &str) -> Shard {
    text.parse().unwrap()
}

fn run(plan: &Plan, of: &str, folder: &Path, jobs: usize) -> super::shard::Ran {
    let tools = Tools::default();
    let job = Job {
        plan,
        shard: shard(of),
        tools: &tools,
        folder,
        jobs,
    };
    job.run(&AtomicBool::new(false), |_| ()).unwrap()
}

/// A folder with the journals of so many shards.
fn done(plan: &Plan, shards: usize, jobs: usize) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for index in 1..=shards {
        let ran = run(plan, &format!("{index}/{shards}"), folder.path(), jobs);
        assert!(ran.is_whole, "{ran:?}");
    }
    folder
}

fn merged(plan: &Plan, folder: &Path) -> Merged {
    merge(plan, folder).unwrap()
}

/// The report's exit code and text.
#[track_caller]
fn report(plan: &Plan, folder: &Path) -> (u8, String) {
    let report = Report::new(plan, merged(plan, folder));
    (report.exit_code(), report.text(None, true))
}

#[track_caller]
fn problems(plan: &Plan, folder: &Path, want: &[&str]) {
    let merged = merged(plan, folder);
    let got: Vec<_> = merged.problems.iter().map(ToString::to_string).collect();
    assert_eq!(got.len(), want.len(), "{got:#?}");
    for (got, want) in got.iter().zip(want) {
        assert!(got.contains(want), "want {want:?} in {got:?}");
    }
}

/// Guards S77.8, S77.2.
#[test]
fn any_number_of_shards_and_threads_comes_to_the_same() {
    for plan in [clean(), red()] {
        let one = done(&plan, 1, 1);
        let want = report(&plan, one.path());
        assert_eq!(want.0, u8::from(plan == red()), "{}", want.1);
        for (shards, jobs) in [(1, 3), (2, 1), (8, 2), (40, 1)] {
            let other = done(&plan, shards, jobs);
            assert_eq!(report(&plan, other.path()), want, "{shards} shards");
        }
        let name = file_name(shard("1/1"));
        let other = done(&plan, 1, 3);
        let bytes = |folder: &TempDir| fs::read(folder.path().join(&name)).unwrap();
        assert_eq!(bytes(&one), bytes(&other));
    }
}

/// A campaign finds what `explore` finds, whose outcome is compared.
///
/// Guards S77.9.
#[test]
fn all_runs_are_done_whatever_they_find_and_failures_are_counted() {
    let plan = red();
    let folder = done(&plan, 3, 1);
    let merged = merged(&plan, folder.path());
    let total = &merged.totals[0];
    assert_eq!(total.seen.runs, 40);
    let (piece, failing) = &total.failures["L3"];
    // Seeds 22 and another: by piece, and the first of both.
    assert!(
        failing.count == 2 && *piece == 2 && failing.seed == Some(22),
        "{failing:?}"
    );
    let (_, text) = report(&plan, folder.path());
    assert_eq!(text.matches("FOUND in").count(), 1, "{text}");
    assert!(text.contains("known as B32"), "{text}");
}

/// A journal that was cut anywhere is gone on with, and is then the same.
///
/// Guards S77.3, S77.4.
#[test]
fn a_journal_that_is_cut_at_any_byte_is_gone_on_with() {
    let plan = clean();
    let folder = done(&plan, 1, 1);
    let path = folder.path().join(file_name(shard("1/1")));
    let whole = fs::read(&path).unwrap();
    for length in 0..whole.len() {
        fs::write(&path, &whole[..length]).unwrap();
        let (code, text) = report(&plan, folder.path());
        assert_eq!(code, 5, "cut at {length}: {text}");
        // Each byte of the short lines, and some of the long ones.
        if length % 37 != 0 && whole[length] != b'\n' && whole[length - 1] != b'\n' {
            continue;
        }
        let ran = run(&plan, "1/1", folder.path(), 1);
        assert!(ran.is_whole, "{ran:?}");
        assert_eq!(fs::read(&path).unwrap(), whole, "cut at {length}");
    }
}

/// Guards S77.4, S77.7.
#[test]
fn a_byte_that_changed_is_never_green_and_never_hides_what_was_found() {
    for plan in [clean(), red()] {
        let folder = done(&plan, 1, 1);
        let path = folder.path().join(file_name(shard("1/1")));
        let whole = fs::read(&path).unwrap();
        for at in (0..whole.len()).step_by(3) {
            let mut bytes = whole.clone();
            bytes[at] ^= 1 << (at % 7);
            fs::write(&path, &bytes).unwrap();
            let merged = merged(&plan, folder.path());
            assert!(
                !merged.problems.is_empty(),
                "byte {at} has changed, and nothing is said of it"
            );
            let code = Report::new(&plan, merged).exit_code();
            assert!(
                [1, 3, 5].contains(&code),
                "byte {at} has changed: want exit code 1, 3 or 5, got {code}"
            );
        }
        // What is damaged is done again.
        let mut bytes = whole.clone();
        let middle = whole.len() / 2;
        bytes[middle] ^= 1;
        fs::write(&path, &bytes).unwrap();
        let ran = run(&plan, "1/1", folder.path(), 1);
        let damage = ran.found.damage.expect("it was damaged");
        assert!(
            damage.offset <= middle as u64 && damage.why.contains("want chain"),
            "{damage}"
        );
        assert_eq!(fs::read(&path).unwrap(), whole);
    }
}

/// Guards S77.7.
#[test]
fn what_is_missing_is_named() {
    let plan = clean();
    let folder = done(&plan, 3, 1);
    fs::remove_file(folder.path().join("shard-2-of-3.ndjson")).unwrap();
    let missing = "2 of 2 pieces of shard 2/3 (shard-2-of-3.ndjson) are missing";
    assert_eq!(plan.pieces(), 7);
    problems(&plan, folder.path(), &["2 of 2 pieces of shard 2/3"]);
    assert_eq!(merged(&plan, folder.path()).open, [shard("2/3")]);
    let (code, text) = report(&plan, folder.path());
    assert!(
        code == 5 && text.contains("INCOMPLETE") && text.contains(missing),
        "{text}"
    );
    let none = tempfile::tempdir().unwrap();
    problems(
        &plan,
        none.path(),
        &["7 of 7 pieces of the plan are missing"],
    );
    assert_eq!(report(&plan, none.path()).0, 5);
}

/// Guards S77.1.
#[test]
fn a_plan_that_makes_no_sense_is_refused_with_the_task() {
    let plan = clean();
    assert_eq!(Plan::read(plan.text().as_bytes()), Ok(plan.clone()));
    let check = |from: &str, to: &str, want: &str| {
        let text = plan.text().replacen(from, to, 1);
        let error = Plan::read(text.as_bytes()).unwrap_err().to_string();
        assert!(error.contains(want), "{error}");
    };
    check("{", "", "want a plan: invalid type");
    check(
        "\"fixed\"",
        "\"go9\"",
        "tasks[0]: no revision or mutant is named \"go9\"",
    );
    check(
        "\"lock\"",
        "\"luck\"",
        "tasks[0]: no scenario of fixed is named \"luck\"",
    );
    check("\"dpor\"", "\"pct2\"", "tasks[1]: pct2 has seeds");
    check(
        "\"schema_version\": 1",
        "\"schema_version\": 2",
        "want schema_version 1, got 2",
    );
    check("\"strategy\"", "\"stratagem\"", "unknown field `stratagem`");
    check(
        "\"piece\": 2",
        "\"piece\": 0",
        "tasks[0]: want something to run",
    );
    check(
        "\"end\": 17",
        "\"end\": 5",
        "tasks[0]: want something to run",
    );
    check(
        "\"runs\": 1000",
        "\"runs\": 0",
        "tasks[1]: want something to run",
    );
    let nothing = Plan::new(PROGRAM.to_owned(), Vec::new());
    let error = Plan::read(nothing.text().as_bytes())
        .unwrap_err()
        .to_string();
    assert_eq!(error, "want something to run, got no piece");
    // Go 1.24 does not read what Go 1.26 writes.
    let sim = Task::Sim {
        revision: "go1.26".to_owned(),
        go: vec!["1.24".to_owned()],
        extent: Extent::seeds(0..1, 1),
    };
    let error = sim.known().map(|_| ()).unwrap_err().to_string();
    assert_eq!(error, "Go 1.24 does not read traces of go1.26");
}

/// Guards S77.2.
#[test]
fn pieces_have_every_run_once() {
    let plan = clean();
    let mut seeds = Vec::new();
    for piece in 0..plan.pieces() {
        let (task, extent) = plan.cut().piece(piece).unwrap();
        assert_eq!(task, usize::from(piece == 6));
        seeds.extend(extent.of_seeds().into_iter().flatten());
    }
    assert_eq!(seeds, (5..17).collect::<Vec<_>>());
    assert_eq!(plan.cut().piece(7), None);
    // To the last seed that there is.
    let last = Extent::seeds(u64::MAX - 5..u64::MAX, 2);
    assert_eq!(last.pieces(), 3);
    assert_eq!(last.piece(2).of_seeds(), Some(u64::MAX - 1..u64::MAX));
}
