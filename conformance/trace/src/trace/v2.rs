//! The v2 format, Go 1.22 on.
//!
//! ```text
//! bytes -> batch -> generation -> cursors -> frontier -> order -> stream -> events
//!          heads    tables and    a thread's  earliest    states    samples,
//!                   lanes of one  events      first       say who   retiming,
//!                                                         is next   syncs
//! ```
//!
//! One generation is in memory at a time: its tables, and the heads of its batches. Events
//! are decoded as they are asked for, and nothing is kept of one that has gone by. The bytes
//! are a file's, or come from a stream; of that one generation is held.
//!
//! Source: Go `internal/trace/reader.go`, `order.go`, `generation.go`, `batch.go`
//! (R70 to R79).

mod batch;
mod clock;
mod cursor;
pub mod dump;
mod event;
mod fields;
mod frontier;
mod generation;
pub(crate) mod lately;
mod missing;
mod options;
mod order;
mod other;
pub mod print;
mod reader;
pub mod render;
mod samples;
mod sort;
pub mod stat;
mod state;
mod stream;
mod tables;
mod varint;
pub mod wire;

pub use crate::trace::event::Frame;
pub use crate::trace::options::{Options, Release, Warning, Warnings};
pub use event::{ClockSnapshot, Event, GoState, Kind, Metric, ProcState, Range, Text};
pub use generation::{ExperimentalBatch, Frames};
pub use reader::{LoggedSample, Reader};
pub use stream::Totals;

use crate::trace::source;
use options::{FRAMES_SHARED, SORT_CHANGED, SYNC_FIRST};

/// Whether these bytes begin with the header of a v2 trace.
#[must_use]
pub fn is_v2(bytes: &[u8]) -> bool {
    reader::header(bytes).is_ok()
}
