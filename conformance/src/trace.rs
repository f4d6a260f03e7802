//! Go execution traces: bytes in, ordered events with stacks and strings out.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let bytes = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/real/go1.19/tiny/trace"))?;
//! let trace = sigprof::trace::read(&bytes)?;
//! println!("go {}: {} events", trace.version, trace.events.len());
//! for sample in trace.samples() {
//!     let leaf = trace.stack(sample.stack).first().map(|f| trace.text(f.function));
//!     println!("{} ns: {leaf:?}", sample.time);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! | module | what |
//! |---|---|
//! | [`header`] | the first 16 bytes: which version, or which other file this is |
//! | [`event`] | what a trace is made of: [`Event`], [`Frame`], [`Trace`] |
//! | [`v1`] | the readers of Go 1.7 to 1.21's format, and the byte-by-byte dump |
//! | [`render`] | events as text, as Go prints them, and as JSON |

pub mod event;
pub mod header;
pub mod render;
pub mod v1;

pub use event::{Event, Frame, GoId, LoggedSample, Place, StackId, Trace};

use crate::error::InputError;

/// Reads, orders and validates a whole trace.
///
/// Memory stays below a small multiple of the input, whatever the input is
/// (S10).
///
/// # Errors
/// Whatever is wrong with it, at its offset; nothing panics.
pub fn read(bytes: &[u8]) -> Result<Trace<'_>, InputError> {
    let version = header::read(bytes)?;
    v1::read(version, bytes)
}
