//! The corpus (`fixtures/`) is right: it fits its schema, it is what its makers make, it says
//! what really happened, and real Go reads the same samples and refuses the same files.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod compared;
mod faults;
mod go;
mod judged;
mod made;
mod parsers;
mod random;
mod runs;
