//! Events as Go's `internal/trace` has them since 1.22.

use sigprof_wire::v2::{EventType, NO_GOROUTINE, NO_PROC, NO_TASK, NO_THREAD};

use super::state::{go_state, old_proc_state, old_state, proc_state};
use crate::trace::ids::{GoId, ProcId, StackId, TaskId};
pub use crate::trace::kind::{GoState, Kind, Metric, ProcState, Range, Text};

/// One event, in the order and with the time that the whole trace gives it.
///
/// Thread, P and goroutine are those *before* the event: of the start of a goroutine there is
/// none yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// Bytes from the start of the trace to the event; of a `Sync` to its generation.
    pub offset: u64,
    /// Nanoseconds of the trace clock.
    pub time: i64,
    /// The generation; 0 if a `Sync` is of none.
    pub generation: u64,
    /// As on the wire, and what the reader makes of it: `NO_*` is none.
    pub(super) thread: u64,
    pub(super) proc: u64,
    pub(super) goroutine: u64,
    pub(super) event_type: EventType,
    pub(super) args: [u64; 4],
}

/// The argument with the stack, by type; beyond all of them if there is none.
static STACKS: [u8; 256] = {
    let mut table = [u8::MAX; 256];
    let mut i = 0;
    while i < EventType::ALL.len() {
        if let Some(place) = EventType::ALL[i].spec().stack {
            table[EventType::ALL[i] as usize] = place;
        }
        i += 1;
    }
    // Where the reader puts it.
    table[EventType::CPUSample as usize] = 0;
    table
};

/// A number, if it is not the one that stands for none.
const fn unless(value: u64, none: u64) -> Option<u64> {
    if value == none { None } else { Some(value) }
}

impl Event {
    /// A place where generations meet.
    pub(super) const fn sync(offset: u64, time: i64, generation: u64, number: u64) -> Self {
        Self {
            offset,
            time,
            generation,
            thread: NO_THREAD,
            proc: NO_PROC,
            goroutine: NO_GOROUTINE,
            event_type: EventType::Sync,
            args: [number, 0, 0, 0],
        }
    }

    /// The thread of the event.
    #[must_use]
    pub const fn thread(&self) -> Option<u64> {
        unless(self.thread, NO_THREAD)
    }

    /// The P that the thread had.
    #[must_use]
    pub const fn proc(&self) -> Option<u64> {
        unless(self.proc, NO_PROC)
    }

    /// The goroutine that ran there.
    #[must_use]
    pub const fn goroutine(&self) -> Option<u64> {
        unless(self.goroutine, NO_GOROUTINE)
    }

    /// The type on the wire; a `Sync` stands for the generation's.
    #[must_use]
    pub const fn event_type(&self) -> EventType {
        self.event_type
    }

    /// The id of the stack of whoever emitted the event, in the tables of its generation.
    #[must_use]
    pub fn stack(&self) -> Option<u64> {
        let place = STACKS[self.event_type as usize];
        let stack = self.args.get(usize::from(place))?;
        unless(*stack, 0)
    }

    /// Whether it is a CPU sample.
    #[must_use]
    pub const fn is_sample(&self) -> bool {
        matches!(self.event_type, EventType::CPUSample)
    }

    /// The kind of the event, with its details.
    #[must_use]
    pub fn kind(&self) -> Kind {
        use EventType as E;
        let [first, second, third, _] = self.args;
        match self.event_type {
            E::CPUSample => Kind::StackSample,
            E::ProcsChange => Kind::Metric(Metric::Gomaxprocs, first),
            E::HeapAlloc => Kind::Metric(Metric::HeapAlloc, first),
            E::HeapGoal => Kind::Metric(Metric::HeapGoal, first),
            E::GoLabel => Kind::Label(Text::Table(first)),
            E::UserTaskBegin => Kind::TaskBegin {
                task: TaskId(first),
                parent: unless(second, NO_TASK).map(TaskId),
                name: Text::Table(third),
            },
            E::UserTaskEnd => Kind::TaskEnd {
                task: TaskId(first),
                parent: unless(third, NO_TASK).map(TaskId),
                name: Text::Kept(self.args[3]),
            },
            E::UserRegionBegin => Kind::RegionBegin {
                task: TaskId(first),
                name: Text::Table(second),
            },
            E::UserRegionEnd => Kind::RegionEnd {
                task: TaskId(first),
                name: Text::Table(second),
            },
            E::UserLog => Kind::Log {
                task: TaskId(first),
                category: Text::Table(second),
                message: Text::Table(third),
            },
            E::Sync => Kind::Sync { number: first },
            E::ProcStart | E::ProcStop | E::ProcSteal | E::ProcStatus => self.proc_transition(),
            other if other.is_experimental() => Kind::Experimental {
                event: other,
                args: self.args,
            },
            _ => self.range().unwrap_or_else(|| self.go_transition()),
        }
    }

    fn range(&self) -> Option<Kind> {
        use EventType as E;
        let [first, second, ..] = self.args;
        let (proc, goroutine) = (self.proc().map(ProcId), self.goroutine().map(GoId));
        let reason = Text::Table(first);
        let stop = Range::StopTheWorld { reason, goroutine };
        let ended = |range| Kind::RangeEnd { range, bytes: None };
        Some(match self.event_type {
            E::STWBegin => Kind::RangeBegin(stop),
            E::STWEnd => ended(stop),
            E::GCBegin => Kind::RangeBegin(Range::Mark),
            E::GCActive => Kind::RangeActive(Range::Mark),
            E::GCEnd => ended(Range::Mark),
            E::GCSweepBegin => Kind::RangeBegin(Range::Sweep { proc }),
            E::GCSweepActive => Kind::RangeActive(Range::Sweep {
                proc: Some(ProcId(first)),
            }),
            E::GCSweepEnd => Kind::RangeEnd {
                range: Range::Sweep { proc },
                bytes: Some((first, second)),
            },
            E::GCMarkAssistBegin => Kind::RangeBegin(Range::MarkAssist { goroutine }),
            E::GCMarkAssistActive => Kind::RangeActive(Range::MarkAssist {
                goroutine: Some(GoId(first)),
            }),
            E::GCMarkAssistEnd => ended(Range::MarkAssist { goroutine }),
            _ => return None,
        })
    }

    /// The goroutine that an event of the commonest types is about, with its states before and
    /// after.
    #[inline(always)]
    pub(super) fn change(&self) -> Option<(u64, GoState, GoState)> {
        use EventType as E;
        use GoState as G;
        let (own, other) = (self.goroutine, self.args[0]);
        Some(match self.event_type {
            E::GoStart => (other, G::Runnable, G::Running),
            E::GoUnblock => (other, G::Waiting, G::Runnable),
            E::GoDestroy => (own, G::Running, G::NotExist),
            E::GoStop => (own, G::Running, G::Runnable),
            E::GoBlock => (own, G::Running, G::Waiting),
            E::GoSyscallBegin => (own, G::Running, G::Syscall),
            E::GoSyscallEnd => (own, G::Syscall, G::Running),
            _ => return None,
        })
    }

    /// The reason of a common change; 0 for none.
    #[inline(always)]
    pub(super) fn reason(&self) -> u64 {
        let has_one = matches!(self.event_type, EventType::GoStop | EventType::GoBlock);
        if has_one { self.args[0] } else { 0 }
    }

    fn go_transition(&self) -> Kind {
        use EventType as E;
        use GoState as G;
        let [first, second, third, _] = self.args;
        let mut reason = Text::Table(0);
        let mut stack = None;
        let (goroutine, from, to) = match self.event_type {
            E::GoCreate | E::GoCreateBlocked => {
                stack = Some(second);
                let is_blocked = self.event_type == E::GoCreateBlocked;
                let to = if is_blocked { G::Waiting } else { G::Runnable };
                (first, G::NotExist, to)
            }
            E::GoCreateSyscall => (first, G::NotExist, G::Syscall),
            E::GoStart => (first, G::Runnable, G::Running),
            E::GoUnblock | E::GoSwitch | E::GoSwitchDestroy => (first, G::Waiting, G::Runnable),
            E::GoStatus | E::GoStatusStack => {
                stack = self.stack();
                (
                    first,
                    old_state(third >> 32),
                    go_state((third & 0xff) as u8),
                )
            }
            own => {
                let (from, to) = match (self.change(), own) {
                    (Some((_, from, to)), _) => (from, to),
                    (None, E::GoDestroySyscall) => (G::Syscall, G::NotExist),
                    (None, _) => (G::Syscall, G::Runnable),
                };
                reason = Text::Table(self.reason());
                stack = self.stack();
                (self.goroutine, from, to)
            }
        };
        Kind::GoTransition {
            goroutine: GoId(goroutine),
            from,
            to,
            reason,
            // Its table is the reader's to know.
            stack: stack.map(|id| StackId { table: 0, id }),
        }
    }

    fn proc_transition(&self) -> Kind {
        use ProcState as P;
        let first = self.args[0];
        let (proc, from, to) = match self.event_type {
            EventType::ProcStart => (first, P::Idle, P::Running),
            EventType::ProcStop => (self.proc, P::Running, P::Idle),
            EventType::ProcSteal => (first, old_proc_state(self.args[3]), P::Idle),
            _ => {
                let to = proc_state(self.args[1]);
                (first, old_proc_state(self.args[2]), to)
            }
        };
        Kind::ProcTransition {
            proc: ProcId(proc),
            from,
            to,
        }
    }
}

pub use super::clock::Snapshot as ClockSnapshot;
