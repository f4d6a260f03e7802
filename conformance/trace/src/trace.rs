//! Go execution traces: bytes in, ordered events with stacks and strings out.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let bytes = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/valid/basics/tiny/trace"))?;
//! let trace = sigprof_trace::trace::v1::read(&bytes)?;
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

pub mod header;
pub mod input;
pub mod options;
pub mod v1;
pub mod v2;

pub use input::Input;
pub use options::{Options, Strict, Warning, Warnings};
