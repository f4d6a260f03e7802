//! A program of Go's text: rewritten and built by the toolchain whose text it is.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, io};

use sigprof_sim::engine::go_text::{self, Line};
use tempfile::TempDir;

use super::patch::{self, Patch};
use super::process::Process;
use crate::oracle::Go;

/// Our part of the program, by its path there.
const OURS: [(&str, &str); 21] = [
    ("go.mod", "module gotext\n\ngo 1.19\n"),
    ("engine/engine.go", include_str!("go/engine/engine.go")),
    ("engine/log.go", include_str!("go/engine/log.go")),
    ("engine/marks.go", include_str!("go/engine/marks.go")),
    ("engine/words.go", include_str!("go/engine/words.go")),
    ("atomic/atomic.go", include_str!("go/atomic/atomic.go")),
    ("rewrite/main.go", include_str!("go/rewrite/main.go")),
    ("rewrite/rewrite.go", include_str!("go/rewrite/rewrite.go")),
    ("rewrite/slice.go", include_str!("go/rewrite/slice.go")),
    ("rewrite/table.go", include_str!("go/rewrite/table.go")),
    ("abi/abi.go", include_str!("go/abi/abi.go")),
    ("sys/sys.go", include_str!("go/sys/sys.go")),
    (
        "stringslite/stringslite.go",
        include_str!("go/stringslite/stringslite.go"),
    ),
    ("tracev2/tracev2.go", include_str!("go/tracev2/tracev2.go")),
    ("text/main.go", include_str!("go/runner/main.go")),
    ("text/profile.go", include_str!("go/runner/profile.go")),
    ("text/ring.go", include_str!("go/runner/ring.go")),
    ("text/stand_ins.go", include_str!("go/runner/stand_ins.go")),
    ("text/trace.go", include_str!("go/runner/trace.go")),
    ("text/trace_v1.go", include_str!("go/runner/trace_v1.go")),
    ("text/trace_v2.go", include_str!("go/runner/trace_v2.go")),
];

/// Why there is no program of Go's text.
#[derive(Debug, thiserror::Error)]
pub enum GoTextError {
    /// A file cannot be written or read, or a program not started.
    #[error("{path}: {error}")]
    Io {
        /// The file or program.
        path: String,
        /// The words of the system.
        error: io::Error,
    },
    /// The text is not what this program knows: what is missing, or has changed shape.
    #[error("Go's text in {source_folder} cannot be taken:\n{message}")]
    Shape {
        /// The folder of the runtime's source.
        source_folder: String,
        /// The words of the rewriter, with file and line.
        message: String,
    },
    /// A patch does not fit the text.
    #[error("a patch does not fit Go's text in {source_folder}: {message}")]
    Patch {
        /// The folder of the runtime's source.
        source_folder: String,
        /// The file, what was wanted there, and where.
        message: String,
    },
    /// The program does not compile: the text uses something that nothing stands in for.
    #[error(
        "Go's text in {source_folder} does not compile with what stands in for the runtime:\n{message}"
    )]
    Build {
        /// The folder of the runtime's source.
        source_folder: String,
        /// The words of the compiler.
        message: String,
    },
}

impl GoTextError {
    pub(super) fn io(path: &Path, error: io::Error) -> Self {
        let path = path.display().to_string();
        Self::Io { path, error }
    }
}

/// A program of Go's text, in a folder of its own, which goes with it.
#[derive(Debug)]
pub struct Text {
    source: PathBuf,
    folder: TempDir,
    /// The files that were taken.
    files: Vec<String>,
}

impl Text {
    /// Makes a program of the runtime's source in `source` (a folder like `src/runtime`, or a
    /// tree that has one), or of the toolchain's own, with these changes of a copy. It takes some
    /// seconds.
    ///
    /// # Errors
    /// [`GoTextError`].
    pub fn build(go: &Go, source: Option<&Path>, patches: &[Patch]) -> Result<Self, GoTextError> {
        let source = match source {
            Some(given) if given.join("src/runtime").is_dir() => given.join("src/runtime"),
            Some(given) => given.to_owned(),
            None => go.root().join("src/runtime"),
        };
        let source = fs::canonicalize(&source).map_err(|error| GoTextError::io(&source, error))?;
        let folder = tempfile::Builder::new()
            .prefix("sigprof-go-text-")
            .tempdir();
        let folder = folder.map_err(|error| GoTextError::io(&std::env::temp_dir(), error))?;
        let mut text = Self {
            source,
            folder,
            files: Vec::new(),
        };
        for (path, content) in OURS {
            let path = text.path(path);
            let made = path.parent().map_or(Ok(()), fs::create_dir_all);
            made.and_then(|()| fs::write(&path, content))
                .map_err(|error| GoTextError::io(&path, error))?;
        }
        text.compile(go, "rewriter", "./rewrite", "")?;
        let mut before = text.rewrite(&[])?;
        let names = text.path("text/names");
        let names = fs::read_to_string(&names).map_err(|error| GoTextError::io(&names, error))?;
        text.files = names.lines().map(str::to_owned).collect();
        let is_taken = |patch: &&Patch| text.files.contains(&patch.file);
        if let Some(patch) = patches.iter().find(|patch| !is_taken(patch)) {
            return Err(GoTextError::Patch {
                source_folder: text.source.display().to_string(),
                message: format!(
                    "{}: nothing of it is taken, but of {}",
                    patch.file,
                    text.files.join(", ")
                ),
            });
        }
        for count in 1..=patches.len() {
            let after = text.rewrite(&patches[..count])?;
            if after == before {
                let Patch { file, function, .. } = &patches[count - 1];
                let within = if function.is_empty() { "" } else { " in " };
                return Err(GoTextError::Patch {
                    source_folder: text.source.display().to_string(),
                    message: format!(
                        "{file}: nothing is another by the change{within}{function}: it is in what is \
                         not taken of the text, or in a comment"
                    ),
                });
            }
            before = after;
        }
        let has_generations = text.files.iter().any(|name| name.ends_with("cpu.go"));
        text.compile(
            go,
            "runner",
            "./text",
            if has_generations { "v2" } else { "" },
        )?;
        Ok(text)
    }

    /// Takes the text with these changes of a copy: what was taken, but for its lines.
    fn rewrite(&self, patches: &[Patch]) -> Result<String, GoTextError> {
        let io = |path: &Path| {
            let path = path.to_owned();
            move |error| GoTextError::io(&path, error)
        };
        let (patched, out) = (self.path("patched"), self.path("text"));
        fs::create_dir_all(&patched).map_err(io(&patched))?;
        patch::write(patches, &self.source, &patched)?;
        let mut rewrite = Command::new(self.path("rewriter"));
        rewrite.args([&self.source, &out, &patched]);
        self.run(rewrite, |source_folder, message| GoTextError::Shape {
            source_folder,
            message,
        })?;
        let mut taken: Vec<_> = fs::read_dir(&out)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(io(&out))?
            .iter()
            .map(fs::DirEntry::path)
            .filter(|path| {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                name.starts_with("text_")
            })
            .collect();
        taken.sort();
        let mut text = String::new();
        for path in taken {
            let file = fs::read_to_string(&path).map_err(io(&path))?;
            let is_line = |line: &&str| !line.starts_with("//line ");
            text.extend(file.lines().filter(is_line).flat_map(|line| [line, "\n"]));
        }
        Ok(text)
    }

    /// The folder of the runtime's source.
    #[must_use]
    pub fn source(&self) -> &Path {
        &self.source
    }

    /// The files of it that were taken, in the order of their numbers.
    #[must_use]
    pub fn files(&self) -> &[String] {
        &self.files
    }

    /// The place in Go's text, in words; `None` if it is not known.
    pub(super) fn place(&self, line: Line) -> Option<String> {
        let file = usize::try_from(line.file).ok()?.checked_sub(1)?;
        Some(format!("{}:{}", self.files.get(file)?, line.line))
    }

    /// Has the program run all that scenarios on [`GoText`](go_text::GoText) do in `act`, on this
    /// thread of the system.
    ///
    /// # Errors
    /// Those of `act`; or the program cannot be started, or fails; in words.
    pub(super) fn running<T>(&self, act: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
        let path = self.path("runner");
        let process = Process::start(&path).map_err(|e| GoTextError::io(&path, e).to_string())?;
        go_text::install(Box::new(process));
        let done = act();
        let fault = go_text::take_fault();
        go_text::uninstall();
        fault.map_or(done, Err)
    }

    fn path(&self, below: &str) -> PathBuf {
        self.folder.path().join(below)
    }

    fn compile(&self, go: &Go, out: &str, package: &str, tags: &str) -> Result<(), GoTextError> {
        let mut command = go.command();
        command.args(["build", "-tags", tags, "-o", out, package]);
        command.current_dir(self.folder.path());
        command.env("GOWORK", "off").env("GOFLAGS", "-mod=mod");
        self.run(command, |source_folder, message| GoTextError::Build {
            source_folder,
            message,
        })
    }

    fn run(
        &self,
        mut command: Command,
        failed: impl FnOnce(String, String) -> GoTextError,
    ) -> Result<(), GoTextError> {
        let program = PathBuf::from(command.get_program());
        let output = command.output();
        let output = output.map_err(|error| GoTextError::io(&program, error))?;
        if output.status.success() {
            return Ok(());
        }
        let message = String::from_utf8_lossy(&output.stderr)
            .trim_end()
            .to_owned();
        Err(failed(self.source.display().to_string(), message))
    }
}
