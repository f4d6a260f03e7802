//! A handler takes a sample (Go: `traceCPUSample`).

use super::{CpuLog, Log};
use crate::backend::text::Function;
use crate::backend::{Atomic, Backend, Ordering, Throw, Within, Words};
use crate::m::M;
use crate::prof_buf::Wrote;
use crate::protocol::{Flaw, Logs, Rules, Site};
use crate::sample::Place;
use crate::sigprof::{Clocks, Interrupted};

/// The outcome of taking a sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sampled {
    /// Nothing: tracing is off.
    Off,
    /// Nothing: it was taken on no thread of Go's, and from Go 1.22 on one is needed.
    NoM,
    /// Nothing: there was no log any more.
    NoLog,
    /// The sample was written in this generation (0 until Go 1.21), at this time.
    Written {
        /// The generation in which it was written.
        generation: u64,
        /// The time of the sample on the tracer's clock.
        time: u64,
        /// Whether it found room.
        wrote: Wrote,
    },
}

impl Sampled {
    /// Reads what another text says of a sample: whether it was written, time, generation, whether
    /// it was dropped. Why it was not written such a text does not say.
    pub(crate) fn parse(words: &[u64]) -> Self {
        match *words {
            [1, time, generation, dropped] => Self::Written {
                generation,
                time,
                wrote: Wrote::parse(dropped),
            },
            _ => Self::Off,
        }
    }
}

impl<B: Backend, R: Rules> CpuLog<B, R> {
    /// Takes a sample as [`sample`](Self::sample) does, at a time of these clocks, without a
    /// profiler.
    pub fn sample_alone(
        &self,
        m: Option<&M<B>>,
        place: Place,
        clocks: &impl Clocks,
        stack: &[u64],
    ) -> Sampled {
        let at = Interrupted {
            gp: place.goid,
            curg: None,
            p: place.p,
            in_atomic: false,
            stack,
        };
        let args = || at.words(m, clocks.described());
        match B::instead(Function::Sample, args) {
            Some(result) => Sampled::parse(&result),
            None => self.sample(m, place, || clocks.ticks(), stack),
        }
    }

    /// Takes a sample, in a handler on thread `m`. `now` is the tracer's clock, and is
    /// read where Go reads it.
    pub fn sample(
        &self,
        m: Option<&M<B>>,
        place: Place,
        now: impl FnOnce() -> u64,
        stack: &[u64],
    ) -> Sampled {
        let _call = Within::<B>::new(self.call("traceCPUSample"));
        let is_off = self.enabled.load(Ordering::Relaxed) == 0;
        if is_off && !self.rules.has(Flaw::EnabledIgnored) {
            return Sampled::Off;
        }
        match self.rules.protocol().logs {
            Logs::One => self.write_sample(0, place, now(), stack),
            Logs::ByGeneration => match m {
                Some(m) => self.sample_in_generation(m, place, now, stack),
                None if self.rules.has(Flaw::NoMAllowed) => {
                    self.write_sample(self.current_generation(), place, now(), stack)
                }
                None => Sampled::NoM,
            },
        }
    }

    /// From Go 1.22 on.
    fn sample_in_generation(
        &self,
        m: &M<B>,
        place: Place,
        now: impl FnOnce() -> u64,
        stack: &[u64],
    ) -> Sampled {
        let mut now = Some(now);
        let mut read_clock = || now.take().map_or(0, |now| now());
        let early_time = self
            .rules
            .has(Flaw::ClockBeforeGeneration)
            .then(&mut read_clock);
        let is_early = self.rules.has(Flaw::GenerationBeforeGuard);
        let early_generation = is_early.then(|| self.current_generation());

        // If the guard is raised, the tracer itself was interrupted: it will wait as well.
        let has_entered = m.enter(self.rules);
        let generation = early_generation.unwrap_or_else(|| self.current_generation());
        if generation == 0 {
            if has_entered && !self.rules.has(Flaw::GuardKept) {
                m.leave(self.rules);
            }
            return Sampled::Off;
        }
        let time = early_time.unwrap_or_else(read_clock);
        let place = Place {
            procid: m.procid,
            ..place
        };
        let sampled = self.write_sample(generation, place, time, stack);
        if has_entered {
            m.leave(self.rules);
        }
        sampled
    }

    fn write_sample(&self, generation: u64, place: Place, time: u64, stack: &[u64]) -> Sampled {
        let (header, words) = place.header(self.rules);
        let is_early = self.rules.has(Flaw::LogLoadedBeforeLock);
        let early = is_early.then(|| self.log_to_write(generation));

        let lock = self.signal_lock.lock();
        let Some(log) = early.unwrap_or_else(|| self.log_to_write(generation)) else {
            if self.rules.has(Flaw::LockKeptWithoutLog) {
                std::mem::forget(lock);
            }
            return Sampled::NoLog;
        };
        if log.is_made.get(0) == 0 {
            B::throw(Throw::NilLog);
        }
        // Without a tag: the tracer has no use for labels (R32).
        let wrote = log.buf.write(None, time, &header[..words], stack);
        Sampled::Written {
            generation,
            time,
            wrote,
        }
    }

    pub(super) fn current_generation(&self) -> u64 {
        self.generation.load(self.rules.order(Site::GenerationRead))
    }

    fn log_to_write(&self, generation: u64) -> Option<&Log<B, R>> {
        let parity = self.parity(generation + u64::from(self.rules.has(Flaw::OtherLog)));
        let number = self.write[parity].load(self.rules.order(Site::LogLoaded));
        let index = usize::try_from(number).unwrap_or(0).checked_sub(1)?;
        self.logs.get(index)
    }
}
