//! The event that both formats have in common: Go's `internal/trace` nouns.

use super::ids::{Generation, GoId, Nanos, ProcId, StackId, ThreadId};
use super::kind::Kind;

/// One event, in the order and with the time that the whole trace gives it.
///
/// Goroutine, P and thread are those that the event happened on, before it happened: the
/// start of a goroutine has none yet in a v2 trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Event {
    /// Bytes from the start of the trace to the event.
    pub offset: u64,
    /// Time since the first event; of a CPU sample, that of its signal.
    pub time: Nanos,
    /// The goroutine; `None` for g0, and where there is none.
    pub goroutine: Option<GoId>,
    /// The P; `None` for a thread without one.
    pub proc: Option<ProcId>,
    /// The thread; of v1 events only the start of a P has one.
    pub thread: Option<ThreadId>,
    /// The generation's number; `None` in a v1 trace, and for the last [`Kind::Sync`] where
    /// [`Options::release`](super::Options::release) is Go 1.25 or later.
    pub generation: Option<Generation>,
    /// The tables that the event's ids of strings and stacks are in: where their generation
    /// begins, in bytes; 0 for all of a v1 trace. Ids begin anew with each; numbers of generations
    /// may come again.
    pub table: u64,
    /// The stack of whoever emitted the event; of a CPU sample, the stack that was sampled.
    pub stack: Option<StackId>,
    /// The event itself, with its details.
    pub kind: Kind,
}

impl Event {
    /// Whether it is a CPU sample.
    #[must_use]
    pub const fn is_sample(&self) -> bool {
        matches!(self.kind, Kind::StackSample)
    }
}

/// One frame of a stack, its names as ids of strings: see
/// [`Reader::string`](super::Reader::string).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Frame {
    /// The program counter of the call, not of the return.
    pub pc: u64,
    /// The function's name.
    pub function: u64,
    /// The source file.
    pub file: u64,
    /// The line in that file.
    pub line: u64,
}
