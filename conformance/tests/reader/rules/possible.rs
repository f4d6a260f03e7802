//! Section 9: what can have happened, and what is left out.

mod table;

use sigprof_sim::tracer::{ProcId, Ticks, TraceBuilder};
use sigprof_wire::FormatVersion;
use sigprof_wire::v1::EventType as E;

use super::{SECOND, empty, judge, reads, sample, started, started_in};
use table::{POSSIBLE, REFUSED};

type Step<'a> = (E, &'a [u64]);

/// Events of P 0 after the start of goroutine 1, a tick each.
fn with(steps: &[Step]) -> TraceBuilder {
    let mut builder = started();
    for (tick, (event_type, args)) in (110..).zip(steps) {
        builder.event(Ticks(tick), *event_type, args, &[]);
    }
    builder
}

/// The types of the events that are left after the start.
fn left(builder: TraceBuilder) -> Vec<String> {
    let bytes = builder.finish(SECOND);
    judge::agrees(&bytes);
    let lines = judge::ours(&bytes);
    let names = lines[2..].iter().map(|l| l.split(' ').nth(1).unwrap());
    names.map(str::to_owned).collect()
}

/// Guards R63.1.
#[test]
fn a_wake_up_that_ends_in_another_block_is_left_out() {
    let wake: [Step; 4] = [
        (E::GoBlockSync, &[]),
        (E::GoUnblock, &[1, 2]),
        (E::GoStart, &[1, 3]),
        (E::FutileWakeup, &[]),
    ];
    for block in [
        E::GoBlock,
        E::GoBlockSend,
        E::GoBlockRecv,
        E::GoBlockSelect,
        E::GoBlockSync,
        E::GoBlockCond,
    ] {
        let steps = [&wake[..], &[(block, &[])]].concat();
        assert_eq!(left(with(&steps)), ["GoBlockSync"], "{block:?}");
    }
    let all = ["GoBlockSync", "GoUnblock", "GoStart", "FutileWakeup"];
    assert_eq!(left(with(&wake)), all);
    for other in [E::GoSleep, E::GoBlockNet, E::GoBlockGC, E::GoSched] {
        let steps = [&wake[..], &[(other, &[])]].concat();
        assert_eq!(left(with(&steps)), [&all[..], &[other.name()]].concat());
    }
    // Without a mark nothing is.
    let steps = [&wake[..3], &[(E::GoBlockSync, &[])]].concat();
    assert_eq!(left(with(&steps)).len(), 4);
}

/// Guards R63.1.
#[test]
fn preemptions_belong_to_a_futile_wake_up_and_labels_and_samples_do_not() {
    let steps: [Step; 8] = [
        (E::GoBlockSync, &[]),
        (E::GoUnblock, &[1, 2]),
        (E::GoStart, &[1, 3]),
        (E::GoPreempt, &[]),
        (E::GoStart, &[1, 4]),
        (E::FutileWakeup, &[]),
        (E::HeapAlloc, &[1]),
        (E::GoBlockSend, &[]),
    ];
    assert_eq!(left(with(&steps)), ["GoBlockSync", "HeapAlloc"]);
    let mut builder = started();
    for (tick, (event_type, args)) in (110..).zip(&steps) {
        builder.event(Ticks(tick), *event_type, args, &[]);
        if *event_type == E::FutileWakeup {
            builder.cpu_sample(Ticks(tick), sample(tick, Some(0), 1));
        }
    }
    // A tick later than above from here on.
    assert_eq!(left(builder), ["GoBlockSync", "CPUSample", "HeapAlloc"]);
    // A GoStartLabel stays, and who was never woken cannot run: Go refuses that itself.
    let mut labelled = steps;
    labelled[2] = (E::GoStartLabel, &[1, 3, 0]);
    let bytes = with(&labelled).finish(SECOND);
    judge::refused(
        &bytes,
        "GoStartLabel: want goroutine 1 Runnable",
        "not runnable before start",
    );
}

/// Guards R63.1.
#[test]
fn the_mark_stays_when_the_goroutine_is_woken_and_goes_when_it_blocks() {
    let futile: [Step; 4] = [
        (E::FutileWakeup, &[]),
        (E::GoSleep, &[]),
        (E::GoUnblock, &[1, 2]),
        (E::GoStart, &[1, 3]),
    ];
    // Its list begins anew with the wake-up, but the mark was before it.
    let steps = [&futile[..], &[(E::GoBlockSync, &[])]].concat();
    assert_eq!(left(with(&steps)), ["FutileWakeup", "GoSleep"]);
    let again: [Step; 4] = [
        (E::GoBlockSync, &[]),
        (E::GoUnblock, &[1, 4]),
        (E::GoStart, &[1, 5]),
        (E::GoBlockSync, &[]),
    ];
    let steps = [&futile[..], &again].concat();
    let expected = [
        "FutileWakeup",
        "GoSleep",
        "GoUnblock",
        "GoStart",
        "GoBlockSync",
    ];
    assert_eq!(left(with(&steps)), expected);
}

/// Guards R63.2.
#[test]
fn what_cannot_have_happened_is_refused() {
    for (steps, ours, go) in REFUSED {
        judge::refused(&with(steps).finish(SECOND), ours, go);
    }
}

/// Guards R63.2.
#[test]
fn what_can_have_happened_is_read() {
    for steps in POSSIBLE {
        assert_eq!(left(with(steps)).len(), steps.len(), "{steps:?}");
    }
}

/// Goroutine 1 runs on P 0; somebody else does this on P 1.
fn on_p_1(steps: &[Step]) -> TraceBuilder {
    let mut builder = started();
    builder.event(Ticks(110), E::GoCreate, &[2, 0], &[]);
    builder.event(Ticks(111), E::GoWaiting, &[2], &[]);
    builder.batch(Some(ProcId(1)), Ticks(119));
    for (tick, (event_type, args)) in (120..).zip(steps) {
        builder.event(Ticks(tick), *event_type, args, &[]);
    }
    builder
}

/// Sweeps and starts are of a P, tasks and cycles are not; whoever does not run here does nothing
/// here, but goroutine 0 may create and wake.
///
/// Guards R63.2.
#[test]
fn what_is_open_is_open_on_its_p_or_everywhere() {
    assert_eq!(
        left(on_p_1(&[(E::GoCreate, &[3, 0]), (E::GoUnblock, &[2, 2])])).len(),
        4
    );
    for (first, second, both) in [
        (E::GCSweepStart, E::GCSweepStart, true),
        (E::ProcStart, E::ProcStart, true),
        (E::GCSTWStart, E::GCSTWStart, false),
    ] {
        let arg: &[u64] = if first == E::GCSweepStart { &[] } else { &[0] };
        let mut builder = started();
        builder.event(Ticks(110), first, arg, &[]);
        builder.batch(Some(ProcId(1)), Ticks(119));
        builder.event(Ticks(120), second, arg, &[]);
        if both {
            assert_eq!(left(builder).len(), 2);
        } else {
            let bytes = builder.finish(SECOND);
            judge::refused(
                &bytes,
                "no stop of the world under way",
                "previous STW is not ended",
            );
        }
    }
    // Before 1.10 a stop is of a P, too.
    let mut builder = started_in(FormatVersion::GO_1_9);
    builder.event(Ticks(110), E::GCSTWStart, &[], &[]);
    builder.batch(Some(ProcId(1)), Ticks(119));
    builder.event(Ticks(120), E::GCSTWStart, &[], &[]);
    assert_eq!(left(builder).len(), 2);
}

/// The sample of a goroutine at this tick, which is created at tick 110.
fn sampled(tick: u64) -> Vec<u8> {
    let mut builder = started();
    builder.event(Ticks(110), E::GoCreate, &[7, 0], &[]);
    builder.cpu_sample(Ticks(120), sample(tick, Some(0), 7));
    builder.finish(SECOND)
}

/// Guards R63.3, S3.1.
#[test]
fn up_to_1_22_a_sample_before_the_creation_of_its_goroutine_is_refused() {
    let early = sampled(105);
    assert_eq!(judge::ours(&early).len(), 4);
    judge::go_refuses(&early, "g 7 already exists");
    judge::agrees(&sampled(115));
    for (version, reads) in [("1.22", false), ("1.24", true)] {
        let Some(go) = sigprof::oracle::Go::find_or_skip(version) else {
            continue;
        };
        assert!(judge::trace_d(&go, &sampled(115), None).status.success());
        let output = judge::trace_d(&go, &early, None);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.success(), reads, "{go}: {said}");
        assert!(reads || said.contains("already exists"), "{said}");
    }
}

/// Guards R63.2.
#[test]
fn a_first_start_has_the_stack_of_the_creation_and_no_other() {
    use sigprof::trace;
    let mut builder = empty(FormatVersion::GO_1_19);
    let frame = sigprof_sim::tracer::Frame::new(1, "main.f", "main.go", 7);
    let entry = builder.stack(&[frame]);
    builder.event(Ticks(100), E::GoCreate, &[1, entry.0], &[]);
    builder.event(Ticks(101), E::GoStart, &[1, 1], &[]);
    builder.event(Ticks(102), E::GoSched, &[], &[]);
    builder.event(Ticks(103), E::GoStart, &[1, 2], &[]);
    let bytes = builder.finish(SECOND);
    judge::agrees(&bytes);
    let trace = trace::v1::read(&bytes).unwrap();
    let starts = trace.events.iter().filter(|e| e.event_type == E::GoStart);
    let depths: Vec<_> = starts
        .map(|e| trace.reader.stack(e.stack).count())
        .collect();
    assert_eq!(depths, [1, 0]);
}

/// Guards R63.2.
#[test]
fn an_unblock_is_of_who_runs_here() {
    reads(
        with(&[
            (E::GoCreate, &[2, 0]),
            (E::GoWaiting, &[2]),
            (E::GoUnblock, &[2, 2]),
        ]),
        &[
            "10 GoCreate p=0 g=1 g=2 stack=0",
            "11 GoWaiting p=0 g=2 g=2",
            "12 GoUnblock p=0 g=1 g=2 seq=2",
        ],
    );
}
