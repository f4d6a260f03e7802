//! Section 7: whose an event is.

use sigprof_sim::tracer::{GoId, ProcId, RawEvent, Ticks};
use sigprof_wire::FormatVersion;
use sigprof_wire::v1::EventType as E;

use super::{SECOND, empty, judge, reads, refused, sample, started};

/// Guards R61.1.
#[test]
fn events_are_of_the_p_of_their_batch() {
    let mut builder = started();
    builder.batch(Some(ProcId(7)), Ticks(199));
    builder.event(Ticks(200), E::HeapAlloc, &[1], &[]);
    builder.event(Ticks(201), E::HeapAlloc, &[2], &[]);
    builder.batch(None, Ticks(299));
    builder.event(Ticks(300), E::HeapAlloc, &[3], &[]);
    let lines = [
        "100 HeapAlloc p=7 g=0 mem=1",
        "101 HeapAlloc p=7 g=0 mem=2",
        "200 HeapAlloc p=-1 g=0 mem=3",
    ];
    reads(builder, &lines);
}

/// Guards R61.2.
#[test]
fn events_before_the_first_batch_are_of_p_0_at_tick_0() {
    let mut bytes = b"go 1.19 trace\0\0\0".to_vec();
    bytes.extend([0x61, 5, 1]);
    bytes.extend([0x41, 0, 9, 0x61, 1, 2, 2, 100]);
    let lines = [
        "0 HeapAlloc p=0 g=0 mem=1",
        "50000000 HeapAlloc p=0 g=0 mem=2",
    ];
    judge::reads(&bytes, &lines);
}

/// Guards R61.3.
#[test]
fn deltas_add_up_from_the_batch_on_and_wrap() {
    let mut builder = started();
    builder.batch(Some(ProcId(1)), Ticks(200));
    let writer = builder.writer();
    writer.raw_event(&RawEvent::of(E::HeapAlloc, &[5, 1]));
    writer.raw_event(&RawEvent::of(E::CPUSample, &[6, 105, 0, 1, 0]));
    writer.raw_event(&RawEvent::of(E::HeapAlloc, &[7, 2]));
    let lines = [
        "5 CPUSample p=0 g=1 ts=0 p=0 g=1",
        "105 HeapAlloc p=1 g=0 mem=1",
        "118 HeapAlloc p=1 g=0 mem=2",
    ];
    reads(builder, &lines);

    let mut builder = empty(FormatVersion::GO_1_19);
    builder.batch(Some(ProcId(0)), Ticks(i64::MAX.cast_unsigned()));
    let writer = builder.writer();
    writer.raw_event(&RawEvent::of(E::HeapAlloc, &[1, 1]));
    writer.raw_event(&RawEvent::of(E::HeapAlloc, &[5, 2]));
    let lines = ["0 HeapAlloc p=0 g=0 mem=1", "5 HeapAlloc p=0 g=0 mem=2"];
    judge::reads(&builder.finish(SECOND), &lines);
}

/// Guards R61.4.
#[test]
fn the_goroutine_of_a_p_is_remembered_from_batch_to_batch() {
    let mut builder = started();
    builder.batch(Some(ProcId(1)), Ticks(199));
    builder.event(Ticks(200), E::HeapAlloc, &[1], &[]);
    builder.batch(Some(ProcId(0)), Ticks(299));
    builder.event(Ticks(300), E::HeapAlloc, &[2], &[]);
    let lines = ["100 HeapAlloc p=1 g=0 mem=1", "200 HeapAlloc p=0 g=1 mem=2"];
    reads(builder, &lines);
}

/// Guards R61.5.
#[test]
fn who_leaves_is_the_last_that_an_event_belongs_to() {
    let leaving = [
        E::GoEnd,
        E::GoStop,
        E::GoSched,
        E::GoPreempt,
        E::GoSleep,
        E::GoBlock,
        E::GoBlockSend,
        E::GoBlockRecv,
        E::GoBlockSelect,
        E::GoBlockSync,
        E::GoBlockCond,
        E::GoBlockNet,
        E::GoBlockGC,
        E::GoSysBlock,
    ];
    let starting: [(E, &[u64]); 3] = [
        (E::GoStart, &[1]),
        (E::GoStartLocal, &[]),
        (E::GoStartLabel, &[1, 0]),
    ];
    let mut builder = empty(FormatVersion::GO_1_19);
    let mut lines = Vec::new();
    let (mut tick, mut g) = (100, 10);
    for leave in leaving {
        for (start, args) in starting {
            builder.event(Ticks(tick), E::GoCreate, &[g, 0], &[]);
            builder.event(Ticks(tick + 1), start, &[&[g], args].concat(), &[]);
            builder.event(Ticks(tick + 2), E::HeapAlloc, &[1], &[]);
            builder.event(Ticks(tick + 3), leave, &[], &[]);
            builder.event(Ticks(tick + 4), E::HeapAlloc, &[2], &[]);
            let time = tick - 100;
            let seq = if start == E::GoStartLocal { 0 } else { 1 };
            let (name, label) = match start {
                E::GoStartLabel => ("GoStartLabel", " labelid=0 label="),
                _ => ("GoStart", ""),
            };
            lines.extend([
                format!("{time} GoCreate p=0 g=0 g={g} stack=0"),
                format!("{} {name} p=0 g={g} g={g} seq={seq}{label}", time + 1),
                format!("{} HeapAlloc p=0 g={g} mem=1", time + 2),
                format!("{} {} p=0 g={g}", time + 3, leave.name()),
                format!("{} HeapAlloc p=0 g=0 mem=2", time + 4),
            ]);
            (tick, g) = (tick + 10, g + 1);
        }
    }
    let lines: Vec<_> = lines.iter().map(String::as_str).collect();
    judge::reads(&builder.finish(SECOND), &lines);
}

/// Guards R61.6, R61.10, R62.12.
#[test]
fn some_events_name_their_goroutine_and_the_collector_is_none() {
    let mut builder = started();
    builder.event(Ticks(110), E::GoCreate, &[2, 0], &[]);
    builder.event(Ticks(111), E::GoCreate, &[3, 0], &[]);
    builder.event(Ticks(112), E::GoWaiting, &[2], &[]);
    builder.event(Ticks(113), E::GoInSyscall, &[3], &[]);
    builder.event(Ticks(114), E::HeapAlloc, &[1], &[]);
    builder.event(Ticks(115), E::GoSysExit, &[3, 2, 0], &[]);
    builder.event(Ticks(116), E::HeapAlloc, &[2], &[]);
    builder.event(Ticks(117), E::GCStart, &[0], &[]);
    builder.event(Ticks(118), E::GCSTWStart, &[0], &[]);
    builder.event(Ticks(119), E::GCSTWDone, &[], &[]);
    builder.event(Ticks(120), E::GCDone, &[], &[]);
    builder.event(Ticks(121), E::HeapAlloc, &[3], &[]);
    let lines = [
        "10 GoCreate p=0 g=1 g=2 stack=0",
        "11 GoCreate p=0 g=1 g=3 stack=0",
        "12 GoWaiting p=0 g=2 g=2",
        "13 GoInSyscall p=0 g=3 g=3",
        "14 HeapAlloc p=0 g=1 mem=1",
        "15 GoSysExit p=1000003 g=3 g=3 seq=2 ts=0",
        "16 HeapAlloc p=0 g=1 mem=2",
        "17 GCStart p=1000004 g=0 seq=0",
        "18 GCSTWStart p=0 g=0 kindid=0 kind=mark termination",
        "19 GCSTWDone p=0 g=0",
        "20 GCDone p=0 g=0",
        "21 HeapAlloc p=0 g=1 mem=3",
    ];
    reads(builder, &lines);
}

/// A local exit is booked on whom the P ran last, and keeps the time at which it was written.
///
/// Guards R61.6, R62.9.
#[test]
fn a_local_exit_is_of_the_goroutine_of_its_p() {
    let mut builder = started();
    builder.event(Ticks(110), E::GoCreate, &[2, 0], &[]);
    builder.event(Ticks(111), E::GoInSyscall, &[2], &[]);
    builder.event(Ticks(120), E::GoSysExitLocal, &[2, 115], &[]);
    let ours = "GoSysExit: want goroutine 1 Waiting, got Running (at 20 ns)";
    let go = "g 1 is not waiting during syscall exit";
    let bytes = builder.finish(SECOND);
    judge::refused(&bytes, ours, go);
    judge::go_refuses(&bytes, "time 20)");
}

/// Guards R61.7, R61.8, R64.3.
#[test]
fn a_sample_has_time_p_and_goroutine_of_its_own() {
    let mut builder = started();
    builder.cpu_sample(Ticks(110), sample(105, Some(3), 9));
    builder.event(Ticks(111), E::HeapAlloc, &[1], &[]);
    builder.cpu_sample(Ticks(120), sample(115, None, 0));
    builder.event(Ticks(121), E::GoEnd, &[], &[]);
    let lines = [
        "5 CPUSample p=3 g=9 ts=0 p=3 g=9",
        "11 HeapAlloc p=0 g=1 mem=1",
        "15 CPUSample p=-1 g=0 ts=0 p=18446744073709551615 g=0",
        "21 GoEnd p=0 g=1",
    ];
    reads(builder, &lines);
}

/// Guards R61.9, R62.1.
#[test]
fn samples_of_all_batches_are_one_lane_by_their_times() {
    let mut builder = started();
    builder.cpu_sample(Ticks(150), sample(140, Some(0), 8));
    builder.cpu_sample(Ticks(151), sample(120, Some(1), 7));
    builder.batch(Some(ProcId(1)), Ticks(160));
    builder.cpu_sample(Ticks(161), sample(130, Some(0), 9));
    builder.cpu_sample(Ticks(162), sample(120, Some(0), 6));
    let lines = [
        "20 CPUSample p=1 g=7 ts=0 p=1 g=7",
        "20 CPUSample p=0 g=6 ts=0 p=0 g=6",
        "30 CPUSample p=0 g=9 ts=0 p=0 g=9",
        "40 CPUSample p=0 g=8 ts=0 p=0 g=8",
    ];
    reads(builder, &lines);
}

/// Two events of the P of this number, of which the first is the later one.
fn backwards_on(p: u32) -> Vec<u8> {
    let mut builder = started();
    builder.batch(Some(ProcId(p)), Ticks(199));
    builder.event(Ticks(200), E::HeapAlloc, &[1], &[]);
    builder.batch(Some(ProcId(p)), Ticks(109));
    builder.event(Ticks(110), E::HeapAlloc, &[2], &[]);
    builder.finish(SECOND)
}

/// Guards R61.9, R61.10, S15.
#[test]
fn a_batch_of_p_1000005_gets_among_gos_samples_and_not_among_ours() {
    let ours = "time stamps out of order";
    judge::refused(&backwards_on(1_000_006), ours, ours);
    let mixed = backwards_on(1_000_005);
    judge::we_refuse(&mixed, ours);
    let lines = [
        "0 GoCreate p=0 g=0 g=1 stack=0",
        "1 GoStart p=0 g=1 g=1 seq=1",
        "10 HeapAlloc p=1000005 g=0 mem=2",
        "100 HeapAlloc p=1000005 g=0 mem=1",
    ];
    judge::go_reads(&mixed, &lines);
}

/// Guards R61.10, S15.
#[test]
fn a_batch_may_claim_any_p() {
    let mut builder = started();
    for (at, p) in (0..).zip([
        1_000_001, 1_000_002, 1_000_003, 1_000_004, 1_000_005, 4_000_000,
    ]) {
        builder.batch(Some(ProcId(p)), Ticks(199 + 10 * at));
        builder.event(Ticks(200 + 10 * at), E::HeapAlloc, &[1], &[]);
    }
    let lines = [
        "100 HeapAlloc p=1000001 g=0 mem=1",
        "110 HeapAlloc p=1000002 g=0 mem=1",
        "120 HeapAlloc p=1000003 g=0 mem=1",
        "130 HeapAlloc p=1000004 g=0 mem=1",
        "140 HeapAlloc p=1000005 g=0 mem=1",
        "150 HeapAlloc p=4000000 g=0 mem=1",
    ];
    reads(builder, &lines);
}

/// Guards R61.10, R63.2.
#[test]
fn what_the_network_wakes_is_on_p_1000002() {
    let mut builder = started();
    builder.event(Ticks(110), E::GoBlockNet, &[], &[]);
    builder.event(Ticks(120), E::GoUnblock, &[1, 2], &[]);
    let lines = [
        "10 GoBlockNet p=0 g=1",
        "20 GoUnblock p=1000002 g=0 g=1 seq=2",
    ];
    reads(builder, &lines);
    // But for timers.
    let mut builder = started();
    builder.writer().timer_goroutine(GoId(1));
    let events: [(E, &[u64]); 6] = [
        (E::GoCreate, &[2, 0]),
        (E::GoSched, &[]),
        (E::GoStart, &[2, 1]),
        (E::GoBlockNet, &[]),
        (E::GoStart, &[1, 2]),
        (E::GoUnblock, &[2, 2]),
    ];
    for (tick, (event_type, args)) in (110..).zip(events) {
        builder.event(Ticks(tick), event_type, args, &[]);
    }
    let lines = [
        "10 GoCreate p=0 g=1 g=2 stack=0",
        "11 GoSched p=0 g=1",
        "12 GoStart p=0 g=2 g=2 seq=1",
        "13 GoBlockNet p=0 g=2",
        "14 GoStart p=0 g=1 g=1 seq=2",
        "15 GoUnblock p=1000001 g=1 g=2 seq=2",
    ];
    reads(builder, &lines);
    let mut builder = started();
    builder.event(Ticks(110), E::GoUnblock, &[1, 2], &[]);
    refused(builder, "no consistent ordering", "no consistent ordering");
}
