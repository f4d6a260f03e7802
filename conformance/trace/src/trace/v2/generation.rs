//! One generation: its batches by thread, and its tables.
//!
//! A generation is read in as a whole before its first event, since its tables may stand
//! after what needs them (R72.1). Nothing is copied: everything is an index into the window.

mod load;
mod stacks;

use std::collections::HashMap;
use std::sync::OnceLock;

use super::clock::{Scale, Snapshot};
use super::cursor::Cursor;
use super::frontier::Next;
use super::other;
use super::samples::Sample;
use super::source::Source;
use super::tables::{Span, Table};
use crate::error::InputError;
use crate::heap;
use crate::trace::v1::hash::IdHash;

pub(super) use load::{Ended, load};
pub use stacks::Frames;

/// The number of no batch.
pub(super) const NONE: u32 = u32::MAX;

/// A batch of timed events.
#[derive(Clone, Copy, Debug)]
pub(super) struct Batch {
    /// Where its events begin.
    pub(super) at: usize,
    /// Where they end.
    pub(super) end: usize,
    /// Units of the trace clock.
    pub(super) time: u64,
    /// The next batch of the same thread.
    pub(super) next: u32,
}

/// The batches of a thread, in the order of the file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lane {
    pub(super) thread: u64,
    pub(super) first: u32,
    last: u32,
}

/// Bytes of an experiment, of which this reader knows no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExperimentalBatch {
    /// The experiment's number.
    pub experiment: u8,
    /// The thread of the batch.
    pub thread: u64,
    /// Units of the trace clock.
    pub time: u64,
    /// Bytes from the start of the trace to its data.
    pub offset: u64,
    /// Bytes of its data.
    pub len: usize,
}

/// A generation that is being read.
#[derive(Debug, Default)]
pub(super) struct Generation {
    pub(super) number: u64,
    /// Where it begins.
    pub(super) start: usize,
    /// Where it ends, with its last batch.
    pub(super) end: usize,
    pub(super) batches: Vec<Batch>,
    /// In the order of each thread's first batch (R75.1).
    pub(super) lanes: Vec<Lane>,
    lane_of: HashMap<u64, u32, IdHash>,
    pub(super) strings: Table,
    pub(super) stacks: Table,
    pub(super) samples: Vec<Sample>,
    /// When the batches of samples were begun, in the order of the file: nanoseconds; units of the
    /// trace clock while it is read in.
    pub(super) sample_batches: Vec<i64>,
    pub(super) scale: Scale,
    pub(super) snapshot: Option<Snapshot>,
    /// The least time of any batch.
    pub(super) min_time: Option<u64>,
    pub(super) experiments: Vec<ExperimentalBatch>,
    /// Whether it lacks its end, and what can be read of it is wanted: some of its strings and
    /// stacks may not be there.
    pub(super) is_cut: bool,
    /// Whether the input ends behind it, and not with a batch of strings: the runtime always writes
    /// some last.
    pub(super) is_open: bool,
    /// The first end, or batch of an experiment, whose bytes go on as text may.
    odd: Option<usize>,
    /// The first frame of each PC, made when somebody asks.
    first_frames: OnceLock<HashMap<u64, usize, IdHash>>,
}

impl Generation {
    /// Empties it, and keeps the memory for the next.
    fn clear(&mut self) {
        self.batches.clear();
        self.lanes.clear();
        self.lane_of.clear();
        self.strings.clear();
        self.stacks.clear();
        self.samples.clear();
        self.sample_batches.clear();
        self.experiments.clear();
        self.first_frames.take();
        (self.number, self.start, self.end) = (0, 0, 0);
        (self.is_cut, self.is_open, self.odd) = (false, false, None);
        self.scale = Scale::default();
        (self.snapshot, self.min_time) = (None, None);
    }

    /// Forgets what cannot be read, whose bytes are not there any more: the next generation may begin at an
    /// index.
    pub(super) fn lose(&mut self, next: usize) {
        self.strings.clear();
        self.stacks.clear();
        self.first_frames.take();
        (self.start, self.end, self.odd) = (next, next, None);
    }

    /// The error of a text that was read as a part of it.
    pub(super) fn odd(&self, source: &mut Source) -> Option<InputError> {
        let at = self.odd?;
        let got = other::said(source, at).ok()??;
        Some(other::no_batch(source.offset(at), got))
    }

    fn add_batch(&mut self, thread: u64, mut batch: Batch) {
        #[expect(clippy::cast_possible_truncation, reason = "a batch takes five bytes")]
        let number = self.batches.len() as u32;
        batch.next = NONE;
        heap::push(&mut self.batches, batch);
        #[expect(clippy::cast_possible_truncation, reason = "not more than batches")]
        let new = self.lanes.len() as u32;
        let lane = *self.lane_of.entry(thread).or_insert(new);
        if lane == new {
            let (first, last) = (number, number);
            let lane = Lane {
                thread,
                first,
                last,
            };
            heap::push(&mut self.lanes, lane);
            return;
        }
        let lane = &mut self.lanes[lane as usize];
        self.batches[lane.last as usize].next = number;
        lane.last = number;
    }

    /// Bytes of memory, when a few more of everything have come; with the cursors that its
    /// threads will have.
    pub(super) fn heap(&self) -> usize {
        let (lanes, more) = (&self.lanes, heap::STEP);
        let cursors = (lanes.len() + more) * (size_of::<Cursor>() + size_of::<Next>());
        heap::list(&self.batches, more)
            + heap::list(lanes, more)
            + heap::table(self.lane_of.len(), self.lane_of.capacity(), more, 16)
            + heap::list(&self.samples, more)
            + heap::list(&self.sample_batches, more)
            + heap::list(&self.experiments, more)
            + self.strings.heap()
            + self.stacks.heap()
            + cursors
    }

    /// The bytes of a string; none for id 0.
    pub(super) fn string<'b>(&self, bytes: &'b [u8], id: u64) -> Option<&'b [u8]> {
        if id == 0 {
            return Some(b"");
        }
        let span = Span::unpack(self.strings.get(id)?);
        bytes.get(span.at..span.at + span.len)
    }
}
