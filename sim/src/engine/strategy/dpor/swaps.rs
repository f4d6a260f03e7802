//! Weak swaps: those in a loop that has changed nothing since it looked, and looks again if
//! the swap fails.
//!
//! A run in which such a swap fails tells nobody more than the run in which its M came to the loop
//! later, behind what made the swap fail. So an M whose swap has failed does not go on; what the
//! others still do shows which runs there are besides.
//!
//! A look with its swap right behind is one step: what comes between makes the swap fail, or might as well
//! have come before the look. Not so with weak memory, where the look may have taken an older store of
//! the same value, and knows less. That who fails does not go on holds there, too: a look more is more
//! knowledge, and whoever knows more can see less.
//!
//! That a handler has run on the M in between makes no difference: its signal might as well have come
//! before the look.

use super::{Clock, Dpor, Event, Ms, Turn, Use};

/// The weak swaps of a run.
#[derive(Debug, Default)]
pub(super) struct Swaps {
    /// Ms whose swap has failed: they do not go on.
    pub(super) failed: Ms,
    /// Whether the M that was chosen is about to make one.
    pub(super) is_swap: bool,
    /// The last step, if it was a look.
    look: Option<Look>,
    /// The look, while its M makes the swap right behind.
    swap: Option<Look>,
}

/// A look at a word.
#[derive(Clone, Copy, Debug)]
struct Look {
    depth: usize,
    m: usize,
    word: usize,
    /// The knowledge of the M before it.
    before: Clock,
}

impl Swaps {
    /// The M that makes a swap right behind its look: that is no turn of its own.
    fn swaps_at_once(&mut self, turn: &Turn<'_>) -> Option<usize> {
        let look = self.look.take()?;
        let next = turn.pending[look.m];
        if next.used != Use::WeakSwap || next.word != look.word {
            return None;
        }
        self.is_swap = true;
        self.swap = Some(look);
        Some(look.m)
    }

    /// A step was made, of an M that knew of so much.
    pub(super) fn stepped(&mut self, depth: usize, event: &Event, before: Clock) {
        let &Event { m, access, .. } = event;
        self.look = (access.used == Use::Read).then_some(Look {
            depth,
            m,
            word: access.word,
            before,
        });
    }

    /// An operation was done: a swap that was none has failed.
    pub(super) fn did(&mut self, event: &Event) {
        if self.is_swap && !event.access.used.is_change() {
            self.failed = self.failed.with(event.m);
        }
    }
}

impl Dpor {
    /// The M that makes a swap right behind its look, unless memory is weak.
    pub(super) fn swaps_at_once(&mut self, turn: &Turn<'_>) -> Option<usize> {
        (!self.is_weak).then(|| self.swaps.swaps_at_once(turn))?
    }

    /// A signal has come: what its M does next is the handler's.
    pub(super) fn signal_came(&mut self) {
        if let Some(look) = self.swaps.look.take()
            && let Some(place) = self.place_mut(look.depth)
        {
            place.swapped = None;
        }
    }

    /// A swap was made right behind its look: the two are the step of that place.
    pub(super) fn swap_at_once(&mut self, event: &Event) {
        let Some(look) = self.swaps.swap.take() else {
            return;
        };
        if !event.access.used.is_change() {
            return;
        }
        let (depth, m) = (look.depth, event.m);
        let known = self.place(depth).and_then(|place| place.swapped);
        match known {
            Some(known) if depth < self.new_from => (self.clocks[m], self.asleep) = known,
            _ => {
                let swapped = self.first_step(depth, Some(*event), look.before);
                if let Some(place) = self.place_mut(depth) {
                    (place.event, place.swapped) = (Some(*event), Some(swapped));
                    place.swapping = place.swapping.with(m);
                    self.swapping = self.swapping.with(m);
                }
            }
        }
        self.record(depth, event);
    }
}
