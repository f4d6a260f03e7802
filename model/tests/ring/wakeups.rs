//! Tests of who wakes a sleeping reader, and when: on one thread, where the reader's sleep runs
//! what the writer does meanwhile, step by step, until one step wakes it.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, AtomicU64};

use sigprof_model::backend::{Backend, Note, Std, Throw};
use sigprof_model::prof_buf::{Mode, ProfBuf, Read};
use sigprof_model::protocol::Protocol;

/// As [`Std`], but for the note.
struct Scripted;

impl Backend for Scripted {
    type U32 = AtomicU32;
    type U64 = AtomicU64;
    type Words = <Std as Backend>::Words;
    type Note = ScriptedNote;

    fn throw(what: Throw) -> ! {
        Std::throw(what)
    }
}

thread_local! {
    /// The writer's action at each step of the reader's sleep.
    static STEP: RefCell<Option<Rc<dyn Fn()>>> = const { RefCell::new(None) };
}

struct ScriptedNote(Mutex<bool>);

impl Note for ScriptedNote {
    fn new(_name: &'static str) -> Self {
        Self(Mutex::new(false))
    }

    fn sleep(&self) {
        const ENOUGH: u32 = 1000;
        for _ in 0..ENOUGH {
            if *self.0.lock().unwrap() {
                return;
            }
            let step = STEP.with_borrow(Clone::clone);
            step.expect("somebody who wakes")();
        }
        panic!("nobody woke the reader");
    }

    fn wake(&self) -> bool {
        !std::mem::replace(&mut self.0.lock().unwrap(), true)
    }

    fn clear(&self) {
        *self.0.lock().unwrap() = false;
    }
}

/// How often the writer did `step` until the reader, asleep on an empty ring of 64 words,
/// was woken.
fn steps_until_woken(
    protocol: Protocol,
    step: impl Fn(&ProfBuf<Scripted, Protocol>) + 'static,
) -> u32 {
    let (buf, mut reader) = ProfBuf::new(protocol, 2, 64, 64);
    let (buf, steps) = (Rc::new(buf), Rc::new(Cell::new(0)));
    let (writer, counter) = (buf.clone(), steps.clone());
    let next_step = move || {
        counter.set(counter.get() + 1);
        step(&writer);
    };
    STEP.set(Some(Rc::new(next_step)));
    let read = buf.read(&mut reader, Mode::Blocking);
    assert!(matches!(read, Read::Records(_) | Read::Eof));
    STEP.set(None);
    steps.get()
}

const REVISIONS: [Protocol; 3] = [Protocol::GO_1_19, Protocol::GO_1_26, Protocol::FIXED];

/// Guards R13.1.
#[test]
fn until_1_25_every_record_wakes() {
    let steps = steps_until_woken(Protocol::GO_1_19, |buf| {
        buf.write(None, 1, &[1, 1], &[1]);
    });
    assert_eq!(steps, 1);
}

/// Guards R14.2.
#[test]
fn from_1_26_on_half_a_ring_wakes() {
    // Records of 8 words: four are half of 64.
    let steps = steps_until_woken(Protocol::GO_1_26, |buf| {
        buf.write(None, 1, &[1, 1], &[1; 4]);
    });
    assert_eq!(steps, 4);
    // Of 31 words: one is not.
    let steps = steps_until_woken(Protocol::GO_1_26, |buf| {
        buf.write(None, 1, &[1, 1], &[1; 27]);
    });
    assert_eq!(steps, 2);
}

/// Guards R6.3, R14.1.
#[test]
fn what_was_dropped_wakes() {
    for revision in REVISIONS {
        let steps = steps_until_woken(revision, |buf| {
            buf.write(None, 1, &[1, 1], &[1; 99]);
        });
        assert_eq!(steps, 1);
    }
}

/// Guards R13.2.
#[test]
fn the_end_wakes() {
    for revision in REVISIONS {
        assert_eq!(steps_until_woken(revision, ProfBuf::close), 1);
    }
}

/// B31: a second overflow, or the close, finds the flag of a reader that has been woken.
///
/// Guards R14.2.
#[test]
fn two_extras_wake_once() {
    let twice = |buf: &ProfBuf<Scripted, Protocol>| {
        buf.write(None, 1, &[1, 1], &[1; 99]);
        buf.write(None, 2, &[1, 1], &[1; 99]);
    };
    assert_eq!(steps_until_woken(Protocol::FIXED, twice), 1);
    assert_eq!(steps_until_woken(Protocol::GO_1_26, twice), 1);
}

/// Guards R14.1.
#[test]
#[should_panic(expected = "notewakeup - double wakeup")]
fn until_1_25_two_extras_wake_twice() {
    steps_until_woken(Protocol::GO_1_19, |buf| {
        buf.write(None, 1, &[1, 1], &[1; 99]);
        buf.write(None, 2, &[1, 1], &[1; 99]);
    });
}
