//! The tracer as the runtime has it: a buffer for each P, one for who has none, one for
//! samples; full buffers in a queue; tables of strings and stacks; and a reader that takes
//! one piece after the other (R33 to R42).
//!
//! ```text
//!  events of P 0 -> [buffer] --full-->+
//!  events of P 1 -> [buffer] --full-->+--> queue -> ReadTrace -> the file
//!  events of no P -> [buffer] -------->+             (recycles the buffer it read before)
//!  samples        -> [buffer] -------->+
//!
//!  header | full buffers, as they come | StopTrace: what is left, in the order P 0, P 1, ..,
//!  no P, samples | frequency, stacks
//! ```
//!
//! Memory follows what is in the buffers, not the trace: what was read is gone.
//!
//! What differs by release:
//!
//! | | 1.19 | 1.21 |
//! |---|---|---|
//! | an event at or before the last one's tick | 1 tick on, or its delta wraps | behind it |
//! | frequency | alone, before the stacks | in the first batch of the stacks |
//! | length of a stack | a varint | padded to ten bytes |
//! | a batch at or before its buffer's last tick | 1 tick on if it is the same | behind it |
//! | the call that returns the header | drains no samples | drains |
//!
//! One difference: the runtime dumps stacks by hash bucket, here they come by number (R42).
//!
//! Go: `runtime/trace.go`, `StartTrace`, `StopTrace`, `ReadTrace`, `traceEventLocked`,
//! `traceFlush`, `traceString`, `traceStackTable`.

use std::collections::{BTreeMap, VecDeque};

use sigprof_wire::FormatVersion;
use sigprof_wire::limits::{MAX_VARINT_LEN, NO_P};
use sigprof_wire::v1::EventType;

use super::buf::{MAX_EVENT_LEN, TraceBuf};
use super::wire::{header, put_varint};
use super::{MAX_NAME_LEN, StackId, StringId, Ticks, UnsupportedVersion};
use crate::program::Program;

/// The buffer that an event goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// The buffer of a P.
    P(u32),
    /// The buffer of all who have no P.
    NoP,
    /// The buffer of samples (Go: `cpuLogBuf`); its batches say P 0.
    Samples,
}

impl Lane {
    fn pid(self) -> u64 {
        match self {
            Self::P(p) => p.into(),
            Self::NoP => NO_P,
            Self::Samples => 0,
        }
    }
}

/// The outcome of a call of ReadTrace.
#[derive(Debug, PartialEq, Eq)]
pub enum Chunk<'a> {
    /// Bytes of the trace.
    Bytes(&'a [u8]),
    /// Nothing yet: the reader sleeps until a buffer is full or the trace is over.
    Park,
    /// A generation is over, and here is what the file has of that, if anything: from Go 1.22 on.
    EndOfGeneration(&'a [u8]),
    /// A generation has been read, and whoever waits for that may go on: from Go 1.22 on.
    Flushed,
    /// The trace is over, and all of it has been read.
    End,
}

/// The tracer's side of one trace after the other.
#[derive(Debug)]
pub struct RuntimeTracer {
    version: FormatVersion,
    /// By P, then who has none, then samples.
    bufs: Vec<Option<TraceBuf>>,
    full: VecDeque<TraceBuf>,
    empty: Vec<TraceBuf>,
    reading: Option<TraceBuf>,
    strings: BTreeMap<Vec<u8>, u64>,
    /// Stacks by their words.
    stacks: BTreeMap<Vec<u64>, u64>,
    header: Vec<u8>,
    frequency: Vec<u8>,
    is_header_written: bool,
    is_footer_written: bool,
    is_enabled: bool,
    is_shutdown: bool,
    /// Ticks in a second, once the trace is over.
    ticks_per_second: u64,
}

impl RuntimeTracer {
    /// With so many Ps.
    ///
    /// # Errors
    ///
    /// If the version is not 1.19 or 1.21: no other has samples and this format.
    pub fn new(version: FormatVersion, procs: usize) -> Result<Self, UnsupportedVersion> {
        if version != FormatVersion::GO_1_19 && version != FormatVersion::GO_1_21 {
            return Err(UnsupportedVersion(version));
        }
        Ok(Self::of_revision(version, procs))
    }

    /// The same, of a format that a revision has.
    pub(crate) fn of_revision(version: FormatVersion, procs: usize) -> Self {
        Self {
            version,
            bufs: vec![None; procs + 2],
            full: VecDeque::new(),
            empty: Vec::new(),
            reading: None,
            strings: BTreeMap::new(),
            stacks: BTreeMap::new(),
            header: header(version).to_vec(),
            frequency: Vec::new(),
            is_header_written: false,
            is_footer_written: false,
            is_enabled: false,
            is_shutdown: false,
            ticks_per_second: 0,
        }
    }

    /// The version of the format.
    #[must_use]
    pub fn version(&self) -> FormatVersion {
        self.version
    }

    /// Whether events are written.
    #[must_use]
    pub fn is_enabled(&self) -> bool {
        self.is_enabled
    }

    /// The number of full buffers that wait for the reader.
    pub(crate) fn unread(&self) -> usize {
        self.full.len()
    }

    /// Whether the trace is over and not all of it has been read.
    #[must_use]
    pub fn is_shutdown(&self) -> bool {
        self.is_shutdown
    }

    /// Whether a reader that sleeps is to be woken (Go: `traceReaderAvailable`).
    #[must_use]
    pub fn has_work_for_reader(&self) -> bool {
        !self.full.is_empty() || self.is_shutdown
    }

    /// Ticks in a second, as the footer of the last trace said.
    #[must_use]
    pub fn ticks_per_second(&self) -> u64 {
        self.ticks_per_second
    }

    /// Starts a trace; false if one is on or has not been read.
    pub fn start(&mut self) -> bool {
        if self.is_enabled || self.is_shutdown {
            return false;
        }
        self.strings.clear();
        self.stacks.clear();
        self.is_header_written = false;
        self.is_footer_written = false;
        self.is_enabled = true;
        true
    }

    /// Writes an event with the next tick; `args` include the stack, if the type has one.
    ///
    /// # Panics
    ///
    /// If the P is none.
    #[inline]
    pub fn event(&mut self, lane: Lane, now: Ticks, event_type: EventType, args: &[u64]) {
        let delta = self.advance(lane, now, MAX_EVENT_LEN);
        self.buf(lane).put(event_type, delta, args);
    }

    /// Writes a [`UserLog`](EventType::UserLog) with its message; `args` are the task, the
    /// category and the stack.
    pub fn user_log(&mut self, lane: Lane, now: Ticks, args: [u64; 3], message: &str) {
        let len = MAX_EVENT_LEN + MAX_VARINT_LEN + message.len();
        let delta = self.advance(lane, now, len);
        let buf = self.buf(lane);
        buf.put(EventType::UserLog, delta, &args);
        buf.put_text(message.as_bytes());
    }

    /// The number of a string, which is written if it is new.
    pub fn string(&mut self, lane: Lane, now: Ticks, text: &str) -> StringId {
        StringId(self.bytes(lane, now, text.as_bytes()))
    }

    /// The number of a stack, innermost word first.
    pub fn stack(&mut self, words: &[u64]) -> StackId {
        if words.is_empty() {
            return StackId::EMPTY;
        }
        if let Some(&id) = self.stacks.get(words) {
            return StackId(id);
        }
        let id = self.stacks.len() as u64 + 1;
        self.stacks.insert(words.to_vec(), id);
        StackId(id)
    }

    /// Stops the trace: what is in the buffers is to be read, and then the footer.
    pub fn stop(&mut self, ticks: u64, nanos: u64) {
        for buf in &mut self.bufs {
            self.full.extend(buf.take());
        }
        // As Go computes it, in floating point (R41).
        #[expect(clippy::cast_precision_loss, reason = "as in Go")]
        let frequency = ticks as f64 * 1e9 / nanos.max(1) as f64;
        #[expect(
            clippy::cast_sign_loss,
            clippy::cast_possible_truncation,
            reason = "as in Go"
        )]
        let frequency = (frequency as u64).max(1);
        self.ticks_per_second = frequency;
        self.is_enabled = false;
        self.is_shutdown = true;
    }

    /// The next piece of the trace (Go: `ReadTrace`). Whoever calls it drains the samples
    /// first, if [`drains_samples`](Self::drains_samples) says so.
    pub fn read(&mut self, program: &Program, now: Ticks) -> Chunk<'_> {
        self.empty.extend(self.reading.take());
        if !self.is_header_written {
            self.is_header_written = true;
            return Chunk::Bytes(&self.header);
        }
        if self.full.is_empty() && !self.is_shutdown {
            return Chunk::Park;
        }
        if self.full.is_empty() && !self.is_footer_written {
            self.is_footer_written = true;
            if self.version == FormatVersion::GO_1_19 {
                let frequency = self.ticks_per_second;
                self.dump(program, now, None);
                self.frequency = vec![EventType::Frequency as u8];
                put_varint(&mut self.frequency, frequency);
                return Chunk::Bytes(&self.frequency);
            }
            self.dump(program, now, Some(self.ticks_per_second));
        }
        match self.full.pop_front() {
            Some(buf) => Chunk::Bytes(self.reading.insert(buf).bytes()),
            None => {
                self.is_shutdown = false;
                Chunk::End
            }
        }
    }

    /// Whether ReadTrace has returned the header.
    #[must_use]
    pub fn is_header_read(&self) -> bool {
        self.is_header_written
    }

    /// Whether ReadTrace, if it were called now, would look for samples first; in 1.19 not in
    /// the call that returns the header (R36).
    #[must_use]
    pub fn drains_samples(&self) -> bool {
        let is_behind = self.is_header_written || self.version >= FormatVersion::GO_1_21;
        is_behind && !self.is_footer_written && !self.is_shutdown
    }

    /// Writes the table of stacks, behind the frequency if it is given.
    fn dump(&mut self, program: &Program, now: Ticks, frequency: Option<u64>) {
        let lane = Lane::P(0);
        self.flush(lane, now);
        if let Some(frequency) = frequency {
            let buf = self.buf(lane);
            buf.put_untimed(EventType::Frequency, &[frequency]);
        }
        let mut stacks: Vec<_> = std::mem::take(&mut self.stacks).into_iter().collect();
        stacks.sort_unstable_by_key(|&(_, id)| id);
        let is_padded = self.version >= FormatVersion::GO_1_21;
        let mut payload = Vec::new();
        for (words, id) in stacks {
            payload.clear();
            put_varint(&mut payload, id);
            put_varint(&mut payload, words.len() as u64);
            for word in &words {
                let info = program.info(*word);
                let (function, file, line) =
                    info.map_or(("", "", 0), |i| (i.function, i.file, i.line));
                let function = self.bytes(lane, now, last_bytes(function));
                let file = self.bytes(lane, now, last_bytes(file));
                for value in [word.wrapping_sub(1), function, file, line] {
                    put_varint(&mut payload, value);
                }
            }
            let len = 1 + (3 + 4 * words.len()) * MAX_VARINT_LEN;
            self.make_room(lane, now, len);
            self.buf(lane).put_stack(&payload, is_padded);
        }
        let buf = self.bufs[0].take();
        self.full.extend(buf);
    }

    fn bytes(&mut self, lane: Lane, now: Ticks, text: &[u8]) -> u64 {
        if text.is_empty() {
            return 0;
        }
        if let Some(&id) = self.strings.get(text) {
            return id;
        }
        let id = self.strings.len() as u64 + 1;
        self.strings.insert(text.to_vec(), id);
        self.make_room(lane, now, 1 + 2 * MAX_VARINT_LEN + text.len());
        self.buf(lane).put_string(id, text);
        id
    }

    fn index(&self, lane: Lane) -> usize {
        match lane {
            Lane::P(p) => p as usize,
            Lane::NoP => self.bufs.len() - 2,
            Lane::Samples => self.bufs.len() - 1,
        }
    }

    /// Whether a time that lies before the last one moves behind it.
    fn is_monotone(&self) -> bool {
        self.version >= FormatVersion::GO_1_21
    }

    /// The buffer of a lane, which has one.
    #[inline]
    fn buf(&mut self, lane: Lane) -> &mut TraceBuf {
        let index = self.index(lane);
        self.bufs[index].get_or_insert_with(TraceBuf::new)
    }

    /// Makes room for an event at `now`, and returns its delta (R39).
    #[inline]
    fn advance(&mut self, lane: Lane, now: Ticks, len: usize) -> u64 {
        self.make_room(lane, now, len);
        let is_monotone = self.is_monotone();
        let buf = self.buf(lane);
        let is_back = is_monotone && now.0 < buf.last;
        let delta = if is_back || now.0 == buf.last {
            1
        } else {
            now.0.wrapping_sub(buf.last)
        };
        buf.last = buf.last.wrapping_add(delta);
        delta
    }

    #[inline]
    fn make_room(&mut self, lane: Lane, now: Ticks, len: usize) {
        let index = self.index(lane);
        let has_room = self.bufs[index].as_ref().is_some_and(|b| b.has_room(len));
        if !has_room {
            self.flush(lane, now);
        }
    }

    /// Puts a buffer into the queue, and takes another (Go: `traceFlush`).
    fn flush(&mut self, lane: Lane, now: Ticks) {
        let index = self.index(lane);
        self.full.extend(self.bufs[index].take());
        let mut buf = self.empty.pop().unwrap_or_else(TraceBuf::new);
        buf.begin(lane.pid(), now.0, self.is_monotone());
        self.bufs[index] = Some(buf);
    }
}

/// The last [`MAX_NAME_LEN`] bytes of a name.
fn last_bytes(name: &str) -> &[u8] {
    let bytes = name.as_bytes();
    &bytes[bytes.len().saturating_sub(MAX_NAME_LEN)..]
}

#[cfg(test)]
mod tests;
