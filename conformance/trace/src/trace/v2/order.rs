//! Which event may come next, and what it means: the states of threads, Ps and goroutines.
//!
//! [`Order::advance`] takes the next event of a thread and answers as Go's orderer does:
//! it happened, it has to wait for an event of another thread, or it cannot have happened.
//! States live as long as the trace; the sequence numbers of a goroutine or a P begin again
//! with its status in each generation (R77.2).
//!
//! Source: Go `internal/trace/order.go`, `ordering` (1.22 to 1.27; R77 to R79).

mod goroutines;
mod names;
mod procs;
mod ranges;
mod states;
mod threads;
mod user;

use sigprof_wire::v2::{EventType, NO_GOROUTINE, NO_PROC, NO_THREAD};

use super::cursor::Head;
use super::event::Event;
use super::generation::Generation;
use crate::trace::options::Warnings;
pub(super) use names::{NameId, Names};
use ranges::Gc;
use states::{Goroutines, Procs};
pub(super) use threads::Threads;

/// What became of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// It happened.
    Done,
    /// It has to wait for another thread.
    Wait,
}

/// Why an event cannot have happened.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) want: String,
    pub(super) got: String,
}

pub(super) type Result<T> = std::result::Result<T, Box<Fault>>;

#[cold]
pub(super) fn fault<T>(want: impl Into<String>, got: impl Into<String>) -> Result<T> {
    let (want, got) = (want.into(), got.into());
    Err(Box::new(Fault { want, got }))
}

/// Thread, P and goroutine at an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Context {
    pub(super) thread: u64,
    pub(super) proc: u64,
    pub(super) goroutine: u64,
}

/// What an event needs of its context.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Needs {
    /// There must be one.
    One,
    /// There may be one.
    Any,
    /// There must be none.
    None,
}

/// What the events of a generation are looked up in.
pub(super) struct World<'g> {
    pub(super) bytes: &'g [u8],
    pub(super) generation: &'g Generation,
    /// The offset of the event.
    pub(super) offset: u64,
    /// Whether Go's reader is followed where it refuses what users do.
    pub(super) is_strict: bool,
    /// Whether the reader is that of 1.22.
    pub(super) is_1_22: bool,
}

/// Events that came of one, at most three.
#[derive(Debug, Default)]
pub(super) struct Queue {
    events: [Option<Event>; 3],
    first: usize,
    count: usize,
}

impl Queue {
    #[inline]
    fn push(&mut self, event: Event) {
        if let Some(place) = self.events.get_mut(self.count) {
            *place = Some(event);
            self.count += 1;
        }
    }

    /// The next of them.
    #[inline]
    pub(super) fn pop(&mut self) -> Option<Event> {
        if self.first == self.count {
            return None;
        }
        let event = self.events[self.first];
        self.first += 1;
        if self.first == self.count {
            (self.first, self.count) = (0, 0);
        }
        event
    }
}

/// The states of everything.
#[derive(Debug, Default)]
pub(super) struct Order {
    pub(super) threads: Threads,
    procs: Procs,
    goroutines: Goroutines,
    gc: Gc,
    tasks: user::Tasks,
    pub(super) names: Names,
    /// The first generation; 0 before it.
    first_generation: u64,
    pub(super) queue: Queue,
    pub(super) warnings: Warnings,
}

impl Order {
    /// A generation begins.
    pub(super) fn begin(&mut self, generation: &Generation) {
        if self.first_generation == 0 {
            self.first_generation = generation.number;
        }
        self.sweep_names();
    }

    /// What came before is lost: the next generation is as the first.
    pub(super) fn forget(&mut self) {
        let warnings = std::mem::take(&mut self.warnings);
        *self = Self {
            warnings,
            ..Self::default()
        };
    }

    /// How many goroutines there were, and how many Ps.
    pub(super) fn counts(&self) -> (u64, u64) {
        (self.goroutines.seen(), self.procs.len())
    }

    /// Tries the next event of the thread in slot `thread`.
    ///
    /// # Errors
    /// Why it cannot have happened.
    #[inline]
    pub(super) fn advance(&mut self, head: &Head, thread: u32, world: &World) -> Result<Step> {
        use EventType as E;
        let context = self.threads.context(thread);
        match head.event_type {
            E::GoStart => self.go_start(head, thread, context, world),
            E::GoUnblock => self.go_unblock(head, context, world),
            E::GoBlock | E::GoStop | E::GoDestroy => self.go_stop(head, thread, context, world),
            E::GoSyscallBegin => self.syscall_begin(head, context, world),
            E::GoSyscallEnd => self.syscall_end(head, context, world),
            E::GoSyscallEndBlocked => self.syscall_end_blocked(head, thread, context, world),
            E::GoCreate | E::GoCreateBlocked => self.go_create(head, context, world),
            E::GoStatus | E::GoStatusStack => self.go_status(head, thread, context, world),
            E::GoSwitch | E::GoSwitchDestroy => self.go_switch(head, thread, context, world),
            E::GoCreateSyscall => self.go_create_syscall(head, thread, context, world),
            E::GoDestroySyscall => self.go_destroy_syscall(head, thread, context, world),
            E::ProcStart => self.proc_start(head, thread, context, world),
            E::ProcStop => self.proc_stop(head, thread, context, world),
            E::ProcSteal => self.proc_steal(head, thread, context, world),
            E::ProcStatus => self.proc_status(head, thread, context, world),
            E::HeapAlloc | E::HeapGoal => {
                need(context, Needs::One, Needs::One, Needs::Any)?;
                self.happened(head, context, world)
            }
            E::ProcsChange | E::GoLabel | E::UserLog => {
                need(context, Needs::One, Needs::One, Needs::One)?;
                self.happened(head, context, world)
            }
            E::UserTaskBegin => self.task_begin(head, context, world),
            E::UserTaskEnd => self.task_end(head, context, world),
            E::UserRegionBegin => self.region_begin(head, context, world),
            E::UserRegionEnd => self.region_end(head, context, world),
            other if other.is_experimental() => {
                need(context, Needs::One, Needs::Any, Needs::Any)?;
                self.happened(head, context, world)
            }
            _ => self.range(head, context, world),
        }
    }

    /// The event happened as it stands.
    #[inline]
    fn happened(&mut self, head: &Head, context: Context, world: &World) -> Result<Step> {
        self.queue
            .push(event(head.event_type, head.args, head.time, context, world));
        Ok(Step::Done)
    }

    /// The event happened, with other arguments.
    #[inline]
    fn happened_with(
        &mut self,
        head: &Head,
        args: [u64; 4],
        context: Context,
        world: &World,
    ) -> Result<Step> {
        self.queue
            .push(event(head.event_type, args, head.time, context, world));
        Ok(Step::Done)
    }
}

#[inline]
fn event(
    event_type: EventType,
    args: [u64; 4],
    time: i64,
    context: Context,
    world: &World,
) -> Event {
    Event {
        offset: world.offset,
        time,
        generation: world.generation.number,
        thread: context.thread,
        proc: context.proc,
        goroutine: context.goroutine,
        event_type,
        args,
    }
}

/// Checks what an event needs of thread, P and goroutine (R77.1).
#[inline]
fn need(context: Context, thread: Needs, proc: Needs, goroutine: Needs) -> Result<()> {
    check_need("thread", thread, context.thread, NO_THREAD)?;
    check_need("P", proc, context.proc, NO_PROC)?;
    check_need("goroutine", goroutine, context.goroutine, NO_GOROUTINE)
}

#[inline]
fn check_need(what: &str, needs: Needs, value: u64, none: u64) -> Result<()> {
    match needs {
        Needs::One if value == none => fault(format!("a {what}"), "none"),
        Needs::None if value != none => fault(format!("no {what}"), format!("{what} {value}")),
        _ => Ok(()),
    }
}

/// Everything: thread, P and goroutine.
#[inline]
fn need_all(context: Context) -> Result<()> {
    need(context, Needs::One, Needs::One, Needs::One)
}
