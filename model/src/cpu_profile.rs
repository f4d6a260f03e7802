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
//! `numExtra` and the two counts are ordinary words in Go. Here they are shared words, with
//! relaxed order, so that whoever explores interleavings can come between each look at one
//! and the next: B33 is a race on them. The array itself is plain words, on which a back-end
//! sees that the lock was left out.
//!
//! # Simpler than Go
//!
//! - `prof.hz` is stored even if it stays as it is.
//! - There is no `sched.profilehz`: a thread takes the rate over when its owner says so
//!   ([`M::set_profile_hz`](crate::m::M::set_profile_hz)), not in `execute`.
//! - `addExtra` copies a stack out of the array before it writes it, and so allocates in a
//!   handler. Go hands the log a slice.
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
    /// Words used of it.
    num_extra: B::U64,
    /// Stacks that found no room.
    lost_extra: B::U64,
    /// Signals within emulated atomics; not under the lock.
    lost_atomic: B::U64,
    logs: Box<[ProfBuf<B, R>]>,
}

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
            num_extra: B::U64::new("numExtra", 0),
            lost_extra: B::U64::new("lostExtra", 0),
            lost_atomic: B::U64::new("lostAtomic", 0),
            logs: (0..profiles).map(new_log).collect(),
        };
        (profile, Profiler::default())
    }

    /// The log that is written, or that has not been read to its end.
    fn current_log(&self) -> Option<&ProfBuf<B, R>> {
        let number = usize::try_from(self.log.get(0)).unwrap_or(0);
        self.logs.get(number.checked_sub(1)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::{Ordering, Std};
    use crate::m::M;
    use crate::prof_buf::{Mode, Read};
    use crate::protocol::{Flaw, Protocol};

    const PCS: SyntheticPcs = SyntheticPcs {
        lost_external: 1,
        external: 2,
        lost_atomic: 3,
        system: 4,
    };

    const SIZES: ProfileSizes = ProfileSizes {
        log: Sizes { words: 32, tags: 8 },
        extra: 5,
    };

    #[test]
    fn another_profile_waits_until_the_end_has_been_read() {
        let (profile, mut profiler) = CpuProfile::<Std, _>::new(Protocol::FIXED, SIZES, PCS, 2);
        let m = M::new(41);
        let mut reader = profile
            .set_rate(&mut profiler, &m, 100, 1)
            .unwrap()
            .unwrap();
        let start = |profiler: &mut Profiler| profile.set_rate(profiler, &m, 100, 2);
        assert_eq!(start(&mut profiler).unwrap_err(), RateError::NotFinished);
        profile.set_rate(&mut profiler, &m, 0, 3).unwrap();
        assert_eq!(start(&mut profiler).unwrap_err(), RateError::NotFinished);

        let read = |reader: &mut ProfileReader| profile.read(reader, Mode::Blocking);
        assert!(matches!(read(&mut reader), Read::Records(_)));
        let mut reader = profile.finish(&mut profiler, reader).unwrap_err();
        for _ in 0..2 {
            assert!(matches!(read(&mut reader), Read::Eof));
        }
        assert_eq!(start(&mut profiler).unwrap_err(), RateError::NotFinished);
        profile.finish(&mut profiler, reader).unwrap();
        assert!(start(&mut profiler).unwrap().is_some());
    }

    /// No revision comes to it: where the rate is not 0, there is a log.
    #[test]
    fn what_is_written_to_no_log_goes_nowhere() {
        let protocol = Protocol {
            flaw: Some(Flaw::RateUnderLockIgnored),
            non_go_checks_rate: false,
            ..Protocol::FIXED
        };
        let (profile, _) = CpuProfile::<Std, _>::new(protocol, SIZES, PCS, 0);
        assert_eq!(profile.add_non_go(&[7]), Extra::Kept);
        assert_eq!(profile.add(None, || 1, &[8]), Profiled::NoLog);
        assert_eq!(profile.num_extra.load(Ordering::Relaxed), 0);
    }
}
