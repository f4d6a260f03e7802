//! sigprof
pub mod bytes;
pub mod check;
pub mod error;
pub mod oracle;
pub mod pprof;
pub mod suite;
pub mod trace;
