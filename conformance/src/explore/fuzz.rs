//! Plans, fuzzed: each seed draws a program and how it runs.
//!
//! Scenarios are about what somebody thought of; a plan is any legal program
//! ([`sigprof_sim::plan`]). All seeds of a range are run, on however many threads: what is told
//! is, for each law, how many of them broke it, and the lowest, shrunk. So the outcome is a
//! function of what was asked, unless it was cut short.

mod show;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use sigprof_model::law::Law;
use sigprof_model::scenario::plan::Plan;
use sigprof_sim::Seed;
use sigprof_sim::engine::explore::{Kind, Subject};
use sigprof_sim::engine::{Engine, Run};
use sigprof_sim::plan::{self, ShrunkPlan};

use super::replay::{self, Replayed, Way};
use super::target::Variant;
use crate::error::panic_words;
use crate::parallel::{self, Line};

/// Seeds that a thread takes at once.
const PIECE: u64 = 256;

/// The plans to fuzz, and how.
pub struct Fuzz {
    /// The revision or mutant to run on.
    pub under: Variant,
    /// Draws how plans run; or goes through the first runs of each.
    pub kind: Kind,
    /// This plan, or one for each seed.
    pub plan: Option<Plan>,
    /// The file of that plan, as a command names it.
    pub plan_file: Option<String>,
    /// These seeds; with a time, from the first one on.
    pub seeds: Range<u64>,
    /// The time to run for; `None` to run the seeds once.
    pub time: Option<Duration>,
    /// Runs of a plan, if the strategy goes through all there are.
    pub runs_max: u64,
    /// Number of threads.
    pub jobs: usize,
}

/// How often a law was broken, and first by which seed.
type Laws = BTreeMap<Law, (u64, u64)>;

/// The results of a hunt.
pub struct FuzzReport {
    /// Plans that were run.
    pub plans: u64,
    /// Runs of them.
    pub runs: u64,
    /// Whether everything was run that was asked for.
    pub is_complete: bool,
    /// The failures, by law.
    pub found: Vec<FuzzFailure>,
    /// The message of a worker that panicked: a mistake of sigprof's own.
    pub failure: Option<String>,
}

/// A law that was broken.
pub struct FuzzFailure {
    /// The law that was broken.
    pub law: Law,
    /// The number of plans that broke it.
    pub times: u64,
    /// The lowest seed whose plan broke it.
    pub seed: Seed,
    /// Operations and Ms of its plan.
    pub before: (usize, usize),
    /// The plan after shrinking.
    pub shrunk: ShrunkPlan,
    /// The run of the shrunk plan.
    pub run: Replayed,
}

#[derive(Default)]
struct Part {
    plans: u64,
    runs: u64,
    laws: Laws,
    is_cut: bool,
}

impl Part {
    fn broke(&mut self, law: Law, seed: u64) {
        let (times, first) = self.laws.entry(law).or_insert((0, seed));
        *times += 1;
        *first = (*first).min(seed);
    }

    fn add(&mut self, other: Self) {
        self.plans += other.plans;
        self.runs += other.runs;
        self.is_cut |= other.is_cut;
        for (law, (times, seed)) in other.laws {
            let (all, first) = self.laws.entry(law).or_insert((0, seed));
            *all += times;
            *first = (*first).min(seed);
        }
    }
}

impl Fuzz {
    fn plan_of(&self, seed: u64) -> Plan {
        let drawn = || plan::draw(Seed(seed), &self.under.protocol());
        self.plan.clone().unwrap_or_else(drawn)
    }

    /// Runs all of it. `tell` is told of the plans that were run so far.
    pub fn run(&self, stop: &AtomicBool, tell: impl FnMut(u64)) -> FuzzReport {
        self.run_each(stop, tell, |engine, seed, part| {
            self.run_seed(engine, seed, part);
        })
    }

    /// The same, with what is done for each seed.
    fn run_each(
        &self,
        stop: &AtomicBool,
        mut tell: impl FnMut(u64),
        run_seed: impl Fn(&mut Engine, u64, &mut Part) + Sync,
    ) -> FuzzReport {
        let next = AtomicU64::new(0);
        let end = self.time.map(|time| Instant::now() + time);
        let is_over = || stop.load(Relaxed) || end.is_some_and(|end| Instant::now() >= end);
        let last = if end.is_some() {
            u64::MAX
        } else {
            self.seeds.end
        };
        let work = |line: &Line<Part>| {
            let mut engine = Engine::new();
            loop {
                // Pieces are counted from 0, and not seeds, which may end where numbers do.
                let piece = next.fetch_add(1, Relaxed).checked_mul(PIECE);
                let first = piece.and_then(|piece| self.seeds.start.checked_add(piece));
                let Some(first) = first.filter(|&first| first < last) else {
                    return;
                };
                let mut part = Part::default();
                for seed in first..last.min(first.saturating_add(PIECE)) {
                    if is_over() {
                        part.is_cut = end.is_none() || stop.load(Relaxed);
                        line.tell(part);
                        return;
                    }
                    run_seed(&mut engine, seed, &mut part);
                }
                if !line.tell(part) {
                    return;
                }
            }
        };
        let mut all = Part::default();
        let result = parallel::workers(self.jobs, work, |part| {
            if let Some(part) = part {
                all.add(part);
                tell(all.plans);
            }
        });
        let laws = all.laws.iter();
        FuzzReport {
            plans: all.plans,
            runs: all.runs,
            is_complete: !all.is_cut && result.is_ok(),
            found: laws
                .filter_map(|(&law, &hit)| self.shrink_first(law, hit))
                .collect(),
            failure: result.err().map(|payload| panic_words(&*payload)),
        }
    }

    /// Runs the plan of a seed, up to the first law that it breaks.
    fn run_seed(&self, engine: &mut Engine, seed: u64, part: &mut Part) {
        part.plans += 1;
        self.each_run(engine, seed, |run| {
            part.runs += 1;
            let law = run.violation().map(|violation| violation.law);
            law.inspect(|&law| part.broke(law, seed)).is_none()
        });
    }

    /// Goes through the runs of a seed until `goes_on` says no.
    fn each_run(&self, engine: &mut Engine, seed: u64, mut goes_on: impl FnMut(&Run) -> bool) {
        let plan = self.plan_of(seed);
        let protocol = self.under.protocol();
        let make = || plan::program(&plan, protocol);
        let mut subject = Subject::new(engine, &make);
        if self.kind.is_seeded() {
            goes_on(&subject.run(self.kind, Seed(seed)));
            return;
        }
        let mut left = self.runs_max;
        subject.exhaust(self.kind, |run| {
            left -= 1;
            goes_on(run) && left > 0
        });
    }

    /// The first run that broke the law, shrunk.
    fn shrink_first(&self, law: Law, (times, seed): (u64, u64)) -> Option<FuzzFailure> {
        let mut engine = Engine::new();
        let mut found = None;
        self.each_run(&mut engine, seed, |run| {
            let is_it = run
                .violation()
                .is_some_and(|violation| violation.law == law);
            found = is_it.then(|| run.clone());
            !is_it
        });
        let plan = self.plan_of(seed);
        let protocol = self.under.protocol();
        let shrunk = plan::shrink(&mut engine, protocol, &plan, self.kind, found?);
        let way = Way::Schedule(shrunk.shrunk.run.schedule.clone());
        let make = || plan::program(&shrunk.plan, protocol);
        let run = replay::replay_program(&make, shrunk.shrunk.kind, &way);
        Some(FuzzFailure {
            law,
            times,
            seed: Seed(seed),
            before: (plan.operations(), plan.ms.len()),
            shrunk,
            run,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Guards S26.4.
    #[test]
    fn a_hunt_with_a_dead_worker_failed_and_says_what_was_found_before() {
        let fuzz = |jobs| Fuzz {
            under: Variant::revision("go1.26").unwrap(),
            kind: Kind::Random,
            plan: None,
            plan_file: None,
            seeds: 0..4 * PIECE,
            time: None,
            runs_max: 1,
            jobs,
        };
        for jobs in [1, 3] {
            let fuzz = fuzz(jobs);
            let report = fuzz.run_each(
                &AtomicBool::new(false),
                |_| (),
                |engine, seed, part| {
                    assert!(seed != 3 * PIECE + 7, "seed {seed}");
                    fuzz.run_seed(engine, seed, part);
                },
            );
            assert_eq!(report.failure.as_deref(), Some("seed 775"));
            assert_eq!(report.exit_code(), 3);
            assert!(!report.is_complete);
            assert!(report.plans >= PIECE && report.plans % PIECE == 0);
            assert!(!report.found.is_empty());
            assert!(
                fuzz.text(&report)
                    .contains("sigprof itself failed: seed 775")
            );
            assert_eq!(fuzz.json(&report)["failure"], "seed 775");
        }
    }

    /// Guards S26.9.
    #[test]
    fn the_last_seeds_are_run_and_then_none() {
        let fuzz = Fuzz {
            under: Variant::revision("fixed").unwrap(),
            kind: Kind::Random,
            plan: None,
            plan_file: None,
            seeds: u64::MAX - 700..u64::MAX,
            time: None,
            runs_max: 1,
            jobs: 2,
        };
        let report = fuzz.run(&AtomicBool::new(false), |_| ());
        assert_eq!((report.plans, report.is_complete), (700, true));
    }
}
