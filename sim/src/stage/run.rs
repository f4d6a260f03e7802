//! A stage as it runs.
//!
//! Nothing is borrowed while the model's code runs, for that is where another thread, or a
//! handler on this one, may come between; who starts and stops takes its state out meanwhile.

mod finish;
mod profile;

use std::cell::{Cell, RefCell};

use sigprof_model::backend::Backend;
use sigprof_model::cpu_log::{CpuLog, Sampled, Tracer};
use sigprof_model::cpu_profile::{CpuProfile, ProfileReader, ProfileSizes, Profiled, Profiler};
use sigprof_model::limits::EXTRA_WORDS;
use sigprof_model::m::M;
use sigprof_model::prof_buf::{Tag, Wrote};
use sigprof_model::protocol::Protocol;
use sigprof_model::sample::Drained;
use sigprof_model::sigprof::{Clocks, Goroutine, Handled, Interrupted, sigprof};

use super::{At, StagePlan, Step};
use crate::Seed;
use crate::bounds::{STAGE_LABELS, STAGE_PROCS};
use crate::machine::Revision;
use crate::profiler::{Labels, ProfileBuilder};
use crate::program::{Program, Synthetic};
use crate::tracer::{At as TraceAt, Chunk, GTraceState, Ticks, Tracer as TraceWriter};
use crate::truth::{Fate, InProfile, InTrace, ProfileTruth, Signal, Timer, TraceTruth};
use profile::place;

/// The main goroutine.
const MAIN: u64 = 1;

/// Samples a second.
const HZ: u32 = 100;

/// Nanoseconds from one signal to the next.
const PERIOD_NS: u64 = 1_000_000_000 / HZ as u64;

/// Nanoseconds of a step.
const STEP_NS: u64 = 1_000;

/// Ticks that the clock starts with.
const FIRST_TICK: u64 = 1 << 30;

/// A sample that came through, in trace or profile: of which, when, and its stack.
type Came = (usize, u64, Vec<u64>);

pub(super) struct Run<B: Backend> {
    seed: Seed,
    revision: Revision,
    program: Program,
    synthetic: Synthetic,
    /// By its length.
    stacks: Vec<Vec<u64>>,
    labels: Vec<Labels>,
    log: CpuLog<B, Protocol>,
    tracer: RefCell<Option<Tracer>>,
    profile: CpuProfile<B, Protocol>,
    profiler: RefCell<Option<Profiler>>,
    reader: RefCell<Option<ProfileReader>>,
    ms: Vec<M<B>>,
    /// Nanoseconds, of which each is a tick.
    now: Cell<u64>,
    bytes: RefCell<TraceWriter>,
    main: Cell<GTraceState>,
    started: Cell<u64>,
    traces: RefCell<Vec<Vec<u8>>>,
    profiles: RefCell<Vec<Vec<u8>>>,
    builder: RefCell<Option<ProfileBuilder>>,
    signals: RefCell<Vec<(Signal, Vec<u64>)>>,
    in_trace: RefCell<Vec<Came>>,
    in_profile: RefCell<Vec<Came>>,
    trace_truths: RefCell<Vec<TraceTruth>>,
    profile_truths: RefCell<Vec<ProfileTruth>>,
}

struct Clock {
    ns: u64,
    divides_late: bool,
}

impl Clocks for Clock {
    fn nanotime(&self) -> u64 {
        self.ns
    }

    fn ticks(&self) -> u64 {
        let ticks = FIRST_TICK + self.ns;
        if self.divides_late {
            ticks * crate::machine::TICK_DIV
        } else {
            ticks
        }
    }
}

impl<B: Backend> Run<B> {
    pub(super) fn new(plan: &StagePlan, revision: Revision, seed: Seed) -> Self {
        let mut program = Program::new();
        let synthetic = Synthetic::add_to(&mut program);
        let words: Vec<_> = (0..64)
            .map(|depth| {
                let function = program.function(&format!("main.f{depth}"), "/src/stage.go");
                program.place(function, 10 + depth)
            })
            .collect();
        let protocol = revision.protocol();
        let (log, tracer) = CpuLog::new(protocol, plan.sizes, plan.count(&Step::StartTrace));
        let sizes = ProfileSizes {
            log: plan.sizes,
            extra: EXTRA_WORDS,
        };
        let profiles = plan.count(&Step::StartProfile);
        let (profile, profiler) = CpuProfile::new(protocol, sizes, synthetic.pcs, profiles);
        let label = |set: u64| vec![("set".to_owned(), set.to_string())];
        Self {
            seed,
            revision,
            program,
            synthetic,
            stacks: (0..=words.len()).map(|len| words[..len].to_vec()).collect(),
            labels: (1..=STAGE_LABELS).map(label).collect(),
            log,
            tracer: RefCell::new(Some(tracer)),
            profile,
            profiler: RefCell::new(Some(profiler)),
            reader: RefCell::default(),
            ms: (0..plan.m.len() as u64).map(|m| M::new(4000 + m)).collect(),
            now: Cell::new(STEP_NS),
            bytes: RefCell::new(revision.tracer(STAGE_PROCS as usize)),
            main: Cell::new(GTraceState::new(MAIN, None)),
            started: Cell::new(0),
            traces: RefCell::default(),
            profiles: RefCell::default(),
            builder: RefCell::default(),
            signals: RefCell::default(),
            in_trace: RefCell::default(),
            in_profile: RefCell::default(),
            trace_truths: RefCell::default(),
            profile_truths: RefCell::default(),
        }
    }

    pub(super) fn step(&self, m: usize, step: &Step) {
        match step {
            Step::StartTrace => self.start_trace(),
            Step::StopTrace => self.stop_trace(),
            Step::ReadTrace => self.read_trace(m),
            Step::StartProfile => self.start_profile(m),
            Step::StopProfile => self.stop_profile(m),
            Step::ReadProfile => {
                self.read_profile();
            }
            Step::Yield => self.yields(),
            Step::Sample(at) => {
                for _ in 0..at.times {
                    self.sample(m, at);
                }
            }
        }
    }

    fn tick(&self) -> Ticks {
        self.now.set(self.now.get() + STEP_NS);
        Ticks(FIRST_TICK + self.now.get())
    }

    /// The next moment on P 0.
    fn at(&self) -> TraceAt {
        let now = self.tick();
        TraceAt {
            before: now,
            now,
            m: 0,
            p: Some(0),
        }
    }

    fn go_start(&self) {
        let (at, mut main) = (self.at(), self.main.get());
        self.bytes.borrow_mut().go_start(at, &mut main, None);
        self.main.set(main);
    }

    fn start_trace(&self) {
        let Some(mut tracer) = self.tracer.take() else {
            return;
        };
        let is_started = self.log.start(&mut tracer).is_ok();
        self.tracer.replace(Some(tracer));
        if !is_started || !self.bytes.borrow_mut().start() {
            return;
        }
        self.traces.borrow_mut().push(Vec::new());
        self.trace_truths.borrow_mut().push(TraceTruth {
            started_ns: self.now.get(),
            ..TraceTruth::default()
        });
        let at = self.at();
        self.bytes.borrow_mut().go_create(at, MAIN, None, None);
        let at = self.at();
        self.bytes.borrow_mut().proc_start(at);
        self.main.set(GTraceState::new(MAIN, None));
        self.go_start();
        self.started.set(self.now.get());
    }

    fn stop_trace(&self) {
        let Some(mut tracer) = self.tracer.take() else {
            return;
        };
        if !self.bytes.borrow().is_enabled() {
            self.tracer.replace(Some(tracer));
            return;
        }
        let at = self.at();
        self.bytes.borrow_mut().go_sched(at, None);
        let mut found = Vec::new();
        self.log
            .stop(&mut tracer, &[], |_, drained| found.push(own(drained)));
        self.tracer.replace(Some(tracer));
        self.write(found);
        self.tick();
        let lasted = self.now.get() - self.started.get();
        self.bytes.borrow_mut().stop(lasted, lasted);
        if let Some(truth) = self.trace_truths.borrow_mut().last_mut() {
            truth.stopped_ns = self.now.get();
            truth.events = self.bytes.borrow().events();
            truth.ticks_per_second = self.bytes.borrow().reader().ticks_per_second();
        }
        self.read_chunks();
    }

    fn read_trace(&self, m: usize) {
        if !self.bytes.borrow().is_enabled() {
            return;
        }
        // The first step of a reader begins the trace, in each release: what a case is about
        // is not to depend on whether the call for the header drains (R36).
        let has_begun = self.bytes.borrow().reader().is_header_read();
        if has_begun && self.bytes.borrow().reader().drains_samples() {
            let mut found = Vec::new();
            self.log
                .drain(&self.ms[m], |_, drained| found.push(own(drained)));
            self.write(found);
        }
        self.read_chunks();
    }

    fn read_chunks(&self) {
        let mut bytes = self.bytes.borrow_mut();
        let mut traces = self.traces.borrow_mut();
        while let Chunk::Bytes(piece) =
            bytes.read(&self.program, Ticks(FIRST_TICK + self.now.get()))
        {
            if let Some(trace) = traces.last_mut() {
                trace.extend_from_slice(piece);
            }
        }
    }

    /// Samples that were drained become events.
    fn write(&self, found: Vec<Own>) {
        let number = self.traces.borrow().len().saturating_sub(1);
        for own in found {
            match own {
                Own::Sample { time, p, g, stack } => {
                    let late = self.divides_late();
                    let ts = if late {
                        time / crate::machine::TICK_DIV
                    } else {
                        time
                    };
                    self.in_trace.borrow_mut().push((number, ts, stack.clone()));
                    let now = self.tick();
                    let mut bytes = self.bytes.borrow_mut();
                    bytes.cpu_sample(now, Ticks(ts), p, g, &stack);
                }
                Own::Overflow(count) => {
                    if let Some(truth) = self.trace_truths.borrow_mut().last_mut() {
                        truth.overflowed += count;
                    }
                }
            }
        }
    }

    fn divides_late(&self) -> bool {
        self.revision.divides_late()
    }

    fn yields(&self) {
        let at = self.at();
        self.bytes.borrow_mut().go_sched(at, None);
        self.go_start();
    }

    fn sample(&self, m: usize, at: &At) {
        if !at.same_time {
            self.now.set(self.now.get() + PERIOD_NS);
        }
        let stack = &self.stacks[at.frames];
        let clock = Clock {
            ns: self.now.get(),
            divides_late: self.divides_late(),
        };
        let labels = at.labels.and_then(Tag::new);
        let curg = (at.g != 0).then_some(Goroutine { id: at.g, labels });
        let interrupted = Interrupted {
            gp: at.g,
            curg,
            p: at.p,
            in_atomic: false,
            stack,
        };
        let last = |count: usize| count.checked_sub(1);
        // What is on as the signal comes is what it is of, if it comes through anywhere.
        let trace = last(self.traces.borrow().len());
        let profile = last(self.profile_truths.borrow().len());
        let protocol = self.revision.protocol();
        let m_model = &self.ms[m];
        let handled = sigprof(
            protocol,
            &self.profile,
            &self.log,
            Some(m_model),
            &clock,
            interrupted,
        );
        let (fate, in_trace, in_profile) = fates(handled);
        let signal = Signal {
            ns: clock.ns,
            ticks: FIRST_TICK + clock.ns,
            timer: Timer::Thread,
            m: m as u64,
            p: at.p,
            g: at.g,
            stack: at.frames,
            labels: curg.and(labels).map(place),
            fate,
            trace,
            profile,
            in_trace,
            in_profile,
        };
        self.signals.borrow_mut().push((signal, stack.clone()));
    }
}

/// What a drain found.
enum Own {
    Sample {
        time: u64,
        p: Option<u32>,
        g: u64,
        stack: Vec<u64>,
    },
    Overflow(u64),
}

fn own(drained: Drained<'_>) -> Own {
    match drained {
        Drained::Sample(sample) => Own::Sample {
            time: sample.time,
            p: sample.place.p,
            g: sample.place.goid,
            stack: sample.stack.to_vec(),
        },
        Drained::Overflow(dropped) => Own::Overflow(dropped.count.into()),
    }
}

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
