//! Each weak swap of the model keeps its promise, with every flaw: its M has changed nothing since
//! it last looked at the word, and looks again if the swap fails. The reduced search relies on it.

use std::cell::RefCell;
use std::rc::Rc;

use sigprof_model::mutants::Mutant;
use sigprof_model::protocol::Protocol;
use sigprof_model::scenario;
use sigprof_sim::Seed;
use sigprof_sim::engine::explore::{Kind, Subject, program};
use sigprof_sim::engine::strategy::{Access, Ended, Event, Strategy, Turn, Use};
use sigprof_sim::engine::{Engine, MS_MAX, Sim};

/// Runs of each scenario with each protocol.
const RUNS: u64 = 40;

/// Of each M, of itself and of its handler.
type Each<T> = [[T; 2]; MS_MAX];

#[derive(Debug, Default)]
struct Seen {
    /// Words that it looked at since its last change.
    looked: Each<Vec<usize>>,
    /// Whether its last operation was a weak swap that failed.
    has_failed: Each<bool>,
    failures: u64,
    broken: Option<String>,
}

/// Another strategy, under which promises are held.
struct Holding {
    inner: Box<dyn Strategy>,
    meant: Use,
    seen: Rc<RefCell<Seen>>,
}

impl Strategy for Holding {
    fn begin(&mut self) -> bool {
        self.inner.begin()
    }

    fn choose(&mut self, turn: &Turn<'_>) -> Option<usize> {
        let m = if turn.ready.is_single() {
            turn.ready.first()
        } else {
            self.inner.choose(turn)?
        };
        self.meant = turn.pending[m].used;
        Some(m)
    }

    fn signal(&mut self, m: usize) -> bool {
        self.inner.signal(m)
    }

    fn age(&mut self, stores: usize) -> usize {
        self.inner.age(stores)
    }

    fn sees_all(&self) -> bool {
        true
    }

    fn did(&mut self, event: &Event) {
        let seen = &mut *self.seen.borrow_mut();
        let (m, level) = (event.m, usize::from(event.is_handler));
        let Access { word, used } = event.access;
        if std::mem::take(&mut seen.has_failed[m][level]) && used != Use::Read {
            let how = format!("M{m} goes on with {used:?} where its swap has failed");
            seen.broken.get_or_insert(how);
        }
        if self.meant == Use::WeakSwap {
            if !seen.looked[m][level].contains(&word) {
                let how = format!("M{m} swaps word {word} weakly, and has not looked");
                seen.broken.get_or_insert(how);
            }
            if used == Use::Read {
                seen.has_failed[m][level] = true;
                seen.failures += 1;
                return;
            }
        }
        match used {
            Use::Read => seen.looked[m][level].push(word),
            _ => seen.looked[m][level].clear(),
        }
    }

    fn end(&mut self, ended: Ended, pending: &[Access; MS_MAX]) {
        self.inner.end(ended, pending);
    }
}

/// How many swaps failed in runs of a protocol; panics if one of them breaks its promise.
fn failures(protocol: Protocol, name: &str) -> u64 {
    let mut failures = 0;
    for scenario in scenario::all::<Sim>() {
        if !(scenario.applies)(&protocol) {
            continue;
        }
        let make = program(&scenario, protocol);
        let mut engine = Engine::new();
        let mut subject = Subject::new(&mut engine, &make);
        for seed in 0..RUNS {
            let seen = Rc::new(RefCell::new(Seen::default()));
            let hold = |inner| -> Box<dyn Strategy> {
                Box::new(Holding {
                    inner,
                    meant: Use::None,
                    seen: seen.clone(),
                })
            };
            subject.run_with(Kind::Random, Seed(seed), hold);
            let seen = seen.borrow();
            let broken = seen.broken.as_ref();
            assert_eq!(broken, None, "{}, {name}, seed {seed}", scenario.name);
            failures += seen.failures;
        }
    }
    failures
}

#[test]
fn a_weak_swap_follows_a_look_and_is_followed_by_one() {
    let mut all = failures(Protocol::FIXED, "fixed");
    for mutant in Mutant::all() {
        all += failures(mutant.protocol(), mutant.name);
    }
    // If not, nothing was tried.
    assert!(all > 1000, "{all}");
}
