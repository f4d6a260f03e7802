//! Weak swaps: those in a loop that has changed nothing since it looked, and looks again if
//! the swap fails.
//!
//! A run in which such a swap fails tells nobody more than the run in which its M came to the loop
//! later, behind what made the swap fail. So an M whose swap has failed does not go on; what the
//! others still do shows which runs there are besides.
//!
//! A look with its swap right behind is one step: what comes between makes the swap fail, or might as well
//! have come before the look.
//!
//! Neither is so once a handler has run on the M since it looked: the handler may be what made
//! the swap fail, and others may have seen what it did. Then the swap is like any other.

use super::{Clock, Dpor, Event, Ms, Turn, Use};

/// The weak swaps of a run.
#[derive(Debug)]
pub(super) struct Weak {
    /// Ms whose swap has failed: they do not go on.
    pub(super) failed: Ms,
    /// The use of its word that the M which was chosen was about to make.
    pub(super) meant: Use,
    /// The last step, if it was a look.
    look: Option<Look>,
    /// The look, while its M makes the swap right behind.
    swap: Option<Look>,
}

impl Default for Weak {
    fn default() -> Self {
        Self {
            failed: Ms::NONE,
            meant: Use::None,
            look: None,
            swap: None,
        }
    }
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

impl Weak {
    /// The M that makes a swap right behind its look: that is no turn of its own.
    pub(super) fn swaps_at_once(&mut self, turn: &Turn<'_>) -> Option<usize> {
        let look = self.look.take()?;
        let next = turn.pending[look.m];
        let is_swap = matches!(next.used, Use::WeakSwap(_)) && next.word == look.word;
        if !is_swap || !turn.ready.has(look.m) {
            return None;
        }
        self.meant = next.used;
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
}

impl Dpor {
    /// A signal has come for M `m`.
    pub(super) fn signal_came(&mut self, m: usize) {
        if let Some(look) = self.weak.look.take()
            && let Some(place) = self.place_mut(look.depth)
        {
            place.swapped = None;
        }
        for word in &mut self.words {
            word.looked[0] = word.looked[0].without(m);
        }
    }

    /// A swap was made right behind its look: the two are the step of that place.
    pub(super) fn swap_at_once(&mut self, event: &Event) {
        let Some(look) = self.weak.swap.take() else {
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

    /// Whether a swap that is weak, with no handler since the look, has failed.
    pub(super) fn note_failure(&mut self, event: &Event) {
        let has_failed =
            matches!(self.weak.meant, Use::WeakSwap(_)) && event.access.used == Use::Read;
        let looked = |word: &super::Word| word.looked[usize::from(event.is_handler)].has(event.m);
        let word = self.words.get(event.access.word);
        if has_failed && word.is_some_and(looked) {
            self.weak.failed = self.weak.failed.with(event.m);
        }
    }
}
