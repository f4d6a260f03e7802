//! What the reader makes of traces that are written for one fact each, by the simulator's
//! writer, which shares no code with it.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use sigprof::trace::v1::dump;
use sigprof::trace::{self, Place, Trace, render};
use sigprof_model::events::{EventType as E, FormatVersion};
use sigprof_sim::tracer::{CpuSample, Frame, GoId, ProcId, RawEvent, StackId, Ticks, TraceBuilder};

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
}

#[track_caller]
fn check_error(builder: TraceBuilder, expected: &str) {
    let error = trace::read(&builder.finish(SECOND))
        .unwrap_err()
        .to_string();
    assert!(error.contains(expected), "{error}");
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

#[test]
fn a_length_that_ends_within_a_number_is_refused() {
    let mut builder = builder();
    // 300 takes two bytes.
    let event = RawEvent::of(E::GoSysExit, &[1, 1, 2, 300]).with_length_off_by(-1);
    builder.writer().raw_event(&event);
    check_error(builder, "GoSysExit: want arguments of 4 bytes, got 5 bytes");
}

#[test]
fn events_of_a_timer_goroutine_are_the_timers() {
    for timer in [0, 1] {
        let mut builder = builder();
        builder.event(Ticks(110), E::GoCreate, &[2, 0], &[]);
        builder.event(Ticks(111), E::GoWaiting, &[2], &[]);
        if timer == 0 {
            builder.event(Ticks(112), E::GoSched, &[], &[]);
        }
        builder.event(Ticks(120), E::GoUnblock, &[2, 2], &[]);
        builder.writer().timer_goroutine(GoId(timer));
        let bytes = builder.finish(SECOND);
        let trace = trace::read(&bytes).unwrap();
        assert_eq!(
            trace.events.last().unwrap().place,
            Place::Timer,
            "goroutine {timer}"
        );
    }
}

/// As JSON, what says where the last event of this type happened.
fn place_in_json(builder: TraceBuilder, event_type: E) -> (serde_json::Value, serde_json::Value) {
    let bytes = builder.finish(SECOND);
    let trace = trace::read(&bytes).unwrap();
    let event = trace
        .events
        .iter()
        .rfind(|e| e.event_type == event_type)
        .unwrap();
    let mut out = Vec::new();
    render::json(&trace, event, &mut out).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&out).unwrap();
    (json["p"].clone(), json["place"].clone())
}

#[test]
fn json_says_where_an_event_happened() {
    let null = serde_json::Value::Null;
    assert_eq!(
        place_in_json(builder(), E::GoStart),
        (0.into(), null.clone())
    );

    let mut no_p = builder();
    no_p.cpu_sample(Ticks(110), sample(105, None, 1));
    assert_eq!(
        place_in_json(no_p, E::CPUSample),
        (null.clone(), "no-p".into())
    );

    let mut on_p = builder();
    on_p.cpu_sample(Ticks(110), sample(105, Some(3), 1));
    assert_eq!(place_in_json(on_p, E::CPUSample), (3.into(), null.clone()));

    let mut gc = builder();
    gc.event(Ticks(110), E::GCStart, &[0], &[]);
    assert_eq!(place_in_json(gc, E::GCStart), (null.clone(), "gc".into()));

    let mut syscall = builder();
    syscall.event(Ticks(110), E::GoSysBlock, &[], &[]);
    syscall.event(Ticks(120), E::GoSysExit, &[1, 2, 0], &[]);
    assert_eq!(
        place_in_json(syscall, E::GoSysExit),
        (null.clone(), "syscall".into())
    );

    let mut netpoll = builder();
    netpoll.event(Ticks(110), E::GoBlockNet, &[], &[]);
    netpoll.event(Ticks(120), E::GoUnblock, &[1, 2], &[]);
    assert_eq!(
        place_in_json(netpoll, E::GoUnblock),
        (null.clone(), "netpoll".into())
    );

    let mut timer = builder();
    timer.event(Ticks(110), E::GoSleep, &[], &[]);
    timer.event(Ticks(120), E::GoUnblock, &[1, 2], &[]);
    timer.writer().timer_goroutine(GoId(0));
    assert_eq!(place_in_json(timer, E::GoUnblock), (null, "timer".into()));
}

#[test]
fn a_dump_counts_ticks_and_names_strings() {
    let mut builder = builder();
    let name = builder.string("work");
    let frame = Frame::new(0x1234, "main.f", "main.go", 7);
    builder.event(Ticks(105), E::UserRegion, &[0, 0, name.0], &[frame]);
    let mut out = Vec::new();
    dump::dump(&builder.finish(SECOND), &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    let meanings: Vec<_> = text
        .lines()
        .filter_map(|l| l.splitn(3, " | ").nth(2))
        .map(str::trim)
        .collect();
    for expected in [
        "tick +1 = 100",
        "tick +4 = 105",
        "stack of the new goroutine = 0",
        "typeid = 1 \"work\"",
        "function = 2 \"main.f\"",
        "line = 7",
    ] {
        assert!(meanings.contains(&expected), "{expected} in {meanings:#?}");
    }
}
