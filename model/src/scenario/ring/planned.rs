//! A ring by plan: writers under the signal lock, and a reader.

use std::rc::Rc;

use super::Ring;
use crate::backend::Backend;
use crate::prof_buf::{Mode, Tag};
use crate::protocol::Protocol;
use crate::scenario::plan::{Operation, Plan};
use crate::scenario::shared::judged;
use crate::scenario::{Program, Thread};
use crate::signal_lock::SignalLock;

/// A ring, and the lock of its writers.
struct Shared<B: Backend> {
    ring: Rc<Ring<B>>,
    lock: SignalLock<B, Protocol>,
}

impl<B: Backend> Shared<B> {
    /// Does it, as M `m`, for the time `at` of that M's.
    fn act(&self, m: u64, at: u64, operation: Operation) {
        match operation {
            Operation::Write { frames, is_tagged } => {
                let _lock = self.lock.lock();
                // Different for all records of a plan.
                let time = 1 + m + 10 * at;
                let tag = Tag::new(time).filter(|_| is_tagged);
                self.ring.write(time, frames.into(), tag);
            }
            Operation::Close => self.ring.buf.close(),
            Operation::Read => {
                self.ring.read(Mode::NonBlocking);
            }
            Operation::Await => {
                self.ring.read(Mode::Blocking);
            }
            // No plan of a ring has one.
            _ => {}
        }
    }
}

/// The program of a plan for a ring.
pub(in crate::scenario) fn planned<B: Backend>(plan: &Plan, protocol: Protocol) -> Program {
    let shared = Rc::new(Shared {
        ring: Ring::<B>::new(protocol, plan.words, plan.tags),
        lock: SignalLock::new("signalLock", protocol),
    });
    let thread = |(m, role): (u64, &crate::scenario::plan::Role)| {
        let (shared, does) = (shared.clone(), role.does.clone());
        let name = match does.first() {
            Some(Operation::Read | Operation::Await) => "reader",
            _ => "writer",
        };
        Thread::new(name, move || {
            for (at, &operation) in (0..).zip(&does) {
                shared.act(m, at, operation);
            }
        })
    };
    let threads = (0..).zip(&plan.ms).map(thread).collect();
    judged(&shared.ring, threads, Ring::judge)
}
