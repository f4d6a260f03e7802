//! What an event says beyond where and when: names and values, for text and JSON alike.

use super::event::{Event, GoState, Kind, Metric, ProcState, Range, Text};
use super::reader::Reader;

/// A value of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value<'r> {
    /// A number.
    Number(u64),
    /// Signed nanoseconds.
    Time(i64),
    /// An id, if there is one.
    Id(Option<u64>),
    /// A string of the trace.
    Text(&'r [u8]),
    /// A word of this reader.
    Word(&'static str),
}

impl Kind {
    /// The name of the kind, as Go has it; state transitions by what they are of.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sync { .. } => "Sync",
            Self::StackSample => "StackSample",
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

/// Calls `each` with every field of an event.
pub(super) fn each<'r>(
    reader: &'r Reader,
    event: &Event,
    kind: Kind,
    mut each: impl FnMut(&'static str, Value<'r>),
) {
    let text = |t: Text| Value::Text(reader.text(t));
    match kind {
        Kind::Sync { number } => {
            each("n", Value::Number(number));
            if let Some(clocks) = reader.clocks().filter(|_| event.generation != 0) {
                each("trace", Value::Time(clocks.trace));
                each("mono", Value::Number(clocks.mono));
                each("wall_sec", Value::Number(clocks.seconds));
                each("wall_nsec", Value::Number(clocks.nanos));
            }
        }
        Kind::StackSample => {}
        Kind::Metric(metric, value) => {
            each("name", Value::Word(metric.name()));
            each("value", Value::Number(value));
        }
        Kind::Label(label) => each("label", text(label)),
        Kind::RangeBegin(range) | Kind::RangeActive(range) => self::range(reader, range, each),
        Kind::RangeEnd { range, bytes } => {
            self::range(reader, range, &mut each);
            if let Some((swept, reclaimed)) = bytes {
                each("swept", Value::Number(swept));
                each("reclaimed", Value::Number(reclaimed));
            }
        }
        Kind::TaskBegin { task, parent, name } | Kind::TaskEnd { task, parent, name } => {
            each("task", Value::Number(task));
            each("parent", Value::Id(parent));
            each("name", text(name));
        }
        Kind::RegionBegin { task, name } | Kind::RegionEnd { task, name } => {
            each("task", Value::Number(task));
            each("name", text(name));
        }
        Kind::Log {
            task,
            category,
            message,
        } => {
            each("task", Value::Number(task));
            each("category", text(category));
            each("message", text(message));
        }
        Kind::GoTransition {
            goroutine,
            from,
            to,
            reason,
            ..
        } => {
            each("g", Value::Number(goroutine));
            each("from", Value::Word(from.name()));
            each("to", Value::Word(to.name()));
            if reason != Text::Table(0) {
                each("reason", text(reason));
            }
        }
        Kind::ProcTransition { proc, from, to } => {
            each("p", Value::Number(proc));
            each("from", Value::Word(from.name()));
            each("to", Value::Word(to.name()));
        }
        Kind::Experimental { event, args } => {
            each("event", Value::Word(event.name()));
            for (name, value) in event.spec().args.iter().zip(args) {
                each(name, Value::Number(value));
            }
        }
    }
}

fn range<'r>(reader: &'r Reader, range: Range, mut each: impl FnMut(&'static str, Value<'r>)) {
    each("name", Value::Word(range.name()));
    match range {
        Range::Mark => {}
        Range::Sweep { proc } => each("p", Value::Id(proc)),
        Range::MarkAssist { goroutine } => each("g", Value::Id(goroutine)),
        Range::StopTheWorld { reason, goroutine } => {
            each("reason", Value::Text(reader.text(reason)));
            each("g", Value::Id(goroutine));
        }
    }
}
