//! The command line of the engine keeps its promises: exit codes, the same outcome on any
//! number of threads, what is replayed, Ctrl-C (S9.7, S9.8, S16.7 to S16.9).

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod calls;
#[cfg(unix)]
mod ctrl_c;
mod fields;
mod fuzz;
mod replays;

use std::collections::BTreeSet;
use std::path::Path;

use crate::run::{Run, run};

fn explore(args: &[&str]) -> Run {
    run(&[&["explore"], args].concat())
}

fn case(name: &str) -> String {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/seeds");
    let path = seeds.join(format!("{name}.toml"));
    path.to_str().unwrap().to_owned()
}

/// Guards S9.7.
#[test]
fn nothing_found_is_exit_0() {
    let run = explore(&["--seeds", "0..50"]).ends(0);
    let first = run.out.lines().next().unwrap();
    assert!(
        first.ends_with("scenarios of fixed, pct3, seeds 0 to 49"),
        "{first}"
    );
    assert!(run.out.ends_with(": nothing found\n"), "{run:#?}");
    assert!(!run.out.contains("exhausted"), "{run:#?}");
}

/// Guards S9.7.
#[test]
fn exhausted_is_said_under_its_terms_and_only_if_it_is() {
    let run = explore(&["--scenario", "lock", "--strategy", "dpor"]).ends(0);
    let words = "exhausted, nothing found (sequentially consistent, with the check for races)\n";
    assert!(run.out.ends_with(words), "{run:#?}");
    let run = explore(&["--scenario", "lock", "--strategy", "bounded2"]).ends(0);
    let words = "exhausted, nothing found (weak memory, up to 2 switches)\n";
    assert!(run.out.ends_with(words), "{run:#?}");

    let options = [
        "--scenario",
        "overflow",
        "--strategy",
        "dpor",
        "--runs",
        "3",
    ];
    let run = explore(&options).ends(5);
    assert!(
        run.out.ends_with("nothing found, not exhausted\n"),
        "{run:#?}"
    );
    let json = explore(&[&options[..], &["--format", "json"]].concat())
        .ends(5)
        .json();
    assert_eq!(json["exit_code"], 5);
    assert_eq!(json["scenarios"][0]["exhausted"], false);
}

/// All of Go's defects are found by the ordinary laws, in whatever scenario.
///
/// Guards S9.7.
#[test]
fn what_go_ships_breaks_what_is_known() {
    for (revision, ids) in [
        ("seed", vec!["B1", "B30", "B32", "B33"]),
        ("go1.22", vec!["B2", "B30", "B31", "B32", "B33"]),
        ("go1.26", vec!["B2", "B30", "B32", "B33"]),
    ] {
        let mut found = BTreeSet::new();
        for strategy in ["pct3", "random"] {
            let options = ["--revision", revision, "--strategy", strategy];
            let options = [&options[..], &["--seeds", "0..1500", "--format", "json"]].concat();
            for scenario in explore(&options).ends(1).json()["scenarios"]
                .as_array()
                .unwrap()
            {
                let failure = &scenario["failure"];
                if !failure.is_null() {
                    found.insert(failure["known"].as_str().unwrap().to_owned());
                }
            }
        }
        for id in ids {
            assert!(
                found.contains(id),
                "{revision}: {id} is not among {found:?}"
            );
        }
    }
}

/// Guards S16.7.
#[test]
fn the_number_of_threads_changes_nothing() {
    let options = ["--mutant", "guard_kept", "--seeds", "0..300"];
    is_same_on_any_number_of_threads(&options);
}

#[test]
#[ignore = "a sweep: just test-all"]
fn the_number_of_threads_changes_nothing_in_long_explorations() {
    for options in [
        vec!["--revision", "go1.22", "--seeds", "7..2500"],
        vec![
            "--revision",
            "go1.22",
            "--seeds",
            "7..2500",
            "--strategy",
            "random",
        ],
        vec!["--revision", "go1.26", "--strategy", "dpor"],
        vec![
            "--mutant",
            "guard_kept",
            "--seeds",
            "0..1500",
            "--format",
            "json",
        ],
    ] {
        is_same_on_any_number_of_threads(&options);
    }
}

#[track_caller]
fn is_same_on_any_number_of_threads(options: &[&str]) {
    let on = |jobs| explore(&[options, &["--jobs", jobs]].concat()).ends(1).out;
    let one = on("1");
    assert!(one.len() > 1_000);
    for jobs in ["2", "5"] {
        assert_eq!(on(jobs), one, "{options:?} --jobs {jobs}");
    }
}

#[test]
fn what_is_found_can_be_kept_and_replayed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kept");
    let keep = path.to_str().unwrap();
    let options = [
        "--revision",
        "go1.26",
        "--scenario",
        "overflow",
        "--keep",
        keep,
    ];
    explore(&options).ends(1);
    let kept = path.join("go1.26-overflow.toml");
    let shown = run(&["replay", kept.to_str().unwrap()]).ends(1).out;
    assert!(shown.contains("known as B32"), "{shown}");
    // A file stands where the folder should.
    let keep = kept.to_str().unwrap();
    let run = explore(&[&options[..4], &["--keep", keep]].concat()).ends(3);
    assert!(run.err.contains(keep), "{run:#?}");
}

#[test]
fn a_wrong_command_line_is_exit_2() {
    for (options, words) in [
        (vec!["--strategy", "loom"], "want random, pct1 to pct9"),
        (vec!["--seeds", "5..5"], "A below B"),
        (vec!["--seeds", "5"], "want A..B"),
        (vec!["--seeds", "0..9", "--time", "1s"], "--time"),
        (
            vec!["--seeds", "0..9", "--strategy", "dpor"],
            "goes through all runs",
        ),
        (vec!["--time", "1"], "want a time such as 1.5s"),
        (vec!["--jobs", "0"], "want 1 to 1024"),
        (vec!["--revision", "go1.99"], "go1.26"),
        (vec!["--mutant", "no_lok"], "no_lock"),
        (vec!["--scenario", "nap"], "nap"),
        (
            vec!["--mutant", "no_lock", "--revision", "fixed"],
            "--revision",
        ),
    ] {
        explore(&options).refuses(2, words);
    }
    run(&["replay"]).refuses(2, "--scenario");
    run(&["replay", "--scenario", "lock"]).refuses(2, "--schedule");
    run(&["replay", "--scenario", "all", "--schedule", "-"]).refuses(2, "one scenario");
    run(&["replay", "--scenario", "lock", "--schedule", "7"]).refuses(2, "place:choice");
    let seed = ["--seed", "1", "--strategy", "dpor"];
    run(&[&["replay", "--scenario", "lock"], &seed[..]].concat()).refuses(2, "has no seeds");
    run(&["replay", &case("b30"), "--seed", "1"]).refuses(2, "--seed");
}

/// Guards S9.7.
#[test]
fn nothing_selected_is_exit_4() {
    let options = ["--scenario", "signal_in_advance", "--revision", "go1.19"];
    explore(&options).refuses(4, "makes no sense for go1.19");
    let replay = ["replay", "--schedule", "-"];
    run(&[&replay, &options[..]].concat()).refuses(4, "makes no sense for go1.19");
    run(&["mutants", "--filter", "nap"]).refuses(4, "no mutant or revision");
}

#[test]
fn a_list_has_what_makes_sense() {
    let old = explore(&["--list", "--revision", "go1.19"]).ends(0).out;
    let new = explore(&["--list"]).ends(0).out;
    assert!(!old.contains("advance_against_handler") && new.contains("advance_against_handler"));
}

/// Guards S16.9.
#[test]
fn mutants_are_the_same_on_any_number_of_threads() {
    mutants_are_the_same(&["ring_seen"]);
    let timed = run(&["mutants", "--filter", "ring_seen", "--format", "json"])
        .ends(0)
        .json();
    let row = &timed["mutants"][0];
    assert_eq!(
        (&row["name"], &row["law"]),
        (&"ring_seen_relaxed".into(), &"L2".into())
    );
    assert!(
        row["strategies"][0]["caught"][0]["micros"].is_u64(),
        "{row}"
    );
}

#[test]
#[ignore = "a sweep: just test-all"]
fn many_mutants_and_a_revision_are_the_same_on_any_number_of_threads() {
    mutants_are_the_same(&["ring_", "go1.26"]);
}

fn mutants_are_the_same(filters: &[&str]) {
    let filters = filters.iter().flat_map(|&filter| ["--filter", filter]);
    let options: Vec<_> = ["mutants", "--no-times"]
        .into_iter()
        .chain(filters)
        .collect();
    for format in ["text", "json"] {
        let on = |jobs| {
            let options = [&options[..], &["--format", format, "--jobs", jobs]].concat();
            run(&options).ends(0).out
        };
        assert_eq!(on("1"), on("3"), "{format}");
    }
}
