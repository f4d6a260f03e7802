//! The real Go toolchains, as judges.
//!
//! `scripts/oracles` installs them. What needs one skips with a line that says so
//! where it is absent, unless the environment says that it must be there
//! (`SIGPROF_ORACLES=required`).

pub mod compare;
pub mod pprof_raw;

use std::fmt;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The variable that says what to do without real Go.
pub const MODE_VARIABLE: &str = "SIGPROF_ORACLES";

/// The variable that says where the toolchains are, if not in `.oracles`.
pub const FOLDER_VARIABLE: &str = "SIGPROF_ORACLES_DIR";

/// What to do with the comparisons that need real Go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// Run those whose toolchain is installed, skip the others.
    #[default]
    Auto,
    /// Fail where a toolchain is absent.
    Required,
    /// Run none.
    Off,
}

impl Mode {
    /// What the environment says.
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
        /// `1.19`
        version: String,
        /// Where it was looked for, or what installs it.
        place: String,
    },
    /// It is there, and failed.
    #[error("{command}: {message}")]
    Failed {
        /// What was run.
        command: String,
        /// What it said.
        message: String,
    },
}

/// An installed Go toolchain.
#[derive(Clone, Debug)]
pub struct Go {
    version: String,
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

    /// The toolchain of a minor version, such as `1.19`.
    ///
    /// # Errors
    /// [`OracleError::Absent`]; or [`OracleError::Failed`] if it is of another version.
    pub fn find(version: &str) -> Result<Self, OracleError> {
        let folders = folders();
        let roots = folders.iter().map(|f| f.join(format!("go{version}")));
        let mut installed = roots.filter(|root| root.join("bin/go").is_file());
        let root = installed.next();
        let root = root.ok_or_else(|| OracleError::Absent {
            version: version.to_owned(),
            place: match std::env::var_os(FOLDER_VARIABLE) {
                None => format!(" (scripts/oracles {version})"),
                Some(folder) => format!(" in {} ({FOLDER_VARIABLE})", Path::new(&folder).display()),
            },
        })?;
        is_of(&root, version)?;
        Ok(Self {
            version: version.to_owned(),
            cache: root.with_file_name("cache"),
            root,
        })
    }

    /// The folder of the toolchain, Go's GOROOT.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// What `go tool trace -d` prints for a v1 trace.
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
        // From 1.22 on the option has a value; for v1 traces any of them does the same.
        let option = match self.version.as_str() {
            "1.22" => "-d=1",
            _ => "-d",
        };
        let mut args = vec![Path::new("tool"), Path::new("trace"), Path::new(option)];
        args.extend(program);
        args.push(trace);
        self.run(&args)
    }

    /// What `go tool pprof -raw` prints.
    ///
    /// # Errors
    /// [`OracleError::Failed`] with what it said, if it rejects the profile.
    pub fn pprof_raw(&self, profile: &Path) -> Result<Vec<u8>, OracleError> {
        let args = ["tool", "pprof", "-raw", "-symbolize=none"].map(Path::new);
        self.run(&[&args[..], &[profile]].concat())
    }

    /// The command `go`, with nothing of the caller's Go settings.
    #[must_use]
    pub fn command(&self) -> Command {
        let mut command = Command::new(self.root.join("bin/go"));
        command
            .env("GOROOT", &self.root)
            .env("GOCACHE", &self.cache)
            .env("GOENV", "off")
            .env("GOFLAGS", "-mod=mod")
            .env("GOPROXY", "off")
            .env("GOTOOLCHAIN", "local")
            .env("GOWORK", "off");
        command
    }

    fn run(&self, args: &[&Path]) -> Result<Vec<u8>, OracleError> {
        let failed = |message: String| {
            let args: Vec<_> = args.iter().map(|a| a.to_string_lossy()).collect();
            OracleError::Failed {
                command: format!("{self}: go {}", args.join(" ")),
                message,
            }
        };
        let output = self.command().args(args).output();
        let output = output.map_err(|e| failed(e.to_string()))?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        let stderr = String::from_utf8_lossy(&output.stderr);
        let last = stderr.lines().last().unwrap_or_default();
        Err(failed(format!("{}: {last}", output.status)))
    }
}

/// That a toolchain is of this minor version, as far as it says of what version it is: another
/// that has got there by mistake is no judge.
fn is_of(root: &Path, version: &str) -> Result<(), OracleError> {
    let Ok(says) = std::fs::read_to_string(root.join("VERSION")) else {
        return Ok(());
    };
    let says = says.lines().next().unwrap_or_default();
    let rest = says
        .strip_prefix("go")
        .and_then(|rest| rest.strip_prefix(version));
    if rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit())) {
        return Ok(());
    }
    Err(OracleError::Failed {
        command: root.join("VERSION").display().to_string(),
        message: format!("want go{version}, got {says}"),
    })
}

/// Where toolchains may be: the folder that the environment names, or else
/// `.oracles` here or above, or in the checkout that this program was built from.
fn folders() -> Vec<PathBuf> {
    if let Some(folder) = std::env::var_os(FOLDER_VARIABLE) {
        return vec![folder.into()];
    }
    let here = std::env::current_dir().unwrap_or_default();
    let above = here.ancestors().map(Path::to_path_buf);
    let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    above
        .chain([checkout])
        .map(|f| f.join(".oracles"))
        .collect()
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
