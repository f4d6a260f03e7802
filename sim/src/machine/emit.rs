//! Moments of the tracer's clock, and stacks of events.

use sigprof_model::backend::Backend;

use super::Machine;
use crate::tracer::{At, GRef, SYSMON, Ticks};

impl<B: Backend> Machine<'_, B> {
    /// The next moment on a P, or on sysmon's thread without one. Time stands still while no trace
    /// is on: nobody looks at the clock then.
    pub(super) fn at(&mut self, p: Option<u32>) -> At {
        let before = self.ticks();
        let now = if self.runtime.tracer.borrow().is_enabled() {
            self.tick()
        } else {
            before
        };
        // Each P's clock is ahead of the one before it.
        let skew = p.map_or(0, |p| u64::from(p) * self.plan.skew_ticks);
        At {
            before: Ticks(before.0 + skew),
            now: Ticks(now.0 + skew),
            ..self.place(p)
        }
    }

    /// This moment on a P, of which no event is.
    pub(super) fn no_time(&self, p: u32) -> At {
        let now = self.ticks();
        let now = Ticks(now.0 + u64::from(p) * self.plan.skew_ticks);
        At {
            before: now,
            now,
            ..self.place(Some(p))
        }
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

    fn place(&self, p: Option<u32>) -> At {
        let m = p.map(|p| self.ps[p as usize].m);
        At {
            before: Ticks(0),
            now: Ticks(0),
            m: m.map_or(SYSMON, |m| m as u64),
            p,
            g: m.and_then(|m| self.curg(m)),
        }
    }

    fn curg(&self, m: usize) -> Option<GRef> {
        self.ms[m].curg.map(|g| self.gs[g].trace.of())
    }
}
