//! The ring between signal handler and reader.
//!
//! A handler must not wait, allocate or lock what others hold, and yet hand over
//! records of any length. So it writes into a ring that was made beforehand; and what
//! does not fit is dropped and counted, and the count is delivered in its place.
//!
//! # A record
//!
//! ```text
//! +-----+------+------------------+-----------------+
//! | len | time | header (hdrsize) | stack (0, 1, ..) |    len counts all of it
//! +-----+------+------------------+-----------------+
//! ```
//!
//! With each goes one *tag* (a goroutine's labels), in a ring of its own beside the
//! words. A record of what was dropped has the time of the first, a header of zeroes,
//! the count as its stack, and no tag (R1, R7); so a real header is never all zero.
//!
//! # The ring
//!
//! ```text
//!            r            rNext                   w
//!  ..........|============|#######################|..........
//!   free      returned by   written, not yet read   free
//!             the last read
//! ```
//!
//! `w` is moved by the writer, `r` and `rNext` by the reader. A record lies in one
//! piece: where the rest of the ring is too short for it, a word of zero says that
//! the ring goes on at its start, and the rest counts as written (R5). What a read
//! returns stays in use until the next read, which gives it back (R10).
//!
//! # What is there, and what a read returns
//!
//! ```text
//!  records   pending   eof   extra   |  a read
//! -----------------------------------+-----------------------------------------------
//!  some      any       any   any     |  one run of whole records
//!  none      some      any   any     |  the overflow, made up by the reader
//!  none      none      yes   any     |  the end, as often as asked
//!  none      none      no    yes     |  takes `extra` away and looks again
//!  none      none      no    no      |  nothing; or raises `sleeping`, sleeps, looks again
//! ```
//!
//! # What a write does
//!
//! ```text
//!  pending   room for          |  a write
//! -----------------------------+-----------------------------------------------------
//!  none      the record        |  writes it
//!  none      no record         |  counts it as dropped, raises `extra`, wakes
//!  some      both              |  writes the overflow (unless the reader has), then it
//!  some      not both          |  counts it as dropped, raises `extra`, wakes
//! ```
//!
//! # Laws
//!
//! [L2](Law::Whole) and [L3](Law::InOrder): what is read are the records that were
//! written, whole and in order, with what was dropped in its place among them (R6, R9).
//! [L4](Law::Conserved): each is read once or counted once. [L5](Law::FirstDrop): the
//! count bears the time of the first. [L7](Law::OwnTag): the tag slots that the writer
//! uses are empty, so that a record without a tag leaves its slot alone (R10).
//! [L8](Law::EofLast): the end comes last (R12). [L9](Law::Woken), [L10](Law::WokenOnce):
//! a reader that sleeps is woken by what it waits for, and once (R13).
//!
//! Go breaks L8 in all releases (B30), L10 until 1.25 (B31) and L3 in all (B32): see
//! [`crate::defects`].
//!
//! # Who races with whom
//!
//! One writer at a time (the signal lock makes sure of it) and one reader. They share `r`, `w`, the
//! [`Overflow`] and `eof`. Both change `w`: the writer commits, the reader sets and clears flags;
//! so both swap. The ring's words are the writer's between `w` and `r` and the reader's between `r`
//! and `w`.
//!
//! | child | what |
//! |---|---|
//! | `write` | the writer: room, overflow or record, commit, wake-up |
//! | `read` | the reader: commit of the last read, overflow, end, sleep, records |
//!
//! Go: `runtime/profbuf.go`, which says all this in the comment above `profBuf`.

mod read;
mod write;

pub use read::{Mode, Read, Reader, Records};
pub use write::Wrote;

use crate::backend::text::Function;
use crate::backend::{Atomic, Backend, Call, Note, Ordering, Throw, Within, Words};
use crate::overflow::Overflow;
use crate::prof_index::{ProfIndex, count_sub};
use crate::protocol::{Flaw, Rules, Site};
use sigprof_wire::limits::RECORD_PREFIX_WORDS;

#[cfg(doc)]
use crate::law::Law;

/// The tag of a record: the address of a goroutine's labels, or any number but zero.
pub type Tag = std::num::NonZeroU64;

/// Buffers must be smaller than this in words and in tags (Go: `newProfBuf`).
const TOO_LARGE: usize = 1 << 28;

/// Words of a record before its header.
#[expect(clippy::cast_possible_truncation, reason = "2 fits")]
const PREFIX: usize = RECORD_PREFIX_WORDS as usize;

/// The ring between signal handlers and one reader.
pub struct ProfBuf<B: Backend, R: Rules> {
    // Shared.
    r: B::U64,
    w: B::U64,
    overflow: Overflow<B, R>,
    eof: B::U32,

    // Fixed.
    rules: R,
    hdrsize: usize,

    // The writer's or the reader's, by place.
    data: B::Words,
    tags: B::Words,

    // Where the reader sleeps.
    wait: B::Note,
}

impl<B: Backend, R: Rules> ProfBuf<B, R> {
    /// A ring for headers of `hdrsize` words, with room for at least that many words
    /// and records; both are rounded up to powers of two, so that counts which wrap stay
    /// in step with places in the ring (R2). The [`Reader`] goes with it.
    #[must_use]
    pub fn new(rules: R, hdrsize: usize, words: usize, tags: usize) -> (Self, Reader) {
        Self::with_history(rules, hdrsize, words, tags, ProfIndex::default())
    }

    /// The same, through which `history` has already gone: for runs near the wrap of the
    /// counts, which otherwise takes 2^30 records.
    #[must_use]
    pub fn with_history(
        rules: R,
        hdrsize: usize,
        words: usize,
        tags: usize,
        history: ProfIndex,
    ) -> (Self, Reader) {
        let history = history.advanced(0, 0);
        let words = words.max(PREFIX + hdrsize + 1);
        if words >= TOO_LARGE || tags >= TOO_LARGE {
            B::throw(Throw::BufferTooLarge);
        }
        let buf = Self {
            r: B::U64::new("r", history.0),
            w: B::U64::new("w", history.0),
            overflow: Overflow::new(rules),
            eof: B::U32::new("eof", 0),
            rules,
            hdrsize,
            data: B::Words::new("data", words.next_power_of_two()),
            tags: B::Words::new("tags", tags.next_power_of_two()),
            wait: B::Note::new("wait"),
        };
        B::instead(Function::NewProfBuf, || buf.numbers(history));
        (buf, Reader { next: history })
    }

    /// The number by which another text knows it.
    pub(crate) fn number(&self) -> u64 {
        self.w.number()
    }

    /// Its words by number, and its sizes, for another text.
    fn numbers(&self, history: ProfIndex) -> Vec<u64> {
        let [overflow, time] = self.overflow.numbers();
        let words = [self.r.number(), self.w.number(), overflow, time];
        let others = [self.eof.number(), self.wait.number()];
        let spans = [self.data.number(), self.tags.number()];
        let sizes = [self.hdrsize, self.data.len(), self.tags.len()].map(|n| n as u64);
        [&words[..], &others, &spans, &sizes, &[history.0]].concat()
    }

    /// Says that nothing more will be written. Once everything has been read, reads
    /// report the end. Go throws if it is called twice.
    pub fn close(&self) {
        let _call = Within::<B>::new(Call::of_ring("(*profBuf).close"));
        if B::instead(Function::Close, || vec![self.w.number()]).is_some() {
            return;
        }
        if self.eof.load(Ordering::Relaxed) > 0 {
            B::throw(Throw::AlreadyClosed);
        }
        if self.rules.has(Flaw::WokenBeforeEof) {
            self.wakeup_extra();
        }
        self.eof.store(1, self.rules.order(Site::EofSet));
        if !self.rules.has(Flaw::WokenBeforeEof) {
            self.wakeup_extra();
        }
    }

    /// Gives the ring up: nobody is to write or read records any more (L12). In Go it is garbage
    /// from here on, but for whoever still holds it.
    pub fn retire(&self) {
        self.data.retire();
    }

    /// Tells the reader of something beside the ring: an overflow or the end.
    fn wakeup_extra(&self) {
        let _call = Within::<B>::new(Call::of_ring("(*profBuf).wakeupExtra"));
        loop {
            let old = ProfIndex(self.w.load(Ordering::Relaxed));
            let mut new = old.with(ProfIndex::WRITE_EXTRA);
            if self.rules.has(Flaw::ExtraNotRaised) {
                new = old;
            }
            if self.rules.protocol().extra_clears_sleeping {
                new = new.without(ProfIndex::READER_SLEEPING);
            }
            let order = self.rules.order(Site::ExtraRaised);
            if self.w.compare_and_swap_weak(old.0, new.0, order) {
                if old.has(ProfIndex::READER_SLEEPING) {
                    self.wake_reader();
                }
                return;
            }
        }
    }

    fn wake_reader(&self) {
        if !self.wait.wake() {
            B::throw(Throw::DoubleWakeup);
        }
    }

    /// Words of a record with a stack of this length.
    #[inline]
    fn record_len(&self, stack: usize) -> usize {
        PREFIX + self.hdrsize + stack
    }

    /// How far count `x` is ahead of count `y`, which it is never behind. A negative
    /// difference, to which Go adds the ring's length where it asks whether half of it is
    /// unread (R14), would be 0 here.
    #[inline]
    fn ahead(&self, x: u32, y: u32) -> usize {
        let ahead = if self.rules.has(Flaw::DifferenceOf32Bits) {
            x.wrapping_sub(y).cast_signed()
        } else {
            count_sub(x, y)
        };
        usize::try_from(ahead).unwrap_or(0)
    }

    /// The place in the ring of a count of words.
    #[inline]
    fn data_at(&self, count: u32) -> usize {
        count as usize & (self.data.len() - 1)
    }

    /// The place in the ring of a count of records.
    #[inline]
    fn tag_at(&self, count: u32) -> usize {
        count as usize & (self.tags.len() - 1)
    }
}

/// A number of words or records, which is below 2^28.
#[inline]
#[expect(
    clippy::cast_possible_truncation,
    reason = "rings are smaller than 2^28"
)]
const fn small(n: usize) -> u32 {
    n as u32
}
