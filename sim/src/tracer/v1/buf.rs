//! A buffer of the tracer's, and how an event comes into it (Go: `traceBuf`,
//! `traceEventLocked`; R39, R40).

use sigprof_wire::limits::MAX_VARINT_LEN;
use sigprof_wire::v1::EventType;

use super::TRACE_BUF_LEN;
use super::wire::{COUNT_WITH_LENGTH, count_bits, first_byte, put_padded_varint, put_varint};

/// Bytes that the runtime reserves for an event (Go: `traceEventLocked`, `maxSize`).
pub(super) const MAX_EVENT_LEN: usize = 2 + 5 * MAX_VARINT_LEN;

/// A buffer with a batch in it.
#[derive(Clone, Debug)]
pub(super) struct TraceBuf {
    bytes: Vec<u8>,
    /// The time of its last event, in ticks.
    pub(super) last: u64,
}

impl TraceBuf {
    /// An empty buffer.
    pub(super) fn new() -> Self {
        Self {
            bytes: Vec::with_capacity(TRACE_BUF_LEN),
            last: 0,
        }
    }

    /// Begins a batch; whoever used the buffer before has been read. `pid` is the P, or -1
    /// for none, as the wire has it. In 1.21, where time is monotone, it lies behind that use
    /// even if the clock went back (R40).
    pub(super) fn begin(&mut self, pid: u64, ticks: u64, is_monotone: bool) {
        self.bytes.clear();
        let is_back = is_monotone && ticks < self.last;
        self.last = if is_back || ticks == self.last {
            self.last.wrapping_add(1)
        } else {
            ticks
        };
        let last = self.last;
        self.put_untimed(EventType::Batch, &[pid, last]);
    }

    /// The bytes of the buffer.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether so many bytes fit.
    pub(super) fn has_room(&self, len: usize) -> bool {
        TRACE_BUF_LEN.saturating_sub(self.bytes.len()) >= len
    }

    /// Writes an event with its tick delta. `args` include the stack, if the type has one.
    #[inline]
    pub(super) fn put(&mut self, event_type: EventType, delta: u64, args: &[u64]) {
        let count = count_bits(args.len() + 1);
        self.bytes.push(first_byte(event_type as u8, count));
        if count == COUNT_WITH_LENGTH {
            return self.put_with_length(delta, args);
        }
        put_varint(&mut self.bytes, delta);
        for &arg in args {
            put_varint(&mut self.bytes, arg);
        }
    }

    /// The length is filled in when it is known, as Go does.
    fn put_with_length(&mut self, delta: u64, args: &[u64]) {
        let at = self.bytes.len();
        self.bytes.push(0);
        put_varint(&mut self.bytes, delta);
        for &arg in args {
            put_varint(&mut self.bytes, arg);
        }
        #[expect(clippy::cast_possible_truncation, reason = "five varints, 50 bytes")]
        let len = (self.bytes.len() - at - 1) as u8;
        self.bytes[at] = len;
    }

    /// Writes an event without a delta (Batch, Frequency).
    pub(super) fn put_untimed(&mut self, event_type: EventType, args: &[u64]) {
        let count = count_bits(args.len());
        self.bytes.push(first_byte(event_type as u8, count));
        for &arg in args {
            put_varint(&mut self.bytes, arg);
        }
    }

    /// Writes a string (Go: `traceString`).
    pub(super) fn put_string(&mut self, id: u64, text: &[u8]) {
        self.bytes.push(EventType::String as u8);
        put_varint(&mut self.bytes, id);
        self.put_text(text);
    }

    /// Writes a length and bytes.
    pub(super) fn put_text(&mut self, text: &[u8]) {
        put_varint(&mut self.bytes, text.len() as u64);
        self.bytes.extend_from_slice(text);
    }

    /// Writes a stack whose varints are `payload` (R42); from 1.21 on its length is padded.
    pub(super) fn put_stack(&mut self, payload: &[u8], is_padded: bool) {
        let head = first_byte(EventType::Stack as u8, COUNT_WITH_LENGTH);
        self.bytes.push(head);
        if is_padded {
            put_padded_varint(&mut self.bytes, payload.len() as u64);
        } else {
            put_varint(&mut self.bytes, payload.len() as u64);
        }
        self.bytes.extend_from_slice(payload);
    }
}
