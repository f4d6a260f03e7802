//! Threads, and what is bound to each.

use std::collections::HashMap;

use sigprof_wire::v2::{NO_GOROUTINE, NO_PROC, NO_THREAD};

use super::{Bound, Context};
use crate::heap;
use crate::trace::v1::hash::IdHash;

/// The slot of no thread: nothing stays bound to it.
const NO_THREAD_SLOT: u32 = 0;

/// A thread, and what is bound to it: for each of its events it is asked which of these are there,
/// so that is worked out when it changes.
#[derive(Clone, Copy, Debug)]
struct Slot {
    context: Context,
    bound: Bound,
}

impl Slot {
    fn of(context: Context) -> Self {
        let bound = Bound::of(context);
        Self { context, bound }
    }
}

/// All threads, each in a slot of its own.
#[derive(Debug)]
pub(in crate::trace::v2) struct Threads {
    slots: Vec<Slot>,
    by_id: HashMap<u64, u32, IdHash>,
}

impl Default for Threads {
    fn default() -> Self {
        let none = Context {
            thread: NO_THREAD,
            proc: NO_PROC,
            goroutine: NO_GOROUTINE,
        };
        Self {
            slots: vec![Slot::of(none)],
            by_id: HashMap::default(),
        }
    }
}

impl Threads {
    /// The slot of a thread, which is made if it was not seen before.
    pub(in crate::trace::v2) fn slot(&mut self, thread: u64) -> u32 {
        if thread == NO_THREAD {
            return NO_THREAD_SLOT;
        }
        #[expect(clippy::cast_possible_truncation, reason = "a thread takes an event")]
        let new = self.slots.len() as u32;
        let slot = *self.by_id.entry(thread).or_insert(new);
        if slot == new {
            let new = Context {
                thread,
                proc: NO_PROC,
                goroutine: NO_GOROUTINE,
            };
            heap::push(&mut self.slots, Slot::of(new));
        }
        slot
    }

    /// Bytes of memory, when a few more have come.
    pub(super) fn heap(&self) -> usize {
        let (by_id, more) = (&self.by_id, heap::STEP);
        heap::list(&self.slots, more) + heap::table(by_id.len(), by_id.capacity(), more, 16)
    }

    /// The slot of a thread that was seen before.
    pub(super) fn known(&self, thread: u64) -> Option<u32> {
        self.by_id.get(&thread).copied()
    }

    /// The context of a thread: what is bound to it.
    #[inline(always)]
    pub(in crate::trace::v2) fn context(&self, slot: u32) -> Context {
        self.slots[slot as usize].context
    }

    /// The same, and which of these are there.
    #[inline(always)]
    pub(in crate::trace::v2) fn bound(&self, slot: u32) -> (Context, Bound) {
        let Slot { context, bound } = self.slots[slot as usize];
        (context, bound)
    }

    #[inline]
    pub(super) fn bind_proc(&mut self, slot: u32, proc: u64) {
        if slot != NO_THREAD_SLOT {
            let slot = &mut self.slots[slot as usize];
            slot.context.proc = proc;
            slot.bound.set_proc(proc);
        }
    }

    #[inline]
    pub(super) fn bind_goroutine(&mut self, slot: u32, goroutine: u64) {
        if slot != NO_THREAD_SLOT {
            let slot = &mut self.slots[slot as usize];
            slot.context.goroutine = goroutine;
            slot.bound.set_goroutine(goroutine);
        }
    }

    /// The thread that has a P; the first that was seen, if there are several.
    pub(super) fn with_proc(&self, proc: u64) -> Option<Context> {
        let mut contexts = self.slots[1..].iter().map(|slot| slot.context);
        contexts.find(|context| context.proc == proc)
    }
}
