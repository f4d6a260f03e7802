//! How many schedules and executions in a second of CPU time.

use std::time::Duration;

use ::shuttle::scheduler::{PctScheduler, RandomScheduler};
use sigprof_model::protocol::Protocol;
use sigprof_model::scenario::Scenario;
use sigprof_sim::Seed;
use sigprof_sim::engine::explore::{Kind, Subject};
use sigprof_sim::engine::strategy::{Access, Ended, Event, Pct, RandomWalk, Strategy, Turn};
use sigprof_sim::engine::{Engine, MS_MAX, Sim};

use super::explored::Limits;
use super::harness::{self, Contestant, Measured, timed};
use super::loom_engine::{Fences, Loom, Way, explore};
use super::workload::program;
use super::{Promise, shuttle};

/// Runs in a turn: a millisecond of ours, ten or forty of the others.
const RUNS: u32 = 1_000;

/// The depth of PCT.
const DEPTH: usize = 3;

/// Switches that the bounded search may make.
const SWITCHES: usize = 2;

pub(crate) fn print() {
    println!("engine: two writers, a spin lock, a ring of four, a reader that spins (workload W),");
    println!(
        "in CPU time; the shortest of {} turns of {RUNS} runs, taken in rotation on one CPU.",
        harness::ROUNDS
    );
    println!(
        "Ours has weak memory and the check for races on; \"fine\": its plain words are points, too."
    );
    println!("shuttle has neither, and no points at plain words; loom has both, and none there.\n");
    random();
    pct();
    executions();
}

/// Without switches at plain words.
struct Coarse<S>(S);

impl<S: Strategy> Strategy for Coarse<S> {
    fn begin(&mut self) -> bool {
        self.0.begin()
    }

    #[inline]
    fn choose(&mut self, turn: &Turn<'_>) -> Option<usize> {
        self.0.choose(turn)
    }

    #[inline]
    fn signal(&mut self, m: usize) -> bool {
        self.0.signal(m)
    }

    #[inline]
    fn age(&mut self, stores: usize) -> usize {
        self.0.age(stores)
    }

    fn switches_at_plain_words(&self) -> bool {
        false
    }

    fn did(&mut self, event: &Event) {
        self.0.did(event);
    }

    fn end(&mut self, ended: Ended, pending: &[Access; MS_MAX]) {
        self.0.end(ended, pending);
    }
}

/// Each turn has seeds of its own, the same in each run of the benchmark.
struct Seeds(u64);

impl Seeds {
    fn turn(&mut self, times: u32) -> impl Iterator<Item = Seed> + use<> {
        let from = self.0;
        self.0 += u64::from(times);
        (from..self.0).map(Seed)
    }
}

fn contestant<'a>(name: &str, turn: impl FnMut(u32) -> Duration + 'a) -> Contestant<'a> {
    Contestant {
        name: name.to_owned(),
        turn: Box::new(turn),
    }
}

/// Ours, as it is used.
fn seeded(name: &str, kind: Kind) -> Contestant<'static> {
    let (mut engine, mut seeds) = (Engine::new(), Seeds(0));
    contestant(name, move |times| {
        let seeds = seeds.turn(times);
        timed(|| {
            let mut subject = Subject::new(&mut engine, &program::<Sim>);
            for seed in seeds {
                assert!(subject.run(kind, seed).violation().is_none(), "{seed}");
            }
        })
    })
}

/// Ours, with points where shuttle has some.
fn coarse<S: Strategy + 'static>(
    name: &str,
    strategy: impl Fn(Seed, &Subject<'_>) -> S + 'static,
) -> Contestant<'static> {
    let (mut engine, mut seeds) = (Engine::new(), Seeds(0));
    contestant(name, move |times| {
        let seeds = seeds.turn(times);
        timed(|| {
            let mut of_estimate = Engine::new();
            let subject = Subject::new(&mut of_estimate, &program::<Sim>);
            for seed in seeds {
                let mut strategy = Coarse(strategy(seed, &subject));
                strategy.begin();
                let (run, _) = engine.run(program::<Sim>, Box::new(strategy));
                assert!(run.violation().is_none(), "{seed}");
            }
        })
    })
}

fn random() {
    let mut seed = 0;
    let mut contestants = [
        contestant("shuttle, random", move |times| {
            seed += 1;
            let scheduler = RandomScheduler::new_from_seed(seed, times as usize);
            timed(|| shuttle::run(scheduler))
        }),
        seeded("ours, random, fine", Kind::Random),
        coarse("ours, random", |seed, subject| {
            RandomWalk::new(seed, subject.estimate())
        }),
    ];
    let measured = harness::compare(&mut contestants, RUNS);
    table("schedules", &measured);
    promise("shuttle's random schedules/s", &measured, 4.0, 8.0);
}

fn pct() {
    let mut seed = 0;
    let mut contestants = [
        contestant("shuttle, PCT(3)", move |times| {
            seed += 1;
            let scheduler = PctScheduler::new_from_seed(seed, DEPTH, times as usize);
            timed(|| shuttle::run(scheduler))
        }),
        seeded("ours, PCT(3), fine", Kind::Pct(DEPTH)),
        coarse("ours, PCT(3)", |seed, subject| {
            Pct::new(seed, DEPTH, subject.estimate())
        }),
    ];
    let measured = harness::compare(&mut contestants, RUNS);
    table("schedules", &measured);
    promise("shuttle's PCT schedules/s", &measured, 7.0, 15.0);
}

fn executions() {
    let scenario = Scenario {
        name: "w",
        about: "the workload",
        program: |_| program::<Loom>(),
        applies: |_| true,
    };
    let way = Way {
        main: 0,
        fences: Fences::BehindStores,
    };
    let mut engine = Engine::new();
    let mut contestants = [
        contestant("loom", |times| {
            let limits = Limits {
                preemptions: None,
                executions: times.into(),
                time: Duration::MAX,
            };
            timed(|| {
                let explored = explore(&scenario, Protocol::FIXED, way, limits);
                assert!(explored.violation.is_none(), "{:?}", explored.violation);
                // loom counts from 1 on.
                assert_eq!(explored.executions + 1, u64::from(times));
            })
        }),
        contestant("ours, bounded 2", |times| {
            timed(|| {
                let mut subject = Subject::new(&mut engine, &program::<Sim>);
                let mut left = times;
                let is_all = subject.exhaust(Kind::Bounded(SWITCHES), |run| {
                    assert!(run.violation().is_none());
                    left -= 1;
                    left > 0
                });
                assert!(!is_all);
            })
        }),
    ];
    let measured = harness::compare(&mut contestants, RUNS);
    table("executions", &measured);
    promise("loom's executions/s", &measured, 60.0, 150.0);
}

/// A row for each, with its speed in times that of the first.
fn table(what: &str, measured: &[Measured]) {
    println!(
        "{what:<22} {:>8} {:>8} {:>11} {:>8}",
        "ns, min", "median", "in a second", "times"
    );
    for Measured { name, min, median } in measured {
        let ratio = measured[0].min / min;
        let rate = 1e9 / min;
        println!("{name:<22} {min:>8.0} {median:>8.0} {rate:>11.0} {ratio:>8.2}");
    }
}

/// The second against the first.
fn promise(what: &str, measured: &[Measured], promised: f64, moonshot: f64) {
    Promise {
        what: what.to_owned(),
        got: measured[0].min / measured[1].min,
        promised,
        moonshot,
    }
    .print();
}
