//! Go execution traces: bytes in, ordered events with stacks and strings out.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let bytes = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/valid/basics/tiny/trace"))?;
//! let trace = sigprof_trace::trace::read(&bytes)?;
//! println!("go {}: {} events", trace.version, trace.events.len());
//! for sample in trace.samples() {
//!     let leaf = trace.stack(sample.stack).next().map(|f| trace.text(f.function));
//!     println!("{} ns: {leaf:?}", sample.time);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! | module | what |
//! |---|---|
//! | [`header`] | the first 16 bytes: which version, or which other file this is |
//! | [`event`] | what a trace is made of: [`Event`], [`Frame`]; a whole [`Trace`] |
//! | [`reader`] | the [`Reader`]: event by event, in order, from a file of any size |
//! | [`input`] | the bytes of a file, mapped, or of a stream |
//! | [`options`] | how a trace is read, and what is odd about one |
//! | [`v1`] | the format of Go 1.5 to 1.21, and the byte-by-byte dump |
//! | [`v2`] | the format of Go 1.22 and later |
//! | [`stat`] | what is in a trace, in numbers |
//! | [`render`] | events as text, as Go prints them, and as JSON |

pub mod event;
pub mod header;
pub mod input;
pub mod options;
pub mod reader;
pub mod render;
pub mod stat;
pub mod v1;
pub mod v2;

pub use event::{Event, Frame, GoId, LoggedSample, Place, StackId, Trace};
pub use input::Input;
pub use options::{Options, Strict, Warning, Warnings};
pub use reader::{Events, Reader};
pub use v1::Stack;

use crate::error::InputError;

/// Reads, orders and validates a whole trace, and keeps all events.
///
/// Each takes 88 bytes, in a list with room for a quarter more: up to 105 for each byte of
/// the input. A [`Reader`] takes a tenth of that at the most (S10.3).
///
/// # Errors
/// Whatever is wrong with it, at its offset; nothing panics.
pub fn read(bytes: &[u8]) -> Result<Trace<'_>, InputError> {
    Trace::collect(Reader::new(bytes)?, |_| true)
}

/// Reads, orders and validates a whole trace, and keeps nothing.
///
/// # Errors
/// As [`read`].
pub fn verify(bytes: &[u8]) -> Result<(), InputError> {
    Reader::new(bytes)?.verify()
}
