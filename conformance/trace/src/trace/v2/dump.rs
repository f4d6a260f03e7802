//! Every byte of a v2 trace, explained: `offset | bytes | meaning`.
//!
//! The lines follow each other without gap or overlap, from byte 0 to the last.

mod alloc_free;

use std::collections::HashMap;
use std::io::{Read, Write};
use std::ops::Range;

use sigprof_wire::limits::HEADER_LEN;
use sigprof_wire::v2::{ALLOC_FREE, EventType, NO_THREAD, experiment_name};

use super::batch::{Head, Item};
use super::missing::Missing;
use super::other;
use super::reader::header;
use super::source::Source;
use super::varint::varint;
use crate::bytes;
use crate::error::{ErrorKind, InputError, WriteError};
use crate::shown::counted;
use crate::trace::input::Pages;

/// Bytes of a line.
const LINE: usize = 10;

/// Writes the explanation of every byte.
///
/// # Errors
/// The first thing that cannot be read; everything before it has been written.
pub fn dump(bytes: &[u8], out: &mut dyn Write) -> Result<(), WriteError> {
    Dumper::new(Source::Whole(Pages::of(bytes)), out).all()
}

/// The same of what comes from a stream, a batch at a time: what was read is flushed before more
/// is asked for.
///
/// # Errors
/// As [`dump`], and those of the stream.
pub fn dump_stream<'a>(from: impl Read + 'a, out: &mut dyn Write) -> Result<(), WriteError> {
    Dumper::new(Source::of_stream(from), out).all()
}

struct Dumper<'a, 'o> {
    source: Source<'a>,
    out: &'o mut dyn Write,
    /// The next byte in the window that is not explained yet.
    at: usize,
    /// The end of the batch.
    end: usize,
    strings: Strings,
    /// The generation that bytes belong to.
    missing: Missing,
}

/// Strings of a generation that came so far.
#[derive(Default)]
struct Strings {
    /// Where each stands among the bytes.
    places: HashMap<u64, Range<usize>>,
    bytes: Vec<u8>,
}

impl Strings {
    fn add(&mut self, id: u64, text: &[u8]) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(text);
        self.places.insert(id, start..self.bytes.len());
    }

    /// A string's id and, if it came before, its text.
    fn quoted(&self, id: u64) -> String {
        match self.places.get(&id) {
            Some(place) => format!("{id} {:?}", bytes::text(&self.bytes[place.clone()])),
            None => id.to_string(),
        }
    }
}

impl<'a, 'o> Dumper<'a, 'o> {
    fn new(source: Source<'a>, out: &'o mut dyn Write) -> Self {
        Self {
            source,
            out,
            at: 0,
            end: 0,
            strings: Strings::default(),
            missing: Missing::at(HEADER_LEN as u64),
        }
    }

    fn all(&mut self) -> Result<(), WriteError> {
        self.source.fill(HEADER_LEN)?;
        let version = header(self.source.bytes())?;
        self.line(HEADER_LEN, &format!("header: a trace of Go 1.{version}"))?;
        loop {
            self.at -= self.source.forget_read(self.at);
            if !self.source.is_all_there() {
                self.out.flush()?;
            }
            let item = match Head::read(&mut self.source, self.at) {
                Ok(item) => item,
                Err(bad) => {
                    if let Some(generation) = bad.generation {
                        self.begin(generation);
                    }
                    // What begins as a batch of an experiment may be text.
                    let first = self.source.bytes().get(self.at);
                    if first == Some(&(EventType::ExperimentalBatch as u8))
                        && let Ok(Some(got)) = other::said(&mut self.source, self.at)
                    {
                        return Err(other::no_batch(self.source.offset(self.at), got).into());
                    }
                    return Err(self.missing.said(bad.error, &self.source).into());
                }
            };
            self.end = self.source.bytes().len();
            match item {
                Item::End => return Ok(()),
                Item::EndOfGeneration(end) => {
                    self.line(end, "EndOfGeneration")?;
                    self.begin(0);
                }
                Item::Batch(head) => {
                    self.begin(head.generation);
                    self.batch(&head)?;
                }
            }
        }
    }

    /// A batch of this generation comes; after the end of one it is 0, for the next.
    fn begin(&mut self, generation: u64) {
        if self.missing.begin(generation, self.source.offset(self.at)) {
            self.strings = Strings::default();
        }
    }

    /// Explains the bytes up to `end`.
    fn line(&mut self, end: usize, meaning: &str) -> Result<(), WriteError> {
        let mut meaning = meaning;
        for chunk in self.source.bytes()[self.at..end].chunks(LINE) {
            let mut hex = String::with_capacity(3 * LINE);
            for byte in chunk {
                let digit = |n: u8| char::from(b"0123456789abcdef"[usize::from(n)]);
                hex.extend([digit(byte >> 4), digit(byte & 15), ' ']);
            }
            let width = 3 * LINE - 1;
            let at = self.source.offset(self.at);
            let line = format!("{at:#08x} | {:<width$} | {meaning}", hex.trim_end());
            writeln!(self.out, "{}", line.trim_end())?;
            self.at += chunk.len();
            meaning = "  ...";
        }
        Ok(())
    }

    /// Explains the next number, and returns it.
    fn number(&mut self, meaning: impl FnOnce(&Self, u64) -> String) -> Result<u64, WriteError> {
        let mut at = self.at;
        let value = varint(&self.source.bytes()[..self.end], &mut at).map_err(|bad| {
            let offset = self.source.offset(self.at);
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
            let name = experiment_name(experiment).map(|name| format!(" {name}"));
            let meaning = format!("  exp = {experiment}{}", name.unwrap_or_default());
            self.line(self.at + 1, &meaning)?;
        }
        for name in ["gen", "m", "time", "size"] {
            self.named(name)?;
        }
        self.end = head.end;
        match head.experiment {
            None | Some(0) => {}
            Some(experiment) => {
                if experiment == ALLOC_FREE {
                    self.alloc_free()?;
                }
                return self.line(head.end, "  data of the experiment");
            }
        }
        let mut time = head.time;
        while self.at < self.end {
            self.event(&mut time)?;
        }
        Ok(())
    }

    fn event(&mut self, time: &mut u64) -> Result<(), WriteError> {
        let byte = self.source.bytes()[self.at];
        let Some(event_type) = EventType::of(byte) else {
            let got = format!("byte {byte}");
            let (kind, at) = (ErrorKind::Malformed, self.source.offset(self.at));
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
                self.number(|d, id| format!("  {name} = {}", d.strings.quoted(id)))?
            } else {
                self.named(name)?
            };
        }
        match event_type {
            EventType::String => self.string(last),
            EventType::Stack => self.frames(last),
            _ => Ok(()),
        }
    }

    fn string(&mut self, id: u64) -> Result<(), WriteError> {
        let len = self.number(|_, len| format!("  {}", counted(len, "byte")))?;
        let rest = &self.source.bytes()[self.at..self.end];
        let text = usize::try_from(len).ok().and_then(|len| rest.get(..len));
        let Some(text) = text else {
            let (got, at) = (format!("{}", rest.len()), self.source.offset(self.at));
            let want = counted(len, "byte");
            return Err(InputError::new(ErrorKind::Malformed, at, "String", want, got).into());
        };
        self.strings.add(id, text);
        let end = self.at + text.len();
        let meaning = format!("  {:?}", bytes::text(text));
        self.line(end, &meaning)
    }

    fn frames(&mut self, count: u64) -> Result<(), WriteError> {
        for _ in 0..count {
            self.number(|_, pc| format!("  pc = {pc:#x}"))?;
            self.number(|d, id| format!("    function = {}", d.strings.quoted(id)))?;
            self.number(|d, id| format!("    file = {}", d.strings.quoted(id)))?;
            self.number(|_, line| format!("    line = {line}"))?;
        }
        Ok(())
    }
}
