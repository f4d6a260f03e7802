//! The signal lock alone.

use std::rc::Rc;

use super::{Outcome, Program, Scenario, Seen, Thread};
use crate::backend::{Atomic, Backend, Ordering, Words};
use crate::law::{Law, Violation};
use crate::protocol::Protocol;
use crate::signal_lock::SignalLock;

/// How often each thread takes it.
const ROUNDS: usize = 2;

struct Counted<B: Backend> {
    lock: SignalLock<B, Protocol>,
    /// Plain: the lock alone makes the sum right.
    count: B::Words,
    /// An operation within the lock, at which others may come between.
    between: B::U32,
}

fn two_threads<B: Backend>(protocol: Protocol) -> Program {
    let counted = Rc::new(Counted::<B> {
        lock: SignalLock::new("signalLock", protocol),
        count: B::Words::new("count", 1),
        between: B::U32::new("between", 0),
    });
    let thread = |name| {
        let counted = counted.clone();
        Thread::new(name, move || {
            for _ in 0..ROUNDS {
                let _guard = counted.lock.lock();
                let count = counted.count.get(0);
                counted.between.load(Ordering::Relaxed);
                counted.count.set(0, count + 1);
            }
        })
    };
    let threads = vec![thread("one"), thread("other")];
    let judge = move || {
        let (count, want) = (counted.count.get(0), 2 * ROUNDS as u64);
        if count != want {
            let how = format!("want {want} rounds, got {count}");
            return Err(Violation::new(Law::OneWriter, how));
        }
        Ok(Outcome(vec![Seen::Read(count)]))
    };
    Program::new(threads, judge).with_again(|| ())
}

/// All scenarios of the signal lock.
pub(super) fn all<B: Backend>() -> Vec<Scenario> {
    vec![Scenario::new(
        "lock",
        "two threads count under the lock",
        two_threads::<B>,
    )]
}
