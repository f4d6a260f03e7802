//! The fields of an event beyond where and when: names and values, for text and JSON alike.

use sigprof_wire::v2::{ALLOC_FREE, experiment_name};

use super::event::{Event, Kind, Range, Text};
use super::reader::Reader;

/// A value of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value<'r> {
    /// An unsigned number.
    Number(u64),
    /// A time in signed nanoseconds.
    Time(i64),
    /// An id, if there is one.
    Id(Option<u64>),
    /// A string of the trace.
    Text(&'r [u8]),
    /// A word of this reader.
    Word(&'static str),
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
        // No v2 event is the second.
        Kind::StackSample | Kind::Former(_) => {}
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
            each("task", Value::Number(task.0));
            each("parent", Value::Id(parent.map(|task| task.0)));
            each("name", text(name));
        }
        Kind::RegionBegin { task, name } | Kind::RegionEnd { task, name } => {
            each("task", Value::Number(task.0));
            each("name", text(name));
        }
        Kind::Log {
            task,
            category,
            message,
        } => {
            each("task", Value::Number(task.0));
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
            each("g", Value::Number(goroutine.0));
            each("from", Value::Word(from.name()));
            each("to", Value::Word(to.name()));
            if reason != Text::Table(0) {
                each("reason", text(reason));
            }
        }
        Kind::ProcTransition { proc, from, to } => {
            each("p", Value::Number(proc.0));
            each("from", Value::Word(from.name()));
            each("to", Value::Word(to.name()));
        }
        Kind::Experimental { event, args } => {
            // No other experiment has events.
            if let Some(name) = experiment_name(ALLOC_FREE) {
                each("experiment", Value::Word(name));
            }
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
        Range::Sweep { proc } => each("p", Value::Id(proc.map(|p| p.0))),
        Range::MarkAssist { goroutine } => each("g", Value::Id(goroutine.map(|g| g.0))),
        Range::StopTheWorld { reason, goroutine } => {
            each("reason", Value::Text(reader.text(reason)));
            each("g", Value::Id(goroutine.map(|g| g.0)));
        }
    }
}
