//! The v1 format: bytes, events, and buffers that fill up.

mod buf;
mod builder;
mod calls;
mod ids;
mod raw;
mod runtime;
mod table;
mod wire;
mod writer;

pub use builder::{Frame, MAX_NAME_LEN, TRACE_BUF_LEN, TraceBuilder};
pub(crate) use calls::V1Tracer;
pub use ids::{GoId, ProcId, StackId, StringId, Ticks};
pub use raw::RawEvent;
pub use runtime::{Chunk, Lane, RuntimeTracer};
pub use writer::{CpuSample, TraceFrame, TraceWriter, UnsupportedVersion};
