//! Moments of the tracer's clock, and stacks of events.

use sigprof_model::backend::Backend;

use super::Machine;
use crate::tracer::{At, Ticks};

impl<B: Backend> Machine<'_, B> {
    /// The next moment on a P, or on a thread without one. Time stands still while no trace is
    /// on: nobody looks at the clock then.
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
            m: p.map_or(0, |p| self.ps[p as usize].m as u64),
            p,
        }
    }

    /// This moment on a P, of which no event is.
    pub(super) fn no_time(&self, p: u32) -> At {
        let now = self.ticks();
        let now = Ticks(now.0 + u64::from(p) * self.plan.skew_ticks);
        At {
            before: now,
            now,
            m: self.ps[p as usize].m as u64,
            p: Some(p),
        }
    }
}
