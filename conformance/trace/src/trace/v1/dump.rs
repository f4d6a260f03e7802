//! Every byte of a trace, explained: `offset | bytes | meaning`.
//!
//! Each line has the offset of its first byte; the lines follow each other without
//! gap or overlap, from byte 0 to the last. Long runs go on over several lines.

use std::collections::BTreeMap;
use std::io::Write;

use sigprof_wire::FormatVersion;
use sigprof_wire::limits::{HEADER_LEN, NO_P};
use sigprof_wire::v1::EventType;

use super::wire::{Decoder, RawEvent};
use crate::bytes::{self, Cursor};
use crate::error::{InputError, WriteError};
use crate::trace::header;

/// Bytes of a line.
const LINE: usize = 10;

/// Writes the explanation of every byte.
///
/// # Errors
/// The first thing that cannot be read as an event; everything before it has been
/// written. Well-formed events with the wrong arguments are explained, not refused.
pub fn dump(bytes: &[u8], out: &mut impl Write) -> Result<(), WriteError> {
    let version = header::read(bytes)?;
    let mut dumper = Dumper {
        bytes,
        out,
        version,
        at: 0,
        ticks: 0,
        strings: BTreeMap::new(),
    };
    dumper.line(HEADER_LEN, &format!("header: a trace of Go {version}"))?;
    let mut decoder = Decoder::new(version, bytes, HEADER_LEN);
    while let Some(raw) = decoder.next()? {
        dumper.event(&raw)?;
    }
    Ok(())
}

struct Dumper<'a, W> {
    bytes: &'a [u8],
    out: &'a mut W,
    version: FormatVersion,
    /// The next byte that is not explained yet.
    at: usize,
    /// The clock of the batch.
    ticks: i64,
    strings: BTreeMap<u64, &'a [u8]>,
}

impl<'a, W: Write> Dumper<'a, W> {
    /// Explains the bytes up to `end`.
    fn line(&mut self, end: usize, meaning: &str) -> Result<(), WriteError> {
        let mut meaning = meaning;
        for chunk in self.bytes[self.at..end].chunks(LINE) {
            let hex: Vec<_> = chunk.iter().map(|b| format!("{b:02x}")).collect();
            let hex = hex.join(" ");
            let line = format!(
                "{:#08x} | {hex:<width$} | {meaning}",
                self.at,
                width = 3 * LINE - 1
            );
            writeln!(self.out, "{}", line.trim_end())?;
            self.at += chunk.len();
            meaning = "  ...";
        }
        Ok(())
    }

    /// Explains the next varint, whose value is known.
    fn varint(&mut self, meaning: &str) -> Result<(), WriteError> {
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
        let title = format!(
            "{}, {count} argument{plural}{length}",
            self.name(raw.event_type)
        );
        self.line(self.at + 1, &title)?;
        if raw.has_length {
            self.varint("  length in bytes")?;
        }
        match raw.event_type {
            EventType::Stack => self.stack(raw.args)?,
            EventType::String => self.string(raw)?,
            _ => self.args(raw)?,
        }
        if let (EventType::UserLog, Some(message)) = (raw.event_type, raw.text) {
            self.varint(&format!("  message, {} bytes", message.len()))?;
            self.line(
                self.at + message.len(),
                &format!("  {:?}", bytes::text(message)),
            )?;
        }
        Ok(())
    }

    /// Go 1.21 gave two types a new name.
    fn name(&self, event_type: EventType) -> &'static str {
        crate::trace::v1::render::go_name(event_type, self.version)
    }

    fn string(&mut self, raw: &RawEvent<'a, '_>) -> Result<(), WriteError> {
        let text = raw.text.unwrap_or_default();
        let id = raw.args.first().copied().unwrap_or(0);
        self.strings.insert(id, text);
        self.varint(&format!("  id = {id}"))?;
        self.varint(&format!("  {} bytes", text.len()))?;
        self.line(self.at + text.len(), &format!("  {:?}", bytes::text(text)))
    }

    fn stack(&mut self, args: &[u64]) -> Result<(), WriteError> {
        for (name, value) in ["id", "frames"].into_iter().zip(args) {
            self.varint(&format!("  {name} = {value}"))?;
        }
        let (frames, rest) = args.get(2..).unwrap_or(&[]).as_chunks();
        for &[pc, function, file, line] in frames {
            self.varint(&format!("  pc = {pc:#x}"))?;
            self.varint(&format!("    function = {}", self.quoted(function)))?;
            self.varint(&format!("    file = {}", self.quoted(file)))?;
            self.varint(&format!("    line = {line}"))?;
        }
        for value in rest {
            self.varint(&format!("  {value}: no part of a frame"))?;
        }
        Ok(())
    }

    /// A string's id and, if it came before, its text.
    fn quoted(&self, id: u64) -> String {
        match self.strings.get(&id) {
            Some(text) => format!("{id} {:?}", bytes::text(text)),
            None => id.to_string(),
        }
    }

    fn args(&mut self, raw: &RawEvent) -> Result<(), WriteError> {
        let spec = raw.event_type.spec();
        let mut args = raw.args;
        match (raw.event_type, args) {
            (EventType::Batch, &[_, ticks, ..]) => self.ticks = ticks.cast_signed(),
            (EventType::Batch | EventType::Frequency | EventType::TimerGoroutine, _) => {}
            (_, &[delta, ref rest @ ..]) => {
                self.ticks = self.ticks.wrapping_add(delta.cast_signed());
                self.varint(&format!("  tick +{delta} = {}", self.ticks))?;
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
            let value = match name {
                "p" if value == NO_P => "none".to_owned(),
                "typeid" | "labelid" | "keyid" => self.quoted(value),
                _ => value.to_string(),
            };
            self.varint(&format!("  {name} = {value}"))?;
        }
        Ok(())
    }
}
