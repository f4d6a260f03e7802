//! Same seed, same run: whatever ran before, on whatever thread of the system.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::thread;

use sigprof_model::mutants::Mutant;
use sigprof_model::protocol::Protocol;
use sigprof_model::scenario;
use sigprof_sim::Seed;
use sigprof_sim::engine::explore::{Kind, Subject, program};
use sigprof_sim::engine::strategy::{Access, Ended, Event, Strategy, Turn};
use sigprof_sim::engine::{Engine, MS_MAX, Run, Sim};

const SEEDS: u64 = 1_000;

/// Scenarios that are long, have signals, or have weak memory to show.
const NAMES: [&str; 3] = [
    "overflow_of_two",
    "stop_against_handler",
    "signal_in_drain_against_advance",
];

/// A digest of all that a run shows (64-bit FNV-1a).
fn digest(run: &Run) -> u64 {
    let text = format!("{:?} {} {}", run.verdict, run.schedule, run.operations);
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

fn digests(name: &str, kind: Kind, seeds: impl Iterator<Item = u64>) -> BTreeMap<u64, u64> {
    let all = scenario::all::<Sim>();
    let scenario = all.iter().find(|scenario| scenario.name == name).unwrap();
    let make = program(scenario, Protocol::GO_1_26);
    let mut engine = Engine::new();
    let mut subject = Subject::new(&mut engine, &make);
    seeds
        .map(|seed| (seed, digest(&subject.run(kind, Seed(seed)))))
        .collect()
}

#[test]
fn order_and_threads_do_not_matter() {
    for name in NAMES {
        for kind in [Kind::Random, Kind::Pct(3)] {
            let forwards = digests(name, kind, 0..SEEDS);
            let backwards = digests(name, kind, (0..SEEDS).rev());
            assert_eq!(forwards, backwards, "{name}, {kind}");
            for count in [2, 3, 5] {
                let part = |i| (0..SEEDS).filter(move |seed| seed % count == i);
                let on_threads: BTreeMap<u64, u64> = thread::scope(|scope| {
                    let handles: Vec<_> = (0..count)
                        .map(|i| scope.spawn(move || digests(name, kind, part(i))))
                        .collect();
                    let parts = handles.into_iter().map(|handle| handle.join().unwrap());
                    parts.flatten().collect()
                });
                assert_eq!(forwards, on_threads, "{name}, {kind}, {count} threads");
            }
        }
    }
}

/// These were computed once: they are the same on every machine, and change only when the
/// scenario, the strategy or the engine changes on purpose.
#[test]
fn runs_are_pinned() {
    let all = |kind| {
        let digests = digests("lock", kind, 0..100);
        digests
            .values()
            .fold(0_u64, |all, one| all.rotate_left(1) ^ one)
    };
    assert_eq!(all(Kind::Random), PINNED[0]);
    assert_eq!(all(Kind::Pct(3)), PINNED[1]);
}

const PINNED: [u64; 2] = [2_323_910_443_076_314_176, 8_176_661_883_745_531_731];

/// A program that is run again is what it was when it was made: in every scenario, with every mistake.
#[test]
fn a_program_that_is_run_again_is_as_good_as_a_new_one() {
    const RUNS: u64 = 30;
    let mutants = Mutant::all();
    let mutants = mutants
        .iter()
        .map(|mutant| (mutant.name, mutant.protocol()));
    let mut shared = 0;
    for scenario in scenario::all::<Sim>() {
        for (name, protocol) in Protocol::REVISIONS.into_iter().chain(mutants.clone()) {
            if !(scenario.applies)(&protocol) {
                continue;
            }
            let make = program(&scenario, protocol);
            let (mut engine, made) = (Engine::new(), Cell::new(0));
            let count = || {
                made.set(made.get() + 1);
                make()
            };
            let mut subject = Subject::new(&mut engine, &count);
            let again: Vec<_> = (0..RUNS)
                .map(|seed| digest(&subject.run(Kind::Random, Seed(seed))))
                .collect();
            shared += u64::from(made.get() == 1);
            let estimate = subject.estimate().clone();
            for (seed, again) in (0..).map(Seed).zip(again) {
                let mut strategy = Kind::Random.strategy(seed, &estimate);
                strategy.begin();
                let (anew, _) = engine.run(&make, strategy);
                assert_eq!(again, digest(&anew), "{}, {name}, {seed}", scenario.name);
            }
        }
    }
    // If not, programs were made again and again.
    assert!(shared > 1000, "{shared}");
}

/// A strategy that is asked for each answer, and told of all that is done.
pub(super) struct Asked(pub(super) Box<dyn Strategy>);

impl Strategy for Asked {
    fn begin(&mut self) -> bool {
        self.0.begin()
    }

    fn choose(&mut self, turn: &Turn<'_>) -> Option<usize> {
        self.0.choose(turn)
    }

    fn signal(&mut self, m: usize) -> bool {
        self.0.signal(m)
    }

    fn age(&mut self, stores: usize) -> usize {
        self.0.age(stores)
    }

    fn sees_all(&self) -> bool {
        self.0.sees_all()
    }

    fn has_weak_memory(&self) -> bool {
        self.0.has_weak_memory()
    }

    fn switches_at_plain_words(&self) -> bool {
        self.0.switches_at_plain_words()
    }

    fn did(&mut self, event: &Event) {
        self.0.did(event);
    }

    fn end(&mut self, ended: Ended, pending: &[Access; MS_MAX]) {
        self.0.end(ended, pending);
    }
}

/// The reduced search makes the same runs whether its answers are taken beforehand or not.
#[test]
fn answers_that_are_given_beforehand_are_those_that_would_be_given() {
    for scenario in scenario::all::<Sim>() {
        let kinds = [Kind::Dpor, Kind::WeakDpor];
        let both = [Protocol::FIXED, Protocol::GO_1_22].map(|of| kinds.map(|kind| (of, kind)));
        for (protocol, kind) in both.into_iter().flatten() {
            if !(scenario.applies)(&protocol) {
                continue;
            }
            let make = program(&scenario, protocol);
            let runs = |wrap: fn(Box<dyn Strategy>) -> Box<dyn Strategy>| {
                let mut engine = Engine::new();
                let mut runs = Vec::new();
                Subject::new(&mut engine, &make).exhaust_with(kind, wrap, |run| {
                    runs.push(digest(run));
                    runs.len() < 3_000
                });
                runs
            };
            let asked = runs(|strategy| Box::new(Asked(strategy)));
            assert_eq!(runs(|strategy| strategy), asked, "{}", scenario.name);
        }
    }
}

#[test]
fn a_replay_is_the_run_again() {
    let all = scenario::all::<Sim>();
    let scenario = all.iter().find(|s| s.name == "overflow_of_two").unwrap();
    let make = program(scenario, Protocol::GO_1_26);
    for kind in [
        Kind::Random,
        Kind::Pct(2),
        Kind::Bounded(2),
        Kind::Dpor,
        Kind::WeakDpor,
    ] {
        let mut engine = Engine::with_steps();
        let mut runs = Vec::new();
        let mut subject = Subject::new(&mut engine, &make);
        if kind.is_seeded() {
            runs.extend((0..200).map(|seed| subject.run(kind, Seed(seed))));
        } else {
            subject.exhaust(kind, |run| {
                runs.push(run.clone());
                runs.len() < 200
            });
        }
        for run in runs.iter().filter(|run| run.verdict.is_some()) {
            let written = run.schedule.to_string();
            let strategy = kind.grain().replay(&written.parse().unwrap());
            let (again, _) = engine.run(&make, strategy);
            assert_eq!(again.verdict, run.verdict, "{kind} {written}");
            assert_eq!(again.steps, run.steps, "{kind} {written}");
            assert_eq!(again.schedule, run.schedule, "{kind} {written}");
        }
    }
}
