//! The protocol of signal-driven CPU profiling: what the runtime, the simulator
//! and the readers have to agree on.
//!
//! This crate has no I/O, no clock and no randomness. What stands in it today is
//! the ground that the writer (`sigprof-sim`) and the reader (`sigprof`) share:
//! numbers and limits. They share no code, so that real Go stays the judge of
//! both.
//!
//! | module | what |
//! |---|---|
//! | [`events`] | the event types of the v1 trace format, with their arguments |
//! | [`limits`] | sizes of the rings, stacks, strings and events, as Go has them |

pub mod events;
pub mod limits;
