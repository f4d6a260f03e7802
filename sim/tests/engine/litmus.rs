//! Litmus tests of weak memory: what it allows and what it does not. They are the usual ones, each
//! with all outcomes that C++20 has for it but for those that need a load to be satisfied by a
//! later store, or stores to be seen in two orders.

use std::collections::BTreeSet;
use std::rc::Rc;

use sigprof_model::backend::Ordering::{self, AcqRel, Acquire, Relaxed, Release, SeqCst};
use sigprof_model::backend::{Atomic, Backend, Words};
use sigprof_model::law::Law;
use sigprof_model::scenario::{Outcome, Program, Seen, Thread};
use sigprof_sim::engine::Sim;
use sigprof_sim::engine::explore::Kind;
use sigprof_sim::engine::strategy::Bounded;

use super::{Notes, Verdict, noting, verdicts, verdicts_of};

type Word = <Sim as Backend>::U32;

/// Everything that can happen, with weak memory: in a plain search, and in a reduced one.
fn weak(make: &dyn Fn() -> Program) -> BTreeSet<Verdict> {
    let all = verdicts(Box::new(Bounded::new(usize::MAX, true)), make).0;
    assert_eq!(verdicts_of(Kind::WeakDpor, make), all, "reduced");
    all
}

/// Outcomes, each what the threads noted, one after the other.
fn outcomes<const N: usize>(all: &[[&[u64]; N]]) -> BTreeSet<Verdict> {
    let outcome = |threads: &[&[u64]; N]| {
        let noted = threads.iter().flat_map(|notes| notes.iter().chain([&999]));
        Ok(Outcome(noted.map(|&value| Seen::Read(value)).collect()))
    };
    all.iter().map(outcome).collect()
}

type Body = Box<dyn Fn(&[Word; 2], &mut dyn FnMut(u64))>;

/// Threads over two words.
fn threads(bodies: Vec<Body>) -> Program {
    let words: Rc<[Word; 2]> = Rc::new(["x", "y"].map(|name| Atomic::<u32>::new(name, 0)));
    let notes = Notes::new(bodies.len());
    let thread = |(at, body): (usize, Body)| {
        let (words, notes) = (words.clone(), notes.clone());
        Thread::new("thread", move || {
            body(&words, &mut |value| notes.note(at, value));
        })
    };
    let threads = bodies.into_iter().enumerate().map(thread).collect();
    noting(threads, notes)
}

fn load(word: &Word, order: Ordering) -> u64 {
    Atomic::<u32>::load(word, order).into()
}

/// A thread that stores 1 to the first and loads the second.
fn store_then_load(mine: usize, store: Ordering, order: Ordering) -> Body {
    Box::new(move |words, note| {
        words[mine].store(1_u32, store);
        note(load(&words[1 - mine], order));
    })
}

#[test]
fn store_buffering_is_there_unless_all_is_seq_cst() {
    let sb = |one: [Ordering; 2], other: [Ordering; 2]| {
        weak(&|| {
            threads(vec![
                store_then_load(0, one[0], one[1]),
                store_then_load(1, other[0], other[1]),
            ])
        })
    };
    let without = outcomes(&[[&[0], &[1]], [&[1], &[0]], [&[1], &[1]]]);
    let with = without.union(&outcomes(&[[&[0], &[0]]])).cloned().collect();
    let strong = [SeqCst, SeqCst];
    assert_eq!(sb(strong, strong), without);
    for weaker in [[Release, SeqCst], [SeqCst, Acquire], [Release, Acquire]] {
        assert_eq!(sb(weaker, strong), with, "{weaker:?}");
        assert_eq!(sb(strong, weaker), with, "{weaker:?}");
    }
}

/// One stores 1 to x, then to y; the other loads y, then x.
fn message_passing(store: Ordering, order: Ordering) -> BTreeSet<Verdict> {
    weak(&|| {
        let writer: Body = Box::new(move |[x, y], _| {
            x.store(1_u32, Relaxed);
            y.store(1_u32, store);
        });
        let reader: Body = Box::new(move |[x, y], note| {
            note(load(y, order));
            note(load(x, Relaxed));
        });
        threads(vec![writer, reader])
    })
}

#[test]
fn messages_need_release_and_acquire() {
    let ordered = outcomes(&[[&[], &[0, 0]], [&[], &[0, 1]], [&[], &[1, 1]]]);
    assert_eq!(message_passing(Release, Acquire), ordered);
    assert_eq!(message_passing(SeqCst, SeqCst), ordered);
    let lost = outcomes(&[[&[], &[1, 0]]]);
    let all = ordered.union(&lost).cloned().collect();
    assert_eq!(message_passing(Relaxed, Acquire), all);
    assert_eq!(message_passing(Release, Relaxed), all);
}

/// Guards S78.2.
#[test]
fn a_word_never_goes_back() {
    let got = weak(&|| {
        let writer: Body = Box::new(|[x, _], _| {
            x.store(1_u32, Relaxed);
            x.store(2_u32, Relaxed);
        });
        let reader: Body = Box::new(|[x, _], note| {
            note(load(x, Relaxed));
            note(load(x, Relaxed));
        });
        threads(vec![writer, reader])
    });
    let want: [[&[u64]; 2]; 6] = [
        [&[], &[0, 0]],
        [&[], &[0, 1]],
        [&[], &[0, 2]],
        [&[], &[1, 1]],
        [&[], &[1, 2]],
        [&[], &[2, 2]],
    ];
    assert_eq!(got, outcomes(&want));
}

/// A value that one thread has seen, and then released, cannot look older to another that acquires
/// it.
#[test]
fn a_word_never_goes_back_for_who_knows_the_reader() {
    let got = weak(&|| {
        let writer: Body = Box::new(|[x, _], _| x.store(1_u32, Relaxed));
        let first: Body = Box::new(|[x, y], note| {
            note(load(x, Relaxed));
            y.store(1_u32, Release);
        });
        let second: Body = Box::new(|[x, y], note| {
            note(load(y, Acquire));
            note(load(x, Relaxed));
        });
        threads(vec![writer, first, second])
    });
    let gone_back = outcomes(&[[&[], &[1], &[1, 0]]]);
    assert!(got.is_disjoint(&gone_back), "{got:?}");
    assert_eq!(got.len(), 7);
}

/// A swap in between carries the release on, whatever its own order; a store does not.
#[test]
fn swaps_carry_a_release_on_and_stores_do_not() {
    let through = |middle: fn(&Word)| {
        weak(&|| {
            let writer: Body = Box::new(|[x, y], _| {
                x.store(1_u32, Relaxed);
                y.store(1_u32, Release);
            });
            let between: Body = Box::new(move |[_, y], _| middle(y));
            let reader: Body = Box::new(|[x, y], note| {
                note(load(y, Acquire));
                note(load(x, Relaxed));
            });
            threads(vec![writer, between, reader])
        })
    };
    let old = outcomes(&[[&[], &[], &[2, 0]]]);
    let swapped = through(|y| {
        y.compare_and_swap(1_u32, 2, Relaxed);
    });
    assert!(swapped.is_disjoint(&old));
    let stored = through(|y| y.store(2_u32, Relaxed));
    assert!(stored.is_superset(&old));
}

#[test]
fn two_that_add_add_both() {
    let got = weak(&|| {
        let add = || -> Body { Box::new(|[x, _], note| note(x.fetch_add(1_u32, Relaxed).into())) };
        threads(vec![add(), add()])
    });
    assert_eq!(got, outcomes(&[[&[0], &[1]], [&[1], &[0]]]));
}

/// Two writers, two readers: whether all see the two stores in one order.
#[test]
fn independent_stores_have_one_order_under_seq_cst_only() {
    let iriw = |store, order| {
        weak(&|| {
            let writer =
                |word: usize| -> Body { Box::new(move |words, _| words[word].store(1_u32, store)) };
            let reader = |first: usize| -> Body {
                Box::new(move |words, note| {
                    note(load(&words[first], order));
                    note(load(&words[1 - first], order));
                })
            };
            threads(vec![writer(0), writer(1), reader(0), reader(1)])
        })
    };
    let apart = outcomes(&[[&[], &[], &[1, 0], &[1, 0]]]);
    assert!(iriw(SeqCst, SeqCst).is_disjoint(&apart));
    assert!(iriw(Release, Acquire).is_superset(&apart));
}

/// Outcomes that this model does not have, as `memory` says: this stays so until that is changed.
///
/// Guards S78.2.
#[test]
fn loads_are_not_satisfied_by_later_stores() {
    let got = weak(&|| {
        let thread = |mine: usize| -> Body {
            Box::new(move |words, note| {
                note(load(&words[mine], Relaxed));
                words[1 - mine].store(1_u32, Relaxed);
            })
        };
        threads(vec![thread(0), thread(1)])
    });
    assert!(got.is_disjoint(&outcomes(&[[&[1], &[1]]])));
}

/// A word has its last four stores, for whoever comes behind the last of them.
///
/// Guards S78.2.
#[test]
fn older_stores_are_forgotten() {
    let got = weak(&|| {
        let writer: Body = Box::new(|[x, y], _| {
            for value in 1..=6_u32 {
                x.store(value, Relaxed);
            }
            y.store(1_u32, Relaxed);
        });
        let reader: Body = Box::new(|[x, y], note| {
            if load(y, Relaxed) == 1 {
                note(load(x, Relaxed));
            }
        });
        threads(vec![writer, reader])
    });
    let want: [[&[u64]; 2]; 5] = [
        [&[], &[]],
        [&[], &[3]],
        [&[], &[4]],
        [&[], &[5]],
        [&[], &[6]],
    ];
    assert_eq!(got, outcomes(&want));
}

/// A plain word, and a flag that says that it is there.
fn guarded(store: Ordering, order: Ordering) -> Program {
    let data = Rc::new(<Sim as Backend>::Words::new("data", 1));
    let (written, read) = (data.clone(), data);
    let writer: Body = Box::new(move |[x, _], _| {
        written.set(0, 7);
        x.store(1_u32, store);
    });
    let reader: Body = Box::new(move |[x, _], note| {
        if load(x, order) == 1 {
            note(read.get(0));
        }
    });
    threads(vec![writer, reader])
}

#[test]
fn a_race_is_found_in_any_order() {
    let ordered = outcomes(&[[&[], &[]], [&[], &[7]]]);
    for kind in [Kind::Dpor, Kind::WeakDpor, Kind::Bounded(9)] {
        let all = |store, order| verdicts_of(kind, &|| guarded(store, order));
        assert_eq!(all(Release, Acquire), ordered);
        assert_eq!(all(AcqRel, SeqCst), ordered);
        assert!(all(Relaxed, Acquire).contains(&Err(Law::Whole)), "{kind}");
        assert!(all(Release, Relaxed).contains(&Err(Law::Whole)), "{kind}");
    }
}
