//! Execution traces of Go 1.7 to 1.21 (the v1 format) as the runtime writes them,
//! byte for byte.
//!
//! Three layers, each on top of the one before:
//!
//! | type | what it knows |
//! |---|---|
//! | [`RawEvent`] and the `raw_` methods | how bytes are laid out, and nothing else: for traces that are broken on purpose |
//! | [`TraceWriter`] | the arguments of each event in each format version; it refuses what no reader could take |
//! | [`TraceBuilder`] | time, buffers, the string and stack tables, and the footer, as the runtime handles them |
//!
//! Beside them stands [`RuntimeTracer`], the tracer of a running program: buffers that fill
//! up and are read while it goes on, for simulated runs.
//!
//! None of them knows whether a trace makes sense: a goroutine may start twice, and
//! time may run backwards. That is the reader's to judge.
//!
//! ```
//! use sigprof_model::events::{EventType, FormatVersion};
//! use sigprof_sim::tracer::{CpuSample, Frame, GoId, ProcId, Ticks, TraceBuilder};
//!
//! let main = [Frame::new(0x45_1000, "main.main", "main.go", 7)];
//! let p0 = Some(ProcId(0));
//! let mut trace = TraceBuilder::new(FormatVersion::GO_1_19)?;
//! let entry = trace.stack(&main);
//! trace.batch(p0, Ticks(100));
//! trace.event(Ticks(101), EventType::GoCreate, &[1, entry.0], &main);
//! trace.event(Ticks(102), EventType::GoStart, &[1, 1], &[]);
//! trace.cpu_sample(Ticks(110), CpuSample { ts: Ticks(105), p: p0, g: Some(GoId(1)), stack: entry });
//! trace.event(Ticks(120), EventType::GoEnd, &[], &[]);
//! let bytes = trace.finish(1_000_000_000);
//! assert!(bytes.starts_with(b"go 1.19 trace\0\0\0"));
//! # Ok::<(), sigprof_sim::tracer::UnsupportedVersion>(())
//! ```
//!
//! Go: `runtime/trace.go`, `traceEventLocked`, `traceFlush`, `traceString`,
//! `traceStackTable.dump`; R38 to R42.

mod buf;
mod builder;
mod ids;
mod raw;
mod runtime;
mod table;
mod wire;
mod writer;

pub use builder::{Frame, MAX_NAME_LEN, TRACE_BUF_LEN, TraceBuilder};
pub use ids::{GoId, ProcId, StackId, StringId, Ticks};
pub use raw::RawEvent;
pub use runtime::{Chunk, Lane, RuntimeTracer};
pub use writer::{CpuSample, TraceFrame, TraceWriter, UnsupportedVersion};
