//! Events as text for people, and as JSON for programs.

mod json;
pub(super) mod parts;

use std::io::Write as _;

use super::event::{Event, Kind, Text};
use super::fields::{self, Value};
use super::print::lines::Texts;
use super::print::number::{Times, digits, signed, unsigned};
use super::print::out::{Out, START, Start};
use super::print::quote::quote_plain;
use super::reader::Reader;
use crate::bytes;
use crate::shown::Shown;
use crate::trace::event::Frame;
use crate::trace::ids::TaskId;
use parts::{Contexts, Ids, Transitions};

/// Renders events, and keeps the texts of the stacks of a generation.
#[derive(Debug)]
pub struct Renderer {
    columns: Times,
    contexts: Contexts,
    reasons: Texts,
    names: Texts,
    categories: Texts,
    ids: Ids,
    leaves: Texts,
    stacks: Texts,
    json: json::Kept,
    start: Box<[u8; START]>,
}

/// Transitions of goroutines, to which two of three events lead.
static TRANSITIONS: Transitions = Transitions::new(" from=", " to=", "");

/// Columns of a time.
const TIME: usize = 16;

/// Columns of an id of a thread, a P or a goroutine.
const ID: usize = 7;

impl Default for Renderer {
    fn default() -> Self {
        Self {
            columns: Times::new(TIME),
            contexts: Contexts::default(),
            reasons: Texts::default(),
            names: Texts::default(),
            categories: Texts::default(),
            ids: Ids::default(),
            leaves: Texts::default(),
            stacks: Texts::default(),
            json: json::Kept::default(),
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
            match event.reason() {
                0 => line.end(out),
                id => self.reasons.end(line, out, reader, id, |out| {
                    reason(out, reader, Text::Table(id));
                }),
            }
        } else {
            let kind = event.kind();
            let ids = &mut self.ids;
            // Many programs have many of these.
            match kind {
                Kind::RegionBegin { task, name } | Kind::RegionEnd { task, name } => {
                    of_task(&mut line, ids, kind, task);
                    named(line, out, reader, &mut self.names, "name", name);
                }
                Kind::TaskBegin { task, parent, name } | Kind::TaskEnd { task, parent, name } => {
                    of_task(&mut line, ids, kind, task);
                    line.text(b" parent=");
                    match parent {
                        Some(parent) => _ = digits(&mut line, parent.0),
                        None => line.text(b"-"),
                    }
                    named(line, out, reader, &mut self.names, "name", name);
                }
                Kind::Log {
                    task,
                    category,
                    message,
                } => {
                    of_task(&mut line, ids, kind, task);
                    let texts = &mut self.categories;
                    named(line, out, reader, texts, "category", category);
                    // Hardly any comes twice.
                    text_field(out, "message", Value::Text(reader.text(message)));
                }
                _ => {
                    line.end(out);
                    self.text_args(out, reader, kind);
                }
            }
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

    fn text_args(&mut self, out: &mut Vec<u8>, reader: &Reader, kind: Kind) {
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
                if let Text::Table(id @ 1..) = reason {
                    let make = |out: &mut Vec<u8>| self::reason(out, reader, reason);
                    self.reasons.write(out, reader, id, make);
                }
            }
            _ => fields::each(reader, reader.event(), kind, |name, value| {
                text_field(out, name, value)
            }),
        }
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

/// The type of an event, and its task.
#[inline(always)]
fn of_task(line: &mut Start, ids: &mut Ids, kind: Kind, task: TaskId) {
    line.text(b" ");
    line.put_all(kind.name().as_bytes());
    line.text(b" task=");
    ids.write(line, task.0);
}

/// A field with a string.
#[inline]
fn named(
    line: Start,
    out: &mut Vec<u8>,
    reader: &Reader,
    texts: &mut Texts,
    name: &str,
    text: Text,
) {
    texts.end_with(line, out, reader, text, |out| {
        text_field(out, name, Value::Text(reader.text(text)));
    });
}

/// The reason of a change.
fn reason(out: &mut Vec<u8>, reader: &Reader, reason: Text) {
    text_field(out, "reason", Value::Text(reader.text(reason)));
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

/// Writes a place in the source: `main.hog /src/main.go:31`
fn place(out: &mut Vec<u8>, reader: &Reader, frame: &Frame) {
    for (id, end) in [(frame.function, b' '), (frame.file, b':')] {
        let name = bytes::text(reader.string(id));
        let _ = write!(out, "{}", Shown(&name));
        out.push(end);
    }
    unsigned(out, frame.line);
}
