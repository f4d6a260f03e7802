//! A signal on the thread that reads.

use std::rc::Rc;

use super::{Ring, TWO};
use crate::backend::{Backend, Note, Throw};
use crate::prof_buf::{Mode, Tag};
use crate::protocol::{Fixed, Flaw, Protocol};
use crate::scenario::shared::judged;
use crate::scenario::{Program, Scenario, Thread};
use crate::signal_lock::SignalLock;

/// A back-end whose notes are as Darwin has them, of a mutex and a condition variable: whoever
/// wakes takes the mutex, and so does whoever goes to sleep. A handler may have interrupted the
/// latter at just that point (B12).
///
/// Go: `runtime/os_darwin.go`, `semawakeup`; golang/go#61768.
struct Darwin<B>(std::marker::PhantomData<B>);

struct MutexNote<B: Backend> {
    mutex: SignalLock<B, Fixed>,
    note: B::Note,
}

impl<B: Backend> Backend for Darwin<B> {
    type U32 = B::U32;
    type U64 = B::U64;
    type Words = B::Words;
    type Note = MutexNote<B>;

    fn throw(what: Throw) -> ! {
        B::throw(what)
    }
}

impl<B: Backend> Note for MutexNote<B> {
    fn new(name: &'static str) -> Self {
        let mutex = SignalLock::new("mutex", Fixed);
        let note = B::Note::new(name);
        Self { mutex, note }
    }

    fn sleep(&self) {
        // To look whether it was woken, before it waits.
        drop(self.mutex.lock());
        self.note.sleep();
    }

    fn wake(&self) -> bool {
        let _guard = self.mutex.lock();
        self.note.wake()
    }

    fn clear(&self) {
        self.note.clear();
    }
}

/// The reader's own thread takes a signal, anywhere in its read, and so does another.
fn signal_in_read_over<B: Backend>(protocol: Protocol) -> Program {
    let ring = Ring::<B>::new(protocol, TWO, 2);
    let lock = Rc::new(SignalLock::<B, _>::new("signalLock", protocol));
    let handler = |id| {
        let (ring, lock) = (ring.clone(), lock.clone());
        move || {
            let _guard = lock.lock();
            ring.write(id, 1, Tag::new(id));
        }
    };
    let reader = ring.clone();
    let read = Thread::new("reader", move || {
        reader.read(Mode::Blocking);
    });
    let threads = vec![
        read.with_handler(handler(1)),
        Thread::new("other", handler(2)),
    ];
    judged(&ring, threads, Ring::judge)
}

fn signal_in_read<B: Backend>(protocol: Protocol) -> Program {
    if protocol.flaw == Some(Flaw::WakeMayBlock) {
        signal_in_read_over::<Darwin<B>>(protocol)
    } else {
        signal_in_read_over::<B>(protocol)
    }
}

/// All scenarios of a signal on the thread that reads.
pub(in crate::scenario) fn all<B: Backend>() -> Vec<Scenario> {
    vec![Scenario::new(
        "signal_in_read",
        "a signal anywhere in reading and sleeping, on the same thread, and one on another",
        signal_in_read::<B>,
    )]
}
