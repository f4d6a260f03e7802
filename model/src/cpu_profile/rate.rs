//! Setting the rate (Go: `SetCPUProfileRate`, `setcpuprofilerate`), and reading the profile (Go:
//! `readProfile`).

use super::CpuProfile;
use crate::backend::text::Function;
use crate::backend::{Atomic, Backend, Call, Ordering, Throw, Within, Words};
use crate::m::M;
use crate::prof_buf::{Mode, Read, Reader};
use crate::prof_index::ProfIndex;
use crate::protocol::{Flaw, Rules};

/// Rates are at most this, in Hz.
const HZ_MAX: i32 = 1_000_000;

/// The state that `cpuprof.lock` guards.
#[derive(Clone, Debug, Default)]
pub struct Profiler {
    /// Profiles that were started.
    used: usize,
    on: bool,
}

/// The reader of one profile.
#[derive(Clone, Debug)]
pub struct ProfileReader {
    log: usize,
    reader: Reader,
    /// Whether it has found the end.
    is_at_end: bool,
}

impl ProfileReader {
    fn new(log: usize) -> Self {
        Self {
            log,
            reader: Reader::at(ProfIndex::default()),
            is_at_end: false,
        }
    }
}

/// The rate stays as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RateError {
    /// `runtime: cannot set cpu profile rate until previous profile has finished.`
    NotFinished,
}

impl<B: Backend, R: Rules> CpuProfile<B, R> {
    /// Starts a profile with that rate in Hz, or stops it if the rate is 0 or less, from thread `m`
    /// (R20). Whoever starts one gets its reader.
    ///
    /// # Errors
    ///
    /// If a profile is on, or the last one has not been read to its end. Go prints a line
    /// and returns.
    pub fn set_rate(
        &self,
        profiler: &mut Profiler,
        m: &M<B>,
        hz: i32,
        now: u64,
    ) -> Result<Option<ProfileReader>, RateError> {
        let _call = Within::<B>::new(Call::of_profiler("SetCPUProfileRate"));
        #[expect(
            clippy::cast_sign_loss,
            reason = "the text takes its sign from all 64 bits"
        )]
        let set = || vec![m.number(), i64::from(hz) as u64, now];
        if let Some(result) = B::instead(Function::SetRate, set) {
            return Self::was_set(profiler, hz > 0, result == [1]);
        }
        let hz = hz.clamp(0, HZ_MAX).unsigned_abs();
        if hz > 0 {
            let is_unread = self.current_log().is_some();
            let is_ignored = self.rules.has(Flaw::StartsUnfinished);
            if (profiler.on || is_unread) && !is_ignored {
                return Err(RateError::NotFinished);
            }
            return Ok(Some(self.start(profiler, m, hz, now)));
        }
        if profiler.on {
            self.stop(profiler, m);
        }
        Ok(None)
    }

    /// Takes over a rate that another text has set.
    fn was_set(
        profiler: &mut Profiler,
        on: bool,
        is_refused: bool,
    ) -> Result<Option<ProfileReader>, RateError> {
        if is_refused {
            return Err(RateError::NotFinished);
        }
        profiler.on = on;
        profiler.used += usize::from(on);
        Ok(on.then(|| ProfileReader::new(profiler.used - 1)))
    }

    fn start(&self, profiler: &mut Profiler, m: &M<B>, hz: u32, now: u64) -> ProfileReader {
        let log = profiler.used;
        if log == self.logs.len() {
            B::throw(Throw::OutOfLogs);
        }
        profiler.used += 1;
        profiler.on = true;
        self.log.set(0, profiler.used as u64);
        let is_armed_first = self.rules.has(Flaw::ArmedBeforeHeader);
        if is_armed_first {
            self.set_timers(m, hz);
        }
        // What the profile begins with (R50).
        self.logs[log].write(None, now, &[hz.into()], &[]);
        if !is_armed_first {
            self.set_timers(m, hz);
        }
        ProfileReader::new(log)
    }

    fn stop(&self, profiler: &mut Profiler, m: &M<B>) {
        self.set_timers(m, 0);
        profiler.on = false;
        let log = self.current_log();
        let close = || match log {
            Some(log) => log.close(),
            None => B::throw(Throw::NilLog),
        };
        if self.rules.has(Flaw::ExtraAfterClose) {
            close();
        }
        if !self.rules.has(Flaw::ExtraLeftAtStop) {
            self.add_extra(log);
        }
        if !self.rules.has(Flaw::ExtraAfterClose) {
            close();
        }
    }

    /// Go: `setcpuprofilerate` (R21).
    fn set_timers(&self, m: &M<B>, hz: u32) {
        let _call = Within::<B>::new(Call::of("setcpuprofilerate", "runtime/proc.go"));
        if !self.rules.has(Flaw::ThreadNotDisarmed) {
            // A handler on this thread would wait for the lock that we hold.
            m.set_profile_hz(0);
        }
        {
            let _lock = self.signal_lock.lock();
            // With it goes the timer of the process.
            self.hz.store(hz, Ordering::Relaxed);
        }
        if hz != 0 {
            m.set_profile_hz(hz);
        }
    }

    /// Reads what comes next, on the goroutine that makes the profile. After the end this returns
    /// the end again: here the log says so, while Go has no log any more, and a read of no log
    /// returns the end as well (R13).
    pub fn read<'a>(&'a self, reader: &mut ProfileReader, mode: Mode) -> Read<'a, B, R> {
        let _call = Within::<B>::new(Call::of_profiler("runtime_pprof_readProfile"));
        let read = self.logs[reader.log].read(&mut reader.reader, mode);
        reader.is_at_end |= matches!(read, Read::Eof);
        read
    }

    /// The profile has been read to its end: another may start. Go does this in the read
    /// that finds the end, under `cpuprof.lock`.
    ///
    /// # Errors
    ///
    /// The reader itself, if it has not found the end.
    pub fn finish(&self, _: &mut Profiler, reader: ProfileReader) -> Result<(), ProfileReader> {
        if !reader.is_at_end {
            return Err(reader);
        }
        if B::instead(Function::FinishProfile, Vec::new).is_none() {
            self.log.set(0, 0);
        }
        Ok(())
    }
}
