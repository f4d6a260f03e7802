//! Events as `go tool trace -d=parsed` prints them (up to 1.23: `-d=1`), byte for byte, in
//! the form of each release.
//!
//! Source: Go `internal/trace/event.go`, `Event.String` (1.22 to 1.27; R80).

pub(super) mod lines;
pub(super) mod number;
pub(super) mod out;
pub(super) mod quote;
mod wall;

use std::io::{self, Write};

use super::event::{Event, Kind, Range, Text};
use super::reader::Reader;
use super::render::parts::Contexts;
use crate::trace::options::Release;
pub use quote::{Unicode, quote};

use lines::Texts;
use number::{Times, hex, signed, unsigned};

/// Bytes that are gathered before they are written.
const FULL: usize = 64 << 10;

/// Seconds to add to UTC at a second since 1970.
pub type UtcOffset = fn(i64) -> i32;

/// A printer of events.
pub struct Printer<'o> {
    out: &'o mut dyn Write,
    line: Vec<u8>,
    offset: UtcOffset,
    stacks: Texts,
    times: Times,
    contexts: Contexts,
}

impl<'o> Printer<'o> {
    /// A printer in the time zone of `offset`: Go takes the local one.
    pub fn new(out: &'o mut dyn Write, offset: UtcOffset) -> Self {
        Self {
            out,
            line: Vec::with_capacity(FULL + FULL / 8),
            offset,
            stacks: Texts::default(),
            times: Times::default(),
            contexts: Contexts::default(),
        }
    }

    /// Prints the last event of a reader, in the form of the reader's release.
    ///
    /// # Errors
    /// Those of the output.
    pub fn print(&mut self, reader: &Reader) -> io::Result<()> {
        let event = *reader.event();
        self.head(reader, &event);
        self.line.push(b'\n');
        if self.line.len() >= FULL {
            self.flush()?;
        }
        Ok(())
    }

    /// Writes something else, after what was gathered.
    ///
    /// # Errors
    /// Those of the output.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.out.write_all(&self.line)?;
        self.line.clear();
        self.out.write_all(bytes)
    }

    /// Writes out what was gathered.
    ///
    /// # Errors
    /// Those of the output.
    pub fn flush(&mut self) -> io::Result<()> {
        self.out.write_all(&self.line)?;
        self.line.clear();
        self.out.flush()
    }

    fn text(&mut self, text: &str) {
        self.line.extend_from_slice(text.as_bytes());
    }

    /// A field and a number.
    fn number(&mut self, field: &str, value: u64) {
        self.text(field);
        unsigned(&mut self.line, value);
    }

    /// A field and an id, of which 2^64 - 1 is printed as -1.
    fn id(&mut self, field: &str, value: u64) {
        self.text(field);
        signed(&mut self.line, value.cast_signed());
    }

    fn quoted(&mut self, field: &str, reader: &Reader, text: Text) {
        self.text(field);
        quote(&mut self.line, reader.text(text), unicode(reader));
    }

    fn head(&mut self, reader: &Reader, event: &Event) {
        let kind = event.kind();
        self.contexts.write(&mut self.line, event, |out| {
            out.extend_from_slice(b"M=");
            signed(out, event.thread.cast_signed());
            out.extend_from_slice(b" P=");
            signed(out, event.proc.cast_signed());
            out.extend_from_slice(b" G=");
        });
        signed(&mut self.line, event.goroutine.cast_signed());
        self.text(" ");
        self.text(name(kind));
        self.text(" Time=");
        self.times.write(&mut self.line, event.time);
        self.kind(reader, event, kind);
        let stack = match event.is_sample() {
            true => Some(event.args[0]),
            false => event.stack(),
        };
        if let Some(stack) = stack {
            self.stack("\nStack=\n", reader, stack);
        }
    }

    fn kind(&mut self, reader: &Reader, event: &Event, kind: Kind) {
        let release = reader.options().release;
        match kind {
            Kind::Sync { number } => self.sync(reader, event, number),
            // No v2 event is the second.
            Kind::StackSample | Kind::Former(_) => {}
            Kind::Metric(metric, value) => {
                self.text(" Name=\"");
                self.text(metric.name());
                self.text("\" Value=");
                self.value(release, value);
            }
            Kind::Label(label) => {
                self.quoted(" Label=", reader, label);
                self.id(" Resource=Goroutine(", event.goroutine);
                self.text(")");
            }
            Kind::RangeBegin(range) | Kind::RangeActive(range) => self.range(reader, event, range),
            Kind::RangeEnd { range, bytes } => {
                self.range(reader, event, range);
                self.text(" Attributes=[");
                if let Some((swept, reclaimed)) = bytes {
                    self.text("\"bytes swept\"=");
                    self.value(release, swept);
                    self.text(" \"bytes reclaimed\"=");
                    self.value(release, reclaimed);
                }
                self.text("]");
            }
            Kind::TaskBegin { task, parent, name } | Kind::TaskEnd { task, parent, name } => {
                self.number(" ID=", task.0);
                self.number(" Parent=", parent.map_or(u64::MAX, |task| task.0));
                self.quoted(" Type=", reader, name);
            }
            Kind::RegionBegin { task, name } | Kind::RegionEnd { task, name } => {
                self.number(" Task=", task.0);
                self.quoted(" Type=", reader, name);
            }
            Kind::Log {
                task,
                category,
                message,
            } => {
                self.number(" Task=", task.0);
                self.quoted(" Category=", reader, category);
                self.quoted(" Message=", reader, message);
            }
            Kind::GoTransition {
                goroutine,
                from,
                to,
                reason,
                stack,
            } => {
                self.transition(
                    reader,
                    "Goroutine",
                    reason,
                    |line| {
                        line.id(" GoID=", goroutine.0);
                        line.text(" ");
                        line.text(from.name());
                        line.text("->");
                        line.text(to.name());
                    },
                    goroutine.0,
                );
                self.transition_stack(reader, event, stack.map(|stack| stack.id));
            }
            Kind::ProcTransition { proc, from, to } => {
                self.transition(
                    reader,
                    "Proc",
                    Text::Table(0),
                    |line| {
                        line.id(" ProcID=", proc.0);
                        line.text(" ");
                        line.text(from.name());
                        line.text("->");
                        line.text(to.name());
                    },
                    proc.0,
                );
            }
            Kind::Experimental { event, args } => self.experimental(release, event, args),
        }
    }

    /// The fields stand in another order since 1.26.
    fn transition(
        &mut self,
        reader: &Reader,
        resource: &str,
        reason: Text,
        states: impl FnOnce(&mut Self),
        id: u64,
    ) {
        if reader.options().release >= Release::Go1_26 {
            states(self);
            self.quoted(" Reason=", reader, reason);
            return;
        }
        self.text(" Resource=");
        self.text(resource);
        self.id("(", id);
        self.text(")");
        self.quoted(" Reason=", reader, reason);
        states(self);
    }

    fn range(&mut self, reader: &Reader, event: &Event, range: Range) {
        let none = u64::MAX;
        match range {
            Range::Mark => self.text(" Name=\"GC concurrent mark phase\" Scope=None"),
            Range::Sweep { proc } => {
                // Up to 1.25 that of the event, whatever its argument says.
                let is_old = reader.options().release < Release::Go1_26;
                let proc = if is_old {
                    event.proc()
                } else {
                    proc.map(|p| p.0)
                };
                self.id(
                    " Name=\"GC incremental sweep\" Scope=Proc(",
                    proc.unwrap_or(none),
                );
                self.text(")");
            }
            Range::MarkAssist { goroutine } => {
                let goroutine = goroutine.map_or(none, |g| g.0);
                self.id(" Name=\"GC mark assist\" Scope=Goroutine(", goroutine);
                self.text(")");
            }
            Range::StopTheWorld { reason, goroutine } => {
                let mut name = b"stop-the-world (".to_vec();
                name.extend_from_slice(reader.text(reason));
                name.push(b')');
                self.text(" Name=");
                quote(&mut self.line, &name, unicode(reader));
                self.id(" Scope=Goroutine(", goroutine.map_or(none, |g| g.0));
                self.text(")");
            }
        }
    }

    fn value(&mut self, release: Release, value: u64) {
        if release >= Release::Go1_25 {
            self.number("Value{Uint64(", value);
            self.text(")}");
        } else {
            self.number("Uint64(", value);
            self.text(")");
        }
    }

    fn sync(&mut self, reader: &Reader, event: &Event, number: u64) {
        let release = reader.options().release;
        if release < Release::Go1_25 {
            return;
        }
        self.number(" N=", number);
        let clocks = reader.clocks().filter(|_| event.generation != 0);
        if let Some(clocks) = clocks {
            self.text(" Trace=");
            signed(&mut self.line, clocks.trace);
            self.number(" Mono=", clocks.mono);
            self.text(" Wall=");
            let with_fraction = release >= Release::Go1_26;
            wall::write(&mut self.line, &clocks, self.offset, with_fraction);
        }
    }

    fn experimental(
        &mut self,
        release: Release,
        event: sigprof_wire::v2::EventType,
        args: [u64; 4],
    ) {
        let spec = event.spec();
        self.text(" Name=");
        self.text(spec.name);
        let pairs = spec.args.iter().zip(args);
        if release < Release::Go1_25 {
            self.text(" ArgNames=[");
            self.text(&spec.args.join(" "));
            self.text("] Args=[");
            for (i, (_, value)) in pairs.enumerate() {
                self.number(if i == 0 { "" } else { " " }, value);
            }
        } else {
            self.text(" Args=[");
            for (i, (name, value)) in pairs.enumerate() {
                self.text(if i == 0 { "" } else { ", " });
                self.text(name);
                self.text("=");
                self.value(release, value);
            }
        }
        self.text("]");
    }

    fn transition_stack(&mut self, reader: &Reader, event: &Event, stack: Option<u64>) {
        use sigprof_wire::v2::EventType as E;
        let is_status = matches!(event.event_type, E::GoStatus | E::GoStatusStack);
        let is_left_out = is_status && reader.options().release < Release::Go1_26;
        if let Some(stack) = stack.filter(|_| !is_left_out) {
            self.stack("\nTransitionStack=\n", reader, stack);
        }
    }

    fn stack(&mut self, title: &str, reader: &Reader, stack: u64) {
        self.text(title);
        self.stacks.write(&mut self.line, reader, stack, |out| {
            for frame in reader.frames(Some(stack)) {
                out.push(b'\t');
                out.extend_from_slice(reader.string(frame.function));
                out.extend_from_slice(b" @ 0x");
                hex(out, frame.pc);
                out.extend_from_slice(b"\n\t\t");
                out.extend_from_slice(reader.string(frame.file));
                out.push(b':');
                unsigned(out, frame.line);
                out.push(b'\n');
            }
        });
    }
}

/// The tables of characters that `%q` has in a release.
fn unicode(reader: &Reader) -> Unicode {
    if reader.options().release >= Release::Go1_27 {
        Unicode::V17
    } else {
        Unicode::V15
    }
}

/// The name of a kind: Go has one for all transitions.
const fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::GoTransition { .. } | Kind::ProcTransition { .. } => "StateTransition",
        other => other.name(),
    }
}
