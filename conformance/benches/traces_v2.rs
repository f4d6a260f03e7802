//! Traces of Go 1.22 and later: how many times as fast as Go 1.27's own reader is ours?
//!
//! | contestant | what |
//! |---|---|
//! | Go | `internal/trace`, a `Reader` asked for every event: it orders and validates them and has the tables at hand |
//! | Go, printing | `go tool trace -d=parsed` |
//! | sigprof | `sigprof stat` and `sigprof parse`: the same work |
//!
//! Each run is a process of its own, on one CPU if there is `taskset`; runs of the
//! contestants take turns, and the least CPU time (user and system, of all threads) counts.
//! Memory is what is the process's own, without pages of the file. A bar that is not met is
//! no failure, as machines are noisy. `SIGPROF_BENCH=full` adds the traces of 100 MB and 1 GB.

#[path = "traces/go.rs"]
mod go;
#[path = "traces_v2/worst.rs"]
mod worst;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use go::Cost;
use sigprof::oracle::Go;

/// Runs of each contestant.
const ROUNDS: usize = 5;

/// The release whose reader and whose traces these are.
const RELEASE: &str = "1.27";

/// Programs run with so many Ps, ordinarily.
const FEW: &[&str] = &["4"];

/// Many Ps, and threads that give way to each other all the time.
const SHORT: &[&str] = &["64", "short"];

fn main() -> ExitCode {
    // `cargo test --benches` starts it, too, and times nothing.
    if !std::env::args().any(|arg| arg == "--bench") {
        println!("traces_v2: skipped: not under `cargo bench`");
        return ExitCode::SUCCESS;
    }
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            println!("traces_v2: {why}");
            ExitCode::FAILURE
        }
    }
}

/// The two readers that are compared.
struct Contestants {
    measure: PathBuf,
    /// The reader of Go's `internal/trace`.
    reader: PathBuf,
    /// `go tool trace`.
    tool: PathBuf,
    ours: PathBuf,
}

fn run() -> Result<(), String> {
    std::fs::create_dir_all(go::folder()).map_err(|e| e.to_string())?;
    let go = match go::first(&[RELEASE]) {
        Ok((_, go)) => go,
        Err(why) => {
            println!("traces_v2: skipped: {why}");
            return Ok(());
        }
    };
    let all = Contestants {
        measure: go::build(&go, "measure", None)?,
        reader: go::build(&go, "v2", Some("internal/trace"))?,
        tool: tool(&go)?,
        ours: PathBuf::from(env!("CARGO_BIN_EXE_sigprof")),
    };
    println!(
        "{:<52} {:>10} {:>10} {:>8}  bar",
        "", "sigprof", "other", "ratio"
    );
    let small = go::generate(&go, 10, FEW)?;
    let per_event = all.read("10 MB, 4 Ps", &small, 6.0)?;
    all.read(
        "10 MB, 64 Ps, short runs",
        &go::generate(&go, 10, SHORT)?,
        6.0,
    )?;
    let worst = go::folder().join("64-threads.trace");
    std::fs::write(&worst, worst::trace(64, 1_000_000)).map_err(|e| e.to_string())?;
    all.read("64 threads at random", &worst, 4.0)?;
    all.print_as_go(&small)?;
    all.print("text", &small)?;
    all.print("json", &small)?;
    all.export(&small)?;
    if std::env::var("SIGPROF_BENCH").is_ok_and(|v| v == "full") {
        let large = go::generate(&go, 100, FEW)?;
        all.read("100 MB, 4 Ps", &large, 6.0)?;
        all.memory("100 MB, 4 Ps", &large)?;
        let short = go::generate(&go, 100, SHORT)?;
        all.read("100 MB, 64 Ps, short runs", &short, 6.0)?;
        all.memory("100 MB, 64 Ps, short runs", &short)?;
        let huge = go::generate(&go, 1000, FEW)?;
        let (ns, of_small) = (all.stat(&huge)?, per_event);
        row(
            "1 GB against 10 MB: stat, ns an event",
            ns,
            of_small,
            "",
            Bar::Most(1.2),
        );
    }
    Ok(())
}

/// The bars of a ratio.
#[derive(Clone, Copy)]
enum Bar {
    /// The other takes so many times as much, at least.
    Least(f64),
    /// Ours takes so many times as much, at most.
    Most(f64),
}

fn row(what: &str, ours: f64, other: f64, unit: &str, bar: Bar) {
    let (ratio, wanted, is_met) = match bar {
        Bar::Least(bar) => (other / ours, format!(">= {bar}"), other / ours >= bar),
        Bar::Most(bar) => (ours / other, format!("<= {bar}"), ours / other <= bar),
    };
    let said = if is_met { "MET" } else { "NOT MET" };
    let (ours, other) = (format!("{ours:.1}{unit}"), format!("{other:.1}{unit}"));
    println!("{what:<52} {ours:>10} {other:>10} {ratio:>8.2}  {wanted} {said}");
}

/// `go tool trace` of a toolchain, which is not built in every one.
fn tool(go: &Go) -> Result<PathBuf, String> {
    let program = go::folder().join(format!("go-tool-trace-{RELEASE}"));
    let mut command = go.command();
    command.env("GOFLAGS", "").args(["build", "-o"]);
    go::run(
        command
            .arg(&program)
            .arg("cmd/trace")
            .current_dir(go::folder()),
    )?;
    Ok(program)
}

impl Contestants {
    /// The least cost of each command, which take turns.
    fn costs<const N: usize>(&self, commands: [&[&Path]; N]) -> Result<[f64; N], String> {
        let mut costs = [Cost::MOST; N];
        for _ in 0..ROUNDS {
            for (cost, command) in costs.iter_mut().zip(commands) {
                *cost = cost.min(go::measure(&self.measure, command)?);
            }
        }
        Ok(costs.map(|cost| cost.cpu.as_secs_f64() * 1e3))
    }

    /// Reads a trace; how long an event takes ours, in ns.
    fn read(&self, what: &str, trace: &Path, bar: f64) -> Result<f64, String> {
        let stat = [&self.ours, Path::new("stat"), trace];
        let [ours, theirs] = self.costs([&stat, &[&self.reader, trace]])?;
        row(
            &format!("{what}: stat, Go's Reader"),
            ours,
            theirs,
            " ms",
            Bar::Least(bar),
        );
        let events = self.events(trace)?;
        let (ours, theirs) = (ours * 1e6 / events, theirs * 1e6 / events);
        println!("{:<52} {ours:>7.1} ns {theirs:>7.1} ns", "  an event");
        Ok(ours)
    }

    /// Events of a trace.
    fn events(&self, trace: &Path) -> Result<f64, String> {
        let stat = Command::new(&self.ours)
            .args(["stat", "--format", "json"])
            .arg(trace)
            .output();
        let stat = stat.map_err(|e| e.to_string())?;
        let stat: serde_json::Value =
            serde_json::from_slice(&stat.stdout).map_err(|e| e.to_string())?;
        stat["events"]
            .as_f64()
            .ok_or_else(|| format!("{}: no events", trace.display()))
    }

    /// How long an event takes `stat`, in ns.
    fn stat(&self, trace: &Path) -> Result<f64, String> {
        let [ours] = self.costs([&[&self.ours, Path::new("stat"), trace]])?;
        Ok(ours * 1e6 / self.events(trace)?)
    }

    fn memory(&self, what: &str, trace: &Path) -> Result<(), String> {
        let ours = self.private(&[&self.ours, Path::new("stat"), trace])?;
        let theirs = self.private(&[&self.reader, trace])?;
        row(
            &format!("{what}: memory of its own"),
            ours,
            theirs,
            " MiB",
            Bar::Least(15.0),
        );
        Ok(())
    }

    /// The most memory that is a process's own, in MiB: the least of the runs.
    fn private(&self, command: &[&Path]) -> Result<f64, String> {
        let mut least = f64::MAX;
        for _ in 0..ROUNDS {
            let out = go::run(Command::new(&self.measure).arg("-private").args(command))?;
            let kib: f64 = out
                .trim()
                .parse()
                .map_err(|_| format!("measure: {out:?}"))?;
            least = least.min(kib / 1024.0);
        }
        Ok(least)
    }

    fn print_as_go(&self, trace: &Path) -> Result<(), String> {
        let ours = ["parse", "--format", "go"].map(Path::new);
        let ours = [&[&*self.ours][..], &ours, &[trace]].concat();
        let [ours, theirs] = self.costs([&ours, &[&self.tool, Path::new("-d=parsed"), trace]])?;
        let what = "10 MB, 4 Ps: parse --format go, go tool trace";
        row(what, ours, theirs, " ms", Bar::Least(10.0));
        Ok(())
    }

    fn print(&self, format: &str, trace: &Path) -> Result<(), String> {
        let ours = ["parse", "--format", format].map(Path::new);
        let ours = [&[&*self.ours][..], &ours, &[trace]].concat();
        let [ours, stat] = self.costs([&ours, &[&self.ours, Path::new("stat"), trace]])?;
        let what = format!("10 MB, 4 Ps: parse --format {format}, stat");
        row(&what, ours, stat, " ms", Bar::Most(4.0));
        Ok(())
    }

    fn export(&self, trace: &Path) -> Result<(), String> {
        let ours = ["export", "--format", "chrome", "-o", "/dev/null"].map(Path::new);
        let ours = [&[&*self.ours][..], &ours, &[trace]].concat();
        let [ours, stat] = self.costs([&ours, &[&self.ours, Path::new("stat"), trace]])?;
        let what = "10 MB, 4 Ps: export --format chrome, stat";
        row(what, ours, stat, " ms", Bar::Most(4.0));
        Ok(())
    }
}
