//! Workloads: what a run does, drawn from a seed or written as TOML.
//!
//! ```toml
//! # Samples of 64 frames, and nobody reads: the ring is full.
//! procs = 4
//! goroutines = 8
//! hz = 1000
//! deep = true
//! reader = false
//! traces = [[1, 900]]
//! profiles = [[2, 800]]
//! ops = { compute = 10, yield = 1 }
//! ```
//!
//! Drawn as a swarm (Groce, Zhang, Eide, Chen and Regehr, ISSTA 2012): each run switches whole
//! features on and off, since what is always there hides what needs it gone.

mod draw;
mod later;

pub use draw::{draw, draw_for};

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sigprof_model::limits::Sizes;

use crate::bounds::{self, OutOfBounds};

/// The next operation of a goroutine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Op {
    /// Goes on computing.
    Compute,
    /// Calls Go's `runtime.Gosched`.
    Yield,
    /// Starts a goroutine.
    Spawn,
    /// Ends, and another begins in its place.
    Renew,
    /// Ends the goroutine.
    End,
    /// Sleeps for a while.
    Sleep,
    /// Blocks on a send.
    Send,
    /// Blocks on a receive.
    Receive,
    /// Blocks in a select.
    Select,
    /// Blocks on a mutex.
    Lock,
    /// Blocks on a condition variable.
    Cond,
    /// Parks until woken.
    Park,
    /// Waits for the network.
    Net,
    /// A system call that returns at once.
    Syscall,
    /// One that takes long, and uses CPU time.
    LongSyscall,
    /// Allocates; sweeps and assists where the collector wants it.
    Alloc,
    /// Starts a cycle of the collector.
    Gc,
    /// Begins or ends a task.
    Task,
    /// Begins or ends a region.
    Region,
    /// Writes a log.
    Log,
    /// Sets or clears labels (`pprof.Do`).
    Label,
    /// Blocks in `select {}`.
    StopForever,
    /// Locks or unlocks its thread.
    LockThread,
    /// Makes a coroutine, or switches to the one that it has (`iter.Pull`; from Go 1.23 on).
    Switch,
}

/// A run's plan. Times are from its start.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Workload {
    /// Ps of the run (GOMAXPROCS).
    pub procs: u32,
    /// Goroutines at the start.
    pub goroutines: u32,
    /// Kinds of goroutines.
    pub kinds: u32,
    /// Samples a second of CPU time.
    pub hz: u32,
    /// Microseconds that a goroutine computes between two operations, on average.
    pub step_us: u64,
    /// When traces start and stop, in milliseconds.
    pub traces: Vec<[u64; 2]>,
    /// When profiles start and stop, in milliseconds.
    pub profiles: Vec<[u64; 2]>,
    /// Operations of goroutines, with weights.
    pub ops: BTreeMap<Op, u32>,
    /// Whether some stacks are longer than a sample can hold.
    pub deep: bool,
    /// Whether some have one frame.
    pub one_frame: bool,
    /// Whether the trace is read before it stops.
    pub reader: bool,
    /// Threads that are not Go's.
    pub foreign_threads: u32,
    /// One in so many threads gets no timer of its own; 0 for none.
    pub timers_fail: u32,
    /// Microseconds by which a signal may come late.
    pub late_us: u64,
    /// One in so many signals finds an emulated atomic; 0 for none.
    pub in_atomic: u32,
    /// One in so many tracebacks fails; 0 for none.
    pub lost_stacks: u32,
    /// Ticks by which the clock of each P is ahead of that of the one before it. Real Go refuses
    /// a trace whose clocks differ by more than what happens in between (B21).
    pub skew_ticks: u64,
    /// Words of each ring.
    pub ring_words: usize,
    /// Records of each ring.
    pub ring_tags: usize,
    /// Events after which the main goroutine stops what it has started, as soon as it runs, and
    /// starts no more; 0 for no limit.
    pub max_events: u64,
    /// Milliseconds of a generation (from Go 1.22 on, as all that follows; Go:
    /// `GODEBUG=traceadvanceperiod`).
    pub generation_ms: u64,
    /// When flight recorders start and stop, in milliseconds (from Go 1.25 on).
    pub recorders: Vec<[u64; 2]>,
    /// When a snapshot of one is taken.
    pub snapshots: Vec<u64>,
    /// How far back a flight recorder reaches at least, in milliseconds, if there is room.
    pub min_age_ms: u64,
    /// Bytes of generations that a flight recorder holds, about.
    pub max_bytes: u64,
    /// When the number of Ps changes, in milliseconds, and to what.
    pub gomaxprocs: Vec<(u64, u32)>,
    /// When the program ends without a stop of anything, in milliseconds; 0 for never.
    pub exit_ms: u64,
}

impl Default for Workload {
    fn default() -> Self {
        Self {
            procs: 2,
            goroutines: 8,
            kinds: 3,
            hz: 100,
            step_us: 100,
            traces: vec![[1, 100]],
            profiles: vec![[2, 90]],
            ops: BTreeMap::from([(Op::Compute, 4), (Op::Yield, 1)]),
            deep: false,
            one_frame: false,
            reader: true,
            foreign_threads: 0,
            timers_fail: 0,
            late_us: 0,
            in_atomic: 0,
            lost_stacks: 0,
            skew_ticks: 0,
            ring_words: Sizes::GO.words,
            ring_tags: Sizes::GO.tags,
            max_events: 0,
            generation_ms: 1000,
            recorders: Vec::new(),
            snapshots: Vec::new(),
            min_age_ms: 10_000,
            max_bytes: 10 << 20,
            gomaxprocs: Vec::new(),
            exit_ms: 0,
        }
    }
}

/// A workload that cannot be run, or a text that is no workload.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum WorkloadError {
    /// The text is not TOML, or has other fields; says where.
    #[error("{0}")]
    Toml(#[from] toml::de::Error),
    /// A number is out of bounds.
    #[error("{0}")]
    OutOfBounds(#[from] OutOfBounds),
    /// Something else stands in the way of a run.
    #[error("{0}")]
    Bad(&'static str),
}

/// Reads a workload.
///
/// # Errors
///
/// If the text is none, or cannot be run.
pub fn parse(text: &str) -> Result<Workload, WorkloadError> {
    bounds::TEXT_BYTES.check_len(text.len())?;
    let mut workload: Workload = toml::from_str(text)?;
    workload.check()?;
    // What is never done is as good as absent, and is not written again.
    workload.ops.retain(|_, weight| *weight > 0);
    Ok(workload)
}

impl Workload {
    /// Holds every number to its bound. Those without one may be anything: `timers_fail`,
    /// `in_atomic`, `lost_stacks` and `max_events` are compared and never added.
    ///
    /// # Errors
    ///
    /// What is wrong, in words.
    pub fn check(&self) -> Result<(), WorkloadError> {
        bounds::PROCS.check(self.procs.into())?;
        bounds::GOROUTINES.check(self.goroutines.into())?;
        bounds::KINDS.check(self.kinds.into())?;
        bounds::HZ.check(self.hz.into())?;
        bounds::STEP_US.check(self.step_us)?;
        bounds::FOREIGN_THREADS.check(self.foreign_threads.into())?;
        bounds::LATE_US.check(self.late_us)?;
        bounds::SKEW_TICKS.check(self.skew_ticks)?;
        bounds::RING_WORDS.check_len(self.ring_words)?;
        bounds::RING_TAGS.check_len(self.ring_tags)?;
        bounds::TRACES.check_len(self.traces.len())?;
        bounds::PROFILES.check_len(self.profiles.len())?;
        bounds::GENERATION_MS.check(self.generation_ms)?;
        bounds::RECORDERS.check_len(self.recorders.len())?;
        bounds::SNAPSHOTS.check_len(self.snapshots.len())?;
        bounds::CHANGES.check_len(self.gomaxprocs.len())?;
        bounds::TIME_MS.check(self.min_age_ms)?;
        bounds::TIME_MS.check(self.exit_ms)?;
        check_windows("recorders", &self.recorders)?;
        for &at in &self.snapshots {
            let checked = bounds::TIME_MS.check(at);
            checked.map_err(|error| error.within("snapshots"))?;
        }
        for &(at, procs) in &self.gomaxprocs {
            let checked = bounds::TIME_MS.check(at);
            checked.map_err(|error| error.within("gomaxprocs"))?;
            let checked = bounds::PROCS.check(procs.into());
            checked.map_err(|error| error.within("gomaxprocs"))?;
        }
        check_windows("traces", &self.traces)?;
        check_windows("profiles", &self.profiles)?;
        for (op, &weight) in &self.ops {
            let checked = bounds::WEIGHT.check(weight.into());
            checked.map_err(|error| error.within(&format!("ops.{}", op.name())))?;
        }
        if self.ops.values().all(|&weight| weight == 0) {
            return Err(WorkloadError::Bad("ops: want at least one"));
        }
        Ok(())
    }

    /// Writes it, as [`parse`] reads it.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let list = |windows: &[[u64; 2]]| format!("{windows:?}");
        let ops = self.ops.iter().filter(|&(_, &weight)| weight > 0);
        let ops: Vec<_> = ops
            .map(|(op, weight)| format!("{} = {weight}", op.name()))
            .collect();
        let text = format!(
            "procs = {}\ngoroutines = {}\nkinds = {}\nhz = {}\nstep_us = {}\ntraces = {}\n\
             profiles = {}\ndeep = {}\none_frame = {}\nreader = {}\nforeign_threads = {}\n\
             timers_fail = {}\nlate_us = {}\nin_atomic = {}\nlost_stacks = {}\nskew_ticks = {}\nring_words = {}\n\
             ring_tags = {}\nmax_events = {}\nops = {{ {} }}\n",
            self.procs,
            self.goroutines,
            self.kinds,
            self.hz,
            self.step_us,
            list(&self.traces),
            list(&self.profiles),
            self.deep,
            self.one_frame,
            self.reader,
            self.foreign_threads,
            self.timers_fail,
            self.late_us,
            self.in_atomic,
            self.lost_stacks,
            self.skew_ticks,
            self.ring_words,
            self.ring_tags,
            self.max_events,
            ops.join(", "),
        );
        text + &self.later_to_toml()
    }
}

/// Holds start and stop of each window to their bound and their order.
fn check_windows(name: &str, windows: &[[u64; 2]]) -> Result<(), WorkloadError> {
    for (number, window) in windows.iter().enumerate() {
        for &time in window {
            let checked = bounds::TIME_MS.check(time);
            checked.map_err(|error| error.within(&format!("{name}[{number}]")))?;
        }
    }
    let times = windows.iter().flatten();
    if times.is_sorted_by(|a, b| a < b) {
        return Ok(());
    }
    Err(WorkloadError::Bad(
        "traces, profiles: want [start, stop] pairs, one after the other",
    ))
}

impl Op {
    /// The operation's name, as a workload has it.
    fn name(self) -> String {
        let mut name = String::new();
        for letter in format!("{self:?}").chars() {
            if letter.is_ascii_uppercase() && !name.is_empty() {
                name.push('-');
            }
            name.push(letter.to_ascii_lowercase());
        }
        name
    }
}

#[cfg(test)]
mod tests;
