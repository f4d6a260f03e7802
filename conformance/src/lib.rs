//! sigprof
pub mod bytes;
pub mod check;
pub mod error;
pub mod pprof;
pub mod trace;
