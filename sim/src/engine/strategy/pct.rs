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
//! The first turn is none of the `k`: nobody runs yet who could fall.
//!
//! The paper takes `k` for granted. Here it is that of a few ordinary runs of the
//! program, the [`Estimate`], which is the same for all seeds: so a seed alone names its run.

use super::estimate::{Estimate, SignalPlaces, small};
use super::{Ms, Strategy, Turn};
use crate::engine::clock::MS_MAX;
use crate::seed::{Draws, Seed};

/// Falls of a run, at the most.
const FALLS_MAX: usize = 8;

/// One run of it.
#[derive(Debug)]
pub struct Pct {
    ages: Draws,
    depth: usize,
    /// Higher goes first.
    priorities: [u32; MS_MAX],
    /// Turns at which the M that runs falls, the next one last, as many as are left.
    falls: [u32; FALLS_MAX],
    falls_left: usize,
    next_fall: u32,
    /// The priority that it falls to: lower each time.
    floor: u32,
    turn: u32,
    /// The best of a set of Ms, as it was at the last turn: most turns are like it.
    best: usize,
    best_of: Ms,
    signals: SignalPlaces,
    has_run: bool,
}

impl Pct {
    /// The run of this seed with that depth, of a program that is about so long.
    ///
    /// Depth 1 has no falls; 0 is taken for 1, and more than 9 for 9.
    #[must_use]
    pub fn new(seed: Seed, depth: usize, estimate: &Estimate) -> Self {
        let seed = seed.split("pct");
        let mut draws = seed.split("turns").draws();
        let falls_left = depth.saturating_sub(1).min(FALLS_MAX);
        let floor = small(falls_left);
        let mut priorities = [0; MS_MAX];
        for (above, m) in (1..).zip(0..MS_MAX) {
            priorities[m] = floor + above;
        }
        for i in (1..estimate.ms.min(MS_MAX)).rev() {
            priorities.swap(i, draws.below(i + 1));
        }
        let operations = estimate.operations.saturating_sub(1).max(1);
        let mut falls = [0; FALLS_MAX];
        for fall in &mut falls[..falls_left] {
            *fall = small(2 + draws.below(operations));
        }
        falls[..falls_left].sort_unstable_by(|a, b| b.cmp(a));
        let mut pct = Self {
            depth,
            ages: seed.split("ages").draws(),
            priorities,
            falls,
            falls_left,
            next_fall: 0,
            floor,
            turn: 0,
            best: 0,
            best_of: Ms::NONE,
            signals: SignalPlaces::new(seed, estimate),
            has_run: false,
        };
        pct.await_next_fall();
        pct
    }

    #[inline]
    fn await_next_fall(&mut self) {
        self.next_fall = u32::MAX;
        if let Some(left) = self.falls_left.checked_sub(1) {
            (self.falls_left, self.next_fall) = (left, self.falls[left]);
        }
    }

    #[cold]
    fn fall(&mut self, m: usize) {
        while self.next_fall <= self.turn {
            if let Some(priority) = self.priorities.get_mut(m) {
                *priority = self.floor;
            }
            self.floor = self.floor.saturating_sub(1);
            self.await_next_fall();
        }
        self.best_of = Ms::NONE;
    }

    fn best_of(&self, ready: Ms) -> usize {
        let mut best = ready.first();
        for m in ready.without(best).iter() {
            if self.priorities[m] > self.priorities[best] {
                best = m;
            }
        }
        best
    }
}

impl Strategy for Pct {
    fn begin(&mut self) -> bool {
        !std::mem::replace(&mut self.has_run, true)
    }

    fn reseed(&mut self, seed: Seed, estimate: &Estimate) -> bool {
        *self = Self::new(seed, self.depth, estimate);
        true
    }

    #[inline]
    fn choose(&mut self, turn: &Turn<'_>) -> Option<usize> {
        self.turn += 1;
        if self.turn >= self.next_fall {
            self.fall(turn.last);
        }
        if turn.ready != self.best_of {
            (self.best, self.best_of) = (self.best_of(turn.ready), turn.ready);
        }
        Some(self.best)
    }

    fn signal(&mut self, m: usize) -> bool {
        self.signals.comes(m)
    }

    /// Mostly the newest: a run in which everything is old shows little.
    #[inline]
    fn age(&mut self, stores: usize) -> usize {
        if self.ages.below(4) != 0 {
            return 0;
        }
        self.ages.below(stores)
    }
}
