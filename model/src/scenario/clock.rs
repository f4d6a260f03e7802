//! The clocks of the scenarios.

use crate::backend::text::{Clock, Function};
use crate::backend::{Atomic, Backend, Ordering};
use crate::protocol::Fixed;
use crate::signal_lock::SignalLock;
use crate::sigprof::Clocks;

/// Both clocks stand still: nothing is about time.
pub(super) struct Still;

impl Still {
    const VALUES: [u64; 2] = [5, 6];
}

impl Clocks for Still {
    fn nanotime(&self) -> u64 {
        Self::VALUES[0]
    }

    fn ticks(&self) -> u64 {
        Self::VALUES[1]
    }

    fn described(&self) -> Clock {
        Clock::Still(Self::VALUES)
    }
}

/// A clock whose readings are all different. It orders nothing.
pub(super) struct Counter<B: Backend>(B::U64);

impl<B: Backend> Counter<B> {
    pub(super) fn new() -> Self {
        let word = B::U64::new("clock", 1);
        B::instead(Function::NewCounter, || vec![word.number(), 1]);
        Self(word)
    }

    pub(super) fn now(&self) -> u64 {
        match B::instead(Function::Count, || vec![self.0.number()]) {
            Some(now) => now.first().copied().unwrap_or(0),
            None => self.0.fetch_add(1, Ordering::Relaxed),
        }
    }
}

impl<B: Backend> Clocks for Counter<B> {
    fn nanotime(&self) -> u64 {
        self.now()
    }

    fn ticks(&self) -> u64 {
        self.now()
    }

    fn described(&self) -> Clock {
        Clock::Counting(self.0.number())
    }
}

/// Atomic operations on 64 bits as arm has them, by a spin lock. The profiler's clock stands for
/// those of the handler.
pub(super) struct Emulated<B: Backend>(SignalLock<B, Fixed>);

impl<B: Backend> Emulated<B> {
    pub(super) fn new() -> Self {
        let lock = SignalLock::new("atomic64", Fixed);
        B::instead(Function::NewCounter, || vec![lock.number(), 0]);
        Self(lock)
    }

    pub(super) fn operation(&self) {
        if B::instead(Function::Operate, || vec![self.0.number()]).is_none() {
            drop(self.0.lock());
        }
    }
}

impl<B: Backend> Clocks for Emulated<B> {
    fn nanotime(&self) -> u64 {
        self.operation();
        Still.nanotime()
    }

    fn ticks(&self) -> u64 {
        Still.ticks()
    }

    fn described(&self) -> Clock {
        Clock::Locked(self.0.number(), Still::VALUES)
    }
}
