//! The parts of a v1 trace: events, samples as they were logged, and a whole trace in memory.

use std::fmt;
use std::num::NonZeroU64;

use sigprof_wire::FormatVersion;
use sigprof_wire::v1::EventType;

use super::reader::Reader;
use crate::error::InputError;

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
    pub answers: Option<NonZeroU64>,
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

/// A whole trace in memory, read, ordered and validated: for small traces and for
/// whoever looks at events more than once. [`Reader`] needs no memory for events.
pub struct Trace<'a> {
    /// The tables: where its strings and stacks are.
    pub reader: Reader<'a>,
    /// The version of its format.
    pub version: FormatVersion,
    /// The tick of the first event, from which nanoseconds are counted.
    pub first_tick: i64,
    /// Events in order, CPU samples included.
    pub events: Vec<Event>,
    /// Nanoseconds from the first event to the last.
    span: i64,
}

impl<'a> Trace<'a> {
    /// Reads a whole trace, and keeps the events that are wanted.
    ///
    /// # Errors
    /// Whatever is wrong with it, at its offset.
    pub fn collect(
        reader: Reader<'a>,
        is_wanted: impl Fn(&Event) -> bool,
    ) -> Result<Self, InputError> {
        let mut kept = Vec::new();
        let mut span = 0;
        let mut events = reader.events();
        while let Some(event) = events.next().transpose()? {
            span = event.time;
            if is_wanted(&event) {
                crate::heap::push(&mut kept, event);
            }
        }
        let first_tick = events.first_tick();
        drop(events);
        Ok(Self {
            version: reader.version(),
            first_tick,
            events: kept,
            span,
            reader,
        })
    }

    /// The CPU samples, in order of time.
    pub fn samples(&self) -> impl Iterator<Item = &Event> {
        self.events
            .iter()
            .filter(|e| e.event_type == EventType::CPUSample)
    }

    /// Nanoseconds from the first event to the last.
    #[must_use]
    pub fn span(&self) -> i64 {
        self.span
    }

    /// Ticks of the trace clock as nanoseconds since the first event.
    #[must_use]
    pub fn nanos(&self, ticks: i64) -> i64 {
        let ticks = ticks.wrapping_sub(self.first_tick);
        super::nanos(ticks, self.reader.ticks_per_second())
    }
}

impl fmt::Debug for Trace<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Trace");
        debug.field("version", &self.version);
        debug.field("events", &self.events.len());
        debug.finish_non_exhaustive()
    }
}
