//! Real Go as a decoder of the corpus: programs of ours (`conformance/adapters/go/`) that import
//! Go's own parser, built as if they stood inside the toolchain. Nothing of Go is copied.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;
use sigprof::corpus::events::Line;
use sigprof::corpus::expected::GoDoes;
use sigprof::corpus::samples::TraceSide;
use sigprof::oracle::Go;

/// A release of Go whose parser is asked.
pub(crate) struct Release {
    /// The minor version: `1.19`.
    pub(crate) version: &'static str,
    /// The program with its parser.
    source: &'static str,
    /// Changes of the program for it: the parser was elsewhere, or had another form.
    changes: &'static [(&'static str, &'static str)],
    /// Whether it is asked about traces of v1 as well.
    pub(crate) judges_v1: bool,
}

/// The releases that are asked, oldest first.
pub(crate) const RELEASES: [Release; 8] = [
    of_v1("1.19"),
    of_v1("1.21"),
    of_v2(
        "1.22",
        &[("\"internal/trace\"", "\"internal/trace/v2\""), YIELD],
    ),
    of_v2("1.23", &[YIELD]),
    of_v2("1.24", &[]),
    of_v2("1.25", &[]),
    of_v2("1.26", &[]),
    Release {
        judges_v1: true,
        ..of_v2("1.27", &[])
    },
];

/// Frames are an iterator since 1.24.
const YIELD: (&str, &str) = ("Frames()(func", "Frames(func");

const fn of_v1(version: &'static str) -> Release {
    Release {
        version,
        source: "v1.go",
        changes: &[],
        judges_v1: true,
    }
}

const fn of_v2(version: &'static str, changes: &'static [(&str, &str)]) -> Release {
    Release {
        version,
        source: "v2.go",
        changes,
        judges_v1: false,
    }
}

/// The answer of one of Go's parsers to a trace.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Answer {
    /// In a word.
    pub(crate) does: GoDoes,
    /// The error, in the parser's words.
    pub(crate) said: String,
    /// The samples that it found.
    pub(crate) trace: Option<TraceSide>,
    /// The events that it found, if they were asked for.
    #[serde(default)]
    pub(crate) events: Option<Vec<Line>>,
    /// The bytes of [`Answer::printed`], as characters.
    printed: String,
}

impl Answer {
    /// Every event in a line, as `go tool trace -d` prints it, if that was asked for: JSON
    /// has text, and names have bytes, so that each byte comes as a character.
    pub(crate) fn printed(&self) -> Vec<u8> {
        let bytes = self.printed.chars().map(u8::try_from);
        bytes.collect::<Result<_, _>>().expect("a byte each")
    }
}

/// A program with the parser of a release in it.
pub(crate) struct Decoder {
    program: PathBuf,
    go: Go,
    _folder: tempfile::TempDir,
}

impl Decoder {
    /// Builds the decoder with this Go.
    ///
    /// # Errors
    /// If it cannot be built: the reason, in words.
    pub(crate) fn build(go: &Go, release: &Release) -> Result<Self, String> {
        let words = |e: std::io::Error| e.to_string();
        let folder = tempfile::tempdir().map_err(words)?;
        // Go compares paths as they are written.
        let root = go.root().canonicalize().map_err(words)?;
        let src = root.join("src");
        let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../conformance/adapters/go");
        // In place of a program that is there: not every release finds a new one.
        let mut replace = serde_json::Map::new();
        for entry in std::fs::read_dir(src.join("cmd/trace")).map_err(words)? {
            let path = entry.map_err(words)?.path();
            if path.extension().is_some_and(|e| e == "go") {
                replace.insert(path.to_string_lossy().into_owned(), "".into());
            }
        }
        for (name, source) in [("adapter.go", "adapter.go"), ("main.go", release.source)] {
            let text = std::fs::read_to_string(sources.join(source)).map_err(words)?;
            let changes = release.changes.iter();
            let text = changes.fold(text, |text, (from, to)| text.replace(from, to));
            let path = folder.path().join(name);
            std::fs::write(&path, text).map_err(words)?;
            let place = src.join("cmd/trace").join(name);
            replace.insert(
                place.to_string_lossy().into_owned(),
                path.to_string_lossy().into(),
            );
        }
        let overlay = serde_json::json!({ "Replace": replace });
        let overlay_path = folder.path().join("overlay.json");
        std::fs::write(&overlay_path, overlay.to_string()).map_err(words)?;
        let program = folder.path().join("decoder");
        let mut command = go.command();
        // The toolchain's own module says what it needs.
        command.env("GOFLAGS", "").env("GOROOT", &root);
        command.args(["build", "-o"]).arg(&program);
        command.arg("-overlay").arg(overlay_path);
        run(command.arg("cmd/trace").current_dir(src))?;
        Ok(Self {
            program,
            go: go.clone(),
            _folder: folder,
        })
    }

    /// Where the program is, while this lives.
    pub(crate) fn program(&self) -> &Path {
        &self.program
    }

    /// The decoder's answers to these files, in order.
    ///
    /// # Errors
    /// If it says nothing of use: the reason, in words.
    pub(crate) fn read(&self, files: &[PathBuf]) -> Result<Vec<Answer>, String> {
        self.answers(files, Command::new(&self.program))
    }

    /// The same, with every event printed.
    ///
    /// # Errors
    /// If it says nothing of use: the reason, in words.
    pub(crate) fn print(&self, files: &[PathBuf]) -> Result<Vec<Answer>, String> {
        let mut command = Command::new(&self.program);
        command.env("SIGPROF_PRINT", "1");
        self.answers(files, command)
    }

    /// The same, with every event as the level `events` has it.
    ///
    /// # Errors
    /// If it says nothing of use: the reason, in words.
    pub(crate) fn list(&self, files: &[PathBuf]) -> Result<Vec<Answer>, String> {
        let mut command = Command::new(&self.program);
        command.env("SIGPROF_EVENTS", "1");
        self.answers(files, command)
    }

    fn answers(&self, files: &[PathBuf], mut command: Command) -> Result<Vec<Answer>, String> {
        // It runs `go tool addr2line` on traces of Go 1.5.
        command.env("PATH", self.go.root().join("bin"));
        let out = run(command.arg("answers").args(files))?;
        let answers = out.lines().map(serde_json::from_str);
        let answers: Vec<Answer> = answers
            .collect::<Result<_, _>>()
            .map_err(|e| e.to_string())?;
        if answers.len() != files.len() {
            return Err(format!(
                "{} answers to {} files",
                answers.len(),
                files.len()
            ));
        }
        Ok(answers)
    }
}

fn run(command: &mut Command) -> Result<String, String> {
    let output = command.output().map_err(|e| e.to_string())?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let stderr = String::from_utf8_lossy(&output.stderr);
    Err(format!("{command:?}: {}: {stderr}", output.status))
}
