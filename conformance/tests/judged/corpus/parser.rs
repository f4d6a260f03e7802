//! Parsers in the language of the shell, run by `sigprof corpus run`.

use std::path::Path;
use std::process::Command;

pub(crate) fn program() -> &'static str {
    assert_cmd::cargo::cargo_bin!("sigprof").to_str().unwrap()
}

/// The program as a shell calls it: by its name, and not by cargo (S75.4).
fn sigprof() -> Command {
    let others = std::env::var_os("PATH").unwrap_or_default();
    let folder = Path::new(program()).parent().unwrap().to_owned();
    let folders = [folder].into_iter().chain(std::env::split_paths(&others));
    let mut command = Command::new(program());
    command
        .env("PATH", std::env::join_paths(folders).unwrap())
        .env_remove("CARGO");
    command
}

/// Runs `sigprof corpus`; exit code, standard output, standard error.
pub(crate) fn corpus(args: &[&str]) -> (i32, String, String) {
    let output = sigprof().arg("corpus").args(args).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code().unwrap(),
        text(output.stdout),
        text(output.stderr),
    )
}

/// A parser in the language of the shell: the file is `$1`, `$SIGPROF` our own program.
pub(crate) fn shell(options: &[&str], script: &str) -> (i32, String, String) {
    let mut command = sigprof();
    command
        .env("SIGPROF", program())
        .args(["corpus", "run"])
        .args(options);
    let output = command
        .args(["--", "sh", "-c", script, "sh"])
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code().unwrap(),
        text(output.stdout),
        text(output.stderr),
    )
}

pub(crate) const TINY: &[&str] = &["--filter", "valid/basics/tiny"];
pub(crate) const EMPTY: &[&str] = &["--filter", "invalid/header/empty"];

/// A parser that fails on a case, with these words; the smoke test is left out, so that it
/// may fail on all of them.
#[track_caller]
pub(crate) fn fails(options: &[&str], script: &str, words: &[&str]) {
    let all = [&["--no-smoke-test"], options].concat();
    let (code, out, err) = shell(&all, script);
    assert_eq!((code, err.as_str()), (1, ""), "{out}");
    assert!(
        words.iter().all(|w| out.contains(w)),
        "want {words:?}, got\n{out}"
    );
    let again = format!(
        "  again: sigprof corpus run --no-smoke-test --filter {} -- sh -c '",
        options[1]
    );
    assert!(options.len() > 2 || out.contains(&again), "{out}");
}
