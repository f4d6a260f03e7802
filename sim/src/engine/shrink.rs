//! The same failure with less.
//!
//! A schedule is shrunk by replaying others that are like it: without its end, and with one
//! choice after the other made dull. Whatever still breaks the same law is taken, until nothing
//! gets smaller. What remains forced is what the failure needs: a switch or a signal there, or an
//! old store.

use sigprof_model::law::Law;
use sigprof_model::scenario::Program;

use super::schedule::Schedule;
use super::strategy::{Replay, Strategy};
use super::{Engine, Run};

/// Runs to shrink one failure, at the most.
const RUNS_MAX: usize = 2_000;

/// A failure that was shrunk.
#[derive(Clone, Debug)]
pub struct Shrunk {
    /// The run that is left.
    pub run: Run,
    /// Forced choices of the one that was found.
    pub forced_before: usize,
    /// Operations of it.
    pub operations_before: usize,
    /// Runs that it took.
    pub runs: usize,
}

/// How the choices of a run are to be counted: as its strategy had it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grain {
    /// With weak memory.
    pub is_weak: bool,
    /// With switches at plain words.
    pub is_fine: bool,
}

impl Grain {
    /// That of a strategy.
    #[must_use]
    pub fn of(strategy: &dyn Strategy) -> Self {
        Self {
            is_weak: strategy.has_weak_memory(),
            is_fine: strategy.switches_at_plain_words(),
        }
    }

    /// A replay.
    #[must_use]
    pub fn replay(self, schedule: &Schedule) -> Box<dyn Strategy> {
        let mut replay = Replay::new(schedule, self.is_weak, self.is_fine);
        replay.begin();
        Box::new(replay)
    }
}

/// Shrinks a run that broke a law.
pub fn shrink(engine: &mut Engine, make: &dyn Fn() -> Program, grain: Grain, found: Run) -> Shrunk {
    let Some(law) = found.violation().map(|violation| violation.law) else {
        return Shrunk {
            forced_before: found.schedule.forced(),
            operations_before: found.operations,
            runs: 0,
            run: found,
        };
    };
    let (forced_before, operations_before) = (found.schedule.forced(), found.operations);
    let mut shrinker = Shrinker {
        engine,
        make,
        grain,
        law,
        best: found,
        runs: 0,
    };
    while shrinker.cut_end() | shrinker.make_dull() {}
    Shrunk {
        run: shrinker.best,
        forced_before,
        operations_before,
        runs: shrinker.runs,
    }
}

struct Shrinker<'a> {
    engine: &'a mut Engine,
    make: &'a dyn Fn() -> Program,
    grain: Grain,
    law: Law,
    best: Run,
    runs: usize,
}

impl Shrinker<'_> {
    /// Whether this fails as well and is smaller; then it is the best.
    fn takes(&mut self, choices: Vec<u8>) -> bool {
        if self.runs >= RUNS_MAX {
            return false;
        }
        self.runs += 1;
        let strategy = self.grain.replay(&Schedule::new(choices));
        let (run, _) = self.engine.run(self.make, strategy);
        let size = |run: &Run| {
            (
                run.schedule.forced(),
                run.operations,
                run.schedule.choices().len(),
            )
        };
        let fails = run
            .violation()
            .is_some_and(|violation| violation.law == self.law);
        let is_better = fails && size(&run) < size(&self.best);
        if is_better {
            self.best = run;
        }
        is_better
    }

    /// Leaves more and more of the end to itself.
    fn cut_end(&mut self) -> bool {
        let mut has_cut = false;
        let mut step = self.best.schedule.choices().len() / 2;
        while step > 0 {
            let choices = self.best.schedule.choices();
            let kept = choices[..choices.len().saturating_sub(step)].to_vec();
            if self.takes(kept) {
                has_cut = true;
                step = step.min(self.best.schedule.choices().len());
            } else {
                step /= 2;
            }
        }
        has_cut
    }

    /// Makes one choice after the other dull, the last first.
    fn make_dull(&mut self) -> bool {
        let mut has_dulled = false;
        let mut place = self.best.schedule.choices().len();
        while place > 0 {
            place = place.min(self.best.schedule.choices().len());
            let Some(at) = place.checked_sub(1) else {
                break;
            };
            place = at;
            let mut choices = self.best.schedule.choices().to_vec();
            if choices[at] != 0 {
                choices[at] = 0;
                has_dulled |= self.takes(choices);
            }
        }
        has_dulled
    }
}
