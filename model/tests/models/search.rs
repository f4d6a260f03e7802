//! A plain full search over sequentially consistent interleavings.
//!
//! Each thread of a scenario is a coroutine. Before every operation on an atomic word or a
//! note it stops and says what it is about to do, and the search decides who goes on, or
//! whether a signal reaches a thread first; the handler then is a nested call on that
//! thread's stack. Plain words are no such points: that nothing uses them from two sides
//! at once is for loom to show.
//!
//! # All of them
//!
//! The search runs a program again and again, each time along the choices of the last run but for
//! the last one that has an alternative. A run ends early where it reaches a state that was there
//! before, since all that can follow was, or will be, explored from there. A state is what every
//! word holds, and for each thread a digest of all that it has read and where its signal came. That
//! says everything: a thread does the same if it reads the same, and scenarios keep what they note
//! down by thread. Digests have 128 bits, so that two states are not taken for one by chance.
//!
//! This is simple, and it is sound; it knows nothing of weak memory.
//!
//! | child | what |
//! |---|---|
//! | `backend` | words and notes that stop before each operation |
//! | `world` | what they hold, and who waits for what |
//! | `table` | an interleaving, for people |

mod backend;
mod table;
mod world;

pub(crate) use backend::Search;
pub(crate) use table::{Interleaving, Shown};

use std::collections::{BTreeSet, HashMap};
use std::time::Instant;

use generator::{Generator, Gn};
use sigprof_model::law::{Law, Violation};
use sigprof_model::protocol::Protocol;
use sigprof_model::scenario::{Outcome, Scenario, Thread};

use super::explored::{Explored, Limits, quietly};
use world::{Choice, World};

/// Steps of a run, at the most: no scenario needs a tenth of it.
const STEPS_MAX: usize = 2_000;

/// Words of a coroutine's stack.
const STACK: usize = 1 << 14;

type Coroutine = Generator<'static, Body, ()>;

/// How a run ended.
enum End {
    /// In a state that was there before, or beyond the switches allowed.
    Known,
    Judged(Result<Outcome, Violation>),
}

/// A place where the search can go another way.
struct Fork {
    choices: Vec<Choice>,
    taken: usize,
}

/// How a state was reached: switches, then steps.
type Cost = (usize, usize);

/// A full search through the interleavings of a scenario.
struct Explorer<'a> {
    scenario: &'a Scenario,
    protocol: Protocol,
    /// Switches allowed, if they are counted.
    switches_max: Option<usize>,
    /// States, with the thread that ran last and the least cost if costs count.
    states: HashMap<(u128, usize), Cost>,
    forks: Vec<Fork>,
}

impl<'a> Explorer<'a> {
    fn new(scenario: &'a Scenario, protocol: Protocol, switches_max: Option<usize>) -> Self {
        Self {
            scenario,
            protocol,
            switches_max,
            states: HashMap::new(),
            forks: Vec::new(),
        }
    }

    /// Runs the program once, along the forks and beyond.
    fn run(&mut self) -> End {
        World::begin(self.switches_max.is_some());
        let program = quietly(|| (self.scenario.program)(self.protocol));
        let program = match program {
            Ok(program) => program,
            Err(violation) => return End::Judged(Err(violation)),
        };
        let names = program.threads.iter().map(|thread| thread.name).collect();
        World::with(|world| world.threads_are(names));
        let mut threads: Vec<_> = (0..).zip(program.threads).map(coroutine).collect();
        let end = self.go(&mut threads);
        World::with(World::end);
        // Those that have not ended unwind, and what they still do has no effect.
        let _unwound = quietly(|| drop(threads));
        World::with(World::judge);
        match end {
            Ok(true) => match quietly(program.judge) {
                Ok(judgement) => End::Judged(judgement),
                Err(violation) => End::Judged(Err(violation)),
            },
            Ok(false) => End::Known,
            Err(violation) => End::Judged(Err(violation)),
        }
    }

    /// Lets threads go on until all have ended (true), or a state is known (false).
    fn go(&mut self, threads: &mut [Coroutine]) -> Result<bool, Violation> {
        let mut depth = 0;
        let mut cost: Cost = (0, 0);
        loop {
            let (choices, state, last) = World::with(|world| {
                let choices = world.choices();
                (choices, world.digest(), world.last())
            });
            if choices.is_empty() {
                return World::with(|world| world.ended().map(|()| true));
            }
            if cost.1 > STEPS_MAX {
                return Err(Violation::new(Law::Woken, "goes on for ever"));
            }
            if depth == self.forks.len() {
                if !self.is_new(state, last, cost) {
                    return Ok(false);
                }
                let taken = 0;
                self.forks.push(Fork { choices, taken });
            }
            let fork = &self.forks[depth];
            let choice = fork.choices[fork.taken];
            depth += 1;
            cost.0 += usize::from(World::with(|world| world.is_switch(choice)));
            cost.1 += 1;
            if self.switches_max.is_some_and(|max| cost.0 > max) {
                return Ok(false);
            }
            World::with(|world| world.choose(choice));
            let thread = &mut threads[choice.thread()];
            quietly(|| thread.resume())?;
            if let Some(violation) = World::with(World::take_violation) {
                return Err(violation);
            }
        }
    }

    fn is_new(&mut self, state: u128, last: usize, cost: Cost) -> bool {
        let counts = self.switches_max.is_some();
        let (key, cost) = if counts {
            ((state, last), cost)
        } else {
            ((state, 0), (0, 0))
        };
        match self.states.get_mut(&key) {
            None => {
                self.states.insert(key, cost);
                true
            }
            Some(least) if counts && cost < *least => {
                *least = cost;
                true
            }
            Some(_) => false,
        }
    }

    /// Turns to the next alternative; false if there is none.
    fn turn(&mut self) -> bool {
        while let Some(mut fork) = self.forks.pop() {
            fork.taken += 1;
            if fork.taken < fork.choices.len() {
                self.forks.push(fork);
                return true;
            }
        }
        false
    }
}

/// The code that a coroutine is handed to run.
type Body = Box<dyn FnOnce()>;

/// A thread that stops once more at its end, so that its signal can come there.
#[expect(
    deprecated,
    reason = "the scope that is asked for instead takes only what is Send"
)]
fn coroutine((id, thread): (usize, Thread)) -> Coroutine {
    World::with(|world| world.has_handler(id, thread.handler));
    let mut coroutine = Gn::<Body>::new_opt(STACK, || {
        if let Some(body) = generator::get_yield::<Body>() {
            body();
        }
    });
    let body = thread.body;
    coroutine.set_para(Box::new(move || {
        body();
        backend::point(world::Wait::No);
        World::with(|world| world.thread_ends(id));
    }));
    coroutine
}

/// Explores all interleavings, up to the first violation.
pub(crate) fn explore(scenario: &Scenario, protocol: Protocol, limits: Limits) -> Explored {
    let began = Instant::now();
    let mut explorer = Explorer::new(scenario, protocol, None);
    let (mut executions, mut outcomes) = (0, BTreeSet::new());
    let mut violation = None;
    let is_finished = loop {
        executions += 1;
        match explorer.run() {
            End::Known => {}
            End::Judged(Ok(outcome)) => {
                outcomes.insert(outcome);
            }
            End::Judged(Err(found)) => {
                violation = Some(found);
                break false;
            }
        }
        if !explorer.turn() {
            break true;
        }
        if executions >= limits.executions || began.elapsed() >= limits.time {
            break false;
        }
    };
    Explored {
        executions,
        elapsed: began.elapsed(),
        outcomes,
        is_finished,
        violation,
    }
}

/// All that can come of it: what was seen where nothing was broken, and the laws that were
/// broken elsewhere.
pub(crate) fn all(scenario: &Scenario, protocol: Protocol) -> (BTreeSet<Outcome>, BTreeSet<Law>) {
    let mut explorer = Explorer::new(scenario, protocol, None);
    let (mut outcomes, mut laws) = (BTreeSet::new(), BTreeSet::new());
    loop {
        match explorer.run() {
            End::Known => {}
            End::Judged(Ok(outcome)) => {
                outcomes.insert(outcome);
            }
            End::Judged(Err(violation)) => {
                laws.insert(violation.law);
            }
        }
        if !explorer.turn() {
            return (outcomes, laws);
        }
    }
}

/// The interleaving with the fewest switches that breaks this law, and of those one with
/// the fewest steps.
pub(crate) fn shortest(scenario: &Scenario, protocol: Protocol, law: Law) -> Option<Interleaving> {
    /// More are never needed here.
    const SWITCHES_MAX: usize = 6;
    (0..=SWITCHES_MAX).find_map(|switches| {
        let mut explorer = Explorer::new(scenario, protocol, Some(switches));
        let mut best: Option<Interleaving> = None;
        loop {
            if let End::Judged(Err(violation)) = explorer.run()
                && violation.law == law
            {
                let found = World::with(|world| world.interleaving(violation));
                if best.as_ref().is_none_or(|best| found.len() < best.len()) {
                    best = Some(found);
                }
            }
            if !explorer.turn() {
                return best;
            }
        }
    })
}

/// How many interleavings there are, each run to its end: for programs without
/// violations that are small enough.
pub(crate) fn interleavings(scenario: &Scenario, protocol: Protocol) -> u64 {
    let mut explorer = Explorer::new(scenario, protocol, None);
    let mut executions = 0;
    loop {
        explorer.states.clear();
        explorer.run();
        executions += 1;
        if !explorer.turn() {
            return executions;
        }
    }
}

/// The names of its threads.
pub(crate) fn threads(scenario: &Scenario, protocol: Protocol) -> Vec<&'static str> {
    World::begin(false);
    let threads = (scenario.program)(protocol).threads;
    threads.iter().map(|thread| thread.name).collect()
}
