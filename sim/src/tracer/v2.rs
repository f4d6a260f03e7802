//! The v2 format, of Go 1.22 to 1.27: a buffer for each M, generations, and statuses that are
//! written when they are first needed.
//!
//! ```text
//!  events of M 0  -> [buffer of generation g] --full, or g ends--> queue of g -> ReadTrace -> the file
//!  events of M 1  -> [buffer of generation g] -------------------/
//!  strings of g   -> [buffer] ----------------------------------/
//!  samples of g   -> [buffer], stacks of g, both as g ends -----/
//!
//!  there are two of everything, by the parity of the generation; the file has g whole, then g + 1
//! ```
//!
//! What differs by release:
//!
//! | | 1.22 | 1.23, 1.24 | 1.25 | 1.26, 1.27 |
//! |---|---|---|---|---|
//! | clock | frequency, as the generation ends | the same | with a snapshot, as it begins | as 1.25 |
//! | end of a generation | | | | written |
//! | a goroutine that did nothing | status | with its stack | with its stack | with its stack |
//! | Ps that did nothing | as the next one begins | as 1.22 | as 1.22 | as it ends |
//! | Ps at the start | all | all | all | the starter's |
//!
//! Stacks come by number here, and by hash bucket in Go; nothing reads their order.
//!
//! Go: `runtime/trace.go`, `tracebuf.go`, `traceevent.go`, `traceruntime.go`, `tracestatus.go`,
//! `tracestack.go`, `tracestring.go`, `tracecpu.go` (1.22: `trace2*.go`); R90 to R98.

mod buf;
mod calls;
mod generations;
mod read;
mod release;
mod tables;

use sigprof_wire::v2::{EventType, NO_THREAD, go_status, proc_status};

use super::{At, Chunk, GRef, SYSMON, Ticks, WORKER_MODES, procid};
use crate::program::{Program, Stack};
use buf::{Head, Queues, TraceBuf};
use tables::Tables;

pub(crate) use generations::Untraced;
pub(crate) use release::Release;

/// Nanoseconds of a tick of the trace clock (Go: `traceTimeDiv`).
pub(crate) const TICK_NS: u64 = 64;

/// Ticks in a second (Go: `traceClockUnitsPerSecond`).
pub(crate) const TICKS_PER_SECOND: u64 = 1_000_000_000 / TICK_NS;

/// The status of a goroutine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GoStatus {
    Runnable,
    Running,
    Syscall,
    Waiting,
}

impl GoStatus {
    fn number(self) -> u64 {
        u64::from(match self {
            Self::Runnable => go_status::RUNNABLE,
            Self::Running => go_status::RUNNING,
            Self::Syscall => go_status::SYSCALL,
            Self::Waiting => go_status::WAITING,
        })
    }
}

/// The status of a P.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProcState {
    Running,
    Idle,
    Syscall,
    Abandoned,
}

impl ProcState {
    fn number(self) -> u64 {
        u64::from(match self {
            Self::Running => proc_status::RUNNING,
            Self::Idle => proc_status::IDLE,
            Self::Syscall => proc_status::SYSCALL,
            Self::Abandoned => proc_status::SYSCALL_ABANDONED,
        })
    }
}

/// Statuses that an event implies for the goroutine and the P of its thread.
#[derive(Clone, Copy, Debug)]
struct Implies(GoStatus, ProcState);

/// Of most events.
const RUNNING: Implies = Implies(GoStatus::Running, ProcState::Running);

/// The generation in which a status was written, and events are counted (Go:
/// `traceSchedResourceState`).
#[derive(Clone, Copy, Debug, Default)]
struct Resource {
    /// The last generation in which the status was written.
    told_in: u64,
    counted_in: u64,
    seq: u64,
}

impl Resource {
    /// Whether the status is to be written; it is taken for written then.
    fn acquire(&mut self, generation: u64) -> bool {
        let is_new = self.told_in != generation;
        self.told_in = generation;
        is_new
    }

    fn next_seq(&mut self, generation: u64) -> u64 {
        if self.counted_in != generation {
            self.counted_in = generation;
            self.seq = 0;
        }
        self.seq += 1;
        self.seq
    }
}

/// The tracer's state of a goroutine.
#[derive(Clone, Copy, Debug, Default)]
struct GState {
    id: u64,
    resource: Resource,
    in_assist: bool,
}

/// The tracer's state of a P.
#[derive(Clone, Copy, Debug)]
struct PState {
    resource: Resource,
    /// The thread that took it into a system call (Go: `mSyscallID`).
    syscall_m: u64,
    in_sweep: bool,
}

/// The tracer of the v2 format.
#[derive(Debug)]
pub(crate) struct V2Tracer {
    release: Release,
    /// The generation that is written; 0 while no trace is on.
    generation: u64,
    /// The last one: they go on from trace to trace.
    last: u64,
    /// Buffers of each thread by parity, with sysmon's first.
    ms: Vec<[Option<TraceBuf>; 2]>,
    ps: Vec<PState>,
    /// By the place of the goroutine.
    gs: Vec<GState>,
    tables: [Tables; 2],
    /// Samples, by parity.
    cpu: [Option<TraceBuf>; 2],
    queues: Queues,
    reading: Option<TraceBuf>,
    header: Vec<u8>,
    reader_generation: u64,
    flushed_generation: u64,
    is_header_written: bool,
    is_end_told: bool,
    is_shutdown: bool,
    /// The P and the goroutine that were told of last, and in which generation: neither needs another look
    /// then.
    last_told: (u64, Option<u32>, Option<GRef>),
    /// Counts collections and their ends (Go: `trace.seqGC`).
    seq_gc: u64,
    /// Of this trace, without samples.
    events: u64,
    /// Of those before, and samples.
    other_events: u64,
}

impl V2Tracer {
    /// A tracer that writes as a release does, for that many Ps.
    pub(crate) fn new(release: Release, procs: usize) -> Self {
        let p = PState {
            resource: Resource::default(),
            syscall_m: NO_THREAD,
            in_sweep: false,
        };
        let text = format!("go {} trace", release.version);
        let mut header = text.into_bytes();
        header.resize(sigprof_wire::limits::HEADER_LEN, 0);
        Self {
            release,
            generation: 0,
            last: 0,
            ms: Vec::new(),
            ps: vec![p; procs],
            gs: Vec::new(),
            tables: [Tables::default(), Tables::default()],
            cpu: [None, None],
            queues: Queues::default(),
            reading: None,
            header,
            reader_generation: 0,
            flushed_generation: 0,
            is_header_written: false,
            is_end_told: false,
            is_shutdown: false,
            last_told: (0, None, None),
            seq_gc: 0,
            events: 0,
            other_events: 0,
        }
    }

    #[inline]
    fn parity(&self) -> usize {
        parity(self.generation)
    }

    #[inline]
    fn g(&mut self, g: GRef) -> &mut GState {
        if self.gs.get(g.slot).is_none_or(|state| state.id != g.id) {
            self.begin_g(g);
        }
        &mut self.gs[g.slot]
    }

    #[cold]
    fn begin_g(&mut self, g: GRef) {
        if g.slot >= self.gs.len() {
            self.gs.resize(g.slot + 1, GState::default());
        }
        self.gs[g.slot] = GState {
            id: g.id,
            ..GState::default()
        };
    }

    /// An event of a thread, without a look at statuses (Go: `traceWriter.event`).
    #[inline(always)]
    fn write(&mut self, m: u64, now: Ticks, event_type: EventType, args: &[u64]) {
        let parity = self.parity();
        let index = place(m);
        if index >= self.ms.len() {
            self.begin_m(index);
        }
        let head = Head {
            generation: self.generation,
            m: procid(m),
        };
        let buf = &mut self.ms[index][parity];
        self.queues.event(buf, head, now, event_type, args);
        self.events += 1;
    }

    #[cold]
    fn begin_m(&mut self, index: usize) {
        self.ms.resize_with(index + 1, || [None, None]);
    }

    /// Writes the statuses of the thread's P and goroutine if this generation lacks them (Go:
    /// `traceLocker.eventWriter`).
    #[inline]
    fn tell(&mut self, at: &At, implies: Implies) {
        if self.last_told != (self.generation, at.p, at.g) {
            self.tell_others(at, implies);
        }
    }

    fn tell_others(&mut self, at: &At, Implies(go, proc): Implies) {
        let generation = self.generation;
        self.last_told = (generation, at.p, at.g);
        if let Some(p) = at.p
            && self.ps[p as usize].resource.acquire(generation)
        {
            self.write_proc_status(at, p, proc);
        }
        if let Some(g) = at.g
            && self.g(g).resource.acquire(generation)
        {
            self.write_go_status(at, g, procid(at.m), go);
        }
    }

    #[cold]
    fn write_proc_status(&mut self, at: &At, p: u32, status: ProcState) {
        let args = [p.into(), status.number()];
        self.write_status(at, EventType::ProcStatus, &args);
        if self.ps[p as usize].in_sweep {
            self.write_status(at, EventType::GCSweepActive, &[p.into()]);
        }
    }

    #[cold]
    fn write_go_status(&mut self, at: &At, g: GRef, procid: u64, status: GoStatus) {
        let args = [g.id, procid, status.number()];
        self.write_status(at, EventType::GoStatus, &args);
        if self.g(g).in_assist {
            self.write_status(at, EventType::GCMarkAssistActive, &[g.id]);
        }
    }

    fn write_status(&mut self, at: &At, event_type: EventType, args: &[u64]) {
        self.write(at.m, at.now, event_type, args);
    }

    fn event(&mut self, at: &At, implies: Implies, event_type: EventType, args: &[u64]) {
        if self.generation != 0 {
            self.tell(at, implies);
            self.write(at.m, at.now, event_type, args);
        }
    }

    /// An event of somebody who runs, with a stack behind its other arguments.
    #[inline]
    fn event_with_stack(
        &mut self,
        at: &At,
        event_type: EventType,
        args: &[u64],
        stack: Option<Stack<'_>>,
    ) {
        if self.generation != 0 {
            let mut all = [0; 5];
            all[..args.len()].copy_from_slice(args);
            all[args.len()] = self.stack_id(stack);
            self.event(at, RUNNING, event_type, &all[..=args.len()]);
        }
    }

    #[inline]
    fn stack_id(&mut self, stack: Option<Stack<'_>>) -> u64 {
        let parity = self.parity();
        stack.map_or(0, |stack| self.tables[parity].stack(stack))
    }

    /// The number of a string in this generation.
    fn string(&mut self, now: Ticks, text: &str) -> u64 {
        let (generation, parity) = (self.generation, self.parity());
        self.tables[parity].string(&mut self.queues, generation, now, text.as_bytes())
    }
}

/// The place of a thread's buffers.
fn place(m: u64) -> usize {
    debug_assert!(m == SYSMON || m < u64::from(u32::MAX));
    usize::try_from(m.wrapping_add(1)).unwrap_or(0)
}

fn parity(generation: u64) -> usize {
    usize::from(generation % 2 == 1)
}
