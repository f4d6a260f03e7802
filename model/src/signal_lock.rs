//! The spin lock that is only ever taken in a signal handler.
//!
//! A handler may interrupt any instruction of its thread, so that a lock which is
//! also taken outside of handlers would be waited for by the handler that interrupted
//! its holder, for ever. Among handlers there is no such danger: a handler is not
//! interrupted by its own signal, and another thread's goes on.
//!
//! - L1 Between [`lock`](SignalLock::lock) and the guard's end no other thread is.
//! - L2 Nobody takes it outside of a handler (R32).
//!
//! Go: `runtime/trace.go`, `trace.signalLock`; `runtime/cpuprof.go`,
//! `prof.signalLock`.

use crate::backend::{Atomic, Backend, Ordering};

const FREE: u32 = 0;
const HELD: u32 = 1;

/// The lock.
pub struct SignalLock<B: Backend> {
    word: B::U32,
}

/// The lock is held as long as this lives.
#[must_use]
pub struct Guard<'a, B: Backend> {
    lock: &'a SignalLock<B>,
}

impl<B: Backend> Default for SignalLock<B> {
    fn default() -> Self {
        Self {
            word: B::U32::new("signalLock", FREE),
        }
    }
}

impl<B: Backend> SignalLock<B> {
    /// Spins until the lock is free, and takes it.
    #[inline]
    pub fn lock(&self) -> Guard<'_, B> {
        // Acquire pairs with the release in `drop`: what the last holder did is seen.
        while !self.word.compare_and_swap(FREE, HELD, Ordering::Acquire) {
            self.word.yield_while(HELD);
        }
        Guard { lock: self }
    }
}

impl<B: Backend> Drop for Guard<'_, B> {
    #[inline]
    fn drop(&mut self) {
        self.lock.word.store(FREE, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU64;
    use std::thread;

    use super::*;
    use crate::backend::Std;

    #[test]
    fn holders_come_one_after_the_other() {
        const ROUNDS: u64 = 10_000;
        let lock = SignalLock::<Std>::default();
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
