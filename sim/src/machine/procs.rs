//! The number of Ps changes (Go: `GOMAXPROCS`, `procresize`).

use sigprof_model::backend::Backend;

use super::Machine;
use super::state::{GIdx, Running};
use crate::tracer::{StopReason, Tracer};

impl<B: Backend, T: Tracer> Machine<'_, B, T> {
    /// Sets the number of Ps (Go: `procresize`); returns the P that goes on.
    pub(super) fn set_procs(&mut self, p: u32, main: GIdx, procs: u32) -> u32 {
        let at = self.at(Some(p));
        let stack = self.layout.stack(self.gs[main].event_stack);
        let tracer = self.runtime.tracer.get_mut();
        tracer.stw_start(&at, StopReason::Gomaxprocs, stack);
        self.stop_world(p);
        let old = std::mem::replace(&mut self.procs, procs);
        self.gomaxprocs(p, main);
        let own = if p < procs {
            p
        } else {
            self.move_to_first(p, main)
        };
        for gone in procs..old {
            self.drop_proc(gone, own);
        }
        for new in old..procs {
            self.ps[new as usize].running = Running::Stopped;
        }
        let at = self.at(Some(own));
        self.runtime.tracer.get_mut().stw_done(&at);
        self.start_world(own);
        own
    }

    fn move_to_first(&mut self, p: u32, main: GIdx) -> u32 {
        let at = self.at(Some(p));
        let stack = self.layout.stack(self.gs[main].event_stack);
        self.runtime.tracer.get_mut().go_sched(&at, Some(stack));
        let at = self.at(Some(p));
        self.runtime.tracer.get_mut().proc_stop(&at);
        let m = self.ps[p as usize].m;
        let proc = &mut self.ps[p as usize];
        proc.running = Running::Stopped;
        proc.epoch += 1;
        self.idle_ps.remove(&0);
        let first = &mut self.ps[0];
        (first.m, first.running) = (m, Running::Go(main));
        first.epoch += 1;
        self.ms[m].p = Some(0);
        let at = self.at(Some(0));
        self.runtime.tracer.get_mut().proc_start(&at);
        self.go_start(0, main);
        0
    }

    fn drop_proc(&mut self, gone: u32, own: u32) {
        self.idle_ps.remove(&gone);
        let proc = &mut self.ps[gone as usize];
        proc.running = Running::Stopped;
        proc.epoch += 1;
        let (runnable, timers) = (
            std::mem::take(&mut proc.run_queue),
            std::mem::take(&mut proc.timers),
        );
        self.run_queue.extend(runnable);
        self.ps[own as usize].timers.extend(timers);
    }
}
