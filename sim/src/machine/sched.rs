//! The scheduler: who runs next (Go: `runtime/proc.go`, `schedule`, `findRunnable`, `execute`,
//! `wakep`, `stoplockedm`, `startlockedm`).

use sigprof_model::backend::Backend;
use sigprof_model::m;

use super::Machine;
use super::state::{Due, G, GIdx, M, Role, Running, Status, Wait};
use crate::tracer::{BlockReason, GTraceState, Tracer, procid};

/// Nanoseconds of a look for work.
const SCHEDULE_NS: u64 = 1_500;

/// Nanoseconds after which a goroutine is preempted (Go: `forcePreemptNS`).
pub(super) const SLICE_NS: u64 = 10_000_000;

/// The global queue comes first once in so many rounds (Go: `schedtick % 61`).
const GLOBAL_ROUNDS: u32 = 61;

impl<B: Backend, T: Tracer> Machine<'_, B, T> {
    /// The P's goroutine or scheduler does the next thing.
    pub(super) fn step(&mut self, p: u32, epoch: u32) {
        let proc = &self.ps[p as usize];
        if proc.epoch != epoch {
            return;
        }
        match proc.running {
            Running::Scheduling => self.schedule(p),
            Running::Go(g) => self.run_step(p, g),
            Running::Idle | Running::Syscall(_) | Running::Stopped => {}
        }
    }

    /// The P's next step comes in about so many nanoseconds; none that was planned does.
    #[inline(always)]
    pub(super) fn step_in(&mut self, p: u32, ns: u64) {
        let proc = &mut self.ps[p as usize];
        proc.epoch += 1;
        let epoch = proc.epoch;
        let ns = self.about(ns);
        self.after(ns, Due::Step { p, epoch });
    }

    /// The scheduler takes over the P.
    #[inline]
    pub(super) fn reschedule(&mut self, p: u32) {
        let proc = &mut self.ps[p as usize];
        proc.running = Running::Scheduling;
        let m = &mut self.ms[proc.m];
        m.curg = None;
        if m.is_locked {
            return self.leave_locked(p);
        }
        self.step_in(p, SCHEDULE_NS);
    }

    /// The goroutine of a thread that is its own has stopped: the thread waits for it, and another
    /// takes the P.
    fn leave_locked(&mut self, p: u32) {
        let at = self.at(Some(p));
        self.runtime.tracer.get_mut().proc_stop(&at);
        let m = self.ps[p as usize].m;
        self.off_cpu(m);
        self.ms[m].p = None;
        self.ps[p as usize].running = Running::Idle;
        self.idle_ps.insert(p);
        self.start_proc(p);
    }

    /// An idle P gets a thread, which looks for work.
    pub(super) fn start_proc(&mut self, p: u32) {
        let m = self.take_m();
        self.give_p(p, m);
        self.ps[p as usize].running = Running::Scheduling;
        self.step_in(p, SCHEDULE_NS);
    }

    /// Does as Go's `acquirep`.
    pub(super) fn give_p(&mut self, p: u32, m: usize) {
        self.idle_ps.remove(&p);
        self.ps[p as usize].m = m;
        self.ms[m].p = Some(p);
        self.on_cpu(m);
        let at = self.at(Some(p));
        self.runtime.tracer.get_mut().proc_start(&at);
    }

    /// The P has nothing to do (Go: `releasep`, `pidleput`, `stopm`).
    pub(super) fn stop_proc(&mut self, p: u32) {
        let at = self.at(Some(p));
        self.runtime.tracer.get_mut().proc_stop(&at);
        let m = self.ps[p as usize].m;
        self.park_m(m);
        let proc = &mut self.ps[p as usize];
        proc.running = Running::Idle;
        proc.epoch += 1;
        self.idle_ps.insert(p);
    }

    pub(super) fn park_m(&mut self, m: usize) {
        self.off_cpu(m);
        self.ms[m].p = None;
        if !self.ms[m].is_locked {
            self.idle_ms.push(m);
        }
    }

    fn take_m(&mut self) -> usize {
        self.idle_ms.pop().unwrap_or_else(|| self.new_m(false))
    }

    pub(super) fn new_m(&mut self, is_foreign: bool) -> usize {
        let m = self.ms.len();
        let has_timer = !is_foreign && !self.one_in(self.plan.timers_fail);
        self.ms.push(M {
            model: m::M::new(procid(m as u64)),
            hz: 0,
            has_timer,
            is_foreign,
            p: None,
            old_p: 0,
            syscall: None,
            curg: None,
            on_cpu: None,
            timer_left: 0,
            epoch: 0,
            pending: None,
            is_locked: false,
        });
        m
    }

    pub(super) fn has_work(&mut self) -> bool {
        !self.run_queue.is_empty()
            || !self.net_ready.is_empty()
            || self.readers.is_wanted(&**self.runtime.tracer.get_mut())
            || self
                .ps
                .iter()
                .any(|p| !p.run_queue.is_empty() || !p.timers.is_empty())
    }

    /// If a P is idle, it looks for work (Go: `wakep`).
    pub(super) fn wake_proc(&mut self) {
        if let Some(&p) = self.idle_ps.first() {
            self.start_proc(p);
        }
    }

    /// The goroutine can run: on this P, or on any.
    pub(super) fn ready(&mut self, g: GIdx, p: Option<u32>) {
        self.gs[g].status = Status::Runnable;
        match p {
            Some(p) => self.ps[p as usize].run_queue.push_back(g),
            None => self.run_queue.push_back(g),
        }
        self.wake_proc();
    }

    fn schedule(&mut self, p: u32) {
        while let Some(g) = self.ps[p as usize].timers.pop_front() {
            self.unpark(Some(p), g, None);
            self.gs[g].status = Status::Runnable;
            self.ps[p as usize].run_queue.push_back(g);
        }
        if self.readers.is_wanted(&**self.runtime.tracer.get_mut())
            && let Some(g) = self.readers.take_parked()
        {
            self.unpark(Some(p), g, None);
            return self.execute(p, g);
        }
        if let Some(g) = self.gc_worker(p) {
            self.unpark(Some(p), g, None);
            return self.execute(p, g);
        }
        match self.find_runnable(p) {
            Some(g) => self.execute(p, g),
            None => self.stop_proc(p),
        }
    }

    fn find_runnable(&mut self, p: u32) -> Option<GIdx> {
        let proc = &mut self.ps[p as usize];
        proc.rounds += 1;
        if proc.rounds.is_multiple_of(GLOBAL_ROUNDS)
            && let Some(g) = self.run_queue.pop_front()
        {
            return Some(g);
        }
        if let Some(g) = proc.run_queue.pop_front() {
            return Some(g);
        }
        if let Some(g) = self.run_queue.pop_front() {
            return Some(g);
        }
        if let Some(g) = self.net_ready.pop_front() {
            self.unpark(Some(p), g, None);
            return Some(g);
        }
        self.steal(p)
    }

    /// Half of what another P has (Go: `runqsteal`).
    fn steal(&mut self, p: u32) -> Option<GIdx> {
        let count = self.ps.len();
        let first = self.rng.place(count);
        let victim = (0..count)
            .map(|at| (first + at) % count)
            .find(|&at| at != p as usize && !self.ps[at].run_queue.is_empty())?;
        let queue = &mut self.ps[victim].run_queue;
        let half = queue.len().div_ceil(2);
        let mut stolen: std::collections::VecDeque<_> = queue.drain(..half).collect();
        let g = stolen.pop_front();
        self.ps[p as usize].run_queue.append(&mut stolen);
        g
    }

    /// The goroutine runs on the P (Go: `execute`).
    pub(super) fn execute(&mut self, p: u32, g: GIdx) {
        if let Some(locked) = self.gs[g].locked_m
            && locked != self.ps[p as usize].m
        {
            // The P goes to the goroutine's own thread (Go: `startlockedm`).
            let m = self.ps[p as usize].m;
            let at = self.at(Some(p));
            self.runtime.tracer.get_mut().proc_stop(&at);
            self.park_m(m);
            self.give_p(p, locked);
        }
        let m = self.ps[p as usize].m;
        self.arm(m);
        self.ps[p as usize].running = Running::Go(g);
        self.ms[m].curg = Some(g);
        let goroutine = &mut self.gs[g];
        goroutine.status = Status::Running;
        goroutine.slice = 0;
        if let Some(ticks) = goroutine.left_syscall.take() {
            let at = self.at(Some(p));
            if let Some(v1) = self.runtime.tracer.get_mut().v1() {
                v1.go_sys_exit(&at, &mut self.gs[g].trace, ticks);
            }
        }
        self.go_start(p, g);
        if self.gs[g].is_assisting {
            self.gs[g].is_assisting = false;
            let at = self.at(Some(p));
            self.runtime.tracer.get_mut().gc_mark_assist_done(&at);
        }
        self.look(g);
        self.step_in(p, self.plan.step_us * 1000);
    }

    /// The trace says that the goroutine starts, and in which mode if it works for a collector
    /// that marks.
    pub(super) fn go_start(&mut self, p: u32, g: GIdx) {
        let marks = self.gs[g].role == Role::Collector && self.gc.is_marking();
        let mode = marks.then(|| self.gc.mode(p));
        let at = self.at_in_line(Some(p));
        self.runtime
            .tracer
            .get_mut()
            .go_start(&at, &mut self.gs[g].trace, mode);
    }

    /// The trace says that a goroutine can run: made so by another, or by a scheduler.
    pub(super) fn unpark(&mut self, p: Option<u32>, g: GIdx, by: Option<GIdx>) {
        let at = self.at(p);
        let stack = by.map(|by| self.layout.stack(self.gs[by].event_stack));
        self.runtime
            .tracer
            .get_mut()
            .go_unpark(&at, &mut self.gs[g].trace, stack);
    }

    /// The goroutine leaves the P and can run on (Go: `goschedImpl`, `gopreempt_m`).
    pub(super) fn give_way(&mut self, p: u32, g: GIdx, is_preempted: bool) {
        let at = self.at_in_line(Some(p));
        let stack = self.layout.stack(self.gs[g].event_stack);
        if is_preempted {
            self.runtime.tracer.get_mut().go_preempt(&at, stack);
        } else {
            self.runtime.tracer.get_mut().go_sched(&at, Some(stack));
        }
        self.gs[g].status = Status::Runnable;
        self.run_queue.push_back(g);
        self.reschedule(p);
    }

    /// The goroutine leaves the P and waits (Go: `gopark`).
    pub(super) fn block(&mut self, p: u32, g: GIdx, reason: BlockReason, wait: Wait, ns: u64) {
        self.park(p, g, reason, wait);
        if !matches!(wait, Wait::Forever | Wait::Buffers | Wait::Collector) {
            let epoch = self.gs[g].epoch;
            let ns = self.about(ns);
            self.after(ns, Due::Wake { g, epoch });
        }
        self.reschedule(p);
    }

    /// The goroutine leaves the P and sleeps for just so many nanoseconds.
    pub(super) fn sleep(&mut self, p: u32, g: GIdx, ns: u64) {
        self.park(p, g, BlockReason::ChanReceive, Wait::Timer);
        let epoch = self.gs[g].epoch;
        self.after(ns, Due::Wake { g, epoch });
        self.reschedule(p);
    }

    fn park(&mut self, p: u32, g: GIdx, reason: BlockReason, wait: Wait) {
        let at = self.at(Some(p));
        let stack = self.layout.stack(self.gs[g].event_stack);
        self.runtime.tracer.get_mut().go_park(&at, reason, stack);
        self.gs[g].status = Status::Waiting(wait);
        self.gs[g].epoch += 1;
    }

    /// A goroutine that can run (Go: `newproc`), started by `by` on its P, or there from the
    /// start.
    pub(super) fn new_g(&mut self, role: Role, by: Option<(u32, GIdx)>) -> GIdx {
        let at = self.add_g(role, by);
        let stack = self.start_stack(role);
        if let Some((p, by)) = by {
            let now = self.at(Some(p));
            let start = self.layout.stack(stack);
            let stack = self.layout.stack(self.gs[by].event_stack);
            let g = self.gs[at].trace.of();
            self.runtime
                .tracer
                .get_mut()
                .go_create(&now, g, Some(start), Some(stack));
            self.ready(at, Some(p));
        }
        at
    }

    /// A goroutine of which nobody has been told.
    pub(super) fn add_g(&mut self, role: Role, by: Option<(u32, GIdx)>) -> GIdx {
        let (id, stack) = (self.next_goid, self.start_stack(role));
        self.next_goid += 1;
        let slot = self.free_gs.last().copied().unwrap_or(self.gs.len());
        let g = G {
            trace: GTraceState::new(id, slot, by.map(|(p, _)| p)),
            role,
            status: Status::Runnable,
            stack,
            event_stack: stack,
            labels: by.and_then(|(_, by)| self.gs[by].labels),
            regions: Vec::new(),
            task: by.and_then(|(_, by)| self.gs[by].task),
            is_assisting: false,
            left_syscall: None,
            epoch: 0,
            slice: 0,
            locked_m: None,
            coroutine: None,
            is_sweeping: false,
        };
        match self.free_gs.pop() {
            Some(at) => {
                let epoch = self.gs[at].epoch + 1;
                self.gs[at] = G { epoch, ..g };
                at
            }
            None => {
                self.gs.push(g);
                self.gs.len() - 1
            }
        }
    }

    /// Does as Go's `goexit0`.
    pub(super) fn end_g(&mut self, p: u32, g: GIdx) {
        let at = self.at(Some(p));
        self.runtime.tracer.get_mut().go_end(&at);
        self.gs[g].status = Status::Dead;
        self.gs[g].epoch += 1;
        self.free_gs.push(g);
        self.reschedule(p);
    }
}
