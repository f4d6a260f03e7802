//! Section 6: header, numbers, events.

use sigprof::trace::v1::{Reader, Warning};
use sigprof_sim::tracer::{RawEvent, Ticks, TraceBuilder};
use sigprof_wire::FormatVersion;
use sigprof_wire::v1::EventType as E;

use super::{SECOND, STARTED, empty, judge, reads, refused, started};

/// A batch, an event and a frequency after this header.
fn with_header(header: &str) -> Vec<u8> {
    let mut bytes = header.as_bytes().to_vec();
    bytes.resize(16, 0);
    bytes.extend([0x41, 0, 99, 0x61, 1, 7, 2, 100]);
    bytes
}

/// Guards R60.1, R60.2.
#[test]
fn a_header_has_a_version_of_two_numbers_and_zeroes_behind_it() {
    let no_trace = "header: want a trace, which begins with";
    for header in [
        "go 1.0 trace",
        "go 1.01 trace",
        "go 0.19 trace",
        "go 10.19 trace",
        "go 1.1234 trac",
        "go 1.19 trace\0\0\x01",
        "go 1.19 Trace",
        "go 1,19 trace",
        "Go 1.19 trace",
        "go 1. trace",
    ] {
        judge::refused(&with_header(header), no_trace, "not a trace file");
    }
    let cut = &with_header("go 1.19 trace")[..15];
    judge::refused(cut, "want 16 bytes", "failed to read header");
    // Major times 1000 plus minor.
    let newer = |n| format!("unsupported trace file version {n}");
    judge::refused(&with_header("go 1.999 trace"), "1.999", &newer("1.999"));
    judge::refused(&with_header("go 9.1 trace"), "9.1", &newer("9.1"));
    judge::reads(
        &with_header("go 1.19 trace"),
        &["0 HeapAlloc p=0 g=0 mem=7"],
    );
}

/// Guards R60.3, S1.1, S1.3, S1.4.
#[test]
fn versions_are_those_that_releases_have_of_their_own() {
    let known = [1005, 1007, 1008, 1009, 1010, 1011, 1019, 1021];
    assert_eq!(FormatVersion::V1.map(|v| v.0), known);
    for minor in 1..=30 {
        let bytes = with_header(&format!("go 1.{minor} trace"));
        let version = format!("1.{minor}");
        if minor == 5 {
            // Its events have more arguments: see below.
            continue;
        }
        if known.contains(&(1000 + minor)) {
            judge::reads(&bytes, &["0 HeapAlloc p=0 g=0 mem=7"]);
            continue;
        }
        let ours = match minor {
            22 | 23 | 25 | 26 => format!("one of Go {version}"),
            28.. => format!("one of Go {version}, which is newer than this sigprof knows"),
            _ => format!("version {version}, which no Go release wrote"),
        };
        judge::refused(&bytes, &ours, &format!("trace file version {version} "));
    }
    let newest = with_header("go 1.21 trace");
    let Some(go) = sigprof::oracle::Go::find_or_skip("1.19") else {
        return;
    };
    let said = judge::trace_d(&go, &newest, None).stderr;
    let said = String::from_utf8_lossy(&said);
    assert!(
        said.contains("unsupported trace file version 1.21"),
        "{said}"
    );
}

/// A batch, an event and a frequency of Go 1.5.
fn go_1_5() -> Vec<u8> {
    let mut bytes = b"go 1.5 trace\0\0\0\0".to_vec();
    bytes.extend([0x41, 0, 0, 99, 0x61, 1, 1, 7, 2, 100, 0]);
    bytes
}

/// Guards R60.4, S1.2.
#[test]
fn go_wants_the_program_of_a_1_5_trace_after_reading_it_and_we_do_not() {
    let bytes = go_1_5();
    judge::reads(&bytes, &["0 HeapAlloc p=0 g=0 mem=7"]);
    assert_eq!(
        Reader::new(&bytes).unwrap().warnings(),
        [Warning::NoSymbols]
    );
    judge::go_refuses(&bytes, "the binary argument must be provided");
    let broken = [&bytes[..], &[63]].concat();
    judge::go_refuses(&broken, "unknown event type 63");
}

/// Guards R60.5.
#[test]
fn numbers_have_up_to_ten_bytes_and_signed_ones_their_complement() {
    let mut builder = TraceBuilder::new(FormatVersion::GO_1_19).unwrap();
    // The clock stands at -10.
    builder.batch(None, Ticks(10_u64.wrapping_neg()));
    let writer = builder.writer();
    writer.raw_event(&RawEvent::of(E::HeapAlloc, &[7, u64::MAX]));
    writer.raw_event(&RawEvent::of(E::HeapAlloc, &[10, 127]));
    writer.raw_event(&RawEvent::of(E::HeapAlloc, &[1, 128]));
    let lines = [
        "0 HeapAlloc p=-1 g=0 mem=18446744073709551615",
        "10 HeapAlloc p=-1 g=0 mem=127",
        "11 HeapAlloc p=-1 g=0 mem=128",
    ];
    judge::reads(&builder.finish(SECOND), &lines);
}

/// An event with these bytes as its last argument.
fn with_number(number: &[u8]) -> TraceBuilder {
    let mut builder = started();
    builder.writer().raw_bytes(&[0x61, 1]);
    builder.writer().raw_bytes(number);
    builder
}

/// Guards R60.6.
#[test]
fn a_number_may_be_longer_than_it_must_but_ends_within_ten_bytes() {
    let mem = |number: &[u8], value: u64| {
        let line = format!("2 HeapAlloc p=0 g=1 mem={value}");
        reads(with_number(number), &[&line]);
    };
    mem(&[0x85, 0x80, 0x00], 5);
    mem(
        &[0x85, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00],
        5,
    );
    mem(
        &[0x85, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7e],
        5,
    );
    mem(
        &[0x85, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f],
        5 | 1 << 63,
    );
    let mut endless = vec![0x80; 10];
    endless.push(0);
    let ours = "want a number of at most 10 bytes";
    refused(with_number(&endless), ours, "bad value");
}

/// Guards R60.7, R60.8, R60.9.
#[test]
fn the_long_form_holds_any_number_of_varints_and_ends_where_one_does() {
    for long in [false, true] {
        let mut builder = started();
        for (tick, event) in [
            RawEvent::of(E::HeapAlloc, &[1, 7]),
            RawEvent::of(E::GoSched, &[1, 0]),
            RawEvent::of(E::GoStart, &[1, 1, 2]),
            RawEvent::of(E::GoEnd, &[1]),
        ]
        .into_iter()
        .enumerate()
        {
            let count = u8::try_from([1, 1, 2, 0][tick]).unwrap();
            let bits = if long { 3 } else { count };
            builder.writer().raw_event(&event.with_count_bits(bits));
        }
        let lines = [
            "2 HeapAlloc p=0 g=1 mem=7",
            "3 GoSched p=0 g=1",
            "4 GoStart p=0 g=1 g=1 seq=2",
            "5 GoEnd p=0 g=1",
        ];
        reads(builder, &lines);
    }
    // The last number has two bytes.
    let event = RawEvent::of(E::HeapAlloc, &[1, 300]).with_count_bits(3);
    let mut builder = started();
    builder.writer().raw_event(&event.with_length_off_by(-1));
    let ours = "want arguments of 2 bytes, got 3 bytes";
    refused(builder, ours, "event has wrong length");
}

/// Guards R60.10.
#[test]
fn types_are_from_1_to_49_and_not_newer_than_the_trace() {
    for number in [0, 50, 63] {
        let mut builder = started();
        builder.writer().raw_event(&RawEvent::new(number, &[1, 0]));
        let ours = format!("event: want a type that Go 1.19 has, got {number}");
        refused(builder, &ours, &format!("unknown event type {number} "));
    }
    for event_type in E::ALL {
        let since = event_type.spec().since;
        let before = FormatVersion::V1.into_iter().rfind(|v| *v < since);
        let Some(before) = before.filter(|v| *v > FormatVersion::GO_1_5) else {
            continue;
        };
        let mut builder = empty(before);
        let args = vec![1; event_type.spec().args.len() + 2];
        builder.writer().raw_event(&RawEvent::of(event_type, &args));
        let ours = format!(
            "event: want a type that Go {before} has, got {}",
            event_type as u8
        );
        refused(
            builder,
            &ours,
            &format!("unknown event type {} ", event_type as u8),
        );
    }
}

/// Varints of each type in 1.19, delta and stack included; not so of those with a table.
fn varints() -> impl Iterator<Item = (E, Vec<u64>)> {
    let types = E::ALL.into_iter();
    let types = types.filter(|t| !matches!(t, E::String | E::Stack | E::UserLog));
    types.map(|event_type| {
        let spec = event_type.spec();
        let timeless = matches!(event_type, E::Batch | E::Frequency | E::TimerGoroutine);
        let count = spec.args.len() + usize::from(spec.has_stack) + usize::from(!timeless);
        (event_type, vec![1; count])
    })
}

/// Guards R60.11, R60.12.
#[test]
fn each_type_has_as_many_arguments_as_the_table_says() {
    for (event_type, mut varints) in varints() {
        let want = varints.len();
        for got in [want + 1, want - 1] {
            varints.resize(got, 1);
            let event = RawEvent::of(event_type, &varints).with_count_bits(3);
            let mut builder = started();
            builder.writer().raw_event(&event);
            let bytes = builder.finish(SECOND);
            let name = event_type.name();
            let noun = if want == 1 { "argument" } else { "arguments" };
            judge::we_refuse(&bytes, &format!("{name}: want {want} {noun}, got {got}"));
            // Each takes Go a tenth of a second.
            if event_type as u8 % 4 == 1 {
                judge::go_refuses(&bytes, &format!("want {want}, got {got}"));
            }
        }
    }
}

/// Guards R60.11.
#[test]
fn the_table_of_event_types_is_that_of_the_reader() {
    let spec = include_str!("../../../../SPEC.md");
    let (_, table) = spec.split_once("| no. | name | since |").unwrap();
    let rows = table
        .lines()
        .skip(2)
        .take_while(|line| line.starts_with('|'));
    let mut rows_seen = 0;
    for (row, event_type) in rows.zip(E::ALL) {
        let cells: Vec<_> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [number, name, since, args, strings, stack] = cells[..] else {
            panic!("{row}");
        };
        let words = |cell: &str| -> Vec<String> {
            let mut depth = 0;
            let bare: String = cell
                .chars()
                .filter(|c| {
                    depth += i32::from(*c == '(') - i32::from(*c == ')');
                    depth == 0 && *c != ')'
                })
                .collect();
            let words = bare.split(',').map(|w| w.trim().to_owned());
            words.filter(|w| !w.is_empty()).collect()
        };
        let of = event_type.spec();
        assert_eq!(number, (event_type as u8).to_string(), "{row}");
        assert_eq!(name.split(' ').next().unwrap(), of.name, "{row}");
        assert_eq!(since, of.since.to_string(), "{row}");
        match event_type {
            // What follows is said in words.
            E::Stack => assert!(args.starts_with("id, siz, then"), "{row}"),
            E::String => assert_eq!(args, "id, length, bytes"),
            _ => assert_eq!(words(args), of.args, "{row}"),
        }
        assert_eq!(words(strings), of.strings, "{row}");
        assert_eq!(stack == "yes", of.has_stack, "{row}");
        rows_seen += 1;
    }
    assert_eq!(rows_seen, E::ALL.len());
}

/// Guards R60.13, R60.14.
#[test]
fn arguments_that_a_version_lacks_read_as_0() {
    let mut builder = empty(FormatVersion::GO_1_8);
    builder.event(Ticks(100), E::GCSTWStart, &[], &[]);
    builder.event(Ticks(101), E::GCSTWDone, &[], &[]);
    builder.event(Ticks(102), E::GCSweepStart, &[], &[]);
    builder.event(Ticks(103), E::GCSweepDone, &[], &[]);
    let lines = [
        "0 GCSTWStart p=0 g=0 kindid=0 kind=mark termination",
        "1 GCSTWDone p=0 g=0",
        "2 GCSweepStart p=0 g=0",
        "3 GCSweepDone p=0 g=0 swept=0 reclaimed=0",
    ];
    judge::reads(&builder.finish(SECOND), &lines);
}

/// Guards R60.13.
#[test]
fn before_1_7_each_event_has_an_argument_more() {
    let mut bytes = b"go 1.5 trace\0\0\0\0".to_vec();
    bytes.extend([0x41, 0, 0, 99]); // Batch: p, seq, ticks
    bytes.extend([13 | 0xc0, 5, 1, 1, 1, 64, 0]); // GoCreate: seq, tick, g, stack, stack id
    bytes.extend([14 | 0x40, 1, 1, 1]); // GoStart: seq, tick, g
    bytes.extend([35, 9, 0]); // TimerGoroutine: g, unused
    bytes.extend([15, 1, 1]); // GoEnd: seq, tick
    bytes.extend([3 | 0x40, 7, 1, 0x55]); // Stack: id, size, one PC
    bytes.extend([2, 100, 0]); // Frequency: freq, unused
    let lines = [
        "0 GoCreate p=0 g=0 g=1 stack=64",
        "10000000 GoStart p=0 g=1 g=1 seq=0",
        "20000000 GoEnd p=0 g=1",
    ];
    judge::reads(&bytes, &lines);
}

/// Guards R60.15, S2.2.
#[test]
fn a_trace_ends_between_two_events_and_go_reads_it_all_before_it_judges() {
    let mut bytes = started().finish(SECOND);
    bytes.push(0x61);
    let go = "failed to read event";
    judge::refused(&bytes, "want a number, got the end of the input", go);
    bytes.extend([1, 7]);
    let lines = [STARTED[0], STARTED[1], "3 HeapAlloc p=0 g=1 mem=7"];
    judge::reads(&bytes, &lines);
    // An event with too many arguments, and far behind it one that is none.
    let mut builder = started();
    builder.writer().raw_event(&RawEvent::of(E::GoEnd, &[1, 2]));
    let mut bytes = builder.finish(SECOND);
    judge::refused(
        &bytes,
        "GoEnd: want 1 argument, got 2",
        "GoEnd has wrong number",
    );
    bytes.push(63);
    judge::refused(
        &bytes,
        "GoEnd: want 1 argument, got 2",
        "unknown event type 63",
    );
}
