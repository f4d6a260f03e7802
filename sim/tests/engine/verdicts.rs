//! Runs end in different ways, which are told apart; and a run that was broken off leaves nothing
//! behind.

use std::rc::Rc;

use sigprof_model::backend::{Atomic, Backend, Note, Ordering::Relaxed, Throw, Words};
use sigprof_model::law::{Law, Violation};
use sigprof_model::scenario::{Outcome, Program, Thread};
use sigprof_sim::engine::explore::Kind;
use sigprof_sim::engine::strategy::{RoundRobin, Strategy};
use sigprof_sim::engine::{Engine, MS_MAX, STEPS_MAX, Sim};

use super::with_subject;

type Word = <Sim as Backend>::U32;

fn program(bodies: Vec<Box<dyn Fn()>>) -> Program {
    let thread = |body: Box<dyn Fn()>| Thread::new("thread", body);
    Program::new(bodies.into_iter().map(thread).collect(), || {
        Ok(Outcome::default())
    })
}

/// The violation of a plain run.
fn violation(make: impl FnOnce() -> Program) -> Option<Violation> {
    let mut strategy = RoundRobin::default();
    strategy.begin();
    let (run, _) = Engine::new().run(make, Box::new(strategy));
    run.verdict.unwrap().err()
}

fn law(make: impl FnOnce() -> Program) -> Option<Law> {
    violation(make).map(|violation| violation.law)
}

#[test]
fn a_sleeper_whom_nobody_wakes() {
    let found = violation(|| {
        let note = <Sim as Backend>::Note::new("wait");
        program(vec![Box::new(|| ()), Box::new(move || note.sleep())])
    });
    let found = found.unwrap();
    assert_eq!(found.law, Law::Woken);
    assert_eq!(found.how, "M1 waits for wait to be woken or set");
}

#[test]
fn what_the_protocol_throws() {
    let thrown = law(|| program(vec![Box::new(|| Sim::throw(Throw::DoubleWakeup))]));
    assert_eq!(thrown, Some(Law::WokenOnce));
    let in_the_judge = law(|| Program::new(Vec::new(), || Sim::throw(Throw::InvalidSize)));
    assert_eq!(in_the_judge, Some(Law::Whole));
}

/// Guards S26.2.
#[test]
fn a_panic_of_ours_is_no_verdict_and_the_engine_runs_on() {
    let mut engine = Engine::new();
    let mut run = |make: &dyn Fn() -> Program| {
        let mut strategy = RoundRobin::default();
        strategy.begin();
        let run = || engine.run(make, Box::new(strategy)).0.verdict;
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(run))
    };
    let with = |body: Box<dyn Fn()>| {
        let note = <Sim as Backend>::Note::new("wait");
        program(vec![Box::new(move || note.sleep()), body])
    };
    let judged = || Program::new(Vec::new(), || panic!("in the judge"));
    let makers: [(&str, &dyn Fn() -> Program); 3] = [
        ("in an M", &|| with(Box::new(|| panic!("in an M")))),
        ("in the making", &|| panic!("in the making")),
        ("in the judge", &judged),
    ];
    for (what, make) in makers {
        let payload = run(make).unwrap_err();
        assert_eq!(payload.downcast_ref::<&str>(), Some(&what));
        let after = run(&|| with(Box::new(|| ()))).unwrap().unwrap();
        assert_eq!(after.unwrap_err().law, Law::Woken, "after {what}");
    }
}

#[test]
fn two_that_keep_each_other_busy_for_ever() {
    let found = violation(|| {
        let word: Rc<Word> = Rc::new(Atomic::<u32>::new("ball", 0));
        let play = |side: u32| -> Box<dyn Fn()> {
            let word = word.clone();
            Box::new(move || {
                loop {
                    word.compare_and_swap(side, 1 - side, Relaxed);
                }
            })
        };
        program(vec![play(0), play(1)])
    });
    let found = found.unwrap();
    assert_eq!(found.law, Law::Woken);
    assert!(found.how.contains(&STEPS_MAX.to_string()), "{found}");
}

#[test]
fn a_ring_that_was_given_up() {
    let found = violation(|| {
        let words = <Sim as Backend>::Words::new("data", 2);
        program(vec![Box::new(move || {
            words.set(0, 1);
            words.retire();
            words.set(1, 1);
        })])
    });
    let found = found.unwrap();
    assert_eq!(found.law, Law::NoneRetired);
    assert_eq!(found.how, "M0 writes data, which was given up");
}

#[test]
fn more_ms_than_there_can_be() {
    let crowd = (0..=MS_MAX).map(|_| -> Box<dyn Fn()> { Box::new(|| ()) });
    let found = violation(|| program(crowd.collect())).unwrap();
    assert_eq!(found.how, "want 8 Ms at the most, got 9");
}

/// A deadlock with things owned on the stacks that are given up.
fn deadlock(owned: &Rc<()>) -> Program {
    let note = Rc::new(<Sim as Backend>::Note::new("wait"));
    let sleeper = || -> Box<dyn Fn()> {
        let (note, owned) = (note.clone(), owned.clone());
        Box::new(move || {
            let (_held, buffer) = (owned.clone(), vec![1_u8; 1024]);
            note.sleep();
            drop(buffer);
        })
    };
    program(vec![sleeper(), sleeper(), sleeper()])
}

#[test]
fn what_is_broken_off_is_freed() {
    let owned = Rc::new(());
    let make = || deadlock(&owned);
    with_subject(&make, |subject| {
        for seed in 0..1_000 {
            let run = subject.run(Kind::Random, sigprof_sim::Seed(seed));
            assert_eq!(run.violation().unwrap().law, Law::Woken);
        }
    });
    assert_eq!(Rc::strong_count(&owned), 1);
}

/// Code that unwinds after a violation still runs, and must not change anything.
#[test]
fn guards_of_a_run_that_is_over_have_no_effect() {
    struct Frees(Rc<Word>);
    impl Drop for Frees {
        fn drop(&mut self) {
            self.0.store(7_u32, Relaxed);
        }
    }
    let word = std::cell::RefCell::new(None);
    let found = law(|| {
        let shared: Rc<Word> = Rc::new(Atomic::<u32>::new("word", 3));
        word.replace(Some(shared.clone()));
        program(vec![Box::new(move || {
            let _guard = Frees(shared.clone());
            Sim::throw(Throw::AlreadyClosed);
        })])
    });
    assert_eq!(found, Some(Law::NoThrow));
    let word = word.take().unwrap();
    assert_eq!(Atomic::<u32>::load(&*word, Relaxed), 3);
}
