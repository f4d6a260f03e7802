//! The CPU profiler: the samples on their way into a profile.
//!
//! ```text
//!  who sets the rate               a handler                      a handler, foreign thread
//!  (cpuprof.lock)
//!  -----------------------------   ----------------------------   -------------------------
//!  new log, header {3, now, hz}    prof.hz?                       prof.hz?
//!  disarm this thread              this thread armed?
//!  prof.signalLock                 prof.signalLock                prof.signalLock
//!    prof.hz = hz                    prof.hz?                       stack -> extra
//!  prof.signalUnlock                 extra, lost -> log           prof.signalUnlock
//!  arm this thread                   sample -> log
//!   ..                             prof.signalUnlock
//!  the same with hz = 0,
//!  extra, lost -> log, close
//! ```
//!
//! A thread that is not Go's has too little stack to write into the log. It leaves its
//! PCs in a small array, from where the next handler on a thread of Go's takes them (R27).
//!
//! ```text
//!  extra    +-------+------------+-------+------------+------------------+
//!           | 1 + n | n PCs      | 1 + m | m PCs      |  free            |   1000 words
//!           +-------+------------+-------+------------+------------------+
//!           0                                         numExtra
//! ```
//!
//! A stack for which there is no room is counted in `lostExtra`.
//!
//! Who sets the rate takes `prof.signalLock` *outside* of a handler. So it first sees to
//! it that no handler on its own thread can want the lock ([L13](Law::HandlerGoesOn),
//! R21, R22; B14 is what came of it before).
//!
//! # Laws
//!
//! [L1](Law::OneWriter), [L4](Law::Conserved): what was sampled is in the log or counted,
//! once; [L8](Law::EofLast): the end comes after what foreign threads left. Go's
//! `addNonGo` does not look at the rate again under the lock, so that it can still come
//! while the stop empties the array, and both write it at once
//! ([B33](crate::defects#b33)). And `lostAtomic` is counted
//! without the lock, racily as Go says, on machines where 64-bit atomics are emulated.
//!
//! Go: `runtime/cpuprof.go`; `runtime/proc.go`, `setcpuprofilerate`.

mod rate;
mod write;

pub use rate::{ProfileReader, Profiler, RateError};
pub use write::{Extra, Profiled};

use crate::backend::{Atomic, Backend, Words};
use crate::limits::{EXTRA_WORDS, Sizes};
use crate::prof_buf::ProfBuf;
use crate::protocol::Rules;
use crate::signal_lock::SignalLock;

#[cfg(doc)]
use crate::law::Law;

/// Header words of a record in the profiler's log: how often (R1).
const HEADER_WORDS: usize = 1;

/// The functions that stand for what has no stack of Go's, each as a PC within.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SyntheticPcs {
    /// `runtime._LostExternalCode`.
    pub lost_external: u64,
    /// `runtime._ExternalCode`.
    pub external: u64,
    /// `runtime._LostSIGPROFDuringAtomic64`.
    pub lost_atomic: u64,
    /// `runtime._System`.
    pub system: u64,
}

/// How large a profiler is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProfileSizes {
    /// Its log.
    pub log: Sizes,
    /// Words for the stacks of foreign threads.
    pub extra: usize,
}

impl ProfileSizes {
    /// As Go has it.
    pub const GO: Self = Self {
        log: Sizes::GO,
        extra: EXTRA_WORDS,
    };
}

/// The handlers' side, and what the one who sets the rate shares with them.
pub struct CpuProfile<B: Backend, R: Rules> {
    rules: R,
    pcs: SyntheticPcs,
    /// Go: `prof.hz`. Changes under the lock; handlers look at it before, too.
    hz: B::U32,
    signal_lock: SignalLock<B, R>,
    /// Go: `cpuprof.log`, as a number from 1 on; 0 for nil. There is one if the rate is
    /// not 0.
    log: B::Words,
    /// Stacks of foreign threads: a length that counts itself, and PCs.
    extra: B::Words,
    /// Words used of it, and stacks that found no room (Go: `numExtra`, `lostExtra`).
    extra_counts: B::Words,
    /// Signals within emulated atomics; not under the lock.
    lost_atomic: B::U64,
    logs: Box<[ProfBuf<B, R>]>,
}

/// Places in `extra_counts`.
const NUM_EXTRA: usize = 0;
const LOST_EXTRA: usize = 1;

impl<B: Backend, R: Rules> CpuProfile<B, R> {
    /// With rings for that many profiles; Go makes them when a profile starts.
    #[must_use]
    pub fn new(
        rules: R,
        sizes: ProfileSizes,
        pcs: SyntheticPcs,
        profiles: usize,
    ) -> (Self, Profiler) {
        let Sizes { words, tags } = sizes.log;
        let new_log = |_| ProfBuf::new(rules, HEADER_WORDS, words, tags).0;
        let profile = Self {
            rules,
            pcs,
            hz: B::U32::new("prof.hz", 0),
            signal_lock: SignalLock::new("prof.signalLock", rules),
            log: B::Words::new("cpuprof.log", 1),
            extra: B::Words::new("extra", sizes.extra),
            extra_counts: B::Words::new("numExtra", 2),
            lost_atomic: B::U64::new("lostAtomic", 0),
            logs: (0..profiles).map(new_log).collect(),
        };
        (profile, Profiler::default())
    }

    /// The log that is written.
    fn current_log(&self) -> Option<&ProfBuf<B, R>> {
        let number = usize::try_from(self.log.get(0)).unwrap_or(0);
        self.logs.get(number.checked_sub(1)?)
    }
}
