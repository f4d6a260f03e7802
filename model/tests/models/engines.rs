//! Litmus tests: what is known of both engines.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;

use sigprof_model::backend::{Atomic, Backend, Note, Ordering, Throw, Words};
use sigprof_model::law::Law;
use sigprof_model::protocol::Protocol;
use sigprof_model::scenario::{Outcome, Program, Scenario, Seen, Thread};
use sigprof_model::signal_lock::SignalLock;

use super::explored::{Explored, Limits};
use super::loom_engine::{self, Fences, Loom, Way};
use super::search::{self, Search};

const LIMITS: Limits = Limits {
    preemptions: None,
    executions: 100_000,
    time: Duration::from_secs(20),
};

fn litmus(program: fn(Protocol) -> Program) -> Scenario {
    Scenario {
        name: "litmus",
        about: "",
        program,
        applies: |_| true,
    }
}

fn on_search(program: fn(Protocol) -> Program) -> Explored {
    search::explore(&litmus(program), Protocol::FIXED, LIMITS)
}

fn on_loom(program: fn(Protocol) -> Program, fences: Fences) -> Explored {
    let way = Way { main: 0, fences };
    loom_engine::explore(&litmus(program), Protocol::FIXED, way, LIMITS)
}

/// Two threads, each of which says what it has read.
fn two(
    names: [&'static str; 2],
    one: impl Fn() -> u64 + 'static,
    other: impl Fn() -> u64 + 'static,
) -> Program {
    let read = Rc::new([Cell::new(0), Cell::new(0)]);
    let (by_one, by_other) = (read.clone(), read.clone());
    Program::new(
        vec![
            Thread::new(names[0], move || by_one[0].set(one())),
            Thread::new(names[1], move || by_other[1].set(other())),
        ],
        move || {
            let seen = read.iter().map(|value| Seen::Read(value.get()));
            Ok(Outcome(seen.collect()))
        },
    )
}

fn outcomes(pairs: &[[u64; 2]]) -> BTreeSet<Outcome> {
    let outcome = |pair: &[u64; 2]| Outcome(pair.map(Seen::Read).to_vec());
    pairs.iter().map(outcome).collect()
}

/// Each thread stores to one word and loads the other.
fn store_buffering<B: Backend>(store: Ordering, load: Ordering) -> Program {
    let words = || Rc::new([B::U32::new("x", 0), B::U32::new("y", 0)]);
    let one = words();
    let other = one.clone();
    let act = move |words: &[B::U32; 2], mine: usize| {
        words[mine].store(1, store);
        u64::from(words[1 - mine].load(load))
    };
    two(
        ["x then y", "y then x"],
        move || act(&one, 0),
        move || act(&other, 1),
    )
}

const ALL_BUT_BOTH_ZERO: [[u64; 2]; 3] = [[0, 1], [1, 0], [1, 1]];

#[test]
fn the_search_is_sequentially_consistent_and_complete() {
    let explored = on_search(|_| store_buffering::<Search>(Ordering::Relaxed, Ordering::Relaxed));
    assert_eq!(explored.outcomes, outcomes(&ALL_BUT_BOTH_ZERO));
    assert!(explored.is_finished);
}

#[test]
fn loom_buffers_stores_that_are_not_seq_cst() {
    let weak = |_| store_buffering::<Loom>(Ordering::Release, Ordering::Acquire);
    let strong = |_| store_buffering::<Loom>(Ordering::SeqCst, Ordering::SeqCst);
    for fences in [Fences::BehindStores, Fences::BeforeLoads] {
        let both_zero = outcomes(&[[0, 0]]);
        assert!(on_loom(weak, fences).outcomes.is_superset(&both_zero));
        assert!(on_loom(strong, fences).outcomes.is_disjoint(&both_zero));
    }
}

/// Each place for fences shows what is missing on its own side.
#[test]
fn a_missing_seq_cst_shows_where_its_fence_would_stand() {
    let weak_store = |_| store_buffering::<Loom>(Ordering::Release, Ordering::SeqCst);
    let weak_load = |_| store_buffering::<Loom>(Ordering::SeqCst, Ordering::Acquire);
    let both_zero = outcomes(&[[0, 0]]);
    let behind = on_loom(weak_store, Fences::BehindStores).outcomes;
    assert!(behind.is_superset(&both_zero));
    let before = on_loom(weak_load, Fences::BeforeLoads).outcomes;
    assert!(before.is_superset(&both_zero));
}

/// A plain word, and a flag that says that it is there.
fn message<B: Backend>(store: Ordering) -> Program {
    let shared = Rc::new((B::Words::new("data", 1), B::U32::new("flag", 0)));
    let reader = shared.clone();
    two(
        ["writer", "reader"],
        move || {
            shared.0.set(0, 7);
            shared.1.store(1, store);
            0
        },
        move || match reader.1.load(Ordering::Acquire) {
            0 => 0,
            _ => reader.0.get(0),
        },
    )
}

#[test]
fn loom_sees_a_race_where_release_is_missing() {
    let relaxed = |_| message::<Loom>(Ordering::Relaxed);
    let release = |_| message::<Loom>(Ordering::Release);
    let found = on_loom(relaxed, Fences::BehindStores).violation.unwrap();
    assert_eq!(found.law, Law::Whole, "{found}");
    let explored = on_loom(release, Fences::BehindStores);
    assert_eq!(explored.outcomes, outcomes(&[[0, 0], [0, 7]]));
    let explored = on_search(|_| message::<Search>(Ordering::Release));
    assert_eq!(explored.outcomes, outcomes(&[[0, 0], [0, 7]]));
}

/// A lock that ordinary code takes, and the handler that interrupts it, too.
fn lock_outside_of_handlers<B: Backend>(protocol: Protocol) -> Program {
    let lock = Rc::new(SignalLock::<B, _>::new("lock", protocol));
    let in_handler = lock.clone();
    let thread = Thread::new("thread", move || drop(lock.lock()));
    Program::new(
        vec![thread.with_handler(move || drop(in_handler.lock()))],
        || Ok(Outcome::default()),
    )
}

#[test]
fn a_handler_that_waits_for_what_it_interrupted_is_found() {
    let law = |explored: Explored| explored.violation.map(|violation| violation.law);
    let found = law(on_search(lock_outside_of_handlers::<Search>));
    assert_eq!(found, Some(Law::HandlerGoesOn));
    let found = law(on_loom(
        lock_outside_of_handlers::<Loom>,
        Fences::BehindStores,
    ));
    assert_eq!(found, Some(Law::HandlerGoesOn));
}

/// A signal comes at any operation, at the end, or not at all.
fn signal_between_stores<B: Backend>(_: Protocol) -> Program {
    let word = Rc::new(B::U32::new("word", 0));
    let seen = Rc::new(Cell::new(9));
    let (in_handler, saw, judged) = (word.clone(), seen.clone(), seen);
    let thread = Thread::new("thread", move || {
        word.store(1, Ordering::Relaxed);
        word.store(2, Ordering::Relaxed);
    });
    Program::new(
        vec![thread.with_handler(move || {
            saw.set(in_handler.load(Ordering::Relaxed).into());
        })],
        move || Ok(Outcome(vec![Seen::Read(judged.get())])),
    )
}

#[test]
fn a_signal_comes_anywhere_or_not_at_all() {
    let all: BTreeSet<_> = [0, 1, 2, 9].map(|n| Outcome(vec![Seen::Read(n)])).into();
    assert_eq!(on_search(signal_between_stores::<Search>).outcomes, all);
    let explored = on_loom(signal_between_stores::<Loom>, Fences::BehindStores);
    assert_eq!(explored.outcomes, all);
}

/// A sleeper whom nobody wakes.
fn nobody_wakes<B: Backend>(_: Protocol) -> Program {
    let note = B::Note::new("note");
    Program::new(vec![Thread::new("sleeper", move || note.sleep())], || {
        Ok(Outcome::default())
    })
}

fn throws<B: Backend>(_: Protocol) -> Program {
    Program::new(
        vec![
            Thread::new("bystander", || ()),
            Thread::new("thrower", || B::throw(Throw::DoubleWakeup)),
        ],
        || Ok(Outcome::default()),
    )
}

#[test]
fn what_ends_a_run_is_told_apart() {
    let law = |explored: Explored| explored.violation.map(|violation| violation.law);
    assert_eq!(law(on_search(nobody_wakes::<Search>)), Some(Law::Woken));
    assert_eq!(law(on_search(throws::<Search>)), Some(Law::WokenOnce));
    let fences = Fences::BehindStores;
    assert_eq!(law(on_loom(nobody_wakes::<Loom>, fences)), Some(Law::Woken));
    assert_eq!(law(on_loom(throws::<Loom>, fences)), Some(Law::WokenOnce));
}

/// Two threads with two stores each to words of their own.
fn independent_stores<B: Backend>(_: Protocol) -> Program {
    let thread = |name| {
        let word = B::U32::new(name, 0);
        Thread::new(name, move || {
            word.store(1, Ordering::Relaxed);
            word.store(2, Ordering::Relaxed);
        })
    };
    Program::new(vec![thread("one"), thread("other")], || {
        Ok(Outcome::default())
    })
}

/// Each thread has four stretches: to its first store, between its stores, after them, and out.
/// There are as many ways to interleave them as ways to choose four of eight.
#[test]
fn without_pruning_every_interleaving_is_run() {
    let scenario = litmus(independent_stores::<Search>);
    let executions = search::interleavings(&scenario, Protocol::FIXED);
    assert_eq!(executions, 8 * 7 * 6 * 5 / (4 * 3 * 2));
    let pruned = search::explore(&scenario, Protocol::FIXED, LIMITS).executions;
    assert!(pruned < executions, "{pruned}");
}
