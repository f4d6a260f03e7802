//! Words and notes that stop before each operation.

use sigprof_model::backend::{Atomic, Backend, Note, Ordering, Throw, Words};
use sigprof_model::law::{Law, Violation};

use super::world::{Wait, World};

/// The plain full search.
pub(crate) struct Search;

impl Backend for Search {
    type U32 = Cell;
    type U64 = Cell;
    type Words = Span;
    type Note = Flag;

    fn throw(what: Throw) -> ! {
        fail(Violation::new(what.law(), what.message()))
    }
}

/// In a thread, the run ends here for good. Outside of one, it is the judge's.
fn fail(violation: Violation) -> ! {
    if World::with(|world| world.current().is_none()) {
        std::panic::panic_any(violation);
    }
    World::with(|world| world.broken(violation));
    loop {
        stop();
    }
}

#[expect(
    deprecated,
    reason = "the scope that is asked for instead is not at hand here"
)]
fn stop() {
    generator::yield_with(());
}

/// Stops before an operation, until it is this thread's turn and what it waits for has
/// come; runs the handler if the signal comes first.
pub(super) fn point(wait: Wait) {
    if World::with(|world| world.current().is_none()) {
        if !World::with(|world| world.has_come(wait) || world.is_over()) {
            fail(Violation::new(Law::Woken, "the judge waits for ever"));
        }
        return;
    }
    loop {
        World::with(|world| world.waits(wait));
        stop();
        let Some(handler) = World::with(World::handler_to_run) else {
            return;
        };
        handler();
        World::with(World::handler_ends);
    }
}

/// An atomic word.
pub(crate) struct Cell(usize);

impl Cell {
    /// An operation: what it makes of the value, and what it returns.
    fn act(&self, name: &str, act: impl FnOnce(u64) -> (Option<u64>, u64)) -> u64 {
        point(Wait::No);
        World::with(|world| {
            let was = world.get(self.0);
            let (becomes, returns) = act(was);
            if world.is_over() && becomes.is_some() && std::thread::panicking() {
                return returns;
            }
            if let Some(becomes) = becomes {
                world.set(self.0, becomes);
            }
            world.has_read(returns);
            world.did(self.0, || super::table::describe(name, was, becomes));
            returns
        })
    }
}

impl<T: Copy + Into<u64> + TryFrom<u64>> Atomic<T> for Cell
where
    T::Error: std::fmt::Debug,
{
    fn new(name: &'static str, value: T) -> Self {
        Self(World::with(|world| world.location(name, value.into())))
    }

    fn load(&self, _: Ordering) -> T {
        let value = self.act("load", |was| (None, was));
        T::try_from(value).unwrap()
    }

    fn store(&self, value: T, _: Ordering) {
        self.act("store", |_| (Some(value.into()), 0));
    }

    fn compare_and_swap(&self, current: T, new: T, _: Ordering) -> bool {
        let swap = |was| {
            let succeeds = was == current.into();
            (succeeds.then(|| new.into()), u64::from(succeeds))
        };
        self.act("swap", swap) == 1
    }

    fn fetch_add(&self, n: T, _: Ordering) -> T {
        // Counts here are small: nothing wraps.
        let was = self.act("add", |was| (Some(was + n.into()), was));
        T::try_from(was).unwrap()
    }

    fn yield_while(&self, seen: T) {
        let seen = seen.into();
        point(Wait::Change {
            location: self.0,
            seen,
        });
    }
}

/// Plain words, as a span of the world's.
pub(crate) struct Span {
    base: usize,
    len: usize,
}

impl Span {
    fn at(&self, at: usize) -> usize {
        assert!(at < self.len, "index {at} of {}", self.len);
        self.base + at
    }
}

impl Words for Span {
    fn new(_: &'static str, len: usize) -> Self {
        let base = World::with(|world| world.new_words(len));
        Self { base, len }
    }

    fn len(&self) -> usize {
        self.len
    }

    fn get(&self, at: usize) -> u64 {
        let at = self.at(at);
        World::with(|world| world.word(at))
    }

    fn set(&self, at: usize, value: u64) {
        let at = self.at(at);
        World::with(|world| world.set_word(at, value));
    }
}

/// A note: a location that is 1 when it has been woken.
pub(crate) struct Flag(Cell);

impl Note for Flag {
    fn new(name: &'static str) -> Self {
        Self(Cell(World::with(|world| world.location(name, 0))))
    }

    fn sleep(&self) {
        let location = self.0.0;
        point(Wait::Wake { location });
        World::with(|world| world.did(location, || "sleep -> woken".into()));
    }

    fn wake(&self) -> bool {
        self.0.act("wake", |was| (Some(1), was)) == 0
    }

    fn clear(&self) {
        self.0.act("clear", |_| (Some(0), 0));
    }
}
