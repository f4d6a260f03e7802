//! How long it takes to search through a program, to catch mutants, and to shrink a failure.

use std::time::Duration;

use sigprof_model::mutants::{Fate, Mutant};
use sigprof_model::protocol::Protocol;
use sigprof_model::scenario::{self, Scenario};
use sigprof_sim::Seed;
use sigprof_sim::engine::explore::{Kind, Subject, program};
use sigprof_sim::engine::{Engine, Run, Sim};

use super::explored::Limits;
use super::harness::{cpu_time, timed};
use super::loom_engine::{Fences, Loom, Way, explore};
use super::{Promise, argument};

/// Times that ours does it; the shortest counts.
const TURNS: u32 = 15;

/// Seconds that loom gets, if `--loom-seconds=N` does not say otherwise.
const LOOM_SECONDS: u64 = 30;

/// Longest time that catching a mutant may take.
const CATCH_MAX: Duration = Duration::from_secs(1);

/// The clock is looked at once in this many runs.
const LOOKS: u32 = 64;

pub(crate) fn print() {
    println!("engine: times, in CPU time; ours is the shortest of {TURNS}\n");
    exhaust();
    shrink();
    mutants();
}

fn named<'a>(scenarios: &'a [Scenario], name: &str) -> &'a Scenario {
    let found = scenarios.iter().find(|scenario| scenario.name == name);
    found.unwrap_or_else(|| panic!("no scenario {name}"))
}

/// The shortest of many.
fn shortest(mut work: impl FnMut()) -> Duration {
    let all = (0..TURNS).map(|_| timed(&mut work));
    all.min().unwrap_or_default()
}

/// A writer that fills the ring and counts what it drops, a reader that sleeps, a close.
fn exhaust() {
    const NAME: &str = "overflow_then_close";
    let (of_sim, of_loom) = (scenario::all::<Sim>(), scenario::all::<Loom>());
    let make = program(named(&of_sim, NAME), Protocol::FIXED);
    let ours = [Kind::Dpor, Kind::WeakDpor].map(|kind| {
        let mut runs = 0;
        let time = shortest(|| {
            let mut engine = Engine::new();
            let seen = Subject::new(&mut engine, &make).outcomes(kind, u64::MAX);
            assert!(seen.is_exhausted && seen.violation.is_none());
            runs = seen.runs;
        });
        (kind, time, runs)
    });

    let seconds = argument("--loom-seconds").unwrap_or(LOOM_SECONDS);
    let limits = Limits {
        preemptions: None,
        executions: u64::MAX,
        time: Duration::from_secs(seconds),
    };
    let way = Way {
        main: 0,
        fences: Fences::BehindStores,
    };
    let (mut executions, mut is_finished) = (0, false);
    let looms = timed(|| {
        let explored = explore(named(&of_loom, NAME), Protocol::FIXED, way, limits);
        assert!(explored.violation.is_none(), "{:?}", explored.violation);
        (executions, is_finished) = (explored.executions, explored.is_finished);
    });
    let end = if is_finished { "done" } else { "not done" };
    println!("exhaust {NAME}, fixed  {:>12} {:>10}", "ms", "executions");
    // As loom has it.
    let [_, (_, with_weak_memory, _)] = ours;
    for (kind, time, runs) in ours {
        println!(
            "{:<36} {:>12.2} {runs:>10}",
            format!("ours, {kind}, exhausted"),
            ms(time)
        );
    }
    println!("loom, {end:<29}  {:>12.0} {executions:>10}", ms(looms));
    Promise {
        what: match is_finished {
            true => "as fast as loom".to_owned(),
            false => "as fast as loom, at the least, which was stopped".to_owned(),
        },
        got: looms.as_secs_f64() / with_weak_memory.as_secs_f64(),
        promised: 1_000.0,
        moonshot: 5_000.0,
    }
    .print();
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// The end is seen, a record is not: that needs two switches.
fn shrink() {
    const NAME: &str = "record_then_close";
    let scenarios = scenario::all::<Sim>();
    let make = program(named(&scenarios, NAME), Protocol::GO_1_26);
    println!("shrink {NAME}, go1.26: the first failure of each strategy");
    println!(
        "{:<12} {:>8} {:>8} {:>6} {:>10}",
        "", "forced", "left", "runs", "ms"
    );
    let (mut worst, mut left) = (Duration::ZERO, 0);
    for kind in [Kind::Random, Kind::Pct(3), Kind::Bounded(2)] {
        let mut engine = Engine::new();
        let mut subject = Subject::new(&mut engine, &make);
        let Some(found) = first_catch(&mut subject, kind) else {
            println!("{kind} finds none");
            continue;
        };
        let mut shrunk = None;
        let took = shortest(|| shrunk = Some(subject.shrink(kind, found.clone())));
        let Some(shrunk) = shrunk else { continue };
        let forced = shrunk.run.schedule.forced();
        println!(
            "{:<12} {:>8} {forced:>8} {:>6} {:>10.3}",
            kind.to_string(),
            shrunk.forced_before,
            shrunk.runs,
            ms(took)
        );
        (worst, left) = (worst.max(took), left.max(forced));
    }
    limit(
        "shrunk to two forced choices",
        left <= 2,
        ms(worst),
        10.0,
        1.0,
    );
}

/// The first run of a strategy that breaks a law, unless it takes too long.
fn first_catch(subject: &mut Subject<'_>, kind: Kind) -> Option<Run> {
    let began = cpu_time();
    let mut runs = 0_u32;
    let mut may_go_on = || {
        runs += 1;
        !runs.is_multiple_of(LOOKS) || cpu_time() - began < CATCH_MAX
    };
    let breaks = |run: &Run| run.violation().is_some();
    if kind.is_seeded() {
        let mut seeds = (0..).map(Seed).take_while(|_| may_go_on());
        return seeds.find_map(|seed| Some(subject.run(kind, seed)).filter(breaks));
    }
    let mut caught = None;
    subject.exhaust(kind, |run| {
        if breaks(run) {
            caught = Some(run.clone());
        }
        caught.is_none() && may_go_on()
    });
    caught
}

/// Every mutant that breaks a law, in the scenario that shows it. Which law it is that
/// accuses it first is not asked here, but by `sigprof mutants`.
fn mutants() {
    const KINDS: [Kind; 4] = [
        Kind::Random,
        Kind::Pct(3),
        Kind::Bounded(2),
        Kind::Bounded(3),
    ];
    let scenarios = scenario::all::<Sim>();
    // For each strategy, how many it does not catch, and the slowest catch.
    let mut of_kinds = KINDS.map(|_| (0, Duration::ZERO, ""));
    let (mut slowest, mut survivors, mut count) = ((Duration::ZERO, ""), Vec::new(), 0);
    for mutant in Mutant::all() {
        let Fate::Breaks { scenario, .. } = mutant.fate else {
            continue;
        };
        count += 1;
        let make = program(named(&scenarios, scenario), mutant.protocol());
        let mut first: Option<Duration> = None;
        for (kind, (missed, worst, of)) in KINDS.into_iter().zip(&mut of_kinds) {
            let mut engine = Engine::new();
            let mut found = None;
            let took = timed(|| {
                let mut subject = Subject::new(&mut engine, &make);
                found = first_catch(&mut subject, kind);
            });
            if found.is_none() {
                *missed += 1;
                continue;
            }
            if took > *worst {
                (*worst, *of) = (took, mutant.name);
            }
            first = Some(first.map_or(took, |first| first.min(took)));
        }
        match first {
            None => survivors.push(mutant.name),
            Some(first) if first > slowest.0 => slowest = (first, mutant.name),
            Some(_) => {}
        }
    }
    println!("catch {count} mutants, each in its scenario, by any law, within {CATCH_MAX:?}");
    println!("{:<12} {:>8} {:>13}", "", "missed", "slowest, ms");
    for (kind, (missed, worst, of)) in KINDS.into_iter().zip(of_kinds) {
        println!(
            "{:<12} {missed:>8} {:>13.2} ({of})",
            kind.to_string(),
            ms(worst)
        );
    }
    println!(
        "by the best of these: slowest {} ({:.2} ms), missed {survivors:?}",
        slowest.1,
        ms(slowest.0)
    );
    let what = format!("all {count} mutants are caught");
    limit(&what, survivors.is_empty(), ms(slowest.0), 1_000.0, 50.0);
}

/// A promise in milliseconds: less is better.
fn limit(what: &str, is_so: bool, got: f64, promised: f64, moonshot: f64) {
    let verdict = |limit| is_so && got <= limit;
    println!(
        "promise: {what} within {promised} ms: {got:.3}, {} (moonshot {moonshot}: {})\n",
        if verdict(promised) { "met" } else { "NOT MET" },
        if verdict(moonshot) { "met" } else { "not met" },
    );
}
