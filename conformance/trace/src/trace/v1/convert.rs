//! A v1 event in the nouns of both formats.
//!
//! One event becomes one event. Go's own conversion (`internal/trace/tracev1.go`) makes a
//! pair of a system call that did not block; here a goroutine that is in a `Syscall` and
//! emits anything else has come back without a word (R62).

use sigprof_wire::FormatVersion;
use sigprof_wire::v1::EventType;

use super::{Event, Place, StackId};
use crate::trace::event;
use crate::trace::ids::{self, Nanos, ProcId, TaskId};
use crate::trace::kind::{GoState, Kind, Metric, ProcState, Range, Text};

/// The stack of a v1 trace in the ids of both formats.
fn stack_id(id: StackId) -> ids::StackId {
    ids::StackId {
        table: 0,
        id: id.get(),
    }
}

/// The event in the nouns of both formats.
pub(crate) fn convert(event: &Event, version: FormatVersion) -> event::Event {
    event::Event {
        offset: event.offset,
        time: Nanos(event.time),
        goroutine: event.goroutine.map(|g| ids::GoId(g.get())),
        proc: proc(event),
        // Of a P that starts the format says on which thread.
        thread: (event.event_type == EventType::ProcStart).then(|| ids::ThreadId(event.args[0])),
        generation: None,
        table: 0,
        stack: event.stack.map(stack_id),
        kind: kind(event, version),
    }
}

/// The label with which a goroutine starts, as an event of its own.
pub(crate) fn label(event: &Event, start: event::Event) -> Option<event::Event> {
    (event.event_type == EventType::GoStartLabel).then(|| event::Event {
        kind: Kind::Label(Text::Table(event.args[2])),
        ..start
    })
}

fn proc(event: &Event) -> Option<ProcId> {
    match event.place {
        Place::P(p) => Some(ProcId(p)),
        _ => None,
    }
}

fn kind(event: &Event, version: FormatVersion) -> Kind {
    use EventType as E;
    let [first, second, third] = event.args;
    match event.event_type {
        E::CPUSample => Kind::StackSample,
        E::Gomaxprocs => Kind::Metric(Metric::Gomaxprocs, first),
        E::HeapAlloc => Kind::Metric(Metric::HeapAlloc, first),
        E::HeapGoal => Kind::Metric(Metric::HeapGoal, first),
        E::ProcStart => proc_transition(event, ProcState::Idle, ProcState::Running),
        E::ProcStop => proc_transition(event, ProcState::Running, ProcState::Idle),
        E::UserTaskCreate => Kind::TaskBegin {
            task: TaskId(first),
            parent: Some(second).filter(|&parent| parent != 0).map(TaskId),
            name: Text::Table(third),
        },
        E::UserTaskEnd => Kind::TaskEnd {
            task: TaskId(first),
            parent: None,
            name: Text::Table(0),
        },
        E::UserRegion => {
            let (task, name) = (TaskId(first), Text::Table(third));
            match second {
                0 => Kind::RegionBegin { task, name },
                _ => Kind::RegionEnd { task, name },
            }
        }
        E::UserLog => Kind::Log {
            task: TaskId(first),
            category: Text::Table(second),
            message: Text::Message(event.offset),
        },
        E::Batch | E::Frequency | E::Stack | E::String | E::TimerGoroutine | E::FutileWakeup => {
            Kind::Former(event.event_type)
        }
        _ => match range(event, version) {
            Some(range) => range,
            None => go_transition(event),
        },
    }
}

fn range(event: &Event, version: FormatVersion) -> Option<Kind> {
    use EventType as E;
    let goroutine = event.goroutine.map(|g| ids::GoId(g.get()));
    let stop = |reason| Range::StopTheWorld { reason, goroutine };
    let ended = |range| Kind::RangeEnd { range, bytes: None };
    let sweep = Range::Sweep { proc: proc(event) };
    let [first, second, _] = event.args;
    Some(match event.event_type {
        E::GCStart => Kind::RangeBegin(Range::Mark),
        E::GCDone => ended(Range::Mark),
        E::GCSTWStart => Kind::RangeBegin(stop(Text::Words(super::stw_kind(version, first)))),
        E::GCSTWDone => ended(stop(Text::Table(0))),
        E::GCSweepStart => Kind::RangeBegin(sweep),
        E::GCSweepDone => Kind::RangeEnd {
            range: sweep,
            bytes: Some((first, second)),
        },
        E::GCMarkAssistStart => Kind::RangeBegin(Range::MarkAssist { goroutine }),
        E::GCMarkAssistDone => ended(Range::MarkAssist { goroutine }),
        _ => return None,
    })
}

fn proc_transition(event: &Event, from: ProcState, to: ProcState) -> Kind {
    let proc = proc(event).unwrap_or_default();
    Kind::ProcTransition { proc, from, to }
}

fn go_transition(event: &Event) -> Kind {
    use EventType as E;
    use GoState as G;
    let [first, second, _] = event.args;
    let own = event.goroutine_or_zero();
    let (goroutine, from, to, reason) = match event.event_type {
        E::GoCreate => (first, G::NotExist, G::Runnable, ""),
        E::GoStart | E::GoStartLocal | E::GoStartLabel => (first, G::Runnable, G::Running, ""),
        E::GoEnd => (own, G::Running, G::NotExist, ""),
        E::GoSched => (own, G::Running, G::Runnable, "runtime.Gosched"),
        E::GoPreempt => (own, G::Running, G::Runnable, "preempted"),
        E::GoUnblock | E::GoUnblockLocal => (first, G::Waiting, G::Runnable, ""),
        E::GoSysCall => (own, G::Running, G::Syscall, ""),
        // The call goes on; its P is taken away.
        E::GoSysBlock => (own, G::Syscall, G::Syscall, ""),
        E::GoSysExit | E::GoSysExitLocal => (first, G::Syscall, G::Runnable, ""),
        E::GoWaiting => (first, G::Undetermined, G::Waiting, ""),
        E::GoInSyscall => (first, G::Undetermined, G::Syscall, ""),
        blocked => (own, G::Running, G::Waiting, why_blocked(blocked)),
    };
    let stack = match event.event_type {
        E::GoCreate => StackId::new(second).map(stack_id),
        _ if goroutine == own => event.stack.map(stack_id),
        _ => None,
    };
    Kind::GoTransition {
        goroutine: ids::GoId(goroutine),
        from,
        to,
        reason: Text::Words(reason),
        stack,
    }
}

/// Why a goroutine waits, in the words of Go 1.22 and later (Go:
/// `internal/trace/tracev1.go`, `newTraceV1Converter`).
const fn why_blocked(event_type: EventType) -> &'static str {
    use EventType as E;
    match event_type {
        E::GoStop => "forever",
        E::GoSleep => "sleep",
        E::GoBlockSend => "chan send",
        E::GoBlockRecv => "chan receive",
        E::GoBlockSelect => "select",
        E::GoBlockSync => "sync",
        E::GoBlockCond => "sync.(*Cond).Wait",
        E::GoBlockNet => "network",
        E::GoBlockGC => "GC mark assist wait for work",
        _ => "",
    }
}
