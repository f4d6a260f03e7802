//! What a trace is made of.

use std::collections::BTreeMap;
use std::num::NonZeroU64;

use sigprof_model::events::{EventType, FormatVersion};

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
    /// What happened. The `Local` types do not occur: they read as what they stand for (R62).
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
}

impl Event {
    /// The goroutine as the wire has it: 0 for g0 and for none.
    #[must_use]
    pub fn goroutine_or_zero(&self) -> u64 {
        self.goroutine.map_or(0, GoId::get)
    }
}

/// One frame of a stack, its names as ids of the trace's strings.
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

/// A whole trace, read, ordered and validated. Strings borrow from the input.
#[derive(Clone, Debug)]
pub struct Trace<'a> {
    /// The version of its format.
    pub version: FormatVersion,
    /// Ticks of the trace clock in a second.
    pub ticks_per_second: i64,
    /// The tick of the first event, from which nanoseconds are counted.
    pub first_tick: i64,
    /// Every event in order, CPU samples included.
    pub events: Vec<Event>,
    /// CPU samples in the order of the file.
    pub logged_samples: Vec<LoggedSample>,
    pub(crate) strings: BTreeMap<u64, &'a [u8]>,
    pub(crate) stacks: BTreeMap<u64, Vec<Frame>>,
    /// Messages of `UserLog` events by the event's offset.
    pub(crate) messages: BTreeMap<u64, &'a [u8]>,
}

impl<'a> Trace<'a> {
    /// The CPU samples, in order of time.
    pub fn samples(&self) -> impl Iterator<Item = &Event> {
        self.events
            .iter()
            .filter(|e| e.event_type == EventType::CPUSample)
    }

    /// The frames of a stack, leaf first; none for no stack and for one that the
    /// trace does not have (S6).
    #[must_use]
    pub fn stack(&self, id: Option<StackId>) -> &[Frame] {
        id.and_then(|id| self.stacks.get(&id.get()))
            .map_or(&[], Vec::as_slice)
    }

    /// Every stack with its id.
    pub fn stacks(&self) -> impl Iterator<Item = (u64, &[Frame])> {
        self.stacks
            .iter()
            .map(|(&id, frames)| (id, frames.as_slice()))
    }

    /// The bytes of a string; none for id 0 and for one that the trace does not have (S6).
    #[must_use]
    pub fn string(&self, id: u64) -> &'a [u8] {
        self.strings.get(&id).copied().unwrap_or_default()
    }

    /// The same as text, with what is not UTF-8 replaced.
    #[must_use]
    pub fn text(&self, id: u64) -> String {
        String::from_utf8_lossy(self.string(id)).into_owned()
    }

    /// The string arguments of an event, as many as [`EventType::spec`] names.
    #[must_use]
    pub fn string_args(&self, event: &Event) -> Vec<&'a [u8]> {
        let [_, second, third] = event.args;
        match event.event_type {
            EventType::GCSTWStart => vec![super::v1::stw_kind(self.version, event.args[0])],
            EventType::GoStartLabel | EventType::UserTaskCreate | EventType::UserRegion => {
                vec![self.string(third)]
            }
            EventType::UserLog => vec![
                self.string(second),
                self.messages
                    .get(&event.offset)
                    .copied()
                    .unwrap_or_default(),
            ],
            _ => Vec::new(),
        }
    }

    /// Nanoseconds from the first event to the last.
    #[must_use]
    pub fn span(&self) -> i64 {
        self.events.last().map_or(0, |e| e.time)
    }

    /// Ticks of the trace clock as nanoseconds since the first event.
    #[must_use]
    pub fn nanos(&self, ticks: i64) -> i64 {
        super::v1::nanos(ticks.wrapping_sub(self.first_tick), self.ticks_per_second)
    }
}
