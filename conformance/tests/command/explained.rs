//! Codes that are explained, what shows them, and commands that show something again.

use std::path::Path;
use std::process::Command;

use sigprof::explain::{self, Entry, Kind};

use crate::run::{finish, run, sigprof};

fn root() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The arguments of a command as a shell splits them.
fn arguments(command: &str) -> Vec<String> {
    let rest = command.strip_prefix("sigprof ").unwrap();
    let quoted = rest.split('\'').enumerate();
    let words = quoted.flat_map(|(i, part)| match i % 2 {
        0 => part.split_whitespace().map(str::to_owned).collect(),
        _ => vec![part.to_owned()],
    });
    words.collect()
}

/// Runs a command at the top of a clone.
fn shows(command: &str, more: &[&str]) -> crate::run::Run {
    let words = arguments(command);
    let words: Vec<_> = words
        .iter()
        .map(String::as_str)
        .chain(more.iter().copied())
        .collect();
    let mut command = sigprof(&words);
    command.current_dir(root());
    finish(command)
}

fn of(kind: Kind) -> impl Iterator<Item = Entry> {
    let entries = explain::all().into_iter();
    entries.filter(move |entry| entry.kind == kind)
}

/// Commands that are to show a verdict or a reason do, and those of an exit code end with it.
///
/// Guards S75.1.
#[test]
fn what_shows_an_outcome_has_it() {
    for kind in [Kind::Verdict, Kind::Reason] {
        for entry in of(kind) {
            for command in &entry.shown_by {
                let json = shows(command, &["--format", "json"]).json();
                let field = if kind == Kind::Verdict {
                    "verdict"
                } else {
                    "reason"
                };
                // What is said of some stacks alone is no word on the pair.
                let of_stacks = json["stacks"].as_array().into_iter().flatten();
                let has_stack = of_stacks
                    .into_iter()
                    .any(|stack| stack[field] == *entry.name);
                let is_of_all = json[field] == *entry.name;
                assert!(
                    is_of_all || entry.name == "narrowing" && has_stack,
                    "{command}"
                );
            }
        }
    }
    for entry in of(Kind::Exit) {
        for command in &entry.shown_by {
            shows(command, &[]).ends(entry.name.parse().unwrap());
        }
    }
}

/// The shortest schedule of a law or a defect breaks the law that it should.
///
/// Guards S75.1.
#[test]
fn what_replays_a_law_or_a_defect_breaks_it() {
    let mut count = 0;
    for kind in [Kind::Law, Kind::Defect] {
        for entry in of(kind) {
            for command in entry.shown_by.iter().filter(|of| of.contains(" replay ")) {
                let json = shows(command, &["--format", "json"]).json();
                let law = json["law"].as_str().unwrap();
                let is_it = law == entry.name || entry.see.iter().any(|other| other == law);
                assert!(is_it, "{}: {command}: {law}", entry.name);
                count += 1;
            }
        }
    }
    assert!(count > 10, "{count}");
}

/// B7 is shown by a ring that nobody drains, B24 by the order of a sample's arguments.
///
/// Guards S75.1.
#[test]
fn what_shows_a_defect_that_is_not_of_the_model_has_it() {
    let shown = |id: &str| {
        let entry = of(Kind::Defect).find(|entry| entry.name == id).unwrap();
        shows(&entry.shown_by[0], &[]).out
    };
    let full = shown("B7");
    assert!(
        full.starts_with("lost: the ring's capacity was reached"),
        "{full}"
    );
    let dump = shown("B24");
    let (_, sample) = dump.split_once("CPUSample, 5 arguments").unwrap();
    let at = ["ts = ", "p = ", "g = ", "stack = "].map(|part| sample.find(part));
    assert!(at[0].is_some() && at.is_sorted(), "{at:?} in {sample}");
}

/// Guards S75.1.
#[test]
fn a_code_is_explained_and_a_wrong_one_answered_with_those_like_it() {
    let out = run(&["explain", "B32", "L3"]).ends(0).out;
    for part in [
        "B32: defect of Go's",
        "L3: law",
        "runtime/profbuf.go",
        "sigprof replay",
        "<==",
    ] {
        assert!(out.contains(part), "{part}: {out}");
    }
    let all = run(&["explain"]).ends(0).out;
    for name in ["ring-wrap", "L17", "B33", "S75.1", "drains_once", "130"] {
        assert!(all.contains(name), "{name}");
    }
    run(&["explain", "ring-warp"]).refuses(2, "like it: ring-wrap");
    run(&["explain", "B32", "xyz"]).refuses(2, "nothing is called \"xyz\" (");
}

/// Guards S16.21.
#[test]
fn explanations_are_json_as_well() {
    let json = run(&["explain", "R12", "--format", "json"]).ends(0).json();
    assert_eq!(json["schema_version"], 1);
    assert_eq!(json["sigprof_version"], env!("CARGO_PKG_VERSION"));
    let codes = json["codes"].as_array().unwrap();
    assert_eq!(codes.len(), 5);
    let fields: Vec<_> = codes[3].as_object().unwrap().keys().collect();
    let want = [
        "go", "kind", "name", "see", "shown_by", "steps", "what", "why",
    ];
    let mut fields: Vec<_> = fields.into_iter().map(String::as_str).collect();
    fields.sort_unstable();
    assert_eq!(fields, want);
    assert_eq!(codes[3]["kind"], "rule");
}

/// Guards S75.2.
#[test]
fn the_specification_is_part_of_the_program() {
    let file = std::fs::read_to_string(root().join("SPEC.md")).unwrap();
    assert_eq!(run(&["spec"]).ends(0).out, file);
    let rule = run(&["spec", "r12.4"]).ends(0).out;
    assert!(
        rule.starts_with("- **R12.4** *") && rule.lines().count() == 1,
        "{rule}"
    );
    let section = run(&["spec", "our choices"]).ends(0).out;
    assert!(section.starts_with("## 12 Our choices\n"), "{section}");
    assert!(!section.contains("## 13"));
    run(&["spec", "R12.9"]).refuses(2, "like it: R12.");
}

/// One line, and no more, whatever there is to explain.
///
/// Guards S75.3.
#[test]
fn text_with_codes_says_how_to_have_them_explained() {
    let fixture = "fixtures/valid/rings/wrap-loss-go1.27";
    let commands = [
        (
            format!("sigprof check {fixture}/trace {fixture}/profile.pb.gz"),
            "lost ring-wrap",
        ),
        (
            format!("sigprof check {fixture}/trace"),
            "cannot-tell ring-wrap",
        ),
        (format!("sigprof check {fixture}"), "lost ring-wrap"),
        ("sigprof replay fixtures/seeds/b32.toml".into(), "B32 L3"),
        (
            "sigprof explore --scenario overflow --revision go1.26 --strategy dpor".into(),
            "B32 L3",
        ),
        ("sigprof fuzz --mutant no_lock --seeds 0..40".into(), "L"),
        ("sigprof mutants --filter no_lock".into(), "NAME"),
    ];
    for (command, codes) in commands {
        let text = shows(&command, &[]).out;
        let want = format!("explained by: sigprof explain {codes}");
        let lines: Vec<_> = text
            .lines()
            .filter(|l| l.starts_with("explained by"))
            .collect();
        assert_eq!(lines.len(), 1, "{command}: {text}");
        assert!(lines[0].starts_with(&want), "{command}: {}", lines[0]);
    }
    let none = run(&["explore", "--scenario", "lock", "--strategy", "dpor"])
        .ends(0)
        .out;
    assert!(!none.contains("explained by"), "{none}");
}

/// The program is called as it was, and its arguments mean the same in another folder.
///
/// Guards S75.4.
#[test]
fn the_command_that_is_printed_runs_in_any_folder() {
    let program = Path::new(assert_cmd::cargo::cargo_bin!("sigprof"));
    let seen = |command: &mut Command, line: &str| {
        let out = command.output().unwrap().stdout;
        let out = String::from_utf8(out).unwrap();
        let found = out
            .lines()
            .find_map(|l| l.trim().strip_prefix(line).map(str::to_owned));
        found.unwrap_or_else(|| panic!("no {line:?} in {out}"))
    };
    let bare = |folder: &Path| {
        let mut command = Command::new(program);
        command.env_clear().current_dir(folder);
        command
    };
    let mut replay = bare(&root());
    replay.args(["replay", "fixtures/seeds/b32.toml", "--format", "json"]);
    let again = seen(&mut replay, "\"again\": \"");
    let again = again.trim_end_matches("\",");
    assert!(
        again.starts_with(program.canonicalize().unwrap().to_str().unwrap()),
        "{again}"
    );
    let folder = tempfile::tempdir().unwrap();
    let elsewhere = Command::new("sh")
        .args(["-c", again])
        .current_dir(folder.path())
        .output();
    assert_eq!(elsewhere.unwrap().status.code(), Some(1), "{again}");

    let arguments = ["explore", "--scenario", "overflow", "--revision", "go1.26"];
    let mut explore = bare(folder.path());
    let again = seen(explore.args(arguments), "again: ");
    let elsewhere = Command::new("sh").args(["-c", &again]).output();
    assert_eq!(elsewhere.unwrap().status.code(), Some(1), "{again}");

    let mut by_cargo = bare(folder.path());
    by_cargo
        .env("CARGO", "cargo")
        .env("CARGO_MANIFEST_DIR", "/w");
    let again = seen(by_cargo.args(arguments), "again: ");
    assert!(
        again.starts_with("cargo run -- replay --scenario"),
        "{again}"
    );
}

/// Guards S75.5.
#[test]
fn a_cause_is_one_entry() {
    let out = run(&["explore", "--revision", "go1.26", "--strategy", "bounded1"])
        .ends(1)
        .out;
    let count = |text: &str| out.matches(text).count();
    assert_eq!(count("known as B32: "), 1, "{out}");
    assert_eq!(count("\n  again: "), count("\nFOUND "));
    let also = out
        .lines()
        .find(|line| line.starts_with("  also in: "))
        .unwrap();
    assert!(also.contains(", "), "{also}");
}
