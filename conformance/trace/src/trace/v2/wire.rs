//! Events as they stand in the file, as `go tool trace -d=wire` prints them (up to 1.23:
//! `-d=2`), byte for byte, in the form of each release.
//!
//! Source: Go `internal/trace/raw` (1.22 to 1.27; R81).

use std::io::Write;

use sigprof_wire::limits::HEADER_LEN;
use sigprof_wire::v2::{EventType, wire_events};

use super::print::{Unicode, number, quote};
use super::reader::header;
use super::varint::varint;
use crate::error::{ErrorKind, InputError, WriteError};
use crate::trace::options::Release;

/// Bytes that are gathered before they are written.
const FULL: usize = 64 << 10;

/// Writes every event, one a line; those of stacks and strings have more below them.
///
/// # Errors
/// The first thing that is not an event; all before it has been written.
pub fn write(bytes: &[u8], release: Release, out: &mut impl Write) -> Result<(), WriteError> {
    let version = header(bytes)?;
    let last = match release {
        Release::Go1_22 => wire_events(22),
        Release::Go1_23 | Release::Go1_24 => EventType::GoroutineStackFree as u8,
        // Its own header was the newest then: it knows all types there are.
        Release::Go1_25 if version == 25 => EventType::GoroutineStackFree as u8,
        _ => wire_events(version),
    };
    let mut printer = Wire {
        bytes,
        at: HEADER_LEN,
        last,
        release,
        line: Vec::with_capacity(FULL * 2),
    };
    while printer.at < bytes.len() {
        let from = printer.line.len();
        if let Err(error) = printer.event() {
            printer.line.truncate(from);
            out.write_all(&printer.line)?;
            return Err(error.into());
        }
        printer.line.push(b'\n');
        if printer.line.len() >= FULL {
            out.write_all(&printer.line)?;
            printer.line.clear();
        }
    }
    out.write_all(&printer.line)?;
    Ok(())
}

struct Wire<'a> {
    bytes: &'a [u8],
    at: usize,
    /// The last number of a type that the release knows for this header.
    last: u8,
    release: Release,
    line: Vec<u8>,
}

impl Wire<'_> {
    fn event(&mut self) -> Result<(), InputError> {
        let start = self.at;
        let byte = self.bytes[start];
        let event_type = EventType::of(byte).filter(|_| byte <= self.last);
        let Some(event_type) = event_type else {
            let want = "an event type of this version";
            let got = format!("byte {byte}");
            let kind = ErrorKind::Malformed;
            return Err(InputError::new(kind, start as u64, "event", want, got));
        };
        self.at += 1;
        let spec = event_type.spec();
        self.line.extend_from_slice(spec.name.as_bytes());
        if spec.is_timed {
            self.argument(event_type, "dt")?;
        }
        let mut last = 0;
        for &name in names(event_type, self.release, spec.args) {
            last = self.argument(event_type, name)?;
        }
        if event_type == EventType::Stack {
            for _ in 0..last {
                self.line.extend_from_slice(b"\n\t");
                for (i, name) in ["pc", "func", "file", "line"].into_iter().enumerate() {
                    if i > 0 {
                        self.line.push(b' ');
                    }
                    self.field(event_type, name)?;
                }
            }
        }
        if matches!(event_type, EventType::String | EventType::ExperimentalBatch) {
            self.data(event_type)?;
        }
        Ok(())
    }

    fn argument(&mut self, event_type: EventType, name: &str) -> Result<u64, InputError> {
        self.line.push(b' ');
        self.field(event_type, name)
    }

    fn field(&mut self, event_type: EventType, name: &str) -> Result<u64, InputError> {
        let value = self.number(event_type)?;
        self.line.extend_from_slice(name.as_bytes());
        self.line.push(b'=');
        number::unsigned(&mut self.line, value);
        Ok(value)
    }

    fn number(&mut self, event_type: EventType) -> Result<u64, InputError> {
        varint(self.bytes, &mut self.at).map_err(|bad| {
            let (at, place) = (self.at as u64, event_type.name());
            InputError::new(ErrorKind::Malformed, at, place, "a number", bad.got())
        })
    }

    fn data(&mut self, event_type: EventType) -> Result<(), InputError> {
        let len = self.number(event_type)?;
        let rest = &self.bytes[self.at..];
        let data = usize::try_from(len).ok().and_then(|len| rest.get(..len));
        let Some(data) = data else {
            let got = format!("{} before the end of the input", rest.len());
            let (at, place) = (self.at as u64, event_type.name());
            let want = format!("{len} bytes");
            return Err(InputError::new(ErrorKind::Truncated, at, place, want, got));
        };
        self.at += data.len();
        if !data.is_empty() {
            self.line.extend_from_slice(b"\n\tdata=");
            let unicode = match self.release {
                Release::Go1_27 => Unicode::V17,
                _ => Unicode::V15,
            };
            quote(&mut self.line, data, unicode);
        }
        Ok(())
    }
}

/// The names of arguments; 1.22 has those of samples in another order than they stand in.
fn names(
    event_type: EventType,
    release: Release,
    args: &'static [&'static str],
) -> &'static [&'static str] {
    match (event_type, release) {
        (EventType::CPUSample, Release::Go1_22) => &["time", "p", "g", "m", "stack"],
        _ => args,
    }
}
