//! The engine's command line, as a library: interleavings explored, replayed, and tried on
//! mutants.
//!
//! This is the half of the crate that runs the model; nothing that reads traces or profiles
//! knows of it (`tests/suite/house.rs`).
//!
//! | module | what |
//! |---|---|
//! | [`target`] | what is run: a scenario of a revision or a mutant |
//! | [`exploration`] | many runs, on all cores, the same on any number of them |
//! | [`fuzz`] | plans, fuzzed |
//! | [`finding`] | a failure, shrunk |
//! | [`report`] | what an exploration came to |
//! | [`replay`] | one run again |
//! | [`table`], [`html`] | a run, to look at |
//! | `fold` | its lines under the calls of Go's that they are in |
//! | [`seeds`] | kept regressions |
//! | [`matrix`] | every mutant and every revision through every strategy |

pub mod exploration;
pub mod finding;
mod fold;
pub mod fuzz;
pub mod html;
pub mod lines;
pub mod matrix;
pub mod replay;
pub mod report;
pub mod seeds;
pub mod table;
pub mod target;
