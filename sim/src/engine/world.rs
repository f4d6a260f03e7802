//! A run as it stands: who can go on, what was chosen, and what has gone wrong.

use std::cell::RefCell;

use sigprof_model::backend::Ordering;
use sigprof_model::law::{Law, Violation};

use super::clock::MS_MAX;
use super::memory::{Memory, Misuse};
use super::steps::{Did, Step, Steps};
use super::strategy::{Access, Ended, Event, Ms, RoundRobin, Strategy, Turn, Use};

/// Operations of a run until it is taken for one that goes on for ever. From half of it on
/// everybody goes on in turns, so that it is not the schedule's fault.
pub const STEPS_MAX: usize = 20_000;

/// A handler that waits to be called.
pub(super) type Handler = Box<dyn FnOnce()>;

/// What an M does when it has come to a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arrived {
    /// Its operation.
    GoOn,
    /// Its handler first.
    Signal,
    /// Nothing until it is chosen.
    Wait,
}

/// How long an M, and its handler, were.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Length {
    pub(super) turns: usize,
    pub(super) points: [usize; MS_MAX],
}

/// All of it.
pub(super) struct World {
    pub(super) memory: Memory,
    strategy: Option<Box<dyn Strategy>>,
    /// What the strategy asked for.
    sees_all: bool,
    is_weak: bool,
    is_fine: bool,

    /// The M that runs; none while a program is made and judged.
    current: Option<usize>,
    last: usize,
    /// Who runs next; none if the run is over.
    pub(super) next: Option<usize>,
    /// Ms that have not ended, that could go on, that are about to await something, that
    /// have a signal pending, and that are in their handler.
    alive: Ms,
    ready: Ms,
    awaiting: Ms,
    signals: Ms,
    in_handler: Ms,
    pending: [Access; MS_MAX],
    handlers: [Option<Handler>; MS_MAX],

    choices: Vec<u8>,
    steps_done: usize,
    length: Length,
    violation: Option<Violation>,
    is_pruned: bool,
    /// Whether Ms run no more, and what they still do has no effect.
    is_over: bool,
    steps: Option<Steps>,
    /// What has come of each kind of use of each word, over all runs, if it is asked for.
    coverage: Option<Vec<u8>>,
}

/// Bits of the coverage: an M passed here, was left here, got its signal here.
pub(super) const PASSED: u8 = 1;
pub(super) const LEFT: u8 = 2;
pub(super) const SIGNALLED: u8 = 4;

/// Kinds of use that are told apart.
pub(super) const USES: usize = 3;

thread_local! {
    static WORLD: RefCell<World> = RefCell::new(World::new());
}

/// Does something with the world of this thread. No M is switched meanwhile.
#[inline]
pub(super) fn with<T>(act: impl FnOnce(&mut World) -> T) -> T {
    WORLD.with_borrow_mut(act)
}

impl World {
    fn new() -> Self {
        Self {
            memory: Memory::default(),
            strategy: None,
            sees_all: false,
            is_weak: false,
            is_fine: false,
            current: None,
            last: 0,
            next: None,
            alive: Ms::default(),
            ready: Ms::default(),
            awaiting: Ms::default(),
            signals: Ms::default(),
            in_handler: Ms::default(),
            pending: [Access::NONE; MS_MAX],
            handlers: [const { None }; MS_MAX],
            choices: Vec::new(),
            steps_done: 0,
            length: Length::default(),
            violation: None,
            is_pruned: false,
            is_over: false,
            steps: None,
            coverage: None,
        }
    }

    /// Keeps coverage from here on, or not.
    pub(super) fn cover(&mut self, is_kept: bool) -> Option<Vec<u8>> {
        std::mem::replace(&mut self.coverage, is_kept.then(Vec::new))
    }

    #[cold]
    fn covered(&mut self, access: Access, what: u8) {
        let kind = match access.used {
            Use::None => return,
            Use::Read => 0,
            Use::Write => 1,
            Use::Await(_) => 2,
        };
        let at = USES * access.word + kind;
        if let Some(coverage) = &mut self.coverage {
            if at >= coverage.len() {
                coverage.resize(at + 1, 0);
            }
            coverage[at] |= what;
        }
    }

    /// Nothing is there yet, and a program is about to be made.
    pub(super) fn clear(&mut self, is_shown: bool) {
        self.memory.clear();
        (self.current, self.next, self.last) = (None, None, 0);
        self.alive = Ms::default();
        self.is_over = false;
        self.violation = None;
        self.steps = is_shown.then(Steps::default);
    }

    /// That many Ms begin, those of the set with a handler.
    pub(super) fn begin(&mut self, strategy: Box<dyn Strategy>, handlers: Vec<Option<Handler>>) {
        let ms = handlers.len();
        self.memory.begin(ms);
        self.sees_all = strategy.sees_all();
        self.is_weak = strategy.has_weak_memory();
        self.is_fine = strategy.switches_at_plain_words();
        self.strategy = Some(strategy);
        self.alive = (0..ms).fold(Ms::default(), Ms::with);
        self.ready = self.alive;
        (self.awaiting, self.in_handler) = (Ms::default(), Ms::default());
        self.pending = [Access::NONE; MS_MAX];
        self.signals = Ms::default();
        for (m, handler) in handlers.into_iter().enumerate() {
            if handler.is_some() {
                self.signals = self.signals.with(m);
            }
            self.handlers[m] = handler;
        }
        self.choices.clear();
        self.steps_done = 0;
        self.length = Length::default();
        self.is_pruned = false;
        self.next = self.choose();
    }

    /// The run is over, and what Ms still do as they unwind has no effect.
    pub(super) fn end(&mut self) -> (Option<Box<dyn Strategy>>, Ended) {
        (self.is_over, self.current) = (true, None);
        let ended = if self.is_pruned {
            Ended::Pruned
        } else if self.violation.is_some() {
            Ended::Broken(self.alive)
        } else {
            Ended::All
        };
        let mut strategy = self.strategy.take();
        if let Some(strategy) = &mut strategy {
            strategy.end(ended, &self.pending);
        }
        (strategy, ended)
    }

    /// Handlers that were never called.
    pub(super) fn take_handlers(&mut self) -> [Option<Handler>; MS_MAX] {
        std::mem::replace(&mut self.handlers, [const { None }; MS_MAX])
    }

    /// What is done from here on is the judge's, and counts.
    pub(super) fn judge(&mut self) {
        self.is_over = false;
    }

    pub(super) fn choices(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.choices)
    }

    pub(super) fn steps_done(&self) -> usize {
        self.steps_done
    }

    pub(super) fn length(&self) -> Length {
        self.length
    }

    pub(super) fn take_violation(&mut self) -> Option<Violation> {
        self.violation.take()
    }

    pub(super) fn take_steps(&mut self) -> Option<Vec<Step>> {
        let steps = self.steps.take()?;
        Some(steps.named(&self.memory.names(), &self.memory.span_names()))
    }

    /// Whether this is code of an M, in the course of a run.
    #[inline]
    pub(super) fn is_running(&self) -> bool {
        self.current.is_some()
    }

    pub(super) fn is_over(&self) -> bool {
        self.is_over
    }

    /// An M is about to run.
    #[inline]
    pub(super) fn resume(&mut self, m: usize) {
        (self.current, self.last) = (Some(m), m);
    }

    /// The M that runs has come to a point.
    #[inline]
    pub(super) fn arrive(&mut self, access: Access) -> Arrived {
        let Some(m) = self.current else {
            return Arrived::GoOn;
        };
        if self.violation.is_some() {
            self.next = None;
            return Arrived::Wait;
        }
        self.pending[m] = access;
        if self.signals.has(m) && self.signal_comes(m) {
            if self.coverage.is_some() {
                self.covered(access, SIGNALLED);
            }
            return Arrived::Signal;
        }
        if let Use::Await(seen) = access.used {
            self.awaiting = self.awaiting.with(m);
            if self.memory.newest(access.word) == seen {
                self.ready = self.ready.without(m);
            }
        }
        let next = self.choose();
        let goes_on = next == Some(m);
        if self.coverage.is_some() {
            self.covered(access, if goes_on { PASSED } else { LEFT });
        }
        if goes_on {
            return Arrived::GoOn;
        }
        self.next = next;
        Arrived::Wait
    }

    /// A point at a plain word: the same, but most of the time nothing can happen there.
    #[inline]
    pub(super) fn arrive_at_plain(&mut self) -> Arrived {
        let Some(m) = self.current else {
            return Arrived::GoOn;
        };
        if self.is_fine || self.signals.has(m) {
            if self.is_fine {
                return self.arrive(Access::NONE);
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
        let comes = self.strategy.as_mut().is_some_and(|s| s.signal(m));
        self.choices.push(comes.into());
        comes
    }

    /// Takes the handler of the M that runs: its signal has come.
    pub(super) fn enter_handler(&mut self) -> Option<Handler> {
        let m = self.current?;
        self.signals = self.signals.without(m);
        self.in_handler = self.in_handler.with(m);
        self.note(Did::Signal, None, 0, 0);
        self.handlers[m].take()
    }

    pub(super) fn leave_handler(&mut self) {
        if let Some(m) = self.current {
            self.note(Did::Return, None, 0, 0);
            self.in_handler = self.in_handler.without(m);
        }
    }

    /// The M that runs has come to its end.
    pub(super) fn finish(&mut self) {
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

    /// Who goes on; none if that is all.
    #[inline]
    fn choose(&mut self) -> Option<usize> {
        if self.ready.len() < 2 && !self.sees_all {
            return self.only();
        }
        if self.ready.is_empty() {
            return self.only();
        }
        let turn = Turn {
            last: self.last,
            ready: self.ready,
            pending: &self.pending,
        };
        let Some(m) = self.strategy.as_mut()?.choose(&turn) else {
            self.is_pruned = true;
            return None;
        };
        if self.ready.len() > 1 {
            let dull = turn.dull();
            let choice = match self.ready.without(dull).rank(m) {
                _ if m == dull => 0,
                rank => rank + 1,
            };
            #[expect(clippy::cast_possible_truncation, reason = "there are at most 16 Ms")]
            self.choices.push(choice as u8);
            self.length.turns += 1;
        }
        Some(m)
    }

    /// The only one that can go on. If there is none, those who have not ended wait for ever.
    #[inline]
    fn only(&mut self) -> Option<usize> {
        if !self.ready.is_empty() {
            return Some(self.ready.first());
        }
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

    /// The run is over: a law was broken. The first one counts.
    pub(super) fn broken(&mut self, violation: Violation) {
        self.violation.get_or_insert(violation);
        self.next = None;
    }

    /// Counts an operation, and ends a run that goes on for ever.
    #[inline]
    fn count(&mut self) {
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

    fn did(&mut self, m: usize, word: usize, used: Use, (was, is): (u64, u64)) {
        if used != Use::Read && !self.awaiting.is_empty() {
            self.wake(word, is);
        }
        if self.sees_all
            && let Some(strategy) = &mut self.strategy
        {
            let access = Access { word, used };
            strategy.did(&Event { m, access, was, is });
        }
    }

    /// Who awaits this word may be able to go on now, or no longer.
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

    pub(super) fn load(&mut self, word: usize, order: Ordering) -> u64 {
        let Some(m) = self.current else {
            return self.memory.newest(word);
        };
        self.count();
        let mut age = 0;
        if self.is_weak {
            let reach = self.memory.reach(m, word, order);
            if reach > 1
                && let Some(strategy) = &mut self.strategy
            {
                age = strategy.age(reach);
                #[expect(clippy::cast_possible_truncation, reason = "below HISTORY")]
                self.choices.push(age as u8);
            }
        }
        let value = self.memory.load(m, word, age, order);
        self.did(m, word, Use::Read, (value, value));
        let newest = if age > 0 {
            self.memory.newest(word)
        } else {
            value
        };
        self.note(Did::Load, Some(word), value, newest);
        value
    }

    pub(super) fn store(&mut self, word: usize, value: u64, order: Ordering) {
        let Some(m) = self.current else {
            return self.set_up(word, value);
        };
        self.count();
        let was = self.memory.newest(word);
        self.memory.store(m, word, value, order);
        self.did(m, word, Use::Write, (was, value));
        self.note(Did::Store, Some(word), was, value);
    }

    /// Outside of a run. What unwinds has no effect.
    fn set_up(&mut self, word: usize, value: u64) {
        if !self.is_over {
            self.memory.set_up(word, value);
        }
    }

    /// Changes a word at once, or only looks at it if `change` says so; what it was.
    pub(super) fn change(
        &mut self,
        word: usize,
        order: Ordering,
        did: Did,
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
                self.did(m, word, Use::Write, (was, is));
                self.note(did, Some(word), was, is);
            }
            None => {
                self.memory.load(m, word, 0, Ordering::Relaxed);
                self.did(m, word, Use::Read, (was, was));
                self.note(Did::SwapFails, Some(word), was, was);
            }
        }
        was
    }

    /// What was awaited has come.
    pub(super) fn awaited(&mut self, word: usize, seen: u64, order: Ordering, did: Did) {
        let Some(m) = self.current else {
            return;
        };
        self.count();
        self.awaiting = self.awaiting.without(m);
        let value = self.memory.load(m, word, 0, order);
        self.did(m, word, Use::Await(seen), (value, value));
        self.note(did, Some(word), value, value);
    }

    pub(super) fn get(&mut self, span: usize, at: usize) -> u64 {
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

    pub(super) fn set(&mut self, span: usize, at: usize, value: u64) {
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

    #[inline]
    fn note(&mut self, did: Did, word: Option<usize>, was: u64, is: u64) {
        if self.steps.is_some() {
            self.note_step(did, word, was, is);
        }
    }

    #[cold]
    fn note_step(&mut self, did: Did, word: Option<usize>, was: u64, is: u64) {
        if let (Some(m), Some(steps)) = (self.current, &mut self.steps) {
            steps.push(m, self.in_handler.has(m), did, word, (was, is));
        }
    }

    #[inline]
    fn note_plain(&mut self, did: Did, span: usize, at: usize, value: u64) {
        if let (Some(m), Some(steps)) = (self.current, &mut self.steps) {
            steps.push_plain(m, self.in_handler.has(m), did, (span, at), value);
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
