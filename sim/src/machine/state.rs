//! Goroutines, threads and processors as they stand.

use std::collections::VecDeque;

use sigprof_model::backend::Backend;
use sigprof_model::m;
use sigprof_model::prof_buf::Tag;

use crate::program::StackRef;
use crate::tracer::GTraceState;
use crate::truth::Timer;

/// A place among the goroutines; it is used again when one has ended.
pub(super) type GIdx = usize;

/// An event of the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// The P's goroutine, or its scheduler, does the next thing.
    Step { p: u32, epoch: u32 },
    /// The end of a goroutine's wait.
    Wake { g: GIdx, epoch: u32 },
    /// The thread's system call is over.
    EndSyscall { m: usize },
    /// sysmon looks at a P in a system call.
    Retake { p: u32, epoch: u32 },
    /// The timer of a thread.
    ThreadTimer { m: usize, epoch: u32 },
    /// The timer of the process.
    ProcessTimer { epoch: u32 },
    /// A pending signal.
    Deliver { m: usize, timer: Timer },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    Dead,
    Runnable,
    Running,
    Waiting(Wait),
    Syscall,
}

/// The cause of a wait: who will find that it is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wait {
    /// A wait for another goroutine.
    Other,
    /// A P's timers.
    Timer,
    /// The network poller.
    Net,
    /// The collector, for it has a worker.
    Collector,
    /// A full buffer, or the end of the trace.
    Buffers,
    /// Nothing that an event shows, or nothing at all.
    Forever,
}

/// The purpose of a goroutine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Main,
    Worker(usize),
    /// Marks for the collector.
    Collector,
    /// Reads the trace.
    TraceReader,
    /// Drains the samples of a tracing session with this number, every 100 ms.
    SampleReader(u32),
    /// Goes on to the next generation in a tracing session with this number.
    Advancer(u32),
    /// A coroutine of a worker of this kind, which it is switched to and from.
    Coroutine(usize),
    /// Makes the profile.
    ProfileWriter,
    /// Of the runtime, waiting since the start.
    System,
}

#[derive(Clone, Debug)]
pub(super) struct G {
    pub(super) trace: GTraceState,
    pub(super) role: Role,
    pub(super) status: Status,
    /// As a sample sees it, and as an event does.
    pub(super) stack: StackRef,
    pub(super) event_stack: StackRef,
    pub(super) labels: Option<Tag>,
    /// Task and number of the name of each open region.
    pub(super) regions: Vec<(u64, u32)>,
    pub(super) task: Option<u64>,
    /// The goroutine blocked while it assisted the collector.
    pub(super) is_assisting: bool,
    /// When its system call ended, in ticks, if it had no P then; 0 if that is not to be told.
    pub(super) left_syscall: Option<u64>,
    /// Distinguishes its waits.
    pub(super) epoch: u32,
    /// Nanoseconds that it has run without a break.
    pub(super) slice: u64,
    pub(super) locked_m: Option<usize>,
    /// The coroutine that it switches to, or who switches to it.
    pub(super) coroutine: Option<GIdx>,
    /// Whether it sweeps, until it runs next.
    pub(super) is_sweeping: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Running {
    Idle,
    /// Its thread's scheduler looks for work.
    Scheduling,
    Go(GIdx),
    Syscall(GIdx),
    /// The world is stopped.
    Stopped,
}

#[derive(Debug)]
pub(super) struct P {
    pub(super) running: Running,
    pub(super) m: usize,
    pub(super) epoch: u32,
    pub(super) run_queue: VecDeque<GIdx>,
    /// Goroutines whose timers are over.
    pub(super) timers: VecDeque<GIdx>,
    /// Counts rounds of the scheduler.
    pub(super) rounds: u32,
}

impl P {
    pub(super) fn new() -> Self {
        Self {
            running: Running::Idle,
            m: 0,
            epoch: 0,
            run_queue: VecDeque::new(),
            timers: VecDeque::new(),
            rounds: 0,
        }
    }
}

pub(super) struct M<B: Backend> {
    pub(super) model: m::M<B>,
    /// The rate that it took over.
    pub(super) hz: u32,
    /// Whether the kernel gave it a timer of its own.
    pub(super) has_timer: bool,
    pub(super) is_foreign: bool,
    pub(super) p: Option<u32>,
    /// The P that it had before its system call (Go: `oldp`).
    pub(super) old_p: u32,
    /// In a system call, without its P.
    pub(super) syscall: Option<GIdx>,
    /// The goroutine that it runs, or that is in its system call.
    pub(super) curg: Option<GIdx>,
    /// Since when it uses CPU time.
    pub(super) on_cpu: Option<u64>,
    /// CPU time until its timer's next signal.
    pub(super) timer_left: u64,
    pub(super) epoch: u32,
    pub(super) pending: Option<Timer>,
    pub(super) is_locked: bool,
}
