//! The strategies by name, and what the end of one is worth.

use std::fmt;
use std::str::FromStr;

use super::grain::Grain;
use super::strategy::{Bounded, Dpor, Estimate, Pct, RandomWalk, RoundRobin, Strategy};
use crate::seed::Seed;

/// A strategy, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The strategy [`RandomWalk`].
    Random,
    /// [`Pct`] with this depth.
    Pct(usize),
    /// The strategy [`RoundRobin`].
    RoundRobin,
    /// [`Bounded`] by so many switches, with weak memory.
    Bounded(usize),
    /// The strategy [`Dpor`], sequentially consistent.
    Dpor,
    /// The same with weak memory.
    WeakDpor,
}

impl Kind {
    /// Whether there is a run for each seed.
    #[must_use]
    pub const fn is_seeded(self) -> bool {
        matches!(self, Self::Random | Self::Pct(_))
    }

    /// The strategy that goes through all runs; or, if it is seeded, the run of a seed.
    #[must_use]
    pub fn strategy(self, seed: Seed, estimate: &Estimate) -> Box<dyn Strategy> {
        match self {
            Self::Random => Box::new(RandomWalk::new(seed, estimate)),
            Self::Pct(depth) => Box::new(Pct::new(seed, depth, estimate)),
            Self::RoundRobin => Box::new(RoundRobin::default()),
            Self::Bounded(switches) => Box::new(Bounded::new(switches, true)),
            Self::Dpor => Box::new(Dpor::new()),
            Self::WeakDpor => Box::new(Dpor::weak()),
        }
    }

    /// The worth of an end that the strategy came to.
    #[must_use]
    pub const fn terms(self) -> Option<Terms> {
        match self {
            Self::Dpor => Some(Terms::SequentiallyConsistent),
            Self::WeakDpor => Some(Terms::WeakMemory),
            Self::Bounded(switches) => Some(Terms::Bounded { switches }),
            Self::Random | Self::Pct(_) | Self::RoundRobin => None,
        }
    }

    /// How the choices of its runs are counted.
    #[must_use]
    pub fn grain(self) -> Grain {
        Grain::of(&*self.strategy(Seed(0), &Estimate::default()))
    }
}

/// `random`, `pct3`, `round-robin`, `bounded2`, `dpor`, `dpor-weak`.
impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Random => f.write_str("random"),
            Self::Pct(depth) => write!(f, "pct{depth}"),
            Self::RoundRobin => f.write_str("round-robin"),
            Self::Bounded(switches) => write!(f, "bounded{switches}"),
            Self::Dpor => f.write_str("dpor"),
            Self::WeakDpor => f.write_str("dpor-weak"),
        }
    }
}

/// A text that is no strategy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "no strategy {text:?}: want random, pct1 to pct9 (pct is pct3), round-robin, bounded0 to bounded9 (bounded is bounded2), dpor, or dpor-weak"
)]
pub struct KindError {
    text: String,
}

impl FromStr for Kind {
    type Err = KindError;

    fn from_str(text: &str) -> Result<Self, KindError> {
        let digit = |prefix: &str, default| match text.strip_prefix(prefix)?.as_bytes() {
            [] => Some(default),
            [digit @ b'0'..=b'9'] => Some(usize::from(digit - b'0')),
            _ => None,
        };
        let kind = match text {
            "random" => Some(Self::Random),
            "round-robin" => Some(Self::RoundRobin),
            "dpor" => Some(Self::Dpor),
            "dpor-weak" => Some(Self::WeakDpor),
            _ => {
                let pct = digit("pct", 3).filter(|&depth| depth > 0).map(Self::Pct);
                pct.or_else(|| digit("bounded", 2).map(Self::Bounded))
            }
        };
        kind.ok_or_else(|| KindError {
            text: text.to_owned(),
        })
    }
}

/// The space that has been exhausted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Terms {
    /// Every interleaving under sequential consistency, with the check for races.
    SequentiallyConsistent,
    /// Every run with weak memory.
    WeakMemory,
    /// Every run with weak memory and up to so many switches.
    Bounded {
        /// Turns taken from an M that could have gone on, and signals.
        switches: usize,
    },
}

impl fmt::Display for Terms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SequentiallyConsistent => {
                f.write_str("sequentially consistent, with the check for races")
            }
            Self::WeakMemory => f.write_str("weak memory, with the check for races"),
            Self::Bounded { switches } => write!(f, "weak memory, up to {switches} switches"),
        }
    }
}
