//! The events of a trace as the level `events` has them: one a line, in the order of the
//! whole trace, with the fields of a CPU sample and the event's kind.
//!
//! A trace has too many for `expected.json`, which has their number and the SHA-256 of the
//! lines; `sigprof parse --format events` prints them, and `corpus unpack --events` writes them.

use std::borrow::Cow;
use std::fmt;
use std::io::Write;

use serde::{Deserialize, Serialize};
use sigprof_wire::FormatVersion;

use super::ours;
use crate::error::{InputError, WriteError};
use crate::fixtures::sha256;
use crate::trace::v1::{Place, render};
use crate::trace::{Event, Kind, Reader, v1};

/// An event: a line of the level `events`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Line {
    /// When it happened, in nanoseconds, as for [`TraceSample`](super::samples::TraceSample).
    pub time_ns: i64,
    /// Of v1 the type that `go tool trace -d` of Go 1.19 prints (of a trace of 1.21: that of
    /// 1.21), of v2 the name of Go's `EventKind`.
    pub kind: Cow<'static, str>,
    /// The P before the event; null without one, and where v1 has none that there is.
    pub p: Option<u64>,
    /// The goroutine; null for none and for g0.
    pub g: Option<u64>,
    /// The thread; null in v1.
    #[serde(default)]
    pub m: Option<i64>,
    /// The generation's number; null in v1.
    #[serde(default)]
    pub generation: Option<u64>,
}

/// The lines of a valid case: how many, and the SHA-256 of their text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sum {
    /// How many there are.
    pub lines: u64,
    /// SHA-256 of them, as `sigprof parse --format events` prints them.
    pub sha256: String,
}

/// The same as serde_json writes, without a text of its own for each of a trace's many events.
impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, r#"{{"time_ns":{},"kind":"#, self.time_ns)?;
        match self.kind.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            true => write!(f, "\"{}\"", self.kind)?,
            // A text cannot fail to be JSON.
            false => f.write_str(&serde_json::to_string(&self.kind).unwrap_or_default())?,
        }
        let (p, g, m) = (OrNull(self.p), OrNull(self.g), OrNull(self.m));
        let generation = OrNull(self.generation);
        write!(f, r#","p":{p},"g":{g},"m":{m},"generation":{generation}}}"#)
    }
}

struct OrNull<T>(Option<T>);

impl<T: fmt::Display> fmt::Display for OrNull<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(value) => value.fmt(f),
            None => f.write_str("null"),
        }
    }
}

/// The lines of a trace.
///
/// # Errors
/// Whatever is wrong with the trace.
pub fn of(bytes: &[u8]) -> Result<Vec<Line>, InputError> {
    let mut lines = Vec::new();
    each(&mut Reader::new(bytes)?, |_, line| {
        lines.push(line);
        Ok::<_, InputError>(())
    })?;
    Ok(lines)
}

/// Number and hash of these lines.
#[must_use]
pub fn sum(lines: &[Line]) -> Sum {
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    Sum {
        lines: lines.len() as u64,
        sha256: sha256(text.as_bytes()),
    }
}

/// Prints the lines of a trace. Of a v1 trace that is refused nothing is printed, of a v2 trace
/// what comes before the fault.
///
/// # Errors
/// What is wrong with the trace, or the output.
pub fn print(reader: &mut Reader, out: &mut dyn Write) -> Result<(), WriteError> {
    each(reader, |_, line| Ok(writeln!(out, "{line}")?))
}

/// Hands out every line, with the place of its event in the file.
pub(super) fn each<E: From<InputError>>(
    reader: &mut Reader,
    mut to: impl FnMut(u64, Line) -> Result<(), E>,
) -> Result<(), E> {
    if let Some(v1) = reader.as_v1() {
        v1.verify()?;
        let printer = v1.version().max(FormatVersion::GO_1_19);
        for event in v1.events() {
            let event = event?;
            to(event.offset, of_v1(&event, printer))?;
        }
        return Ok(());
    }
    while let Some(event) = reader.next_event()? {
        // How many there are, and where, depends on who reads.
        if !matches!(event.kind, Kind::Sync { .. }) {
            to(event.offset, of_v2(reader, &event))?;
        }
    }
    Ok(())
}

fn of_v1(event: &v1::Event, printer: FormatVersion) -> Line {
    Line {
        time_ns: event.time,
        kind: render::go_name(event.event_type, printer).into(),
        p: match event.place {
            Place::P(p) => Some(p),
            _ => None,
        },
        g: event.goroutine.map(v1::GoId::get),
        m: None,
        generation: None,
    }
}

fn of_v2(reader: &Reader, event: &Event) -> Line {
    Line {
        time_ns: ours::time(reader, event),
        kind: ours::kind(event).into(),
        p: event.proc.map(|p| p.0),
        g: event.goroutine.map(|g| g.0),
        m: event.thread.map(|m| m.0.cast_signed()),
        generation: event.generation.map(|g| g.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_what_serde_json_makes_of_it() {
        for kind in ["GoStart", "", "a\"b\\\n\u{1f}\u{e9}"] {
            for (value, thread) in [(None, None), (Some(0), Some(-1)), (Some(u64::MAX), Some(7))] {
                let line = Line {
                    time_ns: i64::MIN,
                    kind: kind.into(),
                    p: value,
                    g: value.map(|value| value / 2),
                    m: thread,
                    generation: value,
                };
                let want = serde_json::to_string(&line).expect("plain data");
                assert_eq!(line.to_string(), want);
            }
        }
    }
}
