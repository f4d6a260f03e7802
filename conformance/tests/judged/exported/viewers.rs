//! Viewers that are no part of Go, as `scripts/viewers` installs them. Where they are not, or
//! there is no Node, a line says that the test is skipped.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// A folder with packages, and Node beside it.
pub(crate) struct Viewers(PathBuf);

impl Viewers {
    pub(crate) fn find_or_skip() -> Option<Self> {
        let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let folder = checkout.join(".oracles/viewers/node_modules");
        let has_node = Command::new("node").arg("--version").output().is_ok();
        let is_there = folder.join(".installed").is_file();
        if has_node && is_there {
            return Some(Self(folder));
        }
        let why = if has_node {
            "no viewers (scripts/viewers)"
        } else {
            "no node"
        };
        // Past the test harness, which would swallow what a passing test prints.
        let _ = writeln!(std::io::stderr(), "skipped: {why}");
        None
    }

    /// The profiles that speedscope's importer makes of a file.
    pub(crate) fn speedscope(&self, file: &Path) -> Value {
        let import = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/judged/viewers/import.js");
        let mut node = Command::new("node");
        node.arg(import).arg(self.0.join("speedscope")).arg(file);
        serde_json::from_str(&finish(node)).unwrap()
    }

    /// The schema of speedscope's files.
    pub(crate) fn schema(&self) -> Value {
        let path = self
            .0
            .join("speedscope/dist/release/file-format-schema.json");
        serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
    }

    /// A file, opened by the command line of Firefox Profiler.
    pub(crate) fn firefox(&self, file: &Path) -> Firefox {
        let firefox = Firefox {
            program: self
                .0
                .join("@firefox-devtools/profiler-cli/dist/profiler-cli.js"),
            home: tempfile::tempdir().unwrap(),
        };
        // It gives its process half a second to start, which on a busy machine is not enough, and
        // then says that a second try often works.
        for _ in 0..20 {
            let mut load = firefox.command(&["load", file.to_str().unwrap()]);
            let output = load.output().unwrap();
            if output.status.success() {
                return firefox;
            }
            let err = String::from_utf8_lossy(&output.stderr);
            assert!(err.contains("did not become ready"), "{err}");
            firefox.stop();
        }
        panic!("{} does not start", firefox.program.display())
    }
}

/// A profile that is open, in a process of its own until this is gone.
pub(crate) struct Firefox {
    program: PathBuf,
    home: tempfile::TempDir,
}

impl Firefox {
    fn command(&self, args: &[&str]) -> Command {
        let mut node = Command::new("node");
        node.arg(&self.program).args(args);
        node.env("HOME", self.home.path());
        node
    }

    fn run(&self, args: &[&str]) -> String {
        finish(self.command(args))
    }

    pub(crate) fn json(&self, args: &[&str]) -> Value {
        serde_json::from_str(&self.run(args)).unwrap()
    }
}

impl Firefox {
    fn stop(&self) {
        let _ = self.command(&["stop", "--all"]).output();
    }
}

impl Drop for Firefox {
    fn drop(&mut self) {
        self.stop();
    }
}

fn finish(mut command: Command) -> String {
    let output = command.output().unwrap();
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {err}");
    String::from_utf8(output.stdout).unwrap()
}
