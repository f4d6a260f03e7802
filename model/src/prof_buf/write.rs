//! The writer. One at a time, in a signal handler; never waits.

use super::{PREFIX, ProfBuf, Tag, ahead, small};
use crate::backend::{Atomic, Backend, Ordering, Throw, Words};
use crate::overflow::Dropped;
use crate::prof_index::ProfIndex;
use crate::protocol::{Rules, Wake};

/// The free part of the ring, from the writer's place on.
#[derive(Clone, Copy)]
struct Room {
    /// Place of the next word.
    at: usize,
    /// Words, in two pieces where it goes around the ring's end.
    words: usize,
    tags: usize,
}

impl Room {
    /// What is left after a record of `len` words in one piece, if that fits; the rest
    /// of the ring is forfeited where it is too short (R4).
    #[inline]
    fn after(self, len: usize, ring: usize) -> Option<Self> {
        let (at, words) = if self.at + len > ring {
            (0, self.words.checked_sub(ring - self.at)?)
        } else {
            (self.at, self.words)
        };
        Some(Self {
            at: at + len,
            words: words.checked_sub(len)?,
            tags: self.tags.checked_sub(1)?,
        })
    }
}

impl<B: Backend, R: Rules> ProfBuf<B, R> {
    /// Writes a record, or counts it as dropped.
    ///
    /// A header that is shorter than the ring's is filled up with zeroes; Go throws if
    /// it is longer. Once a record has been dropped, all are until there is room for the
    /// count *and* a record, so that the count comes where the records are missing (R6).
    #[inline]
    pub fn write(&self, tag: Option<Tag>, now: u64, hdr: &[u64], stk: &[u64]) {
        if hdr.len() > self.hdrsize {
            B::throw(Throw::MisuseOfWrite);
        }
        let len = self.record_len(stk.len());
        if self.overflow.is_pending() {
            if !self.can_write_two_records(len) {
                return self.drop_record(now);
            }
            // The reader may have been faster.
            if let Some(Dropped { count, time }) = self.overflow.take() {
                self.write_record(None, time, &[], &[count.into()]);
            }
        } else if !self.can_write_record(len) {
            return self.drop_record(now);
        }
        self.write_record(tag, now, hdr, stk);
    }

    #[cold]
    fn drop_record(&self, now: u64) {
        self.overflow.increment(now);
        self.wakeup_extra();
    }

    #[inline]
    fn room(&self) -> Room {
        // Acquire pairs with the reader's store: it is done with what it gives back.
        let r = ProfIndex(self.r.load(Ordering::Acquire));
        // The counts in `w` are the writer's own; only flags change beside it.
        let w = ProfIndex(self.w.load(Ordering::Relaxed));
        Room {
            at: self.data_at(w.data_count()),
            words: self.data.len() - ahead(w.data_count(), r.data_count()),
            tags: self.tags.len() - ahead(w.tag_count(), r.tag_count()),
        }
    }

    #[inline]
    fn can_write_record(&self, len: usize) -> bool {
        self.room().after(len, self.data.len()).is_some()
    }

    /// Whether a record of an overflow fits, and behind it one of `len` words.
    fn can_write_two_records(&self, len: usize) -> bool {
        let ring = self.data.len();
        let behind_first = self.room().after(self.record_len(1), ring);
        behind_first
            .and_then(|room| room.after(len, ring))
            .is_some()
    }

    /// Writes a record for which there is room.
    #[inline]
    fn write_record(&self, tag: Option<Tag>, now: u64, hdr: &[u64], stk: &[u64]) {
        let w = ProfIndex(self.w.load(Ordering::Relaxed));
        if let Some(tag) = tag {
            // Over an empty slot (L6).
            self.tags.set(self.tag_at(w.tag_count()), tag.get());
        }
        let len = self.record_len(stk.len());
        let mut at = self.data_at(w.data_count());
        let mut skip = 0;
        if at + len > self.data.len() {
            self.data.set(at, 0);
            skip = self.data.len() - at;
            at = 0;
        }
        self.data.set(at, len as u64);
        self.data.set(at + 1, now);
        at += PREFIX;
        for i in 0..self.hdrsize {
            self.data.set(at + i, hdr.get(i).copied().unwrap_or(0));
        }
        at += self.hdrsize;
        for (i, &pc) in stk.iter().enumerate() {
            self.data.set(at + i, pc);
        }
        self.commit(skip + len);
    }

    /// Makes the record visible. Races with the reader, which sets and clears flags.
    #[inline]
    fn commit(&self, words: usize) {
        loop {
            let old = ProfIndex(self.w.load(Ordering::Relaxed));
            let mut new = old.advanced(small(words), 1);
            let wakes = match self.rules.protocol().wake {
                Wake::EveryRecord => true,
                Wake::HalfFull => {
                    let is_half_full = self.is_half_full(new);
                    if !is_half_full && old.has(ProfIndex::READER_SLEEPING) {
                        // It goes on sleeping, and must be found asleep by the next.
                        new = new.with(ProfIndex::READER_SLEEPING);
                    }
                    is_half_full
                }
            };
            // Release pairs with the reader's load of `w`: the record is whole.
            if self.w.compare_and_swap(old.0, new.0, Ordering::AcqRel) {
                if wakes && old.has(ProfIndex::READER_SLEEPING) {
                    self.wake_reader();
                }
                return;
            }
        }
    }

    /// Whether half of the ring would be unread. The reader's place is looked up anew,
    /// as it may have gone on.
    fn is_half_full(&self, w: ProfIndex) -> bool {
        let r = ProfIndex(self.r.load(Ordering::Relaxed));
        ahead(w.data_count(), r.data_count()) >= self.data.len() / 2
    }
}
