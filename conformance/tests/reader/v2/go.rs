//! Real Go's readers: a program of ours (`go/many.go`), built in place of one of the
//! toolchain. Nothing of Go is copied.

use std::path::{Path, PathBuf};
use std::process::Command;

use sha2::{Digest, Sha256};
use sigprof::oracle::{Go, parsed};
use sigprof::trace::v2::{Release, wire};

/// The program with the reader of a release in it.
pub(crate) struct Many {
    program: PathBuf,
    _folder: tempfile::TempDir,
}

impl Many {
    /// Builds it; none if the release is not installed.
    pub(crate) fn build(release: Release) -> Option<Self> {
        let go = Go::find_or_skip(&release.to_string())?;
        let folder = tempfile::tempdir().unwrap();
        let root = go.root().canonicalize().unwrap();
        let src = root.join("src");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reader/v2/go/many.go");
        let mut text = std::fs::read_to_string(source).unwrap();
        if release == Release::Go1_22 {
            text = text.replace("\"internal/trace", "\"internal/trace/v2");
        }
        let main = folder.path().join("main.go");
        std::fs::write(&main, text).unwrap();
        // In place of a program that is there: not every release finds a new one.
        let mut replace = serde_json::Map::new();
        for entry in std::fs::read_dir(src.join("cmd/trace")).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|e| e == "go") {
                replace.insert(path.to_string_lossy().into_owned(), "".into());
            }
        }
        let place = src.join("cmd/trace/main.go").to_string_lossy().into_owned();
        replace.insert(place, main.to_string_lossy().into());
        let overlay = serde_json::json!({ "Replace": replace });
        let overlay_path = folder.path().join("overlay.json");
        std::fs::write(&overlay_path, overlay.to_string()).unwrap();
        let program = folder.path().join("many");
        let mut command = go.command();
        command.env("GOFLAGS", "").env("GOROOT", &root);
        command.args(["build", "-o"]).arg(&program).arg("-overlay");
        run(command.arg(overlay_path).arg("cmd/trace").current_dir(src));
        Some(Self {
            program,
            _folder: folder,
        })
    }

    /// Of each file the SHA-256 of what it prints, and `ok` or an error.
    pub(crate) fn hashes(&self, mode: &str, files: &[PathBuf]) -> Vec<(String, String)> {
        let mut answers = Vec::new();
        for files in files.chunks(500) {
            let out = run(self.command(mode, "hash").args(files));
            let out = String::from_utf8(out).unwrap();
            answers.extend(out.lines().map(|line| {
                let (hash, said) = line.split_once(' ').unwrap();
                (hash.to_owned(), said.to_owned())
            }));
        }
        assert_eq!(answers.len(), files.len());
        answers
    }

    /// The text that Go prints of a file, and how it ended.
    pub(crate) fn whole(&self, mode: &str, file: &Path) -> Vec<u8> {
        run(self.command(mode, "whole").arg(file))
    }

    fn command(&self, mode: &str, what: &str) -> Command {
        let mut command = Command::new(&self.program);
        command.env("TZ", "UTC").args([mode, what]);
        command
    }
}

fn run(command: &mut Command) -> Vec<u8> {
    let output = command.output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {stderr}");
    output.stdout
}

fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect()
}

fn ours(mode: &str, bytes: &[u8], release: Release) -> (Vec<u8>, bool) {
    if mode == "wire" {
        let mut out = Vec::new();
        let result = wire::write(bytes, release, &mut out);
        return (out, result.is_ok());
    }
    let (out, result) = parsed::of_bytes(bytes, release);
    (out, result.is_ok())
}

/// Compares files with what a release prints of them. How many it reads to their end.
#[track_caller]
pub(crate) fn check(go: &Many, release: Release, mode: &str, files: &[PathBuf]) -> usize {
    let mut good = 0;
    for (file, (go_hash, said)) in files.iter().zip(go.hashes(mode, files)) {
        let bytes = std::fs::read(file).unwrap();
        let (ours, is_ok) = ours(mode, &bytes, release);
        let go_is_ok = said == "ok";
        if hash(&ours) != go_hash || is_ok != go_is_ok {
            let [ours, theirs] =
                parsed::difference(&ours, &go.whole(mode, file)).unwrap_or_default();
            panic!(
                "{}, {mode} of Go {release}: ours (ok: {is_ok}):\n{ours}\nGo's ({said}):\n{theirs}",
                file.display()
            );
        }
        good += usize::from(go_is_ok);
    }
    good
}
