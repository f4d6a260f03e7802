//! Stages on real words and on the engine.

mod bounded;
mod later;

use super::*;
use crate::Seed;
use crate::engine::explore::Subject;
use crate::engine::strategy::RandomWalk;
use crate::truth::{Fate, InProfile, InTrace};
use sigprof_model::law::Law;
use std::collections::BTreeMap;

const GO_1_19: &str = "go1.19";

fn revision(name: &str) -> Revision {
    Revision::named(name).unwrap()
}

fn arrivals(staged: &Staged) -> Vec<(Option<InTrace>, Option<InProfile>)> {
    let signals = staged.truth.signals.iter();
    signals.map(|s| (s.in_trace, s.in_profile)).collect()
}

#[test]
fn every_stage_reads() {
    for (name, text) in CASES {
        let stage = parse(text).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert!(stage.count(&Step::StartTrace) > 0, "{name}");
    }
}

#[test]
fn what_is_no_step_is_refused() {
    for step in [
        "",
        "stop",
        "sample p",
        "sample p=x",
        "sample q=1",
        "yield now",
    ] {
        let read = step.parse::<Step>();
        assert!(matches!(read, Err(StageError::Step(_))), "{step:?}");
    }
    assert!(matches!(parse("words = 8"), Err(StageError::NoThread)));
}

/// Guards R5.2.
#[test]
fn two_records_fit_exactly_and_a_third_does_not() {
    let staged = run(&case("exact-fit"), revision(GO_1_19), Seed(7));
    let got: Vec<_> = arrivals(&staged)
        .into_iter()
        .skip(1)
        .map(|(t, _)| t)
        .collect();
    let fits = Some(InTrace::Delivered);
    assert_eq!(got, [fits, fits, Some(InTrace::Dropped)]);
}

/// Guards R1.2, R2.3.
#[test]
fn as_many_full_stacks_fit_as_in_go() {
    let staged = run(&case("full-ring"), revision(GO_1_19), Seed(7));
    let fit = arrivals(&staged);
    let fit = fit.iter().filter(|(t, _)| *t == Some(InTrace::Delivered));
    assert_eq!(fit.count(), 1927);
    assert_eq!(staged.truth.traces[0].overflowed, 73);
}

#[test]
fn what_is_between_two_traces_is_in_neither() {
    let staged = run(&case("restart"), revision(GO_1_19), Seed(7));
    assert_eq!((staged.traces.len(), staged.profiles.len()), (2, 2));
    let fates: Vec<_> = staged.truth.signals.iter().map(|s| s.fate).collect();
    assert_eq!(fates, [Fate::Handled, Fate::ProfilerOff, Fate::Handled]);
}

/// Runs of many seeds on the engine: what came of them, and how often.
fn explored(name: &str, revision_name: &str) -> BTreeMap<String, u32> {
    let mut engine = Engine::new();
    let (stage, revision) = (case(name), revision(revision_name));
    let make = || program(&stage, revision, Seed(0), Rc::default());
    let estimate = Subject::new(&mut engine, &make).estimate().clone();
    let mut seen = BTreeMap::new();
    for seed in 0..400 {
        let mut walk = Box::new(RandomWalk::new(Seed(seed), &estimate));
        assert!(walk.begin());
        let what = match explore(&mut engine, &stage, revision, Seed(seed), walk) {
            Ok((staged, _)) => {
                let signals = arrivals(&staged);
                let late = signals
                    .iter()
                    .filter(|(t, _)| *t == Some(InTrace::Late))
                    .count();
                let no_log = signals
                    .iter()
                    .filter(|(t, _)| *t == Some(InTrace::NoLog))
                    .count();
                format!(
                    "{} samples, {late} late, {no_log} without a log",
                    signals.len()
                )
            }
            Err((violation, _)) => violation.law.to_string(),
        };
        *seen.entry(what).or_insert(0) += 1;
    }
    seen
}

/// B6: until Go 1.21 a handler without a P may be at it while the trace stops.
///
/// Guards R32.2, R35.
#[test]
fn the_engine_stops_a_trace_in_the_midst_of_a_handler() {
    for name in ["go1.19", "go1.21"] {
        let seen = explored("stop-in-handler", name);
        assert!(seen.contains_key(&Law::NoneRetired.to_string()), "{seen:?}");
        assert!(
            seen.keys().any(|what| what.contains("1 without a log")),
            "{seen:?}"
        );
        let others = seen.keys().filter(|what| what.starts_with('L'));
        let others: Vec<_> = others
            .filter(|w| **w != Law::NoneRetired.to_string())
            .collect();
        assert!(others.is_empty(), "{seen:?}");
    }
}

/// A handler on the stopper's own thread never waits for it, and breaks nothing (L13).
///
/// Guards R32.1.
#[test]
fn the_engine_brings_a_signal_on_the_stoppers_own_thread() {
    for name in ["seed", "go1.19", "go1.21"] {
        let seen = explored("stoppers-own-handler", name);
        assert!(seen.keys().all(|what| !what.starts_with('L')), "{seen:?}");
        assert!(
            seen.keys().any(|what| what.contains("1 without a log")),
            "{seen:?}"
        );
    }
}
