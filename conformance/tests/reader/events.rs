//! Traces that are written for one fact each, by the simulator's writer, which shares no code with
//! the reader. Where Go 1.19 is installed, it must read or refuse each as our reader does.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod dumped;
mod judge;
mod options;
mod shown;

use sigprof::trace::v1::{self as trace, Place, Trace};
use sigprof_sim::tracer::{CpuSample, GoId, ProcId, RawEvent, StackId, Ticks, TraceBuilder};
use sigprof_wire::FormatVersion;
use sigprof_wire::v1::EventType as E;

const SECOND: u64 = 1_000_000_000;

/// A trace of ticks of a nanosecond, whose first event is `GoCreate` of goroutine 1 at tick
/// 100 and whose second starts it on P 0 at tick 101; times count from there.
fn builder() -> TraceBuilder {
    let mut builder = TraceBuilder::new(FormatVersion::GO_1_19).unwrap();
    builder.batch(Some(ProcId(0)), Ticks(99));
    builder.event(Ticks(100), E::GoCreate, &[1, 0], &[]);
    builder.event(Ticks(101), E::GoStart, &[1, 1], &[]);
    builder
}

fn sample(tick: u64, p: Option<u64>, goroutine: u64) -> CpuSample {
    CpuSample {
        ts: Ticks(tick),
        p: p.map(|p| ProcId(p.try_into().unwrap())),
        g: Some(GoId(goroutine)),
        stack: StackId::EMPTY,
    }
}

/// Time, type and goroutine of each event.
fn events(trace: &Trace) -> Vec<(i64, E, u64)> {
    let events = trace.events.iter();
    events
        .map(|e| (e.time, e.event_type, e.goroutine_or_zero()))
        .collect()
}

#[track_caller]
fn check(builder: TraceBuilder, expected: &[(i64, E, u64)]) {
    let bytes = builder.finish(SECOND);
    let trace = trace::read(&bytes).unwrap();
    let start = [(0, E::GoCreate, 0), (1, E::GoStart, 1)];
    assert_eq!(events(&trace), [&start, expected].concat());
    judge::agrees(&bytes);
}

#[track_caller]
fn check_error(builder: TraceBuilder, expected: &str) {
    let bytes = builder.finish(SECOND);
    let error = trace::read(&bytes).unwrap_err().to_string();
    assert!(error.contains(expected), "{error}");
    judge::refuses(&bytes);
}

#[test]
fn samples_come_in_the_order_of_their_signals() {
    let mut builder = builder();
    builder.event(Ticks(130), E::GoSched, &[], &[]);
    builder.batch(Some(ProcId(0)), Ticks(200));
    for (goroutine, tick) in [(7, 120), (8, 110), (9, 140)] {
        builder.cpu_sample(Ticks(201), sample(tick, Some(0), goroutine));
    }
    let s = E::CPUSample;
    check(
        builder,
        &[(10, s, 8), (20, s, 7), (30, E::GoSched, 1), (40, s, 9)],
    );
}

#[test]
fn samples_of_one_time_keep_the_order_of_the_file_and_come_after_events() {
    let mut builder = builder();
    builder.event(Ticks(110), E::GoSched, &[], &[]);
    builder.batch(Some(ProcId(0)), Ticks(200));
    for goroutine in [9, 7, 8] {
        builder.cpu_sample(Ticks(201), sample(110, Some(0), goroutine));
    }
    let s = E::CPUSample;
    check(
        builder,
        &[(10, E::GoSched, 1), (10, s, 9), (10, s, 7), (10, s, 8)],
    );
}

#[test]
fn a_sample_leaves_the_goroutine_of_its_batch_alone() {
    let mut builder = builder();
    builder.cpu_sample(Ticks(110), sample(105, Some(3), 9));
    builder.event(Ticks(120), E::GoSched, &[], &[]);
    check(builder, &[(5, E::CPUSample, 9), (20, E::GoSched, 1)]);
}

#[test]
fn a_syscall_exit_comes_when_it_really_was() {
    let mut builder = builder();
    builder.event(Ticks(110), E::GoSysBlock, &[], &[]);
    builder.event(Ticks(120), E::HeapAlloc, &[1], &[]);
    // Written at tick 130, when the thread has a P again.
    builder.event(Ticks(130), E::GoSysExit, &[1, 2, 115], &[]);
    let expected = [
        (10, E::GoSysBlock, 1),
        (15, E::GoSysExit, 1),
        (20, E::HeapAlloc, 0),
    ];
    check(builder, &expected);
}

#[test]
fn wake_ups_that_led_to_nothing_are_left_out() {
    let mut builder = builder();
    builder.event(Ticks(110), E::GoBlockSync, &[], &[]);
    // Goroutine 0 stands for the scheduler: it may wake others.
    builder.event(Ticks(120), E::GoUnblock, &[1, 2], &[]);
    builder.event(Ticks(130), E::GoStart, &[1, 3], &[]);
    builder.event(Ticks(140), E::FutileWakeup, &[], &[]);
    builder.event(Ticks(150), E::GoBlockSync, &[], &[]);
    builder.event(Ticks(160), E::GoUnblock, &[1, 4], &[]);
    check(builder, &[(10, E::GoBlockSync, 1), (60, E::GoUnblock, 0)]);
}

#[test]
fn who_does_not_run_does_not_stop() {
    let mut builder = builder();
    builder.event(Ticks(110), E::GoEnd, &[], &[]);
    builder.event(Ticks(120), E::GoStop, &[], &[]);
    check_error(builder, "GoStop: want a goroutine, got g0");
}

/// A wake-up that is left out leaves the goroutine waiting, though it was seen to run.
#[test]
fn who_waits_does_not_stop() {
    let mut builder = builder();
    builder.event(Ticks(110), E::GoBlockSync, &[], &[]);
    builder.event(Ticks(120), E::GoUnblock, &[1, 2], &[]);
    builder.event(Ticks(130), E::GoStart, &[1, 3], &[]);
    builder.event(Ticks(140), E::FutileWakeup, &[], &[]);
    builder.event(Ticks(150), E::GoSched, &[], &[]);
    builder.event(Ticks(160), E::GoStart, &[1, 4], &[]);
    builder.event(Ticks(170), E::GoBlockSync, &[], &[]);
    check_error(builder, "GoSched: want goroutine 1 Running, got Waiting");
}

#[test]
fn a_length_that_ends_within_a_number_is_refused() {
    let mut builder = builder();
    // 300 takes two bytes.
    let event = RawEvent::of(E::GoSysExit, &[1, 1, 2, 300]).with_length_off_by(-1);
    builder.writer().raw_event(&event);
    check_error(builder, "GoSysExit: want arguments of 4 bytes, got 5 bytes");
}

/// That goroutine 2, which waits, is woken by goroutine 0 or 1, the timers' own.
#[track_caller]
fn check_timer(waker: u64) {
    let mut builder = builder();
    builder.event(Ticks(110), E::GoCreate, &[2, 0], &[]);
    builder.event(Ticks(111), E::GoWaiting, &[2], &[]);
    if waker == 0 {
        builder.event(Ticks(112), E::GoSched, &[], &[]);
    }
    builder.event(Ticks(120), E::GoUnblock, &[2, 2], &[]);
    builder.writer().timer_goroutine(GoId(waker));
    let bytes = builder.finish(SECOND);
    let trace = trace::read(&bytes).unwrap();
    let unblock = trace.events.last().unwrap();
    assert_eq!(unblock.event_type, E::GoUnblock);
    assert_eq!(unblock.place, Place::Timer);
    judge::agrees(&bytes);
}

#[test]
fn what_a_timer_goroutine_wakes_is_woken_by_a_timer() {
    check_timer(1);
}

/// Go keeps no goroutine as 0, which it takes for a timer goroutine if a trace says so.
#[test]
fn goroutine_0_may_be_a_timer_goroutine() {
    check_timer(0);
}
