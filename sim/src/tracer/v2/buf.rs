//! Buffers of the tracer's, and the queues that full ones wait in (Go: `runtime/tracebuf.go`).

use std::collections::VecDeque;

use sigprof_wire::v2::limits::{MAX_BATCH_SIZE, MAX_VARINT_LEN, PADDED_SIZE_LEN};
use sigprof_wire::v2::{EventType, NO_THREAD};

use super::{Ticks, parity};

/// Bytes of a buffer, which has a header in the same block (Go: `traceBuf.arr`; V2).
const BUF_LEN: usize = MAX_BATCH_LEN - 32;
const MAX_BATCH_LEN: usize = 64 << 10;
const _: () = assert!(MAX_BATCH_LEN as u64 == MAX_BATCH_SIZE);

/// Bytes of an event with a delta and five arguments, at the most.
const EVENT_LEN: usize = 1 + 6 * MAX_VARINT_LEN;

/// A varint's byte that is not the last has this bit.
const MORE: u8 = 0x80;

/// The batch that a buffer holds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Head {
    pub(super) generation: u64,
    /// The id of the thread, or none.
    pub(super) m: u64,
}

impl Head {
    /// Of batches that belong to no thread.
    pub(super) fn of_none(generation: u64) -> Self {
        Self {
            generation,
            m: NO_THREAD,
        }
    }
}

/// A buffer with a batch in it.
#[derive(Debug)]
pub(super) struct TraceBuf {
    bytes: Vec<u8>,
    /// The time of its last event, in ticks.
    last: u64,
    /// Where the size of the batch is.
    size_at: usize,
}

impl TraceBuf {
    fn new() -> Self {
        Self {
            bytes: Vec::with_capacity(BUF_LEN),
            last: 0,
            size_at: 0,
        }
    }

    /// Begins a batch, at a time behind whatever the buffer held before (Go: `refill`).
    fn begin(&mut self, head: Head, now: Ticks) {
        self.bytes.clear();
        self.last = self.next_time(now);
        self.byte(EventType::EventBatch as u8);
        for value in [head.generation, head.m, self.last] {
            self.varint(value);
        }
        self.size_at = self.bytes.len();
        self.bytes.extend_from_slice(&[0; PADDED_SIZE_LEN]);
    }

    fn next_time(&self, now: Ticks) -> u64 {
        now.0.max(self.last + 1)
    }

    fn has_room(&self, len: usize) -> bool {
        BUF_LEN - self.bytes.len() >= len
    }

    /// Fills in the size of the batch, in ten bytes whatever it is.
    fn close(&mut self) {
        let start = self.size_at + PADDED_SIZE_LEN;
        let size = (self.bytes.len() - start) as u64;
        for (at, byte) in self.bytes[self.size_at..start].iter_mut().enumerate() {
            let bits = (size >> (7 * at) & 0x7f) as u8;
            *byte = if at + 1 < PADDED_SIZE_LEN {
                MORE | bits
            } else {
                bits
            };
        }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn byte(&mut self, byte: u8) {
        self.bytes.push(byte);
    }

    pub(super) fn varint(&mut self, value: u64) {
        put_varint(&mut self.bytes, value);
    }

    pub(super) fn text(&mut self, text: &[u8]) {
        self.varint(text.len() as u64);
        self.bytes.extend_from_slice(text);
    }

    /// Writes an event, at this time or a tick behind the last one.
    #[inline]
    fn event(&mut self, now: Ticks, event_type: EventType, args: &[u64]) {
        let time = self.next_time(now);
        let delta = time - self.last;
        self.last = time;
        // On the stack first: a vector would look for room at each byte.
        let mut out = [0; EVENT_LEN];
        out[0] = event_type as u8;
        let mut len = 1;
        for value in std::iter::once(delta).chain(args.iter().copied()) {
            let mut value = value;
            while value >= u64::from(MORE) {
                out[len] = MORE | (value & 0x7f) as u8;
                len += 1;
                value >>= 7;
            }
            out[len] = (value & 0x7f) as u8;
            len += 1;
        }
        self.bytes.extend_from_slice(&out[..len]);
    }
}

#[inline]
fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= u64::from(MORE) {
        out.push(MORE | (value & 0x7f) as u8);
        value >>= 7;
    }
    out.push((value & 0x7f) as u8);
}

/// Full buffers by the parity of their generation, and those to be used again.
#[derive(Debug, Default)]
pub(super) struct Queues {
    pub(super) full: [VecDeque<TraceBuf>; 2],
    empty: Vec<TraceBuf>,
}

impl Queues {
    /// A buffer with room for that many bytes, and whether it is another one (Go: `ensure`).
    #[inline]
    pub(super) fn room<'a>(
        &mut self,
        buf: &'a mut Option<TraceBuf>,
        head: Head,
        now: Ticks,
        len: usize,
    ) -> (&'a mut TraceBuf, bool) {
        let is_new = !buf.as_ref().is_some_and(|buf| buf.has_room(len));
        if is_new {
            self.flush(buf, head.generation);
            let mut next = self.empty.pop().unwrap_or_else(TraceBuf::new);
            next.begin(head, now);
            *buf = Some(next);
        }
        (buf.get_or_insert_with(TraceBuf::new), is_new)
    }

    /// Writes an event into a buffer.
    #[inline]
    pub(super) fn event(
        &mut self,
        buf: &mut Option<TraceBuf>,
        head: Head,
        now: Ticks,
        event_type: EventType,
        args: &[u64],
    ) {
        let len = 1 + (args.len() + 1) * MAX_VARINT_LEN;
        let (buf, _) = self.room(buf, head, now, len);
        buf.event(now, event_type, args);
    }

    /// Puts a buffer into its queue, if there is one (Go: `traceBufFlush`).
    pub(super) fn flush(&mut self, buf: &mut Option<TraceBuf>, generation: u64) {
        if let Some(mut buf) = buf.take() {
            buf.close();
            self.full[parity(generation)].push_back(buf);
        }
    }

    /// Takes a buffer that was read.
    pub(super) fn recycle(&mut self, buf: Option<TraceBuf>) {
        self.empty.extend(buf);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(now: u64, then: impl FnOnce(&mut Queues, &mut Option<TraceBuf>)) -> Vec<Vec<u8>> {
        let (mut queues, mut buf) = (Queues::default(), None);
        let head = Head {
            generation: 1,
            m: 7,
        };
        queues.event(&mut buf, head, Ticks(now), EventType::ProcStop, &[]);
        then(&mut queues, &mut buf);
        queues.flush(&mut buf, 1);
        let full = queues.full[1].iter();
        full.map(|buf| buf.bytes().to_vec()).collect()
    }

    /// Guards R90.1.
    #[test]
    fn a_size_takes_ten_bytes_and_an_event_is_a_tick_behind_its_batch() {
        let bytes = batch(5, |_, _| ());
        let size = [0x82, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0];
        assert_eq!(bytes, [[&[1, 1, 7, 5][..], &size, &[11, 1]].concat()]);
    }

    /// Guards R90.1.
    #[test]
    fn a_full_buffer_is_queued_and_another_begins() {
        let bytes = batch(5, |queues, buf| {
            for tick in 6..40_000 {
                let head = Head {
                    generation: 1,
                    m: 7,
                };
                queues.event(buf, head, Ticks(tick), EventType::ProcStop, &[]);
            }
        });
        assert_eq!(bytes.len(), 2);
        assert!(bytes[0].len() <= BUF_LEN && bytes[0].len() + 21 > BUF_LEN);
    }
}
