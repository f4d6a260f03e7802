//! The simulator of signal-driven CPU profiling, and the writer of its traces.
//!
//! A run is a function of its [`Seed`]: the same seed gives the same bytes, on
//! every machine and for ever. So nothing in this crate reads a clock, asks the
//! operating system for randomness or goes by the iteration order of a hash map;
//! `clippy.toml` beside this crate bans what could.
//!
//! What stands here today is the ground for the simulator proper: its random
//! streams, and the bytes that a Go-like tracer writes.
//!
//! | module | what |
//! |---|---|
//! | [`engine`] | the model's code under control: every interleaving, every signal |
//! | [`plan`] | programs for it as data: drawn, read, written, shrunk |
//! | [`seed`] | seeds, their named sub-streams, and the generator that they feed |
//! | [`tracer`] | execution traces of Go 1.7 to 1.21 as the runtime writes them, byte for byte |
//!
//! This crate shares numbers and limits with the reader (`sigprof`), through
//! `sigprof-model`, and no code: real Go judges both. A reader of ours that
//! agrees with a writer of ours would prove nothing.

pub mod engine;
pub mod plan;
pub mod seed;
pub mod tracer;

pub use seed::Seed;
