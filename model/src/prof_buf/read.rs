//! The reader. One, on an ordinary goroutine; may sleep.

use super::{ProfBuf, Tag, small};
use crate::backend::text::{Function, Returned};
use crate::backend::{Atomic, Backend, Call, Note, Ordering, Throw, Within, Words};
use crate::overflow::Dropped;
use crate::prof_index::ProfIndex;
use crate::protocol::{Flaw, Rules, Site};

/// The behaviour of a read when there is nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Sleeps until there is something.
    Blocking,
    /// Returns [`Read::Empty`] at once.
    NonBlocking,
}

/// The reader's own state. There is one for each ring.
#[derive(Clone, Debug)]
pub struct Reader {
    /// Where the next read begins (Go: `rNext`).
    pub(super) next: ProfIndex,
}

impl Reader {
    /// A reader that goes on from `next`. If a ring gets a second reader, the caller must never let
    /// both read at once.
    #[must_use]
    pub fn at(next: ProfIndex) -> Self {
        Self { next }
    }

    /// Where the next read begins.
    #[must_use]
    pub fn next(&self) -> ProfIndex {
        self.next
    }
}

/// The result of a read.
pub enum Read<'a, B: Backend, R: Rules> {
    /// One or more records, which stay as they are until the next read.
    Records(Records<'a, B, R>),
    /// Nothing for now.
    Empty,
    /// Nothing ever again.
    Eof,
}

/// A run of whole records, with their tags.
pub struct Records<'a, B: Backend, R: Rules> {
    buf: &'a ProfBuf<B, R>,
    source: Source,
}

#[derive(Clone, Copy)]
enum Source {
    Ring {
        /// Place of the first word, and of the first tag.
        data: usize,
        tags: usize,
        words: usize,
        records: usize,
    },
    /// The overflow that is reported while the ring is empty.
    Overflow(Dropped),
}

impl<'a, B: Backend, R: Rules> Records<'a, B, R> {
    /// The number of records, at least 1.
    #[must_use]
    pub fn len(&self) -> usize {
        match self.source {
            Source::Ring { records, .. } => records,
            Source::Overflow(_) => 1,
        }
    }

    /// A read never returns none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        false
    }

    /// Appends the words of all records.
    #[inline]
    pub fn copy_to(&self, out: &mut Vec<u64>) {
        match self.source {
            Source::Ring { data, words, .. } => {
                self.buf.data.append_to(out, data..data + words);
            }
            Source::Overflow(Dropped { count, time }) => {
                let header = std::iter::repeat_n(0, self.buf.hdrsize);
                out.extend([self.buf.record_len(1) as u64, time]);
                out.extend(header.chain([count.into()]));
            }
        }
    }

    /// The tag of each record.
    pub fn tags(&self) -> impl Iterator<Item = Option<Tag>> + use<'a, B, R> {
        let (buf, slots, of_overflow) = match self.source {
            Source::Ring { tags, records, .. } => (self.buf, tags..tags + records, None),
            Source::Overflow(_) => (self.buf, 0..0, Some(None)),
        };
        let of_ring = slots.map(|at| Tag::new(buf.tags.get(at)));
        of_ring.chain(of_overflow)
    }
}

impl<B: Backend, R: Rules> ProfBuf<B, R> {
    /// Gives back what the last read returned, and returns what comes next: records up to
    /// where the ring ends or goes on at its start, or else what was dropped, or else the
    /// end. To empty the ring, read until nothing comes (R11, R12).
    #[inline]
    pub fn read(&self, reader: &mut Reader, mode: Mode) -> Read<'_, B, R> {
        let _call = Within::<B>::new(Call::of_ring("(*profBuf).read"));
        let r = reader.next;
        let args = || vec![self.w.number(), (mode == Mode::Blocking).into()];
        if let Some(result) = B::instead(Function::Read, args) {
            return self.returned(reader, &result);
        }
        self.give_back(r);
        loop {
            let w = self.seen_w();
            if self.ahead(w.data_count(), r.data_count()) > 0 {
                return self.read_records(reader, w);
            }
            if let Some(read) = self.read_beside(w, mode) {
                return read;
            }
        }
    }

    /// The return of another text's read.
    #[cold]
    fn returned(&self, reader: &mut Reader, result: &[u64]) -> Read<'_, B, R> {
        let Some((next, returned)) = Returned::parse(result) else {
            B::throw(Throw::OutOfRange);
        };
        reader.next = ProfIndex(next);
        let source = match returned {
            Returned::Nothing => return Read::Empty,
            Returned::End => return Read::Eof,
            Returned::Overflow(count, time) => Source::Overflow(Dropped { count, time }),
            Returned::Run([data, words, tags, records]) => Source::Ring {
                data,
                tags,
                words,
                records,
            },
        };
        Read::Records(Records { buf: self, source })
    }

    /// The result of a read while the ring is empty, as it was at `w`. If anything has changed
    /// since, or after a sleep, it is `None`: look again.
    #[cold]
    fn read_beside(&self, w: ProfIndex, mode: Mode) -> Option<Read<'_, B, R>> {
        let rules = self.rules.protocol();
        if self.rules.has(Flaw::ExtraClearedFirst) && self.clear_extra(w) {
            return None;
        }
        if self.rules.has(Flaw::EofBeforeOverflow) && self.is_at_eof() {
            return Some(Read::Eof);
        }
        if let Some(pending) = self.overflow.look() {
            // Who sees it sees every record before it (L3).
            if rules.looks_again_at_overflow && self.has_more(w) {
                return None;
            }
            let dropped = if rules.looks_again_at_overflow {
                self.overflow.take_if(pending)
            } else {
                self.overflow.take()
            };
            if let Some(dropped) = dropped {
                let source = Source::Overflow(dropped);
                return Some(Read::Records(Records { buf: self, source }));
            }
            // The writer was faster: it stands in the ring, or has become more.
            return None;
        }
        if self.is_at_eof() {
            // Who sees the end sees everything before it (L8).
            let has_any = || self.has_more(w) || self.overflow.is_pending();
            if rules.looks_again_at_eof && has_any() {
                return None;
            }
            return Some(Read::Eof);
        }
        if !self.rules.has(Flaw::ExtraLeft) && self.clear_extra(w) {
            return None;
        }
        if mode == Mode::NonBlocking {
            return Some(Read::Empty);
        }
        let asleep = w.with(ProfIndex::READER_SLEEPING);
        // Relaxed: the swap stands between releases of the writer, and breaks none.
        if self
            .w
            .compare_and_swap_weak(w.0, asleep.0, Ordering::Relaxed)
        {
            self.wait.sleep();
            self.wait.clear();
        }
        None
    }

    #[inline]
    fn seen_w(&self) -> ProfIndex {
        ProfIndex(self.w.load(self.rules.order(Site::RingSeen)))
    }

    fn is_at_eof(&self) -> bool {
        self.eof.load(self.rules.order(Site::EofSeen)) > 0
    }

    /// Whether records have come since `w` was seen.
    fn has_more(&self, seen: ProfIndex) -> bool {
        self.seen_w().data_count() != seen.data_count()
    }

    /// Takes away the flag for what waits beside the ring, if it was raised: what it
    /// stood for has been looked at, and if `w` has changed there is more.
    fn clear_extra(&self, w: ProfIndex) -> bool {
        if !w.has(ProfIndex::WRITE_EXTRA) {
            return false;
        }
        let new = w.without(ProfIndex::WRITE_EXTRA);
        if self.rules.has(Flaw::ExtraClearedByStore) {
            self.w.store(new.0, Ordering::Release);
        } else {
            self.w.compare_and_swap_weak(w.0, new.0, Ordering::Relaxed);
        }
        true
    }

    /// Returns what was read to the writer, its tags empty (R10, L7).
    #[inline]
    fn give_back(&self, next: ProfIndex) {
        // Only the reader changes `r`.
        let r = ProfIndex(self.r.load(Ordering::Relaxed));
        if r == next {
            return;
        }
        let records = self.ahead(next.tag_count(), r.tag_count());
        for i in 0..if self.rules.has(Flaw::TagsKept) {
            0
        } else {
            records
        } {
            let at = self.tag_at(r.tag_count().wrapping_add(small(i)));
            self.tags.set(at, 0);
        }
        self.r.store(next.0, self.rules.order(Site::RingGivenBack));
    }

    #[inline]
    fn read_records(&self, reader: &mut Reader, w: ProfIndex) -> Read<'_, B, R> {
        let r = reader.next;
        let unread = self.ahead(w.data_count(), r.data_count());
        let mut at = self.data_at(r.data_count());
        // To the ring's end, or to where the writer is.
        let mut available = unread.min(self.data.len() - at);
        let mut skip = 0;
        if self.data.get(at) == 0 {
            // The rest was too short for a record: it goes on at the start.
            skip = available;
            (at, available) = at_start(unread - skip);
        }
        let unread_tags = self.ahead(w.tag_count(), r.tag_count());
        if unread_tags == 0 {
            B::throw(Throw::TagsOutOfSync);
        }
        let tags = self.tag_at(r.tag_count());
        let available_tags = if self.rules.has(Flaw::TagRunIgnored) {
            unread_tags
        } else {
            unread_tags.min(self.tags.len() - tags)
        };

        let (mut words, mut records) = (0, 0);
        while words < available && records < available_tags {
            let len = usize::try_from(self.data.get(at + words)).unwrap_or(usize::MAX);
            if len == 0 {
                break;
            }
            if len > available - words {
                B::throw(Throw::InvalidSize);
            }
            words += len;
            records += 1;
        }
        let markers = usize::from(skip > 0 && self.rules.has(Flaw::MarkerCounted));
        reader.next = r.advanced(small(skip + words), small(records + markers));
        if self.rules.has(Flaw::GivenBackAtOnce) {
            self.give_back(reader.next);
        }
        let source = Source::Ring {
            data: at,
            tags,
            words,
            records,
        };
        Read::Records(Records { buf: self, source })
    }
}

/// The place where the ring starts, and how many words there are to read.
///
/// A call, so that a branch decides on the place, which the processor guesses: all that
/// is read later would have to wait for a choice between two values.
#[cold]
#[inline(never)]
fn at_start(available: usize) -> (usize, usize) {
    (0, available)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::Std;
    use crate::protocol::Fixed;

    type Buf = ProfBuf<Std, Fixed>;

    /// Guards R11.4.
    #[test]
    #[should_panic(expected = "tag and data out of sync")]
    fn words_without_a_tag_are_thrown() {
        let (buf, mut reader) = Buf::new(Fixed, 2, 16, 2);
        buf.w
            .store(ProfIndex::default().advanced(4, 0).0, Ordering::Release);
        let _ = buf.read(&mut reader, Mode::NonBlocking);
    }

    /// Guards R11.4.
    #[test]
    #[should_panic(expected = "invalid size")]
    fn a_record_that_is_longer_than_its_piece_is_thrown() {
        let (buf, mut reader) = Buf::new(Fixed, 2, 16, 2);
        buf.write(None, 1, &[], &[7]);
        buf.data.set(0, 6);
        let _ = buf.read(&mut reader, Mode::NonBlocking);
    }
    /// A record must fit into what is left after the records before it.
    ///
    /// Guards R11.4.
    #[test]
    #[should_panic(expected = "invalid size")]
    fn a_later_record_that_is_longer_than_the_rest_is_thrown() {
        let (buf, mut reader) = Buf::new(Fixed, 2, 16, 2);
        buf.write(None, 1, &[], &[7]);
        buf.write(None, 2, &[], &[8]);
        // Five words are left of ten.
        buf.data.set(5, 6);
        let _ = buf.read(&mut reader, Mode::NonBlocking);
    }
}
