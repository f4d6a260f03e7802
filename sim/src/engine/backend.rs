//! The engine's back-end: every operation is a point.

use sigprof_model::backend::{Atomic, Backend, Note, Ordering, Throw, Words};
use sigprof_model::law::{Law, Violation};

use super::fiber;
use super::steps::Did;
use super::strategy::{Access, Use};
use super::world::{Arrived, with};

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
}

/// In an M, the run ends here. In who makes or judges a program, it is a panic that the
/// engine takes for what it is.
#[cold]
fn fail(violation: Violation) -> ! {
    if !with(|world| world.is_running()) {
        std::panic::panic_any(violation);
    }
    with(|world| world.broken(violation));
    loop {
        fiber::suspend();
    }
}

/// Comes to a point, and stays there until it is this M's turn. If the signal comes first, the
/// handler runs here, on this stack.
#[inline]
fn point(access: Access) {
    pass(with(|world| world.arrive(access)), access);
}

#[inline]
fn pass(arrived: Arrived, access: Access) {
    match arrived {
        Arrived::GoOn => {}
        Arrived::Wait => fiber::suspend(),
        Arrived::Signal => handle(access),
    }
}

#[cold]
fn handle(access: Access) {
    if let Some(handler) = with(|world| world.enter_handler()) {
        handler();
    }
    with(|world| world.leave_handler());
    point(access);
}

/// The end of an M, at which its signal can come, too.
pub(super) fn end() {
    point(Access::NONE);
    with(|world| world.finish());
}

/// An atomic word.
#[derive(Debug)]
pub struct Word(usize);

impl Word {
    #[inline]
    fn point(&self, used: Use) {
        point(Access { word: self.0, used });
    }

    fn awaits(&self, seen: u64, order: Ordering, did: Did) {
        let used = Use::Await(seen);
        let is_waiting = with(|world| {
            let is_stuck = !world.is_running() && world.memory.newest(self.0) == seen;
            is_stuck && !world.is_over()
        });
        if is_waiting {
            fail(Violation::new(Law::Woken, "the judge waits for ever"));
        }
        self.point(used);
        with(|world| world.awaited(self.0, seen, order, did));
    }
}

impl<T: Copy + Into<u64> + TryFrom<u64> + Default> Atomic<T> for Word {
    fn new(name: &'static str, value: T) -> Self {
        Self(with(|world| world.memory.new_word(name, value.into())))
    }

    #[inline]
    fn load(&self, order: Ordering) -> T {
        self.point(Use::Read);
        narrow(with(|world| world.load(self.0, order)))
    }

    #[inline]
    fn store(&self, value: T, order: Ordering) {
        self.point(Use::Write);
        with(|world| world.store(self.0, value.into(), order));
    }

    #[inline]
    fn compare_and_swap(&self, current: T, new: T, order: Ordering) -> bool {
        self.point(Use::Write);
        let (current, new) = (current.into(), new.into());
        let swap = |was| (was == current).then_some(new);
        with(|world| world.change(self.0, order, Did::Swap, swap)) == current
    }

    #[inline]
    fn fetch_add(&self, n: T, order: Ordering) -> T {
        self.point(Use::Write);
        // Around the end of T, not of 64 bits.
        let add = |was: u64| Some(narrow_bits::<T>(was.wrapping_add(n.into())));
        narrow(with(|world| world.change(self.0, order, Did::Add, add)))
    }

    fn yield_while(&self, seen: T) {
        self.awaits(seen.into(), Ordering::Relaxed, Did::Spin);
    }
}

/// A value that the word was given as a `T`.
#[inline]
fn narrow<T: TryFrom<u64> + Default>(value: u64) -> T {
    T::try_from(value).unwrap_or_default()
}

/// As many of the low bits as a `T` has.
#[inline]
fn narrow_bits<T>(value: u64) -> u64 {
    let bits = 8 * u32::try_from(size_of::<T>()).unwrap_or(8);
    value & (u64::MAX >> (64 - bits))
}

/// Plain words.
#[derive(Debug)]
pub struct Span {
    id: usize,
    len: usize,
}

impl Span {
    #[inline]
    fn point() {
        let arrived = with(|world| world.arrive_at_plain());
        match arrived {
            Arrived::GoOn => {}
            Arrived::Wait => fiber::suspend(),
            Arrived::Signal => {
                handle_at_plain();
            }
        }
    }
}

#[cold]
fn handle_at_plain() {
    if let Some(handler) = with(|world| world.enter_handler()) {
        handler();
    }
    with(|world| world.leave_handler());
    Span::point();
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

    #[inline]
    fn get(&self, at: usize) -> u64 {
        Self::point();
        with(|world| world.get(self.id, at))
    }

    #[inline]
    fn set(&self, at: usize, value: u64) {
        Self::point();
        with(|world| world.set(self.id, at, value));
    }

    fn retire(&self) {
        with(|world| world.memory.retire(self.id));
    }
}

/// A note: a word that is 1 when it has been woken. As in Go, it orders what it wakes
/// behind what woke it.
#[derive(Debug)]
pub struct Flag(Word);

impl Note for Flag {
    fn new(name: &'static str) -> Self {
        Self(Word(with(|world| world.memory.new_word(name, 0))))
    }

    fn sleep(&self) {
        self.0.awaits(0, Ordering::Acquire, Did::Sleep);
    }

    fn wake(&self) -> bool {
        self.0.point(Use::Write);
        let wake = |_| Some(1);
        let was = with(|world| world.change(self.0.0, Ordering::AcqRel, Did::Wake, wake));
        was == 0
    }

    fn clear(&self) {
        self.0.point(Use::Write);
        let clear = |_| Some(0);
        with(|world| world.change(self.0.0, Ordering::Relaxed, Did::Clear, clear));
    }
}
