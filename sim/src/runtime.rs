//! The runtime that is traced and profiled: the model's logs and profiler, the tracer, the
//! writer of profiles, and the truth about every signal. The [`machine`](crate::machine) and the
//! [stages](crate::stage) drive it.
//!
//! Nothing is borrowed while the model's code runs: on the engine another thread, or a handler on
//! this one, may come between. Who starts and stops takes its state out meanwhile, and who finds
//! none there does nothing.

mod ledger;
mod profile;
mod signals;
mod trace;

use std::cell::{Cell, RefCell};

use sigprof_model::backend::Backend;
use sigprof_model::cpu_log::{CpuLog, Sampled, Tracer as LogTracer};
use sigprof_model::cpu_profile::{CpuProfile, ProfileReader, ProfileSizes, Profiled, Profiler};
use sigprof_model::limits::{EXTRA_WORDS, Sizes};
use sigprof_model::m::M;
use sigprof_model::prof_buf::{Tag, Wrote};
use sigprof_model::protocol::Protocol;
use sigprof_model::sigprof::{Clocks, Handled, Interrupted, sigprof};

use crate::machine::{Revision, TICK_DIV};
use crate::profiler::{Labels, ProfileBuilder};
use crate::program::{Program, Synthetic};
use crate::seed::Seed;
use crate::tracer::{Ticks, Tracer};
use crate::truth::{
    Fate, InProfile, InTrace, ProfileTruth, SCHEMA_VERSION, Signal, TraceTruth, Truth, TruthFrame,
};
use ledger::{Arrived, Ledger};
pub(crate) use signals::Over;
use signals::Signals;

/// A sample, taken out of the tracer's ring.
pub(crate) struct DrainedSample {
    generation: u64,
    /// The clock of the handler, as the ring has it.
    time: u64,
    procid: u64,
    p: Option<u32>,
    g: u64,
    stack: Vec<u64>,
}

/// The clocks at the moment of a handler.
pub(crate) struct Now {
    nanotime: u64,
    ticks: u64,
}

impl Clocks for Now {
    fn nanotime(&self) -> u64 {
        self.nanotime
    }

    fn ticks(&self) -> u64 {
        self.ticks
    }
}

/// A runtime over a back-end, with a tracer that is known or one of either.
pub(crate) struct Runtime<B: Backend, T: Tracer + ?Sized = dyn Tracer> {
    revision: Revision,
    lost_profile_event: u64,
    log: CpuLog<B, Protocol>,
    log_tracer: RefCell<Option<LogTracer>>,
    pub(crate) profile: CpuProfile<B, Protocol>,
    profiler: RefCell<Option<Profiler>>,
    profile_reader: RefCell<Option<ProfileReader>>,
    builder: RefCell<Option<ProfileBuilder>>,
    pub(crate) tracer: RefCell<Box<T>>,
    /// When the trace began (Go: `ticksStart`, `timeStart`).
    trace_began: Cell<(Ticks, u64)>,
    pub(crate) signals: RefCell<Signals>,
    pub(crate) over: Cell<Over>,
    in_trace: RefCell<Ledger>,
    in_profile: RefCell<Ledger>,
    pub(crate) traces: RefCell<Vec<TraceTruth>>,
    pub(crate) profile_truths: RefCell<Vec<ProfileTruth>>,
    pub(crate) profiles: RefCell<Vec<Vec<u8>>>,
}

/// Sizes of a runtime.
pub(crate) struct Shape {
    pub(crate) rings: Sizes,
    /// Traces and profiles that are started, at the most.
    pub(crate) traces: usize,
    pub(crate) profiles: usize,
}

impl<B: Backend, T: Tracer + ?Sized> Runtime<B, T> {
    pub(crate) fn new(
        revision: Revision,
        shape: &Shape,
        synthetic: &Synthetic,
        tracer: Box<T>,
    ) -> Self {
        let protocol = revision.protocol();
        let (log, log_tracer) = CpuLog::new(protocol, shape.rings, shape.traces);
        let sizes = ProfileSizes {
            log: shape.rings,
            extra: EXTRA_WORDS,
        };
        let (profile, profiler) = CpuProfile::new(protocol, sizes, synthetic.pcs, shape.profiles);
        Self {
            revision,
            lost_profile_event: synthetic.lost_profile_event,
            log,
            log_tracer: RefCell::new(Some(log_tracer)),
            profile,
            profiler: RefCell::new(Some(profiler)),
            profile_reader: RefCell::default(),
            builder: RefCell::default(),
            tracer: RefCell::new(tracer),
            trace_began: Cell::new((Ticks(0), 0)),
            signals: RefCell::default(),
            over: Cell::default(),
            in_trace: RefCell::default(),
            in_profile: RefCell::default(),
            traces: RefCell::default(),
            profile_truths: RefCell::default(),
            profiles: RefCell::default(),
        }
    }

    /// The number of the trace that is on, or was the last.
    pub(crate) fn trace_number(&self) -> Option<usize> {
        self.traces.borrow().len().checked_sub(1)
    }

    /// The number of the profile that is on, or was the last.
    pub(crate) fn profile_number(&self) -> Option<usize> {
        self.profile_truths.borrow().len().checked_sub(1)
    }

    fn came_into_trace(&self, arrived: Arrived) {
        if let Some(signal) = self.signals.borrow_mut().get_mut(arrived.signal) {
            signal.trace = Some(arrived.window);
            signal.read_in = (arrived.read_in != 0).then_some(arrived.read_in);
            signal.in_trace = Some(match arrived.generations_late {
                0 => InTrace::Delivered,
                _ => InTrace::Leaked,
            });
        }
    }

    fn came_into_profile(&self, arrived: Arrived) {
        if let Some(signal) = self.signals.borrow_mut().get_mut(arrived.signal) {
            signal.profile = Some(arrived.window);
            signal.in_profile = Some(InProfile::Delivered);
        }
    }

    /// The clocks of a handler at this moment.
    pub(crate) fn clocks(&self, now_ns: u64, now: Ticks) -> Now {
        Now {
            nanotime: now_ns,
            ticks: if self.revision.divides_late() {
                now.0 * TICK_DIV
            } else {
                now.0
            },
        }
    }

    /// The handler of a signal (Go: `sigprof`).
    pub(crate) fn handle(&self, m: &M<B>, clocks: &Now, at: Interrupted<'_>) -> Handled {
        let protocol = self.revision.protocol();
        sigprof(protocol, &self.profile, &self.log, Some(m), clocks, at)
    }

    /// Writes down a signal that was handled, with its stack.
    pub(crate) fn note_handled(&self, mut signal: Signal, handled: Handled, stack: &[u64]) {
        let fates = fates(handled);
        (signal.fate, signal.in_trace, signal.in_profile) = fates;
        let (ns, ticks) = (signal.ns, signal.ticks);
        let number = self.signals.borrow().next();
        self.signals.borrow_mut().push(signal);
        if let (_, Some(InTrace::Late), _) = fates {
            let generation = match handled {
                Handled::Sampled {
                    sampled: Sampled::Written { generation, .. },
                    ..
                } => generation,
                _ => 0,
            };
            if let Some(signal) = self.signals.borrow_mut().last_mut() {
                signal.generation = (generation != 0).then_some(generation);
            }
            let mut ledger = self.in_trace.borrow_mut();
            if let Some(arrived) = ledger.written(ticks, stack, number, generation) {
                self.came_into_trace(arrived);
            }
        }
        if let (_, _, Some(InProfile::Late)) = fates {
            let mut ledger = self.in_profile.borrow_mut();
            if let Some(arrived) = ledger.written(ns, stack, number, 0) {
                self.came_into_profile(arrived);
            }
        }
    }

    /// Everything that is known of the run.
    pub(crate) fn truth(
        &self,
        (seed, hz): (Seed, u32),
        program: &Program,
        stacks: &[Vec<u64>],
        labels: Vec<Labels>,
    ) -> Truth {
        let frame = |word: &u64| {
            let info = program.info(*word);
            TruthFrame {
                function: info.map_or("", |i| i.function).to_owned(),
                file: info.map_or("", |i| i.file).to_owned(),
                line: info.map_or(0, |i| i.line),
            }
        };
        let stacks = stacks.iter().map(|words| words.iter().map(frame).collect());
        Truth {
            schema_version: SCHEMA_VERSION,
            seed: seed.to_string(),
            revision: self.revision.name.to_owned(),
            hz,
            stacks: stacks.collect(),
            labels,
            traces: self.traces.take(),
            profiles: self.profile_truths.take(),
            snapshots: Vec::new(),
            signals: self.signals.borrow_mut().take(),
        }
    }
}

/// Where the labels of a tag are.
pub(crate) fn label_place(tag: Tag) -> usize {
    usize::try_from(tag.get() - 1).unwrap_or(0)
}

/// Fates of a signal as its handler ends: what it wrote is late until it comes out.
fn fates(handled: Handled) -> (Fate, Option<InTrace>, Option<InProfile>) {
    let (profiled, sampled) = match handled {
        Handled::Sampled { profiled, sampled } => (profiled, sampled),
        Handled::Off => return (Fate::ProfilerOff, None, None),
        Handled::ThreadOff => return (Fate::ThreadOff, None, None),
        Handled::InAtomic => return (Fate::InAtomic, None, None),
    };
    let in_trace = match sampled {
        Sampled::Written {
            wrote: Wrote::Dropped,
            ..
        } => InTrace::Dropped,
        Sampled::Written { .. } => InTrace::Late,
        Sampled::Off | Sampled::NoM => InTrace::TracerOff,
        Sampled::NoLog => InTrace::NoLog,
    };
    let in_profile = match profiled {
        Profiled::Written {
            wrote: Wrote::Dropped,
            ..
        } => InProfile::Dropped,
        Profiled::Written { .. } => InProfile::Late,
        Profiled::Off | Profiled::NoLog => InProfile::ProfilerOff,
    };
    (Fate::Handled, Some(in_trace), Some(in_profile))
}
