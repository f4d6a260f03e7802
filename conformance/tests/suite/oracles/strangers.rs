//! The program that is taken for real Go, and what it sees of us.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::{TINY, check, conformance, fake_go, judge, tiny_pprof, tiny_trace};

/// Without it, it may be any program that knows what to print.
///
/// Guards S25.11.
#[test]
fn a_go_that_does_not_say_its_version_is_no_judge() {
    let oracles = fake_go(&tiny_trace(), &tiny_pprof());
    fs::remove_file(oracles.path().join("go1.19/VERSION")).unwrap();
    judge(
        &oracles,
        1,
        &["FAILED go1.19", "VERSION: want go1.19, got no such file"],
    );
}

/// Guards S25.11.
#[test]
fn a_go_whose_program_is_another_than_its_version_says_is_no_judge() {
    let oracles = fake_go(&tiny_trace(), &tiny_pprof());
    for says in ["go1.19.7", "go1.22.1", ""] {
        fs::write(oracles.path().join("go1.19/says"), format!("{says}\n")).unwrap();
        let words = "bin/go version: want go1.19.8 as in VERSION, got go version";
        judge(&oracles, 1, &["FAILED go1.19", words, says]);
    }
}

/// A stranger's folder may hold a program of that name, which would be run.
///
/// Guards S25.10.
#[test]
fn a_go_of_the_current_folder_or_above_is_not_run() {
    let folder = tempfile::tempdir().unwrap();
    let below = folder.path().join("a/b");
    fs::create_dir_all(&below).unwrap();
    let bin = folder.path().join(".oracles/go1.19/bin");
    fs::create_dir_all(&bin).unwrap();
    let script = "#!/bin/sh\ntouch \"$(dirname \"$0\")/was-run\"\n";
    fs::write(bin.join("go"), script).unwrap();
    fs::set_permissions(bin.join("go"), fs::Permissions::from_mode(0o755)).unwrap();
    fs::write(bin.with_file_name("VERSION"), "go1.19.8\n").unwrap();
    let run = |at: &Path, named: &[&str]| {
        let mut command = conformance(Path::new(""), &[&["--filter", TINY], named].concat());
        command.env_remove("SIGPROF_ORACLES_DIR").current_dir(at);
        command.output().unwrap();
        bin.join("was-run").exists()
    };
    for at in [folder.path(), &*below] {
        assert!(!run(at, &[]), "{}", at.display());
    }
    assert!(
        run(folder.path(), &["--oracles-dir", ".oracles"]),
        "nor if it is named"
    );
}

/// Machines that get the program have no such folder.
///
/// Guards S25.10.
#[test]
fn the_program_has_no_path_of_the_checkout_that_built_it() {
    let program = fs::read(assert_cmd::cargo::cargo_bin!("sigprof")).unwrap();
    let path = env!("CARGO_MANIFEST_DIR").as_bytes();
    let is_there = |part: &[u8]| program.windows(part.len()).any(|bytes| bytes == part);
    assert!(!is_there(path));
    assert!(is_there(b"scripts/oracles"), "nothing is found at all");
}

/// Guards S25.12.
#[test]
fn which_go_judged_is_said_in_every_form() {
    let oracles = fake_go(&tiny_trace(), &tiny_pprof());
    let root = oracles.path().join("go1.19").display().to_string();
    let json = format!("\"root\": \"{root}\"");
    let property = format!("<property name=\"goroot\" value=\"{root}\"");
    for (format, words) in [
        ("text", &*format!("judged by go1.19.8 in {root}")),
        ("json", &json),
        ("junit", &property),
    ] {
        // The option goes before the variable.
        let dir = oracles.path().to_str().unwrap();
        let args = ["--filter", TINY, "--format", format, "--oracles-dir", dir];
        check(
            conformance(Path::new("/nowhere"), &args),
            0,
            &[words, "go1.19.8"],
        );
    }
}

/// Guards S25.13.
#[test]
fn go_sees_nothing_of_the_callers_settings() {
    let oracles = fake_go(&tiny_trace(), &tiny_pprof());
    let seen = oracles.path().join("seen");
    let bin = oracles.path().join("go1.19/bin");
    fs::remove_file(bin.join("go")).unwrap();
    let script = format!("#!/bin/sh\nenv >> '{0}'\npwd >> '{0}'\n", seen.display());
    fs::write(bin.join("go"), script).unwrap();
    fs::set_permissions(bin.join("go"), fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = conformance(oracles.path(), &["--filter", TINY]);
    let path = format!("here:.::{}", std::env::var("PATH").unwrap());
    command.env("PATH", path).env("GOFLAGS", "-toolexec=x");
    command.env("GODEBUG", "y").env("PPROF_TOOLS", "z");
    command.output().unwrap();
    let seen = fs::read_to_string(seen).unwrap();
    let has = |words: &str| seen.lines().any(|line| line.contains(words));
    assert!(
        has("GOFLAGS=-mod=mod") && has("GOTOOLCHAIN=local"),
        "{seen}"
    );
    for left in ["toolexec", "GODEBUG", "PPROF_TOOLS", "PATH=here", ":.:"] {
        assert!(!has(left), "{left}: {seen}");
    }
    assert!(seen.lines().any(|line| line.ends_with("/go1.19")), "{seen}");
}
