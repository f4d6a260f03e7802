//! The writer of a trace's bytes, event by event.
//!
//! Laws, which it holds its caller to (R60, R61):
//!
//! - L1 An event has the arguments that its type has in this format version, and a
//!   stack only if its type has one.
//! - L2 A type is not newer than the format version.
//! - L3 A string has an id other than 0, of its own, and 1 to [`MAX_STRING_LEN`] bytes.
//! - L4 A stack has at most [`MAX_STACK_FRAMES`] frames.
//! - L5 A tick delta has a batch before it, whose ticks it adds to.
//!
//! A caller that breaks one is our own bug, so these are panics. A test that needs
//! a broken trace writes it raw: see [`RawEvent`](super::RawEvent).

use std::collections::BTreeSet;

use sigprof_wire::FormatVersion;
use sigprof_wire::limits::{MAX_STACK_FRAMES, MAX_STRING_LEN, NO_P};
use sigprof_wire::v1::EventType;

use super::wire::{
    COUNT_WITH_LENGTH, first_byte, header, payload, put_event, put_padded_varint, put_varint,
};
use super::{GoId, ProcId, StackId, StringId, Ticks};

/// A format version that this writer does not write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot write format {0}: want one of 1.7, 1.8, 1.9, 1.10, 1.11, 1.19, 1.21")]
pub struct UnsupportedVersion(
    /// The version that was asked for.
    pub FormatVersion,
);

/// A frame of a stack, as the wire has it (Go: `traceFrame`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceFrame {
    /// The program counter of the call.
    pub pc: u64,
    /// The name of the function.
    pub function: StringId,
    /// The name of the file.
    pub file: StringId,
    /// The line in it.
    pub line: u64,
}

/// A sample of the CPU profiler, as the signal handler took it (R31, R37).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CpuSample {
    /// When it was taken; the event is written later.
    pub ts: Ticks,
    /// The P of the interrupted thread, if it had one.
    pub p: Option<ProcId>,
    /// The goroutine that ran, if one did.
    pub g: Option<GoId>,
    /// Where it was; the empty stack never reaches a real trace (R24).
    pub stack: StackId,
}

/// Writes a trace, event by event, and refuses what no reader could take.
#[derive(Clone, Debug)]
pub struct TraceWriter {
    version: FormatVersion,
    out: Vec<u8>,
    strings: BTreeSet<StringId>,
    in_batch: bool,
}

impl TraceWriter {
    /// Starts a trace with its header.
    ///
    /// # Errors
    ///
    /// When `version` is none of Go 1.7 to 1.21. Go 1.5 had no strings and other
    /// arguments; Go 1.22 began the v2 format.
    pub fn new(version: FormatVersion) -> Result<Self, UnsupportedVersion> {
        if version < FormatVersion::GO_1_7 || !FormatVersion::V1.contains(&version) {
            return Err(UnsupportedVersion(version));
        }
        Ok(Self {
            version,
            out: header(version).to_vec(),
            strings: BTreeSet::new(),
            in_batch: false,
        })
    }

    /// The format version.
    #[must_use]
    pub fn version(&self) -> FormatVersion {
        self.version
    }

    /// Where the next byte goes: bytes from the start of the trace.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.out.len()
    }

    /// The bytes of the trace.
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        self.out
    }

    /// Begins a batch: the events that follow are of `p`, and the first delta adds to `at`.
    ///
    /// No P is what the runtime calls `traceGlobProc`, and writes as -1 (R40).
    pub fn batch(&mut self, p: Option<ProcId>, at: Ticks) {
        self.put(EventType::Batch, &[wire_p(p), at.0]);
        self.in_batch = true;
    }

    /// Writes an event that has a tick delta.
    ///
    /// `args` are the arguments of the type's
    /// [`EventSpec`](sigprof_wire::v1::EventSpec), but for those that came in a
    /// later version: no `kindid` before 1.10, no `swept` and `reclaimed` before 1.9.
    /// A type with a stack has the empty one for `None`.
    ///
    /// # Panics
    ///
    /// When L1, L2 or L5 is broken, and for types with a method of their own.
    pub fn event(
        &mut self,
        event_type: EventType,
        delta: Ticks,
        args: &[u64],
        stack: Option<StackId>,
    ) {
        assert!(
            has_delta(event_type) && event_type != EventType::UserLog,
            "{} has a method of its own",
            event_type.name()
        );
        self.timed(event_type, delta, args, stack);
    }

    /// Writes a [`UserLog`](EventType::UserLog) event and the message that trails it.
    /// The event's own length does not count the message.
    ///
    /// # Panics
    ///
    /// When L2 or L5 is broken, or the message is longer than a string may be.
    pub fn user_log(
        &mut self,
        delta: Ticks,
        task: u64,
        category: StringId,
        stack: Option<StackId>,
        message: &[u8],
    ) {
        let length = message.len() as u64;
        assert!(length <= MAX_STRING_LEN, "a message of {length} bytes");
        self.timed(EventType::UserLog, delta, &[task, category.0], stack);
        put_varint(&mut self.out, length);
        self.out.extend_from_slice(message);
    }

    /// Writes a [`CPUSample`](EventType::CPUSample) event. `delta` leads to when it is
    /// written, `sample.ts` is when it was taken (R38, R61).
    ///
    /// # Panics
    ///
    /// When L2 or L5 is broken.
    pub fn cpu_sample(&mut self, delta: Ticks, sample: CpuSample) {
        let g = sample.g.map_or(0, |g| g.0);
        let args = [sample.ts.0, wire_p(sample.p), g];
        self.timed(EventType::CPUSample, delta, &args, Some(sample.stack));
    }

    /// Writes a string.
    ///
    /// # Panics
    ///
    /// When L3 is broken.
    pub fn string(&mut self, id: StringId, text: &[u8]) {
        let length = text.len() as u64;
        assert!(id != StringId::EMPTY, "L3: string id 0 is the empty string");
        assert!(
            (1..=MAX_STRING_LEN).contains(&length),
            "L3: a string of {length} bytes"
        );
        assert!(self.strings.insert(id), "L3: string id {} twice", id.0);
        // The runtime leaves the count bits at 0 (`buf.byte(traceEvString)`).
        self.out.push(first_byte(EventType::String as u8, 0));
        put_varint(&mut self.out, id.0);
        put_varint(&mut self.out, length);
        self.out.extend_from_slice(text);
    }

    /// Writes a stack, the innermost frame first.
    ///
    /// Its length comes always, even where two varints would do. From 1.21 on it is
    /// padded to ten bytes (Go 1.21: `traceStackTable.dump`, `varintAt`).
    ///
    /// # Panics
    ///
    /// When L4 is broken.
    pub fn stack(&mut self, id: StackId, frames: &[TraceFrame]) {
        let count = frames.len() as u64;
        assert!(count <= MAX_STACK_FRAMES, "L4: a stack of {count} frames");
        let mut varints = vec![id.0, count];
        for frame in frames {
            varints.extend([frame.pc, frame.function.0, frame.file.0, frame.line]);
        }
        let payload = payload(&varints);
        let head = first_byte(EventType::Stack as u8, COUNT_WITH_LENGTH);
        self.out.push(head);
        if self.version < FormatVersion::GO_1_21 {
            put_varint(&mut self.out, payload.len() as u64);
        } else {
            put_padded_varint(&mut self.out, payload.len() as u64);
        }
        self.out.extend(payload);
    }

    /// Writes how many ticks make a second.
    pub fn frequency(&mut self, ticks_per_second: u64) {
        self.put(EventType::Frequency, &[ticks_per_second]);
    }

    /// Writes that `g` is a timer goroutine. No runtime has any since Go 1.14, but
    /// every reader of v1 takes them.
    pub fn timer_goroutine(&mut self, g: GoId) {
        self.put(EventType::TimerGoroutine, &[g.0]);
    }

    /// The bytes that have been written, for the raw methods.
    pub(super) fn out_mut(&mut self) -> &mut Vec<u8> {
        &mut self.out
    }

    /// Writes an event with a tick delta, its own method or not.
    fn timed(&mut self, event_type: EventType, delta: Ticks, args: &[u64], stack: Option<StackId>) {
        let (name, has_stack) = (event_type.name(), event_type.spec().has_stack);
        let want = arg_count(event_type, self.version);
        assert!(
            args.len() == want,
            "L1: {name} of format {}: want {want} arguments, got {}",
            self.version,
            args.len()
        );
        assert!(
            has_stack || stack.is_none(),
            "L1: {name} with a stack: want none"
        );
        assert!(self.in_batch, "L5: {name} before the first batch");
        let mut varints = vec![delta.0];
        varints.extend_from_slice(args);
        if has_stack {
            varints.push(stack.unwrap_or(StackId::EMPTY).0);
        }
        self.put(event_type, &varints);
    }

    fn put(&mut self, event_type: EventType, varints: &[u64]) {
        let since = event_type.spec().since;
        assert!(
            since <= self.version,
            "L2: {} in format {}: not before {since}",
            event_type.name(),
            self.version
        );
        put_event(&mut self.out, event_type as u8, varints);
    }
}

/// The arguments that a type has in a format version, without delta and stack (Go:
/// `internal/trace/parser.go`, `argNum`).
fn arg_count(event_type: EventType, version: FormatVersion) -> usize {
    match event_type {
        EventType::GCSweepDone if version < FormatVersion::GO_1_9 => 0,
        EventType::GCSTWStart if version < FormatVersion::GO_1_10 => 0,
        _ => event_type.spec().args.len(),
    }
}

/// Whether events of a type begin with a tick delta.
fn has_delta(event_type: EventType) -> bool {
    !matches!(
        event_type,
        EventType::Batch
            | EventType::Frequency
            | EventType::Stack
            | EventType::TimerGoroutine
            | EventType::String
    )
}

/// A P as the wire has it.
fn wire_p(p: Option<ProcId>) -> u64 {
    p.map_or(NO_P, |p| u64::from(p.0))
}

#[cfg(test)]
mod tests;
