//! One run again, to look at.

use std::cell::RefCell;
use std::rc::Rc;

use sigprof_model::law::{Law, Violation};
use sigprof_model::protocol::Protocol;
use sigprof_model::scenario::{Outcome, Program, Scenario};
use sigprof_sim::Seed;
use sigprof_sim::engine::explore::{Kind, Subject, program};
use sigprof_sim::engine::strategy::{Access, Ended, Event, Ms, Strategy, Turn, Use};
use sigprof_sim::engine::{Engine, MS_MAX, Run, Schedule, Step};

use super::target::Variant;
use crate::again;

/// The choices of a run: those of a seed, or a schedule.
#[derive(Clone, Debug)]
pub enum Way {
    /// The run of a seed.
    Seed(Seed),
    /// The choices of this schedule.
    Schedule(Schedule),
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// All Ms ended, and the judge spoke.
    Judged,
    /// At its last step.
    AtStep,
    /// These Ms wait, and nobody can go on.
    Stuck(Ms),
}

/// A run, step by step.
#[derive(Clone, Debug)]
pub struct Replayed {
    /// The Ms' names.
    pub names: Vec<&'static str>,
    /// The steps of all Ms, in order.
    pub steps: Vec<Step>,
    /// The outcome, or the law that was broken.
    pub verdict: Result<Outcome, Violation>,
    /// How it ended.
    pub end: End,
    /// The choices that it had.
    pub schedule: Schedule,
    /// Where the schedule that was asked for chose what was not there, and where it went on
    /// when the run had ended.
    pub misfits: Vec<usize>,
}

impl Replayed {
    /// The law that was broken, if one was.
    #[must_use]
    pub fn violation(&self) -> Option<&Violation> {
        self.verdict.as_ref().err()
    }
}

/// Runs a scenario once, and keeps every step.
#[must_use]
pub fn replay(scenario: &Scenario, protocol: Protocol, kind: Kind, way: &Way) -> Replayed {
    replay_program(&program(scenario, protocol), kind, way)
}

/// The same of any program.
#[must_use]
pub fn replay_program(make: &dyn Fn() -> Program, kind: Kind, way: &Way) -> Replayed {
    let mut engine = Engine::with_steps();
    let strategy = match way {
        Way::Seed(seed) => {
            let subject = Subject::new(&mut engine, make);
            let mut strategy = kind.strategy(*seed, subject.estimate());
            strategy.begin();
            strategy
        }
        Way::Schedule(schedule) => kind.grain().replay(schedule),
    };
    let seen = Rc::new(RefCell::new(Seen::default()));
    if let Way::Schedule(schedule) = way {
        seen.borrow_mut().wanted = schedule.choices().to_vec();
    }
    let watched = Box::new(Watched {
        strategy,
        seen: seen.clone(),
    });
    let (run, _) = engine.run(make, watched);
    finish(run, &seen.borrow())
}

fn finish(run: Run, seen: &Seen) -> Replayed {
    let verdict = run.verdict.unwrap_or_else(|| Ok(Outcome::default()));
    let waits = |law| matches!(law, Law::Woken | Law::HandlerGoesOn);
    let end = match (seen.ended, &verdict) {
        (Some(Ended::Broken(ms)), Err(violation)) if waits(violation.law) && seen.all_wait(ms) => {
            End::Stuck(ms)
        }
        (Some(Ended::Broken(_)), _) => End::AtStep,
        _ => End::Judged,
    };
    let mut misfits = seen.misfits.clone();
    let unused = seen.wanted.iter().enumerate().skip(seen.place);
    misfits.extend(unused.filter(|(_, choice)| **choice != 0).map(|(at, _)| at));
    Replayed {
        names: run.names,
        steps: run.steps,
        verdict,
        end,
        schedule: run.schedule,
        misfits,
    }
}

/// A record of what a strategy was asked.
#[derive(Default)]
struct Seen {
    wanted: Vec<u8>,
    place: usize,
    misfits: Vec<usize>,
    ended: Option<Ended>,
    pending: Option<[Access; MS_MAX]>,
}

impl Seen {
    /// Notes that the strategy was asked to choose one of `count`.
    fn asked(&mut self, count: usize) {
        let choice = self.wanted.get(self.place).copied().unwrap_or(0);
        if usize::from(choice) >= count {
            self.misfits.push(self.place);
        }
        self.place += 1;
    }

    fn all_wait(&self, ms: Ms) -> bool {
        let waits = |m: usize| {
            let pending = self.pending.as_ref();
            pending.is_some_and(|pending| matches!(pending[m].used, Use::Await(_)))
        };
        !ms.is_empty() && ms.iter().all(waits)
    }
}

/// A strategy, and what it was asked.
struct Watched {
    strategy: Box<dyn Strategy>,
    seen: Rc<RefCell<Seen>>,
}

impl Strategy for Watched {
    fn begin(&mut self) -> bool {
        self.strategy.begin()
    }

    fn choose(&mut self, turn: &Turn<'_>) -> Option<usize> {
        if turn.ready.len() > 1 {
            self.seen.borrow_mut().asked(turn.ready.len());
        }
        self.strategy.choose(turn)
    }

    fn signal(&mut self, m: usize) -> bool {
        self.seen.borrow_mut().asked(2);
        self.strategy.signal(m)
    }

    fn age(&mut self, stores: usize) -> usize {
        self.seen.borrow_mut().asked(stores);
        self.strategy.age(stores)
    }

    fn sees_all(&self) -> bool {
        self.strategy.sees_all()
    }

    fn begins_apart(&self) -> bool {
        self.strategy.begins_apart()
    }

    fn has_weak_memory(&self) -> bool {
        self.strategy.has_weak_memory()
    }

    fn switches_at_plain_words(&self) -> bool {
        self.strategy.switches_at_plain_words()
    }

    fn did(&mut self, event: &Event) {
        self.strategy.did(event);
    }

    fn end(&mut self, ended: Ended, pending: &[Access; MS_MAX]) {
        let mut seen = self.seen.borrow_mut();
        (seen.ended, seen.pending) = (Some(ended), Some(*pending));
        self.strategy.end(ended, pending);
    }
}

/// The command that runs this again, wherever it is called.
#[must_use]
pub fn command(scenario: &str, under: Variant, kind: Kind, schedule: &Schedule) -> String {
    let option = under.option();
    again::command(&format!(
        "replay --scenario {scenario} {option} --strategy {kind} --schedule '{schedule}'"
    ))
}
