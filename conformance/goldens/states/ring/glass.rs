//! A back-end of one thread, whose words can be looked at by name. A reader that falls asleep
//! is left where it is.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::panic::resume_unwind;
use std::rc::Rc;

use sigprof_model::backend::{Atomic, Backend, Note, Ordering, Throw, Words};

/// Words of one thread, shared with whoever looks at them.
pub(super) struct Glass;

thread_local! {
    static SHARED: RefCell<BTreeMap<&'static str, Rc<Cell<u64>>>> = const { RefCell::new(BTreeMap::new()) };
}

/// The word of that name, as it is now.
pub(super) fn look(name: &str) -> u64 {
    SHARED.with_borrow(|shared| shared.get(name).map_or(0, |word| word.get()))
}

/// Gives the word of that name a value.
pub(super) fn put(name: &str, value: u64) {
    SHARED.with_borrow(|shared| shared[name].set(value));
}

/// A place for a word that can be looked at.
fn place(name: &'static str, value: u64) -> Rc<Cell<u64>> {
    let word = Rc::new(Cell::new(value));
    SHARED.with_borrow_mut(|shared| shared.insert(name, Rc::clone(&word)));
    word
}

impl Backend for Glass {
    type U32 = Word;
    type U64 = Word;
    type Words = Plain;
    type Note = Bed;

    fn throw(what: Throw) -> ! {
        resume_unwind(Box::new(what))
    }
}

pub(crate) struct Word(Rc<Cell<u64>>);

macro_rules! atomic {
    ($value:ty) => {
        impl Atomic<$value> for Word {
            fn new(name: &'static str, value: $value) -> Self {
                Self(place(name, value.into()))
            }

            fn load(&self, _: Ordering) -> $value {
                <$value>::try_from(self.0.get()).expect("what was stored")
            }

            fn store(&self, value: $value, _: Ordering) {
                self.0.set(value.into());
            }

            fn compare_and_swap(&self, current: $value, new: $value, _: Ordering) -> bool {
                let is_same = self.0.get() == u64::from(current);
                if is_same {
                    self.0.set(new.into());
                }
                is_same
            }

            fn fetch_add(&self, n: $value, order: Ordering) -> $value {
                let was: $value = self.load(order);
                self.store(was.wrapping_add(n), order);
                was
            }

            fn yield_while(&self, _: $value) {
                unreachable!("one thread has nobody to wait for");
            }
        }
    };
}

atomic!(u32);
atomic!(u64);

pub(crate) struct Plain(Vec<Cell<u64>>);

impl Words for Plain {
    fn new(_: &'static str, len: usize) -> Self {
        Self(vec![Cell::new(0); len])
    }

    fn len(&self) -> usize {
        self.0.len()
    }

    fn get(&self, at: usize) -> u64 {
        self.0[at].get()
    }

    fn set(&self, at: usize, value: u64) {
        self.0[at].set(value);
    }
}

/// A note on which a sleeper does not wake up again: what comes after is another call.
pub(crate) struct Bed {
    woken: Rc<Cell<u64>>,
}

/// The panic with which a sleep ends here.
pub(super) struct Asleep;

impl Note for Bed {
    fn new(_: &'static str) -> Self {
        place("asleep", 0);
        Self {
            woken: place("woken", 0),
        }
    }

    fn sleep(&self) {
        if self.woken.get() == 0 {
            put("asleep", 1);
            resume_unwind(Box::new(Asleep));
        }
    }

    fn wake(&self) -> bool {
        self.woken.replace(1) == 0
    }

    fn clear(&self) {
        self.woken.set(0);
    }
}
