//! Rules about the code itself (ARCHITECTURE.md).

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod docs;

use std::path::{Path, PathBuf};

/// Every Rust file below a folder of the repository.
fn rust_files(folder: &str) -> Vec<PathBuf> {
    let mut folders = vec![root().join(folder)];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let entry = entry.unwrap();
            let (path, name) = (entry.path(), entry.file_name());
            // Cargo's folder, git's and the toolchains of Go hold no source of ours.
            let is_hidden = name == "target" || name.to_string_lossy().starts_with('.');
            if path.is_dir() && !is_hidden {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    assert!(!files.is_empty(), "{folder}");
    files
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The files in which a word stands.
fn with_word(files: &[PathBuf], word: &str) -> Vec<PathBuf> {
    let has_word = |f: &&PathBuf| std::fs::read_to_string(f).unwrap().contains(word);
    files.iter().filter(has_word).cloned().collect()
}

/// Writer and reader share numbers, never code: a reader that agrees with its own
/// writer proves nothing.
#[test]
fn readers_know_nothing_of_the_simulator() {
    let mut files = rust_files("conformance/trace/src");
    files.extend(rust_files("conformance/src/oracle"));
    assert!(files.len() > 15, "{files:?}");
    for word in ["sigprof_sim", "crate::explore"] {
        assert_eq!(with_word(&files, word), Vec::<PathBuf>::new(), "{word}");
    }
}

#[test]
fn the_model_depends_on_nobody_and_the_simulator_on_no_reader() {
    assert_eq!(
        with_word(&rust_files("model/src"), "sigprof_sim"),
        Vec::<PathBuf>::new()
    );
    for manifest in ["model/Cargo.toml", "sim/Cargo.toml"] {
        let text = std::fs::read_to_string(root().join(manifest)).unwrap();
        assert!(
            !text.contains("sigprof."),
            "{manifest} depends on conformance"
        );
    }
    let model = std::fs::read_to_string(root().join("model/Cargo.toml")).unwrap();
    assert!(!model.contains("sigprof-sim"), "model depends on sim");
    let library = std::fs::read_to_string(root().join("conformance/trace/Cargo.toml")).unwrap();
    for other in ["sigprof-model", "sigprof-sim", "sigprof.", "clap"] {
        assert!(!library.contains(other), "the library depends on {other}");
    }
}

/// A user of the library compiles few crates, and trusts one file with unsafe code.
#[test]
fn the_library_is_small_and_has_one_file_with_unsafe_code() {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut tree = std::process::Command::new(cargo);
    tree.args([
        "tree",
        "--offline",
        "--locked",
        "--package",
        "sigprof-trace",
    ]);
    tree.args(["--edges", "normal", "--prefix", "none", "--format", "{p}"]);
    let output = tree.current_dir(root()).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let name_and_version = |line: &str| {
        let words: Vec<_> = line.split(' ').take(2).map(str::to_owned).collect();
        words.join(" ")
    };
    let crates: std::collections::BTreeSet<_> = text.lines().map(name_and_version).collect();
    let err = String::from_utf8_lossy(&output.stderr);
    assert!((10..=35).contains(&crates.len()), "{crates:#?}\n{err}");
    let places = with_word(&rust_files("conformance/trace/src"), "unsafe_code");
    let names = places.iter().map(|path| path.file_name().unwrap());
    let names: std::collections::BTreeSet<_> = names.collect();
    assert_eq!(Vec::from_iter(names), ["input.rs", "lib.rs"]);
}

/// One Rust builds all of it, in a container, too.
#[test]
fn the_container_has_the_rust_of_the_toolchain_file() {
    let toolchain = include_str!("../../../rust-toolchain.toml");
    let channel = toolchain
        .lines()
        .find_map(|line| line.strip_prefix("channel = "));
    let version = channel.unwrap().trim_matches('"');
    let container = include_str!("../../../Containerfile");
    let image = format!("FROM docker.io/library/rust:{version}-slim");
    assert!(container.contains(&image), "{image}");
    let toolchain = format!("RUSTUP_TOOLCHAIN={version}\n");
    assert!(container.contains(&toolchain), "{toolchain}");
}

#[test]
fn files_stay_short() {
    const MAX_LINES: usize = 400;
    let long: Vec<_> = ["model", "sim", "conformance", "xtask"]
        .into_iter()
        .flat_map(rust_files)
        .filter(|f| std::fs::read_to_string(f).unwrap().lines().count() > MAX_LINES)
        .collect();
    assert_eq!(long, Vec::<PathBuf>::new(), "more than {MAX_LINES} lines");
}

/// Sweeps are for everybody's CI and nobody's every change: `.ci/run` has them, and each says
/// where it is run.
#[test]
fn a_test_that_is_ignored_is_a_sweep_and_ci_runs_it() {
    let mut sweeps = 0;
    for file in ["model", "sim", "conformance/tests", "conformance/src"]
        .into_iter()
        .flat_map(rust_files)
    {
        let text = std::fs::read_to_string(&file).unwrap();
        for line in text.lines().filter(|line| line.starts_with("#[ignore")) {
            let want = "#[ignore = \"a sweep: just test-all\"]";
            assert_eq!(line, want, "{}", file.display());
            sweeps += 1;
        }
    }
    assert!(sweeps > 10, "{sweeps}");
    let ci = std::fs::read_to_string(root().join(".ci/run")).unwrap();
    for step in [" cargo test\n", " cargo test -- --ignored\n"] {
        assert!(ci.contains(step), "{step}");
    }
}

/// Text of a file that may be mapped is copied before it is checked: the one place that does
/// so is `bytes::text`. A profile is decoded into memory of its own first.
///
/// Guards S26.8.
#[test]
fn no_text_is_checked_where_it_lies_in_a_file() {
    let places = ["trace", "export", "check", "pprof"];
    let places = places.map(|place| format!("conformance/trace/src/{place}"));
    let files: Vec<_> = places.iter().flat_map(|place| rust_files(place)).collect();
    assert!(files.len() > 30, "{}", files.len());
    let checks = |file: &PathBuf| std::fs::read_to_string(file).unwrap().contains("from_utf8");
    let found: Vec<_> = files.into_iter().filter(checks).collect();
    assert_eq!(found, Vec::<PathBuf>::new(), "use bytes::text");
}

/// SPEC.md is read by programs (see its preamble).
#[test]
fn every_rule_that_the_code_cites_is_in_the_specification() {
    let spec = std::fs::read_to_string(root().join("SPEC.md")).unwrap();
    let rules: Vec<_> = sigprof::spec::rules(&spec)
        .map(|rule| rule.number)
        .collect();
    assert!(rules.len() > 200, "{}", rules.len());
    let twice = |rule: &&&str| rules.iter().filter(|other| **other == **rule).count() > 1;
    assert_eq!(rules.iter().find(twice), None, "a number stands twice");
    let is_known = |cited: &str| {
        let sub_rule = format!("{cited}.");
        rules
            .iter()
            .any(|r| *r == cited || r.starts_with(&sub_rule))
    };
    assert!(!is_known("R99"));
    for file in [
        "model",
        "sim/src",
        "conformance/src",
        "conformance/trace/src",
    ]
    .into_iter()
    .flat_map(rust_files)
    {
        let text = std::fs::read_to_string(&file).unwrap();
        for cited in cited_rules(&text) {
            assert!(
                is_known(&cited),
                "{}: {cited} is not in SPEC.md",
                file.display()
            );
        }
    }
}

/// The rules in a file's comments: `(R36)`, `(S8.9; R4)`, `R38 to R42`.
fn cited_rules(text: &str) -> Vec<String> {
    let comments = text
        .lines()
        .filter_map(|l| l.trim_start().strip_prefix("//"));
    let words = comments.flat_map(|c| c.split(|c: char| !c.is_ascii_alphanumeric() && c != '.'));
    words
        .map(|w| w.trim_end_matches('.'))
        .filter(|w| {
            let number = w.strip_prefix(['R', 'S']).unwrap_or_default();
            number.starts_with(|c: char| c.is_ascii_digit())
                && number.chars().all(|c| c.is_ascii_digit() || c == '.')
        })
        .map(str::to_owned)
        .collect()
}
