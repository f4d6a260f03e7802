//! Outcome of the replay of a v2 tracer's rings: leaks, and how each ring stood when the trace ended.

use serde::Serialize;
use sigprof_wire::limits::{PROF_BUF_TAGS, PROF_BUF_WORDS};

use super::super::loss::Loss;
use super::super::reason::Reason;
use super::super::window::Windows;

/// The rings of a v2 tracer, as far as the trace shows them. Times are nanoseconds since the
/// trace's first event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Replay {
    /// Samples that came two generations late.
    pub leaks: Vec<Leak>,
    /// The rings of the last two generations when the trace ended, the last first.
    pub ends: Vec<RingEnd>,
}

/// Samples of a generation that came with another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Leak {
    /// The generation that has them.
    pub generation: u64,
    /// The generation in which they were taken.
    pub taken_in: u64,
    /// How many there are.
    pub samples: u64,
    /// When the first of them was taken.
    pub first_taken_ns: i64,
    /// Words between the sample before it and the ring's end, in which it found no room; none if
    /// the trace does not show where the ring began.
    pub free_words: Option<u64>,
}

/// A ring when the trace ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct RingEnd {
    /// The last generation that wrote to it.
    pub generation: u64,
    /// Words between its last sample and its end; none if the trace does not show where the ring
    /// began.
    pub free_words: Option<u64>,
    /// Records that fit before its list of labels ends; none as above.
    pub free_records: Option<u64>,
    /// When its last sample was taken, or its generation began.
    pub last_taken_ns: i64,
    /// When its generation ended.
    pub ended_ns: i64,
}

impl RingEnd {
    /// Whether a record of so many words has no room before its end.
    pub(super) fn lacks_room(&self, record_words: u64) -> bool {
        self.free_words.is_some_and(|free| free < record_words)
    }

    /// Whether its list of labels has just come to its end, which ends a read as well.
    #[must_use]
    pub fn has_full_labels(&self) -> bool {
        // One that was never written to is as empty as can be.
        self.free_records == Some(PROF_BUF_TAGS) && self.free_words != Some(PROF_BUF_WORDS)
    }
}

impl Replay {
    /// Whether the trace shows where the rings began.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.ends.iter().all(|end| end.free_words.is_some())
    }

    /// The rings that may have wrapped with the next record, of at most so many words, which then
    /// never came.
    pub fn wrapped(&self, largest_record_words: u64) -> impl Iterator<Item = &RingEnd> {
        let ends = self.ends.iter();
        ends.filter(move |end| end.lacks_room(largest_record_words) || end.has_full_labels())
    }

    /// The samples of the trace that can have been left in a ring.
    pub(in crate::check) fn losses(
        &self,
        largest_record_words: u64,
        windows: &Windows,
    ) -> impl Iterator<Item = Loss> {
        self.wrapped(largest_record_words).map(|end| Loss {
            reason: Reason::RingWrap,
            from: end.last_taken_ns,
            to: end.ended_ns,
            at_most: windows.fit(end.ended_ns.saturating_sub(end.last_taken_ns)),
        })
    }
}
