//! The tracer of Go from 1.22 on, as the runtime calls it (Go: `runtime/traceruntime.go`).

use sigprof_wire::v2::limits::MAX_VARINT_LEN;
use sigprof_wire::v2::{EventType, NO_PROC, NO_THREAD};

use super::buf::Head;
use super::{
    At, Chunk, GRef, GoStatus, Implies, ProcState, Program, RUNNING, Stack, Ticks, V2Tracer,
    parity, procid,
};
use crate::tracer::{BlockReason, GTraceState, RegionMode, Sample, StopReason, Tracer};

/// Of a thread that gets or gives up a P: it has no goroutine, or one in a system call.
const GETS_P: Implies = Implies(GoStatus::Syscall, ProcState::Idle);
const GIVES_UP_P: Implies = Implies(GoStatus::Syscall, ProcState::Running);

impl V2Tracer {
    /// Does as Go's `traceLocker.ProcSteal`: whoever is at `at` takes a P from a system call.
    pub(crate) fn proc_steal(&mut self, at: &At, p: u32) {
        if self.generation == 0 {
            return;
        }
        if self.release.tells_thief_first {
            self.tell(at, RUNNING);
        }
        self.proc_status(at, p, ProcState::Abandoned);
        let generation = self.generation;
        let state = &mut self.ps[p as usize];
        let from = std::mem::replace(&mut state.syscall_m, NO_THREAD);
        let seq = state.resource.next_seq(generation);
        self.event(at, RUNNING, EventType::ProcSteal, &[p.into(), seq, from]);
    }

    /// Does as Go's `traceLocker.GoSysExit`.
    pub(crate) fn go_sys_exit(&mut self, at: &At, lost_p: bool) {
        if lost_p {
            let implies = Implies(GoStatus::Syscall, ProcState::Running);
            self.event(at, implies, EventType::GoSyscallEndBlocked, &[]);
            return;
        }
        if let Some(p) = at.p {
            self.ps[p as usize].syscall_m = NO_THREAD;
        }
        let implies = Implies(GoStatus::Syscall, ProcState::Syscall);
        self.event(at, implies, EventType::GoSyscallEnd, &[]);
    }

    /// Does as Go's `traceLocker.GCActive`.
    pub(crate) fn gc_active(&mut self, at: &At) {
        let seq = self.next_gc();
        self.event(at, RUNNING, EventType::GCActive, &[seq]);
    }

    /// Go: `traceLocker.GoCreate` of a goroutine that waits to be switched to (from 1.23 on).
    pub(crate) fn go_create_blocked(&mut self, at: &At, g: GRef, start: Stack<'_>, by: Stack<'_>) {
        self.create(at, EventType::GoCreateBlocked, g, Some(start), Some(by));
    }

    /// Does as Go's `traceLocker.GoSwitch` (from 1.23 on).
    pub(crate) fn go_switch(&mut self, at: &At, next: GRef, destroys: bool) {
        if self.generation == 0 {
            return;
        }
        self.tell_waiting(at, next);
        let generation = self.generation;
        let seq = self.g(next).resource.next_seq(generation);
        let event_type = if destroys {
            EventType::GoSwitchDestroy
        } else {
            EventType::GoSwitch
        };
        self.event(at, RUNNING, event_type, &[next.id, seq]);
    }

    fn create(
        &mut self,
        at: &At,
        event_type: EventType,
        g: GRef,
        start: Option<Stack<'_>>,
        stack: Option<Stack<'_>>,
    ) {
        if self.generation == 0 {
            return;
        }
        let generation = self.generation;
        self.g(g).resource.acquire(generation);
        let start = self.stack_id(start);
        self.event_with_stack(at, event_type, &[g.id, start], stack);
    }

    /// A goroutine that is about to be woken waits (Go: `emitUnblockStatus`).
    fn tell_waiting(&mut self, at: &At, g: GRef) {
        let generation = self.generation;
        if self.g(g).resource.acquire(generation) {
            self.write_go_status(at, g, NO_THREAD, GoStatus::Waiting);
        }
    }

    fn next_gc(&mut self) -> u64 {
        let seq = self.seq_gc;
        self.seq_gc += u64::from(self.generation != 0);
        seq
    }

    /// An event with a string of the runtime's own, and then a stack.
    #[inline(always)]
    fn event_with_text(
        &mut self,
        at: &At,
        event_type: EventType,
        text: &'static str,
        stack: Option<Stack<'_>>,
    ) {
        if self.generation != 0 {
            let (generation, parity) = (self.generation, self.parity());
            let tables = &mut self.tables[parity];
            let text = tables.own_string(&mut self.queues, generation, at.before, text);
            let stack = self.stack_id(stack);
            self.tell(at, RUNNING);
            self.write(at.m, at.now, event_type, &[text, stack]);
        }
    }
}

impl Tracer for V2Tracer {
    fn start(&mut self) -> bool {
        self.start_first()
    }

    fn read(&mut self, _: &Program, _: Ticks) -> Chunk<'_> {
        self.next_chunk()
    }

    #[inline]
    fn is_enabled(&self) -> bool {
        self.generation != 0
    }

    fn is_awaited(&self) -> bool {
        self.is_shutdown || self.flushed_generation == self.reader_generation
    }

    #[inline]
    fn unread(&self) -> usize {
        self.queues
            .full
            .iter()
            .map(std::collections::VecDeque::len)
            .sum()
    }

    #[inline]
    fn has_work_for_reader(&self) -> bool {
        self.has_chunk()
    }

    fn events(&self) -> u64 {
        self.events
    }

    fn all_events(&self) -> u64 {
        self.events + self.other_events
    }

    fn v2(&mut self) -> Option<&mut V2Tracer> {
        Some(self)
    }

    fn cpu_sample(&mut self, now: Ticks, sample: &Sample<'_>) {
        let generation = sample.generation;
        let parity = parity(generation);
        let stack = self.tables[parity].words(sample.stack);
        let head = Head::of_none(generation);
        let len = 2 + 5 * MAX_VARINT_LEN;
        let (buf, is_new) = self.queues.room(&mut self.cpu[parity], head, now, len);
        if is_new {
            buf.byte(EventType::CPUSamples as u8);
        }
        buf.byte(EventType::CPUSample as u8);
        let p = sample.p.map_or(NO_PROC, u64::from);
        for value in [sample.time.0, sample.procid, p, sample.g, stack] {
            buf.varint(value);
        }
        self.other_events += 1;
    }

    fn proc_start(&mut self, at: &At) {
        let (Some(p), generation) = (at.p, self.generation) else {
            return;
        };
        if generation != 0 {
            self.tell(at, GETS_P);
            let seq = self.ps[p as usize].resource.next_seq(generation);
            self.write(at.m, at.now, EventType::ProcStart, &[p.into(), seq]);
        }
    }

    fn proc_stop(&mut self, at: &At) {
        self.event(at, GIVES_UP_P, EventType::ProcStop, &[]);
    }

    fn gomaxprocs(&mut self, at: &At, procs: u64, stack: Stack<'_>) {
        self.event_with_stack(at, EventType::ProcsChange, &[procs], Some(stack));
    }

    fn gc_start(&mut self, at: &At, _: u64, stack: Stack<'_>) {
        let seq = self.next_gc();
        self.event_with_stack(at, EventType::GCBegin, &[seq], Some(stack));
    }

    fn gc_done(&mut self, at: &At) {
        let seq = self.next_gc();
        self.event(at, RUNNING, EventType::GCEnd, &[seq]);
    }

    fn stw_start(&mut self, at: &At, reason: StopReason, stack: Stack<'_>) {
        let kind = match reason {
            StopReason::MarkTermination => "GC mark termination",
            StopReason::SweepTermination => "GC sweep termination",
            StopReason::StartTrace => "start trace",
            StopReason::Gomaxprocs => "GOMAXPROCS",
        };
        self.event_with_text(at, EventType::STWBegin, kind, Some(stack));
    }

    fn stw_done(&mut self, at: &At) {
        self.event(at, RUNNING, EventType::STWEnd, &[]);
    }

    fn gc_sweep_start(&mut self, at: &At, stack: Stack<'_>) {
        self.event_with_stack(at, EventType::GCSweepBegin, &[], Some(stack));
        if let Some(p) = at.p.filter(|_| self.generation != 0) {
            self.ps[p as usize].in_sweep = true;
        }
    }

    fn gc_sweep_done(&mut self, at: &At, swept: u64, reclaimed: u64) {
        let Some(p) = at.p else { return };
        // One that began before the trace is not told of.
        if self.ps[p as usize].in_sweep {
            let args = [swept, reclaimed];
            self.event(at, RUNNING, EventType::GCSweepEnd, &args);
            self.ps[p as usize].in_sweep = false;
        }
    }

    fn gc_mark_assist_start(&mut self, at: &At, stack: Stack<'_>) {
        self.event_with_stack(at, EventType::GCMarkAssistBegin, &[], Some(stack));
        if let Some(g) = at.g {
            self.g(g).in_assist = true;
        }
    }

    fn gc_mark_assist_done(&mut self, at: &At) {
        self.event(at, RUNNING, EventType::GCMarkAssistEnd, &[]);
        if let Some(g) = at.g {
            self.g(g).in_assist = false;
        }
    }

    fn heap_alloc(&mut self, at: &At, bytes: u64) {
        self.event(at, RUNNING, EventType::HeapAlloc, &[bytes]);
    }

    fn heap_goal(&mut self, at: &At, bytes: u64) {
        self.event(at, RUNNING, EventType::HeapGoal, &[bytes]);
    }

    fn go_create(&mut self, at: &At, g: GRef, start: Option<Stack<'_>>, stack: Option<Stack<'_>>) {
        self.create(at, EventType::GoCreate, g, start, stack);
    }

    #[inline]
    fn go_start(&mut self, at: &At, g: &mut GTraceState, mode: Option<&str>) {
        g.last_p = at.p;
        if self.generation == 0 {
            return;
        }
        let implies = Implies(GoStatus::Runnable, ProcState::Running);
        self.tell(at, implies);
        let (of, generation) = (g.of(), self.generation);
        let seq = self.g(of).resource.next_seq(generation);
        self.write(at.m, at.now, EventType::GoStart, &[of.id, seq]);
        if let Some(mode) = mode {
            let label = self.string(at.before, mode);
            self.event(at, implies, EventType::GoLabel, &[label]);
        }
    }

    fn go_end(&mut self, at: &At) {
        self.event(at, RUNNING, EventType::GoDestroy, &[]);
    }

    #[inline(always)]
    fn go_sched(&mut self, at: &At, stack: Option<Stack<'_>>) {
        self.event_with_text(at, EventType::GoStop, "runtime.Gosched", stack);
    }

    fn go_preempt(&mut self, at: &At, stack: Stack<'_>) {
        self.event_with_text(at, EventType::GoStop, "preempted", Some(stack));
    }

    fn go_park(&mut self, at: &At, reason: BlockReason, stack: Stack<'_>) {
        let reason = match reason {
            BlockReason::Generic => "unspecified",
            BlockReason::Forever => "forever",
            BlockReason::Net => "network",
            BlockReason::Select => "select",
            BlockReason::CondWait => "sync.(*Cond).Wait",
            BlockReason::Sync => "sync",
            BlockReason::ChanSend => "chan send",
            BlockReason::ChanReceive => "chan receive",
            BlockReason::GcMarkAssist => "GC mark assist wait for work",
            BlockReason::SystemGoroutine => "system goroutine wait",
            BlockReason::Sleep => "sleep",
        };
        self.event_with_text(at, EventType::GoBlock, reason, Some(stack));
    }

    fn go_unpark(&mut self, at: &At, g: &mut GTraceState, stack: Option<Stack<'_>>) {
        g.last_p = at.p;
        if self.generation == 0 {
            return;
        }
        let (of, generation) = (g.of(), self.generation);
        self.tell_waiting(at, of);
        self.tell(at, RUNNING);
        let seq = self.g(of).resource.next_seq(generation);
        self.event_with_stack(at, EventType::GoUnblock, &[of.id, seq], stack);
    }

    fn go_sys_call(&mut self, at: &At, stack: Stack<'_>) {
        let (Some(p), generation) = (at.p, self.generation) else {
            return;
        };
        if generation != 0 {
            self.tell(at, RUNNING);
            let state = &mut self.ps[p as usize];
            state.syscall_m = procid(at.m);
            let seq = state.resource.next_seq(generation);
            self.event_with_stack(at, EventType::GoSyscallBegin, &[seq], Some(stack));
        }
    }

    fn user_task_create(&mut self, at: &At, task: u64, name: &str, stack: Stack<'_>) {
        if self.generation != 0 {
            let name = self.string(at.before, name);
            self.event_with_stack(at, EventType::UserTaskBegin, &[task, 0, name], Some(stack));
        }
    }

    fn user_task_end(&mut self, at: &At, task: u64, stack: Stack<'_>) {
        self.event_with_stack(at, EventType::UserTaskEnd, &[task], Some(stack));
    }

    fn user_region(&mut self, at: &At, task: u64, mode: RegionMode, name: &str, stack: Stack<'_>) {
        let event_type = match mode {
            RegionMode::Start => EventType::UserRegionBegin,
            RegionMode::End => EventType::UserRegionEnd,
        };
        if self.generation != 0 {
            let name = self.string(at.before, name);
            self.event_with_stack(at, event_type, &[task, name], Some(stack));
        }
    }

    fn user_log(&mut self, at: &At, task: u64, message: &str, stack: Stack<'_>) {
        if self.generation != 0 {
            let category = self.string(at.before, "category");
            let (generation, parity) = (self.generation, self.parity());
            let tables = &mut self.tables[parity];
            let message =
                tables.unique(&mut self.queues, generation, at.before, message.as_bytes());
            let args = [task, category, message];
            self.event_with_stack(at, EventType::UserLog, &args, Some(stack));
        }
    }
}
