//! How fast a trace is made: the simulator's, and the same events by real Go.
//!
//! | contestant | what |
//! |---|---|
//! | sigprof, 10 million | 256 Ps, 100,000 goroutines, all operations; to nowhere |
//! | sigprof, a CI seed | the mean of many drawn runs, profile and truth included |
//! | Go 1.19, 1.27 | one P that yields, to nowhere |
//! | sigprof in their format | the same |
//! | sigprof, signals | what one more signal costs, with 1, 8 and 64 Ps |
//!
//! Promised are 2 million events a second on one core, 20 ms a seed, 4 times the rate of Go 1.27, and
//! signals that cost no more than 1.5 times as much with 64 Ps as with one. `just bench` prints
//! what came out; a broken promise is no failure, as machines are noisy. `cargo bench -p sigprof-sim
//! --bench trace_events -- yields` has these rows alone (`events`, `yields`, `signals`).

#[expect(
    dead_code,
    reason = "contestants do not take turns here: each runs once"
)]
#[path = "../../model/benches/harness.rs"]
mod harness;

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use sigprof_sim::Seed;
use sigprof_sim::machine::{self, Revision};
use sigprof_sim::workload::{self, Workload};

/// Events of the large run.
const EVENTS: u64 = 10_000_000;

/// Number of drawn runs.
const SEEDS: u64 = 60;

const LARGE: &str = "
procs = 256
goroutines = 100000
kinds = 8
traces = [[1, 1000000]]
profiles = [[2, 900000]]
ops = { compute = 4, yield = 10, spawn = 1, renew = 2, end = 1, send = 3, receive = 3, sleep = 2, syscall = 3, \
lock = 1, net = 1, region = 1, log = 1, alloc = 1, label = 1 }
";

/// One goroutine that yields, as Go's program does it.
const YIELDS: &str = "
procs = 1
goroutines = 1
kinds = 1
step_us = 1
traces = [[1, 10000000]]
profiles = []
ops = { yield = 1 }
";

/// Runs of each measurement of yields and of signals, of which the fastest counts.
const ROUNDS: usize = 5;

fn main() {
    // `cargo test --benches` starts it, too, and times nothing.
    if !std::env::args().any(|arg| arg == "--bench") {
        println!("trace_events: skipped: not under `cargo bench`");
        return;
    }
    harness::stay_on_one_cpu();
    let words = std::env::args().skip(1);
    let wanted: Vec<_> = words.filter(|word| !word.starts_with('-')).collect();
    let is_wanted = |rows: &str| wanted.is_empty() || wanted.iter().any(|word| word == rows);
    if is_wanted("events") {
        events();
    }
    if is_wanted("yields") {
        yields();
    }
    if is_wanted("signals") {
        signals();
    }
}

/// Large and small runs.
fn events() {
    let plan = Workload {
        max_events: EVENTS,
        ..workload::parse(LARGE).expect("a plan")
    };
    for revision in ["go1.19", "go1.27"] {
        let mut events = 0;
        let took = harness::timed(|| events = run(Seed(1), &plan, revision));
        let name = format!("sigprof {revision}, 256 Ps, 100,000 goroutines");
        print(&name, events, took);

        let mut events = 0;
        let took = harness::timed(|| {
            for seed in 0..SEEDS {
                let plan = workload::draw_for(Seed(seed), named(revision));
                events += run(Seed(seed), &plan, revision);
            }
        });
        print(&format!("sigprof {revision}, drawn runs"), events, took);
        let millis = took.as_secs_f64() * 1e3;
        println!("  {:.2} ms a seed", millis / 60.0);
    }
}

/// The simulator and Go, at the same.
fn yields() {
    let yields = Workload {
        max_events: EVENTS,
        ..workload::parse(YIELDS).expect("a plan")
    };
    for revision in ["go1.19", "go1.27"] {
        // In turns, of which the fastest counts: others are on this machine, too.
        let (mut events, mut least) = (0, Duration::MAX);
        let mut least_of_go = Ok(Duration::MAX);
        for _ in 0..ROUNDS {
            let took = harness::timed(|| events = run(Seed(1), &yields, revision));
            least = least.min(took);
            let took = go(revision, EVENTS);
            least_of_go = least_of_go.and_then(|least| took.map(|took| least.min(took)));
        }
        let name = format!("sigprof {revision}, one P that yields");
        let ours = print(&name, events, least);
        match least_of_go {
            Ok(least) => {
                let theirs = print(&format!("{revision} itself, the same"), EVENTS, least);
                println!("  {:.2} times its rate", ours / theirs);
            }
            Err(why) => println!("{revision}: skipped: {why}"),
        }
    }
}

/// The cost of a signal by the number of Ps.
fn signals() {
    let costs = [1, 8, 64].map(|procs| (procs, nanos_a_signal(procs)));
    for (procs, nanos) in costs {
        println!(
            "sigprof go1.27, {procs} Ps: {nanos:.0} ns a signal, {:.2} times that of one P",
            nanos / costs[0].1
        );
    }
}

fn named(revision: &str) -> Revision {
    Revision::named(revision).expect("a revision")
}

/// Makes a run, and throws it away; how many events it had.
fn run(seed: Seed, plan: &Workload, revision: &str) -> u64 {
    let mut bytes = 0;
    let mut sink = |_, piece: &[u8]| bytes += piece.len();
    let made = machine::run(seed, plan, named(revision), &mut sink);
    made.map_or(0, |made| made.events)
}

/// CPU time of one more signal: that of a run with many, less that of the same run with few.
fn nanos_a_signal(procs: u32) -> f64 {
    // The same number of signals, whatever the number of Ps.
    let stop = 20_000 / u64::from(procs);
    let with = |hz: u32| {
        let text = format!(
            "procs = {procs}\ngoroutines = {procs}\nhz = {hz}\nstep_us = 10000\n\
             traces = [[1, {stop}]]\nprofiles = [[2, {stop}]]\nops = {{ compute = 1 }}"
        );
        let plan = workload::parse(&text).expect("a plan");
        let mut least = (Duration::MAX, 0);
        for _ in 0..ROUNDS {
            let mut signals = 0;
            let took = harness::timed(|| {
                let mut sink = |_, _: &[u8]| ();
                let made = machine::run(Seed(1), &plan, named("go1.27"), &mut sink);
                signals = made.map_or(0, |made| made.truth.signals.len());
            });
            least = least.min((took, signals));
        }
        least
    };
    let ((few, few_signals), (many, many_signals)) = (with(50), with(10_000));
    #[expect(clippy::cast_precision_loss, reason = "for people")]
    let signals = (many_signals - few_signals) as f64;
    (many.as_secs_f64() - few.as_secs_f64()) * 1e9 / signals
}

/// Prints and returns the rate, in millions a second.
fn print(name: &str, events: u64, took: Duration) -> f64 {
    let seconds = took.as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "for people")]
    let rate = events as f64 / seconds / 1e6;
    println!("{name}: {events} events in {seconds:.2} s of CPU time, {rate:.1} million a second");
    rate
}

/// The CPU time that a release takes for this many events.
fn go(release: &str, events: u64) -> Result<Duration, String> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = std::env::var_os("SIGPROF_ORACLES_DIR");
    let folder = folder.map_or_else(|| here.join("../.oracles"), Into::into);
    let root = folder.join(release);
    if !root.join("bin/go").is_file() {
        return Err("it is not installed (just oracles)".into());
    }
    let work = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let built = work.join(format!("trace_events-{release}"));
    let mut build = Command::new(root.join("bin/go"));
    build.arg("build").arg("-o").arg(&built);
    build.arg(here.join("benches/trace_events/main.go"));
    build
        .env("GOROOT", &root)
        .env("GOCACHE", work.join(format!("cache-{release}")));
    build.env("GOTOOLCHAIN", "local").env("GO111MODULE", "off");
    build.env("GOFLAGS", "").env("CGO_ENABLED", "0");
    let output = build.output().map_err(|e| e.to_string())?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let mut run = Command::new(&built);
    run.arg(events.to_string()).env("GOMAXPROCS", "1");
    let output = run.output().map_err(|e| e.to_string())?;
    let nanos = String::from_utf8_lossy(&output.stdout);
    let nanos = nanos.trim().parse();
    nanos.map(Duration::from_nanos).map_err(|e| e.to_string())
}
