//! The real Go toolchains, as judges.
//!
//! `scripts/oracles` installs them. What needs one skips with a line that says so
//! where it is absent, unless the environment says that it must be there
//! (`SIGPROF_ORACLES=required`).

mod checkout;
pub mod compare;
pub mod parsed;
pub mod pprof_raw;
mod release;

pub use release::{RELEASES, Release};

use std::collections::BTreeMap;
use std::fmt;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

/// The variable that says what to do without real Go.
pub const MODE_VARIABLE: &str = "SIGPROF_ORACLES";

/// The variable that says where the toolchains are, if not in the checkout's `.oracles`.
pub const FOLDER_VARIABLE: &str = "SIGPROF_ORACLES_DIR";

/// Whether comparisons with real Go are run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// Run those whose toolchain is installed, skip the others.
    #[default]
    Auto,
    /// Fail where a toolchain is absent.
    Required,
    /// Run no comparison.
    Off,
}

impl Mode {
    /// Reads the mode from the environment.
    ///
    /// # Panics
    /// If it says something else: who means `required` is not to get `auto`.
    #[must_use]
    pub fn from_env() -> Self {
        let said = std::env::var_os(MODE_VARIABLE);
        let said = said.as_ref().map(|said| said.to_string_lossy());
        Self::said(said.as_deref())
    }

    fn said(said: Option<&str>) -> Self {
        match said {
            Some("required") => Self::Required,
            Some("off") => Self::Off,
            None | Some("auto") => Self::Auto,
            Some(other) => panic!("{MODE_VARIABLE}: want auto, required or off, got {other:?}"),
        }
    }
}

/// Why a comparison with real Go did not take place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OracleError {
    /// The toolchain is not there.
    #[error("Go {version} is not installed{place}")]
    Absent {
        /// The release, such as `1.19`.
        version: String,
        /// Where it was looked for, or what installs it.
        place: String,
    },
    /// The toolchain is there, and failed.
    #[error("{command}: {message}")]
    Failed {
        /// The command that was run.
        command: String,
        /// The message of the command.
        message: String,
    },
}

/// An installed Go toolchain.
#[derive(Clone, Debug)]
pub struct Go {
    version: String,
    release: String,
    root: PathBuf,
    cache: PathBuf,
}

impl fmt::Display for Go {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Go {}", self.version)
    }
}

impl Go {
    /// The same for a test: if it is absent, a line says that the test is skipped.
    ///
    /// # Panics
    /// If it is absent and the environment says that it must be there, or if another is there.
    #[must_use]
    pub fn find_or_skip(version: &str) -> Option<Self> {
        match Self::find(version) {
            Ok(go) => Some(go),
            Err(failed @ OracleError::Failed { .. }) => panic!("{failed}"),
            Err(absent) if Mode::from_env() == Mode::Required => panic!("{absent}"),
            Err(absent) => {
                // Past the test harness, which would swallow what a passing test prints.
                let _ = writeln!(std::io::stderr(), "skipped: {absent}");
                None
            }
        }
    }

    /// The toolchain of a minor version, such as `1.19`, in the folder that the environment
    /// names, or else in the checkout that has this program.
    ///
    /// # Errors
    /// [`OracleError::Absent`]; or [`OracleError::Failed`] if it is of another version, or does
    /// not say of which.
    pub fn find(version: &str) -> Result<Self, OracleError> {
        Self::find_in(None, version)
    }

    /// The same in a folder that somebody has named, if one is given.
    ///
    /// # Errors
    /// As [`find`](Self::find).
    pub fn find_in(folder: Option<&Path>, version: &str) -> Result<Self, OracleError> {
        let absent = |place: String| OracleError::Absent {
            version: version.to_owned(),
            place,
        };
        let (folder, place) = match (folder, std::env::var_os(FOLDER_VARIABLE)) {
            (Some(folder), _) => (folder.to_owned(), Some("--oracles-dir")),
            (None, Some(folder)) => (folder.into(), Some(FOLDER_VARIABLE)),
            (None, None) => match checkout::here() {
                Some(checkout) => (checkout.join(".oracles"), None),
                None => {
                    let place = format!("; {FOLDER_VARIABLE} names a folder with go{version}");
                    return Err(absent(place));
                }
            },
        };
        let root = folder.join(format!("go{version}"));
        if !root.join("bin/go").is_file() {
            return Err(absent(match place {
                None => format!(" (scripts/oracles {version})"),
                Some(by) => format!(" in {} ({by})", folder.display()),
            }));
        }
        let root = std::path::absolute(&root).unwrap_or(root);
        let mut go = Self {
            version: version.to_owned(),
            release: String::new(),
            cache: root.with_file_name("cache"),
            root,
        };
        go.release = go.checked_release()?;
        Ok(go)
    }

    /// The release, which `VERSION` and the program itself must both say: what is not sure to be
    /// that release is no judge. Asked once of each toolchain.
    fn checked_release(&self) -> Result<String, OracleError> {
        type Known = BTreeMap<PathBuf, Result<String, OracleError>>;
        static KNOWN: Mutex<Known> = Mutex::new(BTreeMap::new());
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        let asked = known.entry(self.root.clone());
        asked.or_insert_with(|| self.ask_release()).clone()
    }

    fn ask_release(&self) -> Result<String, OracleError> {
        let file = self.root.join("VERSION");
        let failed = |message: String| OracleError::Failed {
            command: file.display().to_string(),
            message,
        };
        let version = &self.version;
        let text = std::fs::read_to_string(&file);
        let text = text.map_err(|e| failed(format!("want go{version}, got no such file ({e})")))?;
        let release = text.lines().next().unwrap_or_default().trim();
        if !is_of(release, version) {
            return Err(failed(format!("want go{version}, got {release}")));
        }
        let said = self.run(&["version"], &[])?;
        let said = String::from_utf8_lossy(&said);
        let says = said.strip_prefix("go version ");
        let says = says.and_then(|rest| rest.split_whitespace().next());
        if says != Some(release) {
            let message = format!("want {release} as in VERSION, got {}", said.trim());
            return Err(OracleError::Failed {
                command: format!("{} version", self.root.join("bin/go").display()),
                message,
            });
        }
        Ok(release.to_owned())
    }

    /// Its row in [`RELEASES`], if there is one.
    #[must_use]
    pub fn row(&self) -> Option<&'static Release> {
        Release::of(&self.version)
    }

    /// The release in full, as both `VERSION` and the program say: `go1.19.8`.
    #[must_use]
    pub fn release(&self) -> &str {
        &self.release
    }

    /// The folder of the toolchain, Go's GOROOT.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Runs `go tool trace -d` on a v1 trace and returns what it prints.
    ///
    /// # Errors
    /// [`OracleError::Failed`] with what it said, if it rejects the trace.
    pub fn trace_d(&self, trace: &Path) -> Result<Vec<u8>, OracleError> {
        self.trace_d_with(trace, None)
    }

    /// The same, given the program that wrote the trace. Go refuses a trace of Go 1.5 or
    /// 1.6 without one, though it takes any.
    ///
    /// # Errors
    /// As [`trace_d`](Self::trace_d).
    pub fn trace_d_with(
        &self,
        trace: &Path,
        program: Option<&Path>,
    ) -> Result<Vec<u8>, OracleError> {
        let option = self.row().and_then(|row| row.trace_d);
        let option = option.ok_or_else(|| OracleError::Failed {
            command: format!("{self}: go tool trace -d"),
            message: "it prints no event of a v1 trace as it is".to_owned(),
        })?;
        let files: Vec<_> = program.into_iter().chain([trace]).collect();
        self.run(&["tool", "trace", option], &files)
    }

    /// Runs `go tool trace -d=parsed` on a v2 trace, or what it was before Go 1.24: what it prints
    /// where it is UTC, and how it ended, with its last words.
    ///
    /// # Errors
    /// [`OracleError::Failed`] if it cannot be asked, or panics.
    pub fn trace_parsed(&self, trace: &Path) -> Result<parsed::Printed<String>, OracleError> {
        let failed = |message: String| OracleError::Failed {
            command: format!("{self}: go tool trace -d=parsed {}", trace.display()),
            message,
        };
        let option = self.row().and_then(|row| row.parsed);
        let option = option.ok_or_else(|| failed("it reads no v2 trace".to_owned()))?;
        // The command `go` would take eight times as long to find it each time.
        let mut command = self.command_of(self.tool("trace")?);
        command.arg(option).arg(trace).env("TZ", "UTC");
        let output = command.current_dir(&self.root).output();
        let output = output.map_err(|e| failed(e.to_string()))?;
        if output.status.success() {
            return Ok((output.stdout, Ok(())));
        }
        let stderr = String::from_utf8_lossy(&output.stderr);
        let said = stderr.lines().last().unwrap_or_default().to_owned();
        match output.status.code() {
            // Go's log.Fatal; a panic ends with 2, and a signal without a code.
            Some(1) => Ok((output.stdout, Err(said))),
            _ => Err(failed(format!("{}: {said}", output.status))),
        }
    }

    /// The program of a tool. From Go 1.25 on the first question builds it. Asked once of each
    /// toolchain.
    fn tool(&self, name: &str) -> Result<PathBuf, OracleError> {
        type Known = BTreeMap<(PathBuf, String), Result<PathBuf, OracleError>>;
        static KNOWN: Mutex<Known> = Mutex::new(BTreeMap::new());
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        let asked = known.entry((self.root.clone(), name.to_owned()));
        let ask = || {
            let path = self.run(&["tool", "-n", name], &[])?;
            Ok(String::from_utf8_lossy(&path).trim().into())
        };
        asked.or_insert_with(ask).clone()
    }

    /// Runs `go tool pprof -raw` and returns what it prints.
    ///
    /// # Errors
    /// [`OracleError::Failed`] with what it said, if it rejects the profile.
    pub fn pprof_raw(&self, profile: &Path) -> Result<Vec<u8>, OracleError> {
        self.run(&["tool", "pprof", "-raw", "-symbolize=none"], &[profile])
    }

    /// The command `go`, with nothing of the caller's environment but home, temporary folder
    /// and those folders of PATH that do not depend on where we are.
    #[must_use]
    pub fn command(&self) -> Command {
        self.command_of(self.root.join("bin/go"))
    }

    fn command_of(&self, program: PathBuf) -> Command {
        let mut command = Command::new(program);
        command.env_clear();
        for kept in ["HOME", "TMPDIR"] {
            command.envs(std::env::var_os(kept).map(|value| (kept, value)));
        }
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = std::env::split_paths(&path).filter(|folder| folder.is_absolute());
        command
            .envs(std::env::join_paths(path).map(|path| ("PATH", path)))
            .env("GOROOT", &self.root)
            .env("GOCACHE", &self.cache)
            .env("GOENV", "off")
            .env("GOFLAGS", "-mod=mod")
            .env("GOPROXY", "off")
            .env("GOTOOLCHAIN", "local")
            .env("GOWORK", "off");
        command
    }

    fn run(&self, args: &[&str], files: &[&Path]) -> Result<Vec<u8>, OracleError> {
        let failed = |message: String| {
            let files = files.iter().map(|file| file.to_string_lossy());
            let words = args.iter().map(|&word| word.into()).chain(files);
            OracleError::Failed {
                command: format!("{self}: go {}", words.collect::<Vec<_>>().join(" ")),
                message,
            }
        };
        // Where it runs nobody has put a go.mod, which newer ones would heed.
        let files = files.iter().map(std::path::absolute);
        let files = files.collect::<std::io::Result<Vec<_>>>();
        let files = files.map_err(|e| failed(e.to_string()))?;
        let mut command = self.command();
        command.args(args).args(files).current_dir(&self.root);
        let output = command.output();
        let output = output.map_err(|e| failed(e.to_string()))?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        let stderr = String::from_utf8_lossy(&output.stderr);
        let last = stderr.lines().last().unwrap_or_default();
        Err(failed(format!("{}: {last}", output.status)))
    }
}

/// Whether `go1.19.8` is of the minor version `1.19`.
fn is_of(release: &str, version: &str) -> bool {
    let rest = release.strip_prefix("go");
    let rest = rest.and_then(|rest| rest.strip_prefix(version));
    rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_says_one_of_three_words_or_nothing() {
        assert_eq!(Mode::said(None), Mode::Auto);
        assert_eq!(Mode::said(Some("auto")), Mode::Auto);
        assert_eq!(Mode::said(Some("required")), Mode::Required);
        assert_eq!(Mode::said(Some("off")), Mode::Off);
    }

    #[test]
    #[should_panic(expected = "want auto, required or off, got \"requird\"")]
    fn another_word_is_not_taken_for_none() {
        let _ = Mode::said(Some("requird"));
    }
}
