//! Every byte of a v2 trace, explained: `offset | bytes | meaning`.
//!
//! The lines follow each other without gap or overlap, from byte 0 to the last.

use std::collections::HashMap;
use std::io::Write;

use sigprof_wire::limits::HEADER_LEN;
use sigprof_wire::v2::{EventType, NO_THREAD};

use super::batch::{Head, Item};
use super::reader::header;
use super::source::Source;
use super::varint::varint;
use crate::bytes;
use crate::error::{ErrorKind, InputError, WriteError};
use crate::trace::input::Pages;

/// Bytes of a line.
const LINE: usize = 10;

/// Writes the explanation of every byte.
///
/// # Errors
/// The first thing that cannot be read; everything before it has been written.
pub fn dump(bytes: &[u8], out: &mut impl Write) -> Result<(), WriteError> {
    let version = header(bytes)?;
    let mut dumper = Dumper {
        bytes,
        out,
        at: 0,
        end: bytes.len(),
        strings: HashMap::new(),
    };
    dumper.line(HEADER_LEN, &format!("header: a trace of Go 1.{version}"))?;
    let mut source = Source::Whole(Pages::of(bytes));
    loop {
        let item = Head::read(&mut source, dumper.at).map_err(|bad| bad.error)?;
        dumper.end = bytes.len();
        match item {
            Item::End => return Ok(()),
            Item::EndOfGeneration(end) => {
                dumper.strings.clear();
                dumper.line(end, "EndOfGeneration")?;
            }
            Item::Batch(head) => dumper.batch(&head)?,
        }
    }
}

struct Dumper<'a, W> {
    bytes: &'a [u8],
    out: &'a mut W,
    /// The next byte that is not explained yet.
    at: usize,
    /// The end of the batch.
    end: usize,
    /// Strings of the generation that came so far.
    strings: HashMap<(u64, u64), &'a [u8]>,
}

impl<'a, W: Write> Dumper<'a, W> {
    /// Explains the bytes up to `end`.
    fn line(&mut self, end: usize, meaning: &str) -> Result<(), WriteError> {
        let mut meaning = meaning;
        for chunk in self.bytes[self.at..end].chunks(LINE) {
            let mut hex = String::with_capacity(3 * LINE);
            for byte in chunk {
                let digit = |n: u8| char::from(b"0123456789abcdef"[usize::from(n)]);
                hex.extend([digit(byte >> 4), digit(byte & 15), ' ']);
            }
            let width = 3 * LINE - 1;
            let line = format!("{:#08x} | {:<width$} | {meaning}", self.at, hex.trim_end());
            writeln!(self.out, "{}", line.trim_end())?;
            self.at += chunk.len();
            meaning = "  ...";
        }
        Ok(())
    }

    /// Explains the next number, and returns it.
    fn number(&mut self, meaning: impl FnOnce(&Self, u64) -> String) -> Result<u64, WriteError> {
        let mut at = self.at;
        let value = varint(&self.bytes[..self.end], &mut at).map_err(|bad| {
            let offset = self.at as u64;
            InputError::new(ErrorKind::Malformed, offset, "dump", "a number", bad.got())
        })?;
        let meaning = meaning(self, value);
        self.line(at, &meaning)?;
        Ok(value)
    }

    fn named(&mut self, name: &str) -> Result<u64, WriteError> {
        self.number(|_, value| match value {
            NO_THREAD if name == "m" || name == "p" => format!("  {name} = none"),
            _ => format!("  {name} = {value}"),
        })
    }

    fn batch(&mut self, head: &Head) -> Result<(), WriteError> {
        let title = match head.experiment {
            Some(_) => "ExperimentalBatch",
            None => "EventBatch",
        };
        self.line(self.at + 1, title)?;
        if let Some(experiment) = head.experiment {
            self.line(self.at + 1, &format!("  exp = {experiment}"))?;
        }
        for name in ["gen", "m", "time", "size"] {
            self.named(name)?;
        }
        self.end = head.end;
        if head.experiment.is_some_and(|e| e != 0) {
            return self.line(head.end, "  data of the experiment");
        }
        let mut time = head.time;
        while self.at < self.end {
            self.event(head, &mut time)?;
        }
        Ok(())
    }

    fn event(&mut self, head: &Head, time: &mut u64) -> Result<(), WriteError> {
        let byte = self.bytes[self.at];
        let Some(event_type) = EventType::of(byte) else {
            let got = format!("byte {byte}");
            let (kind, at) = (ErrorKind::Malformed, self.at as u64);
            return Err(InputError::new(kind, at, "dump", "an event", got).into());
        };
        self.line(self.at + 1, event_type.name())?;
        let spec = event_type.spec();
        if spec.is_timed {
            let now = &mut *time;
            self.number(|_, delta| {
                *now = now.wrapping_add(delta);
                format!("  time +{delta} = {now}")
            })?;
        }
        let mut last = 0;
        for (i, &name) in spec.args.iter().enumerate() {
            last = if spec.strings >> i & 1 == 1 {
                self.number(|d, id| format!("  {name} = {}", d.quoted(head.generation, id)))?
            } else {
                self.named(name)?
            };
        }
        match event_type {
            EventType::String => self.string(head.generation, last),
            EventType::Stack => self.frames(head.generation, last),
            _ => Ok(()),
        }
    }

    fn string(&mut self, generation: u64, id: u64) -> Result<(), WriteError> {
        let len = self.number(|_, len| format!("  {len} bytes"))?;
        let rest = &self.bytes[self.at..self.end];
        let text = usize::try_from(len).ok().and_then(|len| rest.get(..len));
        let Some(text) = text else {
            let (got, at) = (format!("{}", rest.len()), self.at as u64);
            let want = format!("{len} bytes");
            return Err(InputError::new(ErrorKind::Malformed, at, "String", want, got).into());
        };
        self.strings.insert((generation, id), text);
        let end = self.at + text.len();
        self.line(end, &format!("  {:?}", bytes::text(text)))
    }

    fn frames(&mut self, generation: u64, count: u64) -> Result<(), WriteError> {
        for _ in 0..count {
            self.number(|_, pc| format!("  pc = {pc:#x}"))?;
            self.number(|d, id| format!("    function = {}", d.quoted(generation, id)))?;
            self.number(|d, id| format!("    file = {}", d.quoted(generation, id)))?;
            self.number(|_, line| format!("    line = {line}"))?;
        }
        Ok(())
    }

    /// A string's id and, if it came before, its text.
    fn quoted(&self, generation: u64, id: u64) -> String {
        match self.strings.get(&(generation, id)) {
            Some(text) => format!("{id} {:?}", bytes::text(text)),
            None => id.to_string(),
        }
    }
}
