//! Was the tracer's ring full when it was drained?
//!
//! The ring is gone when the trace is read, but the trace says enough of it. A
//! sample has two times: when its signal came, and when it was written from the
//! ring into the trace. Everything whose signal came before the first of a drain
//! was written lay in the ring together:
//!
//! ```text
//! signals   s s s s s s s s s . . . . . . . .       (dropped: the ring is full)
//! log                                         llllllllll
//!                                             ^ the drain begins
//! ```
//!
//! Their records are added up and compared with the ring's size (S8). Until Go 1.21
//! the ring is only drained when the trace's reader comes by, which it does when
//! some buffer of events is full (R36; golang/go#52674).

use serde::Serialize;
use sigprof_wire::limits::{
    MAX_CPU_PROF_STACK, PROF_BUF_TAGS, PROF_BUF_WORDS, trace_v1_record_words,
};

use super::window::Windows;
use crate::trace::v1::Trace;

/// One drain of the ring. Times are nanoseconds since the trace's first event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Drain {
    /// Records that lay in the ring when it began.
    pub records: u64,
    /// The words that they took, of 8 bytes each.
    pub words: u64,
    /// The signal of the first of them.
    pub first_taken_ns: i64,
    /// The signal of the last of them.
    pub last_taken_ns: i64,
    /// The signal after whose record the largest one might not have fitted; none if all
    /// would. From then on samples can be missing.
    pub full_from_ns: Option<i64>,
    /// When the drain began.
    pub drained_ns: i64,
}

/// What the trace shows of the ring.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ring {
    /// Words that it holds.
    pub capacity_words: u64,
    /// Records that it holds, however short.
    pub capacity_records: u64,
    /// Words of the largest record.
    pub largest_record_words: u64,
    /// How often it was drained with something in it.
    pub drains: u64,
    /// The drains that found it full.
    pub full: Vec<Drain>,
}

impl Ring {
    /// What `trace` shows; `longest_stack` is that of either side, in PCs.
    #[must_use]
    pub fn of(trace: &Trace, longest_stack: u64) -> Self {
        let mut ring = Self {
            capacity_words: PROF_BUF_WORDS,
            capacity_records: PROF_BUF_TAGS,
            largest_record_words: trace_v1_record_words(longest_stack.min(MAX_CPU_PROF_STACK)),
            drains: 0,
            full: Vec::new(),
        };
        ring.look_at(trace);
        ring
    }

    /// Samples that can have been dropped while the ring was full, at the most; none
    /// if that cannot be known.
    pub(super) fn dropped(&self, windows: &Windows) -> Option<u64> {
        let mut full = self.full.iter().map(|drain| {
            let from = drain.full_from_ns.unwrap_or(drain.drained_ns);
            windows.fit(drain.drained_ns.saturating_sub(from))
        });
        full.try_fold(0_u64, |sum, fit| sum.checked_add(fit?))
    }

    /// Whether a record might not have fitted: it needs its words in one piece, so
    /// that up to twice its size may be needed (R4).
    fn is_full(&self, drain: &Drain) -> bool {
        let free = self.capacity_words.saturating_sub(drain.words);
        free < 2 * self.largest_record_words || drain.records >= self.capacity_records
    }

    fn add(&mut self, drain: Option<Drain>) {
        self.drains += u64::from(drain.is_some());
        self.full.extend(drain.filter(|d| d.full_from_ns.is_some()));
    }

    /// Goes through the samples of the trace in groups that lay in the ring together.
    fn look_at(&mut self, trace: &Trace) {
        let mut drain: Option<Drain> = None;
        let mut began = i64::MIN;
        for sample in trace.logged_samples() {
            let taken = trace.nanos(sample.taken);
            let frames = trace.stack(sample.stack).len() as u64;
            if sample.taken > began {
                self.add(drain.take());
            }
            let drain = drain.get_or_insert_with(|| {
                began = sample.logged;
                Drain {
                    records: 0,
                    words: 0,
                    first_taken_ns: taken,
                    last_taken_ns: taken,
                    full_from_ns: None,
                    drained_ns: trace.nanos(sample.logged),
                }
            });
            drain.records += 1;
            drain.words += trace_v1_record_words(frames.min(MAX_CPU_PROF_STACK));
            drain.first_taken_ns = drain.first_taken_ns.min(taken);
            drain.last_taken_ns = drain.last_taken_ns.max(taken);
            if drain.full_from_ns.is_none() && self.is_full(drain) {
                drain.full_from_ns = Some(taken);
            }
        }
        self.add(drain);
    }
}
