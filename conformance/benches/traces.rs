//! Traces: how many times as fast as Go's own readers is ours, and in how much memory?
//!
//! | contestant | what |
//! |---|---|
//! | Go 1.19 | `internal/trace`, `Parse`, as `cmd/trace` calls it; for traces of 1.21, which it refuses, that of 1.21 |
//! | the best peer | `internal/trace/internal/tracev1`, `Parse`, of Go 1.26 or 1.27 |
//! | sigprof | `sigprof stat`: reads, orders and validates everything |
//!
//! Each run is a process of its own, on one CPU if there is `taskset`; runs of the
//! contestants take turns, and the least CPU time (user and system, of all threads) and
//! the least peak RSS count. What is promised stands in [`CASES`]; a broken promise is no
//! failure, as machines are noisy. `SIGPROF_BENCH=full` adds the traces of 100 and 500 MB.

#[path = "traces/chrome.rs"]
mod chrome;
#[path = "traces/go.rs"]
mod go;
#[path = "traces/worst.rs"]
mod worst;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use go::Cost;

/// Runs of each contestant.
const ROUNDS: usize = 5;

/// A trace, and how many times as fast (as small) as Go 1.19 and as the best peer ours is
/// promised to read it.
struct Case {
    name: &'static str,
    trace: Made,
    speed: [Option<f64>; 2],
    memory: [Option<f64>; 2],
    is_large: bool,
}

/// Where a trace comes from.
enum Made {
    /// A program of ours, run by this release: megabytes.
    By(&'static str, u32),
    /// The simulator's writer: Ps, events.
    Worst(u32, u32),
}

const NONE: [Option<f64>; 2] = [None, None];

const CASES: [Case; 8] = [
    case(
        "Go 1.19, 10 MB",
        Made::By("1.19", 10),
        [Some(20.0), Some(5.0)],
        NONE,
        false,
    ),
    case(
        "Go 1.21, 10 MB",
        Made::By("1.21", 10),
        [Some(20.0), Some(5.0)],
        NONE,
        false,
    ),
    case(
        "16 Ps at random",
        Made::Worst(16, 1_000_000),
        [None, Some(3.0)],
        NONE,
        false,
    ),
    case(
        "64 Ps at random",
        Made::Worst(64, 1_000_000),
        [None, Some(3.0)],
        NONE,
        false,
    ),
    case(
        "256 Ps at random",
        Made::Worst(256, 1_000_000),
        [None, Some(3.0)],
        NONE,
        false,
    ),
    case(
        "Go 1.19, 100 MB",
        Made::By("1.19", 100),
        [Some(25.0), Some(5.0)],
        [Some(40.0), Some(8.0)],
        true,
    ),
    case(
        "Go 1.21, 100 MB",
        Made::By("1.21", 100),
        [Some(25.0), Some(5.0)],
        [Some(40.0), Some(8.0)],
        true,
    ),
    case("Go 1.19, 500 MB", Made::By("1.19", 500), NONE, NONE, true),
];

const fn case(
    name: &'static str,
    trace: Made,
    speed: [Option<f64>; 2],
    memory: [Option<f64>; 2],
    is_large: bool,
) -> Case {
    Case {
        name,
        trace,
        speed,
        memory,
        is_large,
    }
}

fn main() -> ExitCode {
    // `cargo test --benches` starts it, too, and times nothing.
    if !std::env::args().any(|arg| arg == "--bench") {
        println!("traces: skipped: not under `cargo bench`");
        return ExitCode::SUCCESS;
    }
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            println!("traces: {why}");
            ExitCode::FAILURE
        }
    }
}

/// The contestants: Go 1.19, the best peer, ours.
struct Contestants {
    measure: PathBuf,
    peers: Vec<(String, PathBuf)>,
    go_1_21: Option<PathBuf>,
    ours: PathBuf,
}

fn run() -> Result<(), String> {
    std::fs::create_dir_all(go::folder()).map_err(|e| e.to_string())?;
    let (_, old) = match go::first(&["1.19"]) {
        Ok(old) => old,
        Err(why) => {
            println!("traces: skipped: {why}");
            return Ok(());
        }
    };
    let parse = |go: &sigprof::oracle::Go| go::build(go, "parse", Some("internal/trace"));
    let mut peers = vec![("Go 1.19".to_owned(), parse(&old)?)];
    match go::first(&["1.26", "1.27", "1.25"]) {
        Ok((version, best)) => {
            let package = "internal/trace/internal/tracev1";
            let name = format!("Go {version}");
            peers.push((name, go::build(&best, "tracev1", Some(package))?));
        }
        Err(why) => println!("traces: without the best peer: {why}"),
    }
    let go_1_21 = go::first(&["1.21"]).and_then(|(_, go)| parse(&go)).ok();
    let contestants = Contestants {
        go_1_21,
        measure: go::build(&old, "measure", None)?,
        peers,
        ours: PathBuf::from(env!("CARGO_BIN_EXE_sigprof")),
    };
    let is_full = std::env::var("SIGPROF_BENCH").is_ok_and(|v| v == "full");
    println!("Traces: CPU time and peak RSS of a process; least of {ROUNDS} runs, in turns\n");
    let mut per_byte = Vec::new();
    for case in CASES.iter().filter(|c| is_full || !c.is_large) {
        match make(&case.trace) {
            Ok(trace) => per_byte.push((case.name, contestants.run(case, &trace)?)),
            Err(why) => println!("{}: skipped: {why}", case.name),
        }
    }
    let cost = |name: &str| per_byte.iter().find(|(n, _)| *n == name).map(|(_, c)| *c);
    if let (Some(small), Some(large)) = (cost("Go 1.19, 10 MB"), cost("Go 1.19, 500 MB")) {
        let grows = large / small;
        println!("a byte at 500 MB takes {grows:.2} times one at 10 MB; promised: at most 1.40\n");
    }
    chrome::run(&contestants.measure, &contestants.ours, &old)
}

fn make(made: &Made) -> Result<PathBuf, String> {
    match *made {
        Made::By(version, megabytes) => {
            let (_, go) = go::first(&[version])?;
            go::generate(&go, megabytes, &[])
        }
        Made::Worst(ps, events) => {
            let path = go::folder().join(format!("{ps}-Ps.trace"));
            std::fs::write(&path, worst::trace(ps, events)).map_err(|e| e.to_string())?;
            Ok(path)
        }
    }
}

impl Contestants {
    /// Prints a case; how long a byte takes ours, in ns.
    fn run(&self, case: &Case, trace: &Path) -> Result<f64, String> {
        let len = std::fs::metadata(trace).map_err(|e| e.to_string())?.len();
        // Go needs 80 times as much memory as the trace has bytes.
        let mut peers = if case.speed == NONE {
            Vec::new()
        } else {
            self.peers.clone()
        };
        if let (Made::By("1.21", _), Some(first)) = (&case.trace, peers.first_mut()) {
            let parse = self.go_1_21.clone().ok_or("Go 1.21 is not installed")?;
            *first = ("Go 1.21".to_owned(), parse);
        }
        let mut costs = vec![Cost::MOST; peers.len() + 1];
        for _ in 0..ROUNDS {
            for (cost, (_, peer)) in costs.iter_mut().zip(&peers) {
                *cost = cost.min(go::measure(&self.measure, &[peer, trace])?);
            }
            let ours = go::measure(&self.measure, &[&self.ours, Path::new("stat"), trace])?;
            if let Some(last) = costs.last_mut() {
                *last = last.min(ours);
            }
        }
        let ours = costs.pop().unwrap_or(Cost::MOST);
        println!("{} ({:.1} MB)", case.name, len as f64 / 1e6);
        show("sigprof", ours, "");
        for (at, ((name, _), cost)) in peers.iter().zip(costs).enumerate() {
            let speed = cost.cpu.as_secs_f64() / ours.cpu.as_secs_f64();
            let memory = cost.peak_rss as f64 / ours.peak_rss as f64;
            let promised = |promise: Option<f64>| match promise {
                Some(factor) => format!(" (promised: {factor})"),
                None => String::new(),
            };
            let (fast, small) = (promised(case.speed[at]), promised(case.memory[at]));
            let ratios = format!("time x {speed:.1}{fast}, memory x {memory:.1}{small}");
            show(name, cost, &ratios);
        }
        println!();
        Ok(ours.cpu.as_secs_f64() * 1e9 / len as f64)
    }
}

fn show(name: &str, cost: Cost, ratios: &str) {
    let (ms, mib) = (cost.cpu.as_secs_f64() * 1e3, cost.peak_rss as f64 / 1024.0);
    let line = format!("  {name:<10} {ms:>9.1} ms {mib:>8.1} MiB   {ratios}");
    println!("{}", line.trim_end());
}
