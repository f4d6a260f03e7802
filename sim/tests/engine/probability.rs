//! PCT's bound, measured: a bug of depth `d` in a program of `n` Ms and `k` turns is found by a
//! run with a chance of at least `1 / (n * k^(d - 1))`.

use std::rc::Rc;

use sigprof_model::backend::{Atomic, Backend, Ordering::SeqCst};
use sigprof_model::law::{Law, Violation};
use sigprof_model::scenario::{Outcome, Program, Thread};
use sigprof_sim::Seed;
use sigprof_sim::engine::Sim;
use sigprof_sim::engine::explore::Kind;

use super::with_subject;

type Word = <Sim as Backend>::U32;

/// Two threads, and a bug that needs `depth` orders between their operations: one climbs a stair,
/// the other must find it on step 1, 2, and so on, at each look. To be found on a step that is left
/// again takes two orders, to be found at the top one. What comes after only makes the run longer.
fn stair(depth: u32, padding: usize) -> Program {
    let stair: Rc<Word> = Rc::new(Atomic::<u32>::new("stair", 0));
    let other: Rc<Word> = Rc::new(Atomic::<u32>::new("padding", 0));
    let looks = depth.div_ceil(2);
    let top = if depth % 2 == 1 { looks } else { looks + 1 };
    let found = Rc::new(std::cell::Cell::new(0));
    let (climbs, watches, finds) = (stair.clone(), stair, found.clone());
    let (pad_one, pad_other) = (other.clone(), other);
    let climber = Thread::new("climber", move || {
        for step in 1..=top {
            climbs.store(step, SeqCst);
        }
        for _ in 0..padding {
            pad_one.store(0_u32, SeqCst);
        }
    });
    let watcher = Thread::new("watcher", move || {
        for step in 1..=looks {
            let at: u32 = watches.load(SeqCst);
            finds.set(finds.get() + u32::from(at == step));
        }
        for _ in 0..padding {
            pad_other.store(0_u32, SeqCst);
        }
    });
    Program::new(vec![climber, watcher], move || {
        if found.get() == looks {
            return Err(Violation::new(Law::InOrder, "found on every step"));
        }
        Ok(Outcome::default())
    })
}

/// How many of the first `seeds` seeds find it, and the turns of the program.
fn found(kind: Kind, seeds: u64, depth: u32, padding: usize) -> (u32, u32) {
    let make = move || stair(depth, padding);
    with_subject(&make, |subject| {
        let hits = (0..seeds).filter(|&seed| subject.run(kind, Seed(seed)).violation().is_some());
        let hits = hits.count();
        let turns = subject.estimate().operations;
        (u32::try_from(hits).unwrap(), u32::try_from(turns).unwrap())
    })
}

#[test]
fn the_bound_holds() {
    const SEEDS: u32 = 20_000;
    for (depth, padding) in [(1, 4), (2, 4), (2, 20), (3, 4), (3, 8), (4, 3)] {
        let kind = Kind::Pct(depth as usize);
        let (hits, turns) = found(kind, SEEDS.into(), depth, padding);
        let bound = 1.0 / (2.0 * f64::from(turns).powi(i32::try_from(depth).unwrap() - 1));
        let rate = f64::from(hits) / f64::from(SEEDS);
        // Of so many draws, the rate of one that is just at the bound is not 10% below it.
        assert!(
            rate > 0.9 * bound,
            "depth {depth}, {turns} turns: {rate} < {bound}"
        );
    }
}

/// Without the falls that it needs, it does not find it: the depth is what counts.
#[test]
fn too_little_depth_finds_nothing() {
    for depth in 2..=4_u32 {
        let less = Kind::Pct(depth as usize - 1);
        assert_eq!(found(less, 5_000, depth, 4).0, 0, "depth {depth}");
    }
}
