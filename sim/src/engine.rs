//! The engine: the model's own code, unchanged, with everything that is left to chance
//! decided by a [`Strategy`].
//!
//! A [`Scenario`] is run on the back-end [`Sim`]. Its
//! Ms are coroutines on one thread of the system; every operation on a word, plain ones
//! included, every spin, sleep and wake-up is a *point*. Before it, the engine may let another M
//! go on, and may deliver the one signal that is pending for this one: the handler then
//! runs as a nested call on the interrupted M's own stack, never inside another handler of the
//! same M. With the choices alone a run can be had again, on any machine: that is its
//! [`Schedule`].
//!
//! # Verdicts
//!
//! Nothing hangs. What is found is a [`Violation`] of a law:
//!
//! | what | law |
//! |---|---|
//! | a handler spins on what the code below it holds | L13 |
//! | nobody can go on: a lost wake-up, a lock that is kept | L9 |
//! | a sleeper is woken twice | L10 |
//! | a run goes on for [`STEPS_MAX`] operations, the last half with everybody in turns | L9 |
//! | two Ms use a plain word, nothing orders them, one writes | L2 |
//! | a ring is used that was given up | L12 |
//! | what the protocol throws; an index beyond a ring | L15, or as [`Throw`](sigprof_model::backend::Throw) says |
//! | what the scenario's judge finds | any |
//!
//! A panic of another kind is a mistake of ours and no verdict: the
//! run is abandoned, and the panic goes on up.
//!
//! # Laws of its own
//!
//! - E1 A run is a function of the scenario, the protocol and the choices.
//! - E2 What is reported can happen: no strategy makes up behaviour that the memory model
//!   (`memory`) does not have.
//! - E3 A signal that can come at a point of an M may as well come when the M arrives there,
//!   before anybody else goes on: the handler's own first point is where others come between.
//!   So it is asked for once, on arrival.
//! - E4 Spins and sleeps are waits: an M that waits goes on only if the newest value lets it,
//!   so that nothing is left to a timeout.
//!
//! | child | what |
//! |---|---|
//! | `backend` | words and notes that come to a point before each operation |
//! | `world` | a run as it stands |
//! | `memory`, `clock` | weak memory, races |
//! | `fiber` | coroutines |
//! | [`go_text`] | Go's own text in place of the model's |
//! | [`strategy`], [`kind`] | who goes on; the strategies by name |
//! | [`schedule`], [`grain`] | choices, written down; how they are counted |
//! | [`steps`] | what was done, for people |
//! | [`shrink`] | the same failure with less |
//! | [`sketch`] | how many different schedules there were, about |
//! | [`explore`] | many runs |

mod backend;
mod clock;
pub mod explore;
mod fiber;
pub mod go_text;
pub mod grain;
pub mod kind;
mod memory;
pub mod schedule;
pub mod shrink;
pub mod sketch;
pub mod steps;
pub mod strategy;
mod world;

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

use sigprof_model::law::{Law, Violation};
use sigprof_model::scenario::{self, Outcome, Program, Scenario};

pub use backend::Sim;
pub use clock::MS_MAX;
pub use memory::HISTORY;
pub use schedule::Schedule;
pub use steps::Step;
pub use strategy::Strategy;
pub use world::STEPS_MAX;

use fiber::{Fiber, Payload};
use strategy::Ended;
use strategy::Estimate;

/// All scenarios of the model, on the engine. The protocol's code is compiled for the engine here, once,
/// and not in each crate that asks for them.
#[must_use]
pub fn scenarios() -> Vec<Scenario> {
    scenario::all::<Sim>()
}

/// The outcome of a run.
#[derive(Clone, Debug)]
pub struct Run {
    /// The verdict: what was seen, or what was broken; none if the strategy had seen enough.
    pub verdict: Option<Result<Outcome, Violation>>,
    /// How it went.
    pub schedule: Schedule,
    /// Operations on words that are shared.
    pub operations: usize,
    /// Loads that took an old store.
    pub old_loads: usize,
    /// How long it was.
    pub estimate: Estimate,
    /// The steps of the run, if they were asked for.
    pub steps: Vec<Step>,
    /// The Ms' names, likewise.
    pub names: Vec<&'static str>,
}

impl Run {
    /// The law that was broken.
    #[must_use]
    pub fn violation(&self) -> Option<&Violation> {
        self.verdict.as_ref()?.as_ref().err()
    }
}

/// A point, as runs have come to it: a kind of use of a word.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Covered {
    /// The word or note.
    pub word: String,
    /// `load`, `change` or `wait`.
    pub used: &'static str,
    /// Whether another M went on there first, in some run.
    pub was_left: bool,
    /// Whether a signal came there, in some run.
    pub was_signalled: bool,
}

/// A program that has been run, and is to be run again.
#[derive(Default)]
pub(crate) struct Kept(Option<(Program, u64)>);

/// Runs programs, one after the other, on this thread of the system.
#[derive(Default)]
pub struct Engine {
    fibers: Vec<Fiber>,
    is_shown: bool,
}

impl Engine {
    /// An engine that runs programs.
    #[must_use]
    pub fn new() -> Self {
        quiet_hook();
        Self::default()
    }

    /// One that keeps the steps of its runs.
    #[must_use]
    pub fn with_steps() -> Self {
        Self {
            is_shown: true,
            ..Self::new()
        }
    }

    /// Starts to keep, for every point that runs on this thread of the system come to, what
    /// came of it.
    pub fn keep_coverage(&mut self) {
        world::with(|world| world.cover(true));
    }

    /// The coverage that was kept, of runs of one program; words have the names that they have
    /// in its last run. Nothing more is kept.
    pub fn take_coverage(&mut self) -> Vec<Covered> {
        let (bits, names) = world::with(|world| (world.cover(false), world.memory.names()));
        let uses = ["load", "change", "wait"];
        let points = bits.iter().enumerate().filter(|&(_, &bits)| bits != 0);
        points
            .map(|(at, &bits)| Covered {
                word: names.get(at / world::USES).cloned().unwrap_or_default(),
                used: uses[at % world::USES],
                was_left: bits & world::LEFT != 0,
                was_signalled: bits & world::SIGNALLED != 0,
            })
            .collect()
    }

    /// The names of the shared words, and notes, of the last run on this thread of the system, by
    /// number.
    #[must_use]
    pub fn word_names() -> Vec<String> {
        world::with(|world| world.memory.names())
    }

    /// Runs the program that `make` makes, on [`Sim`]; with a strategy that has begun. Hands
    /// the strategy back.
    pub fn run(
        &mut self,
        make: impl FnOnce() -> Program,
        strategy: Box<dyn Strategy>,
    ) -> (Run, Box<dyn Strategy>) {
        self.run_kept(&mut Kept::default(), make, strategy)
    }

    /// The same for a program of which more runs may follow: it is made once, if it can be run again.
    pub(crate) fn run_kept(
        &mut self,
        kept: &mut Kept,
        make: impl FnOnce() -> Program,
        strategy: Box<dyn Strategy>,
    ) -> (Run, Box<dyn Strategy>) {
        let (program, made) = match self.again(kept) {
            Some(again) => again,
            None => match self.made(make) {
                Ok(made) => made,
                Err(violation) => return (Run::that_never_began(violation), strategy),
            },
        };
        let (run, strategy) = self.run_program(&program, strategy);
        // What was broken off is in the midst of something.
        let was_whole = matches!(run.verdict, Some(Ok(_)));
        kept.0 = made.filter(|_| was_whole).map(|made| (program, made));
        (run, strategy)
    }

    /// The program as it was when it was made, if none was made since.
    fn again(&self, kept: &mut Kept) -> Option<(Program, Option<u64>)> {
        let (program, made) = kept.0.take()?;
        let again = program.again.as_ref()?;
        if !world::with(|world| world.restore(made, self.is_shown)) {
            return None;
        }
        again();
        Some((program, Some(made)))
    }

    /// Makes a program, and gives it a number if it can be run again.
    fn made(&self, make: impl FnOnce() -> Program) -> Result<(Program, Option<u64>), Violation> {
        world::with(|world| world.clear(self.is_shown));
        go_text::clear();
        let program = quietly(make)?;
        // Another text is told of a program as it is made.
        let can_again = program.again.is_some() && !go_text::is_installed();
        let made = can_again.then(|| world::with(|world| world.keep()));
        Ok((program, made))
    }

    fn run_program(
        &mut self,
        program: &Program,
        strategy: Box<dyn Strategy>,
    ) -> (Run, Box<dyn Strategy>) {
        let count = program.threads.len();
        if count > MS_MAX {
            let how = format!("want {MS_MAX} Ms at the most, got {count}");
            let violation = Violation::new(Law::NoThrow, how);
            return (Run::that_never_began(violation), strategy);
        }
        let names = if self.is_shown {
            program.threads.iter().map(|thread| thread.name).collect()
        } else {
            Vec::new()
        };
        while self.fibers.len() < count {
            self.fibers.push(Fiber::new(backend::end));
        }
        world::with(|world| world.begin(count, strategy));
        go_text::begin(
            program
                .threads
                .iter()
                .map(|thread| thread.handler.is_some()),
        );
        for (m, (thread, fiber)) in program.threads.iter().zip(&mut self.fibers).enumerate() {
            fiber.prepare(thread.body.clone());
            if let Some(handler) = &thread.handler {
                world::with(|world| world.may_be_signalled(m, handler.clone()));
            }
        }
        let gone = caught(|| self.go()).and_then(|gone| gone);
        let mistake = gone.err().and_then(|payload| {
            let violation = payload.downcast::<Violation>().map(|violation| {
                world::with(|world| world.broken(*violation));
            });
            violation.err()
        });
        let (strategy, ended) = world::with(|world| world.end());
        // What is left unwinds, and what it still does has no effect.
        let _unwound = caught(|| self.abandon());
        if let Some(mistake) = mistake {
            panic::resume_unwind(mistake);
        }
        let strategy = strategy.unwrap_or_else(|| Box::new(strategy::RoundRobin::default()));

        let verdict = match world::with(|world| world.take_violation()) {
            Some(violation) => Some(Err(violation)),
            None if ended == Ended::Pruned => None,
            None => {
                world::with(|world| world.judge());
                let judged = quietly(&program.judge).and_then(|judgement| judgement);
                go_text::ended();
                Some(judged)
            }
        };
        let run = world::with(|world| {
            let length = world.length();
            let estimate = Estimate {
                ms: count,
                operations: length.turns.max(world.steps_done()),
                points: length.points,
            };
            Run {
                verdict,
                schedule: Schedule::new(world.choices()),
                operations: world.steps_done(),
                old_loads: world.old_loads(),
                estimate,
                steps: world.take_steps().unwrap_or_default(),
                names,
            }
        });
        (run, strategy)
    }

    /// Nobody goes on any more.
    fn abandon(&mut self) {
        self.fibers.iter_mut().for_each(Fiber::abandon);
        while let Some(handler) = world::with(|world| world.take_handler()) {
            drop(handler);
        }
    }

    /// Lets Ms go on until the run is over, or one of them panics.
    fn go(&mut self) -> Result<(), Payload> {
        world::with(|world| world.start());
        while let Some(m) = world::with(|world| world.resume()) {
            self.fibers[m].resume()?;
        }
        Ok(())
    }
}

impl Run {
    fn that_never_began(violation: Violation) -> Self {
        Self {
            verdict: Some(Err(violation)),
            schedule: Schedule::default(),
            operations: 0,
            old_loads: 0,
            estimate: Estimate::default(),
            steps: Vec::new(),
            names: Vec::new(),
        }
    }
}

thread_local! {
    static IS_QUIET: Cell<bool> = const { Cell::new(false) };
}

/// Violations in the course of a run are verdicts, and say nothing on the terminal.
fn quiet_hook() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let loud = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !IS_QUIET.get() || !info.payload().is::<Violation>() {
                loud(info);
            }
        }));
    });
}

/// Runs it, up to its end or a panic.
fn caught<T>(run: impl FnOnce() -> T) -> Result<T, Payload> {
    let was_quiet = IS_QUIET.replace(true);
    let result = panic::catch_unwind(AssertUnwindSafe(run));
    IS_QUIET.set(was_quiet);
    result
}

/// Runs it, and takes a violation that it panicked with for what it is. Any other panic is a
/// mistake of ours (the protocol's code throws in place of panicking), and goes on up.
fn quietly<T>(run: impl FnOnce() -> T) -> Result<T, Violation> {
    caught(run).map_err(|payload| match payload.downcast::<Violation>() {
        Ok(violation) => *violation,
        Err(mistake) => panic::resume_unwind(mistake),
    })
}
