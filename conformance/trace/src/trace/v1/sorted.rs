//! The events of a trace of Go 1.5 or 1.6, each of which has a number that says when its
//! turn is.
//!
//! Nothing else orders them, so where each stands is held and sorted; the rest of it is read
//! again when its turn comes.
//!
//! Source: Go `internal/trace/order.go`, `order1005` (R62.14).

use sigprof_wire::v1::EventType;

use super::goroutines::Goroutines;
use super::index::Index;
use super::lane::{Head, Lane};
use crate::heap;
use crate::trace::input::Pages;

/// Facts about an event that the file does not say where the event stands.
#[derive(Clone, Copy, Debug)]
struct Numbered {
    seq: i64,
    time: i64,
    offset: u64,
    own_id: u64,
    lane: u32,
    own: u32,
    subject: u32,
}

/// All events, in the order of their numbers.
pub(super) struct Sorted {
    events: Vec<Numbered>,
    next: usize,
}

impl Sorted {
    /// Takes all events of the lanes.
    pub(super) fn new(
        pages: Pages,
        index: &Index,
        lanes: &mut [Lane],
        goroutines: &mut Goroutines,
    ) -> Self {
        let mut events = Vec::new();
        for (number, lane) in (0..).zip(lanes) {
            while lane.advance(pages, index, goroutines) {
                let (mut seq, head) = (lane.seq(), &lane.head);
                let mut time = head.time;
                // It is written when its thread has a P again.
                if head.event_type == EventType::GoSysExit {
                    seq = head.args[1].cast_signed();
                    if head.args[2] != 0 {
                        time = head.args[2].cast_signed();
                    }
                }
                let numbered = Numbered {
                    seq,
                    time,
                    offset: head.offset,
                    own_id: head.own_id,
                    lane: number,
                    own: head.own,
                    subject: head.subject,
                };
                heap::push(&mut events, numbered);
            }
        }
        // Of equal numbers those of one lane stay in the order of the file.
        events.sort_unstable_by_key(|e| (e.seq, e.lane, e.offset));
        Self { events, next: 0 }
    }

    /// Bytes that they take.
    pub(super) fn heap(&self) -> usize {
        self.events.capacity() * size_of::<Numbered>()
    }

    /// Puts the next event at the head of its lane; which one.
    pub(super) fn next(&mut self, bytes: &[u8], index: &Index, lanes: &mut [Lane]) -> Option<u32> {
        let event = *self.events.get(self.next)?;
        self.next += 1;
        let head = Head::read(bytes, index, event.offset);
        lanes[event.lane as usize].head = Head {
            time: event.time,
            own: event.own,
            own_id: event.own_id,
            subject: event.subject,
            ..head
        };
        Some(event.lane)
    }
}
