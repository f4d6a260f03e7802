//! The command line as people know it: help in groups, colours, quiet, names in every spelling, lists
//! of what there is, and errors as JSON.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::run::{Run, finish, in_one_line, run, sigprof};

fn fixture(path: &str) -> String {
    format!("{}/../fixtures/{path}", env!("CARGO_MANIFEST_DIR"))
}

/// Runs it with these variables.
fn with(variables: &[(&str, &str)], args: &[&str]) -> Run {
    let mut command = sigprof(args);
    command.env_remove("NO_COLOR");
    command.envs(variables.iter().copied());
    finish(command)
}

#[test]
fn help_has_the_commands_by_what_they_are_about() {
    let help = run(&["--help"]).ends(0).out;
    let at = |text: &str| help.find(text).unwrap_or_else(|| panic!("{text}: {help}"));
    let titles = [
        "Traces and profiles:",
        "A corpus for parsers:",
        "The model, and all",
    ];
    let commands = ["  check ", "  corpus ", "  explore "];
    for (title, command) in titles.iter().zip(commands) {
        assert!(at(title) < at(command), "{title}");
    }
    assert!(at("  export ") < at(titles[1]) && at("Examples:") < at("Exit codes"));
}

/// Our own words are painted where colours are asked for, and nowhere else.
#[test]
fn colours_are_where_they_are_asked_for() {
    let hog = [
        "check",
        &fixture("valid/basics/hog/trace"),
        &fixture("valid/basics/hog/profile.pb.gz"),
    ];
    let painted = |variables: &[(&str, &str)], options: &[&str]| {
        let args = [&hog[..], options].concat();
        let out = with(variables, &args).ends(0).out;
        let plain = run(&hog).ends(0).out;
        let stripped = out.replace("\u{1b}[1m", "").replace("\u{1b}[32m", "");
        let stripped = stripped.replace("\u{1b}[36m", "").replace("\u{1b}[0m", "");
        assert_eq!(stripped, plain);
        out.contains('\u{1b}')
    };
    assert!(!painted(&[], &[]));
    assert!(painted(&[], &["--color", "always"]));
    assert!(!painted(&[], &["--color", "never"]));
    assert!(painted(&[("CLICOLOR_FORCE", "1")], &[]));
    assert!(!painted(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], &[]));
    assert!(!painted(&[("CLICOLOR_FORCE", "1")], &["--color=never"]));
    let error = with(&[], &["check", "--color=always"]).ends(2).err;
    assert!(
        error.contains("\u{1b}[1m\u{1b}[31merror:\u{1b}[0m"),
        "{error:?}"
    );
    assert!(
        run(&["--color", "often", "spec"])
            .ends(2)
            .err
            .contains("auto, always, never")
    );
}

/// A name that a file has cannot bring colours of its own.
#[test]
fn names_have_no_colours() {
    let path = "\u{1b}[31mred";
    let error = with(&[], &["--color=always", "stat", path]).ends(3).err;
    assert!(
        error.contains("\\u{1b}[31mred") && !error.contains(path),
        "{error:?}"
    );
}

/// Guards S69.4, S75.6.
#[test]
fn quiet_leaves_out_warnings_and_nothing_else() {
    let trace = fixture("valid/cut/never-stopped-go1.27/trace");
    let loud = run(&["stat", &trace]).ends(0);
    let quiet = run(&["-q", "stat", &trace]).ends(0);
    let parsed = run(&["parse", &trace]).ends(0);
    assert!(parsed.err.starts_with("warning: "), "{parsed:?}");
    let silent = run(&["parse", &trace, "--quiet"]).ends(0);
    assert_eq!((silent.err.as_str(), &silent.out), ("", &parsed.out));
    let is_said = |line: &&str| !line.starts_with("warning: ");
    let rest: Vec<_> = loud.out.lines().filter(is_said).collect();
    assert_eq!(quiet.out.lines().collect::<Vec<_>>(), rest);
    assert!(rest.len() < loud.out.lines().count());
    let json = run(&["-q", "stat", "--format", "json", &trace])
        .ends(0)
        .json();
    assert_eq!(json["warnings_count"], 1);
    assert!(
        run(&["--quiet", "stat", "no-such-file"])
            .ends(3)
            .err
            .starts_with("error: ")
    );
}

/// Guards S46.4.
#[test]
fn a_release_is_taken_in_every_spelling() {
    let run_as = |release: &str| {
        let lock = [
            "explore",
            "--scenario",
            "lock",
            "--strategy",
            "dpor",
            "--revision",
            release,
        ];
        run(&lock).ends(0).out
    };
    for minor in 19..=27 {
        let names = [
            format!("1.{minor}"),
            format!("go1.{minor}"),
            format!("go1.{minor}.6"),
        ];
        let [bare, full, patch] = names.map(|name| run_as(&name));
        assert!(bare == full && full == patch, "{minor}");
    }
    assert_eq!(run_as("1.27.1"), run_as("go1.26"));
    assert_ne!(run_as("1.22"), run_as("go1.26"));
    let trace = fixture("valid/basics/modern-go1.27/trace");
    let go = |release: &str| {
        run(&["parse", "--format", "go", "--go", release, &trace])
            .ends(0)
            .out
    };
    assert_eq!(go("go1.27.3"), go("1.27"));
    let list = |name: &str| {
        run(&["corpus", "list", "--format-version", name])
            .ends(0)
            .out
    };
    assert_eq!(list("1.22.10"), list("go1.22"));
    let old = run(&["explore", "--revision", "1.18.3"]).ends(2).err;
    assert!(old.contains("'1.18.3'") && old.contains("go1.25"), "{old}");
}

/// Guards S46.5.
#[test]
fn a_seed_may_be_short_hex() {
    let replay = |seed: &str| {
        let case = [
            "replay",
            "--scenario",
            "lock",
            "--format",
            "json",
            "--seed",
            seed,
        ];
        run(&case).ends(0).json()["steps"].clone()
    };
    assert_eq!(replay("0xdeadbeef"), replay("0x00000000deadbeef"));
    assert_eq!(replay("0x2a"), replay("42"));
}

/// A wrong name is answered with those that there are.
#[test]
fn the_names_that_there_are_are_listed_when_one_is_wrong() {
    let check = |args: &[&str], code, known: &str| {
        let error = run(args).ends(code).err;
        assert!(error.contains(known), "{args:?}: {error}");
    };
    check(&["explore", "--scenario", "lokc"], 2, "write_read");
    check(&["explore", "--mutant", "no_lokc"], 2, "threshold_strict");
    check(
        &["sim", "--seed", "1", "-o", "x", "--case", "leek"],
        2,
        "wrap-at-stop",
    );
    check(&["explore", "--revision", "go2"], 2, "go1.27");
    let trace = fixture("valid/basics/tiny/trace");
    check(
        &["parse", "--event", "Nap", &trace],
        4,
        "no type is called Nap, there are ",
    );
    check(&["parse", "--event", "Nap", &trace], 4, "UserTaskCreate");
    let absent = run(&["parse", "--event", "GCStart", &trace]).ends(4).err;
    assert!(!absent.contains("there are"), "{absent}");
}

/// Guards S16.22.
#[test]
fn a_list_is_json_where_that_is_asked_for() {
    let cases = run(&["conformance", "--list", "--format", "json"])
        .ends(0)
        .json();
    let text = run(&["conformance", "--list"]).ends(0).out;
    let titles = cases["cases"].as_array().unwrap().iter();
    let titles = titles.map(|case| format!("{} {}\n", case["area"], case["name"]));
    assert_eq!(titles.collect::<String>().replace('"', ""), text);
    let scenarios = run(&["explore", "--list", "--format", "json"])
        .ends(0)
        .json();
    assert_eq!(scenarios["under"], "fixed");
    let has_all = |of: &Value| of["name"].is_string() && of["about"].is_string();
    assert!(
        scenarios["scenarios"]
            .as_array()
            .unwrap()
            .iter()
            .all(has_all)
    );
    for json in [cases, scenarios] {
        assert_eq!(json["schema_version"], 1);
        assert_eq!(json["sigprof_version"], env!("CARGO_PKG_VERSION"));
    }
    run(&["conformance", "--list", "--format", "junit"]).refuses(2, "--list is text or json");
}

/// Whoever asked for JSON gets JSON, and the words as well.
///
/// Guards S59.4.
#[test]
fn an_error_is_json_where_that_is_asked_for() {
    let broken = fixture("invalid/wire/too-few-arguments/trace");
    let commands: [(&[&str], i32); 6] = [
        (&["stat", &broken], 3),
        (&["conformance", "--filter", "no-such-case"], 4),
        (&["mutants", "--filter", "no-such-mutant"], 4),
        (
            &["corpus", "run", "--format", "json", "--", "/no/such/parser"],
            3,
        ),
        (&["corpus", "mistakes", "--filter", "no-such-mistake"], 4),
        (&["replay", "no-such-file"], 3),
    ];
    for (command, code) in commands {
        let has_format = command.contains(&"--format");
        let format: &[&str] = if has_format {
            &[]
        } else {
            &["--format", "json"]
        };
        let failed = run(&[command, format].concat()).ends(code);
        let json = failed.json();
        assert_eq!(json["schema_version"], 1, "{command:?}");
        assert_eq!(json["sigprof_version"], env!("CARGO_PKG_VERSION"));
        assert_eq!(json["exit_code"], code);
        let error = json["error"].as_str().unwrap();
        // The same words; for people a long list of names is in lines.
        assert!(
            in_one_line(&failed.err).contains(&in_one_line(error)),
            "{failed:?}"
        );
    }
    let fault = &run(&["stat", "--format", "json", &broken]).json()["fault"];
    assert_eq!(
        (&fault["offset"], &fault["got"]),
        (&0x20.into(), &"2".into())
    );
}

#[test]
fn each_shell_gets_completions() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = run(&["completions", shell]).ends(0).out;
        for word in ["explain", "conformance", "--scenario"] {
            let word = if shell == "fish" {
                word.trim_start_matches('-')
            } else {
                word
            };
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
    assert!(run(&["completions", "ksh"]).ends(2).err.contains("zsh"));
    let script = run(&["completions", "bash"]).out;
    let reads = Command::new("bash").args(["-n", "-c", &script]).status();
    assert!(reads.is_ok_and(|status| status.success()));
}

#[test]
fn each_command_has_a_manual_page() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().join("man1");
    let out = run(&["man", at.to_str().unwrap()]).ends(0).out;
    let page = |name: &str| std::fs::read_to_string(at.join(name)).unwrap();
    let count = std::fs::read_dir(&at).unwrap().count();
    assert!(out.starts_with(&format!("{count} pages in ")), "{out}");
    // Each page names those below it, and is there with all of its parts.
    let mut left = vec!["sigprof".to_owned()];
    let mut seen = 0;
    while let Some(name) = left.pop() {
        seen += 1;
        let text = page(&format!("{name}.1"));
        let is_headed = text.contains(&format!(".TH {name} 1 "));
        for part in [".SH NAME", ".SH SYNOPSIS", ".SH OPTIONS"] {
            assert!(is_headed && text.contains(part), "{name}: {part}: {text}");
        }
        let below = text.lines().filter_map(|line| line.strip_suffix("(1)"));
        let below = below.map(|name| name.replace('\\', ""));
        left.extend(below.filter(|below| below.starts_with(&name) && !below.ends_with("-help")));
    }
    assert_eq!(seen, count);
    let check = page("sigprof-check.1");
    for words in ["cannot\\-tell  5  The counts differ", "Exit codes: 2 usage"] {
        assert!(check.contains(words), "{words}: {check}");
    }
    assert_eq!(run(&["man", "-"]).ends(0).out, page("sigprof.1"));
    assert!(!Path::new(&at).join("sigprof-help.1").exists());
}
