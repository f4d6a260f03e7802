//! The world stops and starts again; a trace starts and stops while it does (Go:
//! `stopTheWorldWithSema`, `startTheWorldWithSema`, `StartTrace`, `StopTrace`; R33, R34).

use sigprof_model::backend::Backend;

use super::Machine;
use super::state::{GIdx, Running, Status};
use crate::runtime::DrainedSample;
use crate::tracer::{Tracer, WORKER_MODES};

/// Nanoseconds that a stopped world takes.
const STOPPED_NS: u64 = 20_000;

impl<B: Backend, T: Tracer> Machine<'_, B, T> {
    /// Everybody stops but who runs on `own`; threads in system calls go on without a P.
    pub(super) fn stop_world(&mut self, own: u32) {
        for p in (0..self.procs).filter(|&p| p != own) {
            match self.ps[p as usize].running {
                Running::Go(g) => {
                    if std::mem::take(&mut self.gs[g].is_sweeping) {
                        self.end_sweep(p);
                    }
                    let at = self.at(Some(p));
                    let stack = self.layout.stack(self.gs[g].event_stack);
                    self.runtime.tracer.get_mut().go_preempt(&at, stack);
                    self.gs[g].status = Status::Runnable;
                    self.run_queue.push_back(g);
                }
                Running::Scheduling => {}
                Running::Syscall(_) => self.take_from_syscall(p, Some(own)),
                Running::Idle | Running::Stopped => continue,
            }
            let is_in_syscall = matches!(self.ps[p as usize].running, Running::Syscall(_));
            let m = self.ps[p as usize].m;
            if !is_in_syscall {
                self.ms[m].curg = None;
            }
            if !is_in_syscall || !self.revision.has_generations() {
                let at = self.at(Some(p));
                self.runtime.tracer.get_mut().proc_stop(&at);
            }
            if !is_in_syscall {
                self.park_m(m);
            }
            let proc = &mut self.ps[p as usize];
            proc.running = Running::Stopped;
            proc.epoch += 1;
        }
        let until = self.now + self.about(STOPPED_NS);
        self.signals_until(until);
    }

    /// They go on.
    pub(super) fn start_world(&mut self, own: u32) {
        let mut ready = Vec::new();
        for p in (0..self.procs).filter(|&p| p != own) {
            let proc = &mut self.ps[p as usize];
            if proc.running == Running::Stopped {
                proc.running = Running::Idle;
                self.idle_ps.insert(p);
                if !proc.run_queue.is_empty() || !proc.timers.is_empty() {
                    ready.push(p);
                }
            }
        }
        for p in ready {
            self.start_proc(p);
        }
        for _ in 0..self.run_queue.len().min(self.idle_ps.len()) {
            self.wake_proc();
        }
    }

    /// Go: `StartTrace` until Go 1.21, on the main goroutine.
    pub(super) fn start_trace(&mut self, p: u32, main: GIdx) {
        self.stop_world(p);
        let now = self.now;
        if !self.runtime.start_trace(|| now) {
            return self.start_world(p);
        }
        self.gc.cycles = 0;
        for g in 0..self.gs.len() {
            self.tell_of(p, main, g);
        }
        let at = self.at(Some(p));
        self.runtime.tracer.get_mut().proc_start(&at);
        self.go_start(p, main);
        let at = self.no_time(p);
        if let Some(v1) = self.runtime.tracer.get_mut().v1() {
            v1.strings(&at, &WORKER_MODES);
        }
        // What StartTrace itself wrote is before this (Go: `ticksStart`).
        self.runtime.trace_begins(self.ticks(), self.now);
        let v1 = self.runtime.tracer.get_mut().v1();
        if v1.is_some_and(|v1| v1.heap_goal_at_start()) {
            let (at, goal) = (self.at(Some(p)), self.heap_goal());
            self.runtime.tracer.get_mut().heap_goal(&at, goal);
        }
        self.start_world(p);
        self.gomaxprocs(p, main);
    }

    /// The goroutine is there as the trace begins.
    fn tell_of(&mut self, p: u32, main: GIdx, g: GIdx) {
        if self.gs[g].status == Status::Dead {
            return;
        }
        let start = self.start_stack(self.gs[g].role);
        self.gs[g].trace.begin(p);
        let (at, of) = (self.at(Some(p)), self.gs[g].trace.of());
        let start = self.layout.stack(start);
        let stack = self.layout.stack(self.gs[main].event_stack);
        self.runtime
            .tracer
            .get_mut()
            .go_create(&at, of, Some(start), Some(stack));
        match self.gs[g].status {
            // A timer that is over, or a network that is ready, is waited for until it is found.
            Status::Waiting(_) => self.tell_waiting(p, g),
            Status::Runnable if self.is_found_later(g) => self.tell_waiting(p, g),
            Status::Runnable if self.gs[g].left_syscall.is_some() => {
                self.gs[g].left_syscall = Some(0);
                self.tell_in_syscall(p, g);
            }
            Status::Syscall => self.tell_in_syscall(p, g),
            _ => {}
        }
    }

    fn tell_waiting(&mut self, p: u32, g: GIdx) {
        let at = self.at(Some(p));
        if let Some(v1) = self.runtime.tracer.get_mut().v1() {
            v1.go_waiting(&at, &mut self.gs[g].trace);
        }
    }

    fn tell_in_syscall(&mut self, p: u32, g: GIdx) {
        let at = self.at(Some(p));
        if let Some(v1) = self.runtime.tracer.get_mut().v1() {
            v1.go_in_syscall(&at, &mut self.gs[g].trace);
        }
    }

    pub(super) fn gomaxprocs(&mut self, p: u32, g: GIdx) {
        let at = self.at(Some(p));
        let stack = self.layout.stack(self.gs[g].event_stack);
        self.runtime
            .tracer
            .get_mut()
            .gomaxprocs(&at, self.procs.into(), stack);
    }

    pub(super) fn is_found_later(&self, g: GIdx) -> bool {
        let is_timer = self.ps.iter().any(|p| p.timers.contains(&g));
        is_timer || self.net_ready.contains(&g)
    }

    /// Go: `StopTrace` until Go 1.21, up to the wait for the reader.
    pub(super) fn stop_trace(&mut self, p: u32, main: GIdx) {
        self.stop_world(p);
        let at = self.at(Some(p));
        let stack = self.layout.stack(self.gs[main].event_stack);
        self.runtime.tracer.get_mut().go_sched(&at, Some(stack));
        let left = self.runtime.leave_log(&[], true);
        self.write_samples(&left);
        let now = self.tick();
        self.runtime.trace_ends(now, self.now);
        self.gs[main].status = Status::Waiting(super::state::Wait::Forever);
        self.reschedule(p);
        self.start_world(p);
    }

    /// ReadTrace looks for samples (R36).
    pub(super) fn drain_samples(&mut self, m: usize) {
        let drained = self.runtime.drain(&self.ms[m].model);
        self.write_samples(&drained);
    }

    /// Go: `traceReadCPU`, which has them already (R37).
    pub(super) fn write_samples(&mut self, drained: &[DrainedSample]) {
        for sample in drained {
            let now = self.tick();
            self.runtime.write_sample(now, sample);
        }
    }
}
