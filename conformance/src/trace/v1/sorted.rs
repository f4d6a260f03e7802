//! The events of a trace of Go 1.5 or 1.6, each of which has a number that says when its
//! turn is.
//!
//! Nothing else orders them, so all are held and sorted; such traces are small, and as old
//! as their Go.
//!
//! Source: Go `internal/trace/order.go`, `order1005` (R62.14).

use sigprof_model::events::EventType;

use super::goroutines::Goroutines;
use super::index::Index;
use super::lane::{Head, Lane};
use crate::trace::input::Pages;

/// All events, in the order of their numbers.
pub(super) struct Sorted {
    events: Vec<(i64, u32, Head)>,
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
                let (mut seq, mut head) = (lane.seq(), lane.head);
                // It is written when its thread has a P again.
                if head.event_type == EventType::GoSysExit {
                    seq = head.args[1].cast_signed();
                    if head.args[2] != 0 {
                        head.time = head.args[2].cast_signed();
                    }
                }
                events.push((seq, number, head));
            }
        }
        events.sort_by_key(|&(seq, ..)| seq);
        Self { events, next: 0 }
    }

    /// Puts the next event at the head of its lane; which one.
    pub(super) fn next(&mut self, lanes: &mut [Lane]) -> Option<u32> {
        let &(_, lane, head) = self.events.get(self.next)?;
        self.next += 1;
        lanes[lane as usize].head = head;
        Some(lane)
    }
}
