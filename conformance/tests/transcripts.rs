//! The output of the command line, word for word: `snapshots/cli/*.trycmd`, and the examples of the
//! README, which are run as they stand.
//!
//! ```text
//! TRYCMD=overwrite cargo test -p sigprof --test transcripts     writes what is printed now
//! ```
//!
//! The commands run in a throw-away folder that has `fixtures/` and `snapshots/cli/inputs/`
//! in it, so that they can be pasted at the top of a clone, and what they write is gone
//! afterwards. Nothing of theirs is a terminal, and COLUMNS is set: lines break at the same
//! places wherever the tests run. Words of the system (`[..]`) are left out.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

#[path = "transcripts/markdown.rs"]
mod markdown;

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use assert_cmd::Command;
use markdown::{Block, Kind};
use tempfile::TempDir;

/// As wide as help gets.
const COLUMNS: &str = "100";

/// Environment variables that are set, so that a person's terminal and settings have no effect.
const SETTINGS: [(&str, &str); 4] = [
    // Cargo runs the tests, and not the command (S75.4).
    ("CARGO", ""),
    ("COLUMNS", COLUMNS),
    ("NO_COLOR", "1"),
    ("SIGPROF_ORACLES", "auto"),
];

/// The documents whose examples are run.
const DOCUMENTS: [&str; 13] = [
    "README.md",
    "CONTRIBUTING.md",
    "docs/adapters.md",
    "docs/campaigns.md",
    "docs/model.md",
    "docs/production.md",
    "docs/simulator.md",
    "docs/suite.md",
    "docs/upstream/b2.md",
    "docs/upstream/b30.md",
    "docs/upstream/b32.md",
    "docs/upstream/b33.md",
    "fixtures/README.md",
];

/// Programs that a compared example may call but that are not run.
const NOT_RUN: [&str; 1] = ["cargo"];

/// Examples that take too long for a test without optimisation. CI runs this one (`just
/// mutants`), and `snapshots/mutants/` has what it prints.
const TOO_LONG: [&str; 1] = ["sigprof mutants"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A folder that looks like the top of a clone to a command.
fn clone() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for part in ["fixtures", "snapshots/cli/inputs"] {
        copy(&root().join(part), &folder.path().join(part));
    }
    folder
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (path, to) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy(&path, &to);
        } else {
            fs::copy(path, to).unwrap();
        }
    }
}

/// Where commands are found: an example may have `sigprof` start itself.
fn path() -> OsString {
    let folder = Path::new(assert_cmd::cargo::cargo_bin!("sigprof"))
        .parent()
        .unwrap();
    let others = std::env::var_os("PATH").unwrap_or_default();
    let folders = [folder.to_owned()]
        .into_iter()
        .chain(std::env::split_paths(&others));
    std::env::join_paths(folders).unwrap()
}

/// The command without the caller's settings.
fn sigprof() -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("sigprof"));
    command
        .envs(SETTINGS)
        .env("PATH", path())
        .env_remove("SIGPROF_ORACLES_DIR");
    command
}

/// All commands of all transcripts and documents print what stands there, and end as it
/// says there.
///
/// Guards S9.1, S9.2, S9.3, S9.4, S9.5, S9.6, S9.7, S9.8, S9.9, S9.10.
#[test]
fn transcripts() {
    let top = root().canonicalize().unwrap();
    let _files = files();
    let folder = clone();
    let home = std::env::current_dir().unwrap();
    // Nothing else in this file asks for the current folder.
    std::env::set_current_dir(folder.path()).unwrap();
    let cases = trycmd::TestCases::new();
    for (name, value) in SETTINGS {
        cases.env(name, value);
    }
    cases
        .env("PATH", path().into_string().unwrap())
        .register_bin("sigprof", assert_cmd::cargo::cargo_bin!("sigprof"))
        .register_bins(NOT_RUN.map(|name| (name, trycmd::schema::Bin::Ignore)))
        .case(top.join("snapshots/cli/*.trycmd"));
    for document in DOCUMENTS {
        cases.case(top.join(document));
    }
    cases.run();
    std::env::set_current_dir(home).unwrap();
}

/// The transcripts and documents, for one test at a time: `transcripts` may write them.
fn files() -> MutexGuard<'static, ()> {
    static FILES: Mutex<()> = Mutex::new(());
    let guard = FILES.lock().unwrap_or_else(PoisonError::into_inner);
    if std::env::var("TRYCMD").is_ok_and(|mode| mode == "overwrite") {
        bless_helps();
    }
    guard
}

/// One transcript of help for each command, which `transcripts` then fills in.
fn bless_helps() {
    let commands = subcommands();
    let cli = root().join("snapshots/cli");
    for command in helps().into_iter().filter(|of| !commands.contains(of)) {
        fs::remove_file(cli.join(format!("help-{command}.trycmd"))).unwrap();
    }
    for command in commands {
        let path = cli.join(format!("help-{command}.trycmd"));
        if !path.is_file() {
            fs::write(
                path,
                format!("```console\n$ sigprof {command} --help\n```\n"),
            )
            .unwrap();
        }
    }
}

/// The commands that have such a transcript.
fn helps() -> BTreeSet<String> {
    let entries = fs::read_dir(root().join("snapshots/cli")).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let command = |name: String| {
        let name = name.strip_prefix("help-")?.strip_suffix(".trycmd")?;
        Some(name.to_owned())
    };
    names.filter_map(command).collect()
}

/// The names of the commands, as the help lists them.
fn subcommands() -> Vec<String> {
    let output = sigprof().arg("--help").output().unwrap();
    let help = String::from_utf8(output.stdout).unwrap();
    let (_, list) = help.split_once("\nUsage: ").unwrap();
    let rows = list.lines().take_while(|line| *line != "Options:");
    // What a line begins with that goes on with the one before is not a name.
    let rows = rows.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let names = rows.map(|line| line.split_whitespace().next().unwrap().to_owned());
    names.filter(|name| name != "help").collect()
}

#[test]
fn every_command_has_its_help_in_a_transcript() {
    let _files = files();
    let of_commands: BTreeSet<_> = subcommands().into_iter().collect();
    assert!(of_commands.len() > 10, "{of_commands:?}");
    assert_eq!(helps(), of_commands);
    for command in of_commands {
        let path = root().join(format!("snapshots/cli/help-{command}.trycmd"));
        let text = fs::read_to_string(path).unwrap();
        let asks = format!("```console\n$ sigprof {command} --help\n");
        assert!(
            text.starts_with(&asks),
            "help-{command} does not begin with {asks}"
        );
    }
}

/// Each code that there is, and each command doing something else than help.
#[test]
fn every_exit_code_and_every_command_is_in_the_transcripts() {
    let _files = files();
    let mut codes = BTreeSet::from([0]);
    let mut commands = BTreeSet::new();
    for text in transcript_texts() {
        let of = text.lines().filter_map(|line| line.strip_prefix("? "));
        codes.extend(of.map(|code| code.parse::<u8>().unwrap()));
        for line in text.lines().filter(|line| !line.ends_with("--help")) {
            let line = line.strip_prefix("$ sigprof ").unwrap_or_default();
            commands.extend(line.split(' ').next().map(str::to_owned));
        }
    }
    assert_eq!(codes, BTreeSet::from([0, 1, 2, 3, 4, 5]));
    let mut without = subcommands();
    without.retain(|command| !commands.contains(command));
    assert!(without.is_empty(), "no transcript but help has {without:?}");
}

fn transcript_texts() -> Vec<String> {
    let entries = fs::read_dir(root().join("snapshots/cli")).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let paths = paths.filter(|path| path.extension().is_some_and(|e| e == "trycmd"));
    paths.map(|p| fs::read_to_string(p).unwrap()).collect()
}

#[test]
fn every_input_is_used_by_a_transcript() {
    let _files = files();
    let texts = transcript_texts();
    for entry in fs::read_dir(root().join("snapshots/cli/inputs")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let path = format!("snapshots/cli/inputs/{name}");
        let is_used = texts.iter().any(|text| {
            let mut commands = text.lines().filter(|line| line.starts_with("$ "));
            commands.any(|line| line.split(' ').any(|word| word == path))
        });
        assert!(is_used, "{path}");
    }
}

fn blocks(document: &str) -> Vec<Block> {
    markdown::blocks(&fs::read_to_string(root().join(document)).unwrap())
}

/// Below each other in one folder, as a person would try them. `exit 1` in the comment
/// says how a command ends that does not end with 0.
#[test]
fn examples_whose_output_is_not_shown_end_as_they_say() {
    let _files = files();
    let folder = clone();
    let mut count = 0;
    for document in DOCUMENTS {
        for block in blocks(document) {
            if block.kind != Kind::Status {
                continue;
            }
            for command in block.commands() {
                if TOO_LONG.contains(&command.words.as_str()) {
                    continue;
                }
                let words = command.words.strip_prefix("sigprof ").unwrap();
                let output = sigprof()
                    .args(words.split_whitespace())
                    .current_dir(folder.path())
                    .output()
                    .unwrap();
                let at = format!("{document}:{}: {}", command.line, command.words);
                assert_eq!(output.status.code(), Some(command.code()), "{at}");
                // How far it is, on a busy machine.
                let stderr = String::from_utf8_lossy(&output.stderr);
                let is_far = |line: &&str| !line.contains(" s: ");
                assert_eq!(stderr.lines().find(is_far), None, "{at}");
                count += 1;
            }
        }
    }
    assert!(count >= 10, "{count}");
}

/// Every Markdown file of the repository, but what was downloaded or built.
fn documents() -> Vec<PathBuf> {
    let mut folders = vec![root()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            if path.is_dir() && name != "target" && !name.starts_with('.') {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "md") {
                files.push(path);
            }
        }
    }
    files
}

#[test]
fn no_example_with_sigprof_is_left_unrun() {
    let _files = files();
    let run: BTreeSet<_> = DOCUMENTS
        .map(|d| root().join(d).canonicalize().unwrap())
        .into();
    let mut compared = 0;
    for path in documents() {
        let is_run = run.contains(&path.canonicalize().unwrap());
        for block in markdown::blocks(&fs::read_to_string(&path).unwrap()) {
            let kind = block.kind;
            for command in block.commands() {
                let at = format!("{}:{}: {}", path.display(), command.line, command.words);
                let first = command.words.split(' ').next().unwrap();
                match kind {
                    _ if first == "sigprof" => {
                        assert!(is_run, "{at}: DOCUMENTS does not have this file");
                        assert!(kind.is_run(), "{at}: the block is not run");
                        compared += usize::from(kind == Kind::Compared);
                    }
                    // trycmd leaves out what it does not know, and says nothing.
                    Kind::Compared => {
                        assert!(NOT_RUN.contains(&first), "{at}: write console,ignore")
                    }
                    Kind::Status => panic!("{at}: only sigprof can stand here"),
                    Kind::NotRun => {}
                }
            }
        }
    }
    assert!(compared >= 6, "{compared}");
}

/// The same on every terminal that is wide enough.
#[test]
fn help_is_never_wider_than_in_the_transcripts() {
    for command in subcommands() {
        let help = |columns: &str| {
            let mut sigprof = sigprof();
            sigprof
                .args([command.as_str(), "--help"])
                .env("COLUMNS", columns);
            String::from_utf8(sigprof.output().unwrap().stdout).unwrap()
        };
        assert_eq!(help("500"), help(COLUMNS), "{command}");
        assert_ne!(help("40"), help(COLUMNS), "{command}");
    }
}
