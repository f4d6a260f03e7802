//! Hard cases on purpose: a few threads that do, step by step, what a stage says, with the bytes
//! and the truth of it.
//!
//! The [`machine`](crate::machine) makes what programs make; a stage makes what they hardly ever
//! do. It is written over the model's `Backend`: on real words its threads go one after the
//! other, and on the [`engine`](crate::engine) every step of StartTrace, StopTrace, ReadTrace
//! and of a handler is a point where another thread may come between, or the signal that a
//! thread has pending, on that very thread.
//!
//! ```toml
//! # The trace stops while a handler without a P is at it.
//! [[m]]
//! does = ["start-profile", "start-trace", "stop-trace", "stop-profile"]
//! signal = "sample p=0 g=1"
//!
//! [[m]]
//! does = ["sample g=7 frames=3"]
//! ```
//!
//! A run on the engine may end in a violation: `go1.19` and `go1.21` do not promise
//! [L12](sigprof_model::law::Law::NoneRetired) (B6). Then there is nothing to judge.

mod cases;
mod run;
mod steps;
#[cfg(test)]
mod tests;

pub use cases::{CASES, LATER_CASES, case, cases, cases_of, text};
pub use steps::{At, Stage, StageError, Step, parse};

use std::cell::RefCell;
use std::rc::Rc;

use sigprof_model::backend::Std;
use sigprof_model::law::Violation;
use sigprof_model::scenario::{Outcome, Program, Thread};

use crate::Seed;
use crate::engine::explore::{Kind, Subject};
use crate::engine::strategy::Strategy;
use crate::engine::{Engine, Schedule, Sim};
use crate::machine::Revision;
use crate::truth::Truth;
use run::Run;

/// Everything that a stage made.
#[derive(Clone, Debug)]
pub struct Staged {
    /// The traces, in order.
    pub traces: Vec<Vec<u8>>,
    /// The profiles, packed.
    pub profiles: Vec<Vec<u8>>,
    /// Snapshots of flight recorders.
    pub snapshots: Vec<Vec<u8>>,
    /// The truth about the stage.
    pub truth: Truth,
}

/// Runs a stage on one thread, its Ms one after the other. The seed decides nothing here; it is
/// what the truth says.
#[must_use]
pub fn run(stage: &Stage, revision: Revision, seed: Seed) -> Staged {
    let running = Run::<Std>::new(stage, revision, seed);
    for (m, role) in stage.m.iter().enumerate() {
        for step in &role.does {
            running.step(m, step);
        }
    }
    running.finish()
}

/// Runs a stage on the engine.
///
/// # Errors
///
/// The law that was broken, with the schedule that shows it.
pub fn explore(
    engine: &mut Engine,
    stage: &Stage,
    revision: Revision,
    seed: Seed,
    strategy: Box<dyn Strategy>,
) -> Result<(Staged, Schedule), (Violation, Schedule)> {
    let made = Rc::new(RefCell::new(None));
    let into = Rc::clone(&made);
    let (run, _) = engine.run(|| program(stage, revision, seed, into), strategy);
    match (run.verdict, made.take()) {
        (Some(Ok(_)), Some(staged)) => Ok((staged, run.schedule)),
        (Some(Err(violation)), _) => Err((violation, run.schedule)),
        (_, _) => {
            let law = sigprof_model::law::Law::NoThrow;
            Err((Violation::new(law, "the run has no end"), run.schedule))
        }
    }
}

/// Runs a stage on the engine, which decides by this seed and nothing else: a random walk
/// through what its threads can do.
///
/// # Errors
///
/// As [`explore`].
pub fn walk(
    stage: &Stage,
    revision: Revision,
    seed: Seed,
) -> Result<(Staged, Schedule), (Violation, Schedule)> {
    let mut engine = Engine::new();
    let make = || program(stage, revision, seed, Rc::default());
    let estimate = Subject::new(&mut engine, &make).estimate().clone();
    let mut strategy = Kind::Random.strategy(seed, &estimate);
    strategy.begin();
    explore(&mut engine, stage, revision, seed, strategy)
}

/// A stage as a program for the engine; what it made is in `made` when it was judged.
#[must_use]
pub fn program(
    stage: &Stage,
    revision: Revision,
    seed: Seed,
    made: Rc<RefCell<Option<Staged>>>,
) -> Program {
    let running = Rc::new(Run::<Sim>::new(stage, revision, seed));
    let threads = stage.m.iter().enumerate().map(|(m, role)| {
        let (on, steps) = (Rc::clone(&running), role.does.clone());
        let thread = Thread::new("M", move || {
            for step in &steps {
                on.step(m, step);
            }
        });
        match &role.signal {
            None => thread,
            Some(step) => {
                let (on, step) = (Rc::clone(&running), step.clone());
                thread.with_handler(move || on.step(m, &step))
            }
        }
    });
    Program::new(threads.collect(), move || {
        made.replace(Some(running.finish()));
        Ok(Outcome::default())
    })
}
