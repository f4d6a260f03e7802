//! The programs that are built with installed Go toolchains: the peers, the generator of traces,
//! and the command that measures a process.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use sigprof::oracle::Go;

/// The cost of a process.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    pub(crate) cpu: Duration,
    /// Peak resident memory, in KiB.
    pub(crate) peak_rss: u64,
}

impl Cost {
    pub(crate) const MOST: Self = Self {
        cpu: Duration::MAX,
        peak_rss: u64::MAX,
    };

    /// The lesser of each.
    pub(crate) fn min(self, other: Self) -> Self {
        Self {
            cpu: self.cpu.min(other.cpu),
            peak_rss: self.peak_rss.min(other.peak_rss),
        }
    }
}

/// Where everything is built and kept.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench-traces")
}

fn source(name: &str) -> PathBuf {
    let benches = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/go/traces");
    benches.join(name).with_extension("go")
}

/// The toolchain of the first of these versions that is installed.
pub(crate) fn first(versions: &[&'static str]) -> Result<(&'static str, Go), String> {
    let installed = versions.iter().find_map(|v| Some((*v, Go::find(v).ok()?)));
    installed.ok_or_else(|| format!("Go {} is not installed", versions.join(" or ")))
}

/// Builds a program of ours; with `package` as if it stood below that package of the
/// toolchain, where it may import what is internal there. Nothing of Go is copied.
pub(crate) fn build(go: &Go, name: &str, package: Option<&str>) -> Result<PathBuf, String> {
    let version = go.to_string().replace(' ', "-");
    let program = folder().join(format!("{name}-{version}"));
    let mut command = go.command();
    // The toolchain's own module says what it needs.
    command
        .env("GOFLAGS", "")
        .args(["build", "-o"])
        .arg(&program);
    match package {
        None => {
            command.arg(source(name)).current_dir(folder());
        }
        Some(package) => {
            // Go compares paths as they are written.
            let root = go.root().canonicalize().map_err(|e| e.to_string())?;
            command.env("GOROOT", &root);
            let src = root.join("src");
            let package = format!("{package}/zz_sigprof");
            let (place, ours) = (src.join(&package).join("main.go"), source(name));
            let json = serde_json::json!({ "Replace": { place.to_string_lossy(): ours } });
            let overlay = folder().join(format!("{name}-{version}.json"));
            std::fs::write(&overlay, json.to_string()).map_err(|e| e.to_string())?;
            command
                .arg("-overlay")
                .arg(overlay)
                .arg(package)
                .current_dir(src);
        }
    }
    run(&mut command)?;
    Ok(program)
}

/// Runs a command to its end.
pub(crate) fn run(command: &mut Command) -> Result<String, String> {
    let output = command.output();
    let output = output.map_err(|e| format!("{command:?}: {e}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let stderr = String::from_utf8_lossy(&output.stderr);
    Err(format!("{command:?}: {}: {stderr}", output.status))
}

/// Whether a process can be kept on one CPU.
fn has_taskset() -> bool {
    static HAS: OnceLock<bool> = OnceLock::new();
    *HAS.get_or_init(|| run(Command::new("taskset").args(["-c", "0", "true"])).is_ok())
}

/// Runs a command in a fresh process.
pub(crate) fn measure(measure: &Path, command: &[&Path]) -> Result<Cost, String> {
    let pinned = ["taskset", "-c", "0"].map(Path::new);
    let mut words = if has_taskset() {
        pinned.to_vec()
    } else {
        Vec::new()
    };
    words.push(measure);
    let out = run(Command::new(words[0]).args(&words[1..]).args(command))?;
    let numbers: Vec<u64> = out.split_whitespace().flat_map(str::parse).collect();
    match numbers[..] {
        [cpu, peak_rss] => Ok(Cost {
            cpu: Duration::from_nanos(cpu),
            peak_rss,
        }),
        _ => Err(format!("{}: {out:?}", measure.display())),
    }
}

/// A trace that a program of ours made, run by this Go; it is kept for the next time. What
/// `options` there are stands in the program.
pub(crate) fn generate(go: &Go, megabytes: u32, options: &[&str]) -> Result<PathBuf, String> {
    let version = go.to_string().replace(' ', "-");
    let options_said: String = options.iter().map(|o| format!("-{o}")).collect();
    let path = folder().join(format!("{version}-{megabytes}MB{options_said}.trace"));
    if !path.is_file() {
        let generator = build(go, "generate", None)?;
        let unfinished = path.with_extension("unfinished");
        let mut command = Command::new(generator);
        command.arg(&unfinished).arg(megabytes.to_string());
        run(command.args(options))?;
        std::fs::rename(&unfinished, &path).map_err(|e| e.to_string())?;
    }
    Ok(path)
}
