//! Section 6: strings, stacks, and types that are of their own kind.

use sigprof::trace::v1 as trace;
use sigprof_sim::tracer::{
    GoId, ProcId, RawEvent, StackId, StringId, Ticks, TraceBuilder, TraceFrame,
};
use sigprof_wire::FormatVersion;
use sigprof_wire::v1::{EventType as E, STW_KINDS_1_21};

use super::{SECOND, STARTED, empty, judge, reads, refused, started};

/// A region that has this string, which comes after it in the file.
fn with_string(id: u64, length: u64, bytes: &[u8]) -> TraceBuilder {
    let mut builder = started();
    builder.event(Ticks(102), E::UserRegion, &[5, 0, id], &[]);
    builder.writer().raw_string(StringId(id), length, bytes);
    builder
}

/// Guards R60.16, R60.17.
#[test]
fn a_string_has_an_id_of_its_own_and_1_to_a_million_bytes() {
    let million = "a".repeat(1_000_000);
    for text in ["a", &million] {
        let line = format!("2 UserRegion p=0 g=1 taskid=5 mode=0 typeid=3 name={text}");
        reads(with_string(3, text.len() as u64, text.as_bytes()), &[&line]);
    }
    refused(
        with_string(0, 1, b"a"),
        "want an id from 1 on, got 0",
        "invalid id 0",
    );
    let ours = "want a length from 1 to 1000000, got ";
    refused(with_string(3, 0, b""), ours, "invalid length 0");
    let longer = vec![b'a'; 1_000_001];
    refused(with_string(3, 1_000_001, &longer), ours, "too large length");
    let mut twice = with_string(3, 1, b"a");
    twice.writer().raw_string(StringId(3), 1, b"b");
    refused(twice, "want a new id, got 3", "duplicate id 3");
}

/// Guards R60.17.
#[test]
fn nobody_looks_at_the_count_bits_of_a_string() {
    for count in 0..4 {
        let mut builder = started();
        builder.event(Ticks(102), E::UserRegion, &[5, 0, 3], &[]);
        let head = E::String as u8 | count << 6;
        builder.writer().raw_bytes(&[head, 3, 1, b'x']);
        reads(
            builder,
            &["2 UserRegion p=0 g=1 taskid=5 mode=0 typeid=3 name=x"],
        );
    }
}

/// Goroutine 1 blocks with this stack, and is woken a second later.
fn blocks_at(stack: u64) -> TraceBuilder {
    let mut builder = started();
    let block = RawEvent::of(E::GoBlockSync, &[1, stack]);
    builder.writer().raw_event(&block);
    let unblock = RawEvent::of(E::GoUnblock, &[SECOND, 1, 2, 0]);
    builder.writer().raw_event(&unblock);
    let start = RawEvent::of(E::GoStart, &[1, 1, 3]);
    builder.writer().raw_event(&start);
    builder
}

fn stack(builder: &mut TraceBuilder, id: u64, function: u64, frames: usize) {
    let frame = TraceFrame {
        pc: 1,
        function: StringId(function),
        file: StringId(0),
        line: 7,
    };
    builder.writer().stack(StackId(id), &vec![frame; frames]);
}

/// The functions of the block's stack, and whether Go names this one there.
#[track_caller]
fn functions(builder: TraceBuilder, go_names: Option<&str>) -> Vec<String> {
    let bytes = builder.finish(SECOND);
    if let Some(profile) = judge::blocked_at(&bytes) {
        for name in ["first", "second"] {
            let named = profile.contains(&format!(" {name} "));
            assert_eq!(named, go_names == Some(name), "{name} in {profile}");
        }
    }
    let trace = trace::read(&bytes).unwrap();
    let block = trace.events.iter().find(|e| e.event_type == E::GoBlockSync);
    let frames = trace.reader.stack(block.unwrap().stack);
    frames.map(|f| trace.reader.text(f.function)).collect()
}

/// Guards R60.18, R63.4, S6.
#[test]
fn strings_and_stacks_may_come_after_their_use_or_not_at_all() {
    let line = |name| format!("2 UserRegion p=0 g=1 taskid=5 mode=0 typeid=3 name={name}");
    reads(with_string(3, 1, b"a"), &[&line("a")]);
    let mut builder = started();
    builder.event(Ticks(102), E::UserRegion, &[5, 0, 3], &[]);
    reads(builder, &[&line("")]);

    let mut builder = blocks_at(9);
    stack(&mut builder, 9, 1, 2);
    builder.writer().string(StringId(1), b"first");
    assert_eq!(functions(builder, Some("first")), ["first", "first"]);
    let mut builder = blocks_at(8);
    stack(&mut builder, 9, 1, 2);
    builder.writer().string(StringId(1), b"first");
    assert!(functions(builder, None).is_empty());
    let mut builder = blocks_at(9);
    stack(&mut builder, 9, 1, 1);
    assert_eq!(functions(builder, None), [""]);
}

/// Guards R60.19.
#[test]
fn a_stack_has_up_to_1000_frames_of_four_numbers() {
    let mut deepest = blocks_at(9);
    stack(&mut deepest, 9, 1, 1000);
    deepest.writer().string(StringId(1), b"first");
    assert_eq!(functions(deepest, Some("first")).len(), 1000);
    let stack = |varints: &[u64]| {
        let mut builder = started();
        let event = RawEvent::of(E::Stack, varints).with_count_bits(3);
        builder.writer().raw_event(&event);
        builder
    };
    let one = stack(&[9, 1, 1, 0, 0, 7]);
    reads(one, &[]);
    let ours = "Stack: want at least 2 arguments, got 1";
    refused(stack(&[9]), ours, "EvStack has wrong number of arguments");
    let frames = [&[9, 1001][..], &[1; 4004]].concat();
    // It has more arguments than we take of any event.
    refused(
        stack(&frames),
        "Stack: want at most",
        "bad number of frames",
    );
    for wrong in [&[9, 1, 1, 0, 0][..], &[9, 1, 1, 0, 0, 7, 0]] {
        let ours = "Stack: want 6 arguments for 1 frames";
        refused(stack(wrong), ours, "EvStack has wrong number of arguments");
    }
}

/// Guards R60.20, S6.
#[test]
fn the_last_stack_of_an_id_counts_unless_it_has_no_frames() {
    let names = |builder: &mut TraceBuilder| {
        builder.writer().string(StringId(1), b"first");
        builder.writer().string(StringId(2), b"second");
    };
    let mut builder = blocks_at(9);
    names(&mut builder);
    stack(&mut builder, 9, 1, 1);
    stack(&mut builder, 9, 2, 2);
    assert_eq!(functions(builder, Some("second")), ["second", "second"]);
    let mut builder = blocks_at(9);
    names(&mut builder);
    stack(&mut builder, 9, 1, 1);
    stack(&mut builder, 9, 2, 0);
    assert_eq!(functions(builder, Some("first")), ["first"]);
    let mut builder = blocks_at(0);
    names(&mut builder);
    stack(&mut builder, 0, 1, 1);
    assert!(functions(builder, None).is_empty());
}

/// Guards R60.21.
#[test]
fn the_last_frequency_counts_and_each_is_above_0() {
    let frequency = |ticks: i64| {
        let mut builder = started();
        builder.writer().frequency(ticks.cast_unsigned());
        builder
    };
    judge::reads(
        &frequency(1).finish(SECOND / 2),
        &[
            "0 GoCreate p=0 g=0 g=1 stack=0",
            "2 GoStart p=0 g=1 g=1 seq=1",
        ],
    );
    for ticks in [0, -1, i64::MIN] {
        let mut builder = frequency(ticks);
        // An error of a later event, to which Go does not come any more.
        builder.writer().raw_event(&RawEvent::of(E::GoEnd, &[1, 2]));
        let ours = format!("Frequency: want a number of ticks in a second above 0, got {ticks}");
        refused(builder, &ours, "time stamps out of order");
    }
    let bytes = started().finish(SECOND);
    let cut = bytes.len() - 9;
    assert_eq!(bytes[cut], E::Frequency as u8);
    let ours = "want a Frequency event, got the end of the input";
    judge::refused(&bytes[..cut], ours, "no EvFrequency event");
}

/// Guards R60.22.
#[test]
fn a_message_follows_its_event_and_may_be_empty() {
    let mut builder = started();
    builder.user_log(Ticks(102), 5, "key", "", &[]);
    builder.user_log(Ticks(103), 5, "key", &"m".repeat(300), &[]);
    let long = format!(
        "3 UserLog p=0 g=1 id=5 keyid=1 category=key message={}",
        "m".repeat(300)
    );
    let lines = [
        "2 UserLog p=0 g=1 id=5 keyid=1 category=key message=",
        &long,
    ];
    reads(builder, &lines);
}

/// A frequency, and then a log event with what follows it.
fn with_message(bytes: &[u8]) -> Vec<u8> {
    let mut builder = started();
    builder.writer().frequency(SECOND);
    builder
        .writer()
        .raw_event(&RawEvent::of(E::UserLog, &[1, 5, 0, 0]));
    builder.writer().raw_bytes(bytes);
    // Without a footer.
    let end = builder.writer().offset();
    builder.finish(SECOND)[..end].to_vec()
}

/// Guards R60.23, S13.
#[test]
fn go_takes_a_broken_message_for_an_empty_one_and_we_do_not() {
    let empty = "2 UserLog p=0 g=1 id=5 keyid=0 category= message=";
    let read = with_message(&[0]);
    judge::reads(&read, &[&STARTED[..], &[empty]].concat());
    // Cut short.
    let cut = with_message(&[100, b'x']);
    judge::we_refuse(
        &cut,
        "UserLog message: want 100 bytes, got 1 before the end",
    );
    judge::go_reads(&cut, &[&STARTED[..], &[empty]].concat());
    // Too long: Go goes on with an event, a HeapAlloc.
    let long = with_message(&[0xc1, 0x84, 0x3d, 0x61, 1, 7]);
    judge::we_refuse(
        &long,
        "UserLog message: want a length of at most 1000000, got 1000001",
    );
    let next = "3 HeapAlloc p=0 g=1 mem=7";
    judge::go_reads(&long, &[&STARTED[..], &[empty, next]].concat());
    // A length that does not end within ten bytes.
    let endless = with_message(&[&[0x80; 10][..], &[0x61, 1, 7]].concat());
    judge::we_refuse(&endless, "UserLog");
    judge::go_reads(&endless, &[&STARTED[..], &[empty, next]].concat());
    // The longest.
    let most = [&[0xc0, 0x84, 0x3d][..], &vec![b'm'; 1_000_000]].concat();
    let line = format!("{empty}{}", "m".repeat(1_000_000));
    judge::reads(&with_message(&most), &[&STARTED[..], &[&line]].concat());
}

/// Guards R60.24, R61.10.
#[test]
fn a_timer_goroutine_is_one_wherever_that_is_said() {
    for first in [true, false] {
        let mut builder = started();
        if first {
            builder.writer().timer_goroutine(GoId(1));
        }
        builder.event(Ticks(110), E::GoCreate, &[2, 0], &[]);
        builder.event(Ticks(111), E::GoWaiting, &[2], &[]);
        builder.event(Ticks(112), E::GoUnblock, &[2, 2], &[]);
        if !first {
            builder.batch(Some(ProcId(1)), Ticks(200));
            builder.writer().timer_goroutine(GoId(1));
        }
        let lines = [
            "10 GoCreate p=0 g=1 g=2 stack=0",
            "11 GoWaiting p=0 g=2 g=2",
            "12 GoUnblock p=1000001 g=1 g=2 seq=2",
        ];
        reads(builder, &lines);
    }
}

/// Guards R60.25.
#[test]
fn the_kind_of_a_stop_is_one_of_a_list() {
    let stops = |version, kinds: &[u64]| {
        let mut builder = empty(version);
        for (tick, kind) in (100..).step_by(2).zip(kinds) {
            builder.event(Ticks(tick), E::GCSTWStart, &[*kind], &[]);
            builder.event(Ticks(tick + 1), E::GCSTWDone, &[], &[]);
        }
        builder.finish(SECOND)
    };
    let lines = |names: &[(u64, &str)]| {
        let times = (0..).step_by(2);
        let lines = times.zip(names).flat_map(|(time, (kind, name))| {
            [
                format!("{time} GCSTWStart p=0 g=0 kindid={kind} kind={name}"),
                format!("{} GCSTWDone p=0 g=0", time + 1),
            ]
        });
        lines.collect::<Vec<_>>()
    };
    let check = |version, names: &[(u64, &str)]| {
        let kinds: Vec<_> = names.iter().map(|n| n.0).collect();
        let lines = lines(names);
        let lines: Vec<_> = lines.iter().map(String::as_str).collect();
        judge::reads(&stops(version, &kinds), &lines);
    };
    let old = [(0, "mark termination"), (1, "sweep termination")];
    check(FormatVersion::GO_1_10, &old);
    check(FormatVersion::GO_1_19, &old);
    let ours = "GCSTWStart: want a kind below 2, got 2";
    judge::refused(
        &stops(FormatVersion::GO_1_19, &[2]),
        ours,
        "unknown STW kind 2",
    );
    let mut new: Vec<_> = (0..).zip(STW_KINDS_1_21).collect();
    new.extend([(17, "unknown"), (u64::MAX, "unknown")]);
    check(FormatVersion::GO_1_21, &new);
    // The specification names them.
    let spec = include_str!("../../../../SPEC.md");
    let (_, list) = spec.split_once("1.21's kinds, from 0 on: `").unwrap();
    let (list, _) = list.split_once("`.\n").unwrap();
    let list: Vec<_> = list
        .split("`,")
        .map(|k| k.trim().trim_matches('`'))
        .collect();
    assert_eq!(list, STW_KINDS_1_21);
}

/// Guards R60.26, R61.11.
#[test]
fn a_trace_needs_an_event_and_tables_are_none() {
    let mut builder = empty(FormatVersion::GO_1_19);
    builder.writer().timer_goroutine(GoId(1));
    builder.string("a");
    stack(&mut builder, 9, 1, 1);
    let ours = "want events, got the end of the input without one";
    refused(builder, ours, "trace is empty");
    let mut builder = started();
    builder.writer().timer_goroutine(GoId(9));
    builder.string("a");
    stack(&mut builder, 9, 1, 1);
    builder.writer().frequency(SECOND);
    reads(builder, &[]);
}
