//! The strategies, which decide who goes on, behind one trait.
//!
//! | strategy | what it is best at |
//! |---|---|
//! | [`RandomWalk`] | nothing in particular, anywhere |
//! | [`Pct`] | bugs that need few switches, with a bound on the chance to miss them |
//! | [`RoundRobin`] | the plain run, with everybody in turns |
//! | [`Bounded`] | all runs up to so many switches, weak memory included |
//! | [`Dpor`] | all runs, each kind once or a few times, under sequential consistency or with weak memory |
//! | [`Replay`] | one run again |

mod bounded;
mod dpor;
mod estimate;
mod pct;
mod random;
mod replay;
mod round_robin;

pub use bounded::Bounded;
pub use dpor::Dpor;
pub use estimate::Estimate;
pub use pct::Pct;
pub use random::RandomWalk;
pub use replay::Replay;
pub use round_robin::RoundRobin;

use super::clock::MS_MAX;
use crate::seed::Seed;

/// A set of Ms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ms(pub u16);

// A byte's worth, so that what is asked of a set at every turn can stand in a table: not every
// processor that this is built for counts bits, and a loop over them is a branch that is guessed wrong.
const _: () = assert!(MS_MAX == 8);

/// For each set, how many it has.
#[expect(clippy::cast_possible_truncation, reason = "one bit")]
const LENS: [u8; 256] = {
    let mut lens = [0; 256];
    let mut set = 1;
    while set < 256 {
        lens[set] = lens[set >> 1] + (set & 1) as u8;
        set += 1;
    }
    lens
};

/// For each set, its Ms in order.
#[expect(clippy::cast_possible_truncation, reason = "there are 8 Ms")]
const NTHS: [[u8; MS_MAX]; 256] = {
    let mut nths = [[0; MS_MAX]; 256];
    let mut set = 0;
    while set < 256 {
        let (mut m, mut n) = (0, 0);
        while m < MS_MAX {
            if set >> m & 1 != 0 {
                nths[set][n] = m as u8;
                n += 1;
            }
            m += 1;
        }
        set += 1;
    }
    nths
};

impl Ms {
    /// A set of no M.
    pub const NONE: Self = Self(0);

    /// So many: those with the lowest numbers.
    #[inline]
    #[must_use]
    pub fn below(count: usize) -> Self {
        Self((1 << count) - 1)
    }

    /// Whether it is in the set.
    #[inline]
    #[must_use]
    pub fn has(self, m: usize) -> bool {
        self.0 >> m & 1 != 0
    }

    /// The set with this M.
    #[inline]
    #[must_use]
    pub fn with(self, m: usize) -> Self {
        Self(self.0 | 1 << m)
    }

    /// The set without this M.
    #[inline]
    #[must_use]
    pub fn without(self, m: usize) -> Self {
        Self(self.0 & !(1 << m))
    }

    #[inline]
    const fn byte(self) -> usize {
        self.0 as usize % 256
    }

    /// How many there are.
    #[inline]
    #[must_use]
    pub fn len(self) -> usize {
        LENS[self.byte()].into()
    }

    /// Whether there is none.
    #[inline]
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether there is just one, or none.
    #[inline]
    #[must_use]
    pub fn is_single(self) -> bool {
        self.0 & self.0.wrapping_sub(1) == 0
    }

    /// The one with the lowest number; of none, 0.
    #[inline]
    #[must_use]
    pub fn first(self) -> usize {
        // Of none, the bit beyond the end, which is cut off.
        (u32::from(self.0) | 1 << u16::BITS).trailing_zeros() as usize % 16
    }

    /// The one with `n` lower ones in the set; there must be so many.
    #[inline]
    #[must_use]
    pub fn nth(self, n: usize) -> usize {
        NTHS[self.byte()][n % MS_MAX].into()
    }

    /// How many have a lower number.
    #[inline]
    #[must_use]
    pub fn rank(self, m: usize) -> usize {
        Self(self.0 & ((1 << m) - 1)).len()
    }

    /// All of them, in order.
    pub fn iter(mut self) -> impl Iterator<Item = usize> {
        std::iter::from_fn(move || {
            let first = (!self.is_empty()).then(|| self.first())?;
            self = self.without(first);
            Some(first)
        })
    }
}

/// How an operation uses a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// Not at all: the M begins, or ends.
    None,
    /// A look at the word.
    Read,
    /// A change of the word, perhaps.
    Write,
    /// The same, in a loop that has changed nothing since it looked, and looks again if it fails.
    WeakSwap,
    /// A wait until the word is another than this, and a look at it.
    Await(u64),
}

impl Use {
    /// Whether it is a change of the word, perhaps.
    #[inline]
    #[must_use]
    pub fn is_change(self) -> bool {
        matches!(self, Self::Write | Self::WeakSwap)
    }
}

/// An operation that an M is about to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Access {
    /// The atomic word or note; plain words are none of them, and have no number here.
    pub word: usize,
    /// The purpose of the access.
    pub used: Use,
}

impl Default for Access {
    fn default() -> Self {
        Self::NONE
    }
}

impl Access {
    /// One that has nothing to do with any word that is shared.
    pub const NONE: Self = Self {
        word: usize::MAX,
        used: Use::None,
    };

    /// Whether the two can be swapped without anybody noticing.
    #[must_use]
    pub fn is_independent_of(self, other: Self) -> bool {
        let is_read = |used| matches!(used, Use::Read | Use::Await(_));
        self.word != other.word
            || self.used == Use::None
            || other.used == Use::None
            || is_read(self.used) && is_read(other.used)
    }
}

/// Somebody has to be chosen.
#[derive(Clone, Copy, Debug)]
pub struct Turn<'a> {
    /// The M that ran last; [`MS_MAX`] if nobody has.
    pub last: usize,
    /// Ms that can go on: at least one.
    pub ready: Ms,
    /// The next access of each M.
    pub pending: &'a [Access; MS_MAX],
}

impl Turn<'_> {
    /// The dull choice: the M that ran goes on if it can.
    #[inline]
    #[must_use]
    pub fn dull(&self) -> usize {
        if self.ready.has(self.last) {
            self.last
        } else {
            self.ready.first()
        }
    }
}

/// An operation that was done on an atomic word.
#[derive(Clone, Copy, Debug)]
pub struct Event {
    /// By this M.
    pub m: usize,
    /// Whether its handler did it.
    pub is_handler: bool,
    /// On this word, and how; what it did in the end.
    pub access: Access,
    /// The word before and after.
    pub was: u64,
    /// The word after (see `was`).
    pub is: u64,
}

/// The draws of a strategy that decides by nothing else.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tape {
    /// Of each turn, in their order: of `n` Ms that can go on, the one of rank `draw * n / 2^32`.
    pub draws: Vec<u32>,
    /// Of each M, the point at which its signal comes, from 0 on.
    pub signals: Vec<u32>,
}

/// How a run came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// All Ms ended.
    All,
    /// A law was broken. The Ms in the set wait, and nobody can go on.
    Broken(Ms),
    /// The strategy had seen enough.
    Pruned,
}

/// Decides all that is left open in a run, and says when there is nothing left to run.
///
/// A strategy must decide by what it is told and by its seed alone: the same run, whenever
/// and wherever. One that wraps another forwards every question, those with a default answer,
/// too.
pub trait Strategy {
    /// Another run begins; false if there is none that would be new.
    fn begin(&mut self) -> bool;

    /// Becomes the one of another seed, if it is seeded: as good as a new one, in its place.
    fn reseed(&mut self, _seed: Seed, _estimate: &Estimate) -> bool {
        false
    }

    /// Chooses the M that goes on; none to end the run. Asked if there is more than
    /// one, or always if it [sees all](Self::sees_all).
    fn choose(&mut self, turn: &Turn<'_>) -> Option<usize>;

    /// Whether the signal that is pending for this M comes here.
    fn signal(&mut self, m: usize) -> bool;

    /// Chooses which of so many stores a load takes; 0 is the newest. There are at least two.
    fn age(&mut self, stores: usize) -> usize;

    /// All that it will draw in the run that begins, if that is all that it decides by: at each
    /// turn the M of this rank, and signals at these points.
    fn tape(&self) -> Option<Tape> {
        None
    }

    /// The first answers of the run that begins, if it sees all and knows that beforehand: at each turn
    /// the M, at each point with a signal pending whether it comes (1) or not (0), of each load with more
    /// than one store in its reach the age. It is not asked again there, and not told what was done.
    /// Whoever wraps it, and wants to know, does not forward this one.
    fn ahead(&mut self, _answers: &mut Vec<u8>) {}

    /// Whether it is asked at every turn, and told of every event.
    fn sees_all(&self) -> bool {
        false
    }

    /// Whether an M begins with a turn in which it does nothing, before the turn of its first
    /// operation. If not, who is chosen to begin does its first operation.
    fn begins_apart(&self) -> bool {
        self.sees_all()
    }

    /// Whether loads may take older stores.
    fn has_weak_memory(&self) -> bool {
        true
    }

    /// Whether Ms may be switched at plain words, too. What nothing orders is found to be a
    /// race in either case; only a strategy that runs through everything should not.
    fn switches_at_plain_words(&self) -> bool {
        true
    }

    /// Something was done.
    fn did(&mut self, _event: &Event) {}

    /// The run has ended.
    fn end(&mut self, _ended: Ended, _pending: &[Access; MS_MAX]) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_counted_from_below() {
        let ms = Ms::default().with(1).with(4).with(6);
        assert_eq!((ms.len(), ms.first(), ms.nth(1), ms.nth(2)), (3, 1, 4, 6));
        assert_eq!((ms.rank(1), ms.rank(5), ms.rank(7)), (0, 2, 3));
        assert_eq!(ms.without(4).iter().collect::<Vec<_>>(), [1, 6]);
        assert!(ms.has(4) && !ms.has(5) && Ms::default().is_empty());
    }

    #[test]
    fn two_looks_at_a_word_can_be_swapped_and_a_look_and_a_change_cannot() {
        let access = |word, used| Access { word, used };
        assert!(access(1, Use::Read).is_independent_of(access(1, Use::Await(0))));
        assert!(!access(1, Use::Read).is_independent_of(access(1, Use::Write)));
        assert!(!access(1, Use::Write).is_independent_of(access(1, Use::Await(0))));
        assert!(access(1, Use::Write).is_independent_of(access(2, Use::Write)));
        assert!(Access::NONE.is_independent_of(Access::NONE));
    }
}
