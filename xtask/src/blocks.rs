//! Blocks of numbers, which threads take in turn.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Instant;

/// Numbers from 0 on, in blocks.
pub(crate) struct Blocks {
    pub(crate) count: u64,
    /// Numbers of a block; the last may have fewer.
    pub(crate) size: u64,
    /// No block is begun later, but for the first.
    pub(crate) until: Option<Instant>,
}

impl Blocks {
    /// Has so many threads do the blocks: those that are begun are the first of all, without a gap.
    pub(crate) fn each(&self, jobs: usize, work: impl Fn(Range<u64>) + Sync) {
        let next = AtomicU64::new(0);
        let take = || {
            loop {
                let first = next.fetch_add(1, Ordering::Relaxed) * self.size;
                let is_late = self.until.is_some_and(|until| Instant::now() > until);
                if first >= self.count || first > 0 && is_late {
                    return;
                }
                work(first..self.count.min(first + self.size));
            }
        };
        thread::scope(|scope| {
            for _ in 0..jobs.max(1) {
                scope.spawn(take);
            }
        });
    }
}
