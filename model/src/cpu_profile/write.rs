//! What handlers write (Go: `add`, `addNonGo`, `addExtra`).

use super::{CpuProfile, LOST_EXTRA, NUM_EXTRA};
use crate::backend::{Atomic, Backend, Ordering, Throw, Words};
use crate::prof_buf::{ProfBuf, Tag, Wrote};
use crate::protocol::{Flaw, Rules};

/// What became of a sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profiled {
    /// Nothing: the profiler is off.
    Off,
    /// It was written at this time.
    Written {
        /// What the clock said.
        time: u64,
        /// Whether it found room.
        wrote: Wrote,
    },
}

/// What became of the stack of a foreign thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extra {
    /// Nothing: the profiler is off.
    Off,
    /// It waits for a thread of Go's.
    Kept,
    /// It is counted as lost.
    Lost,
}

impl<B: Backend, R: Rules> CpuProfile<B, R> {
    /// Whether the profiler is on, as far as a handler can tell without the lock.
    #[inline]
    pub fn is_on(&self) -> bool {
        self.hz.load(Ordering::Relaxed) != 0
    }

    /// Adds a sample, in a handler on a thread of Go's (R26).
    pub fn add(&self, tag: Option<Tag>, now: impl FnOnce() -> u64, stack: &[u64]) -> Profiled {
        let _lock = self.signal_lock.lock();
        if !self.is_on() && !self.rules.has(Flaw::RateUnderLockIgnored) {
            return Profiled::Off;
        }
        let Some(log) = self.current_log() else {
            B::throw(Throw::NilLog);
        };
        if self.has_extra() {
            self.add_extra(log);
        }
        let time = now();
        let wrote = log.write(tag, time, &[1], stack);
        Profiled::Written { time, wrote }
    }

    /// Leaves the stack of a foreign thread for a thread of Go's, in a handler (R27).
    pub fn add_non_go(&self, stack: &[u64]) -> Extra {
        let is_locked = !self.rules.has(Flaw::NonGoWithoutLock);
        let _lock = is_locked.then(|| self.signal_lock.lock());
        if self.rules.protocol().non_go_checks_rate && !self.is_on() {
            return Extra::Off;
        }
        let used = self.num_extra();
        let len = 1 + stack.len();
        if used + len >= self.extra.len() {
            let lost = self.extra_counts.get(LOST_EXTRA);
            self.extra_counts.set(LOST_EXTRA, lost + 1);
            return Extra::Lost;
        }
        self.extra.set(used, len as u64);
        for (at, &pc) in (used + 1..).zip(stack) {
            self.extra.set(at, pc);
        }
        self.extra_counts.set(NUM_EXTRA, (used + len) as u64);
        Extra::Kept
    }

    /// Counts a signal within an emulated atomic operation, where not even the lock can
    /// be taken. Two of them at once may count as one, as in Go (R22).
    pub fn lose_in_atomic(&self) {
        let lost = self.lost_atomic.load(Ordering::Relaxed);
        self.lost_atomic.store(lost + 1, Ordering::Relaxed);
    }

    fn num_extra(&self) -> usize {
        usize::try_from(self.extra_counts.get(NUM_EXTRA)).unwrap_or(usize::MAX)
    }

    fn has_extra(&self) -> bool {
        self.extra_counts.get(NUM_EXTRA) > 0
            || self.extra_counts.get(LOST_EXTRA) > 0
            || self.lost_atomic.load(Ordering::Relaxed) > 0
    }

    /// Writes what foreign threads left, and what was lost; without times or tags (R27).
    pub(super) fn add_extra(&self, log: &ProfBuf<B, R>) {
        let used = self.num_extra();
        let mut at = 0;
        while at < used {
            let len = usize::try_from(self.extra.get(at)).unwrap_or(usize::MAX);
            if len == 0 || len > used - at {
                B::throw(Throw::OutOfRange);
            }
            let stack: Vec<u64> = (at + 1..at + len).map(|at| self.extra.get(at)).collect();
            log.write(None, 0, &[1], &stack);
            at += len;
        }
        self.extra_counts.set(NUM_EXTRA, 0);

        let lost = self.extra_counts.get(LOST_EXTRA);
        if lost > 0 {
            log.write(
                None,
                0,
                &[lost],
                &[self.pcs.lost_external, self.pcs.external],
            );
            if !self.rules.has(Flaw::LostExtraKept) {
                self.extra_counts.set(LOST_EXTRA, 0);
            }
        }
        let lost = self.lost_atomic.load(Ordering::Relaxed);
        if lost > 0 {
            log.write(None, 0, &[lost], &[self.pcs.lost_atomic, self.pcs.system]);
            if !self.rules.has(Flaw::LostAtomicKept) {
                self.lost_atomic.store(0, Ordering::Relaxed);
            }
        }
    }
}
