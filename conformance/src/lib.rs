//! Reads Go execution traces and CPU profiles, and says whether they agree.
//!
//! Go can put CPU-profile samples into its execution traces. They are taken in a signal
//! handler and pass through a lock-free ring, and on the way they can be lost without a
//! word. With a trace and the profile of the same run, this crate says which samples the
//! trace misses, and why.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/valid/basics/tiny");
//! # let (trace, profile) = (format!("{folder}/trace"), format!("{folder}/profile.pb.gz"));
//! let mut trace = sigprof::trace::Reader::from_path(trace)?;
//! let profile = sigprof::pprof::read(&std::fs::read(profile)?)?;
//! let report = sigprof::check::check(&mut trace, &profile, &Default::default())?;
//! println!("{}", report.summary);
//! assert_eq!(report.verdict, sigprof::check::Verdict::Match);
//! # Ok(())
//! # }
//! ```
//!
//! | module | what |
//! |---|---|
//! | [`trace`] | execution traces: bytes in, ordered events with stacks and strings out |
//! | [`pprof`] | CPU profiles: bytes in, samples with whole stacks out |
//! | [`check`] | do the two agree? |
//! | [`export`] | traces for other tools: Chrome's trace events, profiles, samples over time |
//! | [`cli`] | the command: arguments, files, exit codes |
//! | [`fixtures`] | the fixtures, which are part of the program, and what is said of them |
//! | [`failure`] | what is not as it should be, and where |
//! | [`corpus`] | the fixtures as a corpus for others: what a parser must make of each |
//! | [`suite`] | the conformance suite |
//! | [`oracle`] | real Go, as the judge |
//! | [`campaign`] | more runs than one machine does in a night, shared out and merged
//! | [`explore`] | interleavings of the model: explored, replayed, tried on mutants |
//! | [`again`] | commands that show something again |
//! | [`explain`] | what a code means: a law, a defect, a rule, a verdict and so on |
//! | [`page`] | outcomes as pages: one file that needs nothing else |
//! | [`spec`] | the rules of SPEC.md, by number |
//! | [`truth`] | what really happened in a simulated run, and the rules that need to know it |
//! | [`shown`] | text of others, fit to be shown to people |
//! | [`error`], [`bytes`] | errors with offset, want and got; a cursor that knows where it stands |
//!
//! Whatever the bytes are, nothing panics, and memory stays in proportion to them. The
//! rules that comments cite (`R36`, `S8`) are those of SPEC.md.

// Mapping a file, in `trace::input`, is the one exception, and says why.
#![deny(unsafe_code)]

// The command is written as if it were another crate, which it was. Here it is compiled once with the
// rest, while the crates that it needs are still on their way; a program waits for all of them.
extern crate self as sigprof;

/// The version of the program, as every JSON that it prints has it.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

pub use sigprof_trace::{bytes, check, error, gzip, pprof, shown, trace};

pub mod again;
pub mod campaign;
pub mod cli;
pub mod corpus;
pub mod explain;
pub mod explore;
pub mod export;
pub mod failure;
pub mod fixtures;
mod frame;
pub mod go_text;
pub mod oracle;
pub mod page;
mod parallel;
mod select;
pub mod spec;
pub mod suite;
mod table;
pub mod truth;
