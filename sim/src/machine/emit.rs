//! Events (Go: `runtime/trace.go`, the functions `traceGoStart`, `traceGoUnpark` and so on).

use sigprof_model::backend::Backend;
use sigprof_model::events::EventType;

use super::Machine;
use super::state::{G, GIdx, Role};
use crate::program::StackRef;
use crate::tracer::{Lane, Ticks};

impl<B: Backend> Machine<'_, B> {
    /// Writes an event without a stack, if a trace is on.
    pub(super) fn emit(&mut self, lane: Lane, event_type: EventType, args: &[u64]) {
        if !self.tracer.is_enabled() {
            return;
        }
        let now = self.tick();
        let now = self.skewed(lane, now);
        self.tracer.event(lane, now, event_type, args);
        self.count_event();
    }

    /// What the clock of the lane's P says at that moment.
    fn skewed(&self, lane: Lane, now: Ticks) -> Ticks {
        match lane {
            Lane::P(p) => Ticks(now.0 + u64::from(p) * self.plan.skew_ticks),
            Lane::NoP | Lane::Samples => now,
        }
    }

    fn count_event(&mut self) {
        self.events += 1;
        if let Some(trace) = self.traces.last_mut() {
            trace.events += 1;
        }
    }

    /// With a stack, or none where a scheduler writes it.
    pub(super) fn emit_with_stack(
        &mut self,
        lane: Lane,
        event_type: EventType,
        args: &[u64],
        stack: Option<StackRef>,
    ) {
        if !self.tracer.is_enabled() {
            return;
        }
        let mut all = [0; 4];
        all[..args.len()].copy_from_slice(args);
        all[args.len()] = stack.map_or(0, |stack| self.stack_id(stack));
        self.emit(lane, event_type, &all[..=args.len()]);
    }

    /// An event of the P's goroutine, with its stack.
    pub(super) fn emit_of(&mut self, p: u32, g: GIdx, event_type: EventType, args: &[u64]) {
        let stack = self.gs[g].event_stack;
        self.emit_with_stack(Lane::P(p), event_type, args, Some(stack));
    }

    pub(super) fn stack_id(&mut self, stack: StackRef) -> u64 {
        let at = stack.0 as usize;
        if self.stack_ids[at] == 0 {
            self.stack_ids[at] = self.tracer.stack(&self.layout.stacks[at]).0;
        }
        self.stack_ids[at]
    }

    pub(super) fn string(&mut self, lane: Lane, text: &str) -> u64 {
        if !self.tracer.is_enabled() {
            return 0;
        }
        let now = self.skewed(lane, self.ticks());
        self.tracer.string(lane, now, text).0
    }

    pub(super) fn emit_log(&mut self, p: u32, g: GIdx, message: &str) {
        if !self.tracer.is_enabled() {
            return;
        }
        let category = self.string(Lane::P(p), "category");
        let stack = self.gs[g].event_stack;
        let args = [self.gs[g].task.unwrap_or(0), category, self.stack_id(stack)];
        let now = self.tick();
        let now = self.skewed(Lane::P(p), now);
        self.tracer.user_log(Lane::P(p), now, args, message);
        self.count_event();
    }

    /// Go: `traceGoStart`.
    pub(super) fn emit_start(&mut self, p: u32, g: GIdx) {
        self.gs[g].seq += 1;
        let G {
            id,
            seq,
            last_p,
            role,
            ..
        } = self.gs[g];
        if role == Role::Collector && self.gc.is_marking() {
            let mode = self.gc.mode(p);
            let label = self.string(Lane::P(p), mode);
            self.emit(Lane::P(p), EventType::GoStartLabel, &[id, seq, label]);
        } else if last_p == Some(p) {
            self.emit(Lane::P(p), EventType::GoStartLocal, &[id]);
        } else {
            self.gs[g].last_p = Some(p);
            self.emit(Lane::P(p), EventType::GoStart, &[id, seq]);
        }
    }

    /// Go: `traceGoUnpark`; by a goroutine, or by a scheduler, which has no stack.
    pub(super) fn emit_unblock(&mut self, lane: Lane, g: GIdx, by: Option<GIdx>) {
        let stack = by.map(|by| self.gs[by].event_stack);
        self.gs[g].seq += 1;
        let (id, seq) = (self.gs[g].id, self.gs[g].seq);
        let p = match lane {
            Lane::P(p) => Some(p),
            Lane::NoP | Lane::Samples => None,
        };
        if self.gs[g].last_p == p {
            self.emit_with_stack(lane, EventType::GoUnblockLocal, &[id], stack);
        } else {
            self.gs[g].last_p = p;
            self.emit_with_stack(lane, EventType::GoUnblock, &[id, seq], stack);
        }
    }

    /// Go: `traceGoSysExit`, on a P; `ticks` are 0 where the exit is this moment.
    pub(super) fn emit_syscall_exit(&mut self, p: u32, g: GIdx, ticks: u64) {
        self.gs[g].seq += 1;
        self.gs[g].last_p = Some(p);
        let (id, seq) = (self.gs[g].id, self.gs[g].seq);
        self.emit(Lane::P(p), EventType::GoSysExit, &[id, seq, ticks]);
    }
}
