//! The writer. One at a time, in a signal handler; never waits.

use super::{PREFIX, ProfBuf, Tag, small};
use crate::backend::text::Function;
use crate::backend::{Atomic, Backend, Call, Ordering, Throw, Within, Words};
use crate::overflow::Dropped;
use crate::prof_index::ProfIndex;
use crate::protocol::{Flaw, Rules, Site, Wake};

/// The outcome of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Wrote {
    /// The record is in the ring.
    Record,
    /// The record is counted as dropped.
    Dropped,
}

impl Wrote {
    /// Reads what another text says of a write: whether the record was dropped.
    pub(crate) fn parse(dropped: u64) -> Self {
        match dropped {
            0 => Self::Record,
            _ => Self::Dropped,
        }
    }
}

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
    /// The room after a record of `len` words in one piece, or `None` if that does not fit. The
    /// rest of the ring is forfeited where it is too short (R4).
    #[inline]
    fn after(self, len: usize, ring: usize, charge_tail: bool) -> Option<Self> {
        let (at, words) = if self.at + len > ring {
            let tail = if charge_tail { ring - self.at } else { 0 };
            (0, self.words.checked_sub(tail)?)
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
    /// count *and* a record, so that the count comes where the records are missing (R6). Go
    /// writes the count by a call of `write` itself, which looks again for what cannot have
    /// changed; here it is written at once.
    #[inline]
    pub fn write(&self, tag: Option<Tag>, now: u64, hdr: &[u64], stk: &[u64]) -> Wrote {
        let _call = Within::<B>::new(Call::of_ring("(*profBuf).write"));
        if let Some(dropped) = B::instead(Function::Write, || self.write_args(tag, now, hdr, stk)) {
            return Wrote::parse(dropped.first().copied().unwrap_or(1));
        }
        if hdr.len() > self.hdrsize {
            B::throw(Throw::MisuseOfWrite);
        }
        let len = self.record_len(stk.len());
        let mut dropped = None;
        if self.overflow.is_pending() {
            if !self.can_write_two_records(len) {
                return self.drop_record(now);
            }
            // None if the reader was faster.
            dropped = self.overflow.take();
        } else if !self.can_write_record(len) {
            return self.drop_record(now);
        }
        if self.rules.has(Flaw::OverflowAfterRecord) {
            self.write_record(tag, now, hdr, stk);
        }
        if let Some(dropped) = dropped {
            self.write_overflow(tag, dropped);
        }
        if !self.rules.has(Flaw::OverflowAfterRecord) {
            self.write_record(tag, now, hdr, stk);
        }
        Wrote::Record
    }

    /// The arguments for another text.
    #[cold]
    fn write_args(&self, tag: Option<Tag>, now: u64, hdr: &[u64], stk: &[u64]) -> Vec<u64> {
        let tag = tag.map_or(0, Tag::get);
        let first = [self.w.number(), tag, now, hdr.len() as u64];
        [&first[..], hdr, stk].concat()
    }

    /// Writes the record of what was dropped, which has no tag.
    #[cold]
    #[inline(never)]
    fn write_overflow(&self, tag: Option<Tag>, Dropped { count, time }: Dropped) {
        let tag = tag.filter(|_| self.rules.has(Flaw::OverflowTagged));
        self.write_record(tag, time, &[], &[count.into()]);
    }

    #[cold]
    fn drop_record(&self, now: u64) -> Wrote {
        self.overflow.increment(now);
        self.wakeup_extra();
        Wrote::Dropped
    }

    #[inline]
    fn room(&self) -> Room {
        let r = ProfIndex(self.r.load(self.rules.order(Site::RingRoom)));
        // The counts in `w` are the writer's own; only flags change beside it.
        let w = ProfIndex(self.w.load(Ordering::Relaxed));
        Room {
            at: self.data_at(w.data_count()),
            words: self.data.len().saturating_sub(self.unread(w, r)),
            tags: self.room_for_tags(w, r),
        }
    }

    /// Words between the reader's place and the writer's.
    #[inline]
    fn unread(&self, w: ProfIndex, r: ProfIndex) -> usize {
        self.ahead(w.data_count(), r.data_count())
    }

    #[inline]
    fn room_for_tags(&self, w: ProfIndex, r: ProfIndex) -> usize {
        if self.rules.has(Flaw::TagRoomIgnored) {
            return usize::MAX;
        }
        let unread = self.ahead(w.tag_count(), r.tag_count());
        self.tags.len().saturating_sub(unread)
    }

    #[inline]
    fn after(&self, room: Room, len: usize) -> Option<Room> {
        let charge_tail = !self.rules.has(Flaw::TailNotCharged);
        room.after(len, self.data.len(), charge_tail)
    }

    #[inline]
    fn can_write_record(&self, len: usize) -> bool {
        let _call = Within::<B>::new(Call::of_ring("(*profBuf).canWriteRecord"));
        self.after(self.room(), len).is_some()
    }

    /// Whether a record of an overflow fits, and after it one of `len` words.
    fn can_write_two_records(&self, len: usize) -> bool {
        if self.rules.has(Flaw::OneFitsIsEnough) {
            return self.can_write_record(len);
        }
        let _call = Within::<B>::new(Call::of_ring("(*profBuf).canWriteTwoRecords"));
        let behind_first = self.after(self.room(), self.record_len(1));
        behind_first.is_some_and(|room| self.after(room, len).is_some())
    }

    /// Writes a record for which there is room.
    #[inline(always)]
    fn write_record(&self, tag: Option<Tag>, now: u64, hdr: &[u64], stk: &[u64]) {
        let w = ProfIndex(self.w.load(Ordering::Relaxed));
        if let Some(tag) = tag {
            // Over an empty slot (L7).
            self.tags.set(self.tag_at(w.tag_count()), tag.get());
        }
        let len = self.record_len(stk.len());
        let mut at = self.data_at(w.data_count());
        let mut skip = 0;
        if at + len > self.data.len() {
            if !self.rules.has(Flaw::MarkerOmitted) {
                self.data.set(at, 0);
            }
            if !self.rules.has(Flaw::TailNotCounted) {
                skip = self.data.len() - at;
            }
            at = 0;
        }
        self.data.set_all(at, &[len as u64, now]);
        at += PREFIX;
        self.data.set_all(at, hdr);
        for i in hdr.len()..self.hdrsize {
            self.data.set(at + i, 0);
        }
        at += self.hdrsize;
        self.data.set_all(at, stk);
        self.commit(skip + len);
    }

    /// Makes the record visible. Races with the reader, which sets and clears flags.
    #[inline]
    fn commit(&self, words: usize) {
        let order = self.rules.order(Site::RingCommit);
        loop {
            let old = ProfIndex(self.w.load(Ordering::Relaxed));
            let mut new = old.advanced(small(words), 1);
            let wakes = match self.rules.protocol().wake {
                Wake::EveryRecord => true,
                Wake::HalfFull => {
                    let is_half_full = self.is_half_full(new);
                    let goes_on_sleeping = !is_half_full && old.has(ProfIndex::READER_SLEEPING);
                    if goes_on_sleeping && !self.rules.has(Flaw::SleepingNotCarried) {
                        // The next record must find it asleep.
                        new = new.with(ProfIndex::READER_SLEEPING);
                    }
                    is_half_full
                }
            };
            if self.rules.has(Flaw::FlagsKept) {
                new = new.with(old.flags());
            }
            let is_committed = if self.rules.has(Flaw::CommitByStore) {
                self.w.store(new.0, order);
                true
            } else {
                self.w.compare_and_swap_weak(old.0, new.0, order)
            };
            if is_committed {
                let wakes = wakes && !self.rules.has(Flaw::CommitWithoutWake);
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
        let more = usize::from(self.rules.has(Flaw::ThresholdStrict));
        self.unread(w, r) >= self.data.len() / 2 + more
    }
}
