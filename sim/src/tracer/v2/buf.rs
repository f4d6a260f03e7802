//! Buffers of the tracer's, and the queues that full ones wait in (Go: `runtime/tracebuf.go`).

use std::collections::VecDeque;

use sigprof_wire::v2::limits::{MAX_BATCH_SIZE, MAX_VARINT_LEN, PADDED_SIZE_LEN};
use sigprof_wire::v2::{EventType, NO_THREAD};

use super::{Ticks, parity};

/// Bytes of a buffer, which has a header in the same block (Go: `traceBuf.arr`; V2).
const BUF_LEN: usize = MAX_BATCH_LEN - 32;
const MAX_BATCH_LEN: usize = 64 << 10;
const _: () = assert!(MAX_BATCH_LEN as u64 == MAX_BATCH_SIZE);

/// A varint's byte that is not the last has this bit.
const MORE: u8 = 0x80;

/// Bytes that are written at once, whether they are needed or not.
const WORD: usize = size_of::<u64>();

/// Bytes of an event with a delta and five arguments, at the most.
const EVENT_LEN: usize = 1 + 6 * MAX_VARINT_LEN;

/// The same as a power of two: where in an event a byte is, the compiler sees from a mask.
const EVENT_MASK: usize = 63;
const _: () = assert!(EVENT_LEN <= EVENT_MASK + 1);

/// Room for an event, and for a word behind it.
type Room = [u8; EVENT_MASK + 1 + WORD];

/// Varints from here on have more bytes than a word.
const TOO_LONG: u64 = 1 << (7 * WORD);

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
    /// A buffer's bytes, and behind them as many as an event's that are written and not needed.
    bytes: Box<[u8]>,
    /// Bytes that are written.
    len: usize,
    /// The time of its last event, in ticks.
    last: u64,
    /// Where the size of the batch is.
    size_at: usize,
}

impl TraceBuf {
    fn new() -> Self {
        Self {
            bytes: vec![0; BUF_LEN + size_of::<Room>()].into(),
            len: 0,
            last: 0,
            size_at: 0,
        }
    }

    /// Begins a batch, at a time behind whatever the buffer held before (Go: `refill`).
    fn begin(&mut self, head: Head, now: Ticks) {
        self.len = 0;
        self.last = self.next_time(now);
        self.byte(EventType::EventBatch as u8);
        for value in [head.generation, head.m, self.last] {
            self.varint(value);
        }
        self.size_at = self.len;
        self.len += PADDED_SIZE_LEN;
    }

    #[inline]
    fn next_time(&self, now: Ticks) -> u64 {
        now.0.max(self.last + 1)
    }

    #[inline]
    fn has_room(&self, len: usize) -> bool {
        BUF_LEN - self.len >= len
    }

    /// Fills in the size of the batch, in ten bytes whatever it is.
    fn close(&mut self) {
        let start = self.size_at + PADDED_SIZE_LEN;
        let size = (self.len - start) as u64;
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
        &self.bytes[..self.len]
    }

    pub(super) fn byte(&mut self, byte: u8) {
        self.bytes[self.len] = byte;
        self.len += 1;
    }

    /// The bytes behind those that are written.
    #[inline(always)]
    fn room(&mut self) -> &mut Room {
        let room = self.bytes[self.len..].first_chunk_mut();
        room.expect("behind a buffer's end there is as much")
    }

    pub(super) fn varint(&mut self, value: u64) {
        self.len += put_varint(self.room(), 0, value);
    }

    pub(super) fn text(&mut self, text: &[u8]) {
        self.varint(text.len() as u64);
        self.bytes[self.len..][..text.len()].copy_from_slice(text);
        self.len += text.len();
    }

    /// Writes an event, at this time or a tick behind the last one.
    #[inline(always)]
    fn event(&mut self, now: Ticks, event_type: EventType, args: &[u64]) {
        let time = self.next_time(now);
        let delta = time - self.last;
        self.last = time;
        let room = self.room();
        room[0] = event_type as u8;
        let mut at = put_varint(room, 1, delta);
        for &arg in args {
            at = put_varint(room, at, arg);
        }
        self.len += at;
    }
}

/// Writes a varint at a place in an event; returns the place behind it.
#[inline(always)]
fn put_varint(room: &mut Room, at: usize, value: u64) -> usize {
    if value < u64::from(MORE) {
        room[at & EVENT_MASK] = (value & 0x7f) as u8;
        return at + 1;
    }
    put_long_varint(room, at, value)
}

#[inline(never)]
fn put_long_varint(room: &mut Room, mut at: usize, mut value: u64) -> usize {
    while value >= TOO_LONG {
        room[at & EVENT_MASK] = MORE | (value & 0x7f) as u8;
        at += 1;
        value >>= 7;
    }
    let (word, len) = spread(value);
    room[at & EVENT_MASK..][..WORD].copy_from_slice(&word.to_le_bytes());
    at + len
}

/// A varint as a word, whose first byte is the lowest, and its length.
#[inline]
fn spread(value: u64) -> (u64, usize) {
    let mut word = value;
    // Halves apart by four bits, quarters by two, sevens by one.
    for (low, by) in [
        (0x0000_0000_0fff_ffff, 4),
        (0x0000_3fff_0000_3fff, 2),
        (0x007f_007f_007f_007f, 1),
    ] {
        word = word & low | (word & !low) << by;
    }
    let last = (value | 1).ilog2() / 7;
    let more = u64::from_le_bytes([MORE; WORD]) & ((1 << (8 * last)) - 1);
    (word | more, last as usize + 1)
}

/// Full buffers by the parity of their generation, and those to be used again.
#[derive(Debug, Default)]
pub(super) struct Queues {
    pub(super) full: [VecDeque<TraceBuf>; 2],
    empty: Vec<TraceBuf>,
}

impl Queues {
    /// A buffer with room for that many bytes, and whether it is another one (Go: `ensure`).
    #[inline(always)]
    pub(super) fn room<'a>(
        &mut self,
        buf: &'a mut Option<TraceBuf>,
        head: Head,
        now: Ticks,
        len: usize,
    ) -> (&'a mut TraceBuf, bool) {
        let is_new = !buf.as_ref().is_some_and(|buf| buf.has_room(len));
        if is_new {
            self.refill(buf, head, now);
        }
        (buf.get_or_insert_with(TraceBuf::new), is_new)
    }

    #[cold]
    fn refill(&mut self, buf: &mut Option<TraceBuf>, head: Head, now: Ticks) {
        self.flush(buf, head.generation);
        let mut next = self.empty.pop().unwrap_or_else(TraceBuf::new);
        next.begin(head, now);
        *buf = Some(next);
    }

    /// Writes an event into a buffer.
    #[inline(always)]
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
