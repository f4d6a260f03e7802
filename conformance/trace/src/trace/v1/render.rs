//! Events as text: for people, as Go prints them, and as JSON for programs.

use std::io::{self, Write};

use serde::{Serialize, Serializer};
use sigprof_wire::FormatVersion;
use sigprof_wire::v1::EventType;

use super::event::{Event, Place};
use super::reader::Reader;
use super::{Frame, Stack};
use crate::bytes;
use crate::shown::Shown;

/// A P's number as Go's reader has it: the places that are not Ps have numbers of
/// their own (Go: `internal/trace/parser.go`, `FakeP` and on; R61).
#[must_use]
pub fn go_p(place: Place) -> i64 {
    match place {
        Place::P(p) => p.cast_signed(),
        Place::NoP => -1,
        Place::Timer => 1_000_001,
        Place::Netpoll => 1_000_002,
        Place::Syscall => 1_000_003,
        Place::Gc => 1_000_004,
    }
}

/// The name of an event type in the spelling of the Go release `printer`: 1.21
/// renamed the stops of the world.
#[must_use]
pub fn go_name(event_type: EventType, printer: FormatVersion) -> &'static str {
    match event_type {
        EventType::GCSTWStart if printer >= FormatVersion::GO_1_21 => "STWStart",
        EventType::GCSTWDone if printer >= FormatVersion::GO_1_21 => "STWDone",
        other => other.name(),
    }
}

/// Writes a line for the event, byte for byte as `go tool trace -d` of the release
/// `printer` does (Go: `internal/trace/parser.go`, `Event.String`).
///
/// # Errors
/// Those of `out`.
pub fn go(
    trace: &Reader,
    event: &Event,
    printer: FormatVersion,
    out: &mut dyn Write,
) -> io::Result<()> {
    let name = go_name(event.event_type, printer);
    let goroutine = event.goroutine_or_zero();
    let Event { time, offset, .. } = event;
    let p = go_p(event.place);
    write!(out, "{time} {name} p={p} g={goroutine} off={offset}")?;
    let spec = event.event_type.spec();
    for (name, value) in spec.args.iter().zip(event.args) {
        write!(out, " {name}={value}")?;
    }
    for (name, text) in spec.strings.iter().zip(trace.string_args(event)) {
        write!(out, " {name}=")?;
        out.write_all(text)?;
    }
    writeln!(out)
}

/// Writes a line for people, and with `stacks` a line for each frame below it.
///
/// # Errors
/// Those of `out`.
pub fn text(trace: &Reader, event: &Event, stacks: bool, out: &mut dyn Write) -> io::Result<()> {
    let place = match event.place {
        Place::P(p) => format!("P{p}"),
        Place::NoP => "no P".into(),
        Place::Timer => "timer".into(),
        Place::Netpoll => "netpoll".into(),
        Place::Syscall => "syscall".into(),
        Place::Gc => "GC".into(),
    };
    let goroutine = event.goroutine.map_or("-".into(), |g| format!("G{g}"));
    let name = go_name(event.event_type, trace.version());
    write!(
        out,
        "{:>14} ns  {place:<8} {goroutine:<6} {name:<18}",
        event.time
    )?;
    let spec = event.event_type.spec();
    // What a sample has as arguments stands in its columns.
    if event.event_type != EventType::CPUSample {
        for (name, value) in spec.args.iter().zip(event.args) {
            write!(out, " {name}={value}")?;
        }
    }
    for (name, text) in spec.strings.iter().zip(trace.string_args(event)) {
        write!(out, " {name}={:?}", bytes::text(text))?;
    }
    let mut frames = trace.stack(event.stack);
    if stacks {
        writeln!(out)?;
        for frame in frames {
            write!(out, "{:>18}", "")?;
            frame_text(trace, &frame, out)?;
            writeln!(out)?;
        }
        return Ok(());
    }
    match frames.next() {
        Some(leaf) => {
            write!(out, " at ")?;
            frame_text(trace, &leaf, out)?;
            writeln!(out)
        }
        None => writeln!(out),
    }
}

/// Writes a frame: `main.hog /src/main.go:31`
fn frame_text(trace: &Reader, frame: &Frame, out: &mut dyn Write) -> io::Result<()> {
    // One after the other: each may be as long as the trace, and longer when it is shown.
    write!(out, "{}", Shown(&trace.text(frame.function)))?;
    write!(out, " {}", Shown(&trace.text(frame.file)))?;
    write!(out, ":{}", frame.line)
}

#[derive(Serialize)]
struct JsonFrame {
    function: String,
    file: String,
    line: u64,
    pc: u64,
}

/// A stack that is turned into text frame by frame: a few bytes of each could name a
/// very long string.
struct JsonStack<'a> {
    trace: &'a Reader<'a>,
    frames: Stack<'a>,
}

impl Serialize for JsonStack<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = |id| self.trace.text(id);
        serializer.collect_seq(self.frames.clone().map(|frame| JsonFrame {
            function: text(frame.function),
            file: text(frame.file),
            line: frame.line,
            pc: frame.pc,
        }))
    }
}

#[derive(Serialize)]
struct JsonEvent<'a> {
    offset: u64,
    time_ns: i64,
    #[serde(rename = "type")]
    event_type: &'static str,
    /// Of an event that happened on a P.
    p: Option<u64>,
    /// Where it happened, if not on a P.
    place: Option<&'static str>,
    goroutine: Option<u64>,
    args: serde_json::Map<String, serde_json::Value>,
    stack: JsonStack<'a>,
}

/// Writes the event as one line of JSON: `offset`, `time_ns`, `type`, `p`, `place`,
/// `goroutine`, `args` by name, and `stack`, leaf first.
///
/// # Errors
/// Those of `out`.
pub fn json(trace: &Reader, event: &Event, out: &mut dyn Write) -> io::Result<()> {
    let spec = event.event_type.spec();
    let numbers = spec.args.iter().zip(event.args);
    let texts = spec.strings.iter().zip(trace.string_args(event));
    let mut args: serde_json::Map<_, _> = numbers
        .filter(|_| event.event_type != EventType::CPUSample)
        .map(|(name, value)| ((*name).to_owned(), value.into()))
        .collect();
    args.extend(texts.map(|(name, text)| {
        let text = bytes::text(text);
        ((*name).to_owned(), text.into())
    }));
    let (p, place) = match event.place {
        Place::P(p) => (Some(p), None),
        Place::NoP => (None, Some("no-p")),
        Place::Timer => (None, Some("timer")),
        Place::Netpoll => (None, Some("netpoll")),
        Place::Syscall => (None, Some("syscall")),
        Place::Gc => (None, Some("gc")),
    };
    let line = JsonEvent {
        offset: event.offset,
        time_ns: event.time,
        event_type: go_name(event.event_type, trace.version()),
        p,
        place,
        goroutine: event.goroutine.map(std::num::NonZero::get),
        args,
        stack: JsonStack {
            trace,
            frames: trace.stack(event.stack),
        },
    };
    serde_json::to_writer(&mut *out, &line)?;
    writeln!(out)
}
