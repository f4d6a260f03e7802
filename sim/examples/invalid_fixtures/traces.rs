//! Traces that cannot be read. Each breaks one rule, and is right up to there.

use sigprof_model::events::{EventType, FormatVersion};
use sigprof_model::limits::{MAX_STACK_FRAMES, MAX_STRING_LEN};
use sigprof_sim::tracer::{ProcId, RawEvent, StringId, Ticks, TraceBuilder, TraceWriter};

const TICKS_PER_SECOND: u64 = 1_000_000_000;

/// One argument more than the largest stack has.
const TOO_MANY: usize = 4003;

const _: () = assert!(TOO_MANY as u64 == 2 + 4 * MAX_STACK_FRAMES + 1);

const P0: Option<ProcId> = Some(ProcId(0));
const P1: Option<ProcId> = Some(ProcId(1));

/// Every case with its bytes.
pub(crate) fn all() -> Vec<(&'static str, Vec<u8>)> {
    [headers(), wire(), tables(), order(), states(), user()].concat()
}

/// Files that are no traces of Go 1.5 to 1.21.
fn headers() -> Vec<(&'static str, Vec<u8>)> {
    let mut elf = b"\x7fELF\x02\x01\x01".to_vec();
    elf.resize(64, 0);
    vec![
        ("empty", Vec::new()),
        ("text", b"404 page not found\n".to_vec()),
        (
            "gzip",
            b"\x1f\x8b\x08\0\0\0\0\0\x04\xff\x03\0\0\0\0\0\0\0\0\0".to_vec(),
        ),
        ("elf", elf),
        ("header-cut", b"go 1.19 tr".to_vec()),
        ("header-of-no-version", b"go 1.x trace\0\0\0\0".to_vec()),
        ("go-1.5", go_1_5()),
        ("go-1.20", b"go 1.20 trace\0\0\0".to_vec()),
        // The first batch of a v2 trace: generation 1, M 0, time 100, no bytes.
        (
            "go-1.22",
            b"go 1.22 trace\0\0\0\x01\x01\x00\x64\x00".to_vec(),
        ),
    ]
}

/// A trace of Go 1.5, whose events have a sequence number before the ticks; one has none.
fn go_1_5() -> Vec<u8> {
    let mut bytes = b"go 1.5 trace\0\0\0\0".to_vec();
    let one_more_argument = 1 << 6;
    bytes.extend([EventType::Batch as u8 | one_more_argument, 0, 0, 100]);
    bytes.extend([EventType::HeapAlloc as u8 | one_more_argument, 1, 10, 16]);
    bytes.extend([EventType::HeapAlloc as u8, 10, 16]);
    bytes.extend([EventType::Frequency as u8, 100, 0]);
    bytes
}

/// Events that break the rules of the wire.
fn wire() -> Vec<(&'static str, Vec<u8>)> {
    let mut event_cut = running(|_| {});
    event_cut.truncate(event_cut.len() - 2);
    let mut too_new = TraceBuilder::new(FormatVersion::GO_1_11).expect("a v1 version");
    too_new.batch(P0, Ticks(100));
    let sample = RawEvent::of(EventType::CPUSample, &[10, 105, 0, 1, 0]);
    too_new.writer().raw_event(&sample);
    vec![
        ("event-cut", event_cut),
        (
            "arguments-cut",
            raw(&RawEvent::of(EventType::GoSysExit, &[1, 1, 2, 3]).with_length_off_by(90)),
        ),
        ("varint-too-long", {
            let mut event = vec![EventType::GoEnd as u8];
            event.extend([0x80; 10]);
            event.push(0);
            running(|trace| trace.writer().raw_bytes(&event))
        }),
        ("unknown-event", raw(&RawEvent::new(63, &[1]))),
        ("event-zero", raw(&RawEvent::new(0, &[1]))),
        ("event-too-new", too_new.finish(TICKS_PER_SECOND)),
        (
            "too-few-arguments",
            raw(&RawEvent::of(EventType::GoStart, &[1, 1])),
        ),
        (
            "too-many-arguments",
            raw(&RawEvent::of(EventType::GoStart, &[1, 1, 1, 1])),
        ),
        (
            "arguments-without-end",
            raw(&RawEvent::of(EventType::GoStart, &[1; TOO_MANY])),
        ),
        (
            "length-inside-argument",
            raw(&RawEvent::of(EventType::GoSysExit, &[1, 1, 2, 300]).with_length_off_by(-1)),
        ),
        ("before-the-first-batch", {
            let mut trace = TraceWriter::new(FormatVersion::GO_1_19).expect("a v1 version");
            trace.raw_event(&RawEvent::of(EventType::GoStart, &[1, 1]));
            trace.finish()
        }),
    ]
}

/// Strings, messages, stacks, frequency: what is not an event with a time.
fn tables() -> Vec<(&'static str, Vec<u8>)> {
    let string = |id, length, bytes: &[u8]| {
        running(|trace| trace.writer().raw_string(StringId(id), length, bytes))
    };
    let stack = |varints: &[u64]| raw(&RawEvent::of(EventType::Stack, varints));
    let mut no_frequency = TraceWriter::new(FormatVersion::GO_1_19).expect("a v1 version");
    no_frequency.batch(P0, Ticks(100));
    no_frequency.event(EventType::HeapAlloc, Ticks(10), &[4096], None);
    let mut no_events = TraceBuilder::new(FormatVersion::GO_1_19).expect("a v1 version");
    no_events.batch(P0, Ticks(100));
    vec![
        ("string-id-zero", string(0, 1, b"a")),
        ("string-empty", string(1, 0, b"")),
        ("string-too-long", string(1, MAX_STRING_LEN + 1, b"a")),
        ("string-twice", {
            running(|trace| {
                trace.string("a");
                trace.writer().raw_string(StringId(1), 1, b"b");
            })
        }),
        ("string-cut", {
            let mut bytes = string(1, 9, b"abc");
            bytes.truncate(bytes.len() - footer().len());
            bytes
        }),
        ("message-too-long", user_log(&[0xc1, 0x84, 0x3d])),
        ("message-cut", {
            let mut bytes = user_log(&[100, b'a']);
            bytes.truncate(bytes.len() - footer().len());
            bytes
        }),
        (
            "stack-too-deep",
            stack(&[1, MAX_STACK_FRAMES + 1, 1, 2, 3, 4]),
        ),
        ("stack-wrong-count", stack(&[1, 2, 0x1000, 0, 0, 7])),
        ("stack-without-count", stack(&[1])),
        ("no-events", no_events.finish(TICKS_PER_SECOND)),
        ("no-frequency", no_frequency.finish()),
        ("frequency-zero", {
            let mut trace = start();
            trace.event(Ticks(200), EventType::GoEnd, &[], &[]);
            trace.finish(0)
        }),
        ("unknown-stw-kind", event(EventType::GCSTWStart, &[2])),
    ]
}

/// Events that no order can bring together.
fn order() -> Vec<(&'static str, Vec<u8>)> {
    use EventType as E;
    vec![
        // The clock of P 1 is behind that of P 0.
        (
            "time-backwards",
            running(|trace| {
                trace.event(Ticks(200), E::GoCreate, &[2, 0], &[]);
                trace.batch(P1, Ticks(140));
                trace.event(Ticks(150), E::GoStart, &[2, 1], &[]);
            }),
        ),
        ("no-order", event(E::GoStart, &[7, 1])),
        ("wrong-sequence", {
            running(|trace| {
                trace.event(Ticks(200), E::GoSched, &[], &[]);
                trace.event(Ticks(210), E::GoStart, &[1, 9], &[]);
            })
        }),
        // Two Ps want the same goroutine: Go's reader panics (S5).
        (
            "start-twice",
            running(|trace| {
                trace.event(Ticks(200), E::GoCreate, &[2, 0], &[]);
                trace.event(Ticks(210), E::GoSched, &[], &[]);
                for p in [2, 3] {
                    trace.batch(Some(ProcId(p)), Ticks(300));
                    trace.event(Ticks(310), E::GoStart, &[2, 1], &[]);
                }
            }),
        ),
        ("create-twice", event(E::GoCreate, &[1, 0])),
        ("block-of-g0", of_g0(E::GoBlock)),
        ("unblock-of-running", event(E::GoUnblock, &[1, 2])),
        (
            "syscall-exit-stray",
            running(|trace| {
                trace.event(Ticks(200), E::GoBlock, &[], &[]);
                trace.event(Ticks(210), E::GoSysExit, &[1, 2, 205], &[]);
            }),
        ),
        (
            "syscall-exit-early",
            running(|trace| {
                trace.event(Ticks(200), E::GoSysCall, &[], &[]);
                trace.event(Ticks(210), E::GoSysBlock, &[], &[]);
                trace.event(Ticks(220), E::GoSysExit, &[1, 2, 205], &[]);
            }),
        ),
        (
            "gc-out-of-sequence",
            running(|trace| {
                trace.event(Ticks(200), E::GCStart, &[0], &[]);
                trace.event(Ticks(210), E::GCDone, &[], &[]);
                trace.event(Ticks(220), E::GCStart, &[2], &[]);
            }),
        ),
    ]
}

/// Events in an order that cannot have happened.
fn states() -> Vec<(&'static str, Vec<u8>)> {
    use EventType as E;
    let twice = |event_type, first: &[u64], second: &[u64]| {
        running(|trace| {
            trace.event(Ticks(200), event_type, first, &[]);
            trace.event(Ticks(210), event_type, second, &[]);
        })
    };
    vec![
        (
            "start-on-busy-p",
            running(|trace| {
                trace.event(Ticks(200), E::GoCreate, &[2, 0], &[]);
                trace.event(Ticks(210), E::GoStart, &[2, 1], &[]);
            }),
        ),
        ("create-of-g0", event(E::GoCreate, &[0, 0])),
        ("syscall-of-g0", of_g0(E::GoSysCall)),
        ("proc-start-twice", event(E::ProcStart, &[2])),
        ("proc-stop-while-busy", event(E::ProcStop, &[])),
        (
            "proc-stop-twice",
            running(|trace| {
                trace.event(Ticks(200), E::GoEnd, &[], &[]);
                trace.event(Ticks(210), E::ProcStop, &[], &[]);
                trace.event(Ticks(220), E::ProcStop, &[], &[]);
            }),
        ),
        ("gc-twice", twice(E::GCStart, &[0], &[1])),
        ("gc-done-stray", event(E::GCDone, &[])),
        ("stw-twice", twice(E::GCSTWStart, &[0], &[1])),
        ("stw-done-stray", event(E::GCSTWDone, &[])),
        ("sweep-twice", twice(E::GCSweepStart, &[], &[])),
        ("sweep-done-stray", event(E::GCSweepDone, &[0, 0])),
        ("mark-assist-twice", twice(E::GCMarkAssistStart, &[], &[])),
    ]
}

/// Tasks and regions.
fn user() -> Vec<(&'static str, Vec<u8>)> {
    use EventType as E;
    let region = |trace: &mut TraceBuilder, at, mode, name| {
        let name = trace.string(name).0;
        trace.event(Ticks(at), E::UserRegion, &[0, mode, name], &[]);
    };
    vec![
        (
            "region-misnested",
            running(|trace| {
                region(trace, 200, 0, "outer");
                region(trace, 210, 0, "inner");
                region(trace, 220, 1, "outer");
            }),
        ),
        ("region-mode", running(|trace| region(trace, 200, 2, "r"))),
        (
            "task-twice",
            running(|trace| {
                let name = trace.string("task").0;
                for at in [200, 210] {
                    trace.event(Ticks(at), E::UserTaskCreate, &[1, 0, name], &[]);
                }
            }),
        ),
    ]
}

/// Goroutine 1 runs on P 0.
fn start() -> TraceBuilder {
    let mut trace = TraceBuilder::new(FormatVersion::GO_1_19).expect("a v1 version");
    trace.batch(P0, Ticks(100));
    trace.event(Ticks(110), EventType::ProcStart, &[1], &[]);
    trace.event(Ticks(120), EventType::GoCreate, &[1, 0], &[]);
    trace.event(Ticks(130), EventType::GoStart, &[1, 1], &[]);
    trace
}

/// A trace in which goroutine 1 runs on P 0, and then `go_on` happens.
fn running(go_on: impl FnOnce(&mut TraceBuilder)) -> Vec<u8> {
    let mut trace = start();
    go_on(&mut trace);
    trace.finish(TICKS_PER_SECOND)
}

/// The same with one more event.
fn event(event_type: EventType, args: &[u64]) -> Vec<u8> {
    running(|trace| {
        trace.event(Ticks(200), event_type, args, &[]);
    })
}

/// The same with one more event that may be wrong in itself.
fn raw(event: &RawEvent) -> Vec<u8> {
    running(|trace| trace.writer().raw_event(event))
}

/// An event on a P that runs no goroutine.
fn of_g0(event_type: EventType) -> Vec<u8> {
    running(|trace| {
        trace.batch(P1, Ticks(190));
        trace.event(Ticks(200), event_type, &[], &[]);
    })
}

/// A `UserLog` whose message is these bytes, length included.
fn user_log(message: &[u8]) -> Vec<u8> {
    let log = RawEvent::of(EventType::UserLog, &[1, 0, 0, 0]);
    running(|trace| {
        trace.writer().raw_event(&log);
        trace.writer().raw_bytes(message);
    })
}

/// What stands behind the last event of a trace without stacks.
fn footer() -> Vec<u8> {
    let (without, mut with) = (start().writer().clone().finish(), running(|_| {}));
    with.split_off(without.len())
}
