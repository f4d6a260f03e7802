//! Adding samples in handlers (Go: `add`, `addNonGo`, `addExtra`).

use super::CpuProfile;
use crate::backend::{Atomic, Backend, Call, Ordering, Throw, Within, Words};
use crate::prof_buf::{ProfBuf, Tag, Wrote};
use crate::protocol::{Flaw, Rules};

/// The outcome of adding a sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profiled {
    /// Nothing: the profiler is off.
    Off,
    /// Nothing: there is no log. In Go there is one as long as the rate is not 0.
    NoLog,
    /// The sample was written at this time.
    Written {
        /// The time of the sample, in nanoseconds.
        time: u64,
        /// Whether it found room.
        wrote: Wrote,
    },
}

impl Profiled {
    /// Reads what another text says of a sample: whether it was written, time, and whether it was
    /// dropped. Why it was not written such a text does not say.
    pub(crate) fn parse(written: u64, time: u64, dropped: u64) -> Self {
        match written {
            0 => Self::Off,
            _ => Self::Written {
                time,
                wrote: Wrote::parse(dropped),
            },
        }
    }
}

/// The outcome of adding the stack of a foreign thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extra {
    /// Nothing: the profiler is off.
    Off,
    /// The stack waits for a thread of Go's.
    Kept,
    /// The stack is counted as lost.
    Lost,
}

impl Extra {
    /// Reads what another text says of such a stack.
    pub(crate) fn parse(words: &[u64]) -> Self {
        match *words {
            [1] => Self::Kept,
            [2] => Self::Lost,
            _ => Self::Off,
        }
    }
}

impl<B: Backend, R: Rules> CpuProfile<B, R> {
    /// Whether the profiler is on, as far as a handler can tell without the lock.
    #[inline]
    pub fn is_on(&self) -> bool {
        self.hz.load(Ordering::Relaxed) != 0
    }

    /// Adds a sample, in a handler on a thread of Go's (R26).
    pub fn add(&self, tag: Option<Tag>, now: impl FnOnce() -> u64, stack: &[u64]) -> Profiled {
        let _call = Within::<B>::new(Call::of_profiler("(*cpuProfile).add"));
        let _lock = self.signal_lock.lock();
        if !self.is_on() && !self.rules.has(Flaw::RateUnderLockIgnored) {
            return Profiled::Off;
        }
        let log = self.current_log();
        if self.has_extra() {
            self.add_extra(log);
        }
        let time = now();
        // Writing to no log does nothing in Go (R6).
        let Some(log) = log else {
            return Profiled::NoLog;
        };
        let wrote = log.write(tag, time, &[1], stack);
        Profiled::Written { time, wrote }
    }

    /// Leaves the stack of a foreign thread for a thread of Go's, in a handler (R27).
    pub fn add_non_go(&self, stack: &[u64]) -> Extra {
        let _call = Within::<B>::new(Call::of_profiler("(*cpuProfile).addNonGo"));
        let is_locked = !self.rules.has(Flaw::NonGoWithoutLock);
        let _lock = is_locked.then(|| self.signal_lock.lock());
        if self.rules.protocol().non_go_checks_rate && !self.is_on() {
            return Extra::Off;
        }
        let len = 1 + stack.len();
        if self.num_extra() + len >= self.extra.len() {
            lose(&self.lost_extra);
            return Extra::Lost;
        }
        // Looked at anew each time, as in Go: who stops may have set it to 0 meanwhile (B33).
        let at = self.num_extra();
        self.extra.set(at, len as u64);
        for (at, &pc) in (at + 1..).zip(stack) {
            self.extra.set(at, pc);
        }
        let used = self.num_extra() + len;
        self.num_extra.store(used as u64, Ordering::Relaxed);
        Extra::Kept
    }

    /// Counts a signal within an emulated atomic operation, where not even the lock can
    /// be taken. Two of them at once may count as one, as in Go (R22).
    pub fn lose_in_atomic(&self) {
        lose(&self.lost_atomic);
    }

    fn num_extra(&self) -> usize {
        place(self.num_extra.load(Ordering::Relaxed))
    }

    fn has_extra(&self) -> bool {
        let has = |count: &B::U64| count.load(Ordering::Relaxed) > 0;
        has(&self.num_extra) || has(&self.lost_extra) || has(&self.lost_atomic)
    }

    /// Writes what foreign threads left, and what was lost; without times or tags (R27).
    /// Without a log it all goes nowhere.
    pub(super) fn add_extra(&self, log: Option<&ProfBuf<B, R>>) {
        let _call = Within::<B>::new(Call::of_profiler("(*cpuProfile).addExtra"));
        let write = |count: u64, stack: &[u64]| {
            if let Some(log) = log {
                log.write(None, 0, &[count], stack);
            }
        };
        let mut at = 0;
        // Looked at anew for each stack: there may be more meanwhile (B33).
        while at < self.num_extra() {
            let len = place(self.extra.get(at));
            if len == 0 || len > self.extra.len() - at {
                B::throw(Throw::OutOfRange);
            }
            let stack: Vec<u64> = (at + 1..at + len).map(|at| self.extra.get(at)).collect();
            write(1, &stack);
            at += len;
        }
        self.num_extra.store(0, Ordering::Relaxed);

        let count = |lost: &B::U64| lost.load(Ordering::Relaxed);
        if count(&self.lost_extra) > 0 {
            write(
                count(&self.lost_extra),
                &[self.pcs.lost_external, self.pcs.external],
            );
            if !self.rules.has(Flaw::LostExtraKept) {
                self.lost_extra.store(0, Ordering::Relaxed);
            }
        }
        if count(&self.lost_atomic) > 0 {
            write(
                count(&self.lost_atomic),
                &[self.pcs.lost_atomic, self.pcs.system],
            );
            if !self.rules.has(Flaw::LostAtomicKept) {
                self.lost_atomic.store(0, Ordering::Relaxed);
            }
        }
    }
}

/// Counts one more, in two steps, as Go does.
fn lose<A: Atomic<u64>>(lost: &A) {
    let count = lost.load(Ordering::Relaxed);
    lost.store(count + 1, Ordering::Relaxed);
}

/// A place in the array, or a length.
fn place(word: u64) -> usize {
    usize::try_from(word).unwrap_or(usize::MAX)
}
