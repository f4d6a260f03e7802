//! A stage as it runs.
//!
//! Nothing is borrowed while the model's code runs, for that is where another thread, or a
//! handler on this one, may come between (see [`Runtime`]).

mod generations;

use std::cell::{Cell, RefCell};

use sigprof_model::backend::Backend;
use sigprof_model::m::M;
use sigprof_model::prof_buf::Tag;
use sigprof_model::sigprof::{Goroutine, Interrupted};

use super::{At, Stage, Staged, Step};
use crate::Seed;
use crate::bounds::{STAGE_LABELS, STAGE_PROCS};
use crate::machine::Revision;
use crate::profiler::Labels;
use crate::program::{Program, Synthetic};
use crate::runtime::{DrainedSample, Runtime, Shape, label_place};
use crate::tracer::{At as TraceAt, Chunk, GTraceState, TICK_NS, Ticks, procid};
use crate::truth::{Fate, Signal, Timer};
use generations::Later;

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

pub(super) struct Run<B: Backend> {
    seed: Seed,
    runtime: Runtime<B>,
    program: Program,
    /// By its length.
    stacks: Vec<Vec<u64>>,
    labels: Vec<Labels>,
    ms: Vec<M<B>>,
    /// Nanoseconds, of which each is a tick.
    now: Cell<u64>,
    main: Cell<GTraceState>,
    traces: RefCell<Vec<Vec<u8>>>,
    later: Later<B>,
}

impl<B: Backend> Run<B> {
    pub(super) fn new(stage: &Stage, revision: Revision, seed: Seed) -> Self {
        let mut program = Program::new();
        let synthetic = Synthetic::add_to(&mut program);
        let words: Vec<_> = (0..64)
            .map(|depth| {
                let function = program.function(&format!("main.f{depth}"), "/src/stage.go");
                program.place(function, 10 + depth)
            })
            .collect();
        let shape = Shape {
            rings: stage.sizes,
            traces: stage.count(&Step::StartTrace) + stage.count(&Step::StartRecorder),
            profiles: stage.count(&Step::StartProfile),
        };
        let tracer = revision.tracer(STAGE_PROCS as usize);
        let label = |set: u64| vec![("set".to_owned(), set.to_string())];
        Self {
            seed,
            runtime: Runtime::new(revision, &shape, &synthetic, tracer),
            program,
            stacks: (0..=words.len()).map(|len| words[..len].to_vec()).collect(),
            labels: (1..=STAGE_LABELS).map(label).collect(),
            ms: (0..)
                .zip(&stage.m)
                .map(|(m, role)| M::new(role.procid.unwrap_or(procid(m))))
                .collect(),
            now: Cell::new(STEP_NS),
            main: Cell::new(GTraceState::new(MAIN, 0, None)),
            traces: RefCell::default(),
            later: Later::new(revision.has_generations()),
        }
    }

    /// Does a step on a thread.
    pub(super) fn step(&self, m: usize, step: &Step) {
        if self.later.is_on && self.later_step(m, step) {
            return;
        }
        match step {
            // A stage is held to its revision before it runs.
            Step::Advance | Step::StartRecorder | Step::Snapshot | Step::StopRecorder => {}
            Step::StartTrace => self.start_trace(),
            Step::StopTrace => self.stop_trace(),
            Step::ReadTrace => self.read_trace(m),
            Step::StartProfile => self.start_profile(m),
            Step::StopProfile => self.stop_profile(m),
            Step::ReadProfile => {
                self.runtime.read_profile();
            }
            Step::Yield => self.yields(),
            Step::Sample(at) => {
                for _ in 0..at.times {
                    self.sample(m, at);
                }
            }
        }
    }

    /// The stage is over.
    pub(super) fn finish(&self) -> Staged {
        let (what, labels) = ((self.seed, HZ), self.labels.clone());
        let snapshots = self.settle();
        let mut truth = self
            .runtime
            .truth(what, &self.program, &self.stacks, labels);
        truth.snapshots = snapshots;
        Staged {
            traces: self.traces.take(),
            profiles: self.runtime.profiles.take(),
            snapshots: self.later.take_snapshots(),
            truth,
        }
    }

    /// A nanosecond is a tick until Go 1.21.
    fn ticks(&self) -> Ticks {
        Ticks(if self.later.is_on {
            self.mono() / TICK_NS
        } else {
            FIRST_TICK + self.now.get()
        })
    }

    fn tick(&self) -> Ticks {
        self.now.set(self.now.get() + STEP_NS);
        self.ticks()
    }

    /// The next moment on P 0.
    fn at(&self) -> TraceAt {
        let now = self.tick();
        TraceAt {
            before: now,
            now,
            m: 0,
            p: Some(0),
            g: self.main_g(),
        }
    }

    fn go_start(&self) {
        let (at, mut main) = (self.at(), self.main.get());
        let mut tracer = self.runtime.tracer.borrow_mut();
        tracer.go_start(&at, &mut main, None);
        self.main.set(main);
    }

    fn go_sched(&self) {
        let at = self.at();
        self.runtime.tracer.borrow_mut().go_sched(&at, None);
    }

    fn start_trace(&self) {
        if !self.runtime.start_trace(|| self.now.get()) {
            return;
        }
        self.traces.borrow_mut().push(Vec::new());
        let (created, started) = (self.at(), self.at());
        let mut tracer = self.runtime.tracer.borrow_mut();
        tracer.go_create(&created, self.main.get().of(), None, None);
        tracer.proc_start(&started);
        drop(tracer);
        self.main.set(GTraceState::new(MAIN, 0, None));
        self.go_start();
        self.runtime.trace_begins(self.ticks(), self.now.get());
    }

    fn stop_trace(&self) {
        if !self.runtime.can_stop() {
            return;
        }
        self.go_sched();
        let left = self.runtime.leave_log(&[], true);
        self.write(&left);
        let now = self.tick();
        self.runtime.trace_ends(now, self.now.get());
        self.read_chunks();
    }

    fn read_trace(&self, m: usize) {
        let mut tracer = self.runtime.tracer.borrow_mut();
        let Some(v1) = tracer.v1() else { return };
        if !v1.reader().is_enabled() {
            return;
        }
        // The first step of a reader begins the trace, in each release: what a case is about
        // is not to depend on whether the call for the header drains (R36).
        let drains = v1.reader().is_header_read() && v1.reader().drains_samples();
        drop(tracer);
        if drains {
            let drained = self.runtime.drain(&self.ms[m]);
            self.write(&drained);
        }
        self.read_chunks();
    }

    fn read_chunks(&self) {
        let mut tracer = self.runtime.tracer.borrow_mut();
        let mut traces = self.traces.borrow_mut();
        while let Chunk::Bytes(piece) = tracer.read(&self.program, self.ticks()) {
            if let Some(trace) = traces.last_mut() {
                trace.extend_from_slice(piece);
            }
        }
    }

    /// Samples that were drained become events.
    fn write(&self, drained: &[DrainedSample]) {
        for sample in drained {
            let now = self.tick();
            self.runtime.write_sample(now, sample);
        }
    }

    fn start_profile(&self, m: usize) {
        if self.runtime.start_profile(&self.ms[m], HZ, self.now.get()) {
            for m in &self.ms {
                m.set_profile_hz(HZ);
            }
        }
    }

    fn stop_profile(&self, m: usize) {
        let now = self.now.get();
        if self.runtime.stop_profile(&self.ms[m], now) && self.runtime.read_profile() {
            let (program, labels) = (&self.program, &self.labels);
            self.runtime.finish_profile(program, labels, None, now);
        }
    }

    fn yields(&self) {
        self.go_sched();
        self.go_start();
    }

    fn sample(&self, m: usize, at: &At) {
        if !at.same_time {
            self.now.set(self.now.get() + PERIOD_NS);
        }
        let (now_ns, now) = (self.now.get(), self.ticks());
        let stack = &self.stacks[at.frames];
        let labels = at.labels.and_then(Tag::new);
        let curg = (at.g != 0).then_some(Goroutine { id: at.g, labels });
        let interrupted = Interrupted {
            gp: at.g,
            curg,
            p: at.p,
            in_atomic: false,
            stack,
        };
        // What is on as the signal comes is what it is of, if it comes through anywhere.
        let signal = Signal {
            ns: now_ns,
            ticks: now.0,
            timer: Timer::Thread,
            m: m as u64,
            p: at.p,
            g: at.g,
            stack: at.frames,
            labels: curg.and(labels).map(label_place),
            fate: Fate::Handled,
            trace: self.runtime.trace_number(),
            profile: self.runtime.profile_number(),
            in_trace: None,
            in_profile: None,
            thread: self.later.is_on.then_some(self.ms[m].procid),
            generation: None,
            read_in: None,
        };
        let clocks = self.runtime.clocks(now_ns, now);
        let handled = self.runtime.handle(&self.ms[m], &clocks, interrupted);
        self.runtime.note_handled(signal, handled, stack);
    }
}
