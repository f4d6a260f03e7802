//! Everybody in turns.

use super::{Strategy, Turn};

/// Each M does one operation and hands on; signals come at once, or never; memory is not weak.
/// One run, the same always.
#[derive(Debug, Default)]
pub struct RoundRobin {
    has_run: bool,
    has_no_signals: bool,
}

impl RoundRobin {
    /// Without signals: how long Ms are without their handlers.
    #[must_use]
    pub fn without_signals() -> Self {
        Self {
            has_no_signals: true,
            ..Self::default()
        }
    }
}

impl Strategy for RoundRobin {
    fn begin(&mut self) -> bool {
        !std::mem::replace(&mut self.has_run, true)
    }

    #[inline]
    fn choose(&mut self, turn: &Turn<'_>) -> Option<usize> {
        let behind = super::Ms(turn.ready.0 & !((2 << turn.last) - 1));
        let next = if behind.is_empty() {
            turn.ready
        } else {
            behind
        };
        Some(next.first())
    }

    fn signal(&mut self, _m: usize) -> bool {
        !self.has_no_signals
    }

    fn age(&mut self, _stores: usize) -> usize {
        0
    }

    fn has_weak_memory(&self) -> bool {
        false
    }
}
