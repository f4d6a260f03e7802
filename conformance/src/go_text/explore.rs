//! Exploration of Go's text itself, by the strategies of the engine, with the laws as the judge.

use sigprof_model::law::Violation;
use sigprof_model::protocol::Protocol;
use sigprof_model::scenario::{Program, Scenario};
use sigprof_sim::Seed;
use sigprof_sim::engine::explore::{Kind, Subject, program};
use sigprof_sim::engine::go_text::{self, Sequential, Tail};
use sigprof_sim::engine::grain::Grain;
use sigprof_sim::engine::strategy::Strategy;
use sigprof_sim::engine::{Engine, Run, Schedule};

use super::refine::{is_shared, line_of};
use super::{AHEAD, Text};

/// The outcome of exploring the text itself.
#[derive(Clone, Debug)]
pub struct Explored {
    /// The name of the scenario.
    pub scenario: &'static str,
    /// The strategy that explored it.
    pub strategy: Kind,
    /// Runs of the text.
    pub runs: u64,
    /// Requests to its program.
    pub asked: u64,
    /// Whether there are no more runs, under the strategy's terms.
    pub is_exhausted: bool,
    /// The first law that was broken, and the steps of that run.
    pub found: Option<(Violation, Vec<String>)>,
}

/// Explores Go's text in a scenario: so many runs at the most, up to the first law that is broken,
/// while `goes_on`, which is told after each run how many there were.
///
/// # Errors
/// The text's program has failed; in words.
pub fn explore(
    text: &Text,
    protocol: Protocol,
    theirs: &Scenario,
    kind: Kind,
    runs: u64,
    goes_on: &mut dyn FnMut(u64) -> bool,
) -> Result<Explored, String> {
    let make = program(theirs, protocol);
    let explored = text.running(|| Ok(explore_here(theirs.name, &make, kind, runs, goes_on)));
    explored.map_err(|fault| format!("{}: {fault}", theirs.name))
}

/// The same, on the program that runs on this thread of the system.
fn explore_here(
    scenario: &'static str,
    make: &dyn Fn() -> Program,
    kind: Kind,
    runs: u64,
    goes_on: &mut dyn FnMut(u64) -> bool,
) -> Explored {
    let mut engine = Engine::new();
    let mut subject = Subject::new(&mut engine, make);
    let sequential = |strategy| -> Box<dyn Strategy> { Box::new(Sequential(strategy)) };
    let (mut ran, mut found) = (0, None);
    let mut look = |run: &Run| {
        ran += 1;
        let violation = run.violation().cloned();
        found = violation.map(|violation| (violation, run.schedule.clone()));
        found.is_none() && ran < runs && goes_on(ran)
    };
    let is_exhausted = if kind.is_seeded() {
        (0..runs).all(|seed| {
            if seed % AHEAD == 0 {
                let seeds = seed..runs.min(seed + AHEAD);
                let tapes = seeds.map_while(|seed| subject.tape(kind, Seed(seed)));
                // A failure comes again in the run, and is one there.
                let _asked = go_text::look_ahead(tapes.map(Tail::Tape).collect());
            }
            look(&subject.run_with(kind, Seed(seed), sequential))
        });
        false
    } else {
        subject.exhaust_with(kind, sequential, look)
    };
    let asked = go_text::asked();
    Explored {
        scenario,
        strategy: kind,
        runs: ran,
        asked,
        is_exhausted,
        found: found.map(|(violation, schedule)| (violation, steps(make, kind, &schedule))),
    }
}

/// The operations on shared words of a run, done once more.
fn steps(make: &dyn Fn() -> Program, kind: Kind, schedule: &Schedule) -> Vec<String> {
    let grain = Grain {
        is_weak: false,
        is_fine: false,
        ..kind.grain()
    };
    let (run, _) = Engine::with_steps().run(make, grain.replay(schedule));
    let shared = run.steps.iter().filter(|step| is_shared(step));
    shared.map(line_of).collect()
}
