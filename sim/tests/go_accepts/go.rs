//! A real Go toolchain, and what its trace tool says of a file.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use sigprof_wire::FormatVersion;

/// A toolchain that `just oracles` has installed.
pub(crate) struct Go {
    version: String,
    oracles: PathBuf,
}

impl Go {
    /// The toolchain of this version. Without it the test says so and ends well, unless
    /// `SIGPROF_ORACLES=required`.
    pub(crate) fn find(version: &str) -> Option<Self> {
        let oracles = std::env::var_os("SIGPROF_ORACLES_DIR").map_or_else(
            || Path::new(env!("CARGO_MANIFEST_DIR")).join("../.oracles"),
            PathBuf::from,
        );
        let go = Self {
            version: version.to_owned(),
            oracles,
        };
        if go.program().is_file() {
            return Some(go);
        }
        let message = format!("Go {version} is not installed (just oracles)");
        let required = std::env::var("SIGPROF_ORACLES").is_ok_and(|value| value == "required");
        assert!(!required, "{message}");
        // Past the test harness, which would swallow what a passing test prints.
        let _ = writeln!(std::io::stderr(), "skipped: {message}");
        None
    }

    /// The newest format that this Go reads.
    pub(crate) fn format(&self) -> FormatVersion {
        match self.version.as_str() {
            "1.19" => FormatVersion::GO_1_19,
            "1.21" => FormatVersion::GO_1_21,
            other => panic!("Go {other} is no judge of v1 traces here"),
        }
    }

    /// An expected line as this Go spells it: 1.21 renamed two events.
    pub(crate) fn spelling(&self, line: &str) -> String {
        if self.format() < FormatVersion::GO_1_21 {
            return line.to_owned();
        }
        line.replace(" GCSTWStart ", " STWStart ")
            .replace(" GCSTWDone ", " STWDone ")
    }

    /// The events of a trace, one a line (`go tool trace -d`), or the reason why Go refuses it.
    pub(crate) fn parse(&self, trace: &[u8]) -> Result<String, String> {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("trace");
        std::fs::write(&file, trace).unwrap();
        let output = self.tool(&["trace", "-d"], &file);
        if output.status.success() {
            Ok(String::from_utf8(output.stdout).unwrap())
        } else {
            Err(String::from_utf8_lossy(&output.stderr).into_owned())
        }
    }

    /// The profile of blocking that Go makes of a trace, as text.
    pub(crate) fn block_profile(&self, trace: &[u8]) -> String {
        let dir = tempfile::tempdir().unwrap();
        let (file, profile) = (dir.path().join("trace"), dir.path().join("profile"));
        std::fs::write(&file, trace).unwrap();
        let output = self.tool(&["trace", "-pprof=sync"], &file);
        assert!(output.status.success(), "{output:?}");
        std::fs::write(&profile, output.stdout).unwrap();
        let output = self.tool(&["pprof", "-raw"], &profile);
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn program(&self) -> PathBuf {
        self.root().join("bin/go")
    }

    fn root(&self) -> PathBuf {
        self.oracles.join(format!("go{}", self.version))
    }

    fn tool(&self, arguments: &[&str], file: &Path) -> Output {
        Command::new(self.program())
            .arg("tool")
            .args(arguments)
            .arg(file)
            .env("GOROOT", self.root())
            .env("GOTOOLCHAIN", "local")
            .env("GOCACHE", self.oracles.join("cache"))
            .output()
            .expect("the toolchain runs")
    }
}
