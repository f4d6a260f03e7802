//! Probabilistic concurrency testing.
//!
//! Each M has a priority, all different, drawn at the start; the one with the highest among
//! those that can go on does. At `d - 1` operations, drawn among the `k` of the run, the M
//! that runs falls below all others. A bug that needs `d` orders between operations to be
//! right is found by a run with a chance of at least
//!
//! ```text
//! 1 / (n * k^(d - 1))        n Ms, k operations, depth d
//! ```
//!
//! (Burckhardt, Kothari, Musuvathi and Nagarakatte, "A randomized scheduler with
//! probabilistic guarantees of finding bugs", ASPLOS 2010.) The bound is for interleavings;
//! signals and old stores are drawn besides, and it says nothing of these.
//!
//! The paper takes `k` for granted. Here it is that of one run of the program with everybody
//! in turns, the [`Estimate`], which is the same for all seeds: so a seed alone names its run.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::random::below;
use super::{Strategy, Turn};
use crate::engine::clock::MS_MAX;
use crate::seed::Seed;

/// How long a program is, as one run of it has shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Estimate {
    /// Ms.
    pub ms: usize,
    /// Turns.
    pub turns: usize,
    /// Points that each M passes, those of its handler left out.
    pub points: [usize; MS_MAX],
}

/// The points at which signals come.
#[derive(Debug)]
pub(super) struct SignalPlaces {
    at: [usize; MS_MAX],
    passed: [usize; MS_MAX],
}

impl SignalPlaces {
    pub(super) fn draw(seed: Seed, estimate: &Estimate) -> Self {
        let mut rng = seed.rng();
        // One more than there are: not at all.
        let at = estimate.points.map(|points| below(&mut rng, points + 2));
        let passed = [0; MS_MAX];
        Self { at, passed }
    }

    pub(super) fn comes(&mut self, m: usize) -> bool {
        let passed = self.passed[m];
        self.passed[m] += 1;
        passed == self.at[m]
    }
}

/// One run of it.
#[derive(Debug)]
pub struct Pct {
    rng: ChaCha8Rng,
    /// Higher goes first.
    priorities: [u32; MS_MAX],
    /// Turns at which the M that runs falls, the next one last.
    falls: Vec<usize>,
    next_fall: usize,
    /// What it falls to: lower each time.
    floor: u32,
    turn: usize,
    signals: SignalPlaces,
    has_run: bool,
}

impl Pct {
    /// The run of this seed with that depth, of a program that is about so long.
    ///
    /// Depth 1 has no falls; 0 is taken for 1.
    #[must_use]
    pub fn new(seed: Seed, depth: usize, estimate: &Estimate) -> Self {
        let seed = seed.split("pct");
        let mut rng = seed.split("turns").rng();
        let falls_count = depth.saturating_sub(1);
        let floor = u32::try_from(falls_count).unwrap_or(u32::MAX - 32);
        let mut priorities = [0; MS_MAX];
        for (above, m) in (1..).zip(0..MS_MAX) {
            priorities[m] = floor + above;
        }
        for i in (1..estimate.ms.min(MS_MAX)).rev() {
            priorities.swap(i, below(&mut rng, i + 1));
        }
        let turns = estimate.turns.max(1);
        let mut falls: Vec<_> = (0..falls_count)
            .map(|_| 1 + below(&mut rng, turns))
            .collect();
        falls.sort_unstable_by(|a, b| b.cmp(a));
        let next_fall = falls.pop().unwrap_or(usize::MAX);
        Self {
            rng,
            priorities,
            falls,
            next_fall,
            floor,
            turn: 0,
            signals: SignalPlaces::draw(seed.split("signals"), estimate),
            has_run: false,
        }
    }

    #[cold]
    fn fall(&mut self, m: usize) {
        while self.next_fall <= self.turn {
            self.priorities[m] = self.floor;
            self.floor = self.floor.saturating_sub(1);
            self.next_fall = self.falls.pop().unwrap_or(usize::MAX);
        }
    }
}

impl Strategy for Pct {
    fn begin(&mut self) -> bool {
        !std::mem::replace(&mut self.has_run, true)
    }

    #[inline]
    fn choose(&mut self, turn: &Turn<'_>) -> Option<usize> {
        self.turn += 1;
        if self.turn >= self.next_fall {
            self.fall(turn.last);
        }
        let mut rest = turn.ready;
        let mut best = rest.first();
        rest = rest.without(best);
        while !rest.is_empty() {
            let m = rest.first();
            if self.priorities[m] > self.priorities[best] {
                best = m;
            }
            rest = rest.without(m);
        }
        Some(best)
    }

    fn signal(&mut self, m: usize) -> bool {
        self.signals.comes(m)
    }

    /// Mostly the newest: a run in which everything is old shows little.
    #[inline]
    fn age(&mut self, stores: usize) -> usize {
        let draw = self.rng.next_u32();
        if draw & 3 != 0 {
            return 0;
        }
        let draw = u64::from(draw >> 2);
        usize::try_from((draw * stores as u64) >> 30).unwrap_or(0)
    }
}
