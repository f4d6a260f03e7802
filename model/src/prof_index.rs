//! Positions in a ring: how many records and words were ever written or read, and
//! two flags, in one word that can be swapped at once (R3).
//!
//! ```text
//!  63                    34  33     32    31                    0
//! +-------------------------+-----+-------+----------------------+
//! |        tag count        |extra|sleeps |      data count      |
//! +-------------------------+-----+-------+----------------------+
//!  mod 2^30                  only in w     mod 2^32
//! ```
//!
//! Go: `runtime/profbuf.go`, `profIndex`.

/// A packed position.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct ProfIndex(pub u64);

impl ProfIndex {
    /// The reader sleeps and must be woken (Go: `profReaderSleeping`).
    pub const READER_SLEEPING: u64 = 1 << 32;

    /// An overflow or the end waits beside the ring (Go: `profWriteExtra`).
    pub const WRITE_EXTRA: u64 = 1 << 33;

    const TAG_SHIFT: u32 = 34;

    /// Words, mod 2^32.
    #[inline]
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "the low half is meant")]
    pub const fn data_count(self) -> u32 {
        self.0 as u32
    }

    /// Records, mod 2^30.
    #[inline]
    #[must_use]
    pub const fn tag_count(self) -> u32 {
        (self.0 >> Self::TAG_SHIFT) as u32
    }

    /// Whether this flag is set.
    #[inline]
    #[must_use]
    pub const fn has(self, flag: u64) -> bool {
        self.0 & flag != 0
    }

    /// With this flag.
    #[inline]
    #[must_use]
    pub const fn with(self, flag: u64) -> Self {
        Self(self.0 | flag)
    }

    /// Without this flag.
    #[inline]
    #[must_use]
    pub const fn without(self, flag: u64) -> Self {
        Self(self.0 & !flag)
    }

    /// Both flags, at their places in the word.
    #[inline]
    #[must_use]
    pub const fn flags(self) -> u64 {
        self.0 & (Self::READER_SLEEPING | Self::WRITE_EXTRA)
    }

    /// That many words and records further, without flags (Go:
    /// `addCountsAndClearFlags`).
    #[inline]
    #[must_use]
    pub const fn advanced(self, data: u32, tags: u32) -> Self {
        // What is carried out of the tag count leaves the word.
        let tag_count = (self.0 >> Self::TAG_SHIFT).wrapping_add(tags as u64);
        let data_count = self.data_count().wrapping_add(data);
        Self(tag_count << Self::TAG_SHIFT | data_count as u64)
    }
}

/// How far count `x` is ahead of count `y`, both of words or both of records, at most
/// 2^29 apart: the difference of 30 bits with its sign (Go: `countSub`).
#[inline]
#[must_use]
pub const fn count_sub(x: u32, y: u32) -> i32 {
    x.wrapping_sub(y).cast_signed() << 2 >> 2
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Guards R3.1.
    #[test]
    fn the_word_is_as_drawn() {
        let index = ProfIndex::default().advanced(5, 3);
        assert_eq!(index.0, 3 << 34 | 5);
        assert_eq!(
            index.with(ProfIndex::READER_SLEEPING).0,
            3 << 34 | 1 << 32 | 5
        );
        assert_eq!(index.with(ProfIndex::WRITE_EXTRA).0, 3 << 34 | 1 << 33 | 5);
    }

    /// Guards R3.1, R3.3.
    #[test]
    fn counts_and_flags_do_not_touch() {
        let index = ProfIndex::default().advanced(5, 3);
        assert_eq!((index.data_count(), index.tag_count()), (5, 3));
        let flagged = index
            .with(ProfIndex::READER_SLEEPING)
            .with(ProfIndex::WRITE_EXTRA);
        assert_eq!((flagged.data_count(), flagged.tag_count()), (5, 3));
        assert_eq!(flagged.advanced(0, 0), index);
        assert_eq!(
            flagged.without(ProfIndex::WRITE_EXTRA),
            index.with(ProfIndex::READER_SLEEPING)
        );
    }

    /// Guards R3.3.
    #[test]
    fn counts_wrap_each_on_its_own() {
        let last = ProfIndex::default().advanced(u32::MAX, (1 << 30) - 1);
        assert_eq!(last.tag_count(), (1 << 30) - 1);
        let first = last.advanced(1, 1);
        assert_eq!(first, ProfIndex::default());
    }

    /// Guards R3.2.
    #[test]
    fn differences_are_right_across_the_wrap() {
        assert_eq!(count_sub(5, 3), 2);
        assert_eq!(count_sub(3, 5), -2);
        assert_eq!(count_sub(1, u32::MAX), 2);
        assert_eq!(count_sub(0, (1 << 30) - 1), 1);
        assert_eq!(count_sub((1 << 30) - 1, 0), -1);
        assert_eq!(count_sub((1 << 29) - 1, 0), (1 << 29) - 1);
    }
}
