//! The builder's additions to the writer, against bytes computed by hand.

use super::*;
use crate::tracer::GoId;
use sigprof_wire::limits::HEADER_LEN;

const P0: Option<ProcId> = Some(ProcId(0));

fn builder(version: FormatVersion) -> TraceBuilder {
    TraceBuilder::new(version).unwrap()
}

/// The bytes behind the header of a trace of one batch of P 0 from tick 10 on.
fn check_in(version: FormatVersion, build: impl FnOnce(&mut TraceBuilder), want: &[u8]) {
    let mut trace = builder(version);
    trace.batch(P0, Ticks(10));
    build(&mut trace);
    assert_eq!(&trace.finish(9)[HEADER_LEN..], want);
}

fn check(build: impl FnOnce(&mut TraceBuilder), want: &[u8]) {
    check_in(FormatVersion::GO_1_19, build, want);
}

/// `GoEnd` at each of these times.
fn ends_at(times: &[u64]) -> impl FnOnce(&mut TraceBuilder) {
    move |trace| {
        for &at in times {
            trace.event(Ticks(at), EventType::GoEnd, &[], &[]);
        }
    }
}

/// Guards R41.1.
#[test]
fn the_frequency_stands_before_the_stack_batch_until_1_19() {
    check(|_| {}, &[0x41, 0, 10, 2, 9, 0x41, 0, 11]);
}

/// Guards R41.1.
#[test]
fn the_frequency_stands_in_the_stack_batch_from_1_21_on() {
    check_in(
        FormatVersion::GO_1_21,
        |_| {},
        &[0x41, 0, 10, 0x41, 0, 11, 2, 9],
    );
}

#[test]
fn times_become_deltas() {
    check(
        ends_at(&[15, 16]),
        &[0x41, 0, 10, 15, 5, 15, 1, 2, 9, 0x41, 0, 17],
    );
}

/// Guards R39.2.
#[test]
fn an_event_at_the_same_tick_moves_one_on() {
    check(
        ends_at(&[10, 11]),
        &[0x41, 0, 10, 15, 1, 15, 1, 2, 9, 0x41, 0, 13],
    );
}

/// Guards R39.3.
#[test]
fn an_earlier_event_keeps_its_time_in_1_19() {
    let mut want = vec![0x41, 0, 10, 15];
    // -2, in ten bytes.
    want.extend([0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]);
    want.extend([2, 9, 0x41, 0, 9]);
    check(ends_at(&[8]), &want);
}

/// Guards R39.3.
#[test]
fn an_earlier_event_moves_behind_the_last_in_1_21() {
    check_in(
        FormatVersion::GO_1_21,
        ends_at(&[8]),
        &[0x41, 0, 10, 15, 1, 0x41, 0, 12, 2, 9],
    );
}

#[test]
fn an_event_returns_the_time_that_it_has() {
    let mut trace = builder(FormatVersion::GO_1_21);
    trace.batch(P0, Ticks(10));
    let mut end = |at| trace.event(Ticks(at), EventType::GoEnd, &[], &[]);
    assert_eq!(end(20), Ticks(20));
    assert_eq!(end(20), Ticks(21));
    assert_eq!(end(5), Ticks(22));
}

#[test]
fn a_string_is_written_once_before_its_first_use() {
    let log = |trace: &mut TraceBuilder| {
        trace.user_log(Ticks(11), 1, "k", "m", &[]);
        trace.user_log(Ticks(12), 1, "k", "", &[]);
    };
    let want = [
        &[0x41, 0, 10][..],
        &[37, 1, 1, b'k'],
        &[0xf0, 4, 1, 1, 1, 0, 1, b'm'],
        &[0xf0, 4, 1, 1, 1, 0, 0],
        &[2, 9, 0x41, 0, 13],
    ];
    check(log, &want.concat());
}

/// Guards R42.1, R42.7.
#[test]
fn the_empty_string_and_the_empty_stack_are_not_written() {
    let mut trace = builder(FormatVersion::GO_1_19);
    assert_eq!(trace.string(""), StringId::EMPTY);
    assert_eq!(trace.stack(&[]), StackId::EMPTY);
    assert_eq!(trace.writer().offset(), HEADER_LEN);
}

/// Guards R42.5.
#[test]
fn a_stack_is_spelled_out_once_with_its_names_before_it() {
    let frames = [Frame::new(300, "f", "g", 7)];
    let block = |trace: &mut TraceBuilder| {
        trace.event(Ticks(11), EventType::GoBlock, &[], &frames);
        let stack = trace.stack(&frames);
        let (ts, p, g) = (Ticks(10), P0, Some(GoId(3)));
        trace.cpu_sample(Ticks(12), CpuSample { ts, p, g, stack });
    };
    let want = [
        &[0x41, 0, 10][..],
        &[0x54, 1, 1],
        &[0xf1, 5, 1, 10, 0, 3, 1],
        &[2, 9, 0x41, 0, 13],
        &[37, 1, 1, b'f', 37, 2, 1, b'g'],
        &[0xc3, 7, 1, 1, 0xac, 0x02, 1, 2, 7],
    ];
    check(block, &want.concat());
}

/// Guards R42.8.
#[test]
fn a_long_name_keeps_its_end() {
    let name = format!("x{}", "y".repeat(MAX_NAME_LEN));
    assert_eq!(last_bytes(&name), "y".repeat(MAX_NAME_LEN).as_bytes());
    assert_eq!(last_bytes("short"), b"short");
}

/// Guards R40.1, R40.2.
#[test]
fn a_full_buffer_goes_on_in_another_batch() {
    let mut trace = builder(FormatVersion::GO_1_19);
    trace.batch(Some(ProcId(5)), Ticks(10));
    let mut starts = vec![HEADER_LEN];
    for at in 11..40_000 {
        let before = trace.writer().offset();
        trace.event(Ticks(at), EventType::GoEnd, &[], &[]);
        if trace.writer().offset() - before != 2 {
            starts.push(before);
            break;
        }
    }
    let bytes = trace.finish(9);
    let len = starts[1] - starts[0];
    assert!((TRACE_BUF_LEN - MAX_EVENT_LEN..=TRACE_BUF_LEN).contains(&len));
    // 3 bytes of batch and 2 of each event: the last event was at tick 32227.
    assert_eq!(10 + (len - 3) / 2, 32_227);
    let again = [0x41, 5, 0xe3, 0xfb, 0x01, 15, 1];
    assert_eq!(bytes[starts[1]..starts[1] + again.len()], again);
}

#[test]
fn the_footer_has_as_many_batches_as_it_needs() {
    let mut trace = builder(FormatVersion::GO_1_19);
    trace.batch(P0, Ticks(10));
    for line in 0..100 {
        let name = format!("{line:01024}");
        trace.stack(&[Frame::new(1, &name, "", line)]);
    }
    let bytes = trace.finish(9);
    // 102,400 bytes of names do not go into one buffer, but into two.
    let batch = |at| [0x41, 0, at];
    let count = |at| bytes.windows(3).filter(|w| w == &batch(at)).count();
    assert_eq!((count(10), count(11)), (1, 2));
}

#[test]
fn the_same_calls_give_the_same_bytes() {
    let build = || {
        let mut trace = builder(FormatVersion::GO_1_19);
        trace.batch(P0, Ticks(10));
        for g in 1..50 {
            let frames = [Frame::new(g, &format!("f{}", g % 7), "g.go", g % 5)];
            trace.event(Ticks(10 + g), EventType::GoUnblockLocal, &[g], &frames);
        }
        trace.finish(9)
    };
    assert_eq!(build(), build());
}
