//! What the protocol keeps for a thread (Go: an M).
//!
//! Both words are written by the thread itself and its handler only. The tracer watches
//! the guard from outside.
//!
//! Go: `runtime/runtime2.go`, `m.profilehz`; `runtime/traceruntime.go`, `mTraceState`.

use crate::backend::{Atomic, Backend, Ordering};
use crate::protocol::{Flaw, Guard, Rules, Site};

/// A thread.
pub struct M<B: Backend> {
    /// The id that the operating system knows it by.
    pub procid: u64,
    /// At which rate it is armed, 0 for not at all.
    profile_hz: B::U32,
    /// Whether it is in a generation: an odd number, or 1.
    guard: B::U32,
}

impl<B: Backend> M<B> {
    /// A thread that is not armed, outside of the tracer.
    #[must_use]
    pub fn new(procid: u64) -> Self {
        Self {
            procid,
            profile_hz: B::U32::new("profilehz", 0),
            guard: B::U32::new("guard", 0),
        }
    }

    /// The rate at which its own timer runs (Go: `setThreadCPUProfiler`). A thread takes
    /// it over from the scheduler when it runs a goroutine (R21).
    pub fn set_profile_hz(&self, hz: u32) {
        self.profile_hz.store(hz, Ordering::Relaxed);
    }

    /// Whether its handler may take a sample (R22).
    pub(crate) fn is_armed(&self) -> bool {
        self.profile_hz.load(Ordering::Relaxed) != 0
    }

    /// Raises the guard, unless the thread is in the tracer already; says whether it did.
    pub(crate) fn enter<R: Rules>(&self, rules: R) -> bool {
        let order = rules.order(Site::GuardRaised);
        let is_nested = !rules.has(Flaw::GuardNotNested);
        match rules.protocol().guard {
            Guard::None => return false,
            Guard::Seqlock => {
                if self.guard.load(Ordering::Relaxed) % 2 != 0 && is_nested {
                    return false;
                }
                self.guard.fetch_add(1, order);
            }
            Guard::Writing => {
                if self.guard.load(Ordering::Relaxed) != 0 && is_nested {
                    return false;
                }
                self.guard.store(1, order);
            }
        }
        true
    }

    /// Lowers the guard.
    pub(crate) fn leave<R: Rules>(&self, rules: R) {
        let order = rules.order(Site::GuardLowered);
        match rules.protocol().guard {
            Guard::None => {}
            Guard::Seqlock => {
                self.guard.fetch_add(1, order);
            }
            Guard::Writing => self.guard.store(0, order),
        }
    }

    /// Waits until the thread is outside.
    pub(crate) fn await_outside<R: Rules>(&self, rules: R) {
        loop {
            let guard = self.guard.load(rules.order(Site::GuardWatched));
            if guard % 2 == 0 {
                return;
            }
            self.guard.yield_while(guard);
        }
    }
}
