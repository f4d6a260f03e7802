//! Bytes that the runtime's tracer writes and hands out, against those computed by hand.

use super::*;
use crate::tracer::TRACE_BUF_LEN;

const GO_1_19: FormatVersion = FormatVersion::GO_1_19;
const GO_1_21: FormatVersion = FormatVersion::GO_1_21;

/// Ten bytes of a varint that is -1.
const MINUS_ONE: [u8; 10] = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1];

/// The clock while the trace is read.
const LATE: Ticks = Ticks(90);

fn started(version: FormatVersion) -> RuntimeTracer {
    let mut tracer = RuntimeTracer::new(version, 2).unwrap();
    assert!(tracer.start());
    tracer
}

/// `GoEnd` at each of these times.
fn ends_at(tracer: &mut RuntimeTracer, lane: Lane, times: &[u64]) {
    for &at in times {
        tracer.event(lane, Ticks(at), EventType::GoEnd, &[]);
    }
}

fn sample(tracer: &mut RuntimeTracer, at: u64, args: [u64; 4]) {
    tracer.event(Lane::Samples, Ticks(at), EventType::CPUSample, &args);
}

/// Pieces up to where the reader would sleep, or to the end.
fn pieces(tracer: &mut RuntimeTracer, program: &Program) -> Vec<Vec<u8>> {
    let mut pieces = Vec::new();
    while let Chunk::Bytes(bytes) = tracer.read(program, LATE) {
        pieces.push(bytes.to_vec());
    }
    pieces
}

/// The rest of a trace that stops now, after its header.
fn rest(mut tracer: RuntimeTracer) -> Vec<Vec<u8>> {
    tracer.stop(9, 1_000_000_000);
    let pieces = pieces(&mut tracer, &Program::new());
    assert_eq!(pieces[0].len(), 16);
    pieces[1..].to_vec()
}

/// Guards R36.1, R36.3, R41.1.
#[test]
fn the_reader_gets_header_buffers_footer_and_end() {
    let program = Program::new();
    for version in [GO_1_19, GO_1_21] {
        let mut tracer = started(version);
        assert_eq!(pieces(&mut tracer, &program), [header(version)]);
        // Events that do not fill a buffer wake nobody, nor do samples.
        ends_at(&mut tracer, Lane::P(0), &[10]);
        sample(&mut tracer, 10, [1, 2, 3, 4]);
        assert!(!tracer.has_work_for_reader());
        assert_eq!(tracer.read(&program, LATE), Chunk::Park);
        tracer.stop(9, 1_000_000_000);
        assert!(tracer.has_work_for_reader());
        let got = pieces(&mut tracer, &program);
        let footer: &[&[u8]] = if version == GO_1_19 {
            &[&[2, 9], &[0x41, 0, 90]]
        } else {
            &[&[0x41, 0, 90, 2, 9]]
        };
        assert_eq!(got[0], [0x41, 0, 10, 15, 1]);
        assert_eq!(got[2..], *footer);
        assert!(!tracer.is_shutdown());
    }
}

/// Guards R34.3, R37.5, R40.1, R40.3.
#[test]
fn what_is_left_comes_by_ps_then_no_p_then_samples() {
    for version in [GO_1_19, GO_1_21] {
        let mut tracer = started(version);
        sample(&mut tracer, 11, [5, 1, 7, 3]);
        ends_at(&mut tracer, Lane::NoP, &[12]);
        ends_at(&mut tracer, Lane::P(1), &[13]);
        ends_at(&mut tracer, Lane::P(0), &[14]);
        let got = rest(tracer);
        let no_p = [&[0x41][..], &MINUS_ONE, &[12, 15, 1]].concat();
        let samples = [0x41, 0, 11, 49 | 3 << 6, 5, 1, 5, 1, 7, 3];
        let want = [
            vec![0x41, 0, 14, 15, 1],
            vec![0x41, 1, 13, 15, 1],
            no_p,
            samples.to_vec(),
        ];
        assert_eq!(got[..4], want);
    }
}

/// Guards R38.1, R38.3, R38.4.
#[test]
fn a_sample_without_p_and_goroutine_says_minus_one_and_zero() {
    let mut tracer = started(GO_1_21);
    sample(&mut tracer, 11, [5, NO_P, 0, 3]);
    let want = [
        &[0x41, 0, 11, 49 | 3 << 6, 14, 1, 5][..],
        &MINUS_ONE,
        &[0, 3],
    ]
    .concat();
    assert_eq!(rest(tracer)[0], want);
}

/// An event of two bytes is written only where 52 are free.
///
/// Guards R38.5, R40.1, R40.2.
#[test]
fn a_buffer_is_full_when_the_largest_event_does_not_fit() {
    assert_eq!(TRACE_BUF_LEN, 64_488);
    let mut tracer = started(GO_1_19);
    assert_eq!(pieces(&mut tracer, &Program::new()).len(), 1);
    let mut at = 10;
    while !tracer.has_work_for_reader() {
        ends_at(&mut tracer, Lane::P(1), &[at]);
        at += 1;
    }
    let full = pieces(&mut tracer, &Program::new());
    // Three bytes of batch: the last event that fits begins at 64,435, and ends at 64,437.
    assert_eq!(full[0].len(), TRACE_BUF_LEN - 52 + 1);
    let last = rest_of_p(tracer);
    assert_eq!(last[..2], [0x41, 1]);
}

/// The first piece of a trace whose header was read.
fn rest_of_p(mut tracer: RuntimeTracer) -> Vec<u8> {
    tracer.stop(9, 1_000_000_000);
    pieces(&mut tracer, &Program::new()).swap_remove(0)
}

/// Guards R39.2, R39.3.
#[test]
fn a_delta_is_1_at_least_unless_the_clock_goes_back_in_1_19() {
    let written = |version, times: &[u64]| {
        let mut tracer = started(version);
        ends_at(&mut tracer, Lane::P(0), times);
        rest(tracer).swap_remove(0)
    };
    for version in [GO_1_19, GO_1_21] {
        let same = written(version, &[10, 20, 20]);
        assert_eq!(same, [0x41, 0, 10, 15, 1, 15, 9, 15, 1]);
    }
    let back = written(GO_1_19, &[10, 20, 8]);
    let minus_12 = [0xf4, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1];
    assert_eq!(back[7..], [&[15][..], &minus_12].concat());
    assert_eq!(written(GO_1_21, &[10, 20, 8])[7..], [15, 1]);
}

/// A buffer that comes back begins behind its last use, if the clock has not moved; and in 1.21
/// also if it went back.
///
/// Guards R40.4.
#[test]
fn a_buffer_begins_behind_its_last_use() {
    let begun = |version, at| {
        let mut buf = TraceBuf::new();
        let is_monotone = version >= GO_1_21;
        buf.begin(0, 50, is_monotone);
        buf.begin(0, at, is_monotone);
        buf.bytes()[2]
    };
    for version in [GO_1_19, GO_1_21] {
        assert_eq!(begun(version, 50), 51);
        assert_eq!(begun(version, 52), 52);
    }
    assert_eq!(begun(GO_1_19, 40), 40);
    assert_eq!(begun(GO_1_21, 40), 51);
}

/// Guards R41.2.
#[test]
fn the_frequency_is_cut_off_to_a_whole_number() {
    let mut tracer = started(GO_1_19);
    tracer.stop(7, 3);
    assert_eq!(tracer.ticks_per_second(), 2_333_333_333);
}

/// Guards R42.1, R42.7.
#[test]
fn stacks_and_strings_count_from_1_in_each_trace() {
    let mut tracer = started(GO_1_19);
    for _ in 0..2 {
        assert_eq!(tracer.stack(&[]), StackId(0));
        assert_eq!(tracer.stack(&[7]), StackId(1));
        assert_eq!(tracer.stack(&[8, 9]), StackId(2));
        assert_eq!(tracer.stack(&[7]), StackId(1));
        let mut string = |text| tracer.string(Lane::P(0), Ticks(10), text);
        assert_eq!(string(""), StringId(0));
        assert_eq!(
            [string("a"), string("b"), string("a")].map(|id| id.0),
            [1, 2, 1]
        );
        tracer.stop(9, 1);
        pieces(&mut tracer, &Program::new());
        assert!(tracer.start());
    }
}

/// In front of a stack its strings; in it the PC of the call, which is one less than the word.
///
/// Guards R42.3, R42.4, R42.5, R42.8, R42.9.
#[test]
fn a_stack_is_spelled_out_behind_its_strings() {
    let mut program = Program::new();
    let long = format!("x{}", "y".repeat(1024));
    let function = program.function(&long, "g.go");
    let word = program.place(function, 7);
    for version in [GO_1_19, GO_1_21] {
        let mut tracer = started(version);
        tracer.stack(&[word]);
        tracer.stop(9, 1_000_000_000);
        let got = pieces(&mut tracer, &program).swap_remove(if version == GO_1_19 { 2 } else { 1 });
        let mut pc = Vec::new();
        put_varint(&mut pc, word - 1);
        let strings = [
            &[37, 1, 0x80, 0x08][..],
            &[b'y'; 1024],
            &[37, 2, 4],
            b"g.go",
        ]
        .concat();
        let payload = [&[1, 1][..], &pc, &[1, 2, 7]].concat();
        let len = u8::try_from(payload.len()).unwrap();
        let padded = [&[len | 0x80][..], &[0x80; 8], &[0]].concat();
        let len = if version == GO_1_19 {
            vec![len]
        } else {
            padded
        };
        let want = [strings, vec![0xc3], len, payload].concat();
        assert!(got.ends_with(&want), "{version}: {got:?}");
    }
}

/// A string is in the buffer of the P that used it first, which may be read later than that of
/// another P whose event names it.
///
/// Guards R42.6.
#[test]
fn a_string_may_stand_behind_an_event_that_names_it() {
    let mut tracer = started(GO_1_19);
    let label = tracer.string(Lane::P(1), Ticks(10), "s").0;
    assert_eq!(tracer.string(Lane::P(0), Ticks(11), "s").0, label);
    tracer.event(
        Lane::P(0),
        Ticks(12),
        EventType::GoStartLabel,
        &[3, 4, label],
    );
    let got = rest(tracer);
    assert_eq!(got[0][..3], [0x41, 0, 12]);
    assert_eq!(got[1], [0x41, 1, 10, 37, 1, 1, b's']);
}

/// In 1.19 not in the call that returns the header.
///
/// Guards R36.2.
#[test]
fn samples_are_looked_for_until_the_trace_is_over() {
    for (version, in_first_call) in [(GO_1_19, false), (GO_1_21, true)] {
        let mut tracer = started(version);
        assert_eq!(tracer.drains_samples(), in_first_call);
        pieces(&mut tracer, &Program::new());
        assert!(tracer.drains_samples());
        tracer.stop(9, 1);
        assert!(!tracer.drains_samples());
    }
}
