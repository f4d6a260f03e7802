//! The protocol of signal-driven CPU profiling: what the runtime, the simulator
//! and the readers have to agree on.
//!
//! This crate has no I/O, no clock and no randomness. Two things stand in it:
//!
//! - the ground that the writer of traces (`sigprof-sim`) and the readers (`sigprof`)
//!   share: numbers and limits. They share no code, so that real Go stays the judge
//!   of both;
//! - the protocol itself, written once over a [`backend`], so that the text which runs
//!   on real threads is the one that is explored and proven.
//!
//! | module | what |
//! |---|---|
//! | [`events`] | the event types of the v1 trace format, with their arguments |
//! | [`limits`] | sizes of the rings, stacks, strings and events, as Go has them |
//! | [`backend`] | shared words, plain words, a note: what the protocol is written over |
//! | [`protocol`] | what differs from one Go release to the next, as data |
//! | [`signal_lock`] | the spin lock that is only ever taken in a signal handler |
//! | [`prof_buf`] | the ring between signal handler and reader |
//! | [`prof_index`] | its positions, packed into a word |
//! | [`overflow`] | what it could not hold |
//! | [`known`] | what Go's releases break |

pub mod backend;
pub mod cpu_log;
pub mod cpu_profile;
pub mod events;
pub mod known;
pub mod law;
pub mod limits;
pub mod m;
pub mod mutants;
pub mod overflow;
pub mod prof_buf;
pub mod prof_index;
pub mod protocol;
pub mod sample;
pub mod scenario;
pub mod signal_lock;
pub mod sigprof;
