//! Sizes of rings, each with its source in Go.

use sigprof_wire::limits::{PROF_BUF_TAGS, PROF_BUF_WORDS};

/// Words for the stacks of threads that are not Go's, each with a word for its length
/// (Go: `runtime/cpuprof.go`, `cpuProfile.extra`; R27).
pub const EXTRA_WORDS: usize = 1000;

/// The size of a ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// Words of 8 bytes.
    pub words: usize,
    /// Records, with one tag slot each.
    pub tags: usize,
}

impl Sizes {
    /// The size of Go's rings.
    #[expect(clippy::cast_possible_truncation, reason = "they fit")]
    pub const GO: Self = Self {
        words: PROF_BUF_WORDS as usize,
        tags: PROF_BUF_TAGS as usize,
    };
}

#[cfg(test)]
mod tests {
    use sigprof_wire::limits::MAX_CPU_PROF_STACK;

    use super::*;

    /// Guards R2.3, R24.1, R27.1.
    #[test]
    fn sizes_are_gos() {
        let Sizes { words, tags } = Sizes::GO;
        assert_eq!((words, tags), (131_072, 16_384));
        assert_eq!((MAX_CPU_PROF_STACK, EXTRA_WORDS), (64, 1000));
    }
}
