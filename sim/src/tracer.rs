//! Execution traces as the runtime writes them, byte for byte: today the v1 format, of Go 1.7
//! to 1.21.
//!
//! The simulator calls a `Tracer`, which has a method for each `traceXxx` function of Go's
//! runtime. A method is told the moment and the place (`At`), and never who writes: that is
//! the format's affair, as are sequence numbers and short forms of events.
//!
//! Below it stands the v1 format. Three layers, each on top of the one before, make traces that
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

mod calls;
mod v1;

pub use v1::{
    Chunk, CpuSample, Frame, GoId, Lane, MAX_NAME_LEN, ProcId, RawEvent, RuntimeTracer, StackId,
    StringId, TRACE_BUF_LEN, Ticks, TraceBuilder, TraceFrame, TraceWriter, UnsupportedVersion,
};

use sigprof_wire::FormatVersion;
use sigprof_wire::v1::EventType;

use crate::program::{Program, Stack};

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
}

impl At {
    fn lane(self) -> Lane {
        self.p.map_or(Lane::NoP, Lane::P)
    }
}

/// The tracer's own state of a goroutine (Go: `traceseq` and `tracelastp` in `g`, later
/// `gTraceState`).
#[derive(Clone, Copy, Debug)]
pub(crate) struct GTraceState {
    /// The number of the goroutine.
    pub(crate) id: u64,
    /// Where it last ran, or was made ready.
    pub(crate) last_p: Option<u32>,
    seq: u64,
}

impl GTraceState {
    /// A new goroutine, made on a P or there from the start.
    pub(crate) fn new(id: u64, last_p: Option<u32>) -> Self {
        Self { id, last_p, seq: 0 }
    }

    /// The state at the start of a trace, which a goroutine on this P starts.
    pub(crate) fn begin(&mut self, p: u32) {
        self.seq = 0;
        self.last_p = Some(p);
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
}

/// The reason for which the world stops (Go: `stwReason`; until 1.19 a number of two).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StopReason {
    MarkTermination,
    SweepTermination,
}

/// Begin or end of a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RegionMode {
    Start,
    End,
}

/// The tracer that the runtime calls: a method for each `traceXxx` function of Go's runtime,
/// which does nothing while no trace is on.
#[derive(Debug)]
pub(crate) struct Tracer {
    v1: RuntimeTracer,
    /// By the number of a stack in its program: its number in the trace, or 0.
    stack_ids: Vec<u64>,
    /// Events of this trace, without samples.
    events: u64,
    /// Events of all traces, with samples.
    all_events: u64,
}

impl Tracer {
    /// A tracer of a format that a revision has, for that many Ps.
    pub(crate) fn new(version: FormatVersion, procs: usize) -> Self {
        Self {
            v1: RuntimeTracer::of_revision(version, procs),
            stack_ids: Vec::new(),
            events: 0,
            all_events: 0,
        }
    }

    /// Starts a trace; false if one is on or has not been read.
    pub(crate) fn start(&mut self) -> bool {
        let is_started = self.v1.start();
        if is_started {
            self.stack_ids.clear();
            self.events = 0;
        }
        is_started
    }

    /// Stops the trace, which lasted that long.
    pub(crate) fn stop(&mut self, ticks: u64, nanos: u64) {
        self.v1.stop(ticks, nanos);
    }

    /// The next piece of the trace (Go: `ReadTrace`).
    pub(crate) fn read(&mut self, program: &Program, now: Ticks) -> Chunk<'_> {
        self.v1.read(program, now)
    }

    /// The tracer as who reads the trace asks it.
    pub(crate) fn reader(&self) -> &RuntimeTracer {
        &self.v1
    }

    /// Whether events are written.
    pub(crate) fn is_enabled(&self) -> bool {
        self.v1.is_enabled()
    }

    /// Events of this trace, without samples.
    pub(crate) fn events(&self) -> u64 {
        self.events
    }

    /// Events of all traces, with samples.
    pub(crate) fn all_events(&self) -> u64 {
        self.all_events
    }

    fn is_1_21(&self) -> bool {
        self.v1.version() >= FormatVersion::GO_1_21
    }

    fn event(&mut self, at: At, event_type: EventType, args: &[u64]) {
        if self.is_enabled() {
            self.v1.event(at.lane(), at.now, event_type, args);
            self.events += 1;
            self.all_events += 1;
        }
    }

    /// An event with a stack, or with none where a scheduler writes it.
    fn event_with_stack(
        &mut self,
        at: At,
        event_type: EventType,
        args: &[u64],
        stack: Option<Stack<'_>>,
    ) {
        if self.is_enabled() {
            let mut all = [0; 4];
            all[..args.len()].copy_from_slice(args);
            all[args.len()] = self.stack_id(stack);
            self.event(at, event_type, &all[..=args.len()]);
        }
    }

    fn stack_id(&mut self, stack: Option<Stack<'_>>) -> u64 {
        let Some(stack) = stack else { return 0 };
        if stack.number >= self.stack_ids.len() {
            self.stack_ids.resize(stack.number + 1, 0);
        }
        if self.stack_ids[stack.number] == 0 {
            self.stack_ids[stack.number] = self.v1.stack(stack.words).0;
        }
        self.stack_ids[stack.number]
    }

    fn string(&mut self, at: At, text: &str) -> u64 {
        self.v1.string(at.lane(), at.before, text).0
    }

    /// Writes strings that no event of this moment names.
    pub(crate) fn strings(&mut self, at: At, texts: &[&str]) {
        for text in texts {
            self.string(at, text);
        }
    }
}
