//! The workload on shuttle.
//!
//! As shuttle's users would have it: its own atomics, its own threads, the default features.
//! shuttle has no weak memory and no check for races, so that it does less at each operation. Plain
//! words are no points for it: they are words of std here, with nothing around them. Whoever spins
//! gives way by `shuttle::hint::spin_loop`, which its strategies take for what it is: PCT lowers
//! the priority, random and depth-first go on with anybody.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use shuttle::scheduler::Scheduler;
use shuttle::sync::atomic;
use shuttle::{Config, Runner};

use sigprof_model::backend::{self, Backend, Note, Ordering, Throw, Words};

use super::workload::{Ring, SUM, WRITERS};

/// The back-end of shuttle.
pub(crate) struct Shuttle;

impl Backend for Shuttle {
    type U32 = Atomic32;
    type U64 = Atomic64;
    type Words = Plain;
    type Note = NoNote;

    fn throw(what: Throw) -> ! {
        panic!("{}", what.message())
    }
}

macro_rules! atomics {
    ($($name:ident = $atomic:ident of $value:ty;)*) => {$(
        pub(crate) struct $name(atomic::$atomic);

        impl backend::Atomic<$value> for $name {
            fn new(_: &'static str, value: $value) -> Self {
                Self(atomic::$atomic::new(value))
            }

            #[inline]
            fn load(&self, order: Ordering) -> $value {
                self.0.load(order)
            }

            #[inline]
            fn store(&self, value: $value, order: Ordering) {
                self.0.store(value, order);
            }

            #[inline]
            fn compare_and_swap(&self, current: $value, new: $value, order: Ordering) -> bool {
                self.0.compare_exchange(current, new, order, Ordering::Relaxed).is_ok()
            }

            #[inline]
            fn fetch_add(&self, n: $value, order: Ordering) -> $value {
                self.0.fetch_add(n, order)
            }

            /// May return too early: the caller looks again, which is a point by itself.
            #[inline]
            fn yield_while(&self, _seen: $value) {
                shuttle::hint::spin_loop();
            }
        }
    )*};
}

atomics! {
    Atomic32 = AtomicU32 of u32;
    Atomic64 = AtomicU64 of u64;
}

/// Plain words, as relaxed atomics.
pub(crate) struct Plain(Box<[AtomicU64]>);

impl Words for Plain {
    fn new(_: &'static str, len: usize) -> Self {
        Self((0..len).map(|_| AtomicU64::new(0)).collect())
    }

    fn len(&self) -> usize {
        self.0.len()
    }

    #[inline]
    fn get(&self, at: usize) -> u64 {
        self.0[at].load(Relaxed)
    }

    #[inline]
    fn set(&self, at: usize, value: u64) {
        self.0[at].store(value, Relaxed);
    }
}

/// Nobody sleeps here.
pub(crate) struct NoNote;

impl Note for NoNote {
    fn new(_: &'static str) -> Self {
        Self
    }

    fn sleep(&self) {
        unimplemented!("the workload has no sleeper")
    }

    fn wake(&self) -> bool {
        unimplemented!("the workload has no sleeper")
    }

    fn clear(&self) {}
}

/// Runs as many schedules as the scheduler has.
pub(crate) fn run(scheduler: impl Scheduler + 'static) {
    let runs = Runner::new(scheduler, Config::new()).run(|| {
        let ring = Arc::new(Ring::<Shuttle>::new());
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let ring = ring.clone();
                shuttle::thread::spawn(move || ring.write(writer))
            })
            .collect();
        assert_eq!(ring.read(), SUM);
        for writer in writers {
            writer.join().expect("a writer has no reason to panic");
        }
    });
    assert!(runs > 0);
}
