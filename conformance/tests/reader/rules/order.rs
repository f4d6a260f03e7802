//! Section 8: the order of events, and their times.

use sigprof_sim::tracer::{ProcId, RawEvent, Ticks, TraceBuilder};
use sigprof_wire::FormatVersion;
use sigprof_wire::v1::EventType as E;

use super::{SECOND, empty, judge, reads, refused, sample, started};

const NO_ORDER: &str = "no consistent ordering of events possible";
pub(super) const FALLS: &str = "time stamps out of order";

/// Goroutine 2 is created on P 1, which has a higher number, at the tick at which P 0 starts
/// it.
///
/// Guards R62.2, R62.3, S4.
#[test]
fn an_event_waits_for_the_state_that_it_starts_from() {
    let mut builder = started();
    builder.event(Ticks(110), E::GoSched, &[], &[]);
    builder.event(Ticks(120), E::GoStart, &[2, 1], &[]);
    builder.batch(Some(ProcId(1)), Ticks(111));
    builder.event(Ticks(112), E::HeapAlloc, &[1], &[]);
    builder.event(Ticks(120), E::GoCreate, &[2, 0], &[]);
    builder.event(Ticks(121), E::HeapAlloc, &[2], &[]);
    let lines = [
        "10 GoSched p=0 g=1",
        "12 HeapAlloc p=1 g=0 mem=1",
        "20 GoCreate p=1 g=0 g=2 stack=0",
        "20 GoStart p=0 g=2 g=2 seq=1",
        "21 HeapAlloc p=1 g=0 mem=2",
    ];
    reads(builder, &lines);
}

/// Events of P 0 after the start of goroutine 1.
type Events<'a> = &'a [(E, &'a [u64])];

fn with(events: Events) -> TraceBuilder {
    let mut builder = started();
    for (tick, (event_type, args)) in (110..).zip(events) {
        builder.event(Ticks(tick), *event_type, args, &[]);
    }
    builder
}

/// Each row of the table: a state from which the event comes, and one from which not.
///
/// Guards R62.2, R62.4.
#[test]
fn each_event_starts_from_its_state_and_no_other() {
    let block = (E::GoBlockSync, &[][..]);
    let sched = (E::GoSched, &[][..]);
    let create = (E::GoCreate, &[2, 0][..]);
    let ready: [Events; 12] = [
        &[create],
        &[create, (E::GoWaiting, &[2])],
        &[create, (E::GoInSyscall, &[2])],
        &[sched, (E::GoStart, &[1, 2])],
        &[sched, (E::GoStartLabel, &[1, 2, 0])],
        &[sched, (E::GoStartLocal, &[1])],
        &[(E::GoPreempt, &[])],
        &[block, (E::GoUnblock, &[1, 2])],
        &[block, (E::GoUnblockLocal, &[1])],
        &[(E::GoSysBlock, &[]), (E::GoSysExit, &[1, 2, 0])],
        &[(E::GCStart, &[0]), (E::GCDone, &[]), (E::GCStart, &[1])],
        &[create, (E::GoWaiting, &[2]), (E::GoUnblock, &[2, 2])],
    ];
    for events in ready {
        let bytes = with(events).finish(SECOND);
        assert_eq!(judge::ours(&bytes).len(), 2 + events.len(), "{events:?}");
        judge::agrees(&bytes);
    }
    let stuck: [Events; 22] = [
        &[create, create],
        &[(E::GoWaiting, &[1])],
        &[(E::GoWaiting, &[2])],
        &[create, sched, (E::GoStart, &[2, 1]), (E::GoInSyscall, &[2])],
        &[sched, (E::GoStart, &[1, 1])],
        &[sched, (E::GoStart, &[1, 3])],
        &[block, (E::GoStart, &[1, 2])],
        &[sched, (E::GoStartLabel, &[1, 3, 0])],
        &[block, (E::GoStartLocal, &[1])],
        &[(E::GoStartLocal, &[2])],
        &[sched, (E::GoSleep, &[])],
        &[sched, (E::GoBlockSend, &[])],
        &[sched, (E::GoSysBlock, &[])],
        &[sched, sched],
        &[sched, (E::GoPreempt, &[])],
        &[block, (E::GoUnblock, &[1, 1])],
        &[sched, (E::GoUnblock, &[1, 2])],
        &[sched, (E::GoUnblockLocal, &[1])],
        &[(E::GoSysBlock, &[]), (E::GoSysExit, &[1, 3, 0])],
        &[sched, (E::GoSysExitLocal, &[1, 0])],
        &[(E::GCStart, &[1])],
        &[(E::GCStart, &[0]), (E::GCDone, &[]), (E::GCStart, &[0])],
    ];
    for events in stuck {
        let bytes = with(events).finish(SECOND);
        judge::we_refuse(&bytes, NO_ORDER);
        judge::go_refuses(&bytes, NO_ORDER);
    }
}

/// Guards R62.6.
#[test]
fn local_types_read_as_those_that_they_stand_for() {
    let mut builder = started();
    builder.event(Ticks(110), E::GoBlockSync, &[], &[]);
    builder.event(Ticks(111), E::GoUnblockLocal, &[1], &[]);
    builder.event(Ticks(112), E::GoStartLocal, &[1], &[]);
    let lines = [
        "10 GoBlockSync p=0 g=1",
        "11 GoUnblock p=0 g=0 g=1 seq=0",
        "12 GoStart p=0 g=1 g=1 seq=0",
    ];
    reads(builder, &lines);
}

/// Guards R62.7, S2.2.
#[test]
fn times_must_not_fall() {
    let starts = |tick| {
        let mut builder = started();
        builder.event(Ticks(120), E::GoCreate, &[2, 0], &[]);
        builder.batch(Some(ProcId(1)), Ticks(tick - 1));
        builder.event(Ticks(tick), E::GoStart, &[2, 1], &[]);
        builder
    };
    let lines = [
        "20 GoCreate p=0 g=1 g=2 stack=0",
        "20 GoStart p=1 g=2 g=2 seq=1",
    ];
    reads(starts(120), &lines);
    refused(starts(119), FALLS, FALLS);
    // What cannot have happened is said only of traces whose times are in order, though it
    // comes earlier.
    let mut builder = started();
    builder.event(Ticks(110), E::GCDone, &[], &[]);
    builder.event(Ticks(120), E::GoCreate, &[2, 0], &[]);
    builder.batch(Some(ProcId(1)), Ticks(118));
    builder.event(Ticks(119), E::GoStart, &[2, 1], &[]);
    refused(builder, FALLS, FALLS);
}

/// A trace with a fault more, each that is looked for before the last: no order, times that
/// fall, an exit that cannot be, a state that cannot be.
///
/// Guards S2.2.
#[test]
fn of_several_faults_the_order_is_told_first_and_states_last() {
    let faults = |count: usize| {
        let mut builder = started();
        builder.event(Ticks(110), E::GCDone, &[], &[]);
        if count > 1 {
            builder.event(Ticks(115), E::GoBlockSync, &[], &[]);
            builder.event(Ticks(116), E::GoSysExit, &[1, 2, 116], &[]);
        }
        builder.event(Ticks(120), E::GoCreate, &[2, 0], &[]);
        if count > 2 {
            builder.batch(Some(ProcId(1)), Ticks(118));
            builder.event(Ticks(119), E::GoStart, &[2, 1], &[]);
        }
        if count > 3 {
            builder.batch(Some(ProcId(2)), Ticks(129));
            builder.event(Ticks(130), E::GoStart, &[9, 1], &[]);
        }
        builder
    };
    refused(faults(1), "GCDone: want", "bogus GC end");
    refused(faults(2), "GoSysExit: want", "stray syscall exit");
    refused(faults(3), FALLS, FALLS);
    refused(faults(4), NO_ORDER, NO_ORDER);
}

/// Goroutine 1 is in a system call from tick 110 on, and comes out at another tick, which is
/// written at tick 130.
fn exits(ts: u64) -> TraceBuilder {
    let mut builder = started();
    builder.event(Ticks(110), E::GoSysBlock, &[], &[]);
    builder.event(Ticks(115), E::HeapAlloc, &[1], &[]);
    builder.event(Ticks(120), E::HeapAlloc, &[2], &[]);
    builder.event(Ticks(130), E::GoSysExit, &[1, 2, ts], &[]);
    builder
}

/// Guards R62.8, R62.10.
#[test]
fn an_exit_from_a_system_call_has_its_own_time_behind_others_of_the_same() {
    let block = "10 GoSysBlock p=0 g=1";
    let (one, two) = ("15 HeapAlloc p=0 g=0 mem=1", "20 HeapAlloc p=0 g=0 mem=2");
    let exit = |time, ts| format!("{time} GoSysExit p=1000003 g=1 g=1 seq=2 ts={ts}");
    reads(exits(0), &[block, one, two, &exit(30, 0)]);
    reads(exits(110), &[block, &exit(10, 110), one, two]);
    reads(exits(114), &[block, &exit(14, 114), one, two]);
    reads(exits(115), &[block, one, &exit(15, 115), two]);
    reads(exits(129), &[block, one, two, &exit(29, 129)]);
    reads(exits(200), &[block, one, two, &exit(100, 200)]);
    refused(exits(109), FALLS, FALLS);
}

/// Guards R62.8.
#[test]
fn an_exit_needs_a_block_at_a_tick_other_than_0() {
    // It waits, but was never seen to enter a system call.
    let exit = |ts| {
        let mut builder = started();
        builder.event(Ticks(110), E::GoBlockSync, &[], &[]);
        builder.event(Ticks(130), E::GoSysExit, &[1, 2, ts], &[]);
        builder
    };
    refused(
        exit(120),
        "GoSysExit: want a GoSysBlock before it",
        "stray syscall exit",
    );
    reads(
        exit(0),
        &[
            "10 GoBlockSync p=0 g=1",
            "30 GoSysExit p=1000003 g=1 g=1 seq=2 ts=0",
        ],
    );
    let at = |tick: i64| {
        let mut builder = empty(FormatVersion::GO_1_19);
        builder.batch(Some(ProcId(0)), Ticks((tick - 3).cast_unsigned()));
        let writer = builder.writer();
        for event in [
            RawEvent::of(E::GoCreate, &[1, 1, 0, 0]),
            RawEvent::of(E::GoStart, &[1, 1, 1]),
            RawEvent::of(E::GoSysBlock, &[1]),
            RawEvent::of(E::GoSysExit, &[10, 1, 2, 5]),
        ] {
            writer.raw_event(&event);
        }
        builder.finish(SECOND)
    };
    judge::refused(
        &at(0),
        "GoSysExit: want a GoSysBlock before it",
        "stray syscall exit",
    );
    assert_eq!(judge::ours(&at(1)).len(), 4);
    judge::agrees(&at(1));
}

/// Guards S4.
#[test]
fn exits_of_one_time_come_as_they_were_written() {
    let mut builder = started();
    for g in [2, 3] {
        builder.event(Ticks(110 + g), E::GoCreate, &[g, 0], &[]);
    }
    for g in [2, 3] {
        builder.event(Ticks(120 + g), E::GoInSyscall, &[g], &[]);
    }
    builder.event(Ticks(130), E::GoSysExit, &[3, 2, 125], &[]);
    builder.event(Ticks(131), E::GoSysExit, &[2, 2, 125], &[]);
    let lines = judge::ours(&builder.finish(SECOND));
    let exits = lines.iter().filter(|l| l.contains("GoSysExit"));
    let exits: Vec<_> = exits.map(String::as_str).collect();
    let expected = [
        "25 GoSysExit p=1000003 g=3 g=3 seq=2 ts=125",
        "25 GoSysExit p=1000003 g=2 g=2 seq=2 ts=125",
    ];
    assert_eq!(exits, expected);
}

/// Guards S4.
#[test]
fn of_equal_times_lower_ps_come_first_and_samples_last() {
    let mut builder = started();
    builder.cpu_sample(Ticks(150), sample(120, Some(0), 8));
    builder.cpu_sample(Ticks(151), sample(120, Some(0), 7));
    for p in [None, Some(ProcId(2)), Some(ProcId(1))] {
        builder.batch(p, Ticks(119));
        builder.event(Ticks(120), E::HeapAlloc, &[1], &[]);
    }
    let lines = judge::ours(&builder.finish(SECOND));
    let expected = [
        "20 HeapAlloc p=1 g=0 mem=1",
        "20 HeapAlloc p=2 g=0 mem=1",
        "20 HeapAlloc p=-1 g=0 mem=1",
        "20 CPUSample p=0 g=8 ts=0 p=0 g=8",
        "20 CPUSample p=0 g=7 ts=0 p=0 g=7",
    ];
    assert_eq!(lines[2..], expected);
}

/// Guards R62.11, S14.
#[test]
fn nanoseconds_are_a_product_of_floats_cut_off_toward_zero() {
    let times = |ticks_per_second, ticks: &[u64]| {
        let mut builder = empty(FormatVersion::GO_1_19);
        builder.batch(Some(ProcId(0)), Ticks(0));
        builder.event(Ticks(1), E::HeapAlloc, &[0], &[]);
        for tick in ticks {
            builder.event(Ticks(1 + tick), E::HeapAlloc, &[0], &[]);
        }
        let bytes = builder.finish(ticks_per_second);
        judge::agrees(&bytes);
        let lines = judge::ours(&bytes);
        let times = lines[1..]
            .iter()
            .map(|l| l.split(' ').next().unwrap().parse::<i64>());
        times.map(Result::unwrap).collect::<Vec<_>>()
    };
    // A quotient that is exact, one that is not, and one below 1.
    assert_eq!(times(500_000_000, &[1, 3]), [2, 6]);
    assert_eq!(
        times(3, &[1, 2, 3, 7]),
        [333_333_333, 666_666_666, 1_000_000_000, 2_333_333_333]
    );
    assert_eq!(
        times(3_000_000_000, &[2, 3, 4, 3_000_000_000]),
        [0, 1, 1, 1_000_000_000]
    );
    // Ticks beyond 53 bits are not whole any more.
    let most = (1 << 53) + 1;
    assert_eq!(times(SECOND, &[most - 1, most]), [1 << 53, 1 << 53]);
    assert_eq!(
        times(1, &[9_223_372_036, 9_223_372_037]),
        [9_223_372_036_000_000_000, i64::MIN]
    );
}

/// Guards R62.13, S23.
#[test]
fn gos_orderer_takes_the_last_sequence_number_for_any_and_ours_does_not() {
    for (seq, reads) in [
        (u64::MAX, true),
        (u64::MAX - 1, false),
        (u64::MAX - 2, false),
    ] {
        let bytes = with(&[(E::GoSched, &[]), (E::GoStart, &[1, seq])]).finish(SECOND);
        judge::we_refuse(&bytes, NO_ORDER);
        let lines = [
            "0 GoCreate p=0 g=0 g=1 stack=0".to_owned(),
            "1 GoStart p=0 g=1 g=1 seq=1".to_owned(),
            "10 GoSched p=0 g=1".to_owned(),
            format!("11 GoStart p=0 g=1 g=1 seq={seq}"),
        ];
        let lines: Vec<_> = lines.iter().map(String::as_str).collect();
        if reads {
            judge::go_reads(&bytes, &lines);
        } else {
            judge::go_refuses(&bytes, NO_ORDER);
        }
    }
}

/// Go lets the time of the second wrap.
///
/// Guards S26.7.
#[test]
fn ticks_span_less_than_2_to_the_63() {
    // Ticks have a sign: P 0 begins near the lowest, and P 1 ends at 1.
    let read = |first: u64| {
        let mut builder = TraceBuilder::new(FormatVersion::GO_1_19).unwrap();
        builder.batch(Some(ProcId(0)), Ticks(1 << 63));
        builder.event(Ticks(first), E::HeapAlloc, &[1], &[]);
        builder.batch(Some(ProcId(1)), Ticks(0));
        builder.event(Ticks(1), E::HeapAlloc, &[2], &[]);
        let bytes = builder.finish(1 << 40);
        sigprof::trace::v1::read(&bytes).map(|trace| trace.span())
    };
    assert_eq!(read((1 << 63) + 2), Ok((1 << 23) * 1_000_000_000));
    let error = read((1 << 63) + 1).unwrap_err().to_string();
    assert!(
        error.ends_with(
            ": HeapAlloc: want a tick less than 2^63 from -9223372036854775807, the first, got tick 1 \
             (Go's reader lets the times wrap)"
        ),
        "{error}"
    );
}
