//! Every byte of a trace, explained: `offset | bytes | meaning`.
//!
//! Each line has the offset of its first byte; the lines follow each other without
//! gap or overlap, from byte 0 to the last. Long runs go on over several lines.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::io::{Read, Write};

use sigprof_wire::FormatVersion;
use sigprof_wire::limits::{HEADER_LEN, NO_P};
use sigprof_wire::v1::EventType;

use super::wire::{Decoder, RawEvent};
use crate::bytes::{self, Cursor};
use crate::error::{ErrorKind, InputError, WriteError};
use crate::shown::counted;
use crate::trace::header;
use crate::trace::source::Source;

/// Bytes of a line.
const LINE: usize = 10;

/// Writes the explanation of every byte.
///
/// # Errors
/// The first thing that cannot be read as an event; everything before it has been
/// written. Well-formed events with the wrong arguments are explained, not refused.
pub fn dump(bytes: &[u8], out: &mut dyn Write) -> Result<(), WriteError> {
    let mut state = State::new(header::read(bytes)?);
    let mut dumper = Dumper::new(bytes, &mut state, out);
    dumper.header()?;
    let mut decoder = Decoder::new(dumper.state.version, bytes, HEADER_LEN);
    while let Some(raw) = decoder.next()? {
        dumper.event(&raw)?;
    }
    Ok(())
}

/// The same of what comes from a stream, of which no more is held than an event, and the strings:
/// what was read is flushed before more is asked for.
///
/// # Errors
/// As [`dump`], and those of the stream.
pub fn dump_stream<'a>(from: impl Read + 'a, out: &mut dyn Write) -> Result<(), WriteError> {
    dump_source(Source::of_stream(from), out)
}

fn dump_source(mut source: Source<'_>, out: &mut dyn Write) -> Result<(), WriteError> {
    source.fill(HEADER_LEN)?;
    let mut state = State::new(header::read(source.bytes())?);
    Dumper::new(source.bytes(), &mut state, out).header()?;
    let mut at = HEADER_LEN;
    loop {
        let mut dumper = Dumper::new(source.bytes(), &mut state, out);
        (dumper.at, dumper.base) = (at, source.base());
        let mut decoder = Decoder::new(dumper.state.version, dumper.bytes, at).based(dumper.base);
        let is_all_there = source.is_all_there();
        let is_cut = loop {
            match decoder.next() {
                Ok(Some(raw)) => dumper.event(&raw)?,
                Ok(None) => break !is_all_there,
                Err(error) if error.kind() == ErrorKind::Truncated && !is_all_there => break true,
                Err(error) => return Err(error.into()),
            }
        };
        at = dumper.at;
        if !is_cut {
            return Ok(());
        }
        at -= source.forget_read(at);
        out.flush()?;
        source.grow()?;
    }
}

/// All that is known between two events.
struct State {
    version: FormatVersion,
    /// The clock of the batch.
    ticks: i64,
    strings: BTreeMap<u64, Box<[u8]>>,
    /// The line that is being written.
    held: String,
}

impl State {
    fn new(version: FormatVersion) -> Self {
        Self {
            version,
            ticks: 0,
            strings: BTreeMap::new(),
            held: String::new(),
        }
    }

    fn quoted(&self, id: u64) -> Quoted {
        Quoted(id, self.strings.get(&id).map(|text| bytes::text(text)))
    }
}

struct Dumper<'a, 's> {
    bytes: &'a [u8],
    /// The offset of their first.
    base: u64,
    /// The next byte that is not explained yet.
    at: usize,
    state: &'s mut State,
    out: &'s mut dyn Write,
}

/// A string's id and, if it came before, its text.
struct Quoted(u64, Option<String>);

impl fmt::Display for Quoted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self(id, Some(text)) => write!(f, "{id} {text:?}"),
            Self(id, None) => id.fmt(f),
        }
    }
}

impl<'a, 's> Dumper<'a, 's> {
    fn new(bytes: &'a [u8], state: &'s mut State, out: &'s mut dyn Write) -> Self {
        Self {
            bytes,
            base: 0,
            at: 0,
            state,
            out,
        }
    }

    fn header(&mut self) -> Result<(), WriteError> {
        let version = self.state.version;
        self.line(HEADER_LEN, format_args!("header: a trace of Go {version}"))
    }

    /// Explains the bytes up to `end`.
    fn line(&mut self, end: usize, meaning: fmt::Arguments) -> Result<(), WriteError> {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut meaning = Some(meaning);
        for chunk in self.bytes[self.at..end].chunks(LINE) {
            // An allocation for each line would take longer than all else.
            let line = &mut self.state.held;
            line.clear();
            // Writing to a string does not fail.
            let _ = write!(line, "{:#08x} |", self.base + self.at as u64);
            for byte in chunk {
                let digits = [byte >> 4, byte & 15].map(|d| char::from(DIGITS[usize::from(d)]));
                line.push(' ');
                line.extend(digits);
            }
            line.extend(std::iter::repeat_n(' ', 3 * (LINE - chunk.len())));
            line.push_str(" | ");
            let _ = match meaning.take() {
                Some(meaning) => line.write_fmt(meaning),
                None => line.write_str("  ..."),
            };
            let len = line.trim_end().len();
            line.truncate(len);
            line.push('\n');
            self.out.write_all(line.as_bytes())?;
            self.at += chunk.len();
        }
        Ok(())
    }

    /// Explains the next varint, whose value is known.
    fn varint(&mut self, meaning: fmt::Arguments) -> Result<(), WriteError> {
        let end = self.varint_end()?;
        self.line(end, meaning)
    }

    fn varint_end(&self) -> Result<usize, InputError> {
        let mut cursor = Cursor::new(self.bytes, self.at);
        cursor.varint("dump")?;
        Ok(cursor.index())
    }

    fn event(&mut self, raw: &RawEvent<'a, '_>) -> Result<(), WriteError> {
        let count = raw.args.len();
        let length = if raw.has_length {
            ", length follows"
        } else {
            ""
        };
        let plural = if count == 1 { "" } else { "s" };
        let name = self.name(raw.event_type);
        let title = format_args!("{name}, {count} argument{plural}{length}");
        self.line(self.at + 1, title)?;
        if raw.has_length {
            self.varint(format_args!("  length in bytes"))?;
        }
        match raw.event_type {
            EventType::Stack => self.stack(raw.args)?,
            EventType::String => self.string(raw)?,
            _ => self.args(raw)?,
        }
        if let (EventType::UserLog, Some(message)) = (raw.event_type, raw.text) {
            self.varint(format_args!(
                "  message, {}",
                counted(message.len() as u64, "byte")
            ))?;
            self.line(
                self.at + message.len(),
                format_args!("  {:?}", bytes::text(message)),
            )?;
        }
        Ok(())
    }

    /// Go 1.21 gave two types a new name.
    fn name(&self, event_type: EventType) -> &'static str {
        crate::trace::v1::render::go_name(event_type, self.state.version)
    }

    fn string(&mut self, raw: &RawEvent<'a, '_>) -> Result<(), WriteError> {
        let text = raw.text.unwrap_or_default();
        let id = raw.args.first().copied().unwrap_or(0);
        self.state.strings.insert(id, text.into());
        self.varint(format_args!("  id = {id}"))?;
        self.varint(format_args!("  {}", counted(text.len() as u64, "byte")))?;
        self.line(
            self.at + text.len(),
            format_args!("  {:?}", bytes::text(text)),
        )
    }

    fn stack(&mut self, args: &[u64]) -> Result<(), WriteError> {
        for (name, value) in ["id", "frames"].into_iter().zip(args) {
            self.varint(format_args!("  {name} = {value}"))?;
        }
        let (frames, rest) = args.get(2..).unwrap_or(&[]).as_chunks();
        for &[pc, function, file, line] in frames {
            self.varint(format_args!("  pc = {pc:#x}"))?;
            let (function, file) = (self.state.quoted(function), self.state.quoted(file));
            self.varint(format_args!("    function = {function}"))?;
            self.varint(format_args!("    file = {file}"))?;
            self.varint(format_args!("    line = {line}"))?;
        }
        for value in rest {
            self.varint(format_args!("  {value}: no part of a frame"))?;
        }
        Ok(())
    }

    fn args(&mut self, raw: &RawEvent) -> Result<(), WriteError> {
        let spec = raw.event_type.spec();
        let mut args = raw.args;
        match (raw.event_type, args) {
            (EventType::Batch, &[_, ticks, ..]) => self.state.ticks = ticks.cast_signed(),
            (EventType::Batch | EventType::Frequency | EventType::TimerGoroutine, _) => {}
            (_, &[delta, ref rest @ ..]) => {
                self.state.ticks = self.state.ticks.wrapping_add(delta.cast_signed());
                let ticks = self.state.ticks;
                self.varint(format_args!("  tick +{delta} = {ticks}"))?;
                args = rest;
            }
            (_, []) => {}
        }
        let names = spec.args.iter().map(|&name| match (raw.event_type, name) {
            // Beside that of whoever creates it.
            (EventType::GoCreate, "stack") => "stack of the new goroutine",
            (_, name) => name,
        });
        let mut names = names.chain(spec.has_stack.then_some("stack"));
        for &value in args {
            let name = names.next().unwrap_or("unexpected");
            match name {
                "p" if value == NO_P => self.varint(format_args!("  {name} = none"))?,
                "typeid" | "labelid" | "keyid" => {
                    let value = self.state.quoted(value);
                    self.varint(format_args!("  {name} = {value}"))?;
                }
                _ => self.varint(format_args!("  {name} = {value}"))?,
            }
        }
        Ok(())
    }
}
