//! Events as text for people, and as JSON for programs.

use std::io::Write as _;

use super::fields::{self, Value};
use super::print::number::{signed, unsigned};
use super::reader::Reader;
use crate::bytes;
use crate::shown::Shown;
use crate::trace::event::Frame;

/// Adds a line for the last event of a reader, and with `stacks` a line for each frame.
pub fn text(out: &mut Vec<u8>, reader: &Reader, stacks: bool) {
    let event = *reader.event();
    let kind = event.kind();
    let from = out.len();
    signed(out, event.time);
    let width = 16;
    let digits = out.len() - from;
    if digits < width {
        let pad = [b' '; 16];
        out.splice(from..from, pad[..width - digits].iter().copied());
    }
    out.extend_from_slice(b" ns ");
    for (mark, id) in [
        (b'M', event.thread()),
        (b'P', event.proc()),
        (b'G', event.goroutine()),
    ] {
        out.push(b' ');
        let from = out.len();
        match id {
            Some(id) => {
                out.push(mark);
                unsigned(out, id);
            }
            None => out.push(b'-'),
        }
        while out.len() - from < 7 {
            out.push(b' ');
        }
    }
    out.push(b' ');
    out.extend_from_slice(kind.name().as_bytes());
    fields::each(reader, &event, kind, |name, value| {
        out.push(b' ');
        out.extend_from_slice(name.as_bytes());
        out.push(b'=');
        match value {
            Value::Number(n) | Value::Id(Some(n)) => unsigned(out, n),
            Value::Time(n) => signed(out, n),
            Value::Id(None) => out.push(b'-'),
            Value::Word(word) if word.contains(' ') => {
                // Writing into memory does not fail.
                let _ = write!(out, "{word:?}");
            }
            Value::Word(word) => out.extend_from_slice(word.as_bytes()),
            Value::Text(text) => {
                let _ = write!(out, "{:?}", bytes::text(text));
            }
        }
    });
    let mut frames = reader.frames(event.stack());
    if stacks {
        out.push(b'\n');
        for frame in frames {
            out.extend_from_slice(&[b' '; 20]);
            place(out, reader, &frame);
            out.push(b'\n');
        }
        return;
    }
    if let Some(leaf) = frames.next() {
        out.extend_from_slice(b" at ");
        place(out, reader, &leaf);
    }
    out.push(b'\n');
}

/// `main.hog /src/main.go:31`
fn place(out: &mut Vec<u8>, reader: &Reader, frame: &Frame) {
    for (id, end) in [(frame.function, b' '), (frame.file, b':')] {
        let name = bytes::text(reader.string(id));
        let _ = write!(out, "{}", Shown(&name));
        out.push(end);
    }
    unsigned(out, frame.line);
}

/// Adds the last event of a reader as one line of JSON: `offset`, `time_ns`, `type`,
/// `generation`, `m`, `p`, `goroutine`, `args` by name, and `stack`, leaf first.
pub fn json(out: &mut Vec<u8>, reader: &Reader) {
    let event = *reader.event();
    let kind = event.kind();
    out.extend_from_slice(b"{\"offset\":");
    unsigned(out, event.offset);
    out.extend_from_slice(b",\"time_ns\":");
    signed(out, event.time);
    out.extend_from_slice(b",\"type\":\"");
    out.extend_from_slice(kind.name().as_bytes());
    out.push(b'"');
    let generation = Some(event.generation).filter(|&g| g != 0);
    for (name, id) in [
        ("generation", generation),
        ("m", event.thread()),
        ("p", event.proc()),
        ("goroutine", event.goroutine()),
    ] {
        key(out, b',', name);
        number(out, id);
    }
    out.extend_from_slice(b",\"args\":{");
    let mut mark = None;
    fields::each(reader, &event, kind, |name, value| {
        if let Some(mark) = mark.replace(b',') {
            out.push(mark);
        }
        string(out, name.as_bytes());
        out.push(b':');
        match value {
            Value::Number(n) => unsigned(out, n),
            Value::Time(n) => signed(out, n),
            Value::Id(id) => number(out, id),
            Value::Word(word) => string(out, word.as_bytes()),
            Value::Text(text) => string(out, text),
        }
    });
    out.extend_from_slice(b"},\"stack\":[");
    for (i, frame) in reader.frames(event.stack()).enumerate() {
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
