//! How fast a trace is made: the simulator's, and the same number of events by Go 1.19.
//!
//! | contestant | what |
//! |---|---|
//! | sigprof, 10 million | 256 Ps, 100,000 goroutines, all operations; to nowhere |
//! | sigprof, a CI seed | the mean of many drawn runs, profile and truth included |
//! | Go 1.19 | one P that yields, to nowhere |
//!
//! Promised are 2 million events a second on one core, and 20 ms a seed. `just bench` prints
//! what came out; a broken promise is no failure, as machines are noisy.

#[expect(
    dead_code,
    reason = "contestants do not take turns here: each runs once"
)]
#[path = "../../model/benches/harness.rs"]
mod harness;

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use sigprof_model::backend::Std;
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

fn main() {
    // `cargo test --benches` starts it, too, and times nothing.
    if !std::env::args().any(|arg| arg == "--bench") {
        println!("trace_events: skipped: not under `cargo bench`");
        return;
    }
    harness::stay_on_one_cpu();
    let plan = Workload {
        max_events: EVENTS,
        ..workload::parse(LARGE).expect("a plan")
    };
    let mut events = 0;
    let took = harness::timed(|| events = run(Seed(1), &plan));
    print("sigprof, 256 Ps, 100,000 goroutines", events, took);

    let mut events = 0;
    let took = harness::timed(|| {
        for seed in 0..SEEDS {
            events += run(Seed(seed), &workload::draw(Seed(seed)));
        }
    });
    print("sigprof, drawn runs", events, took);
    let millis = took.as_secs_f64() * 1e3;
    println!("  {:.2} ms a seed", millis / 60.0);

    match go(EVENTS) {
        Ok(took) => print("Go 1.19, one P that yields", EVENTS, took),
        Err(why) => println!("Go 1.19: skipped: {why}"),
    }
}

/// Makes a run, and throws it away; how many events it had.
fn run(seed: Seed, plan: &Workload) -> u64 {
    let mut bytes = 0;
    let mut sink = |_, piece: &[u8]| bytes += piece.len();
    let revision = Revision::named("go1.19").expect("a revision");
    let made = machine::run::<Std>(seed, plan, revision, &mut sink);
    made.map_or(0, |made| made.events)
}

fn print(name: &str, events: u64, took: Duration) {
    let seconds = took.as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "for people")]
    let rate = events as f64 / seconds / 1e6;
    println!("{name}: {events} events in {seconds:.2} s of CPU time, {rate:.1} million a second");
}

/// The CPU time that Go takes for this many events.
fn go(events: u64) -> Result<Duration, String> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = here.join("../.oracles/go1.19");
    if !root.join("bin/go").is_file() {
        return Err("it is not installed (scripts/oracles 1.19)".into());
    }
    let work = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let built = work.join("trace_events-go1.19");
    let mut build = Command::new(root.join("bin/go"));
    build.arg("build").arg("-o").arg(&built);
    build.arg(here.join("benches/trace_events/main.go"));
    build
        .env("GOROOT", &root)
        .env("GOCACHE", work.join("go-cache"));
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
