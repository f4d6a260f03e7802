//! The choice of who goes on.

use super::{Arrived, Handler, LEFT, PASSED, SIGNALLED, STEPS_MAX, World};
use crate::engine::clock::MS_MAX;
use crate::engine::steps::Did;
use crate::engine::strategy::{Access, Ended, RoundRobin, Strategy, Turn, Use};
use sigprof_model::law::{Law, Violation};

impl World {
    /// Whether this is code of an M, in the course of a run.
    #[inline]
    pub(in crate::engine) fn is_running(&self) -> bool {
        self.current.is_some()
    }

    /// The M that runs, and whether its handler does.
    pub(in crate::engine) fn who_runs(&self) -> Option<(usize, bool)> {
        let m = self.current?;
        Some((m, self.in_handler.has(m)))
    }

    /// Whether the judge is about to wait, for ever.
    #[inline(always)]
    pub(in crate::engine) fn is_stuck(&self, word: usize, seen: u64) -> bool {
        !self.is_running() && !self.is_over && self.memory.newest(word) == seen
    }

    /// The M that is about to run; none if the run is over.
    #[inline]
    pub(in crate::engine) fn resume(&mut self) -> Option<usize> {
        if let Some(m) = self.next {
            (self.current, self.last) = (Some(m), m);
        }
        self.next
    }

    /// The M that runs has come to a point.
    #[inline(always)]
    pub(in crate::engine) fn arrive(&mut self, word: usize, used: Use) -> Arrived {
        let Some(m) = self.current else {
            return Arrived::GoOn;
        };
        if self.special.has(m) {
            return self.arrive_specially(m, word, used);
        }
        let is_alone = self.ready.is_single() && !self.sees_all;
        if is_alone && !matches!(used, Use::Await(_)) {
            // Nobody to choose, and nobody who looks at what is pending.
            self.covered(word, used, PASSED);
            return Arrived::GoOn;
        }
        self.may_wait(m, word, used);
        let arrived = self.hand_on(m);
        self.passed(word, used, arrived);
        arrived
    }

    /// An M came to this point, and went on there or was left.
    #[inline(always)]
    fn passed(&mut self, word: usize, used: Use, arrived: Arrived) {
        let goes_on = arrived == Arrived::GoOn;
        self.covered(word, used, if goes_on { PASSED } else { LEFT });
    }

    /// The same, where there is more to it than whose turn it is.
    #[inline(never)]
    fn arrive_specially(&mut self, m: usize, word: usize, used: Use) -> Arrived {
        if self.violation.is_some() {
            self.next = None;
            return Arrived::Wait;
        }
        if self.signals.has(m) && self.signal_comes(m) {
            self.covered(word, used, SIGNALLED);
            return Arrived::Signal;
        }
        self.may_wait(m, word, used);
        let is_fresh = self.fresh.has(m);
        if is_fresh {
            self.fresh = self.fresh.without(m);
            self.look_out();
        }
        let arrived = if is_fresh && self.ready.has(m) {
            // It was chosen a moment ago, and has done nothing since.
            Arrived::GoOn
        } else {
            self.hand_on(m)
        };
        self.passed(word, used, arrived);
        arrived
    }

    /// The next access of M `m`, and whether it has to wait for that.
    #[inline(always)]
    fn may_wait(&mut self, m: usize, word: usize, used: Use) {
        // One by one: put together first, they would be copied from memory too early.
        let pending = &mut self.pending[m];
        (pending.word, pending.used) = (word, used);
        if let Use::Await(seen) = used {
            self.awaiting = self.awaiting.with(m);
            if self.memory.newest(word) == seen {
                self.ready = self.ready.without(m);
            }
        }
    }

    /// Lets M `m` go on, or somebody else.
    #[inline(always)]
    fn hand_on(&mut self, m: usize) -> Arrived {
        let next = self.choose();
        if next == Some(m) {
            return Arrived::GoOn;
        }
        self.next = next;
        Arrived::Wait
    }

    /// A point at a plain word: the same, but most of the time nothing can happen there.
    #[inline(always)]
    pub(in crate::engine) fn arrive_at_plain(&mut self) -> Arrived {
        let Some(m) = self.current else {
            return Arrived::GoOn;
        };
        if self.is_fine || self.signals.has(m) {
            if self.is_fine {
                let Access { word, used } = Access::NONE;
                return self.arrive(word, used);
            }
            if self.signal_comes(m) {
                return Arrived::Signal;
            }
        }
        Arrived::GoOn
    }

    fn signal_comes(&mut self, m: usize) -> bool {
        if self.in_handler.has(m) {
            return false;
        }
        self.length.points[m] += 1;
        let comes = match self.ahead() {
            Some(comes) => comes != 0,
            None => self.strategy.as_mut().is_some_and(|s| s.signal(m)),
        };
        self.choices.push(comes.into());
        comes
    }

    /// The handler of the M that runs: its signal has come.
    pub(in crate::engine) fn enter_handler(&mut self) -> Option<Handler> {
        let m = self.current?;
        self.signals = self.signals.without(m);
        self.in_handler = self.in_handler.with(m);
        self.look_out();
        self.note(Did::Signal, None, 0, 0);
        self.handlers[m].take()
    }

    pub(in crate::engine) fn leave_handler(&mut self) {
        if let Some(m) = self.current {
            self.note(Did::Return, None, 0, 0);
            self.in_handler = self.in_handler.without(m);
        }
    }

    /// Whether the signal of the M that runs can still come, at its end.
    pub(in crate::engine) fn may_come_at_end(&self) -> bool {
        self.current.is_some_and(|m| self.signals.has(m))
    }

    /// The M that runs has come to its end.
    pub(in crate::engine) fn finish(&mut self) {
        if let Some(m) = self.current {
            self.alive = self.alive.without(m);
            self.ready = self.ready.without(m);
            self.pending[m] = Access::NONE;
            self.next = match self.violation {
                None => self.choose(),
                Some(_) => None,
            };
        }
    }

    /// Chooses who goes on; none if that is all.
    #[inline(always)]
    pub(super) fn choose(&mut self) -> Option<usize> {
        if self.ready.is_empty() {
            return self.nobody();
        }
        let is_open = !self.ready.is_single();
        if !is_open && !self.sees_all {
            return Some(self.ready.first());
        }
        let ahead = if self.sees_all { self.ahead() } else { None };
        let turn = Turn {
            last: self.last,
            ready: self.ready,
            pending: &self.pending,
        };
        let m = match ahead {
            Some(m) => m.into(),
            None => match self.strategy.as_mut()?.choose(&turn) {
                Some(m) => m,
                None => {
                    self.is_pruned = true;
                    return None;
                }
            },
        };
        if is_open {
            let dull = turn.dull();
            let choice = match m == dull {
                true => 0,
                false => 1 + self.ready.without(dull).rank(m),
            };
            #[expect(clippy::cast_possible_truncation, reason = "there are at most 16 Ms")]
            self.choices.push(choice as u8);
            self.length.turns += 1;
        }
        Some(m)
    }

    /// Nobody can go on: those who have not ended wait for ever.
    #[inline(never)]
    fn nobody(&mut self) -> Option<usize> {
        if !self.alive.is_empty() {
            self.deadlock();
        }
        None
    }

    #[cold]
    fn deadlock(&mut self) {
        let names = self.memory.names();
        let mut law = Law::Woken;
        let waits = self.alive.iter().map(|m| {
            let word = names.get(self.pending[m].word).map_or("", String::as_str);
            let is_handler = self.in_handler.has(m);
            if is_handler {
                law = Law::HandlerGoesOn;
            }
            let who = if is_handler { "the handler on " } else { "" };
            match self.pending[m].used {
                Use::Await(0) => format!("{who}M{m} waits for {word} to be woken or set"),
                Use::Await(seen) => format!("{who}M{m} waits for {word} to change from {seen}"),
                _ => format!("{who}M{m} waits"),
            }
        });
        let how = waits.collect::<Vec<_>>().join(", ");
        self.broken(Violation::new(law, how));
    }

    /// Counts an operation, and ends a run that goes on for ever.
    #[inline(always)]
    pub(super) fn count(&mut self) {
        self.steps_done += 1;
        if self.steps_done > STEPS_MAX / 2 {
            self.grow_impatient();
        }
    }

    #[cold]
    fn grow_impatient(&mut self) {
        if self.steps_done == STEPS_MAX / 2 + 1 && !self.sees_all {
            // Recorded like any other choice, so that a replay needs to know nothing of it.
            self.strategy = Some(Box::new(Impatient(self.strategy.take())));
        }
        if self.steps_done > STEPS_MAX {
            let how = format!("goes on for ever: {STEPS_MAX} operations, the last half in turns");
            self.broken(Violation::new(Law::Woken, how));
        }
    }
}

/// Everybody in turns from here on.
struct Impatient(Option<Box<dyn Strategy>>);

impl Strategy for Impatient {
    fn begin(&mut self) -> bool {
        self.0.as_mut().is_some_and(|s| s.begin())
    }

    fn choose(&mut self, turn: &Turn<'_>) -> Option<usize> {
        RoundRobin::default().choose(turn)
    }

    fn signal(&mut self, m: usize) -> bool {
        self.0.as_mut().is_some_and(|s| s.signal(m))
    }

    fn age(&mut self, _stores: usize) -> usize {
        0
    }

    fn end(&mut self, ended: Ended, pending: &[Access; MS_MAX]) {
        if let Some(strategy) = &mut self.0 {
            strategy.end(ended, pending);
        }
    }
}
