//! How long a program is, and where signals come in a run of it: what seeded strategies share.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use crate::engine::clock::MS_MAX;
use crate::seed::Seed;

/// How long a program is, as a few runs of it have shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Estimate {
    /// The number of Ms.
    pub ms: usize,
    /// Operations: turns at which there was somebody to choose, or operations on shared words,
    /// whichever are more. Turns alone would be too few: where an M is alone there is none.
    pub operations: usize,
    /// Points that each M passes, those of its handler left out.
    pub points: [u32; MS_MAX],
}

impl Estimate {
    /// Takes the longer of the two, part by part.
    pub(in crate::engine) fn extend(&mut self, other: &Self) {
        self.ms = self.ms.max(other.ms);
        self.operations = self.operations.max(other.operations);
        for (mine, theirs) in self.points.iter_mut().zip(other.points) {
            *mine = (*mine).max(theirs);
        }
    }
}

/// The points at which signals come.
#[derive(Debug)]
pub(super) struct SignalPlaces {
    seed: Seed,
    /// So many points each M passes.
    points: [u32; MS_MAX],
    /// Drawn when the first signal is asked for: most programs have none.
    drawn: Option<Box<Drawn>>,
}

/// Where each M gets its signal, and how many points it has passed.
#[derive(Debug)]
struct Drawn {
    at: [u32; MS_MAX],
    passed: [u32; MS_MAX],
}

impl SignalPlaces {
    /// Of the strategy with this seed.
    #[inline]
    pub(super) fn new(seed: Seed, estimate: &Estimate) -> Self {
        Self {
            seed,
            points: estimate.points,
            drawn: None,
        }
    }

    #[cold]
    fn draw(&self) -> Box<Drawn> {
        let mut rng = self.seed.split("signals").rng();
        // One more than there are: not at all.
        let draw = |points| small(below(&mut rng, points as usize + 2));
        Box::new(Drawn {
            at: self.points.map(draw),
            passed: [0; MS_MAX],
        })
    }

    /// Of each M, the point at which its signal comes.
    pub(super) fn places(&self) -> Vec<u32> {
        self.draw().at.to_vec()
    }

    pub(super) fn comes(&mut self, m: usize) -> bool {
        let mut drawn = self.drawn.take().unwrap_or_else(|| self.draw());
        let passed = drawn.passed[m];
        drawn.passed[m] += 1;
        let comes = passed == drawn.at[m];
        self.drawn = Some(drawn);
        comes
    }
}

/// No run is so long that it would not fit.
pub(super) fn small(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX - 2)
}

/// A number below `count`. Its bias is below 2^-28 for what there is to choose here.
#[inline]
pub(super) fn below(rng: &mut ChaCha8Rng, count: usize) -> usize {
    let draw = u64::from(rng.next_u32());
    usize::try_from((draw * count as u64) >> 32).unwrap_or(0)
}
