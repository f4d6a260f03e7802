//! CPU samples of a generation, in the order of their times.

use sigprof_wire::v2::NO_GOROUTINE;

use super::varint::varint;

pub(super) use super::sort;

/// A sample whose bytes have been checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sample {
    /// Nanoseconds; units of the trace clock while its generation is read in.
    pub(super) time: i64,
    /// Where it begins.
    pub(super) at: usize,
}

/// The ids that a sample holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) thread: u64,
    pub(super) proc: u64,
    pub(super) goroutine: u64,
    pub(super) stack: u64,
}

impl Sample {
    /// Reads it again.
    pub(super) fn said(self, bytes: &[u8]) -> Said {
        // Behind its type and its time.
        let mut at = self.at + 1;
        let mut next = || varint(bytes, &mut at).unwrap_or_default();
        next();
        let (thread, proc, goroutine, stack) = (next(), next(), next(), next());
        Said {
            thread,
            proc,
            // 0 is none, unlike in other events.
            goroutine: if goroutine == 0 {
                NO_GOROUTINE
            } else {
                goroutine
            },
            stack,
        }
    }
}
