//! A random walk.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::estimate::{Estimate, SignalPlaces, below};
use super::{Strategy, Tape, Turn};
use crate::seed::Seed;

/// At each turn any M that can go on, each with the same chance; a load takes any store in
/// reach. The signal of an M comes at a point that is drawn beforehand among all that the M
/// passes in an ordinary run, or not at all.
#[derive(Debug)]
pub struct RandomWalk {
    rng: ChaCha8Rng,
    signals: SignalPlaces,
    has_run: bool,
}

impl RandomWalk {
    /// The run of this seed, of a program that is about so long.
    #[must_use]
    pub fn new(seed: Seed, estimate: &Estimate) -> Self {
        let seed = seed.split("random walk");
        Self {
            rng: seed.split("turns").rng(),
            signals: SignalPlaces::new(seed, estimate),
            has_run: false,
        }
    }
}

impl Strategy for RandomWalk {
    fn begin(&mut self) -> bool {
        !std::mem::replace(&mut self.has_run, true)
    }

    fn reseed(&mut self, seed: Seed, estimate: &Estimate) -> bool {
        *self = Self::new(seed, estimate);
        true
    }

    #[inline]
    fn choose(&mut self, turn: &Turn<'_>) -> Option<usize> {
        Some(turn.ready.nth(below(&mut self.rng, turn.ready.len())))
    }

    fn signal(&mut self, m: usize) -> bool {
        self.signals.comes(m)
    }

    fn tape(&self) -> Option<Tape> {
        /// Turns of a run of most scenarios, and more.
        const TURNS: usize = 64;
        let mut rng = self.rng.clone();
        Some(Tape {
            draws: (0..TURNS).map(|_| rng.next_u32()).collect(),
            signals: self.signals.places(),
        })
    }

    #[inline]
    fn age(&mut self, stores: usize) -> usize {
        below(&mut self.rng, stores)
    }
}
