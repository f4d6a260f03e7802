//! The `traceXxx` functions of Go's runtime (Go: `runtime/trace.go`; R60 to R63).

use sigprof_wire::limits::NO_P;
use sigprof_wire::v1::EventType;

use super::{At, BlockReason, GTraceState, Lane, RegionMode, StopReason, Ticks, Tracer};
use crate::program::Stack;

/// Ps, the world and memory.
impl Tracer {
    /// Does as Go's `traceProcStart`.
    pub(crate) fn proc_start(&mut self, at: At) {
        self.event(at, EventType::ProcStart, &[at.m]);
    }

    /// Does as Go's `traceProcStop`.
    pub(crate) fn proc_stop(&mut self, at: At) {
        self.event(at, EventType::ProcStop, &[]);
    }

    /// Does as Go's `traceGomaxprocs`.
    pub(crate) fn gomaxprocs(&mut self, at: At, procs: u64, stack: Stack<'_>) {
        self.event_with_stack(at, EventType::Gomaxprocs, &[procs], Some(stack));
    }

    /// Does as Go's `traceGCStart`.
    pub(crate) fn gc_start(&mut self, at: At, cycle: u64, stack: Stack<'_>) {
        self.event_with_stack(at, EventType::GCStart, &[cycle], Some(stack));
    }

    /// Does as Go's `traceGCDone`.
    pub(crate) fn gc_done(&mut self, at: At) {
        self.event(at, EventType::GCDone, &[]);
    }

    /// Go: `traceGCSTWStart`, from 1.21 on `traceSTWStart`. 1.21 numbers the reasons otherwise:
    /// 1.19's mark termination is its "unknown".
    pub(crate) fn stw_start(&mut self, at: At, reason: StopReason) {
        let kind = match (reason, self.is_1_21()) {
            (StopReason::MarkTermination, false) => 0,
            (StopReason::MarkTermination, true) | (StopReason::SweepTermination, false) => 1,
            (StopReason::SweepTermination, true) => 2,
        };
        self.event(at, EventType::GCSTWStart, &[kind]);
    }

    /// Go: `traceGCSTWDone`, from 1.21 on `traceSTWDone`.
    pub(crate) fn stw_done(&mut self, at: At) {
        self.event(at, EventType::GCSTWDone, &[]);
    }

    /// Does as Go's `traceGCSweepStart`.
    pub(crate) fn gc_sweep_start(&mut self, at: At, stack: Stack<'_>) {
        self.event_with_stack(at, EventType::GCSweepStart, &[], Some(stack));
    }

    /// Does as Go's `traceGCSweepDone`.
    pub(crate) fn gc_sweep_done(&mut self, at: At, swept: u64, reclaimed: u64) {
        self.event(at, EventType::GCSweepDone, &[swept, reclaimed]);
    }

    /// Does as Go's `traceGCMarkAssistStart`.
    pub(crate) fn gc_mark_assist_start(&mut self, at: At, stack: Stack<'_>) {
        self.event_with_stack(at, EventType::GCMarkAssistStart, &[], Some(stack));
    }

    /// Does as Go's `traceGCMarkAssistDone`.
    pub(crate) fn gc_mark_assist_done(&mut self, at: At) {
        self.event(at, EventType::GCMarkAssistDone, &[]);
    }

    /// Does as Go's `traceHeapAlloc`.
    pub(crate) fn heap_alloc(&mut self, at: At, bytes: u64) {
        self.event(at, EventType::HeapAlloc, &[bytes]);
    }

    /// Does as Go's `traceHeapGoal`.
    pub(crate) fn heap_goal(&mut self, at: At, bytes: u64) {
        self.event(at, EventType::HeapGoal, &[bytes]);
    }

    /// Go: `StartTrace` in 1.21, which writes the goal of the heap; 1.19's does not.
    pub(crate) fn heap_goal_at_start(&self) -> bool {
        self.is_1_21()
    }
}

/// Life of goroutines.
impl Tracer {
    /// Does as Go's `traceGoCreate`.
    pub(crate) fn go_create(
        &mut self,
        at: At,
        id: u64,
        start: Option<Stack<'_>>,
        stack: Option<Stack<'_>>,
    ) {
        if self.is_enabled() {
            let start = self.stack_id(start);
            self.event_with_stack(at, EventType::GoCreate, &[id, start], stack);
        }
    }

    /// Go: `StartTrace`, for a goroutine that waits.
    pub(crate) fn go_waiting(&mut self, at: At, g: &mut GTraceState) {
        g.next_seq();
        self.event(at, EventType::GoWaiting, &[g.id]);
    }

    /// Go: `StartTrace`, for a goroutine in a system call.
    pub(crate) fn go_in_syscall(&mut self, at: At, g: &mut GTraceState) {
        g.next_seq();
        self.event(at, EventType::GoInSyscall, &[g.id]);
    }

    /// Go: `traceGoStart`, with the mode of a collector's worker.
    pub(crate) fn go_start(&mut self, at: At, g: &mut GTraceState, mode: Option<&str>) {
        let seq = g.next_seq();
        if let Some(mode) = mode {
            if self.is_enabled() {
                let label = self.string(at, mode);
                self.event(at, EventType::GoStartLabel, &[g.id, seq, label]);
            }
        } else if g.last_p == at.p {
            self.event(at, EventType::GoStartLocal, &[g.id]);
        } else {
            g.last_p = at.p;
            self.event(at, EventType::GoStart, &[g.id, seq]);
        }
    }

    /// Does as Go's `traceGoEnd`.
    pub(crate) fn go_end(&mut self, at: At) {
        self.event(at, EventType::GoEnd, &[]);
    }

    /// Does as Go's `traceGoSched`.
    pub(crate) fn go_sched(&mut self, at: At, stack: Option<Stack<'_>>) {
        self.event_with_stack(at, EventType::GoSched, &[], stack);
    }

    /// Does as Go's `traceGoPreempt`.
    pub(crate) fn go_preempt(&mut self, at: At, stack: Stack<'_>) {
        self.event_with_stack(at, EventType::GoPreempt, &[], Some(stack));
    }

    /// Does as Go's `traceGoPark`.
    pub(crate) fn go_park(&mut self, at: At, reason: BlockReason, stack: Stack<'_>) {
        let event_type = match reason {
            BlockReason::Generic => EventType::GoBlock,
            BlockReason::Forever => EventType::GoStop,
            BlockReason::Net => EventType::GoBlockNet,
            BlockReason::Select => EventType::GoBlockSelect,
            BlockReason::CondWait => EventType::GoBlockCond,
            BlockReason::Sync => EventType::GoBlockSync,
            BlockReason::ChanSend => EventType::GoBlockSend,
            BlockReason::ChanReceive => EventType::GoBlockRecv,
            BlockReason::GcMarkAssist => EventType::GoBlockGC,
            BlockReason::Sleep => EventType::GoSleep,
        };
        self.event_with_stack(at, event_type, &[], Some(stack));
    }

    /// Go: `traceGoUnpark`; by a goroutine, or by a scheduler, which has no stack.
    pub(crate) fn go_unpark(&mut self, at: At, g: &mut GTraceState, stack: Option<Stack<'_>>) {
        let seq = g.next_seq();
        if g.last_p == at.p {
            self.event_with_stack(at, EventType::GoUnblockLocal, &[g.id], stack);
        } else {
            g.last_p = at.p;
            self.event_with_stack(at, EventType::GoUnblock, &[g.id, seq], stack);
        }
    }

    /// Does as Go's `traceGoSysCall`.
    pub(crate) fn go_sys_call(&mut self, at: At, stack: Stack<'_>) {
        self.event_with_stack(at, EventType::GoSysCall, &[], Some(stack));
    }

    /// Does as Go's `traceGoSysBlock`.
    pub(crate) fn go_sys_block(&mut self, at: At) {
        self.event(at, EventType::GoSysBlock, &[]);
    }

    /// Go: `traceGoSysExit`; `ticks` are 0 where the exit is this moment.
    pub(crate) fn go_sys_exit(&mut self, at: At, g: &mut GTraceState, ticks: u64) {
        let seq = g.next_seq();
        g.last_p = at.p;
        self.event(at, EventType::GoSysExit, &[g.id, seq, ticks]);
    }
}

/// Events of the program itself, and of the profiler.
impl Tracer {
    /// Does as Go's `trace_userTaskCreate`.
    pub(crate) fn user_task_create(&mut self, at: At, task: u64, name: &str, stack: Stack<'_>) {
        if self.is_enabled() {
            let name = self.string(at, name);
            self.event_with_stack(at, EventType::UserTaskCreate, &[task, 0, name], Some(stack));
        }
    }

    /// Does as Go's `trace_userTaskEnd`.
    pub(crate) fn user_task_end(&mut self, at: At, task: u64, stack: Stack<'_>) {
        self.event_with_stack(at, EventType::UserTaskEnd, &[task], Some(stack));
    }

    /// Does as Go's `trace_userRegion`.
    pub(crate) fn user_region(
        &mut self,
        at: At,
        task: u64,
        mode: RegionMode,
        name: &str,
        stack: Stack<'_>,
    ) {
        if self.is_enabled() {
            let name = self.string(at, name);
            let args = [task, u64::from(mode == RegionMode::End), name];
            self.event_with_stack(at, EventType::UserRegion, &args, Some(stack));
        }
    }

    /// Does as Go's `trace_userLog`.
    pub(crate) fn user_log(&mut self, at: At, task: u64, message: &str, stack: Stack<'_>) {
        if self.is_enabled() {
            let category = self.string(at, "category");
            let args = [task, category, self.stack_id(Some(stack))];
            self.v1.user_log(at.lane(), at.now, args, message);
            self.events += 1;
            self.all_events += 1;
        }
    }

    /// Go: `traceReadCPU`, for a sample that was taken at `time`.
    pub(crate) fn cpu_sample(
        &mut self,
        now: Ticks,
        time: Ticks,
        p: Option<u32>,
        g: u64,
        stack: &[u64],
    ) {
        let stack = self.v1.stack(stack).0;
        let args = [time.0, p.map_or(NO_P, u64::from), g, stack];
        self.v1
            .event(Lane::Samples, now, EventType::CPUSample, &args);
        self.all_events += 1;
    }
}
