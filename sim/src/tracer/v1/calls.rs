//! The tracer of Go until 1.21, as the runtime calls it (Go: `runtime/trace.go`; R60 to R63).

use sigprof_wire::FormatVersion;
use sigprof_wire::limits::NO_P;
use sigprof_wire::v1::EventType;

use super::{Chunk, Lane, RuntimeTracer, Ticks};
use crate::program::{Program, Stack};
use crate::tracer::{At, BlockReason, GRef, GTraceState, RegionMode, Sample, StopReason, Tracer};

/// The tracer of the v1 format.
#[derive(Debug)]
pub(crate) struct V1Tracer {
    v1: RuntimeTracer,
    /// By the number of a stack in its program: its number in the trace, or 0.
    stack_ids: Vec<u64>,
    /// Events of this trace, without samples.
    events: u64,
    /// Events of all traces, with samples.
    all_events: u64,
}

impl At {
    fn lane(self) -> Lane {
        self.p.map_or(Lane::NoP, Lane::P)
    }
}

impl V1Tracer {
    /// A tracer of a format that a revision has, for that many Ps.
    pub(crate) fn new(version: FormatVersion, procs: usize) -> Self {
        Self {
            v1: RuntimeTracer::of_revision(version, procs),
            stack_ids: Vec::new(),
            events: 0,
            all_events: 0,
        }
    }

    /// Stops the trace, which lasted that long.
    pub(crate) fn stop(&mut self, ticks: u64, nanos: u64) {
        self.v1.stop(ticks, nanos);
    }

    /// The tracer as who reads the trace asks it.
    pub(crate) fn reader(&self) -> &RuntimeTracer {
        &self.v1
    }

    /// Go: `StartTrace` in 1.21, which writes the goal of the heap; 1.19's does not.
    pub(crate) fn heap_goal_at_start(&self) -> bool {
        self.is_1_21()
    }

    /// Go: `StartTrace`, for a goroutine that waits.
    pub(crate) fn go_waiting(&mut self, at: &At, g: &mut GTraceState) {
        g.next_seq();
        self.event(at, EventType::GoWaiting, &[g.id]);
    }

    /// Go: `StartTrace`, for a goroutine in a system call.
    pub(crate) fn go_in_syscall(&mut self, at: &At, g: &mut GTraceState) {
        g.next_seq();
        self.event(at, EventType::GoInSyscall, &[g.id]);
    }

    /// Does as Go's `traceGoSysBlock`.
    pub(crate) fn go_sys_block(&mut self, at: &At) {
        self.event(at, EventType::GoSysBlock, &[]);
    }

    /// Go: `traceGoSysExit`; `ticks` are 0 where the exit is this moment.
    pub(crate) fn go_sys_exit(&mut self, at: &At, g: &mut GTraceState, ticks: u64) {
        let seq = g.next_seq();
        g.last_p = at.p;
        self.event(at, EventType::GoSysExit, &[g.id, seq, ticks]);
    }

    /// Writes strings that no event of this moment names.
    pub(crate) fn strings(&mut self, at: &At, texts: &[&str]) {
        for text in texts {
            self.string(at, text);
        }
    }

    fn is_1_21(&self) -> bool {
        self.v1.version() >= FormatVersion::GO_1_21
    }

    fn event(&mut self, at: &At, event_type: EventType, args: &[u64]) {
        if self.is_enabled() {
            self.v1.event(at.lane(), at.now, event_type, args);
            self.events += 1;
            self.all_events += 1;
        }
    }

    /// An event with a stack, or with none where a scheduler writes it.
    fn event_with_stack(
        &mut self,
        at: &At,
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

    fn string(&mut self, at: &At, text: &str) -> u64 {
        self.v1.string(at.lane(), at.before, text).0
    }
}

impl Tracer for V1Tracer {
    fn start(&mut self) -> bool {
        let is_started = self.v1.start();
        if is_started {
            self.stack_ids.clear();
            self.events = 0;
        }
        is_started
    }

    fn read(&mut self, program: &Program, now: Ticks) -> Chunk<'_> {
        self.v1.read(program, now)
    }

    fn is_enabled(&self) -> bool {
        self.v1.is_enabled()
    }

    fn is_awaited(&self) -> bool {
        self.v1.is_shutdown()
    }

    fn unread(&self) -> usize {
        self.v1.unread()
    }

    fn has_work_for_reader(&self) -> bool {
        self.v1.has_work_for_reader()
    }

    fn events(&self) -> u64 {
        self.events
    }

    fn all_events(&self) -> u64 {
        self.all_events
    }

    fn v1(&mut self) -> Option<&mut V1Tracer> {
        Some(self)
    }

    fn proc_start(&mut self, at: &At) {
        self.event(at, EventType::ProcStart, &[at.m]);
    }

    fn proc_stop(&mut self, at: &At) {
        self.event(at, EventType::ProcStop, &[]);
    }

    fn gomaxprocs(&mut self, at: &At, procs: u64, stack: Stack<'_>) {
        self.event_with_stack(at, EventType::Gomaxprocs, &[procs], Some(stack));
    }

    fn gc_start(&mut self, at: &At, cycle: u64, stack: Stack<'_>) {
        self.event_with_stack(at, EventType::GCStart, &[cycle], Some(stack));
    }

    fn gc_done(&mut self, at: &At) {
        self.event(at, EventType::GCDone, &[]);
    }

    // 1.21 numbers the reasons otherwise: 1.19's mark termination is its "unknown".
    fn stw_start(&mut self, at: &At, reason: StopReason, _: Stack<'_>) {
        let kind = match (reason, self.is_1_21()) {
            (StopReason::MarkTermination, false) => 0,
            (StopReason::MarkTermination, true) | (StopReason::SweepTermination, false) => 1,
            (StopReason::SweepTermination, true) => 2,
            // Not told until Go 1.21.
            (StopReason::StartTrace | StopReason::Gomaxprocs, _) => return,
        };
        self.event(at, EventType::GCSTWStart, &[kind]);
    }

    fn stw_done(&mut self, at: &At) {
        self.event(at, EventType::GCSTWDone, &[]);
    }

    fn gc_sweep_start(&mut self, at: &At, stack: Stack<'_>) {
        self.event_with_stack(at, EventType::GCSweepStart, &[], Some(stack));
    }

    fn gc_sweep_done(&mut self, at: &At, swept: u64, reclaimed: u64) {
        self.event(at, EventType::GCSweepDone, &[swept, reclaimed]);
    }

    fn gc_mark_assist_start(&mut self, at: &At, stack: Stack<'_>) {
        self.event_with_stack(at, EventType::GCMarkAssistStart, &[], Some(stack));
    }

    fn gc_mark_assist_done(&mut self, at: &At) {
        self.event(at, EventType::GCMarkAssistDone, &[]);
    }

    fn heap_alloc(&mut self, at: &At, bytes: u64) {
        self.event(at, EventType::HeapAlloc, &[bytes]);
    }

    fn heap_goal(&mut self, at: &At, bytes: u64) {
        self.event(at, EventType::HeapGoal, &[bytes]);
    }

    fn go_create(&mut self, at: &At, g: GRef, start: Option<Stack<'_>>, stack: Option<Stack<'_>>) {
        if self.is_enabled() {
            let start = self.stack_id(start);
            self.event_with_stack(at, EventType::GoCreate, &[g.id, start], stack);
        }
    }

    fn go_start(&mut self, at: &At, g: &mut GTraceState, mode: Option<&str>) {
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

    fn go_end(&mut self, at: &At) {
        self.event(at, EventType::GoEnd, &[]);
    }

    fn go_sched(&mut self, at: &At, stack: Option<Stack<'_>>) {
        self.event_with_stack(at, EventType::GoSched, &[], stack);
    }

    fn go_preempt(&mut self, at: &At, stack: Stack<'_>) {
        self.event_with_stack(at, EventType::GoPreempt, &[], Some(stack));
    }

    fn go_park(&mut self, at: &At, reason: BlockReason, stack: Stack<'_>) {
        let event_type = match reason {
            BlockReason::Generic | BlockReason::SystemGoroutine => EventType::GoBlock,
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

    fn go_unpark(&mut self, at: &At, g: &mut GTraceState, stack: Option<Stack<'_>>) {
        let seq = g.next_seq();
        if g.last_p == at.p {
            self.event_with_stack(at, EventType::GoUnblockLocal, &[g.id], stack);
        } else {
            g.last_p = at.p;
            self.event_with_stack(at, EventType::GoUnblock, &[g.id, seq], stack);
        }
    }

    fn go_sys_call(&mut self, at: &At, stack: Stack<'_>) {
        self.event_with_stack(at, EventType::GoSysCall, &[], Some(stack));
    }

    fn user_task_create(&mut self, at: &At, task: u64, name: &str, stack: Stack<'_>) {
        if self.is_enabled() {
            let name = self.string(at, name);
            self.event_with_stack(at, EventType::UserTaskCreate, &[task, 0, name], Some(stack));
        }
    }

    fn user_task_end(&mut self, at: &At, task: u64, stack: Stack<'_>) {
        self.event_with_stack(at, EventType::UserTaskEnd, &[task], Some(stack));
    }

    fn user_region(&mut self, at: &At, task: u64, mode: RegionMode, name: &str, stack: Stack<'_>) {
        if self.is_enabled() {
            let name = self.string(at, name);
            let args = [task, u64::from(mode == RegionMode::End), name];
            self.event_with_stack(at, EventType::UserRegion, &args, Some(stack));
        }
    }

    fn user_log(&mut self, at: &At, task: u64, message: &str, stack: Stack<'_>) {
        if self.is_enabled() {
            let category = self.string(at, "category");
            let args = [task, category, self.stack_id(Some(stack))];
            self.v1.user_log(at.lane(), at.now, args, message);
            self.events += 1;
            self.all_events += 1;
        }
    }

    fn cpu_sample(&mut self, now: Ticks, sample: &Sample<'_>) {
        let stack = self.v1.stack(sample.stack).0;
        let p = sample.p.map_or(NO_P, u64::from);
        let args = [sample.time.0, p, sample.g, stack];
        self.v1
            .event(Lane::Samples, now, EventType::CPUSample, &args);
        self.all_events += 1;
    }
}
