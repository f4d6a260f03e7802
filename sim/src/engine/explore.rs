//! Many runs of one program.
//!
//! A *seeded* strategy has a run for each [`Seed`], and each stands alone: in whatever order and
//! on however many threads of the system they are run, the same seed is the same run. The
//! others go through all runs that there are, under stated [`Terms`].

pub use super::kind::{Kind, KindError, Terms};

use std::collections::BTreeSet;

use sigprof_model::law::Violation;
use sigprof_model::protocol::Protocol;
use sigprof_model::scenario::{Outcome, Program, Scenario};

use super::grain::Grain;
use super::strategy::{Estimate, RoundRobin, Strategy, Tape};
use super::{Engine, Kept, Run, Schedule};
use crate::seed::Seed;

/// A scenario under some protocol, on an engine.
pub struct Subject<'a> {
    engine: &'a mut Engine,
    make: &'a dyn Fn() -> Program,
    estimate: Estimate,
    /// The strategy of the last seed.
    last: Option<(Kind, Box<dyn Strategy>)>,
    /// The program of the last run.
    kept: Kept,
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
        let mut kept = Kept::default();
        let mut in_turns = RoundRobin::without_signals();
        in_turns.begin();
        let mut estimate = engine
            .run_kept(&mut kept, make, Box::new(in_turns))
            .0
            .estimate;
        let last = u8::try_from(estimate.ms.saturating_sub(1)).unwrap_or(0);
        for first in [0, last] {
            let strategy = grain.replay(&Schedule::new(&[first]));
            estimate.extend(&engine.run_kept(&mut kept, make, strategy).0.estimate);
        }
        Self {
            engine,
            make,
            estimate,
            last: None,
            kept,
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
        let (run, strategy) = self.engine.run_kept(&mut self.kept, self.make, strategy);
        self.last = Some((kind, strategy));
        run
    }

    /// The run of a seed, with its strategy within another.
    pub fn run_with(
        &mut self,
        kind: Kind,
        seed: Seed,
        wrap: impl FnOnce(Box<dyn Strategy>) -> Box<dyn Strategy>,
    ) -> Run {
        let mut strategy = wrap(kind.strategy(seed, &self.estimate));
        strategy.begin();
        self.engine.run_kept(&mut self.kept, self.make, strategy).0
    }

    /// All draws of a seed's run, if the strategy decides by nothing else.
    #[must_use]
    pub fn tape(&self, kind: Kind, seed: Seed) -> Option<Tape> {
        kind.strategy(seed, &self.estimate).tape()
    }

    /// Shrinks a run of this strategy that broke a law.
    pub fn shrink(&mut self, kind: Kind, found: Run) -> super::shrink::Shrunk {
        super::shrink::shrink(self.engine, self.make, kind, found)
    }

    /// Goes through runs until `goes_on` says no, or there are no more: then it is exhausted.
    pub fn exhaust(&mut self, kind: Kind, goes_on: impl FnMut(&Run) -> bool) -> bool {
        self.exhaust_with(kind, |strategy| strategy, goes_on)
    }

    /// The same, with the strategy within another.
    pub fn exhaust_with(
        &mut self,
        kind: Kind,
        wrap: impl FnOnce(Box<dyn Strategy>) -> Box<dyn Strategy>,
        mut goes_on: impl FnMut(&Run) -> bool,
    ) -> bool {
        let mut strategy = wrap(kind.strategy(Seed(0), &self.estimate));
        while strategy.begin() {
            let (run, back) = self.engine.run_kept(&mut self.kept, self.make, strategy);
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
            Kind::WeakDpor,
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
