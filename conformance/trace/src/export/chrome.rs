//! A trace as Chrome's trace events: the JSON that `/jsontrace` of Go's web server gives of the
//! whole trace, event for event. Perfetto and chrome://tracing open it.
//!
//! A v1 trace is shown as Go 1.19 shows it, a v2 trace as Go 1.26 does: they have other names
//! for other things. Both are written by one `Emitter`, event by event; of a v2 trace one
//! generation is held at a time.
//!
//! Three things differ from Go's: the order of the events, since a slice is written when it
//! ends, and with it the numbers of arrows and frames. Durations are exact, where Go's have
//! the noise of a floating-point difference.
//!
//! Source: Go `cmd/trace` (R64.5, R80).

mod emit;
mod json;
mod v1;
mod v2;

use std::io::Write;

use crate::error::WriteError;
use crate::trace::Reader;
use crate::trace::reader::Own;

/// Options of what is shown.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Show samples without a P, too, on a row of their own.
    pub all: bool,
}

/// Writes the whole trace, of either format, as JSON, and gives the number of samples without a P
/// that were left out.
///
/// # Errors
/// What is wrong with the trace, or with the output. What stands before that has been
/// written, and with [`keep_going`](crate::trace::Options::keep_going) the JSON is complete;
/// without, it is not closed, so that nobody takes it for whole.
pub fn write(
    reader: &mut Reader,
    options: Options,
    out: &mut dyn Write,
) -> Result<u64, WriteError> {
    reader.in_own(|own| match own {
        Own::V1(reader) => v1::write(reader, options, out),
        Own::V2(reader) => v2::write(reader, options, out),
    })
}
