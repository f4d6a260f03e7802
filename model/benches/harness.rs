//! Comparisons in one run: contestants take turns on one CPU, each turn is measured in
//! CPU time, and the shortest of its turns counts.
//!
//! That is neither criterion's design nor divan's: they run one benchmark after the
//! other, in wall time, so that whatever else the machine does in between goes into the
//! ratio; and they know no contestant in another process, which real Go is.
//!
//! | child | what |
//! |---|---|
//! | `go` | builds a contestant with a real Go toolchain, and lets it run on demand |

// By its path, so that benchmarks of other packages can include this file by its own.
#[path = "harness/go.rs"]
pub(crate) mod go;

use std::time::Duration;

use rustix::thread::{CpuSet, sched_getcpu, sched_setaffinity};
use rustix::time::{ClockId, clock_gettime};

/// Turns of each contestant.
pub(crate) const ROUNDS: usize = 151;

/// A competitor in a benchmark.
pub(crate) struct Contestant<'a> {
    /// The name in the table.
    pub name: String,
    /// One turn: does the work that many times, and returns the CPU time it took.
    pub turn: Box<dyn FnMut(u32) -> Duration + 'a>,
}

/// The measurements of one contestant, in nanoseconds for each time that it did the work.
#[derive(Clone)]
pub(crate) struct Measured {
    /// The name in the table.
    pub name: String,
    /// The shortest turn.
    pub min: f64,
    /// The turn in the middle: far above the shortest, it says that the machine was busy.
    pub median: f64,
}

/// Stays on the CPU where it is, and so do processes that are started from now on.
/// Where that cannot be done, the turns are on any.
pub(crate) fn stay_on_one_cpu() {
    let mut cpus = CpuSet::new();
    cpus.set(sched_getcpu());
    if let Err(error) = sched_setaffinity(None, &cpus) {
        eprintln!("bench: not on one CPU: {error}");
    }
}

/// Does it, and returns the CPU time that this took the calling thread.
pub(crate) fn timed(work: impl FnOnce()) -> Duration {
    let before = cpu_time();
    work();
    cpu_time() - before
}

/// The CPU time of the calling thread so far.
pub(crate) fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::try_from(time).expect("CPU time is not negative")
}

/// Lets the contestants take turns, each of that many times.
pub(crate) fn compare(contestants: &mut [Contestant<'_>], times: u32) -> Vec<Measured> {
    let mut turns = vec![Vec::with_capacity(ROUNDS); contestants.len()];
    for _ in 0..ROUNDS {
        for (contestant, turns) in contestants.iter_mut().zip(&mut turns) {
            let took = (contestant.turn)(times);
            turns.push(took.as_secs_f64() * 1e9 / f64::from(times));
        }
    }
    let measured = contestants
        .iter()
        .zip(turns)
        .map(|(contestant, mut turns)| {
            turns.sort_by(f64::total_cmp);
            Measured {
                name: contestant.name.clone(),
                min: turns[0],
                median: turns[turns.len() / 2],
            }
        });
    measured.collect()
}
