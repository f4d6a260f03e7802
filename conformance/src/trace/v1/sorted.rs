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

/// All events, in the order of their numbers.
pub(super) struct Sorted {
    events: Vec<(i64, u32, Head)>,
    next: usize,
    ps: Vec<u64>,
    pub(super) goroutines: Goroutines,
}

impl Sorted {
    pub(super) fn new(bytes: &[u8], index: &Index) -> Self {
        let mut goroutines = Goroutines::new();
        let mut events = Vec::new();
        for (number, &(p, batch)) in (0..).zip(&index.lanes) {
            let mut lane = Lane::new(p, batch);
            while lane.advance(bytes, index, &mut goroutines) {
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
        Self {
            events,
            next: 0,
            ps: index.lanes.iter().map(|&(p, _)| p).collect(),
            goroutines,
        }
    }

    /// Goes on to the next event; its lane.
    pub(super) fn next(&mut self) -> Option<u32> {
        let &(_, lane, _) = self.events.get(self.next)?;
        self.next += 1;
        Some(lane)
    }

    /// The event that came last.
    pub(super) fn head(&self) -> &Head {
        match self.next.checked_sub(1).and_then(|at| self.events.get(at)) {
            Some((_, _, head)) => head,
            None => &Head::NOTHING,
        }
    }

    /// The P of a lane.
    pub(super) fn p(&self, lane: u32) -> u64 {
        self.ps.get(lane as usize).copied().unwrap_or_default()
    }
}
