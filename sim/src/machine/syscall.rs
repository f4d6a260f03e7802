//! System calls (Go: `entersyscall`, `exitsyscall`, `retake`).
//!
//! ```text
//!  GoSysCall -- short --> goes on, no event
//!            `- long ---> sysmon takes the P: GoSysBlock, ProcStop
//!                           `-> an idle P:  ProcStart, GoSysExit (ts 0), GoStart
//!                           `-> none:       the global queue; GoSysExit (ts) as it starts
//! ```
//!
//! From Go 1.22 on the thread itself says at once that it is back, and whoever takes its P says
//! that (`ProcSteal`).
//!
//! Meanwhile the thread has no P, which a stopped world does not stop (R35): its samples name
//! the goroutine and no P.

use sigprof_model::backend::Backend;

use super::Machine;
use super::state::{Due, GIdx, Role, Running, Status};
use crate::tracer::Tracer;

/// Nanoseconds after which sysmon looks first, and next.
const SYSMON_NS: u64 = 20_000;

/// Nanoseconds after which sysmon takes a P in any case; at once if there is work for it.
const RETAKE_NS: u64 = 10_000_000;

impl<B: Backend, T: Tracer> Machine<'_, B, T> {
    /// The goroutine calls the system for about so many nanoseconds, and uses the CPU there.
    pub(super) fn enter_syscall(&mut self, p: u32, g: GIdx, ns: u64, uses_cpu: bool) {
        let at = self.at(Some(p));
        let stack = self.layout.stack(self.gs[g].event_stack);
        self.runtime.tracer.get_mut().go_sys_call(&at, stack);
        let m = self.ps[p as usize].m;
        self.gs[g].status = Status::Syscall;
        let worker = match self.gs[g].role {
            Role::Worker(kind) => &self.layout.workers[kind],
            _ => &self.layout.main,
        };
        self.gs[g].stack = worker.in_syscall;
        self.ms[m].syscall = Some(g);
        self.ms[m].p = None;
        self.ms[m].old_p = p;
        let proc = &mut self.ps[p as usize];
        proc.running = Running::Syscall(g);
        proc.epoch += 1;
        let epoch = proc.epoch;
        if !uses_cpu {
            self.off_cpu(m);
        }
        let ns = self.about(ns);
        if ns > SYSMON_NS {
            self.after(SYSMON_NS, Due::Retake { p, epoch });
        }
        self.after(ns, Due::EndSyscall { m });
    }

    /// sysmon looks at a P whose thread is in a system call.
    pub(super) fn retake(&mut self, p: u32, epoch: u32) {
        let proc = &self.ps[p as usize];
        if proc.epoch != epoch || !matches!(proc.running, Running::Syscall(_)) {
            return;
        }
        if !self.has_work() && self.one_in(2) {
            return self.after(RETAKE_NS, Due::Retake { p, epoch });
        }
        self.take_back(p, None);
    }

    /// The P is taken from a thread in a system call, by whoever runs on `by`, or by sysmon, and
    /// somebody else may have it.
    pub(super) fn take_back(&mut self, p: u32, by: Option<u32>) {
        self.take_from_syscall(p, by);
        let proc = &mut self.ps[p as usize];
        proc.epoch += 1;
        proc.running = Running::Idle;
        self.idle_ps.insert(p);
        if self.has_work() {
            self.start_proc(p);
        }
    }

    /// The trace says that a P is taken from a thread in a system call, by whoever runs on `by`, or
    /// by sysmon. Until Go 1.21 it is the P that says so.
    pub(super) fn take_from_syscall(&mut self, p: u32, by: Option<u32>) {
        if self.revision.has_generations() {
            let at = self.at(by);
            if let Some(v2) = self.runtime.tracer.get_mut().v2() {
                v2.proc_steal(&at, p);
            }
            return;
        }
        let at = self.at(Some(p));
        if let Some(v1) = self.runtime.tracer.get_mut().v1() {
            v1.go_sys_block(&at);
        }
        if by.is_none() {
            let at = self.at(Some(p));
            self.runtime.tracer.get_mut().proc_stop(&at);
        }
    }

    /// The trace says that a goroutine is back, from Go 1.22 on.
    fn tell_exit(&mut self, m: usize, lost_p: bool) {
        let at = match self.ms[m].p {
            Some(p) => self.at(Some(p)),
            None => self.at_without_p(m),
        };
        if let Some(v2) = self.runtime.tracer.get_mut().v2() {
            v2.go_sys_exit(&at, lost_p);
        }
    }

    /// The thread is back.
    pub(super) fn end_syscall(&mut self, m: usize) {
        let Some(g) = self.ms[m].syscall.take() else {
            return;
        };
        if self.ms[m].on_cpu.is_none() {
            self.on_cpu(m);
        }
        let p = self.ms[m].old_p;
        let proc = &self.ps[p as usize];
        if proc.running == Running::Syscall(g) && proc.m == m {
            self.ms[m].p = Some(p);
            if self.revision.has_generations() {
                self.tell_exit(m, false);
            }
            self.ps[p as usize].running = Running::Go(g);
            self.gs[g].status = Status::Running;
            self.look(g);
            return self.step_in(p, self.plan.step_us * 1000);
        }
        if let Some(&p) = self.idle_ps.first() {
            self.give_p(p, m);
            if self.revision.has_generations() {
                self.tell_exit(m, true);
                return self.execute(p, g);
            }
            // The exit is told by the goroutine that is back, as it starts.
            self.gs[g].left_syscall = Some(0);
            return self.execute(p, g);
        }
        if self.revision.has_generations() {
            self.tell_exit(m, true);
            return self.queue_without_p(m, g);
        }
        // No P: the goroutine will say when it came back, if it began within this trace.
        let traces = self.runtime.traces.get_mut();
        let started = traces.last().map_or(0, |trace| trace.started_ns);
        let is_known = self.runtime.tracer.borrow().is_enabled() && self.now > started;
        let ticks = if is_known { self.tick().0 } else { 0 };
        self.gs[g].left_syscall = Some(ticks);
        self.queue_without_p(m, g);
    }

    /// The goroutine waits for a P, and its thread for work.
    fn queue_without_p(&mut self, m: usize, g: GIdx) {
        self.ms[m].curg = None;
        self.park_m(m);
        self.gs[g].status = Status::Runnable;
        self.run_queue.push_back(g);
    }
}
