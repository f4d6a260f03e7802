//! The simulator of signal-driven CPU profiling, and the writer of its traces.
//!
//! A run is a function of its [`Seed`]: the same seed gives the same bytes, on
//! every machine and for ever. So nothing in this crate reads a clock, asks the
//! operating system for randomness or goes by the iteration order of a hash map;
//! `clippy.toml` beside this crate bans what could.
//!
//! It has two halves. The [`engine`] runs the model's code with everything that is left to
//! chance decided by a strategy, and finds what breaks a law. The [`machine`] is a small Go
//! runtime around that code, and makes traces, profiles and the truth about them.
//!
//! | module | what |
//! |---|---|
//! | [`bounds`] | bounds of what a plan may ask for and a run may take |
//! | [`engine`] | the model's code under control: every interleaving, every signal |
//! | [`machine`] | a small Go runtime: a trace, a profile and the truth from a seed and a plan |
//! | [`pinned`] | runs whose bytes are known |
//! | [`plan`] | programs for the engine as data: drawn, read, written, shrunk |
//! | [`profiler`] | CPU profiles as runtime/pprof writes them |
//! | [`program`] | a synthetic program, so that stacks symbolise |
//! | [`seed`] | seeds, their named sub-streams, and the generator that they feed |
//! | [`truth`] | what became of each signal |
//! | [`workload`] | what a run does: drawn, or as TOML |
//! | [`stage`] | hard cases on purpose, step by step, on the engine as well |
//! | [`tracer`] | execution traces of Go 1.7 to 1.21 as the runtime writes them, byte for byte |
//!
//! This crate shares numbers and limits with the reader (`sigprof`), through
//! `sigprof-model`, and no code: real Go judges both. A reader of ours that
//! agrees with a writer of ours would prove nothing.

pub mod bounds;
pub mod engine;
pub mod machine;
pub mod pinned;
pub mod plan;
pub mod profiler;
pub mod program;
mod runtime;
pub mod seed;
pub mod stage;
pub mod tracer;
pub mod truth;
pub mod workload;

pub use seed::Seed;
