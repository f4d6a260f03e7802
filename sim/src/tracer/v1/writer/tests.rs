//! Bytes computed by hand, from the layout in [`EventType`]'s module and the text of
//! Go's `traceEventLocked`.

use super::*;
use sigprof_wire::limits::HEADER_LEN;

/// Ten bytes of a varint that is -1.
const MINUS_ONE: [u8; 10] = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1];

fn writer(version: FormatVersion) -> TraceWriter {
    TraceWriter::new(version).unwrap()
}

/// The bytes that `write` adds after the header.
fn check_in(version: FormatVersion, write: impl FnOnce(&mut TraceWriter), want: &[u8]) {
    let mut writer = writer(version);
    write(&mut writer);
    assert_eq!(&writer.finish()[HEADER_LEN..], want);
}

fn check(write: impl FnOnce(&mut TraceWriter), want: &[u8]) {
    check_in(FormatVersion::GO_1_19, write, want);
}

/// The bytes that `write` adds after a batch.
fn check_event(write: impl FnOnce(&mut TraceWriter), want: &[u8]) {
    let mut writer = writer(FormatVersion::GO_1_19);
    writer.batch(None, Ticks(0));
    let start = writer.offset();
    write(&mut writer);
    assert_eq!(&writer.finish()[start..], want);
}

#[test]
fn writes_every_version_from_1_7_on() {
    for version in FormatVersion::V1 {
        let got = TraceWriter::new(version);
        if version == FormatVersion::GO_1_5 {
            assert_eq!(
                got.unwrap_err().to_string(),
                "cannot write format 1.5: want one of 1.7, 1.8, 1.9, 1.10, 1.11, 1.19, 1.21"
            );
        } else {
            assert_eq!(got.unwrap().finish(), header(version));
        }
    }
}

#[test]
fn refuses_v2_and_versions_that_never_were() {
    for version in [FormatVersion::GO_1_22, FormatVersion(1012)] {
        assert_eq!(
            TraceWriter::new(version).unwrap_err(),
            UnsupportedVersion(version)
        );
    }
}

#[test]
fn a_batch_has_two_varints_and_no_delta() {
    check(
        |w| w.batch(Some(ProcId(1)), Ticks(300)),
        &[0x41, 1, 0xac, 0x02],
    );
}

/// Guards R40.3.
#[test]
fn a_batch_without_p_says_minus_one() {
    let mut want = vec![0x41];
    want.extend(MINUS_ONE);
    want.push(5);
    check(|w| w.batch(None, Ticks(5)), &want);
}

/// Guards R39.1.
#[test]
fn events_by_their_number_of_arguments() {
    // One varint: the delta.
    check_event(|w| w.event(EventType::GoEnd, Ticks(9), &[], None), &[15, 9]);
    // Delta and stack.
    check_event(
        |w| w.event(EventType::GoBlock, Ticks(9), &[], Some(StackId(3))),
        &[20 | 1 << 6, 9, 3],
    );
    // Delta and two arguments.
    check_event(
        |w| w.event(EventType::GoStart, Ticks(9), &[7, 2], None),
        &[14 | 2 << 6, 9, 7, 2],
    );
    // Four varints: a length.
    check_event(
        |w| w.event(EventType::GoSysExit, Ticks(9), &[7, 2, 300], None),
        &[29 | 3 << 6, 5, 9, 7, 2, 0xac, 0x02],
    );
}

#[test]
fn a_type_with_a_stack_writes_the_empty_one_too() {
    check_event(
        |w| w.event(EventType::GoSched, Ticks(9), &[], None),
        &[17 | 1 << 6, 9, 0],
    );
}

/// Guards R38.1, R38.4.
#[test]
fn a_sample_with_a_p() {
    let sample = CpuSample {
        ts: Ticks(1),
        p: Some(ProcId(2)),
        g: Some(GoId(3)),
        stack: StackId(4),
    };
    check_event(
        |w| w.cpu_sample(Ticks(9), sample),
        &[49 | 3 << 6, 5, 9, 1, 2, 3, 4],
    );
}

/// Guards R38.3.
#[test]
fn a_sample_without_p_and_goroutine() {
    let sample = CpuSample {
        ts: Ticks(1),
        p: None,
        g: None,
        stack: StackId(4),
    };
    let mut want = vec![49 | 3 << 6, 14, 9, 1];
    want.extend(MINUS_ONE);
    want.extend([0, 4]);
    check_event(|w| w.cpu_sample(Ticks(9), sample), &want);
}

/// See rule R38.
///
/// Guards R38.5.
#[test]
fn the_largest_sample_takes_52_bytes() {
    let sample = CpuSample {
        ts: Ticks(u64::MAX),
        p: None,
        g: Some(GoId(u64::MAX)),
        stack: StackId(u64::MAX),
    };
    let mut want = vec![49 | 3 << 6, 50];
    want.extend([MINUS_ONE; 5].concat());
    assert_eq!(want.len(), 52);
    check_event(|w| w.cpu_sample(Ticks(u64::MAX), sample), &want);
}

#[test]
fn the_length_of_a_log_leaves_out_its_message() {
    check_event(
        |w| w.user_log(Ticks(9), 1, StringId(2), Some(StackId(3)), b"hi"),
        &[48 | 3 << 6, 4, 9, 1, 2, 3, 2, b'h', b'i'],
    );
    check_event(
        |w| w.user_log(Ticks(9), 1, StringId(2), None, b""),
        &[48 | 3 << 6, 4, 9, 1, 2, 0, 0],
    );
}

#[test]
fn a_string_has_no_count_bits() {
    check(|w| w.string(StringId(1), b"ab"), &[37, 1, 2, b'a', b'b']);
}

/// Guards R42.3.
#[test]
fn a_stack_always_has_a_length() {
    check(|w| w.stack(StackId(1), &[]), &[3 | 3 << 6, 2, 1, 0]);
    let frame = TraceFrame {
        pc: 300,
        function: StringId(1),
        file: StringId(2),
        line: 7,
    };
    check(
        |w| w.stack(StackId(1), &[frame]),
        &[3 | 3 << 6, 7, 1, 1, 0xac, 0x02, 1, 2, 7],
    );
}

/// Guards R42.4.
#[test]
fn a_stack_of_1_21_has_a_padded_length() {
    check_in(
        FormatVersion::GO_1_21,
        |w| w.stack(StackId(1), &[]),
        &[
            0xc3, 0x82, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0, 1, 0,
        ],
    );
}

#[test]
fn frequency_and_timer_goroutine_have_one_varint() {
    check(|w| w.frequency(300), &[2, 0xac, 0x02]);
    check(|w| w.timer_goroutine(GoId(5)), &[35, 5]);
}

#[test]
fn arguments_that_came_later_are_absent_before() {
    let check = |version, event_type, want| {
        assert_eq!(
            arg_count(event_type, version),
            want,
            "{version} {event_type:?}"
        );
    };
    check(FormatVersion::GO_1_8, EventType::GCSweepDone, 0);
    check(FormatVersion::GO_1_9, EventType::GCSweepDone, 2);
    check(FormatVersion::GO_1_9, EventType::GCSTWStart, 0);
    check(FormatVersion::GO_1_10, EventType::GCSTWStart, 1);
}

#[test]
fn limits_are_inclusive() {
    let mut writer = writer(FormatVersion::GO_1_19);
    let longest = vec![b'x'; usize::try_from(MAX_STRING_LEN).unwrap()];
    writer.string(StringId(1), &longest);
    let frame = TraceFrame {
        pc: 1,
        function: StringId::EMPTY,
        file: StringId::EMPTY,
        line: 1,
    };
    let deepest = vec![frame; usize::try_from(MAX_STACK_FRAMES).unwrap()];
    writer.stack(StackId(1), &deepest);
}

mod refuses {
    use super::*;

    fn batch(version: FormatVersion) -> TraceWriter {
        let mut writer = writer(version);
        writer.batch(None, Ticks(0));
        writer
    }

    #[test]
    #[should_panic(expected = "L1: GoStart of format 1.19: want 2 arguments, got 1")]
    fn a_missing_argument() {
        batch(FormatVersion::GO_1_19).event(EventType::GoStart, Ticks(1), &[1], None);
    }

    #[test]
    #[should_panic(expected = "L1: GCSTWStart of format 1.9: want 0 arguments, got 1")]
    fn an_argument_too_early() {
        batch(FormatVersion::GO_1_9).event(EventType::GCSTWStart, Ticks(1), &[0], None);
    }

    #[test]
    #[should_panic(expected = "L1: GoEnd with a stack: want none")]
    fn a_stack_too_many() {
        batch(FormatVersion::GO_1_19).event(EventType::GoEnd, Ticks(1), &[], Some(StackId(1)));
    }

    #[test]
    #[should_panic(expected = "L2: CPUSample in format 1.11: not before 1.19")]
    fn a_type_too_early() {
        batch(FormatVersion::GO_1_11).event(EventType::CPUSample, Ticks(1), &[1, 2, 3], None);
    }

    #[test]
    #[should_panic(expected = "L3: string id 1 twice")]
    fn a_string_id_twice() {
        let mut writer = writer(FormatVersion::GO_1_19);
        writer.string(StringId(1), b"a");
        writer.string(StringId(1), b"a");
    }

    #[test]
    #[should_panic(expected = "L3: string id 0 is the empty string")]
    fn string_id_zero() {
        writer(FormatVersion::GO_1_19).string(StringId::EMPTY, b"a");
    }

    #[test]
    #[should_panic(expected = "L3: a string of 0 bytes")]
    fn an_empty_string() {
        writer(FormatVersion::GO_1_19).string(StringId(1), b"");
    }

    #[test]
    #[should_panic(expected = "L4: a stack of 1001 frames")]
    fn a_stack_too_deep() {
        let frame = TraceFrame {
            pc: 1,
            function: StringId::EMPTY,
            file: StringId::EMPTY,
            line: 1,
        };
        let deep = vec![frame; usize::try_from(MAX_STACK_FRAMES).unwrap() + 1];
        writer(FormatVersion::GO_1_19).stack(StackId(1), &deep);
    }

    #[test]
    #[should_panic(expected = "L5: GoEnd before the first batch")]
    fn a_delta_without_a_batch() {
        writer(FormatVersion::GO_1_19).event(EventType::GoEnd, Ticks(1), &[], None);
    }

    #[test]
    #[should_panic(expected = "UserLog has a method of its own")]
    fn a_log_without_its_message() {
        batch(FormatVersion::GO_1_19).event(EventType::UserLog, Ticks(1), &[1, 2], None);
    }
}
