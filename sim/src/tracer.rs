//! Execution traces as the runtime writes them, byte for byte: the v1 format of Go 1.7 to 1.21,
//! and v2 of Go 1.22 to 1.27.
//!
//! The simulator calls a `Tracer`, which has a method for each `traceXxx` function of Go's
//! runtime. A method is told the moment and the place (`At`), and never who writes: that is
//! the format's affair, as are sequence numbers, lazy statuses and short forms of events. It has
//! two implementations, one for each format; `v2` says how generations come and go.
//!
//! For v1 there is more. Three layers, each on top of the one before, make traces that
//! a test lays out:
//!
//! | type | what it knows |
//! |---|---|
//! | [`RawEvent`] and the `raw_` methods | how bytes are laid out, and nothing else: for traces that are broken on purpose |
//! | [`TraceWriter`] | the arguments of each event in each format version; it refuses what no reader could take |
//! | [`TraceBuilder`] | time, buffers, the string and stack tables, and the footer, as the runtime handles them |
//!
//! Beside them stands [`RuntimeTracer`], the buffers of a running program, which fill up and are
//! read while it goes on, for simulated runs.
//!
//! None of them knows whether a trace makes sense: a goroutine may start twice, and
//! time may run backwards. That is the reader's to judge.
//!
//! ```
//! use sigprof_wire::FormatVersion;
//! use sigprof_wire::v1::EventType;
//! use sigprof_sim::tracer::{CpuSample, Frame, GoId, ProcId, Ticks, TraceBuilder};
//!
//! let main = [Frame::new(0x45_1000, "main.main", "main.go", 7)];
//! let p0 = Some(ProcId(0));
//! let mut trace = TraceBuilder::new(FormatVersion::GO_1_19)?;
//! let entry = trace.stack(&main);
//! trace.batch(p0, Ticks(100));
//! trace.event(Ticks(101), EventType::GoCreate, &[1, entry.0], &main);
//! trace.event(Ticks(102), EventType::GoStart, &[1, 1], &[]);
//! trace.cpu_sample(Ticks(110), CpuSample { ts: Ticks(105), p: p0, g: Some(GoId(1)), stack: entry });
//! trace.event(Ticks(120), EventType::GoEnd, &[], &[]);
//! let bytes = trace.finish(1_000_000_000);
//! assert!(bytes.starts_with(b"go 1.19 trace\0\0\0"));
//! # Ok::<(), sigprof_sim::tracer::UnsupportedVersion>(())
//! ```
//!
//! Go: `runtime/trace.go`, `traceEventLocked`, `traceFlush`, `traceString`,
//! `traceStackTable.dump`; R38 to R42.

mod v1;
mod v2;

pub(crate) use v1::V1Tracer;
pub use v1::{
    Chunk, CpuSample, Frame, GoId, Lane, MAX_NAME_LEN, ProcId, RawEvent, RuntimeTracer, StackId,
    StringId, TRACE_BUF_LEN, Ticks, TraceBuilder, TraceFrame, TraceWriter, UnsupportedVersion,
};
pub(crate) use v2::{GoStatus, ProcState, Release, TICK_NS, TICKS_PER_SECOND, Untraced, V2Tracer};

use std::fmt;

use crate::program::{Program, Stack};

/// The number of the thread of Go's that no P is ever on (Go: `sysmon`).
pub(crate) const SYSMON: u64 = u64::MAX;

/// Modes of a collector's worker, as a trace begins with them (Go: `gcMarkWorkerModeStrings`).
pub(crate) const WORKER_MODES: [&str; 4] = [
    "Not worker",
    "GC (dedicated)",
    "GC (fractional)",
    "GC (idle)",
];

/// The first of the threads' ids in the operating system; thread m has this plus m.
pub(crate) const FIRST_PROCID: u64 = 4000;

/// The id of a thread in the operating system (Go: `m.procid`).
pub(crate) const fn procid(m: u64) -> u64 {
    FIRST_PROCID.wrapping_add(m)
}

/// A goroutine, by its place among those that there are and by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct GRef {
    /// The place, which is used again when it has ended.
    pub(crate) slot: usize,
    /// The number, which is not.
    pub(crate) id: u64,
}

/// The moment and the place of an event: when, and on which thread, P and goroutine it is.
///
/// Who writes it, the P's buffer or the M's, is the tracer's affair.
#[derive(Clone, Copy, Debug)]
pub(crate) struct At {
    /// The clock as the strings are written that the event names.
    pub(crate) before: Ticks,
    /// The clock as the event is written.
    pub(crate) now: Ticks,
    /// The number of the thread.
    pub(crate) m: u64,
    /// The P, if the thread has one.
    pub(crate) p: Option<u32>,
    /// The goroutine of the thread (Go: `m.curg`).
    pub(crate) g: Option<GRef>,
}

/// The tracer's own state of a goroutine (Go: `traceseq` and `tracelastp` in `g`, later
/// `gTraceState`).
#[derive(Clone, Copy, Debug)]
pub(crate) struct GTraceState {
    /// The number of the goroutine.
    pub(crate) id: u64,
    /// The place of the goroutine.
    pub(crate) slot: usize,
    /// Where it last ran, or was made ready.
    pub(crate) last_p: Option<u32>,
    seq: u64,
}

impl GTraceState {
    /// A new goroutine, made on a P or there from the start.
    pub(crate) fn new(id: u64, slot: usize, last_p: Option<u32>) -> Self {
        Self {
            id,
            slot,
            last_p,
            seq: 0,
        }
    }

    /// The state at the start of a trace, which a goroutine on this P starts.
    pub(crate) fn begin(&mut self, p: u32) {
        self.seq = 0;
        self.last_p = Some(p);
    }

    /// The goroutine that it is.
    pub(crate) fn of(&self) -> GRef {
        GRef {
            slot: self.slot,
            id: self.id,
        }
    }

    fn next_seq(&mut self) -> u64 {
        self.seq += 1;
        self.seq
    }
}

/// The reason for which a goroutine parks (Go: `traceBlockReason`; until 1.19 an event type).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BlockReason {
    Generic,
    Forever,
    Net,
    Select,
    CondWait,
    Sync,
    ChanSend,
    ChanReceive,
    GcMarkAssist,
    Sleep,
    /// The goroutine that reads the trace, from Go 1.22 on.
    SystemGoroutine,
}

/// The reason for which the world stops (Go: `stwReason`; until 1.19 a number of two).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StopReason {
    MarkTermination,
    SweepTermination,
    StartTrace,
    Gomaxprocs,
}

/// Begin or end of a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RegionMode {
    Start,
    End,
}

/// A sample on its way from the ring into the trace.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sample<'a> {
    /// The generation that it was drained in, from Go 1.22 on.
    pub(crate) generation: u64,
    /// The clock of the handler, in the trace's ticks.
    pub(crate) time: Ticks,
    /// The id of the thread, from Go 1.22 on.
    pub(crate) procid: u64,
    /// The P, if the thread had one.
    pub(crate) p: Option<u32>,
    /// The goroutine, or 0.
    pub(crate) g: u64,
    /// Words, leaf first.
    pub(crate) stack: &'a [u64],
}

/// The tracer that the runtime calls: a method for each `traceXxx` function of Go's runtime,
/// which does nothing while no trace is on.
///
/// What one format alone has does nothing in the other.
pub(crate) trait Tracer: fmt::Debug {
    /// Starts a trace; false if one is on or has not been read.
    fn start(&mut self) -> bool;

    /// The next piece of the trace (Go: `ReadTrace`).
    fn read(&mut self, program: &Program, now: Ticks) -> Chunk<'_>;

    /// Whether events are written.
    fn is_enabled(&self) -> bool;

    /// Whether somebody waits for the reader to read on: the trace, or a generation of it, is over.
    fn is_awaited(&self) -> bool;

    /// The number of full buffers that wait for the reader.
    fn unread(&self) -> usize;

    /// Whether a reader that sleeps is to be woken (Go: `traceReaderAvailable`).
    fn has_work_for_reader(&self) -> bool;

    /// Events of this trace, without samples.
    fn events(&self) -> u64;

    /// Events of all traces, with samples.
    fn all_events(&self) -> u64;

    /// Writes a sample that was drained (Go: `traceReadCPU`).
    fn cpu_sample(&mut self, now: Ticks, sample: &Sample<'_>);

    /// The same tracer, if it is of the v1 format.
    fn v1(&mut self) -> Option<&mut V1Tracer> {
        None
    }

    /// The same tracer, if it is of the v2 format.
    fn v2(&mut self) -> Option<&mut V2Tracer> {
        None
    }

    /// Does as Go's `traceProcStart`.
    fn proc_start(&mut self, at: &At);

    /// Does as Go's `traceProcStop`.
    fn proc_stop(&mut self, at: &At);

    /// Does as Go's `traceGomaxprocs`.
    fn gomaxprocs(&mut self, at: &At, procs: u64, stack: Stack<'_>);

    /// Does as Go's `traceGCStart`; `cycle` is counted from the start of the trace.
    fn gc_start(&mut self, at: &At, cycle: u64, stack: Stack<'_>);

    /// Does as Go's `traceGCDone`.
    fn gc_done(&mut self, at: &At);

    /// Go: `traceGCSTWStart`, from 1.21 on `traceSTWStart`; with a stack from 1.22 on.
    fn stw_start(&mut self, at: &At, reason: StopReason, stack: Stack<'_>);

    /// Go: `traceGCSTWDone`, from 1.21 on `traceSTWDone`.
    fn stw_done(&mut self, at: &At);

    /// Does as Go's `traceGCSweepStart`, with something to sweep.
    fn gc_sweep_start(&mut self, at: &At, stack: Stack<'_>);

    /// Does as Go's `traceGCSweepDone`.
    fn gc_sweep_done(&mut self, at: &At, swept: u64, reclaimed: u64);

    /// Does as Go's `traceGCMarkAssistStart`.
    fn gc_mark_assist_start(&mut self, at: &At, stack: Stack<'_>);

    /// Does as Go's `traceGCMarkAssistDone`.
    fn gc_mark_assist_done(&mut self, at: &At);

    /// Does as Go's `traceHeapAlloc`.
    fn heap_alloc(&mut self, at: &At, bytes: u64);

    /// Does as Go's `traceHeapGoal`.
    fn heap_goal(&mut self, at: &At, bytes: u64);

    /// Does as Go's `traceGoCreate`.
    fn go_create(&mut self, at: &At, g: GRef, start: Option<Stack<'_>>, stack: Option<Stack<'_>>);

    /// Go: `traceGoStart`, with the mode of a collector's worker.
    fn go_start(&mut self, at: &At, g: &mut GTraceState, mode: Option<&str>);

    /// Does as Go's `traceGoEnd`.
    fn go_end(&mut self, at: &At);

    /// Does as Go's `traceGoSched`.
    fn go_sched(&mut self, at: &At, stack: Option<Stack<'_>>);

    /// Does as Go's `traceGoPreempt`.
    fn go_preempt(&mut self, at: &At, stack: Stack<'_>);

    /// Does as Go's `traceGoPark`.
    fn go_park(&mut self, at: &At, reason: BlockReason, stack: Stack<'_>);

    /// Go: `traceGoUnpark`; by a goroutine, or by a scheduler, which has no stack.
    fn go_unpark(&mut self, at: &At, g: &mut GTraceState, stack: Option<Stack<'_>>);

    /// Does as Go's `traceGoSysCall`.
    fn go_sys_call(&mut self, at: &At, stack: Stack<'_>);

    /// Does as Go's `trace_userTaskCreate`.
    fn user_task_create(&mut self, at: &At, task: u64, name: &str, stack: Stack<'_>);

    /// Does as Go's `trace_userTaskEnd`.
    fn user_task_end(&mut self, at: &At, task: u64, stack: Stack<'_>);

    /// Does as Go's `trace_userRegion`.
    fn user_region(&mut self, at: &At, task: u64, mode: RegionMode, name: &str, stack: Stack<'_>);

    /// Does as Go's `trace_userLog`.
    fn user_log(&mut self, at: &At, task: u64, message: &str, stack: Stack<'_>);
}
