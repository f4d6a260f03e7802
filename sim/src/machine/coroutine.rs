//! Coroutines, which hand a thread and its P to each other without the scheduler (Go:
//! `runtime/coro.go`, `coroswitch_m`; `iter.Pull`).
//!
//! Until Go 1.22 there are none.

use sigprof_model::backend::Backend;

use super::Machine;
use super::state::{GIdx, Role, Running, Status, Wait};
use crate::tracer::Tracer;

/// A coroutine ends once in so many times that it runs.
const ENDS: u32 = 6;

impl<B: Backend, T: Tracer> Machine<'_, B, T> {
    /// A worker makes a coroutine, or switches to the one that it has.
    pub(super) fn switch(&mut self, p: u32, g: GIdx, kind: usize) {
        let can = self.revision.has_switches() && self.gs[g].locked_m.is_none();
        if can && let Some(next) = self.gs[g].coroutine {
            return self.switch_to(p, g, next, false);
        }
        if can {
            let made = self.add_g(Role::Coroutine(kind), Some((p, g)));
            self.gs[made].status = Status::Waiting(Wait::Forever);
            self.gs[made].coroutine = Some(g);
            self.gs[g].coroutine = Some(made);
            let at = self.at(Some(p));
            let of = self.gs[made].trace.of();
            let start = self.layout.stack(self.start_stack(Role::Coroutine(kind)));
            let by = self.layout.stack(self.gs[g].event_stack);
            if let Some(v2) = self.runtime.tracer.get_mut().v2() {
                v2.go_create_blocked(&at, of, start, by);
            }
        }
        self.look(g);
        self.step_in(p, self.plan.step_us * 1000);
    }

    /// A coroutine has computed for a while, and switches back.
    pub(super) fn coroutine(&mut self, p: u32, g: GIdx) {
        let Some(back) = self.gs[g].coroutine else {
            // Whoever made it has ended.
            return self.end_g(p, g);
        };
        let ends = self.one_in(ENDS);
        self.switch_to(p, g, back, ends);
    }

    fn switch_to(&mut self, p: u32, g: GIdx, next: GIdx, ends: bool) {
        let at = self.at(Some(p));
        let of = self.gs[next].trace.of();
        if let Some(v2) = self.runtime.tracer.get_mut().v2() {
            v2.go_switch(&at, of, ends);
        }
        if ends {
            self.gs[next].coroutine = None;
            self.gs[g].status = Status::Dead;
            self.gs[g].epoch += 1;
            self.free_gs.push(g);
        } else {
            self.gs[g].status = Status::Waiting(Wait::Forever);
        }
        let m = self.ps[p as usize].m;
        self.ms[m].curg = Some(next);
        self.ps[p as usize].running = Running::Go(next);
        self.gs[next].status = Status::Running;
        self.gs[next].slice = 0;
        self.look(next);
        self.step_in(p, self.plan.step_us * 1000);
    }
}
