//! A run as it stands: who can go on, what was chosen, and what has gone wrong.
//!
//! | child | what |
//! |---|---|
//! | `turns` | points: who goes on, which signal comes |
//! | `operations` | what is done when it is somebody's turn |

mod operations;
mod turns;

use std::cell::{Cell, RefCell, RefMut};
use std::rc::Rc;

use sigprof_model::law::Violation;

use super::clock::{Count, MS_MAX};
use super::memory::Memory;
use super::steps::{Step, Steps};
use super::strategy::{Access, Ended, Ms, Strategy, Use};

/// Operations of a run until it is taken for one that goes on for ever. From half of it on
/// everybody goes on in turns, so that it is not the schedule's fault.
pub const STEPS_MAX: usize = 20_000;

// Not even if each of them is a release of the same M.
const _: () = assert!(STEPS_MAX + 2 < Count::MAX as usize);

/// A handler that waits to be called.
pub(super) type Handler = Rc<dyn Fn()>;

/// The way on of an M that has come to a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arrived {
    /// The M's own operation.
    GoOn,
    /// Its handler first.
    Signal,
    /// Nothing until it is chosen.
    Wait,
}

/// How long an M, and its handler, were.
#[derive(Clone, Copy, Debug)]
pub(super) struct Length {
    pub(super) turns: usize,
    pub(super) points: [u32; MS_MAX],
}

impl Length {
    const NONE: Self = Self {
        turns: 0,
        points: [0; MS_MAX],
    };
}

/// All of it.
pub(super) struct World {
    pub(super) memory: Memory,
    /// Programs that were made so far.
    made: u64,
    strategy: Option<Box<dyn Strategy>>,
    /// Answers that the strategy gave beforehand, and how many of them were used.
    ahead: Vec<u8>,
    ahead_used: usize,
    /// The way that the strategy asked for.
    sees_all: bool,
    is_weak: bool,
    is_fine: bool,
    /// Whether somebody wants to know of every operation.
    is_watched: bool,

    /// The M that runs; none while a program is made and judged.
    current: Option<usize>,
    last: usize,
    /// The M that runs next; none if the run is over.
    next: Option<usize>,
    /// Ms that have not ended, that could go on, that are about to await something, that
    /// have a signal pending, and that are in their handler.
    alive: Ms,
    ready: Ms,
    awaiting: Ms,
    signals: Ms,
    in_handler: Ms,
    /// Ms that have not come to their first point, if that is to be no turn of its own.
    fresh: Ms,
    /// Ms at whose points there is more to do than to ask whose turn it is.
    special: Ms,
    pending: [Access; MS_MAX],
    handlers: [Option<Handler>; MS_MAX],

    choices: Vec<u8>,
    steps_done: usize,
    /// Loads that took another store than the newest.
    old_loads: usize,
    length: Length,
    violation: Option<Violation>,
    is_pruned: bool,
    /// Whether Ms run no more, and what they still do has no effect.
    is_over: bool,
    steps: Option<Steps>,
    /// Uses of each word by their kind, over all runs, if they are asked for; else nothing.
    coverage: Vec<u8>,
    is_covered: bool,
}

/// Bits of the coverage: an M passed here, was left here, got its signal here.
pub(super) const PASSED: u8 = 1;
pub(super) const LEFT: u8 = 2;
pub(super) const SIGNALLED: u8 = 4;

/// Kinds of use that are told apart.
pub(super) const USES: usize = 3;

thread_local! {
    /// Whether somebody wants to know of calls: a look at this costs less than one at the world.
    static SHOWS_CALLS: Cell<bool> = const { Cell::new(false) };
    /// Kept as long as the process lives: a cell with nothing to drop costs one look.
    static WORLD: Cell<Option<&'static RefCell<World>>> = const { Cell::new(None) };
}

#[cold]
fn new_world() -> &'static RefCell<World> {
    let world = Box::leak(Box::new(RefCell::new(World::new())));
    WORLD.set(Some(world));
    world
}

/// Whether somebody wants to know which calls Ms are in.
#[inline(always)]
pub(super) fn shows_calls() -> bool {
    SHOWS_CALLS.get()
}

/// The world of this thread. No M is to be switched as long as it is held.
#[inline(always)]
pub(super) fn here() -> RefMut<'static, World> {
    let world = match WORLD.get() {
        Some(world) => world,
        None => new_world(),
    };
    world.borrow_mut()
}

/// Does something with it.
#[inline(always)]
pub(super) fn with<T>(act: impl FnOnce(&mut World) -> T) -> T {
    act(&mut here())
}

impl World {
    const fn new() -> Self {
        Self {
            memory: Memory::new(),
            made: 0,
            strategy: None,
            ahead: Vec::new(),
            ahead_used: 0,
            sees_all: false,
            is_weak: false,
            is_fine: false,
            is_watched: false,
            current: None,
            last: 0,
            next: None,
            alive: Ms::NONE,
            ready: Ms::NONE,
            awaiting: Ms::NONE,
            signals: Ms::NONE,
            in_handler: Ms::NONE,
            fresh: Ms::NONE,
            special: Ms::NONE,
            pending: [Access::NONE; MS_MAX],
            handlers: [const { None }; MS_MAX],
            choices: Vec::new(),
            steps_done: 0,
            old_loads: 0,
            length: Length::NONE,
            violation: None,
            is_pruned: false,
            is_over: false,
            steps: None,
            coverage: Vec::new(),
            is_covered: false,
        }
    }

    /// Keeps coverage from here on, or not.
    pub(super) fn cover(&mut self, is_kept: bool) -> Vec<u8> {
        self.is_covered = is_kept;
        std::mem::take(&mut self.coverage)
    }

    #[inline(always)]
    fn covered(&mut self, word: usize, used: Use, what: u8) {
        let kind = match used {
            Use::None => return,
            Use::Read => 0,
            Use::Write | Use::WeakSwap => 1,
            Use::Await(_) => 2,
        };
        let at = USES * word + kind;
        match self.coverage.get_mut(at) {
            Some(bits) => *bits |= what,
            None if self.is_covered => self.cover_more(at, what),
            None => {}
        }
    }

    /// Makes room for a use that is the first of its kind.
    #[cold]
    fn cover_more(&mut self, at: usize, what: u8) {
        self.coverage.resize(at + 1, 0);
        self.coverage[at] |= what;
    }

    /// Nothing is there yet, and a program is about to be made.
    pub(super) fn clear(&mut self, is_shown: bool) {
        self.memory.clear();
        self.made += 1;
        self.prepare(is_shown);
    }

    /// Keeps words as they are now, for other runs of the program; its number.
    pub(super) fn keep(&mut self) -> u64 {
        self.memory.keep();
        self.made
    }

    /// Words are as they were kept for the program with that number; false if another was made since.
    pub(super) fn restore(&mut self, made: u64, is_shown: bool) -> bool {
        if made != self.made {
            return false;
        }
        self.memory.restore();
        self.prepare(is_shown);
        true
    }

    fn prepare(&mut self, is_shown: bool) {
        (self.current, self.next, self.last) = (None, None, 0);
        self.alive = Ms::NONE;
        self.is_over = false;
        self.violation = None;
        self.steps = is_shown.then(Steps::default);
        SHOWS_CALLS.set(is_shown);
    }

    /// So many Ms are about to begin.
    pub(super) fn begin(&mut self, ms: usize, mut strategy: Box<dyn Strategy>) {
        self.memory.begin();
        self.ahead.clear();
        self.ahead_used = 0;
        strategy.ahead(&mut self.ahead);
        self.sees_all = strategy.sees_all();
        self.is_watched = self.sees_all || self.steps.is_some();
        self.is_weak = strategy.has_weak_memory();
        self.is_fine = strategy.switches_at_plain_words();
        self.alive = Ms::below(ms);
        self.ready = self.alive;
        (self.awaiting, self.in_handler) = (Ms::NONE, Ms::NONE);
        self.fresh = if strategy.begins_apart() {
            Ms::NONE
        } else {
            self.alive
        };
        self.pending = [Access::NONE; MS_MAX];
        self.signals = Ms::NONE;
        self.strategy = Some(strategy);
        self.choices.clear();
        (self.steps_done, self.old_loads) = (0, 0);
        self.length = Length::NONE;
        self.is_pruned = false;
    }

    /// The next answer, if the strategy gave it beforehand.
    #[inline]
    fn ahead(&mut self) -> Option<u8> {
        let answer = self.ahead.get(self.ahead_used).copied()?;
        self.ahead_used += 1;
        Some(answer)
    }

    /// Something has changed of what makes points special.
    fn look_out(&mut self) {
        self.special = if self.violation.is_some() {
            Ms::below(MS_MAX)
        } else {
            Ms(self.signals.0 | self.fresh.0)
        };
    }

    /// A signal is pending for this one.
    pub(super) fn may_be_signalled(&mut self, m: usize, handler: Handler) {
        self.signals = self.signals.with(m);
        self.handlers[m] = Some(handler);
    }

    /// They begin. Nobody ran before.
    pub(super) fn start(&mut self) {
        self.last = MS_MAX;
        self.look_out();
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

    /// A handler that was never called.
    pub(super) fn take_handler(&mut self) -> Option<Handler> {
        let m = self.signals.iter().next()?;
        self.signals = self.signals.without(m);
        self.handlers[m].take()
    }

    /// The judge's part: what is done from here on counts.
    pub(super) fn judge(&mut self) {
        self.is_over = false;
    }

    pub(super) fn choices(&self) -> &[u8] {
        &self.choices
    }

    pub(super) fn steps_done(&self) -> usize {
        self.steps_done
    }

    pub(super) fn old_loads(&self) -> usize {
        self.old_loads
    }

    pub(super) fn length(&self) -> Length {
        self.length
    }

    pub(super) fn take_violation(&mut self) -> Option<Violation> {
        self.violation.take()
    }

    pub(super) fn take_steps(&mut self) -> Option<Vec<Step>> {
        SHOWS_CALLS.set(false);
        let steps = self.steps.take()?;
        Some(steps.named(&self.memory.names(), &self.memory.span_names()))
    }

    /// The run is over: a law was broken. The first one counts.
    pub(super) fn broken(&mut self, violation: Violation) {
        self.violation.get_or_insert(violation);
        self.next = None;
        self.look_out();
    }
}
