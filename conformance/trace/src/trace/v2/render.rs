//! Events as text for people, and as JSON for programs.

pub(super) mod parts;

use std::io::Write as _;

use super::event::{Event, Kind, Text};
use super::fields::{self, Value};
use super::print::lines::Texts;
use super::print::number::{EIGHT, Times, digits, few, signed, unsigned};
use super::print::out::{Out, START, Start};
use super::print::quote::quote_plain;
use super::reader::Reader;
use crate::bytes;
use crate::shown::Shown;
use crate::trace::event::Frame;
use parts::{Contexts, Ids, Transitions};

/// Renders events, and keeps the texts of the stacks of a generation.
#[derive(Debug)]
pub struct Renderer {
    columns: Times,
    times: Times,
    /// Offsets, which are as near to each other as times.
    offsets: Times,
    contexts: Contexts,
    json_contexts: Contexts,
    reasons: Texts,
    json_texts: Texts,
    json_reasons: Texts,
    ids: Ids,
    leaves: Texts,
    stacks: Texts,
    json: Texts,
    start: Box<[u8; START]>,
}

/// Transitions of goroutines, to which two of three events lead.
static TRANSITIONS: Transitions = Transitions::new(" from=", " to=", "");
static JSON_TRANSITIONS: Transitions = Transitions::new(",\"from\":\"", "\",\"to\":\"", "\"");

/// Columns of a time.
const TIME: usize = 16;

/// Columns of an id of a thread, a P or a goroutine.
const ID: usize = 7;

impl Default for Renderer {
    fn default() -> Self {
        Self {
            columns: Times::new(TIME),
            times: Times::after(",\"time_ns\":"),
            offsets: Times::after("{\"offset\":"),
            contexts: Contexts::default(),
            json_contexts: Contexts::default(),
            reasons: Texts::default(),
            json_texts: Texts::default(),
            json_reasons: Texts::default(),
            ids: Ids::default(),
            leaves: Texts::default(),
            stacks: Texts::default(),
            json: Texts::default(),
            start: Box::new([0; START]),
        }
    }
}

impl Renderer {
    /// Adds a line for the last event of a reader, and with `stacks` a line for each frame.
    pub fn text(&mut self, out: &mut Vec<u8>, reader: &Reader, stacks: bool) {
        let event = reader.event();
        let mut line = Start::new(&mut self.start);
        self.columns.write(&mut line, event.time);
        self.contexts.write(&mut line, event, |out| {
            out.extend_from_slice(b" ns ");
            column(out, b'M', event.thread());
            column(out, b'P', event.proc());
        });
        column(&mut line, b'G', event.goroutine());
        if let Some((goroutine, from, to)) = event.change() {
            line.text(b" GoTransition g=");
            self.ids.write(&mut line, goroutine);
            TRANSITIONS.write(&mut line, from, to);
            line.end(out);
            self.text_reason(out, reader, Text::Table(event.reason()));
        } else {
            line.end(out);
            self.text_args(out, reader);
        }
        let Some(stack) = event.stack() else {
            out.push(b'\n');
            return;
        };
        if stacks {
            out.push(b'\n');
            self.stacks.write(out, reader, stack, |out| {
                for frame in reader.frames(Some(stack)) {
                    out.extend_from_slice(&[b' '; 20]);
                    place(out, reader, &frame);
                    out.push(b'\n');
                }
            });
            return;
        }
        self.leaves.write(out, reader, stack, |out| {
            if let Some(leaf) = reader.frames(Some(stack)).next() {
                out.extend_from_slice(b" at ");
                place(out, reader, &leaf);
            }
            out.push(b'\n');
        });
    }

    fn text_args(&mut self, out: &mut Vec<u8>, reader: &Reader) {
        let event = reader.event();
        let kind = event.kind();
        out.push(b' ');
        out.extend_from_slice(kind.name().as_bytes());
        match kind {
            Kind::GoTransition {
                goroutine,
                from,
                to,
                reason,
                ..
            } => {
                out.extend_from_slice(b" g=");
                unsigned(out, goroutine.0);
                TRANSITIONS.write(out, from, to);
                self.text_reason(out, reader, reason);
            }
            _ => fields::each(reader, event, kind, |name, value| {
                text_field(out, name, value)
            }),
        }
    }

    fn text_reason(&mut self, out: &mut Vec<u8>, reader: &Reader, reason: Text) {
        if let Text::Table(id @ 1..) = reason {
            self.reasons.write(out, reader, id, |out| {
                out.extend_from_slice(b" reason=");
                quoted(out, reader.text(reason));
            });
        }
    }

    /// Adds the last event of a reader as one line of JSON: `offset`, `time_ns`, `type`,
    /// `generation`, `m`, `p`, `goroutine`, `args` by name, and `stack`, leaf first.
    pub fn json(&mut self, out: &mut Vec<u8>, reader: &Reader) {
        let event = reader.event();
        let mut line = Start::new(&mut self.start);
        let (contexts, ids) = (&mut self.json_contexts, &mut self.ids);
        match event.offset {
            offset @ ..EIGHT => {
                let (digits, len) = few(offset);
                line.text(b"{\"offset\":");
                line.put(&digits, len);
            }
            offset => self.offsets.write(&mut line, offset.cast_signed()),
        }
        self.times.write(&mut line, event.time);
        if let Some((goroutine, from, to)) = event.change() {
            line.text(b",\"type\":\"GoTransition\"");
            json_context(&mut line, contexts, ids, event);
            line.text(b",\"args\":{\"g\":");
            ids.write(&mut line, goroutine);
            JSON_TRANSITIONS.write(&mut line, from, to);
            line.end(out);
            self.json_reason(out, reader, Text::Table(event.reason()));
        } else {
            let kind = event.kind();
            line.text(b",\"type\":\"");
            line.put_all(kind.name().as_bytes());
            line.text(b"\"");
            json_context(&mut line, contexts, ids, event);
            line.text(b",\"args\":");
            line.end(out);
            self.json_args(out, reader, kind);
        }
        let stack = event.stack();
        let id = stack.unwrap_or_default();
        self.json
            .write(out, reader, id, |out| json_stack(out, reader, stack));
    }

    fn json_reason(&mut self, out: &mut Vec<u8>, reader: &Reader, reason: Text) {
        if let Text::Table(id @ 1..) = reason {
            self.json_reasons.write(out, reader, id, |out| {
                out.extend_from_slice(b",\"reason\":");
                string(out, reader.text(reason));
            });
        }
    }

    /// The arguments of an event, with `{` and without `}`.
    fn json_args(&mut self, out: &mut Vec<u8>, reader: &Reader, kind: Kind) {
        match kind {
            Kind::GoTransition {
                goroutine,
                from,
                to,
                reason,
                ..
            } => {
                out.extend_from_slice(b"{\"g\":");
                unsigned(out, goroutine.0);
                JSON_TRANSITIONS.write(out, from, to);
                self.json_reason(out, reader, reason);
            }
            // Many programs have many of these.
            Kind::RegionBegin { task, name } | Kind::RegionEnd { task, name } => {
                out.extend_from_slice(b"{\"task\":");
                unsigned(out, task.0);
                out.extend_from_slice(b",\"name\":");
                self.json_text(out, reader, name);
            }
            Kind::TaskBegin { task, parent, name } | Kind::TaskEnd { task, parent, name } => {
                out.extend_from_slice(b"{\"task\":");
                unsigned(out, task.0);
                out.extend_from_slice(b",\"parent\":");
                number(out, parent.map(|task| task.0));
                out.extend_from_slice(b",\"name\":");
                self.json_text(out, reader, name);
            }
            _ => {
                let mut mark = b'{';
                fields::each(reader, reader.event(), kind, |name, value| {
                    key(out, std::mem::replace(&mut mark, b','), name);
                    json_value(out, value);
                });
                if mark == b'{' {
                    out.push(mark);
                }
            }
        }
    }

    /// A string of the trace; one of its tables is made ready once a generation.
    #[inline]
    fn json_text(&mut self, out: &mut Vec<u8>, reader: &Reader, text: Text) {
        let make = |out: &mut Vec<u8>| string(out, reader.text(text));
        match text {
            Text::Table(id) => self.json_texts.write(out, reader, id, make),
            _ => make(out),
        }
    }
}

/// Generation, thread, P and goroutine.
#[inline(always)]
fn json_context(line: &mut Start, contexts: &mut Contexts, ids: &mut Ids, event: &Event) {
    contexts.write(line, event, |out| {
        out.extend_from_slice(b",\"generation\":");
        number(out, Some(event.generation).filter(|&g| g != 0));
        out.extend_from_slice(b",\"m\":");
        number(out, event.thread());
        out.extend_from_slice(b",\"p\":");
        number(out, event.proc());
        out.extend_from_slice(b",\"goroutine\":");
    });
    match event.goroutine() {
        Some(goroutine) => ids.write(line, goroutine),
        None => line.text(b"null"),
    }
}

/// Writes an id as a column: ` M12   `
#[inline(always)]
fn column(out: &mut impl Out, mark: u8, id: Option<u64>) {
    let mut len = 1;
    match id {
        None => out.put(b" -", 2),
        Some(id) => {
            out.put(&[b' ', mark], 2);
            len += digits(out, id);
        }
    }
    out.put(&[b' '; ID], ID.saturating_sub(len));
}

fn quoted(out: &mut Vec<u8>, text: &[u8]) {
    if !quote_plain(out, text) {
        // Writing into memory does not fail.
        let _ = write!(out, "{:?}", bytes::text(text));
    }
}

fn text_field(out: &mut Vec<u8>, name: &str, value: Value) {
    out.push(b' ');
    out.extend_from_slice(name.as_bytes());
    out.push(b'=');
    match value {
        Value::Number(n) | Value::Id(Some(n)) => unsigned(out, n),
        Value::Time(n) => signed(out, n),
        Value::Id(None) => out.push(b'-'),
        Value::Word(word) if word.contains(' ') => quoted(out, word.as_bytes()),
        Value::Word(word) => out.extend_from_slice(word.as_bytes()),
        Value::Text(text) => quoted(out, text),
    }
}

fn json_value(out: &mut Vec<u8>, value: Value) {
    match value {
        Value::Number(n) => unsigned(out, n),
        Value::Time(n) => signed(out, n),
        Value::Id(id) => number(out, id),
        Value::Word(word) => string(out, word.as_bytes()),
        Value::Text(text) => string(out, text),
    }
}

/// Writes a place in the source: `main.hog /src/main.go:31`
fn place(out: &mut Vec<u8>, reader: &Reader, frame: &Frame) {
    for (id, end) in [(frame.function, b' '), (frame.file, b':')] {
        let name = bytes::text(reader.string(id));
        let _ = write!(out, "{}", Shown(&name));
        out.push(end);
    }
    unsigned(out, frame.line);
}

/// The end of a line, from that of the arguments on.
fn json_stack(out: &mut Vec<u8>, reader: &Reader, stack: Option<u64>) {
    out.extend_from_slice(b"},\"stack\":[");
    for (i, frame) in reader.frames(stack).enumerate() {
        if i > 0 {
            out.push(b',');
        }
        key(out, b'{', "function");
        string(out, reader.string(frame.function));
        key(out, b',', "file");
        string(out, reader.string(frame.file));
        key(out, b',', "line");
        unsigned(out, frame.line);
        key(out, b',', "pc");
        unsigned(out, frame.pc);
        out.push(b'}');
    }
    out.extend_from_slice(b"]}\n");
}

fn key(out: &mut Vec<u8>, mark: u8, name: &str) {
    out.push(mark);
    out.push(b'"');
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\":");
}

fn number(out: &mut Vec<u8>, id: Option<u64>) {
    match id {
        Some(id) => unsigned(out, id),
        None => out.extend_from_slice(b"null"),
    }
}

/// A string of JSON; what is not UTF-8 is replaced.
fn string(out: &mut Vec<u8>, text: &[u8]) {
    if quote_plain(out, text) {
        return;
    }
    out.push(b'"');
    for chunk in text.utf8_chunks() {
        for &byte in chunk.valid().as_bytes() {
            match byte {
                b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
                0..0x20 => {
                    let _ = write!(out, "\\u{byte:04x}");
                }
                _ => out.push(byte),
            }
        }
        if !chunk.invalid().is_empty() {
            out.extend_from_slice("\u{fffd}".as_bytes());
        }
    }
    out.push(b'"');
}
