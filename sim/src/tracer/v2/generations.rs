//! Generations begin and end (Go: `StartTrace`, `traceAdvance`).

use sigprof_wire::v2::EventType;
use sigprof_wire::v2::limits::MAX_VARINT_LEN;

use super::buf::Head;
use super::{
    At, GRef, GoStatus, ProcState, Program, Stack, TICKS_PER_SECOND, Ticks, V2Tracer, WORKER_MODES,
    parity, procid,
};

/// Reasons for which a goroutine waits (Go: `traceBlockReasonStrings`).
const BLOCK_REASONS: [&str; 17] = [
    "unspecified",
    "forever",
    "network",
    "select",
    "sync.(*Cond).Wait",
    "sync",
    "chan send",
    "chan receive",
    "GC mark assist wait for work",
    "GC background sweeper wait",
    "system goroutine wait",
    "preempted",
    "wait for debug call",
    "wait until GC ends",
    "sleep",
    "GC weak to strong wait",
    "synctest",
];

/// Reasons that 1.22 has of these; the last came in 1.24.
const BLOCK_REASONS_1_22: usize = 15;

/// Reasons for which a goroutine gives way (Go: `traceGoStopReasonStrings`).
const STOP_REASONS: [&str; 3] = ["unspecified", "runtime.Gosched", "preempted"];

/// A goroutine that did nothing in a generation, as it was found when that ended.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Untraced<'a> {
    /// The goroutine itself.
    pub(crate) g: GRef,
    /// The thread that it is on.
    pub(crate) m: Option<u64>,
    /// The status as it was found.
    pub(crate) status: GoStatus,
    /// The stack as it was found.
    pub(crate) stack: Option<Stack<'a>>,
}

impl V2Tracer {
    /// Whether Ps that did nothing are told as a generation ends, and not as the next begins; the
    /// start of a trace then tells of the starter's alone.
    pub(crate) fn tells_procs_at_end(&self) -> bool {
        self.release.tells_procs_at_end
    }

    /// Begins with the first generation of a trace.
    pub(super) fn start_first(&mut self) -> bool {
        if self.generation != 0 || self.is_shutdown {
            return false;
        }
        self.last += 1;
        self.generation = self.last;
        self.reader_generation = self.generation;
        self.flushed_generation = 0;
        self.is_header_written = false;
        self.is_end_told = false;
        self.seq_gc = 1;
        self.other_events += std::mem::take(&mut self.events);
        for p in &mut self.ps {
            p.syscall_m = sigprof_wire::v2::NO_THREAD;
            p.in_sweep = false;
        }
        true
    }

    /// Writes the names of modes and reasons into the strings of the generation that is written,
    /// or of the next one (Go: `traceRegisterLabelsAndReasons`).
    pub(crate) fn register(&mut self, now: Ticks, is_next: bool) {
        let generation = self.generation + u64::from(is_next);
        let reasons = if self.release.has_later_reasons {
            BLOCK_REASONS.len()
        } else {
            BLOCK_REASONS_1_22
        };
        let all = WORKER_MODES
            .iter()
            .chain(&BLOCK_REASONS[..reasons])
            .chain(&STOP_REASONS);
        for text in all {
            let tables = &mut self.tables[parity(generation)];
            tables.string(&mut self.queues, generation, now, text.as_bytes());
        }
    }

    /// Writes what comes before a generation is over: the names of the next one, and, up to 1.24,
    /// the frequency of the trace clock, in a batch of its own (Go: `traceFrequency`).
    pub(crate) fn before_switch(&mut self, now: Ticks, stops: bool) {
        if !stops {
            self.register(now, true);
        }
        if self.release.has_snapshots {
            return;
        }
        let head = Head::of_none(self.generation);
        let mut buf = None;
        let (out, _) = self.queues.room(&mut buf, head, now, 1 + MAX_VARINT_LEN);
        out.byte(EventType::Frequency as u8);
        out.varint(TICKS_PER_SECOND);
        self.queues.flush(&mut buf, self.generation);
    }

    /// Writes the frequency and what the clocks show at this moment, from 1.25 on (Go:
    /// `traceSyncBatch`).
    pub(crate) fn sync(&mut self, now: Ticks, mono_ns: u64, unix_ns: u64) {
        if !self.release.has_snapshots {
            return;
        }
        let head = Head::of_none(self.generation);
        let mut buf = None;
        let len = 3 + 5 * MAX_VARINT_LEN;
        let (out, _) = self.queues.room(&mut buf, head, now, len);
        out.byte(EventType::Sync as u8);
        out.byte(EventType::Frequency as u8);
        out.varint(TICKS_PER_SECOND);
        let second = 1_000_000_000;
        // The event is a tick behind its batch, as any is that is written in the same tick.
        out.byte(EventType::ClockSnapshot as u8);
        for value in [1, mono_ns, unix_ns / second, unix_ns % second] {
            out.varint(value);
        }
        self.queues.flush(&mut buf, self.generation);
    }

    /// Writes the status of a P, unless this generation has it (Go: `writeProcStatusForP`).
    pub(crate) fn proc_status(&mut self, at: &At, p: u32, status: ProcState) {
        if self.ps[p as usize].resource.acquire(self.generation) {
            self.write_proc_status(at, p, status);
        }
    }

    /// Whether this generation has something of the goroutine.
    pub(crate) fn is_told(&mut self, g: GRef) -> bool {
        let generation = self.generation;
        self.g(g).resource.told_in == generation
    }

    /// The next generation begins, or the trace is over; returns the old one. The buffers of the
    /// old one are still to be flushed.
    pub(crate) fn switch(&mut self, stops: bool) -> u64 {
        let old = self.generation;
        if stops {
            self.is_shutdown = true;
            self.generation = 0;
        } else {
            self.last += 1;
            self.generation = self.last;
        }
        old
    }

    /// Flushes what threads wrote in a generation that is over, the newest thread first.
    pub(crate) fn flush_threads(&mut self, generation: u64) {
        for bufs in self.ms.iter_mut().rev() {
            self.queues.flush(&mut bufs[parity(generation)], generation);
        }
    }

    /// Writes the statuses of goroutines that did nothing in a generation that is over, in the
    /// batch of no thread.
    pub(crate) fn untraced(&mut self, generation: u64, now: Ticks, all: &[Untraced<'_>]) {
        let has_stacks = self.release.has_stacks_of_idle;
        let head = Head::of_none(generation);
        let mut buf = None;
        for untraced in all {
            let m = untraced.m.map_or(sigprof_wire::v2::NO_THREAD, procid);
            let (id, status) = (untraced.g.id, untraced.status.number());
            let queues = &mut self.queues;
            match untraced.stack.filter(|_| has_stacks) {
                Some(stack) => {
                    let stack = self.tables[parity(generation)].stack(stack);
                    let args = [id, m, status, stack];
                    queues.event(&mut buf, head, now, EventType::GoStatusStack, &args);
                }
                None => {
                    queues.event(&mut buf, head, now, EventType::GoStatus, &[id, m, status]);
                }
            }
            self.events += 1;
            if self.g(untraced.g).in_assist {
                let queues = &mut self.queues;
                queues.event(&mut buf, head, now, EventType::GCMarkAssistActive, &[id]);
                self.events += 1;
            }
        }
        self.queues.flush(&mut buf, generation);
    }

    /// Writes samples and tables of a generation that is over; the reader may have it.
    pub(crate) fn finish(&mut self, generation: u64, now: Ticks, program: &Program) {
        let parity = parity(generation);
        self.queues.flush(&mut self.cpu[parity], generation);
        let tables = &mut self.tables[parity];
        tables.flush(&mut self.queues, generation, now, program);
        self.flushed_generation = generation;
    }
}
