//! Where signals come, and where not.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::rc::Rc;

use sigprof_model::backend::{Atomic, Backend, Ordering::Relaxed, Words};
use sigprof_model::law::Law;
use sigprof_model::scenario::{Outcome, Program, Seen, Thread};
use sigprof_sim::Seed;
use sigprof_sim::engine::Sim;
use sigprof_sim::engine::explore::Kind;

use super::{verdicts_of, with_subject};

/// A handler that notes what its thread has come to.
fn between(act: fn(&<Sim as Backend>::U32, &<Sim as Backend>::Words)) -> Program {
    let word = Rc::new(<<Sim as Backend>::U32 as Atomic<u32>>::new("word", 0));
    let plain = Rc::new(<Sim as Backend>::Words::new("plain", 3));
    let seen = Rc::new(Cell::new(99));
    let (in_handler, noted, judged) = ((word.clone(), plain.clone()), seen.clone(), seen);
    let thread = Thread::new("thread", move || act(&word, &plain));
    let thread = thread.with_handler(move || {
        let (word, plain) = &in_handler;
        let plain: u64 = (0..3).map(|at| plain.get(at)).sum();
        noted.set(10 * u64::from(Atomic::<u32>::load(&**word, Relaxed)) + plain);
    });
    Program::new(vec![thread], move || {
        Ok(Outcome(vec![Seen::Read(judged.get())]))
    })
}

fn seen(values: &[u64]) -> BTreeSet<super::Verdict> {
    let outcome = |&value: &u64| Ok(Outcome(vec![Seen::Read(value)]));
    values.iter().map(outcome).collect()
}

#[test]
fn a_signal_comes_at_any_operation_at_the_end_or_not_at_all() {
    let make = || {
        between(|word, plain| {
            word.store(1_u32, Relaxed);
            plain.set(0, 1);
            plain.set(1, 1);
            word.store(2_u32, Relaxed);
        })
    };
    let all = seen(&[0, 10, 11, 12, 22, 99]);
    for kind in [Kind::Dpor, Kind::WeakDpor, Kind::Bounded(1)] {
        assert_eq!(verdicts_of(kind, &make), all, "{kind}");
    }
    for kind in [Kind::Random, Kind::Pct(2)] {
        let by_seeds: BTreeSet<_> = with_subject(&make, |subject| {
            let run = |seed| subject.run(kind, Seed(seed)).verdict.unwrap();
            let verdicts = (0..200).map(run);
            verdicts.map(|verdict| verdict.map_err(|v| v.law)).collect()
        });
        assert_eq!(by_seeds, all, "{kind}");
    }
}

/// A handler is not interrupted by the signal of its own M, and others go on meanwhile.
#[test]
fn a_handler_is_one_stretch_of_its_own_thread() {
    let make = || {
        let word = Rc::new(<<Sim as Backend>::U32 as Atomic<u32>>::new("word", 0));
        let (mine, handlers, others, judged) = (word.clone(), word.clone(), word.clone(), word);
        let thread = Thread::new("thread", move || {
            mine.fetch_add(1_u32, Relaxed);
            mine.fetch_add(1_u32, Relaxed);
        });
        let thread = thread.with_handler(move || {
            handlers.fetch_add(10_u32, Relaxed);
            handlers.fetch_add(10_u32, Relaxed);
        });
        let saw = Rc::new(Cell::new(0));
        let (looks, shown) = (saw.clone(), saw);
        let other = Thread::new("other", move || {
            looks.set(Atomic::<u32>::load(&*others, Relaxed).into());
        });
        Program::new(vec![thread, other], move || {
            let end = u64::from(Atomic::<u32>::load(&*judged, Relaxed));
            Ok(Outcome(vec![Seen::Read(end), Seen::Read(shown.get())]))
        })
    };
    let all = verdicts_of(Kind::Dpor, &make);
    let has = |end, saw| all.contains(&Ok(Outcome(vec![Seen::Read(end), Seen::Read(saw)])));
    // Between the handler's two, with the thread at its start, midst and end.
    assert!(has(22, 10) && has(22, 11) && has(22, 12));
    // Without a signal.
    assert!(has(2, 0) && has(2, 1) && has(2, 2));
    // Never both of the thread's within the handler's two, nor one of the handler's lost.
    assert!(all.iter().all(|verdict| {
        let Ok(Outcome(seen)) = verdict else {
            return false;
        };
        matches!(seen[0], Seen::Read(2 | 22))
    }));
}

/// Code that holds a lock which its own handler wants.
#[test]
fn a_handler_that_waits_for_what_it_interrupted_is_a_verdict() {
    let make = || {
        let lock = Rc::new(<<Sim as Backend>::U32 as Atomic<u32>>::new("lock", 0));
        let in_handler = lock.clone();
        let take = |lock: &<Sim as Backend>::U32| {
            while !lock.compare_and_swap(0_u32, 1, Relaxed) {
                lock.yield_while(1_u32);
            }
            lock.store(0_u32, Relaxed);
        };
        let thread = Thread::new("thread", move || take(&lock));
        Program::new(vec![thread.with_handler(move || take(&in_handler))], || {
            Ok(Outcome::default())
        })
    };
    for kind in [Kind::Dpor, Kind::WeakDpor, Kind::Bounded(1)] {
        let all = verdicts_of(kind, &make);
        assert!(all.contains(&Err(Law::HandlerGoesOn)), "{kind}");
        assert!(all.contains(&Ok(Outcome::default())), "{kind}");
    }
}
