//! Exploration of Go's text itself, by the strategies of the engine, with the laws as the judge.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use sigprof_model::law::Violation;
use sigprof_model::protocol::Protocol;
use sigprof_model::scenario::Scenario;
use sigprof_sim::Seed;
use sigprof_sim::engine::explore::{Kind, Subject, program};
use sigprof_sim::engine::go_text::{self, Sequential, Tail};
use sigprof_sim::engine::grain::Grain;
use sigprof_sim::engine::strategy::Strategy;
use sigprof_sim::engine::{Engine, Run};

use super::Text;
use super::refine::{is_shared, line_of};

/// The outcome of exploring the text itself.
#[derive(Clone, Debug)]
pub struct Explored {
    /// The name of the scenario.
    pub scenario: &'static str,
    /// Runs of the text.
    pub runs: u64,
    /// Requests to its program.
    pub asked: u64,
    /// Whether there are no more runs, under the strategy's terms.
    pub is_exhausted: bool,
    /// The first law that was broken, and the steps of that run.
    pub found: Option<(Violation, Vec<String>)>,
}

/// Runs at random that are asked for at once.
const AHEAD: u64 = 16;

/// Explores Go's text in a scenario: so many runs at the most, up to the first law that is broken, until `stop` is set.
///
/// # Errors
/// The text's program has failed; in words.
pub fn explore(
    text: &Text,
    protocol: Protocol,
    theirs: &Scenario,
    kind: Kind,
    runs: u64,
    stop: &AtomicBool,
) -> Result<Explored, String> {
    let process = text.start().map_err(|error| error.to_string())?;
    go_text::install(Box::new(process));
    let make = program(theirs, protocol);
    let mut engine = Engine::new();
    let mut explored = Explored {
        scenario: theirs.name,
        runs: 0,
        asked: 0,
        is_exhausted: false,
        found: None,
    };
    let mut subject = Subject::new(&mut engine, &make);
    let wrap = |strategy| -> Box<dyn Strategy> { Box::new(Sequential(strategy)) };
    let mut found = None;
    let mut look = |run: &Run| {
        explored.runs += 1;
        found = run
            .violation()
            .map(|violation| (violation.clone(), run.schedule.clone()));
        found.is_none() && explored.runs < runs && !stop.load(Relaxed)
    };
    if kind.is_seeded() {
        (0..runs).all(|seed| {
            if seed % AHEAD == 0 {
                let seeds = seed..runs.min(seed + AHEAD);
                let tapes = seeds.map_while(|seed| subject.tape(kind, Seed(seed)));
                // A failure comes again in the run, and is one there.
                let _asked = go_text::look_ahead(tapes.map(Tail::Tape).collect());
            }
            look(&subject.run_with(kind, Seed(seed), wrap))
        });
    } else {
        explored.is_exhausted = subject.exhaust_with(kind, wrap, look);
    }
    explored.asked = go_text::asked();
    explored.found = found.map(|(violation, schedule)| {
        // Once more, for its steps.
        let grain = Grain {
            is_weak: false,
            is_fine: false,
            ..kind.grain()
        };
        go_text::guess(Tail::Dull, false);
        let (run, _) = Engine::with_steps().run(&make, grain.replay(&schedule));
        let steps = run.steps.iter().filter(|step| is_shared(step));
        (violation, steps.map(line_of).collect())
    });
    let fault = go_text::take_fault();
    go_text::uninstall();
    match fault {
        Some(fault) => Err(format!("{}: {fault}", theirs.name)),
        None => Ok(explored),
    }
}
