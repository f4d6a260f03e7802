//! The engine's back-end: every operation is a point.

use sigprof_model::backend::{Atomic, Backend, Call, Note, Ordering, Throw, Words};
use sigprof_model::law::{Law, Violation};

use super::fiber;
use super::go_text;
use super::steps::Did;
use super::strategy::{Access, Use};
use super::world::{self, Arrived, World, here, with};

/// The back-end on which the engine decides, at every operation, who goes on.
///
/// Its words belong to the run for which they were made, on the system's thread that runs it.
#[derive(Clone, Copy, Debug)]
pub struct Sim;

impl Backend for Sim {
    type U32 = Word;
    type U64 = Word;
    type Words = Span;
    type Note = Flag;

    fn throw(what: Throw) -> ! {
        fail(Violation::new(what.law(), what.message()))
    }

    #[inline(always)]
    fn enter(call: Call) {
        if world::shows_calls() {
            with(|world| world.enter_call(call));
        }
    }

    #[inline(always)]
    fn leave() {
        if world::shows_calls() {
            with(World::leave_call);
        }
    }
}

/// In an M, the run ends here. In who makes or judges a program, it is a panic that the
/// engine takes for what it is.
#[cold]
pub(super) fn fail(violation: Violation) -> ! {
    if !with(|world| world.is_running()) {
        std::panic::panic_any(violation);
    }
    with(|world| world.broken(violation));
    loop {
        fiber::suspend();
    }
}

/// Comes to a point, stays there until it is this M's turn, and does its operation. If the
/// signal comes first, the handler runs here, on this stack.
///
/// There is no call around the switch: a processor guesses where a call returns to, and
/// behind a switch it guesses wrong.
#[inline(always)]
fn at<T>(word: usize, used: Use, act: impl FnOnce(&mut World) -> T) -> T {
    let mut world = here();
    let arrived = world.arrive(word, used);
    if arrived != Arrived::GoOn {
        drop(world);
        match arrived {
            Arrived::Signal => handle(word, used),
            _ => fiber::suspend(),
        }
        world = here();
    }
    act(&mut world)
}

/// The signal has come, and then it is this M's turn.
#[cold]
fn handle(word: usize, used: Use) {
    if let Some(handler) = with(|world| world.enter_handler()) {
        go_text::signal_came();
        handler();
        go_text::ended();
    }
    with(|world| world.leave_handler());
    at(word, used, |_| ());
}

/// The end of an M, at which its signal can come, too. If there is none, nothing can happen
/// there that could not happen behind it.
pub(super) fn end() {
    if with(|world| world.may_come_at_end()) {
        let Access { word, used } = Access::NONE;
        at(word, used, |_| ());
    }
    go_text::ended();
    with(|world| world.finish());
}

/// An atomic word.
#[derive(Debug)]
pub struct Word(pub(super) usize);

impl Word {
    fn number_of(&self) -> u64 {
        self.0 as u64
    }

    #[inline(always)]
    fn at<T>(&self, used: Use, act: impl FnOnce(&mut World, usize) -> T) -> T {
        let word = self.0;
        at(word, used, |world| act(world, word))
    }

    #[inline(always)]
    fn swap(&self, used: Use, current: u64, new: u64, order: Ordering) -> bool {
        let swap = |was| (was == current).then_some(new);
        let was = self.at(used, |world, word| {
            world.change(word, order, (used, Did::Swap), swap)
        });
        was == current
    }

    #[inline(always)]
    fn awaits(&self, seen: u64, order: Ordering, did: Did) {
        if with(|world| world.is_stuck(self.0, seen)) {
            fail(Violation::new(Law::Woken, "the judge waits for ever"));
        }
        self.at(Use::Await(seen), |world, word| {
            world.awaited(word, seen, order, did);
        });
    }
}

impl<T: Copy + Into<u64> + TryFrom<u64> + Default> Atomic<T> for Word {
    fn new(name: &'static str, value: T) -> Self {
        Self(with(|world| world.memory.new_word(name, value.into())))
    }

    #[inline(always)]
    fn load(&self, order: Ordering) -> T {
        narrow(self.at(Use::Read, |world, word| world.load(word, order)))
    }

    #[inline(always)]
    fn store(&self, value: T, order: Ordering) {
        self.at(Use::Write, |world, word| {
            world.store(word, value.into(), order);
        });
    }

    #[inline(always)]
    fn compare_and_swap(&self, current: T, new: T, order: Ordering) -> bool {
        self.swap(Use::Write, current.into(), new.into(), order)
    }

    #[inline(always)]
    fn compare_and_swap_weak(&self, current: T, new: T, order: Ordering) -> bool {
        self.swap(Use::WeakSwap, current.into(), new.into(), order)
    }

    #[inline(always)]
    fn fetch_add(&self, n: T, order: Ordering) -> T {
        // Around the end of T, not of 64 bits.
        let add = |was: u64| Some(narrow_bits::<T>(was.wrapping_add(n.into())));
        narrow(self.at(Use::Write, |world, word| {
            world.change(word, order, (Use::Write, Did::Add), add)
        }))
    }

    #[inline(always)]
    fn yield_while(&self, seen: T) {
        self.awaits(seen.into(), Ordering::Relaxed, Did::Spin);
    }

    fn number(&self) -> u64 {
        self.number_of()
    }
}

/// A value that the word was given as a `T`.
#[inline(always)]
fn narrow<T: TryFrom<u64> + Default>(value: u64) -> T {
    T::try_from(value).unwrap_or_default()
}

/// As many of the low bits as a `T` has.
#[inline(always)]
fn narrow_bits<T>(value: u64) -> u64 {
    let bits = 8 * u32::try_from(size_of::<T>()).unwrap_or(8);
    value & (u64::MAX >> (64 - bits))
}

/// Plain words of the model.
#[derive(Debug)]
pub struct Span {
    pub(super) id: usize,
    pub(super) len: usize,
}

/// As `at` an atomic word.
#[inline(always)]
fn at_plain<T>(act: impl FnOnce(&mut World) -> T) -> T {
    let mut world = here();
    let arrived = world.arrive_at_plain();
    if arrived != Arrived::GoOn {
        drop(world);
        match arrived {
            Arrived::Signal => handle_at_plain(),
            _ => fiber::suspend(),
        }
        world = here();
    }
    act(&mut world)
}

#[cold]
fn handle_at_plain() {
    if let Some(handler) = with(|world| world.enter_handler()) {
        go_text::signal_came();
        handler();
        go_text::ended();
    }
    with(|world| world.leave_handler());
    at_plain(|_| ());
}

impl Words for Span {
    fn new(name: &'static str, len: usize) -> Self {
        let id = with(|world| world.memory.new_span(name, len));
        Self { id, len }
    }

    #[inline]
    fn len(&self) -> usize {
        self.len
    }

    #[inline(always)]
    fn get(&self, at: usize) -> u64 {
        at_plain(|world| world.get(self.id, at))
    }

    #[inline(always)]
    fn set(&self, at: usize, value: u64) {
        at_plain(|world| world.set(self.id, at, value));
    }

    fn retire(&self) {
        with(|world| world.memory.retire(self.id));
    }

    fn number(&self) -> u64 {
        self.id as u64
    }
}

/// A note: a word that is 1 when it has been woken. As in Go, it orders what it wakes
/// behind what woke it.
#[derive(Debug)]
pub struct Flag(pub(super) Word);

impl Note for Flag {
    fn new(name: &'static str) -> Self {
        Self(Word(with(|world| world.memory.new_word(name, 0))))
    }

    fn sleep(&self) {
        self.0.awaits(0, Ordering::Acquire, Did::Sleep);
    }

    fn wake(&self) -> bool {
        let was = self.0.at(Use::Write, |world, word| {
            world.change(word, Ordering::AcqRel, (Use::Write, Did::Wake), |_| Some(1))
        });
        was == 0
    }

    fn clear(&self) {
        self.0.at(Use::Write, |world, word| {
            world.change(word, Ordering::Relaxed, (Use::Write, Did::Clear), |_| {
                Some(0)
            });
        });
    }

    fn number(&self) -> u64 {
        self.0.number_of()
    }
}
