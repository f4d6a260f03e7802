//! Events as JSON, one a line.

use std::io::Write as _;

use super::parts::{Contexts, Ids, Transitions};
use super::{Event, Kind, Renderer, Text};
use crate::trace::v2::fields::{self, Value};
use crate::trace::v2::print::lines::Texts;
use crate::trace::v2::print::number::{EIGHT, Times, digits, few, signed, unsigned};
use crate::trace::v2::print::out::{Out, Start};
use crate::trace::v2::print::quote::quote_plain;
use crate::trace::v2::reader::Reader;

static TRANSITIONS: Transitions = Transitions::new(",\"from\":\"", "\",\"to\":\"", "\"");

/// Parts of lines that are kept.
#[derive(Debug)]
pub(super) struct Kept {
    times: Times,
    /// Offsets, which are as near to each other as times.
    offsets: Times,
    contexts: Contexts,
    texts: Texts,
    reasons: Texts,
    stacks: Texts,
}

impl Default for Kept {
    fn default() -> Self {
        Self {
            times: Times::after(",\"time_ns\":"),
            offsets: Times::after("{\"offset\":"),
            contexts: Contexts::default(),
            texts: Texts::default(),
            reasons: Texts::default(),
            stacks: Texts::default(),
        }
    }
}

impl Renderer {
    /// Adds the last event of a reader as one line of JSON: `offset`, `time_ns`, `type`,
    /// `generation`, `m`, `p`, `goroutine`, `args` by name, and `stack`, leaf first.
    pub fn json(&mut self, out: &mut Vec<u8>, reader: &Reader) {
        let event = reader.event();
        let mut line = Start::new(&mut self.start);
        let (contexts, ids) = (&mut self.json.contexts, &mut self.ids);
        match event.offset {
            offset @ ..EIGHT => {
                let (digits, len) = few(offset);
                line.text(b"{\"offset\":");
                line.put(&digits, len);
            }
            offset => self.json.offsets.write(&mut line, offset.cast_signed()),
        }
        self.json.times.write(&mut line, event.time);
        if let Some((goroutine, from, to)) = event.change() {
            line.text(b",\"type\":\"GoTransition\"");
            context(&mut line, contexts, ids, event);
            line.text(b",\"args\":{\"g\":");
            ids.write(&mut line, goroutine);
            TRANSITIONS.write(&mut line, from, to);
            match event.reason() {
                0 => line.end(out),
                id => self.json.reasons.end(line, out, reader, id, |out| {
                    self::reason(out, reader, Text::Table(id));
                }),
            }
        } else {
            let kind = event.kind();
            line.text(b",\"type\":\"");
            line.put_all(kind.name().as_bytes());
            line.text(b"\"");
            context(&mut line, contexts, ids, event);
            // Many programs have many of these.
            match kind {
                Kind::RegionBegin { task, name } | Kind::RegionEnd { task, name } => {
                    line.text(b",\"args\":{\"task\":");
                    ids.write(&mut line, task.0);
                    line.text(b",\"name\":");
                    text(line, out, reader, &mut self.json.texts, name);
                }
                Kind::TaskBegin { task, parent, name } | Kind::TaskEnd { task, parent, name } => {
                    line.text(b",\"args\":{\"task\":");
                    ids.write(&mut line, task.0);
                    line.text(b",\"parent\":");
                    match parent {
                        Some(parent) => _ = digits(&mut line, parent.0),
                        None => line.text(b"null"),
                    }
                    line.text(b",\"name\":");
                    text(line, out, reader, &mut self.json.texts, name);
                }
                Kind::Log {
                    task,
                    category,
                    message,
                } => {
                    line.text(b",\"args\":{\"task\":");
                    ids.write(&mut line, task.0);
                    line.text(b",\"category\":");
                    text(line, out, reader, &mut self.json.texts, category);
                    out.extend_from_slice(b",\"message\":");
                    // Hardly any comes twice.
                    string(out, reader.text(message));
                }
                _ => {
                    line.text(b",\"args\":");
                    line.end(out);
                    self.args(out, reader, kind);
                }
            }
        }
        let stack = event.stack();
        let id = stack.unwrap_or_default();
        self.json
            .stacks
            .write(out, reader, id, |out| frames(out, reader, stack));
    }

    /// The arguments of an event, with `{` and without `}`.
    fn args(&mut self, out: &mut Vec<u8>, reader: &Reader, kind: Kind) {
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
                TRANSITIONS.write(out, from, to);
                if let Text::Table(id @ 1..) = reason {
                    let make = |out: &mut Vec<u8>| self::reason(out, reader, reason);
                    self.json.reasons.write(out, reader, id, make);
                }
            }
            _ => {
                let mut mark = b'{';
                fields::each(reader, reader.event(), kind, |name, value| {
                    key(out, std::mem::replace(&mut mark, b','), name);
                    self::value(out, value);
                });
                if mark == b'{' {
                    out.push(mark);
                }
            }
        }
    }
}

/// A string of the trace.
#[inline]
fn text(line: Start, out: &mut Vec<u8>, reader: &Reader, texts: &mut Texts, text: Text) {
    texts.end_with(line, out, reader, text, |out| {
        string(out, reader.text(text));
    });
}

fn reason(out: &mut Vec<u8>, reader: &Reader, reason: Text) {
    key(out, b',', "reason");
    string(out, reader.text(reason));
}

/// Generation, thread, P and goroutine.
#[inline(always)]
fn context(line: &mut Start, contexts: &mut Contexts, ids: &mut Ids, event: &Event) {
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

fn value(out: &mut Vec<u8>, value: Value) {
    match value {
        Value::Number(n) => unsigned(out, n),
        Value::Time(n) => signed(out, n),
        Value::Id(id) => number(out, id),
        Value::Word(word) => string(out, word.as_bytes()),
        Value::Text(text) => string(out, text),
    }
}

/// The end of a line, from that of the arguments on.
fn frames(out: &mut Vec<u8>, reader: &Reader, stack: Option<u64>) {
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
