//! A contestant that is compiled from an installed Go, in place: `go build -overlay` lets
//! files of ours stand among those of the toolchain, where they can name what it hides.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

/// An installed toolchain.
pub(crate) struct Go {
    version: String,
    root: PathBuf,
}

impl Go {
    /// The toolchain of a minor version, where `scripts/oracles` puts it; or the reason why there
    /// is none.
    pub(crate) fn find(version: &str) -> Result<Self, String> {
        let root = folder().join(format!("go{version}"));
        if !root.join("bin/go").is_file() {
            return Err(format!(
                "Go {version} is not installed (scripts/oracles {version})"
            ));
        }
        let version = version.to_owned();
        Ok(Self { version, root })
    }

    /// The newest that is installed.
    pub(crate) fn newest() -> Option<Self> {
        let installed = std::fs::read_dir(folder()).ok()?;
        let minors = installed.filter_map(|entry| {
            let name = entry.ok()?.file_name();
            name.to_str()?.strip_prefix("go1.")?.parse::<u32>().ok()
        });
        Self::find(&format!("1.{}", minors.max()?)).ok()
    }

    /// Its minor version.
    pub(crate) fn version(&self) -> &str {
        &self.version
    }

    /// Builds `main`, with `added` in the folder `package` of the toolchain's sources, and
    /// starts it.
    pub(crate) fn start(&self, main: &Path, package: &str, added: &Path) -> Result<Turns, String> {
        let name = main.parent().and_then(Path::file_name).unwrap_or_default();
        let work = Path::new(env!("CARGO_TARGET_TMPDIR")).join("go-benches");
        let built = work.join(format!("{}-go{}", name.display(), self.version));
        std::fs::create_dir_all(&work).map_err(|e| format!("{}: {e}", work.display()))?;

        let place = self
            .root
            .join("src")
            .join(package)
            .join("zz_sigprof_bench.go");
        let overlay = built.with_extension("overlay.json");
        // `{:?}` quotes as JSON does, for any path without control characters.
        let json = format!(r#"{{"Replace": {{{place:?}: {added:?}}}}}"#);
        std::fs::write(&overlay, json).map_err(|e| format!("{}: {e}", overlay.display()))?;

        let mut build = Command::new(self.root.join("bin/go"));
        build.arg("build").arg("-overlay").arg(&overlay);
        build.arg("-o").arg(&built).arg(main);
        build
            .env("GOROOT", &self.root)
            .env("GOCACHE", work.join("cache"));
        build.env("GOTOOLCHAIN", "local").env("GO111MODULE", "off");
        build.env("GOFLAGS", "").env("CGO_ENABLED", "0");
        let output = build.output().map_err(|e| format!("{build:?}: {e}"))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            return Err(format!("{build:?} failed: {said}"));
        }
        Turns::start(&built)
    }
}

/// Where the toolchains are.
fn folder() -> PathBuf {
    let named = std::env::var_os("SIGPROF_ORACLES_DIR").map(PathBuf::from);
    named.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../.oracles"))
}

/// A process that takes a turn for each line that it is given.
pub(crate) struct Turns {
    child: Child,
    asks: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Turns {
    fn start(program: &Path) -> Result<Self, String> {
        let mut command = Command::new(program);
        // One P, and no collections: the loops allocate nothing.
        command.env("GOMAXPROCS", "1").env("GOGC", "off");
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().map_err(|e| format!("{command:?}: {e}"))?;
        let pipes = child.stdin.take().zip(child.stdout.take());
        let (asks, answers) = pipes.ok_or("no pipes")?;
        Ok(Self {
            child,
            asks: Some(asks),
            answers: BufReader::new(answers),
        })
    }

    /// One turn with these numbers: the CPU time it took.
    pub(crate) fn turn(&mut self, numbers: &[usize]) -> Result<Duration, String> {
        let mut line = String::new();
        for number in numbers {
            let separator = if line.is_empty() { "" } else { " " };
            let _ = write!(line, "{separator}{number}");
        }
        line.push('\n');
        let asks = self.asks.as_mut().ok_or("no pipe")?;
        asks.write_all(line.as_bytes()).map_err(|e| e.to_string())?;
        let mut answer = String::new();
        let read = self.answers.read_line(&mut answer);
        read.map_err(|e| e.to_string())?;
        let nanos = answer.trim_end().parse();
        let nanos = nanos.map_err(|_| format!("want nanoseconds, got {answer:?}"))?;
        Ok(Duration::from_nanos(nanos))
    }
}

impl Drop for Turns {
    fn drop(&mut self) {
        // It goes at the end of its input.
        drop(self.asks.take());
        let _ = self.child.wait();
    }
}
