//! Many runs of one program.
//!
//! A *seeded* strategy has a run for each [`Seed`], and each stands alone: in whatever order and
//! on however many threads of the system they are run, the same seed is the same run. The
//! others go through all runs that there are, under stated [`Terms`].

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use sigprof_model::law::Violation;
use sigprof_model::protocol::Protocol;
use sigprof_model::scenario::{Outcome, Program, Scenario};

use super::shrink::Grain;
use super::strategy::{Bounded, Dpor, Estimate, Pct, RandomWalk, RoundRobin, Strategy};
use super::{Engine, Run, Schedule};
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
    /// The strategy [`Dpor`].
    Dpor,
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
        }
    }

    /// The worth of an end that the strategy came to.
    #[must_use]
    pub const fn terms(self) -> Option<Terms> {
        match self {
            Self::Dpor => Some(Terms::SequentiallyConsistent),
            Self::Bounded(switches) => Some(Terms::WeakMemory { switches }),
            Self::Random | Self::Pct(_) | Self::RoundRobin => None,
        }
    }

    /// How the choices of its runs are counted.
    #[must_use]
    pub fn grain(self) -> Grain {
        Grain::of(&*self.strategy(Seed(0), &Estimate::default()))
    }
}

/// `random`, `pct3`, `round-robin`, `bounded2`, `dpor`.
impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Random => f.write_str("random"),
            Self::Pct(depth) => write!(f, "pct{depth}"),
            Self::RoundRobin => f.write_str("round-robin"),
            Self::Bounded(switches) => write!(f, "bounded{switches}"),
            Self::Dpor => f.write_str("dpor"),
        }
    }
}

/// A text that is no strategy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "no strategy {text:?}: want random, pct1 to pct9 (pct is pct3), round-robin, bounded0 to bounded9 (bounded is bounded2), or dpor"
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
    /// Every run with weak memory and up to so many switches.
    WeakMemory {
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
            Self::WeakMemory { switches } => write!(f, "weak memory, up to {switches} switches"),
        }
    }
}

/// A scenario under some protocol, on an engine.
pub struct Subject<'a> {
    engine: &'a mut Engine,
    make: &'a dyn Fn() -> Program,
    estimate: Estimate,
    /// The strategy of the last seed.
    last: Option<(Kind, Box<dyn Strategy>)>,
}

/// The program of a scenario.
pub fn program(scenario: &Scenario, protocol: Protocol) -> impl Fn() -> Program + use<> {
    let make = scenario.program;
    move || make(protocol)
}

impl<'a> Subject<'a> {
    /// Runs it a few times without signals, to see how long it is: everybody in turns, the first
    /// M as long as it can, the last M as long as it can. What counts is the longest of these,
    /// as an M that comes too early or too late may find nothing to do.
    pub fn new(engine: &'a mut Engine, make: &'a dyn Fn() -> Program) -> Self {
        let grain = Grain {
            is_weak: false,
            is_fine: true,
            begins_apart: false,
        };
        let mut in_turns = RoundRobin::without_signals();
        in_turns.begin();
        let mut estimate = engine.run(make, Box::new(in_turns)).0.estimate;
        let last = u8::try_from(estimate.ms.saturating_sub(1)).unwrap_or(0);
        for first in [0, last] {
            let strategy = grain.replay(&Schedule::new(&[first]));
            estimate.extend(&engine.run(make, strategy).0.estimate);
        }
        Self {
            engine,
            make,
            estimate,
            last: None,
        }
    }

    /// How long it is.
    #[must_use]
    pub fn estimate(&self) -> &Estimate {
        &self.estimate
    }

    /// The run of a seed.
    pub fn run(&mut self, kind: Kind, seed: Seed) -> Run {
        let again = self.last.take().and_then(|(of, mut strategy)| {
            let is_ready = of == kind && strategy.reseed(seed, &self.estimate);
            is_ready.then_some(strategy)
        });
        let mut strategy = again.unwrap_or_else(|| kind.strategy(seed, &self.estimate));
        strategy.begin();
        let (run, strategy) = self.engine.run(self.make, strategy);
        self.last = Some((kind, strategy));
        run
    }

    /// Shrinks a run of this strategy that broke a law.
    pub fn shrink(&mut self, kind: Kind, found: Run) -> super::shrink::Shrunk {
        super::shrink::shrink(self.engine, self.make, kind, found)
    }

    /// Goes through runs until `goes_on` says no, or there are no more: then it is exhausted.
    pub fn exhaust(&mut self, kind: Kind, mut goes_on: impl FnMut(&Run) -> bool) -> bool {
        let mut strategy = kind.strategy(Seed(0), &self.estimate);
        while strategy.begin() {
            let (run, back) = self.engine.run(self.make, strategy);
            if !goes_on(&run) {
                return false;
            }
            strategy = back;
        }
        kind.terms().is_some()
    }

    /// All outcomes that a strategy which goes through all runs comes to, up to the first
    /// violation.
    pub fn outcomes(&mut self, kind: Kind, runs_max: u64) -> Outcomes {
        let mut seen = Outcomes::default();
        let is_exhausted = self.exhaust(kind, |run| {
            seen.runs += 1;
            match &run.verdict {
                Some(Ok(outcome)) if !seen.outcomes.contains(outcome) => {
                    seen.outcomes.insert(outcome.clone());
                }
                Some(Err(violation)) => {
                    seen.violation = Some((violation.clone(), run.clone()));
                    return false;
                }
                Some(Ok(_)) | None => {}
            }
            seen.runs < runs_max
        });
        seen.is_exhausted = is_exhausted;
        seen
    }
}

/// Everything that was seen of a program.
#[derive(Clone, Debug, Default)]
pub struct Outcomes {
    /// The number of runs.
    pub runs: u64,
    /// Each of them once.
    pub outcomes: BTreeSet<Outcome>,
    /// The first, which ended it, and its run.
    pub violation: Option<(Violation, Run)>,
    /// Whether there are no more, under the strategy's terms.
    pub is_exhausted: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strategies_are_read_as_they_are_printed() {
        for kind in [
            Kind::Random,
            Kind::Pct(3),
            Kind::RoundRobin,
            Kind::Bounded(2),
            Kind::Dpor,
        ] {
            assert_eq!(kind.to_string().parse(), Ok(kind));
        }
        assert_eq!("pct".parse(), Ok(Kind::Pct(3)));
        assert_eq!("bounded".parse(), Ok(Kind::Bounded(2)));
        for text in ["", "pct0", "pct10", "bounded-1", "Random", "loom"] {
            assert!(text.parse::<Kind>().is_err(), "{text}");
        }
    }
}
