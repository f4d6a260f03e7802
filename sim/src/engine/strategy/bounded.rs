//! Every run with up to so many switches, depth first.
//!
//! A switch is a turn taken from an M that could have gone on, or a signal. Within the bound
//! everything is tried: each M, each signal, each store in reach of a load, if memory is weak.
//! Most bugs need few switches (Musuvathi and Qadeer, "Iterative context bounding", PLDI 2007).
//!
//! It has *exhausted* a program if it came to the end; what that is worth has terms
//! ([`Terms`](crate::engine::explore::Terms)): weak memory, up to so many switches. Ms are
//! not switched at plain words: a race there is found wherever nothing orders the two.

use super::{Strategy, Turn};

/// A place where the search can go another way.
#[derive(Clone, Copy, Debug)]
struct Fork {
    taken: usize,
    count: usize,
    /// Whether all but choice 0 is a switch.
    is_switch: bool,
}

/// The search itself.
#[derive(Debug)]
pub struct Bounded {
    switches_max: usize,
    is_weak: bool,
    tries_old: bool,
    forks: Vec<Fork>,
    depth: usize,
    switches: usize,
    has_run: bool,
}

impl Bounded {
    /// Up to so many switches, with weak memory or without.
    #[must_use]
    pub fn new(switches_max: usize, is_weak: bool) -> Self {
        Self {
            switches_max,
            is_weak,
            tries_old: is_weak,
            forks: Vec::new(),
            depth: 0,
            switches: 0,
            has_run: false,
        }
    }

    /// The same with weak memory of which loads make no use: they take the newest.
    #[must_use]
    pub fn of_newest(switches_max: usize) -> Self {
        Self {
            tries_old: false,
            ..Self::new(switches_max, true)
        }
    }

    fn next(&mut self, count: usize, is_switch: bool) -> usize {
        if self.depth == self.forks.len() {
            self.forks.push(Fork {
                taken: 0,
                count,
                is_switch,
            });
        }
        let fork = self.forks[self.depth];
        self.depth += 1;
        self.switches += usize::from(fork.is_switch && fork.taken > 0);
        fork.taken
    }

    /// Whether another switch is allowed; if not, there is nothing to choose.
    fn may_switch(&self) -> bool {
        self.switches < self.switches_max
    }
}

impl Strategy for Bounded {
    fn begin(&mut self) -> bool {
        (self.depth, self.switches) = (0, 0);
        if !std::mem::replace(&mut self.has_run, true) {
            return true;
        }
        while let Some(mut fork) = self.forks.pop() {
            fork.taken += 1;
            if fork.taken < fork.count {
                self.forks.push(fork);
                return true;
            }
        }
        false
    }

    fn choose(&mut self, turn: &Turn<'_>) -> Option<usize> {
        let dull = turn.dull();
        let is_switch = turn.ready.has(turn.last);
        if is_switch && !self.may_switch() {
            return Some(dull);
        }
        Some(match self.next(turn.ready.len(), is_switch) {
            0 => dull,
            n => turn.ready.without(dull).nth(n - 1),
        })
    }

    fn signal(&mut self, _m: usize) -> bool {
        self.may_switch() && self.next(2, true) == 1
    }

    fn age(&mut self, stores: usize) -> usize {
        if self.tries_old {
            self.next(stores, false)
        } else {
            0
        }
    }

    fn has_weak_memory(&self) -> bool {
        self.is_weak
    }

    fn switches_at_plain_words(&self) -> bool {
        false
    }
}
