//! Reads Go execution traces and CPU profiles, and says whether they agree.
//!
//! Go can put CPU-profile samples into its execution traces. They are taken in a signal
//! handler and pass through a lock-free ring, and on the way they can be lost without a
//! word. With a trace and the profile of the same run, this crate says which samples the
//! trace misses, and why.
//!
//! ```no_run
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mut trace = sigprof_trace::trace::Reader::from_path("trace")?;
//! let profile = sigprof_trace::pprof::read(&std::fs::read("profile.pb.gz")?)?;
//! let report = sigprof_trace::check::check(&mut trace, &profile, &Default::default())?;
//! println!("{}: {}", report.verdict, report.summary);
//! # Ok(())
//! # }
//! ```
//!
//! | module | contents |
//! |---|---|
//! | [`trace`] | execution traces: bytes in, ordered events with stacks and strings out |
//! | [`pprof`] | CPU profiles: bytes in, samples with whole stacks out |
//! | [`check`] | do the two agree? |
//! | [`export`] | traces for other tools: Chrome's trace events, profiles |
//! | [`shown`] | text of others, fit to be shown to people |
//! | [`error`], [`bytes`] | errors with offset, want and got; a cursor that knows where it stands |
//!
//! Whatever the bytes are, nothing panics, and memory stays in proportion to them. The
//! rules that comments cite (`R36`, `S8`) are those of the project's SPEC.md.

// The one exception is `trace/input.rs`, which maps files, and says why that is sound.
#![deny(unsafe_code)]

pub mod bytes;
pub mod check;
pub mod error;
pub mod export;
mod foreign;
pub mod gzip;
mod heap;
pub mod pprof;
pub mod shown;
pub mod trace;
