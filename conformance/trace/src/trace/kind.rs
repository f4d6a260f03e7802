//! The kinds of events, with their details: what happened.
//!
//! Source: Go `internal/trace/event.go`, `EventKind` and its details; what a v1 event is in
//! these words, `internal/trace/tracev1.go`.

use sigprof_wire::v1;
use sigprof_wire::v2::EventType;

use super::ids::{GoId, ProcId, StackId, TaskId};

/// A string: of the tables of the event's generation, or one that is kept from an earlier
/// generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Text {
    /// The id of a string; 0 is the empty one.
    Table(u64),
    /// The number of a name that the reader keeps, until the next generation begins.
    Kept(u64),
    /// The message of a v1 trace's log, which stands in its event at this offset.
    Message(u64),
    /// Words that the trace has as a number: Go's own.
    Words(&'static str),
}

/// A number that the runtime reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Metric {
    /// How many Ps there are.
    Gomaxprocs,
    /// Bytes of the heap in use.
    HeapAlloc,
    /// Bytes at which the next collection begins.
    HeapGoal,
}

/// A range of time in which something goes on, and what it happens to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Range {
    /// The collector marks.
    Mark,
    /// A P sweeps.
    Sweep {
        /// The P, if there is one.
        proc: Option<ProcId>,
    },
    /// A goroutine helps to mark.
    MarkAssist {
        /// The goroutine that helps.
        goroutine: Option<GoId>,
    },
    /// The world is stopped.
    StopTheWorld {
        /// Why it is stopped.
        reason: Text,
        /// The goroutine that stops it.
        goroutine: Option<GoId>,
    },
}

/// The kind of an event, with its details: Go's `EventKind`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// Generations meet here. The number counts from 1; it and the clocks are there from the
    /// reader of 1.25 on.
    Sync {
        /// This is the n-th of the trace; 0 if it is not counted.
        number: u64,
    },
    /// A CPU sample.
    StackSample,
    /// Something was measured.
    Metric(Metric, u64),
    /// The running goroutine got a label.
    Label(Text),
    /// A range of time begins.
    RangeBegin(Range),
    /// A range was under way when the trace or the generation began.
    RangeActive(Range),
    /// A range of time ended.
    RangeEnd {
        /// The range that ended.
        range: Range,
        /// Of a sweep: bytes swept, and bytes won back.
        bytes: Option<(u64, u64)>,
    },
    /// A task begins.
    TaskBegin {
        /// The task that begins.
        task: TaskId,
        /// The task that it is a part of.
        parent: Option<TaskId>,
        /// The task's name.
        name: Text,
    },
    /// A task ended.
    TaskEnd {
        /// The task that ended.
        task: TaskId,
        /// As at its beginning; none if that is not in the trace, and in v1.
        parent: Option<TaskId>,
        /// As at its beginning; empty if that is not in the trace, and in v1.
        name: Text,
    },
    /// A region begins.
    RegionBegin {
        /// The task; 0 is the background.
        task: TaskId,
        /// The region's name.
        name: Text,
    },
    /// A region ended.
    RegionEnd {
        /// The task; 0 is the background.
        task: TaskId,
        /// The region's name.
        name: Text,
    },
    /// The program logs a message.
    Log {
        /// The task; 0 is the background.
        task: TaskId,
        /// The message's category.
        category: Text,
        /// The message itself.
        message: Text,
    },
    /// A goroutine does something else.
    GoTransition {
        /// The goroutine whose state changes.
        goroutine: GoId,
        /// The state before the event.
        from: GoState,
        /// The state after the event.
        to: GoState,
        /// Why, in Go's words.
        reason: Text,
        /// The stack of the goroutine, if that is known; of a new one, where it begins.
        stack: Option<StackId>,
    },
    /// A P does something else.
    ProcTransition {
        /// The P whose state changes.
        proc: ProcId,
        /// The state before the event.
        from: ProcState,
        /// The state after the event.
        to: ProcState,
    },
    /// An event that Go 1.22 and later no longer have: a v1 event of this type.
    Former(v1::EventType),
    /// An event of an experiment, with its arguments as on the wire.
    Experimental {
        /// Its type, which has the names of the arguments.
        event: EventType,
        /// The arguments as on the wire.
        args: [u64; 4],
    },
}

/// The state of a goroutine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GoState {
    /// Nobody has said yet.
    Undetermined,
    /// The goroutine is not there.
    NotExist,
    /// Ready, but on no thread.
    Runnable,
    /// On a thread.
    Running,
    /// Until somebody wakes it.
    Waiting,
    /// In a system call.
    Syscall,
}

/// The state of a P.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProcState {
    /// Nobody has said yet.
    Undetermined,
    /// The P is not there.
    NotExist,
    /// On a thread.
    Running,
    /// On no thread.
    Idle,
}

impl Kind {
    /// The name of the kind, as Go has it; state transitions by what they are of.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sync { .. } => "Sync",
            Self::StackSample => "StackSample",
            Self::Former(event_type) => event_type.name(),
            Self::Metric(..) => "Metric",
            Self::Label(_) => "Label",
            Self::RangeBegin(_) => "RangeBegin",
            Self::RangeActive(_) => "RangeActive",
            Self::RangeEnd { .. } => "RangeEnd",
            Self::TaskBegin { .. } => "TaskBegin",
            Self::TaskEnd { .. } => "TaskEnd",
            Self::RegionBegin { .. } => "RegionBegin",
            Self::RegionEnd { .. } => "RegionEnd",
            Self::Log { .. } => "Log",
            Self::GoTransition { .. } => "GoTransition",
            Self::ProcTransition { .. } => "ProcTransition",
            Self::Experimental { .. } => "Experimental",
        }
    }
}

impl GoState {
    /// The name, as Go has it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Undetermined => "Undetermined",
            Self::NotExist => "NotExist",
            Self::Runnable => "Runnable",
            Self::Running => "Running",
            Self::Waiting => "Waiting",
            Self::Syscall => "Syscall",
        }
    }
}

impl ProcState {
    /// The name, as Go has it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Undetermined => "Undetermined",
            Self::NotExist => "NotExist",
            Self::Running => "Running",
            Self::Idle => "Idle",
        }
    }
}

impl Metric {
    /// The name, as in Go's `runtime/metrics`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gomaxprocs => "/sched/gomaxprocs:threads",
            Self::HeapAlloc => "/memory/classes/heap/objects:bytes",
            Self::HeapGoal => "/gc/heap/goal:bytes",
        }
    }
}

impl Range {
    /// The name, as Go has it; the reason of a stop of the world is a field of its own.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mark => "GC concurrent mark phase",
            Self::Sweep { .. } => "GC incremental sweep",
            Self::MarkAssist { .. } => "GC mark assist",
            Self::StopTheWorld { .. } => "stop-the-world",
        }
    }
}
