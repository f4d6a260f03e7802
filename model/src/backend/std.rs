//! The back-end of real threads and real atomics.

use std::cell::Cell;
use std::hint;
use std::ops::Range;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::{Atomic, Backend, Note, Throw, Words};

/// Real atomics, real threads.
///
/// Plain words are atomics with relaxed order here, so that a caller who breaks the
/// protocol gets wrong words and nothing worse. That they are never used from two sides at once is for the other
/// back-ends to show.
#[derive(Clone, Copy, Debug)]
pub struct Std;

impl Backend for Std {
    type U32 = AtomicU32;
    type U64 = AtomicU64;
    type Words = Box<[AtomicU64]>;
    type Note = StdNote;

    #[cold]
    fn throw(what: Throw) -> ! {
        if CATCHES.get() {
            panic::resume_unwind(Box::new(Thrown(what)));
        }
        panic!("fatal error: {}", what.message());
    }
}

/// The payload of a throw where somebody waits for it. Nothing else has this type, so that a
/// mistake of the simulator is never taken for a crash of Go's runtime.
struct Thrown(Throw);

thread_local! {
    /// Whether [`catch_throw`] is below on this thread's stack.
    static CATCHES: Cell<bool> = const { Cell::new(false) };
}

/// Runs `run`, and catches what Go would throw on this thread, and nothing else.
///
/// ```
/// use sigprof_model::backend::{Backend, Std, Throw, catch_throw};
/// let thrown = catch_throw(|| Std::throw(Throw::DoubleWakeup));
/// assert_eq!(thrown, Err::<(), _>(Throw::DoubleWakeup));
/// ```
///
/// # Errors
/// What was thrown.
///
/// # Panics
/// If `run` panics by itself: that is a mistake of ours, and goes on up.
pub fn catch_throw<T>(run: impl FnOnce() -> T) -> Result<T, Throw> {
    let caught_before = CATCHES.replace(true);
    let result = panic::catch_unwind(AssertUnwindSafe(run));
    CATCHES.set(caught_before);
    result.map_err(|payload| match payload.downcast::<Thrown>() {
        Ok(thrown) => thrown.0,
        Err(other) => panic::resume_unwind(other),
    })
}

macro_rules! atomic {
    ($atomic:ty, $value:ty) => {
        impl Atomic<$value> for $atomic {
            #[inline]
            fn new(_name: &'static str, value: $value) -> Self {
                Self::new(value)
            }

            #[inline]
            fn load(&self, order: Ordering) -> $value {
                self.load(order)
            }

            #[inline]
            fn store(&self, value: $value, order: Ordering) {
                self.store(value, order);
            }

            #[inline]
            fn compare_and_swap(&self, current: $value, new: $value, order: Ordering) -> bool {
                self.compare_exchange(current, new, order, Ordering::Relaxed)
                    .is_ok()
            }

            #[inline]
            fn fetch_add(&self, n: $value, order: Ordering) -> $value {
                self.fetch_add(n, order)
            }

            fn yield_while(&self, seen: $value) {
                if self.load(Ordering::Relaxed) == seen {
                    hint::spin_loop();
                    std::thread::yield_now();
                }
            }
        }
    };
}

atomic!(AtomicU32, u32);
atomic!(AtomicU64, u64);

impl Words for Box<[AtomicU64]> {
    fn new(_name: &'static str, len: usize) -> Self {
        (0..len).map(|_| AtomicU64::new(0)).collect()
    }

    #[inline]
    fn len(&self) -> usize {
        <[AtomicU64]>::len(self)
    }

    #[inline]
    fn get(&self, at: usize) -> u64 {
        self[at].load(Ordering::Relaxed)
    }

    #[inline]
    fn set(&self, at: usize, value: u64) {
        self[at].store(value, Ordering::Relaxed);
    }

    #[inline]
    fn set_all(&self, at: usize, values: &[u64]) {
        for (word, &value) in self[at..at + values.len()].iter().zip(values) {
            word.store(value, Ordering::Relaxed);
        }
    }

    #[inline]
    fn append_to(&self, out: &mut Vec<u64>, places: Range<usize>) {
        out.extend(self[places].iter().map(|word| word.load(Ordering::Relaxed)));
    }
}

/// A note of a mutex and a condition variable.
#[derive(Debug, Default)]
pub struct StdNote {
    woken: Mutex<bool>,
    condition: Condvar,
}

impl StdNote {
    /// A panic elsewhere leaves the flag as it is.
    fn woken(&self) -> MutexGuard<'_, bool> {
        self.woken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Note for StdNote {
    fn new(_name: &'static str) -> Self {
        Self::default()
    }

    fn sleep(&self) {
        let sleep = self.condition.wait_while(self.woken(), |woken| !*woken);
        drop(sleep.unwrap_or_else(PoisonError::into_inner));
    }

    fn wake(&self) -> bool {
        let was_woken = std::mem::replace(&mut *self.woken(), true);
        self.condition.notify_one();
        !was_woken
    }

    fn clear(&self) {
        *self.woken() = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Guards S26.1.
    #[test]
    fn only_a_throw_is_caught() {
        assert_eq!(catch_throw(|| 3), Ok(3));
        let thrown = catch_throw(|| Std::throw(Throw::InvalidSize));
        assert_eq!(thrown, Err::<(), _>(Throw::InvalidSize));
        let other = || catch_throw(|| panic::resume_unwind(Box::new("ours")));
        let payload = panic::catch_unwind(other).map(|_: Result<(), _>| ());
        assert_eq!(payload.unwrap_err().downcast_ref::<&str>(), Some(&"ours"));
        assert!(!CATCHES.get());
    }
}
