//! Traces of what a command holds of events that have gone by.

use sigprof_sim::tracer::{ProcId, RawEvent, StackId, StringId, Ticks, TraceFrame, TraceWriter};
use sigprof_wire::v1::EventType;

use super::LEN;
use super::hostile::fill;

/// Traces whose tables are used, so that an export holds of them, too: names, frames, and what
/// has begun and not ended.
pub(crate) fn traces() -> Vec<(&'static str, Vec<u8>)> {
    use EventType as E;
    let one = Ticks(1);
    let frame = |pc| TraceFrame {
        pc,
        function: StringId(1),
        file: StringId(1),
        line: 1,
    };
    let p = |i: u64| Some(ProcId(u32::try_from(i).unwrap()));
    let create = |trace: &mut TraceWriter, g, stack| {
        trace.event(E::GoCreate, one, &[g, stack], None);
    };
    let alloc = |trace: &mut TraceWriter, stack| {
        trace.event(E::GCSweepStart, one, &[], Some(StackId(stack)));
        trace.event(E::GCSweepDone, one, &[0, 0], None);
    };
    // As JSON each byte of it is six.
    let long = vec![1; LEN - 1000];
    vec![
        (
            "stacks that are used",
            fill(|trace, i| {
                trace.stack(StackId(i), &[frame(i)]);
                alloc(trace, i);
            }),
        ),
        (
            "deep stacks that are used",
            fill(|trace, i| {
                let mut frames = [frame(1); 1000];
                frames[999] = frame(1 + i);
                trace.stack(StackId(i), &frames);
                alloc(trace, i);
            }),
        ),
        ("stacks that are not there", fill(alloc)),
        (
            "functions of goroutines",
            fill(|trace, i| {
                trace.string(StringId(i), b"a");
                let function = StringId(i);
                trace.stack(
                    StackId(i),
                    &[TraceFrame {
                        function,
                        ..frame(1)
                    }],
                );
                create(trace, i, i);
            }),
        ),
        (
            "mark assists in a run",
            fill(|trace, i| match i {
                1 => create(trace, 1, 0),
                2 => trace.event(E::GoStart, one, &[1, 1], None),
                _ => {
                    trace.event(E::GCMarkAssistStart, one, &[], Some(StackId(0)));
                    trace.event(E::GCMarkAssistDone, one, &[], None);
                }
            }),
        ),
        (
            "mark assists of nobody",
            fill(|trace, _| {
                trace.event(E::GCMarkAssistStart, one, &[], Some(StackId(0)));
                trace.event(E::GCMarkAssistDone, one, &[], None);
            }),
        ),
        (
            "goroutines that run",
            fill(|trace, i| {
                trace.batch(p(i), one);
                create(trace, i, 0);
                trace.event(E::GoStartLabel, one, &[i, 1, 0], None);
                trace.event(E::GCMarkAssistStart, one, &[], Some(StackId(0)));
                trace.event(E::GCSweepStart, one, &[], Some(StackId(0)));
            }),
        ),
        // One sample, since without any there is nothing to check.
        (
            "regions of a name",
            fill(|trace, i| match i {
                1 => trace.string(StringId(1), b"a"),
                2 => trace.raw_event(&RawEvent::of(E::CPUSample, &[1, i, 0, 0, 1])),
                _ => trace.event(E::UserRegion, one, &[0, (i % 2) ^ 1, 1], None),
            }),
        ),
        (
            "a long name",
            fill(|trace, i| match i {
                1 => {
                    trace.string(StringId(1), &long);
                    trace.stack(StackId(1), &[frame(1)]);
                }
                2 => create(trace, 1, 1),
                3 => trace.event(E::GoStart, one, &[1, 1], None),
                4 => trace.event(E::GoSched, one, &[], Some(StackId(1))),
                5 => trace.event(E::GoStartLabel, one, &[1, 3, 1], None),
                _ => trace.user_log(one, 0, StringId(1), None, b"\"\"\""),
            }),
        ),
    ]
}
