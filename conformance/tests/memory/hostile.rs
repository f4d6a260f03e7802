//! Traces and profiles of the smallest things that take memory.

use sigprof_sim::tracer::{ProcId, RawEvent, StackId, StringId, Ticks, TraceFrame, TraceWriter};
use sigprof_wire::FormatVersion;
use sigprof_wire::v1::EventType;

use super::LEN;

/// A trace of `LEN` bytes, to which `add` adds again and again.
pub(crate) fn fill(mut add: impl FnMut(&mut TraceWriter, u64)) -> Vec<u8> {
    let mut trace = TraceWriter::new(FormatVersion::GO_1_19).unwrap();
    trace.batch(Some(ProcId(0)), Ticks(1));
    let mut i = 0;
    while trace.offset() < LEN {
        i += 1;
        add(&mut trace, i);
    }
    trace.frequency(1_000_000_000);
    trace.finish()
}

/// Traces of the smallest things that take memory.
pub(crate) fn traces() -> Vec<(&'static str, Vec<u8>)> {
    use EventType as E;
    let one = Ticks(1);
    let frame = TraceFrame {
        pc: 1,
        function: StringId(1),
        file: StringId(1),
        line: 1,
    };
    let p = |i: u64| Some(ProcId(u32::try_from(i).unwrap()));
    let create = |trace: &mut TraceWriter, g| trace.event(E::GoCreate, one, &[g, 0], None);
    vec![
        (
            "events of 2 bytes",
            fill(|trace, _| trace.event(E::FutileWakeup, one, &[], None)),
        ),
        (
            "events that are dropped",
            fill(|trace, i| match i {
                1 => create(trace, 1),
                2 => trace.event(E::GoStart, one, &[1, 1], None),
                _ => trace.event(E::FutileWakeup, one, &[], None),
            }),
        ),
        ("empty batches", fill(|trace, i| trace.batch(p(i), one))),
        (
            "a P for each event",
            fill(|trace, i| {
                trace.batch(p(i), one);
                trace.event(E::FutileWakeup, one, &[], None);
            }),
        ),
        (
            "a P for each five events",
            fill(|trace, i| {
                trace.batch(p(i), one);
                (0..5).for_each(|_| trace.event(E::FutileWakeup, one, &[], None));
            }),
        ),
        (
            "a P for each goroutine that waits for nobody",
            fill(|trace, i| {
                trace.batch(p(i), one);
                trace.event(E::GoStart, one, &[i, 1], None);
            }),
        ),
        (
            "Ps that all wait for one goroutine",
            fill(|trace, i| {
                trace.batch(p(i), one);
                trace.event(E::GoStart, one, &[1, i], None);
            }),
        ),
        ("goroutines", fill(|trace, i| create(trace, i))),
        (
            "goroutines that start and stop",
            fill(|trace, i| {
                create(trace, i);
                trace.event(E::GoStartLocal, one, &[i], None);
                trace.event(E::GoSched, one, &[], None);
            }),
        ),
        (
            "goroutines that wait",
            fill(|trace, i| {
                create(trace, i);
                trace.event(E::GoWaiting, one, &[i], None);
            }),
        ),
        ("strings", fill(|trace, i| trace.string(StringId(i), b"a"))),
        ("stacks", fill(|trace, i| trace.stack(StackId(i), &[frame]))),
        (
            "deep stacks",
            fill(|trace, i| trace.stack(StackId(i), &[frame; 1000])),
        ),
        (
            "one stack again and again",
            fill(|trace, _| trace.stack(StackId(1), &[frame])),
        ),
        (
            "samples",
            fill(|trace, i| {
                trace.raw_event(&RawEvent::of(E::CPUSample, &[1, i, 0, 0, 1]));
            }),
        ),
        (
            "messages",
            fill(|trace, _| trace.user_log(one, 0, StringId(0), None, b"")),
        ),
        (
            "regions",
            fill(|trace, _| trace.event(E::UserRegion, one, &[0, 0, 0], None)),
        ),
        (
            "tasks",
            fill(|trace, i| trace.event(E::UserTaskCreate, one, &[i, 0, 0], None)),
        ),
        (
            "timers",
            fill(|trace, i| trace.raw_event(&RawEvent::of(E::TimerGoroutine, &[i]))),
        ),
        // Each of many frames names it.
        ("samples of long names", {
            let long = vec![b'a'; 2_000];
            let stack = [TraceFrame {
                pc: 1,
                function: StringId(1),
                file: StringId(2),
                line: 1,
            }; 10];
            fill(|trace, i| match i {
                1 => trace.string(StringId(1), &long),
                _ => {
                    let mut stack = stack;
                    stack[9].line = i;
                    trace.stack(StackId(i), &stack);
                    trace.raw_event(&RawEvent::of(E::CPUSample, &[1, i, 0, 0, i]));
                }
            })
        }),
        ("a P of a high number", {
            let mut trace = TraceWriter::new(FormatVersion::GO_1_19).unwrap();
            trace.batch(p(999_999), one);
            trace.event(E::HeapAlloc, one, &[1], None);
            trace.frequency(1_000_000_000);
            trace.finish()
        }),
        (
            "samples of a P each",
            fill(|trace, i| {
                trace.raw_event(&RawEvent::of(E::CPUSample, &[1, i, i, 0, 0]));
            }),
        ),
        ("an event without end", {
            let mut trace = fill(|trace, _| trace.raw_bytes(&[0; LEN]));
            let head = [E::GoSysExit as u8 | 0xc0, 0xff, 0xff, 0xff, 0x7f];
            trace[19..24].copy_from_slice(&head);
            trace
        }),
    ]
}

/// `samples/count` as sample type.
const PROFILE: &[u8] = b"\x32\0\x32\x07samples\x32\x05count\x0a\x04\x08\x01\x10\x02";

/// A profile of `LEN` bytes, to which `add` adds again and again.
fn fill_profile(mut add: impl FnMut(&mut Vec<u8>, u32)) -> Vec<u8> {
    let mut bytes = PROFILE.to_vec();
    let mut i = 0;
    while bytes.len() < LEN {
        i += 1;
        add(&mut bytes, i);
    }
    bytes
}

/// A field of a message, as bytes.
fn field(number: u8, value: &[u8]) -> Vec<u8> {
    let mut out = vec![number << 3 | 2];
    out.extend(varint(u32::try_from(value.len()).unwrap()));
    out.extend(value);
    out
}

fn varint(mut value: u32) -> Vec<u8> {
    let mut out = Vec::new();
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push((value & 0x7f) as u8);
    out
}

/// Profiles of the smallest things that take memory.
pub(crate) fn profiles() -> Vec<(&'static str, Vec<u8>)> {
    let again = |part: &'static [u8]| fill_profile(move |bytes, _| bytes.extend(part));
    let inside = |number, part: &[u8]| {
        let parts = part.repeat(LEN / part.len());
        [PROFILE, &field(number, &parts)].concat()
    };
    let half = vec![b'a'; LEN / 2];
    let count = [0x10, 1];
    vec![
        ("samples with a count", again(b"\x12\x02\x10\x01")),
        ("samples without a count", again(b"\x12\0")),
        ("strings", again(b"\x32\0")),
        ("strings of one byte", again(b"\x32\x01a")),
        ("functions", again(b"\x2a\0")),
        ("locations", again(b"\x22\0")),
        ("mappings", again(b"\x1a\0")),
        ("sample types", again(b"\x0a\0")),
        ("numbers", again(b"\x48\x01")),
        ("values", inside(2, &count)),
        (
            "labels",
            [
                PROFILE,
                &field(
                    2,
                    &b"\x10\x01"
                        .iter()
                        .chain(&b"\x1a\0".repeat(LEN / 2))
                        .copied()
                        .collect::<Vec<_>>(),
                ),
            ]
            .concat(),
        ),
        ("lines", inside(4, b"\x22\0")),
        (
            "addresses",
            fill_profile(|bytes, i| {
                let id = varint(i);
                bytes.extend(field(4, &[&[0x08][..], &id, &[0x18], &id].concat()));
                bytes.extend(field(2, &[&field(1, &id)[..], &count].concat()));
            }),
        ),
        (
            "lines of one function",
            fill_profile(|bytes, i| {
                if i == 1 {
                    bytes.extend(b"\x2a\x04\x08\x01\x10\x01");
                }
                let id = varint(i);
                let line = field(4, &[&[0x08, 1, 0x10][..], &id].concat());
                bytes.extend(field(4, &[&[0x08][..], &id, &line].concat()));
                bytes.extend(field(2, &[&field(1, &id)[..], &count].concat()));
            }),
        ),
        // String 3 is long, and every label has it.
        (
            "long labels",
            fill_profile(|bytes, i| match i {
                1 => bytes.extend(field(6, &half)),
                _ => bytes.extend(b"\x12\x08\x10\x01\x1a\x04\x08\x03\x10\x03"),
            }),
        ),
        (
            "long sample types",
            fill_profile(|bytes, i| match i {
                1 => bytes.splice(22.., field(6, &half)).for_each(drop),
                _ => bytes.extend(b"\x0a\x04\x08\x03\x10\x03"),
            }),
        ),
        // The same behind a stack of as many frames as are allowed.
        ("long labels and inlined frames", {
            let lines = [&[0x08, 1][..], &b"\x22\x04\x08\x01\x10\x07".repeat(1000)].concat();
            let ids = [&field(1, &[1; 1048])[..], &count].concat();
            let stack = [
                b"\x2a\x04\x08\x01\x10\x01",
                &field(4, &lines)[..],
                &field(2, &ids),
            ];
            fill_profile(|bytes, i| match i {
                1 => bytes.extend([&field(6, &half)[..], &stack.concat()].concat()),
                _ => bytes.extend(b"\x12\x08\x10\x01\x1a\x04\x08\x03\x10\x03"),
            })
        }),
        // A location of many lines, and a sample that names it as often.
        ("inlined frames", {
            let lines = [
                &[0x08, 1][..],
                &b"\x22\x04\x08\x01\x10\x07".repeat(LEN / 12),
            ]
            .concat();
            let ids = [&field(1, &[1].repeat(LEN / 2))[..], &count].concat();
            [
                PROFILE,
                b"\x2a\x04\x08\x01\x10\x01",
                &field(4, &lines),
                &field(2, &ids),
            ]
            .concat()
        }),
    ]
}
