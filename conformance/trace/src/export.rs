//! Traces in the formats of other tools.
//!
//! | module | what |
//! |---|---|
//! | [`chrome`] | Chrome's trace events, as Go's viewer makes them; Perfetto opens them |
//! | [`pprof`] | a CPU profile of a trace's samples, which `go tool pprof` opens; and of a difference |
//! | [`samples`] | the samples of a trace with what is known of each, for other formats |

pub mod chrome;
pub mod pprof;
pub mod samples;
