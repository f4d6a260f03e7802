//! The reader. One, on an ordinary goroutine; may sleep.

use super::{ProfBuf, Tag, ahead, small};
use crate::backend::{Atomic, Backend, Note, Ordering, Throw, Words};
use crate::overflow::Dropped;
use crate::prof_index::ProfIndex;
use crate::protocol::Rules;

/// What a read does when there is nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Sleeps until there is.
    Blocking,
    /// Returns [`Read::Empty`].
    NonBlocking,
}

/// The reader's own state. There is one for each ring.
#[derive(Debug)]
pub struct Reader {
    /// Where the next read begins (Go: `rNext`).
    pub(super) next: ProfIndex,
}

/// What a read returns.
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
    /// What was dropped, while the ring is empty.
    Overflow(Dropped),
}

impl<'a, B: Backend, R: Rules> Records<'a, B, R> {
    /// Records.
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
                let range = data..data + words;
                out.extend(range.map(|at| self.buf.data.get(at)));
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
        let (buf, tags) = match self.source {
            Source::Ring { tags, records, .. } => (self.buf, Some(tags..tags + records)),
            Source::Overflow(_) => (self.buf, None),
        };
        let slots = tags.clone().into_iter().flatten();
        let of_ring = slots.map(|at| Tag::new(buf.tags.get(at)));
        of_ring.chain(tags.is_none().then_some(None))
    }
}

impl<B: Backend, R: Rules> ProfBuf<B, R> {
    /// Gives back what the last read returned, and returns what comes next: records up to
    /// where the ring ends or goes on at its start, or else what was dropped, or else the
    /// end. To empty the ring, read until nothing comes (R11, R12).
    pub fn read(&self, reader: &mut Reader, mode: Mode) -> Read<'_, B, R> {
        let r = reader.next;
        self.give_back(r);
        loop {
            // Acquire pairs with the writer's commit.
            let w = ProfIndex(self.w.load(Ordering::Acquire));
            if ahead(w.data_count(), r.data_count()) > 0 {
                return self.read_records(reader, w);
            }
            if self.overflow.is_pending() {
                if let Some(dropped) = self.overflow.take() {
                    let source = Source::Overflow(dropped);
                    return Read::Records(Records { buf: self, source });
                }
                // The writer was faster; now it stands in the ring.
                continue;
            }
            if self.eof.load(Ordering::Acquire) > 0 {
                if self.rules.protocol().looks_again_at_eof && self.has_more(w) {
                    continue;
                }
                return Read::Eof;
            }
            if w.has(ProfIndex::WRITE_EXTRA) {
                // What it stood for has been looked at; if `w` has changed, there is more.
                let new = w.without(ProfIndex::WRITE_EXTRA);
                self.w.compare_and_swap(w.0, new.0, Ordering::AcqRel);
                continue;
            }
            if mode == Mode::NonBlocking {
                return Read::Empty;
            }
            let asleep = w.with(ProfIndex::READER_SLEEPING);
            if self.w.compare_and_swap(w.0, asleep.0, Ordering::AcqRel) {
                self.wait.sleep();
                self.wait.clear();
            }
        }
    }

    /// Returns what was read to the writer, its tags empty (R10, L6).
    fn give_back(&self, next: ProfIndex) {
        // Only the reader changes `r`.
        let r = ProfIndex(self.r.load(Ordering::Relaxed));
        if r == next {
            return;
        }
        for i in 0..ahead(next.tag_count(), r.tag_count()) {
            let at = self.tag_at(r.tag_count().wrapping_add(small(i)));
            self.tags.set(at, 0);
        }
        // Release pairs with the writer's load: the words are no longer in use.
        self.r.store(next.0, Ordering::Release);
    }

    /// Whether something has come since `w` was seen. Whoever has seen the end sees all
    /// that came before it (L4).
    fn has_more(&self, seen: ProfIndex) -> bool {
        let w = ProfIndex(self.w.load(Ordering::Acquire));
        w.data_count() != seen.data_count() || self.overflow.is_pending()
    }

    fn read_records(&self, reader: &mut Reader, w: ProfIndex) -> Read<'_, B, R> {
        let r = reader.next;
        let unread = ahead(w.data_count(), r.data_count());
        let mut at = self.data_at(r.data_count());
        // To the ring's end, or to where the writer is.
        let mut available = unread.min(self.data.len() - at);
        let mut skip = 0;
        if self.data.get(at) == 0 {
            // The rest was too short for a record: it goes on at the start.
            skip = available;
            available = unread - skip;
            at = 0;
        }
        let unread_tags = ahead(w.tag_count(), r.tag_count());
        if unread_tags == 0 {
            B::throw(Throw::TagsOutOfSync);
        }
        let tags = self.tag_at(r.tag_count());
        let available_tags = unread_tags.min(self.tags.len() - tags);

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
        reader.next = r.advanced(small(skip + words), small(records));
        let source = Source::Ring {
            data: at,
            tags,
            words,
            records,
        };
        Read::Records(Records { buf: self, source })
    }
}
