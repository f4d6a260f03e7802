//! A small Go runtime: Ms, Ps and Gs that make the moves which Go's make, with signals,
//! traced and profiled by the model's code.
//!
//! It is a discrete-event machine. Everything that will happen stands in a queue by its time;
//! the earliest comes next, at a clock of its own, so that a run is a function of its seed
//! and plan, and costs what its events cost. A handler runs between two of these moments, on
//! the back-end that the model is given; what can happen *within* the protocol's steps is the
//! matter of the [`engine`](crate::engine).
//!
//! ```text
//!   G  runnable <-> running -> waiting, in a system call, dead
//!   P  idle -> scheduling (g0) <-> running a G -> in a system call -> scheduling, or retaken -> idle
//!   M  idle <-> with a P <-> in a system call, without it
//! ```
//!
//! What an event says is what Go's tracer says at that place (R33, R34, R60 to R63):
//!
//! | child | what | Go |
//! |---|---|---|
//! | `state` | G, M, P | `runtime2.go` |
//! | `budget` | what a run may take | |
//! | `draws` | what its seed gives | |
//! | `emit` | events, with sequence numbers and stacks | `trace.go` |
//! | `sched` | who runs next | `proc.go`, `schedule`, `execute`, `handoffp` |
//! | `ops` | what goroutines do | |
//! | `wait` | who wakes whom | `goready`, `netpoll`, `timer` |
//! | `syscall` | calls, short, long, retaken | `entersyscall`, `exitsyscall`, `retake` |
//! | `world` | the world stops and starts; a trace starts and stops | `stopTheWorldWithSema`, `StartTrace` |
//! | `gc` | cycles of the collector | `mgc.go` |
//! | `generations` | a trace in generations: from Go 1.22 on | `StartTrace`, `traceAdvance` |
//! | `recorder` | who gets what is read: a file, a flight recorder | `runtime/trace/subscribe.go` |
//! | `procs` | GOMAXPROCS changes | `procresize` |
//! | `coroutine` | goroutines that switch to each other | `coro.go` |
//! | `control` | the main goroutine, and the readers of trace and profile | `runtime/trace`, `runtime/pprof` |
//! | `signals` | timers and handlers | `os_linux.go`, `signal_unix.go` |
//!
//! # Simpler than Go
//!
//! - Who wakes a goroutine that waits for a channel, a mutex or a condition is whoever runs at
//!   that moment; there are no channels.
//! - A stopped world stops at once, and a collector's cycle is counted in slices of work, not
//!   in objects.
//! - The process timer's next signal is set by how many threads run when it is set.
//! - The goroutine that writes the profile never blocks in the read: it sleeps 100 ms and takes
//!   what is there, as on Darwin from Go 1.21 on.

mod budget;
mod control;
mod coroutine;
mod draws;
mod emit;
mod gc;
mod generations;
mod ops;
mod procs;
mod queue;
pub(crate) mod recorder;
mod revision;
mod sched;
mod signals;
mod state;
#[cfg(test)]
mod switches;
mod syscall;
#[cfg(test)]
mod tests;
mod wait;
mod world;

use std::collections::{BTreeSet, VecDeque};

use rand::RngExt;
use sigprof_model::backend::{Backend, Std};
use sigprof_model::limits::Sizes;

use crate::profiler::Labels;
use crate::program::{Layout, Shape, StackRef, layout};
use crate::runtime::{self, Runtime};
use crate::seed::Seed;
use crate::tracer::{Release, Tracer, V1Tracer, V2Tracer};
use crate::truth::{Signal, Truth};
use crate::workload::{Op, Workload};
use budget::Spent;
use state::{Due, G, GIdx, M, P};

pub use budget::{Budget, RunError};
pub use revision::Revision;
pub(crate) use revision::TICK_DIV;

/// When the run began, in nanoseconds since 1970: the day on which Go 1.19 was released.
const EPOCH_UNIX_NS: i64 = 1_659_398_400_000_000_000;

/// The tracer's clock at the start of a run.
const FIRST_TICK: u64 = 1 << 40;

/// The monotonic clock at the start of a run, in nanoseconds.
const FIRST_MONO: u64 = 7 << 40;

/// Everything that a run made, but for the traces, which went out as they came.
#[derive(Debug)]
pub struct Made {
    /// Packed profiles, in order.
    pub profiles: Vec<Vec<u8>>,
    /// Snapshots of the flight recorder, in order.
    pub snapshots: Vec<Vec<u8>>,
    /// The truth about the run.
    pub truth: Truth,
    /// Events of all traces, samples included.
    pub events: u64,
}

/// Takes the pieces of a trace as they are read: the number of the trace, and bytes.
pub type Sink<'a> = dyn FnMut(usize, &[u8]) + 'a;

/// Takes the signals of a run in their order, each as soon as nothing more can become of it.
pub type SignalSink<'a> = dyn FnMut(&Signal) + 'a;

/// Moves from one look at the budget to the next: each takes little.
const MOVES_A_CHECK: u64 = 1 << 4;

/// Moves from one look for signals that are settled to the next.
const MOVES_A_LOOK: u64 = 1 << 12;

/// A run as it stands.
struct Machine<'a, B: Backend, T: Tracer> {
    plan: Workload,
    revision: Revision,
    /// Ps at this moment (GOMAXPROCS).
    procs: u32,
    layout: Layout,
    rng: draws::Draws,
    /// Nanoseconds since the start.
    now: u64,
    /// Ticks in a microsecond.
    ticks_per_us: u64,
    queue: queue::Queue,
    queued: u64,
    moves: u64,
    ops: Vec<(Op, u32)>,
    ops_weight: u32,

    gs: Vec<G>,
    free_gs: Vec<GIdx>,
    next_goid: u64,
    ps: Vec<P>,
    ms: Vec<M<B>>,
    idle_ms: Vec<usize>,
    idle_ps: BTreeSet<u32>,
    run_queue: VecDeque<GIdx>,
    net_ready: VecDeque<GIdx>,
    gc: gc::Gc,
    next_task: u64,

    runtime: Runtime<B, T>,
    profile_hz: u32,
    labels: Vec<Labels>,
    readers: control::Readers,
    generations: generations::Generations,
    outputs: recorder::Outputs,
    script: VecDeque<(u64, control::Control)>,
    process_timer: u32,

    is_over: bool,
    sink: &'a mut Sink<'a>,
    signal_sink: Option<&'a mut SignalSink<'a>>,
}

/// Runs a workload on a back-end, and hands each piece of the traces to `sink`.
///
/// # Errors
///
/// If the workload cannot be run, or takes more than a run may take ([`Budget::RUN`]).
pub fn run<'a>(
    seed: Seed,
    plan: &Workload,
    revision: Revision,
    sink: &'a mut Sink<'a>,
) -> Result<Made, RunError> {
    run_within(&Budget::RUN, seed, plan, revision, sink)
}

/// Runs a workload as [`run`] does, within another budget.
///
/// # Errors
///
/// As [`run`].
pub fn run_within<'a>(
    budget: &Budget,
    seed: Seed,
    plan: &Workload,
    revision: Revision,
    sink: &'a mut Sink<'a>,
) -> Result<Made, RunError> {
    run_streaming(budget, seed, plan, revision, sink, None)
}

/// Runs a workload as [`run_within`] does. Signals go to `signal_sink`, and [`Made::truth`] has
/// none: those whose fate is settled are not held, so that memory does not grow with their number.
///
/// # Errors
///
/// As [`run`].
pub fn run_streaming<'a>(
    budget: &Budget,
    seed: Seed,
    plan: &Workload,
    revision: Revision,
    sink: &'a mut Sink<'a>,
    signal_sink: Option<&'a mut SignalSink<'a>>,
) -> Result<Made, RunError> {
    plan.check_for(revision)?;
    let procs = plan.most_procs() as usize;
    // A machine for each format, so that the compiler knows who writes an event.
    if revision.has_generations() {
        let tracer = Box::new(V2Tracer::new(Release::of(revision.format()), procs));
        Machine::<Std, _>::new(seed, plan, revision, tracer, sink).run(budget, seed, signal_sink)
    } else {
        let tracer = Box::new(V1Tracer::new(revision.format(), procs));
        Machine::<Std, _>::new(seed, plan, revision, tracer, sink).run(budget, seed, signal_sink)
    }
}

impl<'a, B: Backend, T: Tracer> Machine<'a, B, T> {
    fn new(
        seed: Seed,
        plan: &Workload,
        revision: Revision,
        tracer: Box<T>,
        sink: &'a mut Sink<'a>,
    ) -> Self {
        let shape = Shape {
            workers: plan.kinds as usize,
            deep: plan.deep,
            one_frame: plan.one_frame,
        };
        let layout = layout(seed.split("program"), shape);
        let sizes = runtime::Shape {
            rings: Sizes {
                words: plan.ring_words,
                tags: plan.ring_tags,
            },
            traces: plan.sessions(),
            profiles: plan.profiles.len(),
        };
        let runtime = Runtime::new(revision, &sizes, &layout.synthetic, tracer);
        let procs = plan.most_procs() as usize;
        let mut rng = draws::Draws::new(seed.split("machine"));
        let ops: Vec<_> = plan.ops.iter().map(|(&op, &weight)| (op, weight)).collect();
        Self {
            revision,
            procs: plan.procs,
            now: 0,
            ticks_per_us: rng.random_range(33..55),
            rng,
            queue: queue::Queue::default(),
            queued: 0,
            moves: 0,
            ops_weight: ops.iter().map(|&(_, weight)| weight).sum(),
            ops,
            gs: Vec::new(),
            free_gs: Vec::new(),
            next_goid: 1,
            ps: (0..procs).map(|_| P::new()).collect(),
            ms: Vec::new(),
            idle_ms: Vec::new(),
            idle_ps: (0..plan.procs).collect(),
            run_queue: VecDeque::new(),
            net_ready: VecDeque::new(),
            gc: gc::Gc::default(),
            next_task: 1,
            runtime,
            profile_hz: 0,
            labels: control::label_sets(plan.kinds),
            readers: control::Readers::default(),
            generations: generations::Generations::default(),
            outputs: recorder::Outputs::default(),
            script: control::script(plan),
            process_timer: 0,
            is_over: false,
            layout,
            plan: plan.clone(),
            sink,
            signal_sink: None,
        }
    }

    fn run(
        mut self,
        budget: &Budget,
        seed: Seed,
        signal_sink: Option<&'a mut SignalSink<'a>>,
    ) -> Result<Made, RunError> {
        self.signal_sink = signal_sink;
        self.begin();
        self.go(budget)?;
        Ok(self.finish(seed))
    }

    /// One thing after the other, until the main goroutine is through.
    fn go(&mut self, budget: &Budget) -> Result<(), RunError> {
        while !self.is_over {
            if self.moves.is_multiple_of(MOVES_A_CHECK) {
                budget.check(&self.spent())?;
            }
            let Some((at, due)) = self.queue.pop() else {
                break;
            };
            self.moves += 1;
            if self.moves.is_multiple_of(MOVES_A_LOOK) {
                self.stream_signals();
            }
            self.now = self.now.max(at);
            match due.due() {
                Due::Step { p, epoch } => self.step(p, epoch),
                Due::Wake { g, epoch } => self.wake(g, epoch),
                Due::EndSyscall { m } => self.end_syscall(m),
                Due::Retake { p, epoch } => self.retake(p, epoch),
                Due::ThreadTimer { m, epoch } => self.thread_timer(m, epoch),
                Due::ProcessTimer { epoch } => self.process_timer(epoch),
                Due::Deliver { m, timer } => self.deliver(m, timer),
            }
        }
        Ok(())
    }

    #[inline]
    fn spent(&mut self) -> Spent {
        Spent {
            at_ns: self.now,
            moves: self.moves,
            queued: self.queue.len(),
            goroutines: self.gs.len(),
            threads: self.ms.len(),
            signals: self.runtime.signals.get_mut().held(),
            unread: self.runtime.tracer.get_mut().unread(),
        }
    }

    #[inline]
    fn after(&mut self, ns: u64, due: Due) {
        self.queued += 1;
        let due = queue::Packed::new(due);
        self.queue.push((self.now + ns, self.queued, due));
    }

    /// Around that many nanoseconds.
    #[inline]
    fn about(&mut self, ns: u64) -> u64 {
        ns / 2 + self.rng.below(ns.max(1))
    }

    fn one_in(&mut self, n: u32) -> bool {
        n > 0 && self.rng.random_range(0..n) == 0
    }

    fn words(&self, stack: StackRef) -> &[u64] {
        &self.layout.stacks[stack.0 as usize]
    }

    fn stream_signals(&mut self) {
        if let Some(sink) = &mut self.signal_sink {
            let files: Vec<_> = self.outputs.files().collect();
            self.runtime.take_settled(&files, sink);
        }
    }

    /// The run is over: what was written is known now.
    fn end_of_run(&mut self) {
        if self.revision.has_generations() {
            let files: Vec<_> = self.outputs.files().collect();
            self.runtime.settle(&files, self.outputs.last_whole());
        }
    }

    fn finish(mut self, seed: Seed) -> Made {
        self.give_up_pending();
        let stopped = self.now;
        self.end_of_run();
        for trace in self.runtime.traces.get_mut() {
            if trace.stopped_ns == 0 {
                trace.stopped_ns = stopped;
            }
        }
        let Layout {
            program, stacks, ..
        } = &self.layout;
        let what = (seed, self.plan.hz);
        let mut truth = self.runtime.truth(what, program, stacks, self.labels);
        truth.snapshots = self.outputs.take_snapshot_truths();
        if let Some(sink) = self.signal_sink {
            std::mem::take(&mut truth.signals).iter().for_each(sink);
        }
        Made {
            events: self.runtime.tracer.get_mut().all_events(),
            truth,
            profiles: self.runtime.profiles.take(),
            snapshots: self.outputs.take_snapshots(),
        }
    }
}
