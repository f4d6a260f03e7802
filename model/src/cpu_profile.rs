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
//! Whoever sets the rate takes `prof.signalLock` *outside* of a handler. So it first makes sure
//! that no handler on its own thread can want the lock ([L13](Law::HandlerGoesOn), R21, R22; B14 is
//! what came of it before).
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

use crate::backend::text::Function;
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
    /// A PC in `runtime._LostExternalCode`.
    pub lost_external: u64,
    /// A PC in `runtime._ExternalCode`.
    pub external: u64,
    /// A PC in `runtime._LostSIGPROFDuringAtomic64`.
    pub lost_atomic: u64,
    /// A PC in `runtime._System`.
    pub system: u64,
}

/// How large a profiler is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProfileSizes {
    /// Size of the profiler's log.
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

/// The handlers' side, and what they share with whoever sets the rate.
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
        B::instead(Function::NewCpuProfile, || profile.numbers());
        (profile, Profiler::default())
    }

    /// Its words by number, and its sizes, for another text.
    fn numbers(&self) -> Vec<u64> {
        let hz = [self.hz.number(), self.signal_lock.number()];
        let plain = [self.log.number(), self.extra.number()];
        let counts = [&self.num_extra, &self.lost_extra, &self.lost_atomic];
        let counts = counts.map(Atomic::number);
        let pcs = self.pcs;
        let pcs = [pcs.lost_external, pcs.external, pcs.lost_atomic, pcs.system];
        let extra = [self.extra.len() as u64];
        let rings = self.logs.iter().map(ProfBuf::number);
        let words = [&hz[..], &plain, &counts, &extra, &pcs].concat();
        words.into_iter().chain(rings).collect()
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
    use crate::prof_buf::{Mode, Read, Tag};
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

    /// Guards R12.3, R20.2, R20.4.
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

    /// The words and tags that one read returns; both are empty if it returns no records.
    fn words<R: Rules>(
        profile: &CpuProfile<Std, R>,
        reader: &mut ProfileReader,
    ) -> (Vec<u64>, Vec<Option<Tag>>) {
        let Read::Records(records) = profile.read(reader, Mode::NonBlocking) else {
            return (vec![], vec![]);
        };
        let mut words = Vec::new();
        records.copy_to(&mut words);
        (words, records.tags().collect())
    }

    /// Guards R1.2, R20.1, R20.3, R26.
    #[test]
    fn a_profile_begins_with_its_rate_and_goes_on_with_samples() {
        let (profile, mut profiler) = CpuProfile::<Std, _>::new(Protocol::GO_1_21, SIZES, PCS, 1);
        let m = M::new(41);
        let started = profile.set_rate(&mut profiler, &m, 2_000_000, 1);
        let mut reader = started.unwrap().unwrap();
        let tag = Tag::new(9);
        profile.add(tag, || 2, &[8, 7]);
        let got = words(&profile, &mut reader);
        assert_eq!(got, (vec![3, 1, 1_000_000, 5, 2, 1, 8, 7], vec![None, tag]));
    }

    /// Less than nothing is nothing: no profile starts, and one that is on stops.
    ///
    /// Guards R20.1.
    #[test]
    fn a_rate_below_0_stops() {
        let (profile, mut profiler) = CpuProfile::<Std, _>::new(Protocol::GO_1_21, SIZES, PCS, 1);
        let m = M::new(41);
        let mut set = |hz| profile.set_rate(&mut profiler, &m, hz, 1);
        assert!(set(-1).unwrap().is_none());
        assert!(set(100).unwrap().is_some());
        assert!(set(-1).unwrap().is_none());
        assert!(!profile.is_on());
    }

    /// In this order: stacks, those that found no room, signals in emulated atomics; and then
    /// the sample that brought them.
    ///
    /// Guards R22.2, R26, R27.3.
    #[test]
    fn what_foreign_threads_left_comes_with_the_next_sample() {
        let (profile, mut profiler) = CpuProfile::<Std, _>::new(Protocol::GO_1_21, SIZES, PCS, 1);
        let m = M::new(41);
        let started = profile.set_rate(&mut profiler, &m, 100, 1);
        let mut reader = started.unwrap().unwrap();
        assert_eq!(profile.add_non_go(&[70, 71]), Extra::Kept);
        assert_eq!(profile.add_non_go(&[72, 73]), Extra::Lost);
        profile.lose_in_atomic();
        profile.lose_in_atomic();
        for _ in 0..2 {
            profile.add(None, || 5, &[8]);
        }
        let rate = [3, 1, 100];
        let extra = [5, 0, 1, 70, 71, 5, 0, 1, 1, 2, 5, 0, 2, 3, 4];
        let samples = [4, 5, 1, 8, 4, 5, 1, 8];
        let (got, tags) = words(&profile, &mut reader);
        assert_eq!(got, [&rate[..], &extra, &samples].concat());
        assert_eq!(tags, [None; 6]);
    }

    /// Of 1,000 words 999 can be used, since more must be free than are asked for.
    ///
    /// Guards R27.1.
    #[test]
    fn the_array_of_foreign_stacks_always_has_a_free_word() {
        let sizes = ProfileSizes {
            extra: EXTRA_WORDS,
            ..SIZES
        };
        let (profile, _) = CpuProfile::<Std, _>::new(Protocol::GO_1_21, sizes, PCS, 1);
        for _ in 0..99 {
            assert_eq!(profile.add_non_go(&[1; 9]), Extra::Kept);
        }
        assert_eq!(profile.add_non_go(&[1; 9]), Extra::Lost);
        assert_eq!(profile.add_non_go(&[1; 8]), Extra::Kept);
        assert_eq!(profile.add_non_go(&[]), Extra::Lost);
    }

    /// No revision gets there: where the rate is not 0, there is a log.
    ///
    /// Guards R6.1.
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
