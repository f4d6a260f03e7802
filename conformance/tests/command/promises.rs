//! The command line keeps its promises: exit codes, what reaches the check, standard
//! input and output (S9).

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod changed;
pub(crate) mod fields;
mod schema;
mod sim;
#[cfg(unix)]
mod zones;

use std::collections::BTreeSet;
use std::io::pipe;
use std::path::Path;

use crate::run::{Run, finish, run, sigprof};
use serde_json::Value;
use tempfile::TempDir;

fn fixture(path: &str) -> String {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures");
    fixtures.join(path).to_str().unwrap().to_owned()
}

const HOG: &str = "basics/hog";
const BUSY: &str = "basics/busy";
const OVERFLOW: &str = "rings/overflow";

fn trace(case: &str) -> String {
    fixture(&format!("valid/{case}/trace"))
}

fn profile(case: &str) -> String {
    fixture(&format!("valid/{case}/profile.pb.gz"))
}

fn check(case: &str, options: &[&str]) -> Run {
    let (trace, profile) = (trace(case), profile(case));
    run(&[&["check", &trace, &profile], options].concat())
}

/// The samples of either side that are left.
#[track_caller]
fn samples(options: &[&str]) -> (u64, u64) {
    let options = [&["--format", "json"], options].concat();
    let report = check(HOG, &options).ends(0).json();
    let samples = |side: &str| report[side].as_u64().unwrap();
    (samples("trace_samples"), samples("profile_samples"))
}

/// The hog's profile with another count of a sample, in a throw-away folder.
fn hog_with_another_count() -> (TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("profile.pb");
    let bytes = std::fs::read(profile(HOG)).unwrap();
    std::fs::write(&path, changed::with_another_count(&bytes)).unwrap();
    let path = path.to_str().unwrap().to_owned();
    (folder, path)
}

/// Guards S9.1.
#[test]
fn a_pair_that_agrees_is_exit_0() {
    let run = check(HOG, &[]).ends(0);
    assert!(run.out.starts_with("match: "), "{run:#?}");
    assert_eq!(run.err, "");
}

/// Guards S9.1.
#[test]
fn a_pair_that_differs_as_its_windows_do_is_exit_0() {
    for case in ["windows/restart", "basics/busy"] {
        let run = check(case, &[]).ends(0);
        assert!(run.out.starts_with("consistent: "), "{run:#?}");
    }
}

/// Guards S9.2.
#[test]
fn a_pair_that_nothing_explains_is_exit_1() {
    let (_folder, profile) = hog_with_another_count();
    let run = run(&["check", &trace(HOG), &profile]).ends(1);
    assert!(run.out.starts_with("wrong: "), "{run:#?}");
}

/// Guards S9.6.
#[test]
fn a_pair_that_is_explained_is_exit_5() {
    for case in [OVERFLOW, "rings/wrap-loss-go1.27", "windows/no-overlap"] {
        check(case, &[]).ends(5);
        check(case, &["--format", "json"]).ends(5);
    }
}

#[test]
fn an_overflow_says_so_and_how_many_are_missing() {
    let missing = check(OVERFLOW, &["--format", "json"]).json()["missing"].clone();
    assert!(missing.as_u64().unwrap() > 100, "{missing}");
    let out = check(OVERFLOW, &[]).out;
    let words = "lost: the ring's capacity was reached";
    assert!(out.starts_with(words), "{out}");
    assert!(out.contains(&format!("{missing} of ")), "{out}");
}

/// Guards S9.3.
#[test]
fn a_wrong_command_line_is_exit_2() {
    run(&[]).ends(2);
    run(&["chek"]).ends(2);
    run(&["check"]).ends(2);
    run(&["check", &trace(HOG), "--label", "k=v"]).ends(2);
    for option in [
        ["--label", "worker"],
        ["--goroutine", "0"],
        ["--format", "xml"],
    ] {
        let run = check(HOG, &option).ends(2);
        assert!(run.err.contains(option[1]), "{run:#?}");
    }
}

/// Guards S9.4.
#[test]
fn an_input_that_cannot_be_read_is_exit_3() {
    let (trace, profile) = (trace(HOG), profile(HOG));
    let absent = fixture("valid/absent");
    let folder = fixture("real");
    run(&["check", &absent, &profile]).refuses(3, &absent);
    run(&["check", &trace, &absent]).refuses(3, &absent);
    run(&["check", &folder, &profile]).refuses(3, &folder);
    run(&["check", &profile, &profile]).refuses(3, "want ");
    run(&["check", &trace, &trace]).refuses(3, "want ");
    run(&["parse", &profile]).refuses(3, "want ");
    run(&["dump", &absent]).refuses(3, &absent);
}

/// Guards S9.5.
#[test]
fn nothing_selected_is_exit_4() {
    check(HOG, &["--label", "worker=9"]).refuses(4, "worker=1");
    check(HOG, &["--region", "nap"]).refuses(4, "cpuHogger");
    check(HOG, &["--goroutine", "123456"]).refuses(4, "123456");
    run(&["parse", "--event", "Nap", &trace(HOG)]).refuses(4, "Nap");
    run(&["conformance", "--filter", "no-such-case"]).refuses(4, "--list");
    // Neither side has a sample.
    let folder = tempfile::tempdir().unwrap();
    let (trace, path) = (
        trace("windows/no-sample-go1.19"),
        folder.path().join("profile"),
    );
    let profile = path.to_str().unwrap();
    run(&["export", "--format", "pprof", &trace, "-o", profile]).ends(0);
    run(&["check", &trace, profile]).refuses(4, "neither the trace nor the profile");
}

#[test]
fn labels_goroutines_and_regions_reach_the_check() {
    let (trace, profile) = samples(&[]);
    let (all, labelled) = samples(&["--label", "tracing=on"]);
    assert_eq!(all, trace);
    assert!((1..profile).contains(&labelled), "{labelled}");
    // Goroutine 1 is that of main.main in every run.
    for option in [["--goroutine", "1"], ["--region", "cpuHogger"]] {
        let (selected, all) = samples(&option);
        assert_eq!(all, profile, "{option:?}");
        assert!((1..trace).contains(&selected), "{option:?}: {selected}");
    }
    let (selected, _) = samples(&["--region", "cpuHogger"]);
    let (other, _) = samples(&["--region", "work"]);
    assert_eq!(selected + other, trace);
    // No sample has both labels.
    check(HOG, &["--label", "worker=1", "--label", "tracing=on"]).ends(4);
}

#[test]
fn all_shows_every_stack() {
    let report = check(BUSY, &["--format", "json"]).json();
    let stacks = report["stacks"].as_array().unwrap();
    let verdicts: BTreeSet<_> = stacks
        .iter()
        .filter_map(|s| s["verdict"].as_str())
        .collect();
    let rows = |options: &[&str]| {
        let out = check(BUSY, options).out;
        let rows = out.lines().skip_while(|l| !l.contains("stack, leaf first"));
        let first_words = rows.filter_map(|l| l.split_whitespace().next());
        first_words.filter(|w| verdicts.contains(w)).count()
    };
    assert_eq!(rows(&["--all"]), stacks.len());
    assert!((1..stacks.len()).contains(&rows(&[])));
}

#[test]
fn either_file_of_a_check_may_be_standard_input() {
    let (trace, profile) = (trace("basics/tiny"), profile("basics/tiny"));
    let expected = run(&["check", &trace, &profile]).ends(0).out;
    for (args, input) in [(["-", &profile], &trace), ([&trace, "-"], &profile)] {
        let mut command = sigprof(&["check", args[0], args[1]]);
        command.write_stdin(std::fs::read(input).unwrap());
        assert_eq!(finish(command).ends(0).out, expected);
    }
    for command in ["parse", "dump"] {
        let expected = run(&[command, &trace]).ends(0).out;
        let mut command = sigprof(&[command, "-"]);
        command.write_stdin(std::fs::read(&trace).unwrap());
        assert_eq!(finish(command).ends(0).out, expected);
    }
}

#[test]
fn standard_input_cannot_be_both_files_of_a_check() {
    run(&["check", "-", "-"]).refuses(2, "trace and profile cannot both come from standard input");
}

/// How a command ends whose output has no reader, and what it says on standard error.
fn unread(args: &[&str]) -> (Option<i32>, String) {
    let (reader, writer) = pipe().unwrap();
    drop(reader);
    let output = std::process::Command::new(assert_cmd::cargo::cargo_bin!("sigprof"))
        .args(args)
        .stdout(writer)
        .output()
        .unwrap();
    (
        output.status.code(),
        String::from_utf8(output.stderr).unwrap(),
    )
}

#[test]
fn a_verdict_that_nobody_reads_is_still_the_exit_code() {
    let quiet = |code| (Some(code), String::new());
    let (_folder, wrong) = hog_with_another_count();
    for format in ["text", "json"] {
        let all: &[&str] = if format == "text" { &["--all"] } else { &[] };
        let options = [&["--format", format], all].concat();
        let check = |trace: &str, profile: &str| {
            unread(&[&["check", trace, profile][..], &options].concat())
        };
        assert_eq!(check(&trace(HOG), &profile(HOG)), quiet(0));
        assert_eq!(check(&trace(HOG), &wrong), quiet(1));
        assert_eq!(check(&trace(OVERFLOW), &profile(OVERFLOW)), quiet(5));
    }
    assert_eq!(unread(&["parse", &trace(HOG)]), quiet(0));
    assert_eq!(unread(&["dump", &trace(HOG)]), quiet(0));
}

#[test]
fn an_error_that_nobody_reads_is_still_the_exit_code() {
    let (reader, writer) = pipe().unwrap();
    drop(reader);
    let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin!("sigprof"));
    let status = command
        .args(["dump", &fixture("real")])
        .stderr(writer)
        .status();
    assert_eq!(status.unwrap().code(), Some(3));
}

#[test]
fn parse_prints_only_the_events_asked_for() {
    let trace = trace("basics/tiny");
    let names = |options: &[&str]| {
        let run = run(&[&["parse", "--format", "json", &trace], options].concat()).ends(0);
        let types = run.out.lines().skip(1).map(|l| {
            let event: Value = serde_json::from_str(l).unwrap();
            event["type"].as_str().unwrap().to_owned()
        });
        types.collect::<Vec<_>>()
    };
    let all = names(&[]);
    let some = |wanted: &[&str]| {
        let mut names = all.clone();
        names.retain(|n| wanted.contains(&n.as_str()));
        assert!((1..all.len()).contains(&names.len()));
        names
    };
    assert_eq!(names(&["--event", "CPUSample"]), some(&["CPUSample"]));
    assert_eq!(
        names(&["--event", "CPUSample", "--event", "UserLog"]),
        some(&["CPUSample", "UserLog"])
    );
}

#[test]
fn parse_prints_leaves_or_whole_stacks() {
    let trace = trace(HOG);
    let parse = |options: &[&str]| {
        let args = [&["parse", "--event", "CPUSample", &trace], options].concat();
        run(&args).ends(0).out
    };
    let (leaves, stacks) = (parse(&[]), parse(&["--stacks"]));
    assert!(
        leaves
            .lines()
            .all(|l| l.contains("CPUSample") && l.contains(" at "))
    );
    assert!(!leaves.contains("runtime.goexit"));
    assert_eq!(stacks.matches("CPUSample").count(), leaves.lines().count());
    assert!(
        stacks.contains("\n                  runtime.goexit "),
        "{stacks}"
    );
}

/// Guards S12.
#[test]
fn parse_prints_the_names_of_either_go() {
    let trace = trace(BUSY);
    let parse = |format: &str| run(&["parse", "--format", format, &trace]).ends(0).out;
    let (old, new) = (parse("go"), parse("go1.21"));
    assert!(old.contains(" GCSTWStart p="));
    assert!(!new.contains("GCSTW"));
    assert_eq!(old.replace(" GCSTW", " STW"), new);
    let of_1_21 = self::trace("events/every-event-go1.21");
    let own = run(&["parse", "--format", "go", &of_1_21]).ends(0).out;
    assert!(own.contains(" STWStart p=") && !own.contains("GCSTW"));
}

#[test]
fn a_dump_of_a_broken_file_shows_what_came_before() {
    let run = run(&["dump", &fixture("invalid/wire/unknown-event/trace")]).ends(3);
    assert!(
        run.out.starts_with("0x000000 | 67 6f 20 31 2e 31 39"),
        "{run:#?}"
    );
    let last = run.out.lines().last().unwrap();
    assert!(last.starts_with("0x00001f |"), "{last}");
    let error = "0x20: event: want a type that Go 1.19 has, got 63";
    assert!(run.err.contains(error), "{run:#?}");
}

#[test]
fn help_is_exit_0_and_names_the_exit_codes() {
    let help = run(&["--help"]).ends(0).out;
    let (_, codes) = help.split_once("Exit codes:").unwrap();
    for code in 0..=5 {
        assert!(codes.contains(&format!("\n  {code}  ")), "{help}");
    }
    for command in [
        "check",
        "parse",
        "dump",
        "conformance",
        "explore",
        "replay",
        "mutants",
    ] {
        assert!(help.contains(&format!("\n  {command} ")), "{help}");
        let help = run(&[command, "--help"]).ends(0).out;
        assert!(
            help.contains(&format!("Usage: sigprof {command}")),
            "{help}"
        );
    }
}
