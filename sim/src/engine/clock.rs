//! Vector clocks: who knows of whose operations.
//!
//! Each M counts its own releases. What an M knows of another is the count up to which
//! everything that the other did happened before.

/// Ms of a program, at the most. A clock is copied at every release, so that this is small.
pub const MS_MAX: usize = 8;

/// How many releases an M has made. So small that a clock is one register of the machine: it is
/// joined and compared in one instruction. A run is too short for more.
pub(super) type Count = i16;

/// A count that nobody reaches: never.
pub(super) const NEVER: Count = Count::MAX;

/// For each M, a count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(align(16))]
pub(super) struct Clock(pub(super) [Count; MS_MAX]);

impl Clock {
    /// The clock of what happened before everything.
    pub(super) const ZERO: Self = Self([0; MS_MAX]);
    /// The clock of what never happened.
    pub(super) const NEVER: Self = Self([NEVER; MS_MAX]);

    /// For each M, what it knows as it begins: itself.
    pub(super) const OF_EACH: [Self; MS_MAX] = Self::with_own(Self::ZERO, 1);

    /// For each M, what never happened but for it, which happened before everything.
    const ONLY: [Self; MS_MAX] = Self::with_own(Self::NEVER, 0);

    const fn with_own(others: Self, own: Count) -> [Self; MS_MAX] {
        let mut clocks = [others; MS_MAX];
        let mut m = 0;
        while m < MS_MAX {
            clocks[m].0[m] = own;
            m += 1;
        }
        clocks
    }

    /// That count of M `m`; the others never.
    //
    // All at once, here and below: a processor stumbles over whoever writes one count
    // and reads the clock right behind.
    #[inline(always)]
    pub(super) fn only(m: usize, count: Count) -> Self {
        Self(Self::ONLY[m].0.map(|of| of.max(count)))
    }

    /// The count of M `m` is one more.
    #[inline(always)]
    pub(super) fn advance(&mut self, m: usize) {
        for (mine, one) in self.0.iter_mut().zip(Self::OF_EACH[m].0) {
            *mine += one;
        }
    }

    /// The earlier of both counts of each M.
    #[inline(always)]
    pub(super) fn lower(&mut self, other: &Self) {
        for (mine, theirs) in self.0.iter_mut().zip(other.0) {
            *mine = (*mine).min(theirs);
        }
    }

    /// Whether what M `m` did at that count happened before.
    #[inline(always)]
    pub(super) fn knows(&self, m: usize, count: Count) -> bool {
        count <= self.0[m]
    }

    /// Knows from now on what `other` knows, too.
    #[inline(always)]
    pub(super) fn join(&mut self, other: &Self) {
        for (mine, theirs) in self.0.iter_mut().zip(other.0) {
            *mine = (*mine).max(theirs);
        }
    }

    /// The first M whose count is not known.
    #[inline(always)]
    pub(super) fn first_unknown(&self, counts: &Self) -> Option<usize> {
        let unknown = counts.0.iter().zip(self.0);
        if unknown.fold(false, |any, (&count, mine)| any | (count > mine)) {
            return self.find_unknown(counts);
        }
        None
    }

    /// Looks for it: most of the time there is none.
    #[cold]
    #[inline(never)]
    fn find_unknown(&self, counts: &Self) -> Option<usize> {
        (0..MS_MAX).find(|&m| !self.knows(m, counts.0[m]))
    }

    /// Whether any of these counts is known.
    #[inline(always)]
    pub(super) fn knows_any(&self, counts: &Self) -> bool {
        let known = counts.0.iter().zip(self.0);
        known.fold(false, |any, (&count, mine)| any | (count <= mine))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knowledge_is_joined() {
        let mut one = Clock::OF_EACH[0];
        assert!(one.knows(0, 1) && !one.knows(1, 1));
        one.join(&Clock::OF_EACH[1]);
        assert!(one.knows(0, 1) && one.knows(1, 1) && !one.knows(1, 2));
    }

    #[test]
    fn never_is_not_known_and_before_everything_is() {
        assert!(!Clock::OF_EACH[0].knows_any(&Clock::NEVER));
        assert!(Clock::OF_EACH[0].knows_any(&Clock::ZERO));
        let mut seen = Clock::NEVER;
        seen.0[2] = 3;
        assert!(!Clock::OF_EACH[2].knows_any(&seen));
    }

    #[test]
    fn a_count_of_one_says_nothing_of_the_others() {
        let mut clock = Clock::only(2, 7);
        assert!(Clock([0, 0, 7, 0, 0, 0, 0, 0]).knows_any(&clock));
        assert!(!Clock([9, 9, 6, 9, 9, 9, 9, 9]).knows_any(&clock));
        clock.lower(&Clock::only(1, 3));
        assert_eq!(clock.0[..4], [NEVER, 3, 7, NEVER]);
        let mut clock = Clock::OF_EACH[1];
        clock.advance(1);
        assert_eq!(clock.0, [0, 2, 0, 0, 0, 0, 0, 0]);
    }

    #[test]
    fn the_first_that_is_unknown_is_found() {
        let mut counts = Clock::ZERO;
        assert_eq!(Clock::OF_EACH[0].first_unknown(&counts), None);
        counts.0 = [1, 0, 0, 1, 1, 0, 0, 0];
        assert_eq!(Clock::OF_EACH[0].first_unknown(&counts), Some(3));
    }
}
