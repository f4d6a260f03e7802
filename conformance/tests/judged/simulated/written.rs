//! The events that a simulated tracer writes, and where: as Go's does.

use std::collections::BTreeSet;

use sigprof::trace::v1::{self as trace, Event, Place};
use sigprof_sim::machine::Revision;
use sigprof_sim::workload::parse;
use sigprof_wire::v1::EventType;

use super::Run;

/// Goroutines that wait, that are in system calls, and that run, when the second trace starts.
fn run(revision: Revision) -> Run {
    let plan = parse(
        "procs = 4\ngoroutines = 12\ntraces = [[1, 10], [20, 40]]\nprofiles = [[2, 50]]\n\
         ops = { compute = 2, long-syscall = 4, sleep = 3, receive = 3 }",
    );
    Run::of(4, &plan.unwrap(), revision)
}

const V1: [&str; 2] = ["go1.19", "go1.21"];

fn revisions() -> impl Iterator<Item = Revision> {
    V1.into_iter().map(|name| Revision::named(name).unwrap())
}

/// Guards R33.2.
#[test]
fn a_trace_begins_with_who_is_there() {
    for revision in revisions() {
        let run = run(revision);
        let trace = trace::read(&run.traces[1]).unwrap();
        let mut events = trace.events.iter().peekable();
        let (mut created, mut seen) = (BTreeSet::new(), BTreeSet::new());
        let mut next_if = |types: &[EventType]| -> Option<&Event> {
            let next = events.next_if(|event| types.contains(&event.event_type));
            seen.extend(next.map(|event| event.event_type));
            next
        };
        while let Some(create) = next_if(&[EventType::GoCreate]) {
            assert!(created.insert(create.args[0]), "{create:?}");
            let blocked = next_if(&[EventType::GoWaiting, EventType::GoInSyscall]);
            assert!(
                blocked.is_none_or(|event| event.args[0] == create.args[0]),
                "{blocked:?}"
            );
        }
        assert!(created.len() > 12, "{created:?}");
        assert!(next_if(&[EventType::ProcStart]).is_some());
        let starts = [EventType::GoStart, EventType::GoStartLocal];
        assert!(next_if(&starts).is_some_and(|start| created.contains(&start.args[0])));
        for blocked in [EventType::GoWaiting, EventType::GoInSyscall] {
            assert!(seen.contains(&blocked), "{blocked:?}: {seen:?}");
        }
    }
}

/// The four names stand in the batch that the trace begins with.
///
/// Guards R33.4.
#[test]
fn the_names_of_gc_workers_are_in_the_first_batch() {
    for revision in revisions() {
        let bytes = run(revision).traces.swap_remove(0);
        let batch_of_p = |at: usize| bytes[at] == 0x41;
        assert!(batch_of_p(16));
        let mut at = 16;
        for name in [
            "Not worker",
            "GC (dedicated)",
            "GC (fractional)",
            "GC (idle)",
        ] {
            let found = bytes[at..]
                .windows(name.len())
                .position(|w| w == name.as_bytes());
            at += found.unwrap_or_else(|| panic!("no {name}"));
        }
        let start = trace::read(&bytes).unwrap();
        let mut starts = start
            .events
            .iter()
            .filter(|e| e.event_type == EventType::Gomaxprocs);
        let behind = starts.next().unwrap().offset;
        assert!((at as u64) < behind, "{at:#x} {behind:#x}");
    }
}

/// Behind what StartTrace writes, and before anything else: in 1.21, and not in 1.19.
///
/// Guards R33.3.
#[test]
fn a_trace_of_1_21_begins_with_the_heap_goal() {
    for revision in revisions() {
        let run = run(revision);
        let trace = trace::read(&run.traces[0]).unwrap();
        let types: Vec<_> = trace.events.iter().map(|event| event.event_type).collect();
        let start = types
            .iter()
            .position(|&t| t == EventType::ProcStart)
            .unwrap();
        let has_goal = types[start + 2] == EventType::HeapGoal;
        assert_eq!(
            has_goal,
            revision.name == "go1.21",
            "{:?}",
            &types[start..start + 4]
        );
    }
}

/// The last event of the P that stops it is a GoSched of the main goroutine; samples that are
/// drained then come after.
///
/// Guards R34.2.
#[test]
fn a_trace_ends_with_a_go_sched() {
    for revision in revisions() {
        let run = run(revision);
        for bytes in &run.traces {
            let trace = trace::read(bytes).unwrap();
            let on_ps = trace.events.iter().filter(|event| {
                event.event_type != EventType::CPUSample && matches!(event.place, Place::P(_))
            });
            let last = on_ps.max_by_key(|event| event.time).unwrap();
            assert_eq!(last.event_type, EventType::GoSched, "{last:?}");
            assert_eq!(last.goroutine_or_zero(), 1);
        }
    }
}

/// Guards S20.2.
#[test]
fn revisions_are_seed_1_19_and_1_21() {
    let of = |revision: Revision| {
        let trace = run(revision).traces.swap_remove(0);
        (
            revision.name,
            String::from_utf8(trace[..13].to_vec()).unwrap(),
        )
    };
    let said = Revision::V1.map(of);
    let want = [
        ("seed", "go 1.19 trace"),
        ("go1.19", "go 1.19 trace"),
        ("go1.21", "go 1.21 trace"),
    ];
    assert_eq!(said, want.map(|(name, head)| (name, head.to_owned())));
}
