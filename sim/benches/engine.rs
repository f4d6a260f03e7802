//! The engine against loom and shuttle: the same workload, in one run, in turns on one CPU.
//!
//! | child | what |
//! |---|---|
//! | `workload` | what is run: two writers, a spin lock, a small ring, a reader |
//! | `shuttle` | shuttle's back-end |
//! | `rates` | schedules and executions in a second |
//! | `times` | how long a search, and shrinking, take |
//! | `memory` | how much memory many schedules take |
//!
//! loom's back-end is that of the model's own tests.
//!
//! Arguments: parts to run (`rates`, `times`, `memory`), `--loom-seconds=N`, `--millions=N`.
//!
//! What is promised stands beside each row. `just bench` prints what came out: a broken
//! promise is no failure, and no test looks at the time, as machines are noisy.

#[allow(
    dead_code,
    reason = "of what the model's tests are told, little is asked for here"
)]
#[path = "../../model/tests/models/explored.rs"]
mod explored;
#[allow(dead_code, reason = "no contestant of this one is a Go program")]
#[path = "../../model/benches/harness.rs"]
mod harness;
#[allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::unwrap_used,
    reason = "it belongs to the model's tests, where these may be used"
)]
#[path = "../../model/tests/models/loom_engine.rs"]
mod loom_engine;
#[path = "engine/memory.rs"]
mod memory;
#[path = "engine/rates.rs"]
mod rates;
#[path = "engine/shuttle.rs"]
mod shuttle;
#[path = "engine/times.rs"]
mod times;
#[path = "engine/workload.rs"]
mod workload;

/// A promise, and what came of it.
pub(crate) struct Promise {
    pub what: String,
    pub got: f64,
    pub promised: f64,
    pub moonshot: f64,
}

impl Promise {
    /// In times of another: more is better.
    pub(crate) fn print(&self) {
        let verdict = |floor| if self.got >= floor { "met" } else { "NOT MET" };
        println!(
            "promise: {:.0} times {}: {:.1}, {} (moonshot {:.0}: {})\n",
            self.promised,
            self.what,
            self.got,
            verdict(self.promised),
            self.moonshot,
            verdict(self.moonshot).to_lowercase(),
        );
    }
}

/// The number of an argument `name=number`.
pub(crate) fn argument(name: &str) -> Option<u64> {
    let mut arguments = std::env::args();
    arguments.find_map(|arg| arg.strip_prefix(name)?.strip_prefix('=')?.parse().ok())
}

fn main() {
    // `cargo test --benches` starts it, too, and times nothing.
    if !std::env::args().any(|arg| arg == "--bench") {
        println!("engine: skipped: not under `cargo bench`");
        return;
    }
    let wants = |part: &str| {
        let mut parts = std::env::args().skip(1).filter(|arg| !arg.starts_with('-'));
        let of_parts = ["rates", "times", "memory"];
        let mut any = false;
        let is_named = parts.any(|arg| {
            any |= of_parts.contains(&arg.as_str());
            arg == part
        });
        is_named || !any
    };
    harness::stay_on_one_cpu();
    // Memory first: what the others leave behind is not the engine's.
    if wants("memory") {
        memory::print();
    }
    // shuttle last: it says something of every panic from then on.
    if wants("times") {
        times::print();
    }
    if wants("rates") {
        rates::print();
    }
}
