//! JSON as `expected.json` has it: a sample, a stack and a check a line, so that a
//! difference between two versions can be read.

use std::fmt::Write;

use serde::Serialize;

use super::expected::{Invalid, Valid};
use super::samples::{ProfileSide, TraceSide};

/// The text of a valid case's `expected.json`.
#[must_use]
pub fn valid(expected: &Valid) -> String {
    let mut out = Object::new(0);
    out.field("schema_version", &expected.schema_version)
        .field("about", &expected.about)
        .field("format", &expected.format)
        .field("rules", &expected.rules)
        .raw("trace", &trace(&expected.trace, 2))
        .field("events", &expected.events);
    match &expected.profile {
        Some(side) => out.raw("profile", &profile(side, 2)),
        None => out.raw("profile", "null"),
    };
    out.lines("pair", &expected.pair);
    out.end() + "\n"
}

/// The text of an invalid case's `expected.json`.
#[must_use]
pub fn invalid(expected: &Invalid) -> String {
    let mut out = Object::new(0);
    out.field("schema_version", &expected.schema_version)
        .field("about", &expected.about)
        .field("format", &expected.format)
        .field("input", &expected.input)
        .field("rules", &expected.rules);
    let mut error = Object::new(2);
    let e = &expected.error;
    error
        .field("kind", &e.kind)
        .field("offset", &e.offset)
        .field("place", &e.place)
        .field("want", &e.want)
        .field("got", &e.got)
        .field("text", &e.text);
    out.raw("error", &error.end());
    if let Some(go) = &expected.go {
        out.field("go", go);
    }
    out.end() + "\n"
}

/// The object `trace`, its lines this far to the right.
#[must_use]
pub fn trace(side: &TraceSide, indent: usize) -> String {
    let mut out = Object::new(indent);
    out.field("events", &side.events)
        .field("ticks_per_second", &side.ticks_per_second);
    if let Some(generations) = side.generations {
        out.field("generations", &generations);
    }
    if !side.kinds.is_empty() {
        out.field("kinds", &side.kinds);
    }
    out.lines("stacks", &side.stacks)
        .lines("samples", &side.samples);
    out.end()
}

/// The object `profile`, its lines this far to the right.
#[must_use]
pub fn profile(side: &ProfileSide, indent: usize) -> String {
    let mut out = Object::new(indent);
    out.field("period_ns", &side.period_ns)
        .field("duration_ns", &side.duration_ns)
        .lines("stacks", &side.stacks)
        .lines("samples", &side.samples);
    out.end()
}

/// An object with a field a line.
struct Object {
    indent: usize,
    text: String,
}

impl Object {
    fn new(indent: usize) -> Self {
        Self {
            indent,
            text: "{".into(),
        }
    }

    fn raw(&mut self, name: &str, value: &str) -> &mut Self {
        let comma = if self.text == "{" { "" } else { "," };
        let indent = self.indent + 2;
        let _ = write!(self.text, "{comma}\n{:indent$}\"{name}\": {value}", "");
        self
    }

    /// A value in one line.
    fn field(&mut self, name: &str, value: &impl Serialize) -> &mut Self {
        self.raw(name, &compact(value))
    }

    /// An array with a value a line.
    fn lines(&mut self, name: &str, values: &[impl Serialize]) -> &mut Self {
        if values.is_empty() {
            return self.raw(name, "[]");
        }
        let indent = self.indent + 4;
        let lines: Vec<_> = values
            .iter()
            .map(|value| format!("\n{:indent$}{}", "", compact(value)))
            .collect();
        let end = self.indent + 2;
        self.raw(name, &format!("[{}\n{:end$}]", lines.join(","), ""))
    }

    fn end(self) -> String {
        let Self { indent, text } = self;
        format!("{text}\n{:indent$}}}", "")
    }
}

/// Plain data without maps by anything but text cannot fail to be JSON.
fn compact(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
