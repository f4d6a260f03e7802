//! The corpus (`fixtures/`) is right: it fits its schema, it is what its makers make, it says
//! what really happened, and real Go reads the same samples and refuses the same files.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod adapted;
mod adapters;
mod compared;
mod crashes;
mod faults;
mod go;
#[cfg(unix)]
mod groups;
mod held;
mod judged;
mod lazy;
mod levels;
mod lies;
mod made;
mod mistaken;
mod parser;
mod parsers;
mod random;
mod run_options;
mod runs;
