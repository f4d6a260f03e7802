//! Many runs of many scenarios, on all cores.
//!
//! The runs of a scenario are cut into *pieces*: so many seeds each, or all of an exhaustive
//! search. Workers take pieces in order; who asked gets their results in whatever order, and
//! merges them in theirs. A scenario ends with the first piece that found something, and what
//! later pieces did is forgotten. So the outcome is a function of the exploration alone, on however
//! many threads: unless it was cut short, by the clock or by somebody.

mod done;

use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

use sigprof_model::scenario::Scenario;
use sigprof_sim::Seed;
use sigprof_sim::engine::Engine;
use sigprof_sim::engine::explore::{Kind, Subject, program};

use super::target::Variant;
use crate::error::panic_words;
use crate::parallel::{self, Line};
use done::Merged;

pub use done::{Done, Found, Progress, Seen};

/// Seeds of a piece.
const PIECE: u64 = 1_024;

/// Runs between two looks at the clock.
const LOOK: u64 = 64;

/// Time between two words of progress.
const TICK: Duration = Duration::from_millis(100);

/// The runs to do, and how.
pub struct Exploration {
    /// The revision or mutant to run on.
    pub under: Variant,
    /// The scenarios to run.
    pub scenarios: Vec<Scenario>,
    /// The strategy that chooses.
    pub kind: Kind,
    /// These seeds of each, if there is a run for each seed. With a time, from the first one on.
    pub seeds: Range<u64>,
    /// Runs of a scenario, if the strategy goes through all there are.
    pub runs_max: u64,
    /// The time to run for; `None` to run the seeds once.
    pub time: Option<Duration>,
    /// Number of threads.
    pub jobs: usize,
}

/// A part of the runs of a scenario.
struct Piece {
    scenario: usize,
    number: u64,
    done: Done,
}

impl Exploration {
    /// Runs that it has at the most, if that is known.
    #[must_use]
    pub fn runs(&self) -> Option<u64> {
        if self.time.is_some() || !self.kind.is_seeded() {
            return None;
        }
        let seeds = self.seeds.end - self.seeds.start;
        Some(seeds.saturating_mul(self.scenarios.len() as u64))
    }

    /// Pieces of a scenario; none if there is no end.
    fn pieces(&self) -> Option<u64> {
        if !self.kind.is_seeded() {
            return Some(1);
        }
        let seeds = self.seeds.end - self.seeds.start;
        self.time.is_none().then(|| seeds.div_ceil(PIECE))
    }

    /// The scenario and the number of the piece that is the `i`th to be taken.
    fn place(&self, i: u64) -> Option<(usize, u64)> {
        let scenarios = self.scenarios.len() as u64;
        let (scenario, number) = match self.pieces() {
            Some(pieces) => (i.checked_div(pieces)?, i % pieces),
            None => (i % scenarios, i / scenarios),
        };
        (scenario < scenarios).then_some((usize::try_from(scenario).ok()?, number))
    }

    /// Runs all of it, and tells from time to time how far it is.
    pub fn run(&self, stop: &AtomicBool, tell: impl FnMut(&Progress)) -> Ran {
        self.run_each(stop, tell, |shared, engine, scenario, number| {
            shared.piece(engine, scenario, number)
        })
    }

    /// The same, with what is done for each piece.
    fn run_each(
        &self,
        stop: &AtomicBool,
        mut tell: impl FnMut(&Progress),
        piece: impl Fn(&Shared, &mut Engine, usize, u64) -> Done + Sync,
    ) -> Ran {
        let shared = Shared {
            exploration: self,
            stop,
            end: self.time.map(|time| Instant::now() + time),
            next: AtomicU64::new(0),
            broken: self
                .scenarios
                .iter()
                .map(|_| AtomicU64::new(u64::MAX))
                .collect(),
            open: AtomicUsize::new(self.scenarios.len()),
        };
        let mut merged = Merged::new(self.scenarios.len());
        let mut told = Instant::now();
        let work = |line: &Line<Piece>| shared.work(line, &piece);
        let result = parallel::workers(self.jobs, work, |piece| {
            if let Some(piece) = piece {
                merged.add(piece);
            }
            if told.elapsed() >= TICK {
                told = Instant::now();
                tell(&merged.progress());
            }
        });
        Ran {
            done: merged.finish(self.pieces()),
            failure: result.err().map(|payload| panic_words(&*payload)),
        }
    }
}

/// The results of an exploration.
pub struct Ran {
    /// Results by scenario, in the exploration's order.
    pub done: Vec<Done>,
    /// The message of a worker that panicked: a mistake of sigprof's own. Not all was run then.
    pub failure: Option<String>,
}

/// The state that workers share.
struct Shared<'a> {
    exploration: &'a Exploration,
    stop: &'a AtomicBool,
    end: Option<Instant>,
    next: AtomicU64,
    /// For each scenario, its first piece that has found something.
    broken: Vec<AtomicU64>,
    /// Scenarios in which nothing was found yet.
    open: AtomicUsize,
}

impl Shared<'_> {
    fn is_over(&self) -> bool {
        self.stop.load(Relaxed) || self.end.is_some_and(|end| Instant::now() >= end)
    }

    fn work(&self, line: &Line<Piece>, piece: impl Fn(&Self, &mut Engine, usize, u64) -> Done) {
        let mut engine = Engine::new();
        while !self.is_over() && self.open.load(Relaxed) > 0 {
            let i = self.next.fetch_add(1, Relaxed);
            let Some((scenario, number)) = self.exploration.place(i) else {
                return;
            };
            let broken = &self.broken[scenario];
            if broken.load(Relaxed) < number {
                continue;
            }
            let done = piece(self, &mut engine, scenario, number);
            if done.found.is_some() && broken.fetch_min(number, Relaxed) == u64::MAX {
                self.open.fetch_sub(1, Relaxed);
            }
            let piece = Piece {
                scenario,
                number,
                done,
            };
            if !line.tell(piece) {
                return;
            }
        }
    }

    /// Runs a piece of a scenario.
    fn piece(&self, engine: &mut Engine, scenario: usize, number: u64) -> Done {
        if self.exploration.kind.is_seeded() {
            self.seeds(engine, scenario, number)
        } else {
            self.all(engine, scenario)
        }
    }

    /// Runs a piece's seeds, up to the first that breaks a law.
    fn seeds(&self, engine: &mut Engine, scenario: usize, number: u64) -> Done {
        let exploration = self.exploration;
        let first = exploration
            .seeds
            .start
            .saturating_add(number.saturating_mul(PIECE));
        let last = first.saturating_add(PIECE);
        let last = match exploration.time {
            Some(_) => last,
            None => last.min(exploration.seeds.end),
        };
        let make = program(
            &exploration.scenarios[scenario],
            exploration.under.protocol(),
        );
        let mut done = Done::default();
        engine.keep_coverage();
        let mut subject = Subject::new(engine, &make);
        done.is_complete = true;
        for seed in first..last {
            if done.seen.runs % LOOK == 0 && self.is_over() {
                done.is_complete = false;
                break;
            }
            let run = subject.run(exploration.kind, Seed(seed));
            done.seen.count(&run);
            if run.violation().is_some() {
                let seed = Some(Seed(seed));
                done.found = Some(Found { seed, run });
                break;
            }
        }
        done.seen.cover(engine.take_coverage());
        done
    }

    /// Goes through all runs, up to the first that breaks a law.
    fn all(&self, engine: &mut Engine, scenario: usize) -> Done {
        let exploration = self.exploration;
        let make = program(
            &exploration.scenarios[scenario],
            exploration.under.protocol(),
        );
        let mut done = Done::default();
        engine.keep_coverage();
        let mut subject = Subject::new(engine, &make);
        let mut is_cut = false;
        done.is_exhausted = subject.exhaust(exploration.kind, |run| {
            done.seen.count(run);
            if run.violation().is_some() {
                let (seed, run) = (None, run.clone());
                done.found = Some(Found { seed, run });
                return false;
            }
            is_cut = done.seen.runs >= exploration.runs_max
                || done.seen.runs % LOOK == 0 && self.is_over();
            !is_cut
        });
        done.is_complete = !is_cut;
        done.seen.cover(engine.take_coverage());
        done
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exploration(kind: Kind, jobs: usize) -> Exploration {
        let under = Variant::revision("go1.26").unwrap();
        let mut scenarios = under.scenarios();
        scenarios.retain(|s| ["lock", "overflow", "record_then_close"].contains(&s.name));
        Exploration {
            under,
            scenarios,
            kind,
            seeds: 5..2_500,
            runs_max: 100_000,
            time: None,
            jobs,
        }
    }

    #[test]
    fn the_first_seed_that_fails_is_found_and_nothing_counts_behind_it() {
        let stop = AtomicBool::new(false);
        let done = exploration(Kind::Random, 3).run(&stop, |_| ()).done;
        assert_eq!(done[0].seen.runs, 2_495);
        for done in &done[1..] {
            let seed = done.found.as_ref().unwrap().seed.unwrap();
            assert_eq!(done.seen.runs, seed.0 - 5 + 1);
        }
        assert!(done.iter().all(|done| done.is_complete));
    }

    #[test]
    fn what_is_stopped_is_not_complete() {
        let stop = AtomicBool::new(true);
        for kind in [Kind::Random, Kind::Dpor] {
            let done = exploration(kind, 2).run(&stop, |_| ()).done;
            assert!(
                done.iter()
                    .all(|done| !done.is_complete && !done.is_exhausted)
            );
        }
    }

    #[test]
    fn a_search_that_may_not_run_on_has_not_exhausted_anything() {
        let stop = AtomicBool::new(false);
        let mut exploration = exploration(Kind::Dpor, 2);
        exploration.runs_max = 3;
        let done = exploration.run(&stop, |_| ()).done;
        assert!(!done[0].is_exhausted && !done[0].is_complete && done[0].seen.runs == 3);
        exploration.runs_max = 100_000;
        let done = exploration.run(&stop, |_| ()).done;
        assert!(done[0].is_exhausted && done[0].is_complete);
    }

    /// Guards S26.5.
    #[test]
    fn a_dead_worker_is_a_failure_and_what_was_found_before_is_kept() {
        let stop = AtomicBool::new(false);
        for jobs in [1, 3] {
            let ran = exploration(Kind::Random, jobs).run_each(
                &stop,
                |_| (),
                |shared, engine, scenario, number| {
                    assert!((scenario, number) != (0, 2), "piece 2");
                    shared.piece(engine, scenario, number)
                },
            );
            assert_eq!(ran.failure.as_deref(), Some("piece 2"));
            assert!(ran.done.iter().any(|done| !done.is_complete));
            assert!(jobs > 1 || ran.done[0].seen.runs == 2 * PIECE);
        }
    }
}
