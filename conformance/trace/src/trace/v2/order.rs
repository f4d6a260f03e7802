//! The orderer: which event may come next, and what it does to threads, Ps and goroutines.
//!
//! [`Order::advance`] takes the next event of a thread and answers as Go's orderer does:
//! it happened, it has to wait for an event of another thread, or it cannot have happened.
//! States live as long as the trace; the sequence numbers of a goroutine or a P begin again
//! with its status in each generation (R77.2).
//!
//! Source: Go `internal/trace/order.go`, `ordering` (1.22 to 1.27; R77 to R79).

mod goroutines;
mod names;
mod needs;
mod procs;
mod ranges;
mod states;
mod threads;
mod user;

use std::hint::select_unpredictable;

use sigprof_wire::v2::limits::MAX_ARGS;
use sigprof_wire::v2::{EventType, go_status};

use super::cursor::Cursor;
use super::event::Event;
use super::generation::Generation;
use super::stream::ids::Ids;
use crate::heap;
use crate::trace::options::Warnings;
pub(super) use names::{NameId, Names};
pub(super) use needs::Bound;
use needs::{Needs, need, need_all};
use ranges::Gc;
use states::{Goroutines, Procs};
pub(super) use threads::Threads;

/// The outcome of an event: it happened; or it did not, and has to wait for another thread
/// unless there is a fault. In registers, unlike an enum of three.
pub(super) type Step<T = ()> = Result<T, Option<Box<Fault>>>;

/// The event has to wait for another thread.
pub(super) const WAIT: Step = Err(None);

/// Why an event cannot have happened.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) want: String,
    pub(super) got: String,
    /// Bytes that the event would take, if it could have happened but takes too much.
    pub(super) takes: Option<usize>,
}

pub(super) type Result<T, E = Box<Fault>> = std::result::Result<T, E>;

#[cold]
pub(super) fn fault<T, E: From<Box<Fault>>>(
    want: impl Into<String>,
    got: impl Into<String>,
) -> Result<T, E> {
    let (want, got) = (want.into(), got.into());
    let takes = None;
    Err(Box::new(Fault { want, got, takes }).into())
}

/// Thread, P and goroutine at an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Context {
    pub(super) thread: u64,
    pub(super) proc: u64,
    pub(super) goroutine: u64,
}

/// An event as it was read, and its thread: of the commonest types no more is needed.
#[derive(Clone, Copy)]
struct Plain {
    args: [u64; MAX_ARGS],
    context: Context,
    bound: Bound,
    /// The slot of its thread.
    slot: u32,
}

/// How an event happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Happened {
    /// As it was read, and the strings and stacks that it names are there.
    Plainly,
    /// As it was read, but some of them are not there.
    Oddly,
    /// As it was made; others may have come of it, and it may name what is not there.
    Made,
}

/// The generation that events are looked up in, and how Go's reader is followed.
pub(super) struct World<'g> {
    pub(super) bytes: &'g [u8],
    /// The offset of their first.
    pub(super) base: u64,
    pub(super) generation: &'g Generation,
    /// Whether Go's reader is followed where it refuses what users do.
    pub(super) is_strict: bool,
    /// Whether the reader is that of 1.22.
    pub(super) is_1_22: bool,
}

/// Events that came of another, at most two.
#[derive(Debug, Default)]
pub(super) struct Queue {
    events: [Option<Event>; 2],
    first: usize,
    count: usize,
}

impl Queue {
    fn push(&mut self, event: Event) {
        if let Some(place) = self.events.get_mut(self.count) {
            *place = Some(event);
            self.count += 1;
        }
    }

    #[inline(always)]
    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The next of them.
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
    begun: user::Begun,
    pub(super) names: Names,
    /// The generation that is being read.
    generation: u64,
    /// The first generation; 0 before it.
    first_generation: u64,
    /// Things that were added, as far as memory is concerned.
    added: usize,
    /// Bytes of memory that all may take together.
    most: usize,
    pub(super) queue: Queue,
    pub(super) warnings: Warnings,
}

impl Order {
    /// A generation begins; up to its end the trace has `len` bytes.
    pub(super) fn begin(&mut self, generation: &Generation, len: usize) {
        self.most = heap::most(len).saturating_sub(generation.heap());
        if self.first_generation == 0 {
            self.first_generation = generation.number;
        }
        self.generation = generation.number;
        self.sweep_names();
    }

    /// Bytes of memory, when a few more of everything have come.
    pub(super) fn heap(&self) -> usize {
        let (tasks, more) = (&self.tasks, heap::STEP);
        self.threads.heap()
            + self.procs.heap()
            + self.goroutines.heap()
            + self.names.heap()
            + heap::table(tasks.len(), tasks.capacity(), more, 24)
    }

    /// Something is to be added: whether there is room for it (S10.4).
    #[inline]
    fn make_room(&mut self) -> Result<()> {
        self.added += 1;
        if !self.added.is_multiple_of(heap::STEP) {
            return Ok(());
        }
        let takes = self.heap();
        if takes <= self.most {
            return Ok(());
        }
        Err(Box::new(Fault {
            want: String::new(),
            got: String::new(),
            takes: Some(takes),
        }))
    }

    /// Forgets what came before, which is lost: the next generation is as the first.
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

    /// Tries the next event of a thread, with what is bound to it. If it was made, it is in `event` as it is to be handed out, and
    /// events that came of it are in the queue; else it can be written. One that waits keeps its
    /// arguments.
    ///
    /// # Errors
    /// Why it cannot have happened.
    #[inline(always)]
    pub(super) fn advance<'g, const COUNTED: bool>(
        &mut self,
        cursor: &Cursor,
        (context, bound): (Context, Bound),
        event: &mut Event,
        world: impl Fn() -> World<'g>,
    ) -> Result<Happened, Option<Box<Fault>>> {
        use EventType as E;
        let slot = cursor.thread;
        // Made where it is taken apart again, so that it stays in registers.
        let plain = || Plain {
            args: cursor.args(),
            context,
            bound,
            slot,
        };
        // What a type names is known where its type is.
        macro_rules! happens {
            ($of:ident, $step:expr) => {{
                $step?;
                let ids = const { Ids::of(E::$of) };
                match ids.are_there(&cursor.args(), world().generation) {
                    true => Ok(Happened::Plainly),
                    false => Ok(Happened::Oddly),
                }
            }};
        }
        match cursor.event_type() {
            E::GoStart => happens!(GoStart, self.go_start(plain())),
            E::GoUnblock => happens!(GoUnblock, self.go_unblock(plain())),
            // As one, since nobody can foresee which it is.
            one @ (E::GoBlock | E::GoStop) => {
                let waits = one == E::GoBlock;
                let then = select_unpredictable(waits, go_status::WAITING, go_status::RUNNABLE);
                happens!(GoBlock, self.go_stop(plain(), Some(then)))
            }
            E::GoDestroy => happens!(GoDestroy, self.go_stop(plain(), None)),
            E::GoSyscallBegin => happens!(GoSyscallBegin, self.syscall_begin(plain())),
            E::GoSyscallEnd => happens!(GoSyscallEnd, self.syscall_end(plain())),
            E::ProcStart => happens!(ProcStart, self.proc_start(plain())),
            E::ProcStop => happens!(ProcStop, self.proc_stop(plain())),
            E::GoCreate => happens!(GoCreate, self.go_create(plain(), go_status::RUNNABLE)),
            E::UserRegionBegin => {
                happens!(UserRegionBegin, self.region_begin(plain(), &world()))
            }
            E::UserRegionEnd => {
                let offset = cursor.start() as u64 + world().base;
                happens!(UserRegionEnd, self.region_end(plain(), offset, &world()))
            }
            E::HeapAlloc => {
                let needs = [Needs::One, Needs::One, Needs::Any];
                happens!(HeapAlloc, need(context, bound, needs))
            }
            E::UserLog => happens!(UserLog, need_all(context, bound)),
            // Who counts does not see what is made of these.
            E::UserTaskBegin if COUNTED => {
                happens!(UserTaskBegin, self.task_begin(plain(), &world()).map(drop))
            }
            E::UserTaskEnd if COUNTED => {
                let offset = cursor.start() as u64 + world().base;
                happens!(UserTaskEnd, self.task_end(plain(), offset).map(drop))
            }
            _ => {
                let world = world();
                cursor.write(event, world.base, world.generation.number);
                event.set(context);
                self.rare(event, bound, slot, &world)?;
                Ok(Happened::Made)
            }
        }
    }

    /// The same for types of which there are few.
    #[inline(never)]
    fn rare(&mut self, event: &mut Event, bound: Bound, thread: u32, world: &World) -> Step {
        use EventType as E;
        match event.event_type {
            E::GoSyscallEndBlocked => self.syscall_end_blocked(event, bound, thread),
            E::GoCreateBlocked => self.go_create(event.plain(bound, thread), go_status::WAITING),
            E::GoStatus | E::GoStatusStack => self.go_status(event, thread),
            E::GoSwitch | E::GoSwitchDestroy => self.go_switch(event, bound, thread),
            E::GoCreateSyscall => self.go_create_syscall(event, bound, thread),
            E::GoDestroySyscall => self.go_destroy_syscall(event, bound, thread, world),
            E::ProcSteal => self.proc_steal(event, bound, thread),
            E::ProcStatus => self.proc_status(event, thread),
            E::HeapGoal => Ok(need(
                event.context(),
                bound,
                [Needs::One, Needs::One, Needs::Any],
            )?),
            E::GoLabel | E::ProcsChange => Ok(need_all(event.context(), bound)?),
            E::UserTaskBegin => {
                event.args[1] = self.task_begin(event.plain(bound, thread), world)?;
                Ok(())
            }
            E::UserTaskEnd => {
                let task = self.task_end(event.plain(bound, thread), event.offset)?;
                let [id, stack, ..] = event.args;
                event.args = [id, stack, task.parent, task.name.0.into()];
                Ok(())
            }
            other if other.is_experimental() => Ok(need(
                event.context(),
                bound,
                [Needs::One, Needs::Any, Needs::Any],
            )?),
            _ => self.range(event, bound, world),
        }
    }

    /// Whether the generation is the first.
    fn is_first(&self) -> bool {
        self.generation == self.first_generation
    }
}

impl Event {
    /// The event happened on a thread, with what is bound to it.
    #[inline(always)]
    pub(super) fn set(&mut self, context: Context) {
        self.thread = context.thread;
        self.proc = context.proc;
        self.goroutine = context.goroutine;
    }

    /// The context that its thread had before the event.
    #[inline(always)]
    fn context(&self) -> Context {
        Context {
            thread: self.thread,
            proc: self.proc,
            goroutine: self.goroutine,
        }
    }

    /// The event as it was read.
    fn plain(&self, bound: Bound, slot: u32) -> Plain {
        Plain {
            args: self.args,
            context: self.context(),
            bound,
            slot,
        }
    }

    /// Another one at the same time and place.
    fn with(&self, event_type: EventType, args: [u64; 4], context: Context) -> Self {
        let mut event = Self {
            event_type,
            args,
            ..*self
        };
        event.set(context);
        event
    }
}
