//! The spin lock of signal handlers. The tracer's is only ever taken in a handler; the profiler's
//! is also taken by whoever sets the rate, with precautions.
//!
//! A handler may interrupt any instruction of its thread, so that a lock which is
//! also taken outside of handlers would be waited for by the handler that interrupted
//! its holder, for ever. Among handlers there is no such danger: a handler is not
//! interrupted by its own signal, and another thread's goes on.
//!
//! ```text
//!          swap 0 -> 1, or look again (acquire)
//!       +-----------------------------------------+
//!       |                                         v
//!    0, free                                   1, held: by the handler of one thread
//!       ^                                         |
//!       +-----------------------------------------+
//!                   store 0 (release)
//! ```
//!
//! It keeps [L1](crate::law::Law::OneWriter): between [`lock`](SignalLock::lock) and the guard's
//! end no other thread is. That nobody takes it outside of a handler is
//! [L13](crate::law::Law::HandlerGoesOn) (R32); the one exception, whoever sets the profiler's
//! rate, first makes sure that no signal reaches its own thread (R21).
//!
//! Go: `runtime/trace.go`, `trace.signalLock`; `runtime/cpuprof.go`,
//! `prof.signalLock`.

use crate::backend::{Atomic, Backend};
use crate::protocol::{Flaw, Rules, Site};

const FREE: u32 = 0;
const HELD: u32 = 1;

/// A spin lock that handlers may take.
pub struct SignalLock<B: Backend, R: Rules> {
    word: B::U32,
    rules: R,
}

/// The lock is held as long as this lives.
#[must_use]
pub struct Guard<'a, B: Backend, R: Rules> {
    lock: &'a SignalLock<B, R>,
}

impl<B: Backend, R: Rules> SignalLock<B, R> {
    /// A lock that is free; the name is for people who look at a run.
    #[must_use]
    pub fn new(name: &'static str, rules: R) -> Self {
        let word = B::U32::new(name, FREE);
        Self { word, rules }
    }

    /// The number by which another text knows it.
    pub(crate) fn number(&self) -> u64 {
        self.word.number()
    }

    /// Spins until the lock is free, and takes it.
    #[inline]
    pub fn lock(&self) -> Guard<'_, B, R> {
        let order = self.rules.order(Site::LockTaken);
        while !self.rules.has(Flaw::NoLock) && !self.word.compare_and_swap(FREE, HELD, order) {
            self.word.yield_while(HELD);
        }
        Guard { lock: self }
    }
}

impl<B: Backend, R: Rules> Drop for Guard<'_, B, R> {
    #[inline]
    fn drop(&mut self) {
        let order = self.lock.rules.order(Site::LockFreed);
        self.lock.word.store(FREE, order);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU64;
    use std::thread;

    use super::*;
    use crate::backend::{Ordering, Std};
    use crate::protocol::Fixed;

    #[test]
    fn holders_come_one_after_the_other() {
        // Miri takes a thousand times as long.
        const ROUNDS: u64 = if cfg!(miri) { 20 } else { 10_000 };
        let lock = SignalLock::<Std, _>::new("lock", Fixed);
        let count = AtomicU64::new(0);
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..ROUNDS {
                        let _guard = lock.lock();
                        // Not one operation: it is the lock that makes it so.
                        let seen = count.load(Ordering::Relaxed);
                        count.store(seen + 1, Ordering::Relaxed);
                    }
                });
            }
        });
        assert_eq!(count.into_inner(), 4 * ROUNDS);
    }
}
