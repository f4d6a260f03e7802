//! One scenario through the strategies.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Instant;

use sigprof_model::law::Law;
use sigprof_model::scenario::Scenario;
use sigprof_sim::Seed;
use sigprof_sim::engine::explore::{Kind, Subject, program};
use sigprof_sim::engine::{Engine, Run};

use super::{Catch, Cell, Task, Tried};
use crate::explore::exploration::Found;
use crate::explore::target::Variant;

/// When to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Until {
    /// When each strategy has broken this law.
    Law(Law),
    /// When anything is broken, by whatever strategy.
    Anything,
    /// When there are no more runs, or enough.
    End,
}

/// None if `stop` was set before the end.
pub(super) fn run(
    engine: &mut Engine,
    task: &Task,
    kinds: &[Kind],
    stop: &AtomicBool,
) -> Option<Cell> {
    let make = program(&task.scenario, task.under.protocol());
    let mut subject = Subject::new(engine, &make);
    let mut tried = Vec::new();
    // Where any catch will do, the one that tries all kinds of runs once is the quickest.
    let by_price = kinds.iter().rev().copied();
    let kinds: Vec<_> = match task.until {
        Until::Anything => by_price.collect(),
        Until::Law(_) | Until::End => kinds.to_vec(),
    };
    for kind in kinds {
        let one = try_one(&mut subject, kind, task, stop);
        if stop.load(Relaxed) {
            return None;
        }
        // Behind all that there is nobody else finds anything.
        let is_done = !one.caught.is_empty() || one.is_exhausted && kind == Kind::WeakDpor;
        tried.push(one);
        if is_done && task.until == Until::Anything {
            break;
        }
    }
    Some(Cell {
        scenario: task.scenario.name,
        tried,
    })
}

fn try_one(subject: &mut Subject<'_>, kind: Kind, task: &Task, stop: &AtomicBool) -> Tried {
    let Task { until, limits, .. } = *task;
    let start = Instant::now();
    let mut tried = Tried {
        kind,
        runs: 0,
        caught: Vec::new(),
        is_exhausted: false,
    };
    let mut goes_on = |run: &Run| {
        if stop.load(Relaxed) {
            return false;
        }
        tried.runs += 1;
        let Some(violation) = run.violation() else {
            return true;
        };
        let law = violation.law;
        if tried.catch(law).is_none() {
            tried.caught.push(Catch {
                law,
                run: tried.runs,
                time: start.elapsed(),
            });
        }
        match until {
            Until::Law(wanted) => law != wanted,
            Until::Anything => false,
            Until::End => true,
        }
    };
    if kind.is_seeded() {
        for number in 0..limits.seeds {
            let seed = Seed(task.seed.0.wrapping_add(number));
            if !goes_on(&subject.run(kind, seed)) {
                break;
            }
        }
    } else {
        let mut runs = 0;
        tried.is_exhausted = subject.exhaust(kind, |run| {
            runs += 1;
            goes_on(run) && runs < limits.runs
        });
    }
    tried
}

/// The run of that number, from 1, of a strategy whose first seed is `first`; `None` if there are
/// fewer.
pub(super) fn again(
    under: Variant,
    scenario: &Scenario,
    kind: Kind,
    first: Seed,
    number: u64,
) -> Option<Found> {
    let make = program(scenario, under.protocol());
    let mut engine = Engine::new();
    let mut subject = Subject::new(&mut engine, &make);
    if kind.is_seeded() {
        let seed = Seed(first.0.wrapping_add(number.checked_sub(1)?));
        let run = subject.run(kind, seed);
        return Some(Found {
            seed: Some(seed),
            run,
        });
    }
    let (mut runs, mut last) = (0, None);
    subject.exhaust(kind, |run| {
        runs += 1;
        if runs == number {
            last = Some(run.clone());
        }
        last.is_none()
    });
    last.map(|run| Found { seed: None, run })
}
