//! Vector clocks: who knows of whose operations.
//!
//! Each M counts its own releases. What an M knows of another is the count up to which
//! everything that the other did happened before.

/// Ms of a program, at the most. A clock is copied at every release, so that this is small.
pub const MS_MAX: usize = 8;

/// A count that nobody reaches: never.
pub(super) const NEVER: u32 = u32::MAX;

/// For each M, a count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Clock(pub(super) [u32; MS_MAX]);

impl Clock {
    /// What happened before everything.
    pub(super) const ZERO: Self = Self([0; MS_MAX]);
    /// What never happened.
    pub(super) const NEVER: Self = Self([NEVER; MS_MAX]);

    /// What an M knows as it begins: itself.
    pub(super) fn of(m: usize) -> Self {
        let mut clock = Self::ZERO;
        clock.0[m] = 1;
        clock
    }

    /// Whether what M `m` did at that count happened before.
    #[inline]
    pub(super) fn knows(&self, m: usize, count: u32) -> bool {
        count <= self.0[m]
    }

    /// Knows from now on what `other` knows, too.
    #[inline]
    pub(super) fn join(&mut self, other: &Self) {
        for (mine, theirs) in self.0.iter_mut().zip(other.0) {
            *mine = (*mine).max(theirs);
        }
    }

    /// Whether any of these counts is known.
    #[inline]
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
        let mut one = Clock::of(0);
        assert!(one.knows(0, 1) && !one.knows(1, 1));
        one.join(&Clock::of(1));
        assert!(one.knows(0, 1) && one.knows(1, 1) && !one.knows(1, 2));
    }

    #[test]
    fn never_is_not_known_and_before_everything_is() {
        assert!(!Clock::of(0).knows_any(&Clock::NEVER));
        assert!(Clock::of(0).knows_any(&Clock::ZERO));
        let mut seen = Clock::NEVER;
        seen.0[2] = 3;
        assert!(!Clock::of(2).knows_any(&seen));
    }
}
