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

mod ends;
mod full;
mod replay;

use serde::Serialize;
use sigprof_wire::limits::{
    MAX_CPU_PROF_STACK, PROF_BUF_TAGS, PROF_BUF_WORDS, trace_v1_record_words,
};
use sigprof_wire::v2::limits::record_words;

pub use ends::{Leak, Replay, RingEnd};
pub(super) use replay::Rings;

use super::loss::Loss;
use super::reason::Reason;
use super::source::Logged;
use super::window::Windows;

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

/// The ring, as far as the trace shows it.
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
    /// The two rings of a v2 tracer; none of v1, to which the drains belong.
    pub replay: Option<Replay>,
}

/// The drains of a trace, found sample by sample in the order of the file.
#[derive(Clone, Debug, Default)]
pub(super) struct Drains {
    count: u64,
    /// The last one, and when it began, on the source's clock.
    last: Option<(Filled, i64)>,
    /// Drains before it that may have found the ring full.
    nearly_full: Vec<Filled>,
}

/// A drain, and how the ring filled up before it.
#[derive(Clone, Debug)]
struct Filled {
    drain: Drain,
    /// The state after each sample from the one on after which the largest of all records might
    /// not have fitted, up to the one after which no record might.
    states: Vec<State>,
}

/// The ring after a sample.
#[derive(Clone, Copy, Debug)]
struct State {
    records: u64,
    words: u64,
    taken_ns: i64,
}

/// Words of the largest record that there can be, and of the smallest that can be the largest of
/// a pair: the root alone.
const LARGEST: u64 = trace_v1_record_words(MAX_CPU_PROF_STACK);
const SMALLEST: u64 = trace_v1_record_words(1);

impl State {
    /// Whether a record of this many words might not fit: it needs them in one piece, so that
    /// up to twice its size may be needed (R4).
    fn is_full(&self, largest_record_words: u64) -> bool {
        let free = PROF_BUF_WORDS.saturating_sub(self.words);
        free < 2 * largest_record_words || self.records >= PROF_BUF_TAGS
    }
}

impl Filled {
    fn new(first: &Logged) -> Self {
        Self {
            drain: Drain {
                records: 0,
                words: 0,
                first_taken_ns: first.taken_ns,
                last_taken_ns: first.taken_ns,
                full_from_ns: None,
                drained_ns: first.logged_ns,
            },
            states: Vec::new(),
        }
    }

    fn add(&mut self, sample: &Logged) {
        let drain = &mut self.drain;
        drain.records += 1;
        drain.words += trace_v1_record_words(sample.pcs.min(MAX_CPU_PROF_STACK));
        drain.first_taken_ns = drain.first_taken_ns.min(sample.taken_ns);
        drain.last_taken_ns = drain.last_taken_ns.max(sample.taken_ns);
        let state = State {
            records: drain.records,
            words: drain.words,
            taken_ns: sample.taken_ns,
        };
        let is_over = self.states.last().is_some_and(|s| s.is_full(SMALLEST));
        if state.is_full(LARGEST) && !is_over {
            self.states.push(state);
        }
    }

    /// The drain, if it found the ring full for records of this many words.
    fn full(self, largest_record_words: u64) -> Option<Drain> {
        let full = self.states.iter().find(|s| s.is_full(largest_record_words));
        Some(Drain {
            full_from_ns: Some(full?.taken_ns),
            ..self.drain
        })
    }
}

impl Drains {
    /// Takes the next sample. It lay in the ring together with those before it if its signal
    /// came before the first of them was written.
    pub(super) fn add(&mut self, sample: &Logged) {
        let is_next = |&(_, began): &(Filled, i64)| sample.taken > began;
        if self.last.as_ref().is_some_and(is_next) {
            self.end();
        }
        let first = || (Filled::new(sample), sample.logged);
        self.last.get_or_insert_with(first).0.add(sample);
    }

    fn end(&mut self) {
        if let Some((filled, _)) = self.last.take() {
            self.count += 1;
            if !filled.states.is_empty() {
                self.nearly_full.push(filled);
            }
        }
    }

    /// The ring, where the longest stack of either side has `longest_stack` PCs.
    pub(super) fn ring(mut self, longest_stack: u64) -> Ring {
        self.end();
        let largest_record_words = trace_v1_record_words(longest_stack.min(MAX_CPU_PROF_STACK));
        let nearly_full = self.nearly_full.into_iter();
        Ring {
            capacity_words: PROF_BUF_WORDS,
            capacity_records: PROF_BUF_TAGS,
            largest_record_words,
            drains: self.count,
            full: nearly_full
                .filter_map(|filled| filled.full(largest_record_words))
                .collect(),
            replay: None,
        }
    }
}

impl Rings {
    /// The same of a v2 trace that ends at this time.
    pub(super) fn ring(mut self, longest_stack: u64, end_ns: i64) -> Ring {
        let longest_stack = longest_stack.min(MAX_CPU_PROF_STACK);
        let replay = self.end(end_ns);
        Ring {
            capacity_words: PROF_BUF_WORDS,
            capacity_records: PROF_BUF_TAGS,
            largest_record_words: record_words(longest_stack),
            drains: 0,
            full: self.full(longest_stack),
            replay,
        }
    }
}

impl Ring {
    /// The rings of a v2 tracer in which samples may have been left.
    pub fn wrapped(&self) -> impl Iterator<Item = &RingEnd> {
        let replay = self.replay.iter();
        replay.flat_map(|replay| replay.wrapped(self.largest_record_words))
    }

    /// The samples of the trace that can have been dropped, a loss for each time at which it was
    /// full.
    pub(super) fn losses(&self, windows: &Windows) -> impl Iterator<Item = Loss> {
        let of_replay = |replay: &Replay| {
            let losses = replay.losses(self.largest_record_words, windows);
            losses.collect::<Vec<_>>()
        };
        let wrapped = self.replay.as_ref().map(of_replay).unwrap_or_default();
        let full = self.full.iter().map(|drain| {
            let (from, to) = (
                drain.full_from_ns.unwrap_or(drain.drained_ns),
                drain.drained_ns,
            );
            Loss {
                reason: Reason::RingCapacity,
                from,
                to,
                at_most: windows.fit(to.saturating_sub(from)),
            }
        });
        full.chain(wrapped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Samples of `pcs` PCs at 1, 2, 3 and so on, written when the last has come.
    fn drained_once(pcs: u64, count: i64) -> Drains {
        let mut drains = Drains::default();
        for taken in 1..=count {
            drains.add(&Logged {
                taken,
                logged: count,
                taken_ns: taken,
                logged_ns: count,
                pcs,
            });
        }
        drains
    }

    /// When the ring is full is asked when both sides are known, after the trace has gone by.
    ///
    /// Guards S8.10.
    #[test]
    fn the_longest_stack_of_either_side_says_from_when_on_the_ring_was_full() {
        // Of 8 words each.
        let drains = drained_once(4, 16_383);
        let full_from = |pcs| {
            let ring = drains.clone().ring(pcs);
            ring.full.first().and_then(|drain| drain.full_from_ns)
        };
        // 131,072 - 8 x 16,368 = 128 words, less than twice the 68 of the longest.
        assert_eq!(full_from(64), Some(16_368));
        assert_eq!(full_from(1000), Some(16_368));
        // 131,072 - 8 x 16,370 = 112, less than twice the 60.
        assert_eq!(full_from(56), Some(16_370));
        assert_eq!(full_from(1), Some(16_383));
        assert_eq!(drains.clone().ring(64).drains, 1);
        let few = drained_once(4, 16_300);
        assert!(few.ring(64).full.is_empty());
    }

    /// Nothing else grows with the samples of a drain.
    #[test]
    fn few_states_are_held_of_a_drain() {
        for pcs in [0, 1, 64] {
            let drains = drained_once(pcs, 100_000);
            let (filled, _) = drains.last.unwrap();
            assert!(filled.states.len() <= 34, "{}", filled.states.len());
        }
    }
}
