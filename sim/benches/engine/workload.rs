//! Workload W: two writers put two records each into a ring of four, through the spin lock
//! that handlers use; a reader spins until it has all four. Written once, for all back-ends.

use std::rc::Rc;

use sigprof_model::backend::{Atomic, Backend, Ordering, Words};
use sigprof_model::law::{Law, Violation};
use sigprof_model::protocol::Fixed;
use sigprof_model::scenario::{Outcome, Program, Seen, Thread};
use sigprof_model::signal_lock::SignalLock;

/// Writers, and what each of them writes.
pub(crate) const WRITERS: u64 = 2;
const WRITES: u64 = 2;

/// Words of the ring, which is never full.
const RING: usize = 4;

const RECORDS: u64 = WRITERS * WRITES;
const _: () = assert!(RECORDS == RING as u64);

/// The ring, and what guards its writing side.
pub(crate) struct Ring<B: Backend> {
    lock: SignalLock<B, Fixed>,
    w: B::U64,
    r: B::U64,
    data: B::Words,
}

#[expect(clippy::cast_possible_truncation, reason = "below RING")]
fn place(index: u64) -> usize {
    index as usize % RING
}

impl<B: Backend> Ring<B> {
    pub(crate) fn new() -> Self {
        Self {
            lock: SignalLock::new("lock", Fixed),
            w: B::U64::new("w", 0),
            r: B::U64::new("r", 0),
            data: B::Words::new("data", RING),
        }
    }

    /// Writes all records of a writer.
    pub(crate) fn write(&self, writer: u64) {
        for i in 0..WRITES {
            let _guard = self.lock.lock();
            let w = self.w.load(Ordering::Relaxed);
            if w - self.r.load(Ordering::Acquire) < RING as u64 {
                self.data.set(place(w), 1 + writer * WRITES + i);
                self.w.store(w + 1, Ordering::Release);
            }
        }
    }

    /// Reads until it has all records; their sum.
    pub(crate) fn read(&self) -> u64 {
        let (mut sum, mut next) = (0, 0);
        while next < RECORDS {
            let w = self.w.load(Ordering::Acquire);
            if w == next {
                self.w.yield_while(w);
                continue;
            }
            while next < w {
                sum += self.data.get(place(next));
                next += 1;
                self.r.store(next, Ordering::Release);
            }
        }
        sum
    }
}

/// The sum that the reader gets if all went well.
pub(crate) const SUM: u64 = RECORDS * (RECORDS + 1) / 2;

/// The workload as a program of three Ms, as the model's scenarios are made.
pub(crate) fn program<B: Backend>() -> Program {
    let ring = Rc::new(Ring::<B>::new());
    let mut threads = Vec::with_capacity(3);
    let of_reader = ring.clone();
    threads.push(Thread::new("reader", move || {
        assert_eq!(of_reader.read(), SUM);
    }));
    for (writer, name) in (0..WRITERS).zip(["writer", "other writer"]) {
        let ring = ring.clone();
        threads.push(Thread::new(name, move || ring.write(writer)));
    }
    let judge = move || {
        let left = ring.w.load(Ordering::Relaxed) - ring.r.load(Ordering::Relaxed);
        match left {
            0 => Ok(Outcome(vec![])),
            left => Err(Violation::new(
                Law::Whole,
                format!("{:?}", Seen::Left(left)),
            )),
        }
    };
    Program::new(threads, judge).with_again(|| ())
}
