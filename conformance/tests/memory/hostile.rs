//! Traces of the smallest things that take memory.

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
        // Each has a stack, a function, a file and a sample of its own.
        (
            "samples of names of their own",
            fill(|trace, i| {
                trace.string(StringId(2 * i), format!("{i:x}").as_bytes());
                trace.string(StringId(2 * i + 1), format!("g{i:x}").as_bytes());
                let frame = TraceFrame {
                    pc: 1,
                    function: StringId(2 * i),
                    file: StringId(2 * i + 1),
                    line: 1,
                };
                trace.stack(StackId(i), &[frame]);
                trace.raw_event(&RawEvent::of(E::CPUSample, &[1, i, 0, 0, i]));
            }),
        ),
        (
            "samples of stacks of their own",
            fill(|trace, i| {
                trace.stack(StackId(i), &[TraceFrame { line: i, ..frame }]);
                trace.raw_event(&RawEvent::of(E::CPUSample, &[1, i, 0, 0, i]));
                if i == 1 {
                    trace.string(StringId(1), b"f");
                }
            }),
        ),
        (
            "samples of stacks that are not there",
            fill(|trace, i| {
                trace.raw_event(&RawEvent::of(E::CPUSample, &[1, i, 0, 0, i]));
            }),
        ),
        (
            "samples of a goroutine each",
            fill(|trace, i| {
                if i == 1 {
                    create(trace, 1);
                    trace.event(E::GoStart, one, &[1, 1], None);
                    trace.event(E::UserRegion, one, &[0, 0, 0], None);
                }
                trace.raw_event(&RawEvent::of(E::CPUSample, &[1, i, 0, i, 1]));
            }),
        ),
        (
            "regions of names of their own",
            fill(|trace, i| {
                if i == 1 {
                    create(trace, 1);
                    trace.event(E::GoStart, one, &[1, 1], None);
                    trace.raw_event(&RawEvent::of(E::CPUSample, &[1, i, 0, 1, 1]));
                }
                trace.string(StringId(i), format!("{i:x}").as_bytes());
                trace.event(E::UserRegion, one, &[0, 0, i], None);
            }),
        ),
        (
            "threads",
            fill(|trace, i| {
                if i == 1 {
                    trace.raw_event(&RawEvent::of(E::CPUSample, &[1, i, 0, 1, 1]));
                }
                trace.event(E::ProcStart, one, &[i], None);
                trace.event(E::ProcStop, one, &[], None);
            }),
        ),
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

/// Each name is that of a function and of a file, and each thousand of them one stack.
pub(crate) fn names_in_a_deep_stack() -> (&'static str, Vec<u8>) {
    let bytes = fill(|trace, i| {
        let frame = |n| TraceFrame {
            pc: 1,
            function: StringId(n),
            file: StringId(n),
            line: 1,
        };
        let names = 1000 * i..1000 * (i + 1);
        for n in names.clone() {
            trace.string(StringId(n), format!("{n:x}").as_bytes());
        }
        let frames: Vec<_> = names.map(frame).collect();
        trace.stack(StackId(i), &frames);
        trace.raw_event(&RawEvent::of(EventType::CPUSample, &[1, i, 0, 0, i]));
    });
    ("names of their own in deep stacks", bytes)
}
