//! One run again: the command that is printed, kept cases, pages.

use std::collections::BTreeSet;

use sigprof::explore::seeds::Case;
use sigprof::fixtures::Files;
use sigprof::suite::area::Area;
use sigprof::suite::outcome::Status;
use sigprof::suite::{Context, Options};

use super::{case, explore, run};

/// A case with something else in it, in a throw-away folder.
fn changed(name: &str, from: &str, to: &str) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("case.toml");
    let text = std::fs::read_to_string(case(name)).unwrap();
    assert!(text.contains(from), "{text}");
    std::fs::write(&path, text.replace(from, to)).unwrap();
    let path = path.to_str().unwrap().to_owned();
    (folder, path)
}

/// The command after `again:`, as its arguments.
fn again(out: &str) -> Vec<String> {
    let line = out
        .lines()
        .find_map(|line| line.trim().strip_prefix("again: sigprof "));
    let line = line.unwrap();
    let quoted = line.split('\'').enumerate();
    let words = quoted.flat_map(|(i, part)| match i % 2 {
        0 => part.split_whitespace().map(str::to_owned).collect(),
        _ => vec![part.to_owned()],
    });
    words.collect()
}

/// Guards S9.8.
#[test]
fn what_is_found_is_replayed_by_the_command_that_is_printed() {
    for options in [
        [
            "--revision",
            "go1.26",
            "--scenario",
            "record_then_close",
            "--strategy",
            "pct3",
        ],
        [
            "--revision",
            "go1.21",
            "--scenario",
            "stop_against_handler",
            "--strategy",
            "random",
        ],
        [
            "--mutant",
            "lock_in_stop",
            "--scenario",
            "signal_in_start_and_stop",
            "--strategy",
            "dpor",
        ],
        [
            "--mutant",
            "eof_seen_relaxed",
            "--scenario",
            "record_then_close",
            "--strategy",
            "bounded2",
        ],
    ] {
        let found = explore(&options).ends(1).out;
        let args = again(&found);
        let args: Vec<_> = args.iter().map(String::as_str).collect();
        let replayed = run(&args).ends(1).out;
        let table = |out: &str| {
            let lines = out
                .lines()
                .skip_while(|line| !line.starts_with("          M0 "));
            let lines = lines.take_while(|line| !line.is_empty());
            lines.map(str::to_owned).collect::<Vec<_>>()
        };
        assert!(table(&found).len() > 10, "{found}");
        assert_eq!(table(&found), table(&replayed));
        assert!(!replayed.contains("but "), "{replayed}");
    }
}

/// Guards S17.1.
#[test]
fn a_case_that_cannot_be_read_is_exit_3_with_place_want_and_got() {
    run(&["replay", "absent.toml"])
        .refuses(3, "cannot open absent.toml: No such file or directory");
    for (from, to, words) in [
        ("law = \"L8\"", "law = \"L99\"", ", or none, got \"L99\""),
        (
            "law = \"L8\"",
            "laws = \"L8\"",
            ": case: want about, scenario, revision",
        ),
        (
            "record_then_close",
            "nap",
            ": scenario: want the name of a scenario, got \"nap\"",
        ),
        ("bounded1", "pct0", ": strategy: want random, pct1 to pct9"),
        (
            "schedule = \"",
            "schedule = \"x ",
            ": schedule: want `place:choice`",
        ),
        (
            "seed = \"0x",
            "seed = \"0y",
            ": seed: want 0x and up to 16 hex digits",
        ),
    ] {
        let (_folder, path) = changed("b30", from, to);
        run(&["replay", &path]).refuses(3, words);
        run(&["replay", &path]).refuses(3, "case.toml: 0x");
    }
}

/// Guards S9.8.
#[test]
fn a_replay_that_shows_nothing_any_more_says_so_and_why() {
    let mended = changed("b30", "go1.26", "fixed");
    let run_of = |path: &str| run(&["replay", path]).ends(5).out;
    assert!(run_of(&mended.1).contains("it does not show any more that L8"));
    let misfit = changed("b30", "0:1 3:1", "3:7");
    let out = run_of(&misfit.1);
    assert!(
        out.contains("the schedule does not fit: no such choice at 3"),
        "{out}"
    );
    let past = ["replay", "--scenario", "lock", "--schedule", "999:1"];
    let out = run(&past).ends(5).out;
    assert!(out.contains("it is another run"), "{out}");
    run(&["replay", "--scenario", "lock", "--schedule", "-"]).ends(0);
    // What breaks nothing, and is to break nothing.
    let (_folder, path) = changed("b30", "go1.26", "fixed");
    let text = std::fs::read_to_string(&path)
        .unwrap()
        .replace("\"L8\"", "\"none\"");
    std::fs::write(&path, text).unwrap();
    run(&["replay", &path]).ends(0);
}

#[test]
fn a_replay_as_json_has_every_step() {
    let json = run(&["replay", &case("eof_set_relaxed"), "--format", "json"])
        .ends(1)
        .json();
    let steps = json["steps"].as_array().unwrap();
    assert_eq!(
        (&json["law"], &json["ms"][1]),
        (&"L8".into(), &"reader".into())
    );
    assert_eq!(steps.iter().filter(|step| step["old"] == true).count(), 1);
    assert!(steps.iter().any(|step| step["switch"] == true));
    for (step, number) in steps.iter().zip(1..) {
        assert_eq!(step["step"], number);
    }
}

#[test]
fn a_page_needs_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("page.html");
    run(&["replay", &case("b6"), "--html", path.to_str().unwrap()]).ends(1);
    let page = std::fs::read_to_string(&path).unwrap();
    for word in ["http:", "https:", "src=", "@import", "url(", "<link"] {
        assert!(!page.contains(word), "{word}");
    }
    assert!(page.contains("prefers-color-scheme: dark") && page.contains("position: sticky"));
    let json = run(&["replay", &case("b6"), "--format", "json"])
        .ends(1)
        .json();
    let steps = json["steps"].as_array().unwrap().len();
    assert_eq!(page.matches("<tr id=\"s").count(), steps);
    assert_eq!(page.matches("class=\"mark\"").count(), 1);
    let absent = folder.path().join("absent/page.html");
    let absent = absent.to_str().unwrap();
    run(&["replay", &case("b6"), "--html", absent]).refuses(3, absent);
}

/// Guards S17.1.
#[test]
fn gos_own_defects_aba_and_weak_memory_are_kept() {
    let files = Files::embedded();
    let mut kept = BTreeSet::new();
    for name in files.seeds() {
        let text = files.file(&format!("{name}.toml")).unwrap();
        let case = Case::parse(std::str::from_utf8(text).unwrap()).unwrap();
        case.check().unwrap_or_else(|why| panic!("{name}: {why}"));
        assert!(case.schedule.forced() <= 5, "{name} could be smaller");
        kept.insert(case.bug.unwrap_or_else(|| case.under.name().to_owned()));
    }
    for name in [
        "B1",
        "B2",
        "B6",
        "B30",
        "B31",
        "B32",
        "B33",
        "generation_kept",
        "extra_raised_relaxed",
        "eof_set_relaxed",
        "guard_raised_not_seq_cst",
    ] {
        assert!(kept.contains(name), "{name} is not among {kept:?}");
    }
}

/// The suite's status of a case in which `from` is replaced with `to`.
fn suite(name: &str, from: &str, to: &str) -> Status {
    let mut files = Files::embedded();
    let path = format!("seeds/{name}.toml");
    let text = String::from_utf8(files.file(&path).unwrap().to_vec()).unwrap();
    assert!(text.contains(from), "{text}");
    files.insert(&*path, text.replace(from, to));
    let case = sigprof::suite::Case {
        area: Area::Seeds,
        name: format!("seeds/{name}"),
    };
    case.run(&Context {
        files: &files,
        options: &Options::default(),
    })
}

/// Guards S17.1, S22.15.
#[test]
fn the_suite_fails_where_a_kept_run_shows_something_else() {
    let fails = |name: &str, from: &str, to: &str, words: &str| match suite(name, from, to) {
        Status::Failed(failures) => {
            let why = failures[0].to_string();
            assert!(why.contains(words), "{why}");
            assert!(
                why.contains(&format!("fixtures/seeds/{name}.toml")),
                "{why}"
            );
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(suite("b30", "\"L8\"", "\"L8\""), Status::Passed);
    fails(
        "b30",
        "\"L8\"",
        "\"L9\"",
        "expected L9 (no lost wake-up) broken, got L8",
    );
    fails(
        "b30",
        "\"L8\"",
        "\"none\"",
        "expected no law broken, got L8",
    );
    fails(
        "b30",
        "\"go1.26\"",
        "\"fixed\"",
        "expected L8 (the end comes after all data) broken, got no law",
    );
    fails(
        "b30",
        "schedule = \"",
        "schedule = \"99:1 ",
        "schedule: expected `place:choice`",
    );
    // A mutant of a release that breaks the law by itself shows nothing.
    fails(
        "b31",
        "revision = \"go1.22\"",
        "mutant = \"no_lock\"",
        "broken, got no law",
    );
}
