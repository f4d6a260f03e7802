//! The same failure with less.
//!
//! A schedule is shrunk by replaying others that are like it: without its end, and with one
//! choice after the other made dull. Whatever still breaks the same law is taken, until nothing
//! gets smaller. If more than a switch or two is left, it may be that others are needed from the
//! start: then all runs with no switch, one and two are searched, as far as that is quick. What
//! remains forced is what the failure needs: a switch or a signal there, or an old store. A run
//! without old stores counts as smaller than one with them, whatever else it needs: it is easier to
//! follow, and shows that weak memory is not to blame.

use sigprof_model::scenario::Program;

use super::grain::Grain;
use super::kind::Kind;
use super::schedule::Schedule;
use super::strategy::{Bounded, Strategy};
use super::{Engine, Run};

/// Runs to shrink one failure, at the most.
const RUNS_MAX: usize = 2_000;

/// Switches of the runs that are searched, and runs of each such search, at the most.
const SWITCHES_MAX: usize = 2;
const SEARCH_MAX: usize = 2_000;

/// A failure that was shrunk.
#[derive(Clone, Debug)]
pub struct Shrunk {
    /// The run that is left.
    pub run: Run,
    /// The strategy as whose its choices are counted: another than the one that found it, if a
    /// search found a smaller one.
    pub kind: Kind,
    /// Forced choices of the one that was found.
    pub forced_before: usize,
    /// Operations of it.
    pub operations_before: usize,
    /// Runs that it took.
    pub runs: usize,
}

/// Shrinks a run that broke a law.
pub fn shrink(engine: &mut Engine, make: &dyn Fn() -> Program, kind: Kind, found: Run) -> Shrunk {
    let Some(law) = found.violation().map(|violation| violation.law) else {
        return Shrunk {
            forced_before: found.schedule.forced(),
            operations_before: found.operations,
            runs: 0,
            kind,
            run: found,
        };
    };
    let (forced_before, operations_before) = (found.schedule.forced(), found.operations);
    let mut kind = kind;
    let mut fails = |run: &Run| {
        let violation = run.violation();
        violation.is_some_and(|violation| violation.law == law)
    };
    let mut shrinker = Shrinker {
        engine,
        make,
        grain: kind.grain(),
        fails: &mut fails,
        best: found,
        runs: 0,
    };
    shrinker.shrink();
    for tries_old in [false, true] {
        let mut switches = 0..=SWITCHES_MAX;
        if let Some(switches) = switches.find(|&switches| shrinker.searches(switches, tries_old)) {
            kind = Kind::Bounded(switches);
            shrinker.grain = kind.grain();
            shrinker.shrink();
        }
    }
    Shrunk {
        run: shrinker.best,
        kind,
        forced_before,
        operations_before,
        runs: shrinker.runs,
    }
}

/// Shrinks a run of which something else than a law is wrong, as `fails` says of a run.
pub fn shrink_while(
    engine: &mut Engine,
    make: &dyn Fn() -> Program,
    grain: Grain,
    found: Run,
    fails: &mut dyn FnMut(&Run) -> bool,
) -> Run {
    let mut shrinker = Shrinker {
        engine,
        make,
        grain,
        fails,
        best: found,
        runs: 0,
    };
    shrinker.shrink();
    shrinker.best
}

/// Old stores, forced choices, operations, and places of choices.
fn size(run: &Run) -> [usize; 4] {
    [
        run.old_loads,
        run.schedule.forced(),
        run.operations,
        run.schedule.choices().len(),
    ]
}

struct Shrinker<'a> {
    engine: &'a mut Engine,
    make: &'a dyn Fn() -> Program,
    grain: Grain,
    fails: &'a mut dyn FnMut(&Run) -> bool,
    best: Run,
    runs: usize,
}

impl Shrinker<'_> {
    fn shrink(&mut self) {
        while self.cut_end() | self.make_dull() {}
    }

    /// Whether a smaller run with so many switches fails as well; then it is the best.
    fn searches(&mut self, switches: usize, tries_old: bool) -> bool {
        let [old, forced, ..] = size(&self.best);
        if (old, forced) <= (0, switches) || tries_old && self.best.old_loads == 0 {
            return false;
        }
        let mut strategy: Box<dyn Strategy> = Box::new(if tries_old {
            Bounded::new(switches, true)
        } else {
            Bounded::of_newest(switches)
        });
        for _ in 0..SEARCH_MAX {
            if !strategy.begin() {
                return false;
            }
            self.runs += 1;
            let (run, back) = self.engine.run(self.make, strategy);
            strategy = back;
            let is_smaller = size(&run)[..2] < size(&self.best)[..2];
            if is_smaller && (self.fails)(&run) {
                self.best = run;
                return true;
            }
        }
        false
    }

    /// Whether this fails as well and is smaller; then it is the best.
    fn takes(&mut self, choices: Vec<u8>) -> bool {
        if self.runs >= RUNS_MAX {
            return false;
        }
        self.runs += 1;
        let strategy = self.grain.replay(&Schedule::new(&choices));
        let (run, _) = self.engine.run(self.make, strategy);
        let is_better = size(&run) < size(&self.best) && (self.fails)(&run);
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
