//! The protocol on loom: interleavings, and weak memory.
//!
//! Plain words are loom's cells, so that two sides which use one at once, with nothing
//! that orders them, are an error. A note is a mutex and a condition variable: a wake-up
//! that is lost is a deadlock.
//!
//! loom takes accesses with `SeqCst` for acquire and release (tokio-rs/loom#180), but has fences.
//! So `SeqCst` becomes a fence, as compilers make it: after each such store, or else before each
//! such load. Either keeps a store before a load that follows it, which is what the protocol needs;
//! a store that should be `SeqCst` and is not shows in the first way, a load in the second. So both
//! are run where it matters.
//!
//! A signal is a flag that one more thread raises at some time. Before each operation the
//! interruptible thread looks at it, and once calls its handler, on its own stack. If
//! the flag goes up too late to be seen, there was no signal.
//!
//! loom 0.7.3 does not see every interleaving (tokio-rs/loom#166, #392). So it is not
//! alone here: `search` is the other engine.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use loom::cell::Cell;
use loom::sync::atomic;

use sigprof_model::backend::{self, Backend, Note, Ordering, Throw, Words};
use sigprof_model::law::{Law, Violation};
use sigprof_model::scenario::{Outcome, Scenario, Thread};

use super::explored::{Explored, Limits, quietly};
use sigprof_model::protocol::Protocol;

/// How often one may find a word unchanged, with everybody else let go on in between,
/// before nobody is left who could change it.
const YIELDS_MAX: usize = 20;

/// Operations of an execution, at the most.
const BRANCHES_MAX: usize = 5_000;

/// loom looks at limits that often.
const CHECK_INTERVAL: usize = 200;

/// The back-end of loom.
pub(crate) struct Loom;

impl Backend for Loom {
    type U32 = Atomic32;
    type U64 = Atomic64;
    type Words = Cells;
    type Note = LoomNote;

    fn throw(what: Throw) -> ! {
        std::panic::panic_any(Violation::new(what.law(), what.message()))
    }
}

/// The handler of the thread that runs, as long as it has not run, and its signal.
struct Signal {
    pending: Arc<atomic::AtomicBool>,
    handler: Rc<dyn Fn()>,
}

loom::thread_local! {
    static SIGNAL: RefCell<Option<Signal>> = RefCell::new(None);
    static IS_HANDLER: RefCell<bool> = RefCell::new(false);
}

/// Something may come between here.
fn point() {
    let may_fire = SIGNAL.with(|signal| {
        let signal = signal.borrow();
        signal.as_ref().map(|signal| signal.pending.clone())
    });
    let fires = may_fire.is_some_and(|pending| pending.load(Ordering::Relaxed));
    if !fires {
        return;
    }
    if let Some(signal) = SIGNAL.with(RefCell::take) {
        IS_HANDLER.with(|is_handler| is_handler.replace(true));
        (signal.handler)();
        IS_HANDLER.with(|is_handler| is_handler.replace(false));
    }
}

/// Where fences stand for `SeqCst`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fences {
    BehindStores,
    BeforeLoads,
}

thread_local! {
    /// loom runs its threads on one of the system's, so that this is the same for all.
    static FENCES: std::cell::Cell<Fences> = const { std::cell::Cell::new(Fences::BehindStores) };
}

/// An operation, with a fence if its ordering is `SeqCst` and this is the place for it.
fn fenced<T>(order: Ordering, weaker: Ordering, act: impl FnOnce(Ordering) -> T) -> T {
    if order != Ordering::SeqCst {
        return act(order);
    }
    let is_before = FENCES.get() == Fences::BeforeLoads;
    if is_before && weaker != Ordering::Release {
        atomic::fence(Ordering::SeqCst);
    }
    let result = act(weaker);
    if !is_before && weaker != Ordering::Acquire {
        atomic::fence(Ordering::SeqCst);
    }
    result
}

macro_rules! atomics {
    ($($name:ident = $atomic:ident of $value:ty;)*) => {$(
        pub(crate) struct $name(atomic::$atomic);

        impl backend::Atomic<$value> for $name {
            fn new(_: &'static str, value: $value) -> Self {
                Self(atomic::$atomic::new(value))
            }

            fn load(&self, order: Ordering) -> $value {
                point();
                fenced(order, Ordering::Acquire, |order| self.0.load(order))
            }

            fn store(&self, value: $value, order: Ordering) {
                // A guard that ends with a failed execution has nothing to say.
                if std::thread::panicking() {
                    return;
                }
                point();
                fenced(order, Ordering::Release, |order| self.0.store(value, order));
            }

            fn compare_and_swap(&self, current: $value, new: $value, order: Ordering) -> bool {
                point();
                fenced(order, Ordering::AcqRel, |order| {
                    let swap = self.0.compare_exchange(current, new, order, Ordering::Relaxed);
                    swap.is_ok()
                })
            }

            fn fetch_add(&self, n: $value, order: Ordering) -> $value {
                point();
                fenced(order, Ordering::AcqRel, |order| self.0.fetch_add(n, order))
            }

            fn yield_while(&self, seen: $value) {
                for _ in 0..YIELDS_MAX {
                    point();
                    if self.0.load(Ordering::Relaxed) != seen {
                        return;
                    }
                    loom::thread::yield_now();
                }
                let is_handler = IS_HANDLER.with(|is_handler| *is_handler.borrow());
                let law = if is_handler { Law::HandlerGoesOn } else { Law::Woken };
                std::panic::panic_any(Violation::new(law, "spins for ever"));
            }
        }
    )*};
}

atomics! {
    Atomic32 = AtomicU32 of u32;
    Atomic64 = AtomicU64 of u64;
}

/// Plain words, which loom watches.
pub(crate) struct Cells(Box<[Cell<u64>]>);

impl Words for Cells {
    fn new(_: &'static str, len: usize) -> Self {
        Self((0..len).map(|_| Cell::new(0)).collect())
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

pub(crate) struct LoomNote {
    is_woken: loom::sync::Mutex<bool>,
    condition: loom::sync::Condvar,
}

impl Note for LoomNote {
    fn new(_: &'static str) -> Self {
        Self {
            is_woken: loom::sync::Mutex::new(false),
            condition: loom::sync::Condvar::new(),
        }
    }

    fn sleep(&self) {
        point();
        let mut is_woken = self.is_woken.lock().unwrap();
        while !*is_woken {
            is_woken = self.condition.wait(is_woken).unwrap();
        }
    }

    fn wake(&self) -> bool {
        point();
        let was_woken = std::mem::replace(&mut *self.is_woken.lock().unwrap(), true);
        self.condition.notify_one();
        !was_woken
    }

    fn clear(&self) {
        point();
        *self.is_woken.lock().unwrap() = false;
    }
}

/// Runs a thread of a scenario on the thread of loom's that this is.
fn run(thread: Thread) {
    let signaller = thread.handler.map(|handler| {
        let pending = Arc::new(atomic::AtomicBool::new(false));
        let flag = pending.clone();
        SIGNAL.with(|signal| signal.replace(Some(Signal { pending, handler })));
        loom::thread::spawn(move || flag.store(true, Ordering::Relaxed))
    });
    (thread.body)();
    point();
    SIGNAL.with(RefCell::take);
    if let Some(signaller) = signaller {
        signaller.join().unwrap();
    }
}

/// How loom is to run a scenario.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Way {
    /// The number of the thread that is loom's main thread: what loom sees depends on it.
    pub(crate) main: usize,
    pub(crate) fences: Fences,
}

/// Explores a scenario.
pub(crate) fn explore(
    scenario: &Scenario,
    protocol: Protocol,
    way: Way,
    limits: Limits,
) -> Explored {
    FENCES.set(way.fences);
    let (program, began) = (scenario.program, Instant::now());
    let executions = Arc::new(AtomicU64::new(0));
    let outcomes = Arc::new(Mutex::new(BTreeSet::<Outcome>::new()));
    let (counter, seen) = (executions.clone(), outcomes.clone());

    let mut builder = loom::model::Builder::new();
    builder.max_branches = BRANCHES_MAX;
    builder.preemption_bound = limits.preemptions;
    builder.checkpoint_interval = CHECK_INTERVAL;
    builder.max_permutations = usize::try_from(limits.executions).ok();
    builder.max_duration = Some(limits.time);
    let result = quietly(|| {
        builder.check(move || {
            counter.fetch_add(1, Relaxed);
            let mut program = program(protocol);
            let of_main = program.threads.swap_remove(way.main);
            let spawn = |thread| loom::thread::spawn(move || run(thread));
            let others: Vec<_> = program.threads.into_iter().map(spawn).collect();
            run(of_main);
            for other in others {
                other.join().unwrap();
            }
            match (program.judge)() {
                Ok(outcome) => seen.lock().unwrap().insert(outcome),
                Err(violation) => std::panic::panic_any(violation),
            };
        });
    });
    let (executions, elapsed) = (executions.load(Relaxed), began.elapsed());
    let outcomes = std::mem::take(&mut *outcomes.lock().unwrap_or_else(PoisonError::into_inner));
    Explored {
        executions,
        elapsed,
        outcomes,
        is_finished: result.is_ok() && executions < limits.executions && elapsed < limits.time,
        violation: result.err(),
    }
}
