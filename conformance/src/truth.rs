//! The truth about a simulated run, and the rules that need to know it.
//!
//! The simulator says of each signal what became of it (truth.json). With that, a pair can be held
//! to more than its own bytes allow: that every sample is there, unchanged, or lost by name.
//!
//! | rule | what |
//! |---|---|
//! | [`Rule::Conserved`] | taken = delivered + dropped + left out by name, in trace and profile each |
//! | [`Rule::Counted`] | what a ring dropped is what its overflow records count |
//! | [`Rule::Stacks`] | each stack is in the trace as often as it was delivered |
//! | [`Rule::Goroutines`] | so is each goroutine, with its P or without |
//! | [`Rule::Times`] | each sample has the time at which it was taken |
//! | [`Rule::Order`] | samples come in the order of these times |
//! | [`Rule::Generations`] | each generation has the samples that were read in it, on their threads |
//! | [`Rule::Labels`] | each stack is in the profile with its labels as often as it was delivered |
//!
//! The types are the reading half's own: they share nothing with the simulator but the file.

mod files;
mod rules;
mod samples;

pub use crate::frame::Frame;
pub use files::{judge_profile_file, judge_snapshot_file, judge_trace_file};
pub use rules::{Rule, Violation, judge, judge_snapshot};
pub use samples::{TraceSample, TraceSamples};

use serde::Deserialize;

/// The version of truth.json that this reads.
pub const SCHEMA_VERSION: u32 = 1;

/// The contents of truth.json.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Truth {
    /// The schema's version, [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// Where the run comes from.
    pub seed: String,
    /// The revision of the protocol.
    pub revision: String,
    /// Samples a second of CPU time.
    pub hz: u32,
    /// Stacks, leaf first.
    pub stacks: Vec<Vec<Frame>>,
    /// Sets of labels.
    pub labels: Vec<Vec<(String, String)>>,
    /// The run's traces.
    pub traces: Vec<TraceTruth>,
    /// The run's profiles.
    pub profiles: Vec<ProfileTruth>,
    /// The flight recorder's snapshots.
    #[serde(default)]
    pub snapshots: Vec<SnapshotTruth>,
    /// All signals of the run.
    pub signals: Vec<Signal>,
}

/// One trace of a run.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct TraceTruth {
    /// Ticks in a second.
    pub ticks_per_second: u64,
    /// When it started, in nanoseconds since the start of the run.
    pub started_ns: u64,
    /// When it stopped.
    pub stopped_ns: u64,
    /// Events, without samples.
    pub events: u64,
    /// Samples that overflow records in its ring count.
    pub overflowed: u64,
    /// Whole generations that it has, from Go 1.22 on.
    #[serde(default)]
    pub generations: Option<Generations>,
    /// The program ended without a stop.
    #[serde(default)]
    pub is_cut: bool,
}

/// Generations from one to another, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct Generations {
    /// The first one.
    pub first: u64,
    /// The last one.
    pub last: u64,
}

/// One snapshot of the flight recorder.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct SnapshotTruth {
    /// When it was taken, in nanoseconds since the start of the run.
    pub taken_ns: u64,
    /// Generations that it has; none if it is empty.
    pub generations: Option<Generations>,
}

/// One profile of a run.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ProfileTruth {
    /// When it started, in nanoseconds since the start of the run.
    pub started_ns: u64,
    /// When it stopped.
    pub stopped_ns: u64,
    /// Samples that overflow records in its ring count.
    pub overflowed: u64,
}

/// The fate of a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// Merged with one that was pending.
    Coalesced,
    /// Of the wrong timer (R28).
    NotAccepted,
    /// The profiler was off.
    ProfilerOff,
    /// The thread was not armed (R22).
    ThreadOff,
    /// Counted as lost in an emulated atomic (R22).
    InAtomic,
    /// Of a thread that is not Go's (R27).
    ForeignKept,
    /// Of a thread that is not Go's, and counted as lost (R27).
    ForeignLost,
    /// The run ended first.
    Undelivered,
    /// A sample was taken.
    Handled,
}

/// The fate of a sample on its way into the trace or the profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Arrival {
    /// The trace or profile has it.
    Delivered,
    /// The ring was full.
    Dropped,
    /// No trace was on.
    TracerOff,
    /// The trace stopped meanwhile.
    NoLog,
    /// No profile was on any more.
    ProfilerOff,
    /// The sample was written and never read.
    Late,
    /// The sample came out in a later generation than the one in which it was taken.
    Leaked,
    /// The program ended before the generation was whole that the sample is in.
    Cut,
}

/// A signal of the profiler.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Signal {
    /// Ticks of the tracer's clock.
    pub ticks: u64,
    /// The thread's number.
    pub m: u64,
    /// The P of the thread.
    pub p: Option<u64>,
    /// The goroutine; 0 for none.
    pub g: u64,
    /// A place in [`Truth::stacks`].
    pub stack: usize,
    /// A place in [`Truth::labels`].
    pub labels: Option<usize>,
    /// The fate of the signal.
    pub fate: Fate,
    /// The number of the trace.
    pub trace: Option<usize>,
    /// The number of the profile.
    pub profile: Option<usize>,
    /// If it was handled.
    pub in_trace: Option<Arrival>,
    /// If it was handled.
    pub in_profile: Option<Arrival>,
    /// The id of its thread in the operating system, from Go 1.22 on.
    #[serde(default)]
    pub thread: Option<u64>,
    /// The generation in which its handler wrote it, from Go 1.22 on.
    #[serde(default)]
    pub generation: Option<u64>,
    /// The generation in which it was read, and so the one that it stands in.
    #[serde(default)]
    pub read_in: Option<u64>,
}

/// The reason why a file is not a truth.json.
#[derive(Debug, thiserror::Error)]
pub enum TruthError {
    /// The file is not JSON, or lacks fields.
    #[error("{0}")]
    Json(#[from] serde_json::Error),
    /// The file has another version.
    #[error("want schema_version {SCHEMA_VERSION}, got {0}")]
    Version(u32),
    /// A number of a stack or a set of labels is out of bounds.
    #[error("signal {0} names a stack or labels that are not there")]
    Dangling(usize),
}

/// Reads a truth.json.
///
/// # Errors
/// If it is not one.
pub fn read(bytes: &[u8]) -> Result<Truth, TruthError> {
    let truth: Truth = serde_json::from_slice(bytes)?;
    if truth.schema_version != SCHEMA_VERSION {
        return Err(TruthError::Version(truth.schema_version));
    }
    let dangles = |signal: &Signal| {
        let labels = signal.labels.is_some_and(|l| l >= truth.labels.len());
        labels || signal.stack >= truth.stacks.len()
    };
    match truth.signals.iter().position(dangles) {
        Some(at) => Err(TruthError::Dangling(at)),
        None => Ok(truth),
    }
}
