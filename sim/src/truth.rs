//! The truth about a run: each signal with when, where and what became of it.
//!
//! A trace and a profile show what was delivered. Only the simulator knows the rest, and this
//! is where it says so, for rules that need it: what was taken is what was delivered, plus
//! what was counted as lost, plus what is lost by name.
//!
//! A signal has one [`Fate`]; one that was [`Handled`](Fate::Handled) has a fate in the trace
//! and one in the profile as well, for its handler writes into both, one after the other (R23).

use serde::Serialize;

use crate::profiler::Labels;

/// The version of truth.json.
pub const SCHEMA_VERSION: u32 = 1;

/// The fate of a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// Merged with one that was still pending on that thread.
    Coalesced,
    /// The thread has a timer of its own, or none, and this was the other kind (R28).
    NotAccepted,
    /// The profiler was off.
    ProfilerOff,
    /// The thread was not armed (R22).
    ThreadOff,
    /// Counted as lost in an emulated atomic (R22).
    InAtomic,
    /// Taken on a thread that is not Go's; it waits for one that is (R27).
    ForeignKept,
    /// Counted, for it found no room there (R27).
    ForeignLost,
    /// Never delivered: the run ended first.
    Undelivered,
    /// Its handler took a sample.
    Handled,
}

/// The fate of a sample on its way into the trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum InTrace {
    /// Delivered into its place.
    Delivered,
    /// The ring was full: it is counted, and Go passes over the count in silence (R37).
    Dropped,
    /// No trace was on (R30).
    TracerOff,
    /// The trace stopped while the handler ran (R32).
    NoLog,
    /// Written, and never read: too late for the last drain (R35).
    Late,
    /// Read in a later generation than the one that it was taken in: two rings in turn
    /// kept it (B2). No release with the v1 format does that.
    Leaked,
    /// Read in a generation that was not written whole: the program ended without a stop.
    Cut,
}

/// The fate of a sample on its way into the profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum InProfile {
    /// Delivered into its place.
    Delivered,
    /// The ring was full: it is part of `lostProfileEvent` (R51).
    Dropped,
    /// The profile stopped while the handler ran (R26).
    ProfilerOff,
    /// Written, and never read.
    Late,
}

/// The timer that sent a signal (R28).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Timer {
    /// The timer of the thread.
    Thread,
    /// The timer of the process.
    Process,
}

/// A signal to a thread.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Signal {
    /// When it was delivered, in nanoseconds since the start of the run.
    pub ns: u64,
    /// The tracer's clock as the handler read it, in the trace's ticks.
    pub ticks: u64,
    /// The timer that sent it.
    pub timer: Timer,
    /// The number of the thread.
    pub m: u64,
    /// Its P; none near a system call and on threads that are not Go's.
    pub p: Option<u32>,
    /// Its goroutine; 0 for the scheduler and for none.
    pub g: u64,
    /// A place in [`Truth::stacks`].
    pub stack: usize,
    /// A place in [`Truth::labels`].
    pub labels: Option<usize>,
    /// The fate of the signal.
    pub fate: Fate,
    /// The trace of the run that it is in, or would be; from 0 on.
    pub trace: Option<usize>,
    /// The profile of the run, counted in the same way.
    pub profile: Option<usize>,
    /// If it was handled.
    pub in_trace: Option<InTrace>,
    /// If it was handled.
    pub in_profile: Option<InProfile>,
    /// The id of its thread in the operating system, as the trace has it from Go 1.22 on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thread: Option<u64>,
    /// The generation in which its handler wrote it, from Go 1.22 on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub generation: Option<u64>,
    /// The generation in which it was read, and so the one that it stands in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_in: Option<u64>,
}

/// A frame of a stack; a PC without a name has empty ones.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct TruthFrame {
    /// The function's name.
    pub function: String,
    /// The file's name.
    pub file: String,
    /// The line's number.
    pub line: u64,
}

/// One trace of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TraceTruth {
    /// Ticks in a second, as its footer says.
    pub ticks_per_second: u64,
    /// When it started and stopped, in nanoseconds since the start of the run.
    pub started_ns: u64,
    /// When it stopped.
    pub stopped_ns: u64,
    /// Events, without samples.
    pub events: u64,
    /// Samples that overflow records in its ring count.
    pub overflowed: u64,
    /// Whole generations that it has, from Go 1.22 on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub generations: Option<Generations>,
    /// The program ended without a stop: what follows the whole generations is a part of one.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_cut: bool,
}

/// Generations from one to another, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Generations {
    /// The first one.
    pub first: u64,
    /// The last one.
    pub last: u64,
}

/// One snapshot of the flight recorder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SnapshotTruth {
    /// When it was taken, in nanoseconds since the start of the run.
    pub taken_ns: u64,
    /// Generations that it has; none if it is empty.
    pub generations: Option<Generations>,
}

/// One profile of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ProfileTruth {
    /// When it started, in nanoseconds since the start of the run.
    pub started_ns: u64,
    /// When it stopped.
    pub stopped_ns: u64,
    /// Samples that overflow records in its ring count.
    pub overflowed: u64,
}

/// Everything about a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Truth {
    /// The version, [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// Where all of it comes from.
    pub seed: String,
    /// The revision of the protocol.
    pub revision: String,
    /// Samples a second of CPU time.
    pub hz: u32,
    /// Stacks, leaf first, as words that are symbolised.
    pub stacks: Vec<Vec<TruthFrame>>,
    /// Sets of labels.
    pub labels: Vec<Labels>,
    /// The run's traces.
    pub traces: Vec<TraceTruth>,
    /// The run's profiles.
    pub profiles: Vec<ProfileTruth>,
    /// The flight recorder's snapshots.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub snapshots: Vec<SnapshotTruth>,
    /// In the order in which they were delivered, or merged.
    pub signals: Vec<Signal>,
}
