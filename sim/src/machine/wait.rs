//! The end of waits: who wakes whom (Go: `goready`, `checkTimers`, `netpoll`, `injectglist`).

use rand::RngExt;
use sigprof_model::backend::Backend;

use super::Machine;
use super::state::{GIdx, Role, Running, Status, Wait};
use crate::tracer::Tracer;

/// How often one looks for a P that runs a goroutine before looking at all of them.
const TRIES: usize = 4;

/// One in so many goroutines that waited for the network is found by sysmon.
const SYSMON_FINDS: u32 = 3;

impl<B: Backend, T: Tracer> Machine<'_, B, T> {
    /// Ends the wait of a goroutine.
    pub(super) fn wake(&mut self, g: GIdx, epoch: u32) {
        let Status::Waiting(wait) = self.gs[g].status else {
            return;
        };
        if self.gs[g].epoch != epoch {
            return;
        }
        match wait {
            Wait::Timer => self.timer_is_over(g),
            Wait::Net if self.one_in(SYSMON_FINDS) => {
                // sysmon has no P (Go: `injectglist`).
                self.unpark(None, g, None);
                self.ready(g, None);
            }
            Wait::Net => {
                self.gs[g].status = Status::Runnable;
                self.net_ready.push_back(g);
                self.wake_proc();
            }
            Wait::Other => match self.running_goroutine() {
                Some((p, by)) => {
                    self.unpark(Some(p), g, Some(by));
                    self.ready(g, Some(p));
                }
                None => self.timer_is_over(g),
            },
            Wait::Collector | Wait::Buffers | Wait::Forever => {}
        }
    }

    /// The scheduler of some P finds it, as it looks at its timers.
    fn timer_is_over(&mut self, g: GIdx) {
        self.gs[g].status = Status::Runnable;
        let idle = self.idle_ps.first().copied();
        let p = idle.or_else(|| self.busy_proc(g)).unwrap_or(0);
        self.ps[p as usize].timers.push_back(g);
        if idle.is_some() {
            self.start_proc(p);
        }
    }

    /// The P that the goroutine ran on, if it is busy, or another.
    fn busy_proc(&self, g: GIdx) -> Option<u32> {
        let is_busy = |p: u32| {
            let running = self.ps[p as usize].running;
            matches!(running, Running::Scheduling | Running::Go(_))
        };
        let last = self.gs[g].trace.last_p.filter(|&p| is_busy(p));
        last.or_else(|| (0..self.procs).find(|&p| is_busy(p)))
    }

    /// A worker that runs now, with its P.
    fn running_goroutine(&mut self) -> Option<(u32, GIdx)> {
        let count = self.ps.len();
        let worker = |machine: &Self, p: usize| match machine.ps[p].running {
            Running::Go(g) if matches!(machine.gs[g].role, Role::Worker(_)) => {
                u32::try_from(p).ok().zip(Some(g))
            }
            _ => None,
        };
        for _ in 0..TRIES {
            let p = self.rng.random_range(0..count);
            if let Some(found) = worker(self, p) {
                return Some(found);
            }
        }
        (0..count).find_map(|p| worker(self, p))
    }
}
