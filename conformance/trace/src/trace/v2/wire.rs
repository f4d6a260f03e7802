//! Events as they stand in the file, as `go tool trace -d=wire` prints them (up to 1.23:
//! `-d=2`), byte for byte, in the form of each release.
//!
//! Source: Go `internal/trace/raw` (1.22 to 1.27; R81).

use std::io::{self, Read, Write};

use sigprof_wire::limits::HEADER_LEN;
use sigprof_wire::v2::{EventType, wire_events};

use super::missing::Missing;
use super::other;
use super::print::{Unicode, number, quote};
use super::reader::header;
use super::source::Source;
use super::varint::{BadVarint, varint};
use crate::error::{ErrorKind, InputError, WriteError};
use crate::shown::counted;
use crate::trace::input::Pages;
use crate::trace::options::Release;

/// Bytes that are gathered before they are written.
const FULL: usize = 64 << 10;

/// Bytes of an event, at the most: Go's reader takes no batch of more than a sixteenth (R71.5).
const LONGEST: usize = 1 << 20;

/// Writes every event, one a line; those of stacks and strings have more below them.
///
/// # Errors
/// The first thing that is not an event; all before it has been written.
pub fn write(bytes: &[u8], release: Release, out: &mut dyn Write) -> Result<(), WriteError> {
    Wire::new(Source::Whole(Pages::of(bytes)), release, out)?.all()
}

/// The same of what comes from a stream, of which an event is held: what was read is flushed
/// before more is asked for.
///
/// # Errors
/// As [`write`](fn@write), and those of the stream.
pub fn write_stream<'a>(
    from: impl Read + 'a,
    release: Release,
    out: &mut dyn Write,
) -> Result<(), WriteError> {
    Wire::new(Source::of_stream(from), release, out)?.all()
}

struct Wire<'a, 'o> {
    source: Source<'a>,
    out: &'o mut dyn Write,
    /// The next byte in the window.
    at: usize,
    /// Where the event began.
    start: usize,
    /// The last number of a type that the release knows for this header.
    last: u8,
    release: Release,
    /// The text that was not written yet.
    line: Vec<u8>,
    /// The end of the last whole event in it.
    whole: usize,
    /// The generation that the last batch belongs to, for the error of an input that is cut off.
    missing: Missing,
}

impl<'a, 'o> Wire<'a, 'o> {
    fn new(
        mut source: Source<'a>,
        release: Release,
        out: &'o mut dyn Write,
    ) -> Result<Self, InputError> {
        source.fill(HEADER_LEN)?;
        let version = header(source.bytes())?;
        let last = match release {
            Release::Go1_22 => wire_events(22),
            Release::Go1_23 | Release::Go1_24 => EventType::GoroutineStackFree as u8,
            // Its own header was the newest then: it knows all types there are.
            Release::Go1_25 if version == 25 => EventType::GoroutineStackFree as u8,
            _ => wire_events(version),
        };
        Ok(Self {
            source,
            out,
            at: HEADER_LEN,
            start: HEADER_LEN,
            last,
            release,
            line: Vec::with_capacity(FULL * 2),
            whole: 0,
            missing: Missing::at(HEADER_LEN as u64),
        })
    }

    fn all(&mut self) -> Result<(), WriteError> {
        loop {
            self.at -= self.source.forget_read(self.at);
            self.start = self.at;
            match self.event() {
                Ok(true) => {}
                Ok(false) => return Ok(self.write()?),
                Err(error) => {
                    self.write()?;
                    return Err(match error {
                        WriteError::Input(error) => self.missing.said(error, &self.source).into(),
                        other => other,
                    });
                }
            }
            self.line.push(b'\n');
            self.whole = self.line.len();
            if self.whole >= FULL {
                self.write()?;
            }
        }
    }

    /// Writes the events that are whole.
    fn write(&mut self) -> io::Result<()> {
        self.out.write_all(&self.line[..self.whole])?;
        self.line.drain(..self.whole);
        self.whole = 0;
        Ok(())
    }

    /// Reads on, if there is more; what is there is shown before, since that may take long.
    fn grow(&mut self) -> Result<bool, WriteError> {
        if self.source.is_all_there() {
            return Ok(false);
        }
        self.write()?;
        self.out.flush()?;
        Ok(self.source.grow()?)
    }

    /// Adds an event; false at the end.
    fn event(&mut self) -> Result<bool, WriteError> {
        while self.source.bytes().len() == self.at {
            if !self.grow()? {
                return Ok(false);
            }
        }
        let byte = self.source.bytes()[self.at];
        let event_type = EventType::of(byte).filter(|_| byte <= self.last);
        let Some(event_type) = event_type else {
            let want = "an event type of this version";
            let got = other::said(&mut self.source, self.at)?;
            let got = got.unwrap_or_else(|| format!("byte {byte}"));
            let (kind, at) = (ErrorKind::Malformed, self.source.offset(self.at));
            return Err(InputError::new(kind, at, "event", want, got).into());
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
            if name == "gen" {
                let start = self.source.offset(self.start);
                self.missing.begin(last, start);
            }
        }
        if event_type == EventType::EndOfGeneration {
            self.missing.begin(0, self.source.offset(self.at));
        }
        if event_type == EventType::Stack {
            for _ in 0..last {
                self.is_not_too_long(event_type)?;
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
        Ok(true)
    }

    fn is_not_too_long(&self, event_type: EventType) -> Result<(), InputError> {
        if self.at - self.start <= LONGEST {
            return Ok(());
        }
        let want = format!("an event of at most {LONGEST} bytes");
        let (kind, at) = (ErrorKind::TooLarge, self.source.offset(self.start));
        Err(InputError::new(kind, at, event_type.name(), want, "more"))
    }

    fn argument(&mut self, event_type: EventType, name: &str) -> Result<u64, WriteError> {
        self.line.push(b' ');
        self.field(event_type, name)
    }

    fn field(&mut self, event_type: EventType, name: &str) -> Result<u64, WriteError> {
        let value = self.number(event_type)?;
        self.line.extend_from_slice(name.as_bytes());
        self.line.push(b'=');
        number::unsigned(&mut self.line, value);
        Ok(value)
    }

    fn number(&mut self, event_type: EventType) -> Result<u64, WriteError> {
        loop {
            match varint(self.source.bytes(), &mut self.at) {
                Ok(value) => return Ok(value),
                Err(BadVarint::CutShort) if self.grow()? => {}
                Err(bad) => {
                    let (at, place) = (self.source.offset(self.at), event_type.name());
                    // What belongs to it goes on to the end of the input.
                    let (kind, got) = match bad {
                        BadVarint::CutShort => (ErrorKind::Truncated, "the end of the input"),
                        BadVarint::TooLong => (ErrorKind::Malformed, bad.got()),
                    };
                    return Err(InputError::new(kind, at, place, "a number", got).into());
                }
            }
        }
    }

    fn data(&mut self, event_type: EventType) -> Result<(), WriteError> {
        let len = self.number(event_type)?;
        let wanted = usize::try_from(len).unwrap_or(usize::MAX);
        while self.source.bytes().len() - self.at < wanted.min(LONGEST + 1) && self.grow()? {}
        let rest = &self.source.bytes()[self.at..];
        if wanted > LONGEST && rest.len() > LONGEST {
            let want = format!("at most {LONGEST} bytes");
            let (at, place) = (self.source.offset(self.at), event_type.name());
            let kind = ErrorKind::TooLarge;
            return Err(InputError::new(kind, at, place, want, len.to_string()).into());
        }
        let data = usize::try_from(len).ok().and_then(|len| rest.get(..len));
        let Some(data) = data else {
            let got = format!("{} before the end of the input", rest.len());
            let (at, place) = (self.source.offset(self.at), event_type.name());
            let want = counted(len, "byte");
            return Err(InputError::new(ErrorKind::Truncated, at, place, want, got).into());
        };
        if !data.is_empty() {
            self.line.extend_from_slice(b"\n\tdata=");
            let unicode = match self.release {
                Release::Go1_27 => Unicode::V17,
                _ => Unicode::V15,
            };
            quote(&mut self.line, data, unicode);
        }
        self.at += data.len();
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
