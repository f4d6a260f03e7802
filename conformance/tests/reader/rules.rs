//! The rules of SPEC.md's sections 6 to 10, one by one: traces of a few bytes, what our reader
//! makes of each, and what real Go 1.19 and 1.21 make of it where they are installed.
//!
//! | child | what |
//! |---|---|
//! | `bytes` | section 6: header, numbers, events |
//! | `tables` | section 6: strings, stacks, single types |
//! | `batches` | section 7 |
//! | `order` | section 8 |
//! | `numbered` | section 8, for traces of 1.5 |
//! | `possible` | section 9 |
//! | `printed` | section 10 |
//! | `profile` | S11, S2.1 |
//! | `judge` | what either reader makes of bytes |
//!
//! Traces come from the simulator's writer, which shares no code with the reader, or are
//! written out as bytes.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod batches;
mod bytes;
mod judge;
mod numbered;
mod order;
mod possible;
mod printed;
mod profile;
mod tables;

use sigprof_sim::tracer::{CpuSample, GoId, ProcId, StackId, Ticks, TraceBuilder};
use sigprof_wire::FormatVersion;
use sigprof_wire::v1::EventType as E;

const SECOND: u64 = 1_000_000_000;

/// A batch of P 0 that begins at tick 99; a tick is a nanosecond.
fn empty(version: FormatVersion) -> TraceBuilder {
    let mut builder = TraceBuilder::new(version).unwrap();
    builder.batch(Some(ProcId(0)), Ticks(99));
    builder
}

/// The same, in which goroutine 1 is created at tick 100 and starts at tick 101.
fn started() -> TraceBuilder {
    started_in(FormatVersion::GO_1_19)
}

fn started_in(version: FormatVersion) -> TraceBuilder {
    let mut builder = empty(version);
    builder.event(Ticks(100), E::GoCreate, &[1, 0], &[]);
    builder.event(Ticks(101), E::GoStart, &[1, 1], &[]);
    builder
}

/// The lines that are printed for that start.
const STARTED: [&str; 2] = [
    "0 GoCreate p=0 g=0 g=1 stack=0",
    "1 GoStart p=0 g=1 g=1 seq=1",
];

fn sample(tick: u64, p: Option<u32>, goroutine: u64) -> CpuSample {
    CpuSample {
        ts: Ticks(tick),
        p: p.map(ProcId),
        g: Some(GoId(goroutine)),
        stack: StackId::EMPTY,
    }
}

/// A trace that starts so is read by us and by Go, as these events after [`STARTED`].
#[track_caller]
fn reads(builder: TraceBuilder, lines: &[&str]) {
    judge::reads(&builder.finish(SECOND), &[&STARTED, lines].concat());
}

/// A trace that both refuse, we and Go, in these words.
#[track_caller]
fn refused(builder: TraceBuilder, ours: &str, go: &str) {
    judge::refused(&builder.finish(SECOND), ours, go);
}
