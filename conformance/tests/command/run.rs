//! The command, run as a person does, and what came of it.

use std::ffi::OsString;
use std::path::Path;

use assert_cmd::Command;
use serde_json::Value;

/// The output of a command, and its exit code.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Run {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap()
    }

    #[track_caller]
    pub(crate) fn ends(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:#?}");
        self
    }

    /// Ends with nothing on standard output, and these words on standard error.
    #[track_caller]
    pub(crate) fn refuses(self, code: i32, words: &str) {
        let run = self.ends(code);
        assert_eq!(run.out, "");
        assert!(run.err.contains(words), "{run:#?}");
    }
}

/// The words of a text, whatever its lines are.
pub(crate) fn in_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Where a shell finds the command, before all others of its name.
fn path() -> OsString {
    let program = Path::new(assert_cmd::cargo::cargo_bin!("sigprof"));
    let others = std::env::var_os("PATH").unwrap_or_default();
    let folder = program.parent().unwrap().to_owned();
    let folders = [folder].into_iter().chain(std::env::split_paths(&others));
    std::env::join_paths(folders).unwrap()
}

/// The command without the caller's settings.
pub(crate) fn sigprof(args: &[&str]) -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("sigprof"));
    command
        .args(args)
        .env("PATH", path())
        // Cargo runs the tests, and not the command (S75.4).
        .env_remove("CARGO")
        .env_remove("SIGPROF_ORACLES")
        .env_remove("SIGPROF_ORACLES_DIR");
    command
}

pub(crate) fn finish(mut command: Command) -> Run {
    let output = command.output().unwrap();
    Run {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

pub(crate) fn run(args: &[&str]) -> Run {
    finish(sigprof(args))
}
