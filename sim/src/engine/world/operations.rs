//! Operations of Ms whose turn it is, and what they do to the words.

use super::World;
use crate::engine::memory::Misuse;
use crate::engine::steps::Did;
use crate::engine::strategy::{Access, Event, Use};
use sigprof_model::backend::{Call, Ordering};
use sigprof_model::law::{Law, Violation};

impl World {
    #[inline]
    pub(in crate::engine) fn load(&mut self, word: usize, order: Ordering) -> u64 {
        let Some(m) = self.current else {
            return self.memory.newest(word);
        };
        self.count();
        if let Some(value) = self.memory.first(word) {
            self.did(Did::Load, m, word, Use::Read, (value, value));
            return value;
        }
        let reach = if self.is_weak {
            self.memory.reach(m, word, order)
        } else {
            1
        };
        if reach > 1 {
            return self.load_any(m, word, order, reach);
        }
        let value = self.memory.load_newest(m, word, order);
        self.did(Did::Load, m, word, Use::Read, (value, value));
        value
    }

    /// Loads one of several stores.
    #[inline(never)]
    fn load_any(&mut self, m: usize, word: usize, order: Ordering, reach: usize) -> u64 {
        let age = match (self.ahead(), &mut self.strategy) {
            (Some(age), _) => age.into(),
            (None, Some(strategy)) => strategy.age(reach),
            (None, None) => 0,
        };
        #[expect(clippy::cast_possible_truncation, reason = "below HISTORY")]
        self.choices.push(age as u8);
        self.old_loads += usize::from(age > 0);
        let value = self.memory.load(m, word, age, order);
        self.did(
            Did::Load,
            m,
            word,
            Use::Read,
            (value, self.memory.newest(word)),
        );
        value
    }

    #[inline]
    pub(in crate::engine) fn store(&mut self, word: usize, value: u64, order: Ordering) {
        let Some(m) = self.current else {
            return self.set_up(word, value);
        };
        self.count();
        let was = self.memory.newest(word);
        self.memory.store(m, word, value, order);
        self.did(Did::Store, m, word, Use::Write, (was, value));
    }

    /// Outside of a run. What unwinds has no effect.
    fn set_up(&mut self, word: usize, value: u64) {
        if !self.is_over {
            self.memory.set_up(word, value);
        }
    }

    /// Changes a word at once, or only looks at it if `change` says so; what it was.
    #[inline]
    pub(in crate::engine) fn change(
        &mut self,
        word: usize,
        order: Ordering,
        (used, did): (Use, Did),
        change: impl FnOnce(u64) -> Option<u64>,
    ) -> u64 {
        let was = self.memory.newest(word);
        let is = change(was);
        let Some(m) = self.current else {
            if let Some(is) = is {
                self.set_up(word, is);
            }
            return was;
        };
        self.count();
        match is {
            Some(is) => {
                self.memory.read_modify_write(m, word, is, order);
                self.did(did, m, word, used, (was, is));
            }
            None => {
                self.memory.load(m, word, 0, Ordering::Relaxed);
                self.did(Did::SwapFails, m, word, Use::Read, (was, was));
            }
        }
        was
    }

    /// Ends a wait: what was awaited has come.
    #[inline]
    pub(in crate::engine) fn awaited(&mut self, word: usize, seen: u64, order: Ordering, did: Did) {
        let Some(m) = self.current else {
            return;
        };
        self.count();
        self.awaiting = self.awaiting.without(m);
        let value = self.memory.load(m, word, 0, order);
        self.did(did, m, word, Use::Await(seen), (value, value));
    }

    #[inline]
    pub(in crate::engine) fn get(&mut self, span: usize, at: usize) -> u64 {
        let Some(m) = self.current else {
            return self.memory.peek(span, at);
        };
        match self.memory.read(m, span, at) {
            Ok(value) => {
                self.note_plain(Did::Get, span, at, value);
                value
            }
            Err(misuse) => {
                self.note_plain(Did::Get, span, at, 0);
                self.misused(m, span, "reads", misuse);
                self.memory.peek(span, at)
            }
        }
    }

    #[inline]
    pub(in crate::engine) fn set(&mut self, span: usize, at: usize, value: u64) {
        let Some(m) = self.current else {
            if !self.is_over {
                self.memory.poke(span, at, value);
            }
            return;
        };
        self.note_plain(Did::Set, span, at, value);
        if let Err(misuse) = self.memory.write(m, span, at, value) {
            self.misused(m, span, "writes", misuse);
        }
    }

    #[cold]
    fn misused(&mut self, m: usize, span: usize, does: &str, misuse: Misuse) {
        let name = &self.memory.span_names()[span];
        let violation = match misuse {
            Misuse::Race { with, wrote } => {
                let did = if wrote { "wrote" } else { "read" };
                let how = format!(
                    "race: M{m} {does} {name}, which M{with} {did}: nothing orders the two"
                );
                Violation::new(Law::Whole, how)
            }
            Misuse::Retired => {
                let how = format!("M{m} {does} {name}, which was given up");
                Violation::new(Law::NoneRetired, how)
            }
        };
        self.broken(violation);
    }

    #[inline(always)]
    pub(super) fn note(&mut self, did: Did, word: Option<usize>, was: u64, is: u64) {
        if self.steps.is_some() {
            self.note_step(did, word, was, is);
        }
    }

    /// An M begins a call.
    #[cold]
    pub(in crate::engine) fn enter_call(&mut self, call: Call) {
        if let (Some(m), Some(steps)) = (self.current, &mut self.steps) {
            steps.enter(m, self.in_handler.has(m), call);
        }
    }

    /// An M's last call ends.
    #[cold]
    pub(in crate::engine) fn leave_call(&mut self) {
        if let (Some(m), Some(steps)) = (self.current, &mut self.steps) {
            steps.leave(m);
        }
    }

    #[cold]
    fn note_step(&mut self, did: Did, word: Option<usize>, was: u64, is: u64) {
        if let (Some(m), Some(steps)) = (self.current, &mut self.steps) {
            steps.push(m, self.in_handler.has(m), did, word, (was, is));
        }
    }

    #[inline(always)]
    fn note_plain(&mut self, did: Did, span: usize, at: usize, value: u64) {
        if let (Some(m), Some(steps)) = (self.current, &mut self.steps) {
            steps.push_plain(m, self.in_handler.has(m), did, (span, at), value);
        }
    }

    /// An operation was done on a word, which was and is: for a load, what it took and what
    /// it could have taken.
    #[inline(always)]
    fn did(&mut self, did: Did, m: usize, word: usize, used: Use, (was, is): (u64, u64)) {
        if used.is_change() && !self.awaiting.is_empty() {
            self.wake(word, is);
        }
        if self.is_watched {
            self.tell(did, m, Access { word, used }, (was, is));
        }
    }

    #[cold]
    fn tell(&mut self, did: Did, m: usize, access: Access, (was, is): (u64, u64)) {
        if self.sees_all
            && self.ahead_used == self.ahead.len()
            && let Some(strategy) = &mut self.strategy
        {
            strategy.did(&Event {
                m,
                is_handler: self.in_handler.has(m),
                access,
                was,
                is,
            });
        }
        self.note(did, Some(access.word), was, is);
    }

    /// Looks again at who awaits this word: they may be able to go on now, or no longer.
    fn wake(&mut self, word: usize, is: u64) {
        for m in self.awaiting.iter() {
            let Access { word: of, used } = self.pending[m];
            if let (true, Use::Await(seen)) = (of == word, used) {
                self.ready = if is == seen {
                    self.ready.without(m)
                } else {
                    self.ready.with(m)
                };
            }
        }
    }
}
