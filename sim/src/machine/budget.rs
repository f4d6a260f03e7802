//! The most that a run may take, so that it ends and fits in memory whatever its workload says.
//!
//! A workload within its [bounds](crate::bounds) can still ask for more than anybody waits for:
//! a day of a million signals a second, or goroutines that each start another. It is looked at
//! every few moves.

use crate::workload::WorkloadError;

/// The most that a run may take of each thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Moves: what comes out of the queue.
    pub moves: u64,
    /// Things that stand in the queue at once.
    pub queued: usize,
    /// Goroutines that there are at once.
    pub goroutines: usize,
    /// Threads of the process.
    pub threads: usize,
    /// Signals that are held: all, or those whose fate is not settled.
    pub signals: usize,
    /// Buffers of a trace that nobody has read yet.
    pub unread: usize,
}

impl Budget {
    /// The budget of every run.
    ///
    /// | what | how much | why |
    /// |---|---|---|
    /// | moves | 10^9 | some minutes; and what a P or a thread counts stays below 2^32 |
    /// | in the queue | 2^24 | 1 GiB, at 56 bytes |
    /// | goroutines | 2^22 | 1 GiB, at 200 bytes |
    /// | threads | 10,000 | Go throws at that number (`runtime/proc.go`, `maxmcount`) |
    /// | signals held | 2^23 | 1.5 GiB, at 176 bytes |
    /// | unread buffers | 2^14 | 1 GiB, at 64 KiB |
    pub const RUN: Self = Self {
        moves: 1_000_000_000,
        queued: 1 << 24,
        goroutines: 1 << 22,
        threads: 10_000,
        signals: 1 << 23,
        unread: 1 << 14,
    };

    #[inline]
    pub(super) fn check(&self, spent: &Spent) -> Result<(), RunError> {
        let is_within = spent.moves < self.moves
            && spent.queued <= self.queued
            && spent.goroutines <= self.goroutines
            && spent.threads <= self.threads
            && spent.signals <= self.signals
            && spent.unread <= self.unread;
        if is_within {
            return Ok(());
        }
        Err(self.exceeded(spent))
    }

    #[cold]
    fn exceeded(&self, spent: &Spent) -> RunError {
        let long = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        let rows = [
            ("things in the queue", self.queued, spent.queued),
            ("goroutines at once", self.goroutines, spent.goroutines),
            ("threads", self.threads, spent.threads),
            ("signals", self.signals, spent.signals),
            ("unread buffers of a trace", self.unread, spent.unread),
        ];
        let row = rows.into_iter().find(|(_, most, got)| got > most);
        let (what, most) = row.map_or(("moves", self.moves), |(what, most, _)| (what, long(most)));
        RunError::TooMuch {
            what,
            most,
            at_ns: spent.at_ns,
        }
    }
}

/// Amounts that a run has taken.
pub(super) struct Spent {
    pub(super) at_ns: u64,
    pub(super) moves: u64,
    pub(super) queued: usize,
    pub(super) goroutines: usize,
    pub(super) threads: usize,
    pub(super) signals: usize,
    pub(super) unread: usize,
}

/// A run that did not come to its end.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum RunError {
    /// The workload is out of bounds.
    #[error("{0}")]
    Workload(#[from] WorkloadError),
    /// The run takes more than its budget.
    #[error(
        "a run takes at most {most} {what}: this one took them by nanosecond {at_ns} of its time, \
         and was not over"
    )]
    TooMuch {
        /// The name of what it takes too much of.
        what: &'static str,
        /// The bound of the budget.
        most: u64,
        /// The time of the run, in nanoseconds.
        at_ns: u64,
    },
}
