//! The parts of a v1 trace: events, samples as they were logged, and a whole trace in memory.

use std::num::NonZeroU64;

use sigprof_wire::v1::EventType;

/// A goroutine's id. `None` of it is g0, or no goroutine at all; the wire has 0 for both.
pub type GoId = NonZeroU64;

/// The id of a stack in the trace's table. `None` of it is no stack; the wire has 0.
pub type StackId = NonZeroU64;

/// Where an event happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// On this P.
    P(u64),
    /// On a thread without a P.
    NoP,
    /// In a timer: the event made a goroutine runnable (until Go 1.13).
    Timer,
    /// In the network poller: the event made a goroutine runnable.
    Netpoll,
    /// On the way back from a system call.
    Syscall,
    /// In the garbage collector as a whole.
    Gc,
}

/// One event, in the order and with the time that the whole trace gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Bytes from the start of the trace to the event.
    pub offset: u64,
    /// Nanoseconds since the first event; of a CPU sample, those of its signal.
    pub time: i64,
    /// The event's type. The `Local` types do not occur: they read as what they stand for (R62).
    pub event_type: EventType,
    /// Where it happened.
    pub place: Place,
    /// The goroutine that it happened to, or that ran there.
    pub goroutine: Option<GoId>,
    /// The stack, if it has one.
    pub stack: Option<StackId>,
    /// The arguments that [`EventType::spec`] names, in that order; the rest is zero.
    ///
    /// Of a CPU sample the first is zero and the other two are as on the wire, as in Go.
    pub args: [u64; 3],
    /// Where the event stands that this one answers (Go: the event whose `Link` it is).
    ///
    /// | this event | answers |
    /// |---|---|
    /// | `GCDone`, `GCSTWDone`, `GCSweepDone`, `GCMarkAssistDone` | its beginning |
    /// | `GoStart` | what made it runnable: its creation, wake-up, exit or preemption |
    /// | `GoEnd`, `GoSched`, `GoBlock` and their like | its start |
    /// | `GoUnblock` | what blocked the goroutine that it names |
    /// | `GoSysExit` | the `GoSysCall` |
    /// | `UserTaskEnd`, the end of a `UserRegion` | its beginning |
    pub link: Option<NonZeroU64>,
}

impl Event {
    /// The goroutine as the wire has it: 0 for g0 and for none.
    #[must_use]
    pub fn goroutine_or_zero(&self) -> u64 {
        self.goroutine.map_or(0, GoId::get)
    }
}

/// A CPU sample as the tracer logged it, in the order of the file.
///
/// Both times are ticks of the trace clock. The gap between them says how long the
/// sample lay in the ring before somebody drained it (R36, R37).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoggedSample {
    /// Bytes from the start of the trace to the event.
    pub offset: u64,
    /// When the signal handler ran.
    pub taken: i64,
    /// When the sample was written from the ring into the trace.
    pub logged: i64,
    /// The stack, if it has one.
    pub stack: Option<StackId>,
}
