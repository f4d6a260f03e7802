//! The tracer starts, goes on, stops, and drains (Go: `StartTrace`, `traceAdvance`,
//! `StopTrace`, `traceReadCPU`).

use super::CpuLog;
use crate::backend::text::{Function, drained};
use crate::backend::{Atomic, Backend, Call, Ordering, Throw, Within, Words};
use crate::m::M;
use crate::prof_buf::{Mode, Read, Reader};
use crate::protocol::{Drain, Flaw, Logs, Rules, Site, Step};
use crate::sample::{Drained, decode};

/// The state that belongs to whoever starts and stops traces. Go has the world stopped and holds
/// semaphores for it.
#[derive(Clone, Debug)]
pub struct Tracer {
    /// Logs that were handed out to traces.
    used: usize,
    logs_per_trace: usize,
    /// The current generation, or the last one: they go on from trace to trace.
    generation: u64,
    /// Whether a trace is on.
    is_on: bool,
}

/// No trace was started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TraceError {
    /// `tracing is already enabled`.
    AlreadyEnabled,
}

impl Tracer {
    pub(super) fn new(logs_per_trace: usize) -> Self {
        Self {
            used: 0,
            logs_per_trace,
            generation: 0,
            is_on: false,
        }
    }

    /// The current generation, or the last one.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.generation
    }
}

impl<B: Backend, R: Rules> CpuLog<B, R> {
    /// Starts a trace: the logs first, then what lets handlers look for them (R33). The
    /// generation comes last, for it is what they go by (from Go 1.22 on).
    ///
    /// # Errors
    ///
    /// If a trace is on, as in Go.
    pub fn start(&self, tracer: &mut Tracer) -> Result<(), TraceError> {
        let _call = Within::<B>::new(Call::of("StartTrace", "runtime/trace.go"));
        if tracer.is_on && !self.rules.has(Flaw::StartsWhenOn) {
            return Err(TraceError::AlreadyEnabled);
        }
        tracer.is_on = true;
        let lock = self
            .rules
            .has(Flaw::LockInStart)
            .then(|| self.signal_lock.lock());
        let first = tracer.used;
        tracer.used += tracer.logs_per_trace;
        tracer.generation += 1;
        if B::instead(Function::StartTrace, || vec![tracer.generation]).is_some() {
            return Ok(());
        }
        if tracer.used > self.logs.len() {
            B::throw(Throw::OutOfLogs);
        }
        let numbers = (1u32..).skip(first);
        let logs = self.logs[first..tracer.used].iter();
        for (parity, (log, number)) in logs.zip(numbers.clone()).enumerate() {
            log.is_made.set(0, 1);
            self.read.set(parity, number.into());
        }
        let writes = self.write[..tracer.logs_per_trace].iter();
        for (write, number) in writes.zip(numbers) {
            write.store(number, self.rules.order(Site::LogInstalled));
        }
        self.enabled.store(1, Ordering::Relaxed);
        if self.rules.protocol().logs == Logs::ByGeneration {
            self.change_generation(tracer.generation);
        }
        drop(lock);
        Ok(())
    }

    /// Goes on to the next generation and drains the last one, from Go 1.22 on. `ms` are the
    /// threads that there are; the sink is given the generation, too. Does nothing if no trace is
    /// on: another may have stopped it meanwhile.
    pub fn advance(
        &self,
        tracer: &mut Tracer,
        ms: &[&M<B>],
        mut sink: impl FnMut(u64, Drained<'_>),
    ) {
        let _call = Within::<B>::new(Call::of("traceAdvance", "runtime/trace.go"));
        if !tracer.is_on && !self.rules.has(Flaw::AdvancesWhenOff) {
            return;
        }
        let last = tracer.generation;
        if let Some(result) = B::instead(Function::AdvanceTrace, || vec![last]) {
            tracer.generation += 1;
            return drained(&result, sink);
        }
        for &step in self.rules.protocol().advance {
            self.step(step, tracer, last, ms, &mut sink);
        }
    }

    /// Stops the trace. Does nothing if none is on.
    pub fn stop(&self, tracer: &mut Tracer, ms: &[&M<B>], mut sink: impl FnMut(u64, Drained<'_>)) {
        let _call = Within::<B>::new(Call::of("StopTrace", "runtime/trace.go"));
        if !tracer.is_on && !self.rules.has(Flaw::StopsWhenOff) {
            return;
        }
        let lock = self
            .rules
            .has(Flaw::LockInStop)
            .then(|| self.signal_lock.lock());
        let last = tracer.generation;
        match B::instead(Function::StopTrace, || vec![last]) {
            Some(result) => drained(&result, sink),
            None => {
                for &step in self.rules.protocol().stop {
                    self.step(step, tracer, last, ms, &mut sink);
                }
                for parity in 0..tracer.logs_per_trace {
                    self.read.set(parity, 0);
                }
            }
        }
        let first = tracer.used - tracer.logs_per_trace;
        for log in &self.logs[first..tracer.used] {
            log.buf.retire();
        }
        tracer.is_on = false;
        drop(lock);
    }

    fn step(
        &self,
        step: Step,
        tracer: &mut Tracer,
        last: u64,
        ms: &[&M<B>],
        sink: &mut dyn FnMut(u64, Drained<'_>),
    ) {
        match step {
            Step::Disable => {
                if self.rules.protocol().logs == Logs::ByGeneration {
                    self.change_generation(0);
                }
                self.enabled.store(0, Ordering::Relaxed);
            }
            Step::NextGeneration => {
                tracer.generation += 1;
                self.change_generation(tracer.generation);
            }
            Step::AwaitHandlers => {
                for m in ms {
                    m.await_outside(self.rules);
                }
            }
            Step::ClearLog => {
                for write in &self.write[..tracer.logs_per_trace] {
                    write.store(0, self.rules.order(Site::LogInstalled));
                }
            }
            Step::Close => {
                let first = tracer.used - tracer.logs_per_trace;
                for log in &self.logs[first..tracer.used] {
                    log.buf.close();
                }
            }
            Step::Drain => self.drain_generation(last, sink),
        }
    }

    /// Drains the current log while the trace goes on (R36). From Go 1.22 on the thread holds the
    /// generation meanwhile, as a handler does, and the tracer waits for it. In 1.19 the tracer's
    /// lock keeps others from reading; in 1.21 it is not held, but the thread that drains cannot be
    /// stopped meanwhile (it is on the system stack), and whoever stops a trace stops the world
    /// first.
    pub fn drain(&self, m: &M<B>, mut sink: impl FnMut(u64, Drained<'_>)) {
        if let Some(result) = B::instead(Function::DrainTrace, || vec![m.number()]) {
            return drained(&result, sink);
        }
        match self.rules.protocol().logs {
            Logs::One => self.drain_generation(0, &mut sink),
            Logs::ByGeneration => {
                if self.enabled.load(Ordering::Relaxed) == 0 {
                    return;
                }
                let has_entered = m.enter(self.rules);
                let generation = self.current_generation();
                if generation != 0 {
                    self.drain_generation(generation, &mut sink);
                }
                if has_entered {
                    m.leave(self.rules);
                }
            }
        }
    }

    /// Passes everything that was not read from any log to `sink`, of whatever generation it is:
    /// for an observer, after the run.
    pub fn leftovers(&self, mut sink: impl FnMut(u64, Drained<'_>)) {
        for log in 0..self.logs.len() {
            let mut sink = |drained: Drained<'_>| sink(0, drained);
            while self.read_log(log, &mut sink) {}
        }
    }

    fn drain_generation(&self, generation: u64, sink: &mut dyn FnMut(u64, Drained<'_>)) {
        let _call = Within::<B>::new(self.call("traceReadCPU"));
        let number = self.read.get(self.parity(generation));
        let Some(log) = usize::try_from(number).unwrap_or(0).checked_sub(1) else {
            return;
        };
        let sink = &mut |drained: Drained<'_>| sink(generation, drained);
        match self.rules.protocol().drain {
            Drain::UntilEmpty => while self.read_log(log, sink) {},
            Drain::Once => {
                self.read_log(log, sink);
            }
        }
    }

    /// One read; false if nothing came.
    fn read_log(&self, log: usize, sink: &mut dyn FnMut(Drained<'_>)) -> bool {
        let log = &self.logs[log];
        let mut reader = Reader::at(log.next());
        let mut run = Vec::new();
        if let Read::Records(records) = log.buf.read(&mut reader, Mode::NonBlocking) {
            records.copy_to(&mut run);
        }
        log.next.set(0, reader.next().0);
        decode::<B, R>(self.rules, &run, sink);
        !run.is_empty()
    }

    fn change_generation(&self, generation: u64) {
        let order = self.rules.order(Site::GenerationChanged);
        self.generation.store(generation, order);
    }
}
