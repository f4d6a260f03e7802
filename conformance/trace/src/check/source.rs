//! The fold's input: an event of either format, as far as a check needs it.
//!
//! A source is a function from events to these, beside the tables that their ids stand for: see
//! `events`.

mod events;

pub(crate) use events::seen;

use crate::trace::{Frame, GoId};

/// An event of a trace, as a check sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    /// Nanoseconds since the trace's first event. They never fall from one event to the next.
    pub(super) time: i64,
    /// The goroutine that ran there.
    pub(super) goroutine: Option<GoId>,
    /// The goroutine whose state changed.
    pub(super) changed: Option<GoId>,
    /// The tables that have the event's ids: with others they stand for something else. All of a
    /// v1 trace has one.
    pub(super) table: u64,
    /// The thread, if the event names it.
    pub(super) thread: Option<u64>,
    /// The P, if there is one.
    pub(super) proc: Option<u64>,
    /// Whether a goroutine begins to run there, or does so no more; none for another event.
    pub(super) runs: Option<bool>,
    /// The kind of the event.
    pub(super) what: What,
}

/// A kind of event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// A CPU sample was taken.
    Sample {
        /// The id of its stack; 0 for none.
        stack: u64,
    },
    /// So many Ps there are from now on.
    Procs(u64),
    /// The thread of this number took a P.
    Thread(u64),
    /// The goroutine enters a region.
    RegionBegin {
        /// The id of the region's name.
        name: u64,
    },
    /// The goroutine leaves a region.
    RegionEnd {
        /// The id of the region's name.
        name: u64,
    },
    /// The goroutine that changes is in a call of the system, or of C, from now on, or was before.
    Call {
        /// The id of the stack with which it entered it; 0 for none.
        stack: u64,
        /// Whether the trace does not say what it did before.
        is_old: bool,
    },
    /// The goroutine ends.
    GoEnd,
    /// Something else, which says no more than that the goroutine is there.
    Other,
}

/// A sample as it was written from the tracer's ring into the trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Logged {
    /// When its signal came, on a clock of the source's own.
    pub(super) taken: i64,
    /// When it was written, on that clock.
    pub(super) logged: i64,
    /// `taken` in nanoseconds since the trace's first event.
    pub(super) taken_ns: i64,
    /// `logged` in nanoseconds since the trace's first event.
    pub(super) logged_ns: i64,
    /// PCs of its stack.
    pub(super) pcs: u64,
}

/// The stacks and strings that ids stand for, while their generation lasts.
pub(crate) trait Tables {
    /// The frames of a stack, leaf first; none for id 0.
    fn frames(&self, stack: u64) -> impl Iterator<Item = Frame>;

    /// The bytes of a string; none for id 0.
    fn string(&self, id: u64) -> &[u8];
}
