//! Moments of the tracer's clock, and stacks of events.

use sigprof_model::backend::Backend;

use super::state::{GIdx, Role};
use super::{FIRST_MONO, FIRST_TICK, Machine};
use crate::program::StackRef;
use crate::tracer::{At, GRef, SYSMON, TICK_NS, Ticks, Tracer};

impl<B: Backend, T: Tracer> Machine<'_, B, T> {
    /// The next moment of the tracer's clock. It moves by more than a tick, so that no two
    /// events of a run have the same.
    #[inline]
    pub(super) fn tick(&mut self) -> Ticks {
        self.now += TICK_NS + self.rng.below(TICK_NS);
        self.ticks()
    }

    #[inline]
    pub(super) fn ticks(&self) -> Ticks {
        Ticks(if self.revision.has_generations() {
            self.mono() / TICK_NS
        } else {
            FIRST_TICK + self.now * self.ticks_per_us / 1000
        })
    }

    /// The monotonic clock (Go: `nanotime`), which began long before the run did.
    pub(super) fn mono(&self) -> u64 {
        FIRST_MONO + self.now
    }

    /// The next moment on a P, or on sysmon's thread without one. Time stands still while no trace
    /// is on: nobody looks at the clock then.
    pub(super) fn at(&mut self, p: Option<u32>) -> At {
        self.at_in_line(p)
    }

    /// The same, for what most events are: their P is known to the compiler, and no record is made.
    #[inline(always)]
    pub(super) fn at_in_line(&mut self, p: Option<u32>) -> At {
        let before = self.ticks();
        let now = if self.runtime.tracer.get_mut().is_enabled() {
            self.tick()
        } else {
            before
        };
        self.place(p, before, now)
    }

    /// This moment on a P, of which no event is.
    pub(super) fn no_time(&self, p: u32) -> At {
        let now = self.ticks();
        self.place(Some(p), now, now)
    }

    /// The next moment on a thread that has no P.
    pub(super) fn at_without_p(&mut self, m: usize) -> At {
        let at = self.at(None);
        At {
            m: m as u64,
            g: self.curg(m),
            ..at
        }
    }

    #[inline(always)]
    fn place(&self, p: Option<u32>, before: Ticks, now: Ticks) -> At {
        let m = p.map(|p| self.ps[p as usize].m);
        // Each P's clock is ahead of the one before it.
        let skew = p.map_or(0, |p| u64::from(p) * self.plan.skew_ticks);
        At {
            before: Ticks(before.0 + skew),
            now: Ticks(now.0 + skew),
            m: m.map_or(SYSMON, |m| m as u64),
            p,
            g: m.and_then(|m| self.curg(m)),
        }
    }

    fn curg(&self, m: usize) -> Option<GRef> {
        self.ms[m].curg.map(|g| self.gs[g].trace.of())
    }

    /// Where the goroutine is now, in its program.
    #[inline(always)]
    pub(super) fn look(&mut self, g: GIdx) {
        let goroutine = &mut self.gs[g];
        let worker = match goroutine.role {
            Role::Collector => {
                goroutine.stack = self.layout.runtime.gc_mark;
                goroutine.event_stack = self.layout.runtime.gc_wait;
                return;
            }
            Role::Worker(kind) | Role::Coroutine(kind) => &self.layout.workers[kind],
            _ => &self.layout.main,
        };
        let at = self.rng.place(worker.samples.len());
        (goroutine.stack, goroutine.event_stack) = (worker.samples[at], worker.events[at]);
    }

    pub(super) fn start_stack(&self, role: Role) -> StackRef {
        match role {
            Role::Worker(kind) | Role::Coroutine(kind) => self.layout.workers[kind].start,
            Role::Collector => self.layout.runtime.gc_wait,
            _ => self.layout.main.start,
        }
    }
}
