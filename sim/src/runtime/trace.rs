//! A trace starts, goes on, is drained and stops, as far as logs, samples and the truth go.

use sigprof_model::backend::Backend;
use sigprof_model::m::M;
use sigprof_model::protocol::Logs;
use sigprof_model::sample;

use super::ledger::Drained;
use super::{DrainedSample, Over, Runtime};
use crate::machine::TICK_DIV;
use crate::tracer::{Sample, TICKS_PER_SECOND, Ticks, Tracer};
use crate::truth::{Generations, InTrace, Signal, TraceTruth};

impl<B: Backend, T: Tracer + ?Sized> Runtime<B, T> {
    /// Go: `StartTrace`, up to its events; false if it cannot start. The clock is read once the
    /// log is there: a handler may come between, and take time.
    pub(crate) fn start_trace(&self, now_ns: impl FnOnce() -> u64) -> bool {
        let is_started = self.start_session();
        if is_started {
            self.begin_file(now_ns());
        }
        is_started
    }

    /// The log and the tracer start; false if they cannot.
    pub(crate) fn start_session(&self) -> bool {
        let Some(mut log_tracer) = self.log_tracer.take() else {
            return false;
        };
        let is_started = self.log.start(&mut log_tracer).is_ok();
        self.log_tracer.replace(Some(log_tracer));
        is_started && self.tracer.borrow_mut().start()
    }

    /// A trace of the run begins; returns its number.
    pub(crate) fn begin_file(&self, now_ns: u64) -> usize {
        let mut traces = self.traces.borrow_mut();
        traces.push(TraceTruth {
            started_ns: now_ns,
            ..TraceTruth::default()
        });
        traces.len() - 1
    }

    /// The trace that began last has ended.
    pub(crate) fn file_ends(&self, now_ns: u64) {
        if let Some(trace) = self.traces.borrow_mut().last_mut() {
            let tracer = self.tracer.borrow();
            trace.stopped_ns = now_ns;
            trace.events = tracer.events();
            if self.revision.has_generations() {
                trace.ticks_per_second = TICKS_PER_SECOND;
            }
        }
    }

    /// The tracer of generations has stopped, and with it the trace, if there is one.
    pub(crate) fn session_ends(&self, now_ns: u64) {
        let is_open = |trace: &TraceTruth| trace.stopped_ns == 0;
        if self.traces.borrow().last().is_some_and(is_open) {
            self.file_ends(now_ns);
        }
    }

    /// The moment at which `StartTrace` has written all of its events.
    pub(crate) fn trace_begins(&self, now: Ticks, now_ns: u64) {
        self.trace_began.set((now, now_ns));
    }

    /// Whether a trace is on, and nobody is starting or stopping one.
    pub(crate) fn can_stop(&self) -> bool {
        self.log_tracer.borrow().is_some() && self.tracer.borrow().is_enabled()
    }

    /// Stops the log, or goes on to that of the next generation (from Go 1.22 on); returns the
    /// samples that the old one still held.
    pub(crate) fn leave_log(&self, ms: &[&M<B>], stops: bool) -> Vec<DrainedSample> {
        let mut samples = Vec::new();
        if let Some(mut log_tracer) = self.log_tracer.take() {
            let sink = |generation, drained: sample::Drained<'_>| {
                samples.extend(self.taken(generation, drained));
            };
            if stops {
                self.log.stop(&mut log_tracer, ms, sink);
            } else {
                self.log.advance(&mut log_tracer, ms, sink);
            }
            self.log_tracer.replace(Some(log_tracer));
        }
        samples
    }

    /// Go: `StopTrace` until Go 1.21, after the last event.
    pub(crate) fn trace_ends(&self, now: Ticks, now_ns: u64) {
        let (began, began_ns) = self.trace_began.get();
        let mut ticks_per_second = 0;
        if let Some(v1) = self.tracer.borrow_mut().v1() {
            v1.stop(now.0 - began.0, now_ns - began_ns);
            ticks_per_second = v1.reader().ticks_per_second();
        }
        self.file_ends(now_ns);
        let mut traces = self.traces.borrow_mut();
        if let Some(trace) = traces.last_mut() {
            trace.ticks_per_second = ticks_per_second;
        }
        self.note_over(|over| over.traces = traces.len());
    }

    /// ReadTrace looks for samples (R36).
    pub(crate) fn drain(&self, m: &M<B>) -> Vec<DrainedSample> {
        let mut samples = Vec::new();
        let sink = |generation, drained: sample::Drained<'_>| {
            samples.extend(self.taken(generation, drained));
        };
        self.log.drain(m, sink);
        samples
    }

    /// A sample that was drained; an overflow is counted.
    fn taken(&self, generation: u64, drained: sample::Drained<'_>) -> Option<DrainedSample> {
        match drained {
            sample::Drained::Sample(sample) => Some(DrainedSample {
                generation,
                time: sample.time,
                procid: sample.place.procid,
                p: sample.place.p,
                g: sample.place.goid,
                stack: sample.stack.to_vec(),
            }),
            sample::Drained::Overflow(dropped) => {
                if let Some(trace) = self.traces.borrow_mut().last_mut() {
                    trace.overflowed += u64::from(dropped.count);
                }
                None
            }
        }
    }

    /// Writes a drained sample into the trace (Go: `traceReadCPU`; R37).
    pub(crate) fn write_sample(&self, now: Ticks, sample: &DrainedSample) {
        let time = self.to_trace_ticks(sample.time);
        let drained = Drained {
            window: self.trace_number().unwrap_or(0),
            // With one log for all generations it says nothing which was read.
            generation: match self.revision.protocol().logs {
                Logs::One => 0,
                Logs::ByGeneration => sample.generation,
            },
        };
        let mut ledger = self.in_trace.borrow_mut();
        if let Some(arrived) = ledger.drained(time.0, &sample.stack, drained) {
            self.came_into_trace(arrived);
        }
        let sample = Sample {
            generation: sample.generation,
            time,
            procid: sample.procid,
            p: sample.p,
            g: sample.g,
            stack: &sample.stack,
        };
        self.tracer.borrow_mut().cpu_sample(now, &sample);
    }

    /// In 1.19 a sample has the CPU's own counter, and is divided as it is drained (R38).
    fn to_trace_ticks(&self, time: u64) -> Ticks {
        Ticks(if self.revision.divides_late() {
            time / TICK_DIV
        } else {
            time
        })
    }

    /// The run is over: what its files have is known.
    pub(crate) fn settle(&self, files: &[File], last_whole: u64) {
        let mut traces = self.traces.borrow_mut();
        for &(number, has) in files {
            if let Some(trace) = traces.get_mut(number) {
                trace.generations = has;
                trace.is_cut = trace.stopped_ns == 0;
            }
        }
        for signal in self.signals.borrow_mut().iter_mut() {
            place(signal, files, last_whole);
        }
    }

    /// Takes the signals of which nothing more can become, in their order.
    pub(crate) fn take_settled(&self, files: &[File], mut to: impl FnMut(&Signal)) {
        let over = self.over.get();
        while let Some(mut signal) = self.signals.borrow_mut().next_settled(&over) {
            place(&mut signal, files, over.read);
            to(&signal);
        }
    }

    /// Notes what is over from now on.
    pub(crate) fn note_over(&self, change: impl FnOnce(&mut Over)) {
        let mut over = self.over.get();
        change(&mut over);
        self.over.set(over);
    }
}

/// The number of a trace among those of the run, and the whole generations that it has.
pub(crate) type File = (usize, Option<Generations>);

/// A sample is in the trace that has the generation in which it was read, if that was written
/// whole.
fn place(signal: &mut Signal, files: &[File], last_whole: u64) {
    let Some(read_in) = signal.read_in else {
        return;
    };
    let has = |&&(_, has): &&File| has.is_some_and(|has| (has.first..=has.last).contains(&read_in));
    let file = files.iter().find(has);
    if file.is_none() && read_in > last_whole && signal.trace.is_some() {
        signal.in_trace = Some(InTrace::Cut);
    }
    signal.trace = file.map(|&(number, _)| number);
}
