//! Memory that the index of a trace takes.

use super::{Exit, Index, Sample};
use crate::heap::table;

impl Index {
    /// Bytes that it takes.
    pub(in crate::trace::v1) fn heap(&self) -> usize {
        let timers = &self.timer_goroutines;
        size_of_val(&self.batches[..])
            + size_of_val(&self.lanes[..])
            + self.samples.capacity() * size_of::<Sample>()
            + self.exits.capacity() * size_of::<Exit>()
            + table(timers.len(), timers.capacity(), 0, 8)
            + self.tables.strings.heap(0)
            + self.tables.stacks.heap(0)
    }
}
