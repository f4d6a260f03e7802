//! A trace with the runtime's handling of time, buffers, strings, stacks and footer.
//!
//! - Time: an event at the same tick as the one before it, in its batch, moves one
//!   tick on. One that lies before it keeps its time until 1.19 (the delta wraps),
//!   and moves behind it from 1.21 on (R39).
//! - Buffers: a batch that would outgrow a buffer of the runtime goes on in another
//!   batch of the same P (R40).
//! - Strings stand before their first use, in the batch that uses them.
//! - Footer: the frequency, then all stacks in batches of P 0. Until 1.19 the
//!   frequency stands before the first of these batches, from 1.21 on in it (R41).
//!   The runtime dumps stacks by hash bucket; here they come by number.
//!
//! The whole trace is laid out in the order of the calls: a test decides which batch
//! stands where. Go: `runtime/trace.go`, `traceEventLocked`, `traceFlush`,
//! `traceString`, `traceStackTable.dump`.

use sigprof_wire::FormatVersion;
use sigprof_wire::limits::MAX_VARINT_LEN;
use sigprof_wire::v1::EventType;

use super::table::Table;
use super::{
    CpuSample, ProcId, StackId, StringId, Ticks, TraceFrame, TraceWriter, UnsupportedVersion,
};

/// Bytes of events in a buffer of the runtime: 64 KiB less its header, which is three
/// words and room for a stack of 128 PCs (Go: `traceBuf`, on 64-bit machines; R40).
pub const TRACE_BUF_LEN: usize = (64 << 10) - (3 + 128) * size_of::<u64>();

/// Bytes of the name of a function or a file, at the most: the last ones stay (R42).
pub const MAX_NAME_LEN: usize = 1 << 10;

/// Bytes that the runtime reserves for an event (Go: `traceEventLocked`, `maxSize`).
const MAX_EVENT_LEN: usize = 2 + 5 * MAX_VARINT_LEN;

const _: () = assert!(TRACE_BUF_LEN == 64_488);

/// A frame of a stack.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Frame {
    /// The program counter of the call.
    pub pc: u64,
    /// The name of the function.
    pub function: String,
    /// The name of the file.
    pub file: String,
    /// The line in it.
    pub line: u64,
}

impl Frame {
    /// A frame of these parts.
    #[must_use]
    pub fn new(pc: u64, function: &str, file: &str, line: u64) -> Self {
        Self {
            pc,
            function: function.to_owned(),
            file: file.to_owned(),
            line,
        }
    }
}

/// Builds a trace from events with times, texts and stacks.
#[derive(Clone, Debug)]
pub struct TraceBuilder {
    writer: TraceWriter,
    strings: Table<Vec<u8>>,
    stacks: Table<Vec<Frame>>,
    /// Where the current batch began, and of which P it is.
    batch: Option<(usize, Option<ProcId>)>,
    /// The time of the last event of the current batch.
    last: Ticks,
}

impl TraceBuilder {
    /// Starts a trace.
    ///
    /// # Errors
    ///
    /// As [`TraceWriter::new`].
    pub fn new(version: FormatVersion) -> Result<Self, UnsupportedVersion> {
        Ok(Self {
            writer: TraceWriter::new(version)?,
            strings: Table::new(),
            stacks: Table::new(),
            batch: None,
            last: Ticks(0),
        })
    }

    /// Begins a batch of `p`. Its first event lies behind `at`.
    pub fn batch(&mut self, p: Option<ProcId>, at: Ticks) {
        self.batch = Some((self.writer.offset(), p));
        self.last = at;
        self.writer.batch(p, at);
    }

    /// The number of `text`, which is written if it is new.
    pub fn string(&mut self, text: &str) -> StringId {
        self.bytes(text.as_bytes())
    }

    /// The number of this stack, innermost frame first. The footer spells it out.
    pub fn stack(&mut self, frames: &[Frame]) -> StackId {
        if frames.is_empty() {
            return StackId::EMPTY;
        }
        StackId(self.stacks.put(frames.to_vec()).0)
    }

    /// Writes an event into the current batch, and returns the time that it has there.
    ///
    /// # Panics
    ///
    /// As [`TraceWriter::event`].
    pub fn event(
        &mut self,
        at: Ticks,
        event_type: EventType,
        args: &[u64],
        frames: &[Frame],
    ) -> Ticks {
        let stack = self.stack_argument(frames);
        let delta = self.advance(at, MAX_EVENT_LEN);
        self.writer.event(event_type, delta, args, stack);
        self.last
    }

    /// Writes the category, if it is new, and a [`UserLog`](EventType::UserLog) event.
    ///
    /// # Panics
    ///
    /// As [`TraceWriter::user_log`].
    pub fn user_log(
        &mut self,
        at: Ticks,
        task: u64,
        category: &str,
        message: &str,
        frames: &[Frame],
    ) -> Ticks {
        let category = self.string(category);
        let stack = self.stack_argument(frames);
        let delta = self.advance(at, MAX_EVENT_LEN + MAX_VARINT_LEN + message.len());
        self.writer
            .user_log(delta, task, category, stack, message.as_bytes());
        self.last
    }

    /// Writes a [`CPUSample`](EventType::CPUSample) event. `at` is when it is written,
    /// `sample.ts` when it was taken.
    ///
    /// # Panics
    ///
    /// As [`TraceWriter::cpu_sample`].
    pub fn cpu_sample(&mut self, at: Ticks, sample: CpuSample) -> Ticks {
        let delta = self.advance(at, MAX_EVENT_LEN);
        self.writer.cpu_sample(delta, sample);
        self.last
    }

    /// The writer underneath, for what this builder has no method for. It knows nothing
    /// of the builder's clock: a delta written there shifts all events behind it in
    /// their batch.
    pub fn writer(&mut self) -> &mut TraceWriter {
        &mut self.writer
    }

    /// Writes the footer, and returns the bytes of the trace.
    #[must_use]
    pub fn finish(mut self, ticks_per_second: u64) -> Vec<u8> {
        let (p0, at) = (Some(ProcId(0)), Ticks(self.last.0.wrapping_add(1)));
        if self.writer.version() < FormatVersion::GO_1_21 {
            self.writer.frequency(ticks_per_second);
            self.batch(p0, at);
        } else {
            self.batch(p0, at);
            self.writer.frequency(ticks_per_second);
        }
        let stacks = std::mem::replace(&mut self.stacks, Table::new());
        for (id, frames) in stacks.into_numbered() {
            let frames: Vec<_> = frames.iter().map(|frame| self.trace_frame(frame)).collect();
            // As Go 1.21 reserves; Go 1.19 computes the length first.
            self.make_room(1 + MAX_VARINT_LEN + (2 + 4 * frames.len()) * MAX_VARINT_LEN);
            self.writer.stack(StackId(id), &frames);
        }
        self.writer.finish()
    }

    /// A frame with its names written (Go: `traceFrameForPC`).
    fn trace_frame(&mut self, frame: &Frame) -> TraceFrame {
        TraceFrame {
            pc: frame.pc,
            function: self.bytes(last_bytes(&frame.function)),
            file: self.bytes(last_bytes(&frame.file)),
            line: frame.line,
        }
    }

    /// A string of any bytes: a name may be cut inside a character.
    fn bytes(&mut self, text: &[u8]) -> StringId {
        if text.is_empty() {
            return StringId::EMPTY;
        }
        let (id, new) = self.strings.put(text.to_vec());
        if new {
            self.make_room(1 + 2 * MAX_VARINT_LEN + text.len());
            self.writer.string(StringId(id), text);
        }
        StringId(id)
    }

    fn stack_argument(&mut self, frames: &[Frame]) -> Option<StackId> {
        (!frames.is_empty()).then(|| self.stack(frames))
    }

    /// Makes room for an event at `at`, and returns its delta (R39).
    fn advance(&mut self, at: Ticks, len: usize) -> Ticks {
        self.make_room(len);
        let back = at < self.last && self.writer.version() >= FormatVersion::GO_1_21;
        let delta = if back || at == self.last {
            1
        } else {
            at.0.wrapping_sub(self.last.0)
        };
        self.last = Ticks(self.last.0.wrapping_add(delta));
        Ticks(delta)
    }

    /// Goes on in another batch when the current one has no room for `len` bytes (Go:
    /// `traceFlush`; the runtime reads its clock again there, which could only show
    /// the last event's time or a later one).
    fn make_room(&mut self, len: usize) {
        if let Some((start, p)) = self.batch
            && TRACE_BUF_LEN.saturating_sub(self.writer.offset() - start) < len
        {
            self.batch(p, self.last);
        }
    }
}

/// The last [`MAX_NAME_LEN`] bytes of a name.
fn last_bytes(name: &str) -> &[u8] {
    let bytes = name.as_bytes();
    &bytes[bytes.len().saturating_sub(MAX_NAME_LEN)..]
}

#[cfg(test)]
mod tests;
