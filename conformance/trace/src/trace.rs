//! Go execution traces: bytes in, ordered events with stacks and strings out.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/valid/basics/tiny/trace");
//! let mut reader = sigprof_trace::trace::Reader::from_path(path)?;
//! println!("go {}", reader.version());
//! while let Some(event) = reader.next_event()? {
//!     if event.is_sample() {
//!         let leaf = reader.frames(event.stack).next();
//!         println!("{} ns: {:?}", event.time, leaf.map(|f| reader.text(f.function)));
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! | module | contents |
//! |---|---|
//! | [`header`] | the first 16 bytes: which version, or which other file this is |
//! | [`reader`] | the [`Reader`] of both formats: event by event, in order, from a file of any size |
//! | [`event`], [`kind`], [`ids`] | the [`Event`] of both formats, in the nouns of Go's `internal/trace` |
//! | [`stacks`] | stacks of samples, each once, whatever their generations call them |
//! | [`stat`] | numbers that traces of both formats have |
//! | [`input`] | the bytes of a file, mapped, or of a stream |
//! | [`options`] | how a trace is read, and what is odd about one |
//! | [`v1`] | the format of Go 1.5 to 1.21: its own events, text as Go 1.19 prints it, numbers, the dump |
//! | [`v2`] | the format of Go 1.22 and later: the same |

pub mod event;
mod format;
pub mod header;
pub mod ids;
pub mod input;
pub mod kind;
pub mod options;
pub mod reader;
mod source;
pub mod stacks;
pub mod stat;
pub mod v1;
pub mod v2;

pub use event::{Event, Frame};
pub use ids::{Generation, GoId, Nanos, ProcId, StackId, TaskId, ThreadId, Ticks};
pub use input::Input;
pub use kind::Kind;
pub use options::{Options, Release, Strict, Warning, Warnings};
pub use reader::{Frames, Reader};
pub use stacks::Stacks;
