//! Samples and events of a case before a mistake is made with them: our own reader's, with what
//! parsers get wrong kept beside them.

use std::collections::BTreeMap;

use super::super::events::{self, Line};
use super::super::ours;
use super::super::samples::{Frame, Stack, TraceSample, TraceSide};
use crate::error::InputError;
use crate::trace::{Event, Reader, Warning};

/// How a string becomes a name: by the place of its table, its id and its bytes.
pub(super) type Naming<'n> = &'n mut dyn FnMut(u64, u64, &[u8]) -> String;

/// A trace as it was read.
#[derive(Clone, Debug, Default)]
pub(super) struct Found {
    /// As the corpus has it; samples in the order in which they were read.
    pub(super) side: TraceSide,
    /// Where each sample stands in the file.
    pub(super) offsets: Vec<u64>,
    /// Whether it is of v2.
    pub(super) is_v2: bool,
    /// Whether it ends in the middle, as a program's that never called Stop.
    pub(super) is_cut: bool,
}

/// Reads a trace whose strings are named so.
///
/// # Errors
/// Whatever is wrong with the trace.
pub(super) fn read(bytes: &[u8], name: Naming) -> Result<Found, InputError> {
    let mut reader = Reader::new(bytes)?;
    let mut found = Found {
        is_v2: reader.as_v2().is_some(),
        ..Found::default()
    };
    while let Some(event) = reader.next_event()? {
        if !event.is_sample() {
            continue;
        }
        let stack = stack(&reader, &event, name);
        let place = found.side.stacks.iter().position(|known| *known == stack);
        let place = place.unwrap_or_else(|| {
            found.side.stacks.push(stack);
            found.side.stacks.len() - 1
        });
        found.offsets.push(event.offset);
        found.side.samples.push(TraceSample {
            time_ns: ours::time(&reader, &event),
            p: event.proc.map(|p| p.0),
            g: event.goroutine.map(|g| g.0),
            m: event.thread.map(|m| m.0.cast_signed()),
            generation: event.generation.map(|g| g.0),
            stack: place,
        });
    }
    let (warnings, _) = reader.warnings();
    let is_cut = |w: &Warning| matches!(w, Warning::NeverStopped { .. });
    found.is_cut = warnings.iter().any(is_cut);
    Ok(found)
}

fn stack(reader: &Reader, event: &Event, name: Naming) -> Stack {
    let frames = reader.frames(event.stack).map(|frame| Frame {
        function: name(event.table, frame.function, reader.string(frame.function)),
        file: name(event.table, frame.file, reader.string(frame.file)),
        line: frame.line.cast_signed(),
    });
    frames.collect()
}

/// When each sample was written into the trace by the tracer, by its place: v1 alone has that.
pub(super) fn logged(bytes: &[u8]) -> BTreeMap<u64, i64> {
    let Ok(reader) = Reader::new(bytes) else {
        return BTreeMap::new();
    };
    let samples = reader
        .as_v1()
        .into_iter()
        .flat_map(|v1| v1.logged_samples());
    let samples = samples.map(|sample| {
        let time = reader.nanos(crate::trace::Ticks(sample.logged)).0;
        (sample.offset, time)
    });
    samples.collect()
}

/// By how much each sample's time is another if ticks are turned into nanoseconds by integers, by
/// its place.
pub(super) fn by_integers(bytes: &[u8]) -> BTreeMap<u64, i64> {
    let Ok(mut reader) = Reader::new(bytes) else {
        return BTreeMap::new();
    };
    let whole = |ticks: i128, per_second: u64| {
        let time = ticks * 1_000_000_000 / i128::from(per_second.max(1));
        i64::try_from(time).unwrap_or(i64::MAX)
    };
    if let Some(v1) = reader.as_v1() {
        let mut events = v1.events();
        let _ = events.next();
        let first = i128::from(events.first_tick());
        let per_second = v1.ticks_per_second().cast_unsigned();
        let samples = v1.logged_samples().map(|sample| {
            let right = reader.nanos(crate::trace::Ticks(sample.taken)).0;
            let wrong = whole(i128::from(sample.taken) - first, per_second);
            (sample.offset, wrong - right)
        });
        return samples.collect();
    }
    let frequency = frequency(bytes);
    let mut moved = BTreeMap::new();
    while let Ok(Some(event)) = reader.next_event() {
        if !event.is_sample() || moved.contains_key(&event.offset) {
            continue;
        }
        let logged = reader.as_v2().map(|v2| v2.logged_samples());
        for sample in logged.unwrap_or_default() {
            let wrong = whole(ticks_at(bytes, sample.offset).into(), frequency);
            moved.insert(sample.offset, wrong - sample.time);
        }
    }
    moved
}

/// Ticks of a v2 trace's clock in a second, as its first generation has them.
fn frequency(bytes: &[u8]) -> u64 {
    let mut out = Vec::new();
    // What comes before an error is what is looked at.
    let _ = crate::trace::v2::wire::write(bytes, crate::trace::Release::default(), &mut out);
    let text = String::from_utf8_lossy(&out);
    let line = text
        .lines()
        .find_map(|line| line.trim().strip_prefix("Frequency freq="));
    line.and_then(|number| number.parse().ok()).unwrap_or(1)
}

/// The number behind the type of a v2 sample: its time in ticks.
fn ticks_at(bytes: &[u8], offset: u64) -> u64 {
    let at = usize::try_from(offset).unwrap_or(usize::MAX);
    let number = bytes.iter().skip(at.saturating_add(1)).take(10);
    let mut ticks = 0;
    for (shift, &byte) in (0..).step_by(7).zip(number) {
        ticks |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            break;
        }
    }
    ticks
}

/// Events, each with its place in the file.
pub(super) type Lines = Vec<(u64, Line)>;

/// The events of a trace, each with its place in the file.
///
/// # Errors
/// Whatever is wrong with the trace.
pub(super) fn lines(bytes: &[u8]) -> Result<Lines, InputError> {
    let mut lines = Vec::new();
    events::each(&mut Reader::new(bytes)?, |offset, line| {
        lines.push((offset, line));
        Ok::<_, InputError>(())
    })?;
    Ok(lines)
}
