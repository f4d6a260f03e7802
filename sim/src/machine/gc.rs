//! Cycles of the collector (Go: `runtime/mgc.go`, `gcStart`, `gcBgMarkWorker`,
//! `gcMarkTermination`; `mgcsweep.go`).
//!
//! ```text
//!  GCStart, STW (sweep termination) | workers mark, others assist | STW (mark termination), GCDone | sweep
//! ```

use sigprof_model::backend::Backend;

use super::Machine;
use super::state::{GIdx, Role, Wait};
use crate::tracer::{BlockReason, StopReason, Tracer};

/// Slices of marking in a cycle, for each P.
const SLICES_PER_PROC: u32 = 3;

/// Sweeps after a cycle.
const SWEEPS: u32 = 12;

#[derive(Debug, Default)]
pub(super) struct Gc {
    slices_left: u32,
    sweeps_left: u32,
    /// Workers that wait.
    pool: Vec<GIdx>,
    has_workers: bool,
    /// Somebody waits for the end of a cycle, and comes before the next one: both take one
    /// semaphore, in turn (Go: `gcsema`).
    pub(super) is_awaited: bool,
    /// Since the trace began (Go: `seqGC`).
    pub(super) cycles: u64,
}

impl Gc {
    pub(super) fn is_marking(&self) -> bool {
        self.slices_left > 0
    }

    /// In which mode a worker runs on a P: a quarter of them is dedicated.
    pub(super) fn mode(&self, p: u32) -> &'static str {
        match p % 4 {
            0 => "GC (dedicated)",
            1 => "GC (fractional)",
            _ => "GC (idle)",
        }
    }
}

impl<B: Backend, T: Tracer> Machine<'_, B, T> {
    /// A goroutine starts a cycle, unless one is on, or somebody waits for the end of one.
    pub(super) fn start_gc(&mut self, p: u32, g: GIdx) {
        if self.gc.is_marking() || self.gc.is_awaited {
            return;
        }
        if !self.gc.has_workers {
            self.gc.has_workers = true;
            for _ in 0..self.procs {
                self.new_g(Role::Collector, Some((p, g)));
            }
        }
        let cycle = self.gc.cycles;
        self.gc.cycles += 1;
        let at = self.at(Some(p));
        let stack = self.layout.stack(self.layout.runtime.gc_start);
        self.runtime.tracer.get_mut().gc_start(&at, cycle, stack);
        let at = self.at(Some(p));
        let stack = self.layout.stack(self.layout.runtime.gc_start);
        self.runtime
            .tracer
            .get_mut()
            .stw_start(&at, StopReason::SweepTermination, stack);
        self.stop_world(p);
        self.gc.slices_left = SLICES_PER_PROC * self.procs;
        self.restart_world(p, g);
    }

    pub(super) fn restart_world(&mut self, p: u32, g: GIdx) {
        self.gomaxprocs(p, g);
        let at = self.at(Some(p));
        self.runtime.tracer.get_mut().stw_done(&at);
        self.start_world(p);
    }

    /// A worker that is to mark on this P.
    pub(super) fn gc_worker(&mut self, p: u32) -> Option<GIdx> {
        let wants = self.gc.is_marking()
            && (self.gc.mode(p) == "GC (dedicated)" || self.ps[p as usize].run_queue.is_empty());
        if wants { self.gc.pool.pop() } else { None }
    }

    /// A worker has marked a slice, or has nothing to do.
    pub(super) fn mark(&mut self, p: u32, g: GIdx) {
        if self.gc.is_marking() {
            self.gc.slices_left -= 1;
            if self.gc.slices_left == 0 {
                self.end_mark(p, g);
            } else if self.one_in(2) {
                return self.step_in(p, self.plan.step_us * 1000);
            }
        }
        self.gc.pool.push(g);
        self.block(p, g, BlockReason::Generic, Wait::Collector, 0);
    }

    fn end_mark(&mut self, p: u32, g: GIdx) {
        let at = self.at(Some(p));
        let stack = self.layout.stack(self.gs[g].event_stack);
        self.runtime
            .tracer
            .get_mut()
            .stw_start(&at, StopReason::MarkTermination, stack);
        self.stop_world(p);
        self.gc.sweeps_left = SWEEPS;
        let (at, goal) = (self.at(Some(p)), self.heap_goal());
        self.runtime.tracer.get_mut().heap_goal(&at, goal);
        let at = self.at(Some(p));
        self.runtime.tracer.get_mut().gc_done(&at);
        self.restart_world(p, g);
    }

    /// The P has swept.
    pub(super) fn end_sweep(&mut self, p: u32) {
        let swept = 8192 * (1 + u64::from(self.gc.sweeps_left));
        let at = self.at(Some(p));
        self.runtime
            .tracer
            .get_mut()
            .gc_sweep_done(&at, swept, swept / 2);
    }

    pub(super) fn heap_goal(&self) -> u64 {
        (4 << 20) + (self.gc.cycles << 16)
    }

    /// A goroutine allocates; says whether it has to wait for the collector, and blocks then.
    pub(super) fn allocate(&mut self, p: u32, g: GIdx) -> bool {
        let bytes = (2 << 20) + ((self.now >> 8) & 0xf_ffff);
        let at = self.at(Some(p));
        self.runtime.tracer.get_mut().heap_alloc(&at, bytes);
        if self.gc.sweeps_left > 0 && !self.gc.is_marking() {
            self.gc.sweeps_left -= 1;
            let at = self.at(Some(p));
            let stack = self.layout.stack(self.gs[g].event_stack);
            self.runtime.tracer.get_mut().gc_sweep_start(&at, stack);
            if self.revision.has_generations() && self.one_in(3) {
                // It sweeps on, so that a generation may end meanwhile.
                self.gs[g].is_sweeping = true;
                return false;
            }
            self.end_sweep(p);
        }
        if !self.gc.is_marking() {
            return false;
        }
        let at = self.at(Some(p));
        let stack = self.layout.stack(self.gs[g].event_stack);
        self.runtime
            .tracer
            .get_mut()
            .gc_mark_assist_start(&at, stack);
        if self.one_in(4) {
            self.gs[g].is_assisting = true;
            self.block(p, g, BlockReason::GcMarkAssist, Wait::Other, 100_000);
            return true;
        }
        let at = self.at(Some(p));
        self.runtime.tracer.get_mut().gc_mark_assist_done(&at);
        false
    }
}
