//! The explorer itself: that it misses nothing, makes nothing up, and is the same everywhere.
//!
//! | child | what |
//! |---|---|
//! | `litmus` | what weak memory allows and what it does not |
//! | `soundness` | the reduced search against a plain full one, on random programs |
//! | `plans` | plans that are drawn, and shrunk |
//! | `probability` | PCT's bound, measured |
//! | `same` | same seed, same run, in whatever order and on however many threads |
//! | `signals` | where signals come, and where not |
//! | `verdicts` | what ends a run is told apart, and nothing is left behind |
//! | `weak_swaps` | the model's weak swaps are what they promise to be |

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod litmus;
mod plans;
mod probability;
mod same;
mod signals;
mod soundness;
mod verdicts;
mod weak_swaps;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use sigprof_model::law::Law;
use sigprof_model::scenario::{Outcome, Program, Seen, Thread};
use sigprof_sim::engine::Engine;
use sigprof_sim::engine::explore::{Kind, Subject};
use sigprof_sim::engine::strategy::Strategy;

/// The verdict on a run: what was seen, or the law that was broken.
type Verdict = Result<Outcome, Law>;

/// All verdicts that a strategy finds.
fn verdicts(strategy: Box<dyn Strategy>, make: &dyn Fn() -> Program) -> (BTreeSet<Verdict>, u64) {
    verdicts_within(5_000_000, strategy, make).expect("goes on and on")
}

/// The same, if it comes to its end within so many runs.
fn verdicts_within(
    runs_max: u64,
    mut strategy: Box<dyn Strategy>,
    make: &dyn Fn() -> Program,
) -> Option<(BTreeSet<Verdict>, u64)> {
    let mut engine = Engine::new();
    let (mut seen, mut runs) = (BTreeSet::new(), 0);
    while strategy.begin() {
        let (run, back) = engine.run(make, strategy);
        strategy = back;
        runs += 1;
        if let Some(verdict) = run.verdict {
            seen.insert(verdict.map_err(|violation| violation.law));
        }
        if runs == runs_max {
            return None;
        }
    }
    Some((seen, runs))
}

/// The same of a named one.
fn verdicts_of(kind: Kind, make: &dyn Fn() -> Program) -> BTreeSet<Verdict> {
    let strategy = kind.strategy(
        sigprof_sim::Seed(0),
        &sigprof_sim::engine::strategy::Estimate::default(),
    );
    verdicts(strategy, make).0
}

/// Notes of the threads, one list for each.
#[derive(Clone)]
struct Notes(Rc<[RefCell<Vec<u64>>]>);

impl Notes {
    fn new(threads: usize) -> Self {
        Self((0..threads).map(|_| RefCell::default()).collect())
    }

    fn note(&self, thread: usize, value: u64) {
        self.0[thread].borrow_mut().push(value);
    }

    /// All notes, one thread's after the other's, each ended by 999.
    fn judge(&self) -> Outcome {
        let of = |notes: &RefCell<Vec<u64>>| {
            let notes = notes.take();
            notes.into_iter().chain([999]).map(Seen::Read)
        };
        Outcome(self.0.iter().flat_map(of).collect())
    }
}

/// A program of threads that note things down.
fn noting(threads: Vec<Thread>, notes: Notes) -> Program {
    Program::new(threads, move || Ok(notes.judge()))
}

/// A subject's engine and program, for runs of seeds.
fn with_subject<T>(make: &dyn Fn() -> Program, act: impl FnOnce(&mut Subject<'_>) -> T) -> T {
    let mut engine = Engine::new();
    let mut subject = Subject::new(&mut engine, make);
    act(&mut subject)
}
