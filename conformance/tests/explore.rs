//! The command line of the engine keeps its promises: exit codes, the same outcome on any
//! number of threads, what is replayed, Ctrl-C (S9.7, S9.8, S16.7 to S16.9).

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::collections::BTreeSet;
use std::path::Path;

use assert_cmd::Command;
use serde_json::Value;

/// What a command printed, and how it ended.
#[derive(Debug)]
struct Run {
    code: i32,
    out: String,
    err: String,
}

impl Run {
    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap()
    }

    #[track_caller]
    fn ends(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:#?}");
        self
    }

    /// Ends with these words on standard error.
    #[track_caller]
    fn refuses(self, code: i32, words: &str) {
        let run = self.ends(code);
        assert!(run.err.contains(words), "want {words:?}: {run:#?}");
    }
}

fn run(args: &[&str]) -> Run {
    let output = Command::new(assert_cmd::cargo::cargo_bin!("sigprof"))
        .args(args)
        .output()
        .unwrap();
    Run {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

fn explore(args: &[&str]) -> Run {
    run(&[&["explore"], args].concat())
}

fn case(name: &str) -> String {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/seeds");
    let path = seeds.join(format!("{name}.toml"));
    path.to_str().unwrap().to_owned()
}

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

/// The command behind `again:`, as its arguments.
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

#[test]
fn nothing_found_is_exit_0() {
    let run = explore(&["--seeds", "0..50"]).ends(0);
    let first = run.out.lines().next().unwrap();
    assert!(
        first.ends_with("scenarios of fixed, pct3, seeds 0x0000000000000000 to 0x0000000000000031"),
        "{first}"
    );
    assert!(run.out.ends_with(": nothing found\n"), "{run:#?}");
    assert!(!run.out.contains("exhausted"), "{run:#?}");
}

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

#[test]
fn the_number_of_threads_changes_nothing() {
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
        let on = |jobs| {
            explore(&[&options[..], &["--jobs", jobs]].concat())
                .ends(1)
                .out
        };
        let one = on("1");
        assert!(one.len() > 1_000);
        for jobs in ["2", "5"] {
            assert_eq!(on(jobs), one, "{options:?} --jobs {jobs}");
        }
    }
}

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
    explore(&[&options[..4], &["--keep", keep]].concat()).refuses(3, keep);
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
        (vec!["--time", "1"], "want a number with ms, s, m or h"),
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

#[test]
fn a_case_that_cannot_be_read_is_exit_3_with_place_want_and_got() {
    run(&["replay", "absent.toml"]).refuses(3, "absent.toml: 0x0: file: want");
    for (from, to, words) in [
        (
            "law = \"L8\"",
            "law = \"L99\"",
            ": law: want L1 to L16, or none, got \"L99\"",
        ),
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
        ("pct3", "pct0", ": strategy: want random, pct1 to pct9"),
        (
            "schedule = \"",
            "schedule = \"x ",
            ": schedule: want `place:choice`",
        ),
        (
            "seed = \"0x",
            "seed = \"0y",
            ": seed: want 0x and 16 hex digits",
        ),
    ] {
        let (_folder, path) = changed("b30", from, to);
        run(&["replay", &path]).refuses(3, words);
        run(&["replay", &path]).refuses(3, "case.toml: 0x");
    }
}

#[test]
fn a_replay_that_shows_nothing_any_more_says_so_and_why() {
    let mended = changed("b30", "go1.26", "fixed");
    let run_of = |path: &str| run(&["replay", path]).ends(5).out;
    assert!(run_of(&mended.1).contains("it does not show any more that L8"));
    let misfit = changed("b30", "schedule = \"", "schedule = \"0:7 ");
    let out = run_of(&misfit.1);
    assert!(
        out.contains("the schedule does not fit: no such choice at 0"),
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

#[test]
fn mutants_are_the_same_on_any_number_of_threads() {
    let options = [
        "mutants",
        "--filter",
        "ring_",
        "--filter",
        "go1.26",
        "--no-times",
    ];
    for format in ["text", "json"] {
        let on = |jobs| {
            let options = [&options[..], &["--format", format, "--jobs", jobs]].concat();
            run(&options).ends(0).out
        };
        assert_eq!(on("1"), on("3"), "{format}");
    }
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

#[cfg(unix)]
mod ctrl_c {
    use std::io::{BufRead, BufReader, Read};
    use std::process::{Child, Command, Stdio};

    /// Starts it, and waits for its first line.
    fn start(args: &[&str]) -> (Child, BufReader<std::process::ChildStdout>) {
        let mut child = Command::new(assert_cmd::cargo::cargo_bin!("sigprof"))
            .args(args)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        assert!(line.starts_with("explore "), "{line}");
        (child, out)
    }

    fn interrupt(child: &Child) {
        let pid = child.id().to_string();
        let kill = Command::new("sh")
            .args(["-c", "kill -INT $0", &pid])
            .status();
        assert!(kill.unwrap().success());
    }

    #[test]
    fn it_ends_cleanly_and_is_inconclusive() {
        let (mut child, mut out) = start(&["explore", "--time", "1h"]);
        interrupt(&child);
        let mut text = String::new();
        out.read_to_string(&mut text).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(5), "{text}");
        assert!(text.contains("\ninterrupted after "), "{text}");
        assert!(text.ends_with("scenarios: nothing found\n"), "{text}");
    }

    #[test]
    fn what_was_found_is_told() {
        // The first seed breaks the one, and the other goes on for ever.
        let scenarios = ["--scenario", "headers", "--scenario", "lock"];
        let options = ["explore", "--revision", "seed", "--time", "1h"];
        let (mut child, mut out) = start(&[&options[..], &scenarios].concat());
        std::thread::sleep(std::time::Duration::from_secs(2));
        assert!(child.try_wait().unwrap().is_none());
        interrupt(&child);
        let mut text = String::new();
        out.read_to_string(&mut text).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(1), "{text}");
        assert!(text.contains("FOUND in headers: L15"), "{text}");
        assert!(text.contains("\ninterrupted after "), "{text}");
    }
}
