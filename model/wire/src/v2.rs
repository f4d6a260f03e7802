//! The v2 trace format (Go 1.22 on): numbers, names and arguments, no logic.
//!
//! ```text
//! header, 16 bytes: "go 1.N trace" and zeroes; N is 22, 23, 25 or 26
//! batch:  1 gen m time size, then `size` bytes        (varints)
//!         49 experiment gen m time size, ...          (experiment is one byte)
//! 52      the end of a generation, with no batch around it (from 26 on)
//! ```
//!
//! The first byte of a batch says what is in it: [`EventType::Stacks`], `Strings`, `CPUSamples`,
//! `Frequency` or `Sync`, and anything else is timed events: a type, the time since the one
//! before, and the arguments of the type.
//!
//! Source: Go `internal/trace/tracev2/events.go` and `spec.go` (R70, R71).

mod events;
pub mod limits;

pub use events::{EventType, Spec};

/// The thread of batches that belong to no thread, and of none at all.
pub const NO_THREAD: u64 = u64::MAX;

/// The P of a sample that was taken without one.
pub const NO_PROC: u64 = u64::MAX;

/// The goroutine where there is none, as Go's reader has it; samples write 0 for it.
pub const NO_GOROUTINE: u64 = u64::MAX;

/// The parent of a task that has none, as Go's reader has it; the wire has 0.
pub const NO_TASK: u64 = u64::MAX;

/// The task of regions and logs outside any task.
pub const BACKGROUND_TASK: u64 = 0;

/// The experiment of the events from `Span` to `GoroutineStackFree`.
pub const ALLOC_FREE: u8 = 1;

/// The name of an experiment, as Go has it.
#[must_use]
pub const fn experiment_name(experiment: u8) -> Option<&'static str> {
    match experiment {
        ALLOC_FREE => Some("AllocFree"),
        _ => None,
    }
}

/// Statuses of goroutines in `GoStatus` and `GoStatusStack`; 0 is taken for undetermined.
pub mod go_status {
    /// Nobody has said yet.
    pub const UNDETERMINED: u8 = 0;
    /// Ready, but on no thread.
    pub const RUNNABLE: u8 = 1;
    /// On a thread.
    pub const RUNNING: u8 = 2;
    /// In a system call, on a thread.
    pub const SYSCALL: u8 = 3;
    /// Until somebody wakes it.
    pub const WAITING: u8 = 4;
}

/// Statuses of Ps in `ProcStatus`; 0 is taken for undetermined.
pub mod proc_status {
    /// Nobody has said yet.
    pub const UNDETERMINED: u8 = 0;
    /// On a thread.
    pub const RUNNING: u8 = 1;
    /// On no thread.
    pub const IDLE: u8 = 2;
    /// On a thread that is in a system call.
    pub const SYSCALL: u8 = 3;
    /// The same, and which thread that was is lost.
    pub const SYSCALL_ABANDONED: u8 = 4;
}

/// The minor versions that stand in headers of v2 traces. Go 1.24 writes 23, 1.27 writes 26.
pub const HEADERS: [u16; 4] = [22, 23, 25, 26];

/// The first header with `Sync` batches in place of `Frequency`.
pub const HEADER_WITH_SYNC: u16 = 25;

/// The first header with `EndOfGeneration`.
pub const HEADER_WITH_END: u16 = 26;

/// Event numbers that `go tool trace -d=wire` knows for a header.
#[must_use]
pub const fn wire_events(header: u16) -> u8 {
    match header {
        ..=22 => EventType::UserLog as u8,
        23 | 24 => EventType::ExperimentalBatch as u8,
        25 => EventType::ClockSnapshot as u8,
        _ => EventType::GoroutineStackFree as u8,
    }
}
