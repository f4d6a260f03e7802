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
mod procs;
mod ranges;
mod states;
mod threads;
mod user;

use sigprof_wire::v2::{EventType, NO_GOROUTINE, NO_PROC, NO_THREAD, go_status};

use super::event::Event;
use super::generation::Generation;
use super::stream::ids::{Ids, has_ids};
use crate::heap;
use crate::trace::options::Warnings;
pub(super) use names::{NameId, Names};
use ranges::Gc;
use states::{Goroutines, Procs};
pub(super) use threads::Threads;

/// The outcome of an event: it happened; or it did not, and has to wait for another thread
/// unless there is a fault. In registers, unlike an enum of three.
pub(super) type Step = Result<(), Option<Box<Fault>>>;

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

/// The presence of thread, P and goroutine: bits 0, 1 and 2.
#[derive(Clone, Copy, Debug)]
struct Bound(u8);

impl Bound {
    fn of(context: Context) -> Self {
        let mut bound = Self(u8::from(context.thread != NO_THREAD));
        bound.set_proc(context.proc);
        bound.set_goroutine(context.goroutine);
        bound
    }

    #[inline(always)]
    fn set_proc(&mut self, proc: u64) {
        self.0 = self.0 & !2 | u8::from(proc != NO_PROC) << 1;
    }

    #[inline(always)]
    fn set_goroutine(&mut self, goroutine: u64) {
        self.0 = self.0 & !4 | u8::from(goroutine != NO_GOROUTINE) << 2;
    }
}

/// The need of an event for a thread, a P or a goroutine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Needs {
    /// There must be one.
    One,
    /// There may be one.
    Any,
    /// There must be none.
    None,
}

/// The generation that events are looked up in, and how Go's reader is followed.
pub(super) struct World<'g> {
    pub(super) bytes: &'g [u8],
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

    /// Tries the next event of the thread in slot `thread`. If it happened, `event` is as it
    /// is to be handed out, and events that came of it are in the queue. Whether it is plain: the
    /// strings and stacks that it names are there, and nothing came of it. One that waits keeps
    /// its arguments.
    ///
    /// # Errors
    /// Why it cannot have happened.
    #[inline(always)]
    pub(super) fn advance<'g>(
        &mut self,
        event: &mut Event,
        thread: u32,
        world: impl Fn() -> World<'g>,
    ) -> Result<bool, Option<Box<Fault>>> {
        use EventType as E;
        // What a type names is known where its type is.
        macro_rules! happens {
            ($of:ident, $step:expr) => {{
                $step?;
                Ok(const { Ids::of(E::$of) }.are_there(event, world().generation))
            }};
        }
        let (context, bound) = self.threads.bound(thread);
        event.set(context);
        match event.event_type {
            E::GoStart => happens!(GoStart, self.go_start(event, bound, thread)),
            E::GoUnblock => happens!(GoUnblock, self.go_unblock(event)),
            E::GoBlock => {
                let then = Some(go_status::WAITING);
                happens!(GoBlock, self.go_stop(event, bound, thread, then))
            }
            E::GoStop => {
                let then = Some(go_status::RUNNABLE);
                happens!(GoStop, self.go_stop(event, bound, thread, then))
            }
            E::GoDestroy => happens!(GoDestroy, self.go_stop(event, bound, thread, None)),
            E::GoSyscallBegin => happens!(GoSyscallBegin, self.syscall_begin(event, bound)),
            E::GoSyscallEnd => happens!(GoSyscallEnd, self.syscall_end(event, bound)),
            E::ProcStart => happens!(ProcStart, self.proc_start(event, bound, thread)),
            E::ProcStop => happens!(ProcStop, self.proc_stop(event, bound, thread)),
            E::HeapAlloc => {
                let needs = [Needs::One, Needs::One, Needs::Any];
                happens!(HeapAlloc, need(event, bound, needs))
            }
            E::UserLog => happens!(UserLog, need_all(event, bound)),
            E::UserTaskBegin => happens!(UserTaskBegin, self.task_begin(event, bound, &world())),
            E::UserTaskEnd => happens!(UserTaskEnd, self.task_end(event, bound)),
            E::UserRegionBegin => {
                happens!(UserRegionBegin, self.region_begin(event, bound, &world()))
            }
            E::UserRegionEnd => happens!(UserRegionEnd, self.region_end(event, bound, &world())),
            _ => {
                self.rare(event, bound, thread, &world())?;
                Ok(self.queue.is_empty() && has_ids(event, world().generation))
            }
        }
    }

    /// The same for types of which there are few.
    #[inline(never)]
    fn rare(&mut self, event: &mut Event, bound: Bound, thread: u32, world: &World) -> Step {
        use EventType as E;
        match event.event_type {
            E::GoSyscallEndBlocked => self.syscall_end_blocked(event, bound, thread),
            E::GoCreate | E::GoCreateBlocked => self.go_create(event, bound),
            E::GoStatus | E::GoStatusStack => self.go_status(event, thread),
            E::GoSwitch | E::GoSwitchDestroy => self.go_switch(event, bound, thread),
            E::GoCreateSyscall => self.go_create_syscall(event, bound, thread),
            E::GoDestroySyscall => self.go_destroy_syscall(event, bound, thread, world),
            E::ProcSteal => self.proc_steal(event, bound, thread),
            E::ProcStatus => self.proc_status(event, thread),
            E::HeapGoal => Ok(need(event, bound, [Needs::One, Needs::One, Needs::Any])?),
            E::GoLabel | E::ProcsChange => Ok(need_all(event, bound)?),
            other if other.is_experimental() => {
                Ok(need(event, bound, [Needs::One, Needs::Any, Needs::Any])?)
            }
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
    fn set(&mut self, context: Context) {
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

/// Checks what an event needs of thread, P and goroutine (R77.1).
#[inline(always)]
fn need(event: &Event, bound: Bound, needs: [Needs; 3]) -> Result<()> {
    let (mut asked, mut wanted) = (0, 0);
    for (i, needs) in needs.into_iter().enumerate() {
        asked |= u8::from(needs != Needs::Any) << i;
        wanted |= u8::from(needs == Needs::One) << i;
    }
    if bound.0 & asked == wanted {
        return Ok(());
    }
    needed(event, needs)
}

#[cold]
fn needed(event: &Event, needs: [Needs; 3]) -> Result<()> {
    let all = [
        ("thread", event.thread, NO_THREAD),
        ("P", event.proc, NO_PROC),
        ("goroutine", event.goroutine, NO_GOROUTINE),
    ];
    for ((what, value, none), needs) in all.into_iter().zip(needs) {
        match needs {
            Needs::One if value == none => return fault(format!("a {what}"), "none"),
            Needs::None if value != none => {
                return fault(format!("no {what}"), format!("{what} {value}"));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Everything: thread, P and goroutine.
#[inline(always)]
fn need_all(event: &Event, bound: Bound) -> Result<()> {
    need(event, bound, [Needs::One; 3])
}
