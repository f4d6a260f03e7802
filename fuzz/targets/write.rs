//! A writer of v2 traces, for tests alone: it shares only numbers with the reader.

#![allow(
    clippy::cast_possible_truncation,
    reason = "a varint has seven bits a byte"
)]

use sigprof_wire::v2::EventType;

/// The header of a version.
pub(crate) fn header(minor: u16) -> Vec<u8> {
    let mut bytes = format!("go 1.{minor} trace").into_bytes();
    bytes.resize(16, 0);
    bytes
}

/// Adds a varint.
pub(crate) fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Adds a type and numbers.
pub(crate) fn event(out: &mut Vec<u8>, event_type: EventType, numbers: &[u64]) {
    out.push(event_type as u8);
    for &number in numbers {
        varint(out, number);
    }
}

/// Adds a batch, its size in ten bytes as the runtime has it.
pub(crate) fn batch(out: &mut Vec<u8>, generation: u64, thread: u64, time: u64, data: &[u8]) {
    event(out, EventType::EventBatch, &[generation, thread, time]);
    let mut size = data.len();
    for _ in 0..9 {
        out.push((size & 0x7f) as u8 | 0x80);
        size >>= 7;
    }
    out.push(0);
    out.extend_from_slice(data);
}

/// The `Sync` or `Frequency` batch of a generation.
pub(crate) fn clocks(out: &mut Vec<u8>, minor: u16, generation: u64, time: u64, frequency: u64) {
    let mut data = Vec::new();
    if minor >= 25 {
        event(&mut data, EventType::Sync, &[]);
    }
    event(&mut data, EventType::Frequency, &[frequency]);
    if minor >= 25 {
        let wall = 1_700_000_000 + generation;
        event(
            &mut data,
            EventType::ClockSnapshot,
            &[1, time * 64, wall, 120_000_000],
        );
    }
    batch(out, generation, u64::MAX, time, &data);
}

/// A batch of strings, from id 1 on.
pub(crate) fn strings(out: &mut Vec<u8>, generation: u64, time: u64, strings: &[&[u8]]) {
    let mut data = Vec::new();
    event(&mut data, EventType::Strings, &[]);
    for (id, text) in (1..).zip(strings) {
        event(&mut data, EventType::String, &[id, text.len() as u64]);
        data.extend_from_slice(text);
    }
    batch(out, generation, u64::MAX, time, &data);
}

/// The bytes of a trace in the text that `-d=wire` prints, behind a first line with its
/// version, as Go's own tests have it.
pub(crate) fn from_text(text: &str) -> Option<Vec<u8>> {
    let mut lines = text.lines().filter(|l| !l.trim().is_empty()).peekable();
    let version = lines.next()?.strip_prefix("Trace Go1.")?;
    let mut out = header(version.trim().parse().ok()?);
    while let Some(line) = lines.next() {
        let mut words = line.split_whitespace();
        let name = words.next()?;
        let event_type = EventType::ALL.iter().find(|e| e.name() == name)?;
        let values: Option<Vec<u64>> = words.map(|w| w.split_once('=')?.1.parse().ok()).collect();
        event(&mut out, *event_type, &values?);
        let mut data = None;
        while let Some(more) = lines.next_if(|l| l.starts_with('\t')) {
            if let Some(quoted) = more.trim().strip_prefix("data=") {
                // All of Go's tests have plain text in Go's quotes, or escapes that JSON has.
                let quoted = quoted.replace("\\x00", "\\u0000");
                data = Some(serde_json::from_str::<String>(&quoted).ok()?);
                continue;
            }
            for word in more.split_whitespace() {
                varint(&mut out, word.split_once('=')?.1.parse().ok()?);
            }
        }
        if matches!(event_type, EventType::String | EventType::ExperimentalBatch) {
            let data = data.unwrap_or_default();
            varint(&mut out, data.len() as u64);
            out.extend_from_slice(data.as_bytes());
        }
    }
    Some(out)
}
