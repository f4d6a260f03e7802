//! The stacks on which Ms run, and the one way to leave and enter them.
//!
//! An M is a coroutine that runs one body after the other, so that a run needs no new stack
//! and no new coroutine. Whoever runs on it leaves by [`suspend`], in the midst of whatever
//! it does, and comes back when it is chosen. A run that was broken off leaves bodies
//! behind that will never be chosen: these are unwound, which frees what they own.
//!
//! Panics stay on their stack: they are caught right around the body, so that going to and
//! fro costs nothing but the switch.

#![expect(
    unsafe_code,
    reason = "a coroutine leaves from the midst of code that knows nothing of it"
)]

use std::any::Any;
use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::rc::Rc;

use corosensei::stack::DefaultStack;
use corosensei::{Coroutine, CoroutineResult, Yielder};

/// Bytes of a stack. What runs there is shallow.
const STACK: usize = 1 << 17;

/// The body of an M in a run.
pub(super) type Body = Rc<dyn Fn()>;

/// The payload that a body panicked with.
pub(super) type Payload = Box<dyn Any + Send>;

/// Why a body goes on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Why {
    Chosen,
    Abandoned,
}

/// Why a coroutine is left.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Left {
    /// In the midst of a body.
    Amidst,
    /// The body has come to its end.
    Ended,
}

type Leave = Yielder<Why, Left>;

thread_local! {
    /// How the coroutine that runs leaves; null if none runs.
    static LEAVE: Cell<*const Leave> = const { Cell::new(std::ptr::null()) };
}

/// Words that a fiber and its coroutine exchange.
#[derive(Default)]
struct Shared {
    /// The body to begin with.
    body: Cell<Option<Body>>,
    /// The payload of the last panic.
    payload: Cell<Option<Payload>>,
    leave: Cell<Option<*const Leave>>,
}

/// A coroutine, and whether it is in the midst of a body.
pub(super) struct Fiber {
    coroutine: Coroutine<Why, Left, (), DefaultStack>,
    shared: Rc<Shared>,
    leave: *const Leave,
    is_busy: bool,
}

/// A body was abandoned.
struct Abandoned;

impl Fiber {
    /// A new one. After each body, what ends it is called there.
    ///
    /// # Panics
    ///
    /// If the system has no memory for its stack.
    pub(super) fn new(end: fn()) -> Self {
        let stack = DefaultStack::new(STACK).unwrap_or_else(|error| panic!("no stack: {error}"));
        let shared = Rc::new(Shared::default());
        let of_coroutine = shared.clone();
        let mut coroutine = Coroutine::with_stack(stack, move |leave: &Leave, _| {
            let shared = of_coroutine;
            shared.leave.set(Some(leave));
            loop {
                leave.suspend(Left::Ended);
                if let Some(body) = shared.body.take() {
                    let result = panic::catch_unwind(AssertUnwindSafe(|| {
                        body();
                        end();
                    }));
                    shared.payload.set(result.err());
                }
            }
        });
        coroutine.resume(Why::Chosen);
        let leave = shared.leave.take().unwrap_or(std::ptr::null());
        Self {
            coroutine,
            shared,
            leave,
            is_busy: false,
        }
    }

    /// The body that it begins with when it is resumed for the first time.
    pub(super) fn prepare(&mut self, body: Body) {
        self.shared.body.set(Some(body));
    }

    /// Runs the body until it leaves or ends.
    ///
    /// # Errors
    ///
    /// What the body panicked with.
    #[inline(always)]
    pub(super) fn resume(&mut self) -> Result<(), Payload> {
        LEAVE.set(self.leave);
        self.is_busy = self.coroutine.resume(Why::Chosen) == CoroutineResult::Yield(Left::Amidst);
        LEAVE.set(std::ptr::null());
        if self.is_busy {
            return Ok(());
        }
        match self.shared.payload.take() {
            Some(payload) => Err(payload),
            None => Ok(()),
        }
    }

    /// Drops the body that has not begun, and unwinds the one that has not ended.
    #[inline]
    pub(super) fn abandon(&mut self) {
        if self.is_busy {
            self.unwind();
        }
        drop(self.shared.body.take());
    }

    #[cold]
    fn unwind(&mut self) {
        LEAVE.set(self.leave);
        self.is_busy =
            self.coroutine.resume(Why::Abandoned) == CoroutineResult::Yield(Left::Amidst);
        LEAVE.set(std::ptr::null());
        assert!(!self.is_busy, "who unwinds does not wait");
        drop(self.shared.payload.take());
    }
}

impl Drop for Fiber {
    fn drop(&mut self) {
        // Before the coroutine itself is unwound, which nothing on its stack may catch.
        self.abandon();
    }
}

/// Leaves the fiber on which this is called, until it is resumed. Elsewhere it does nothing.
#[inline(always)]
pub(super) fn suspend() {
    let leave = LEAVE.get();
    if leave.is_null() {
        return;
    }
    // SAFETY: `leave` is the yielder of the coroutine that runs. It was set by `resume` or
    // `unwind` right before they went on with that coroutine; it lies on the coroutine's
    // stack, in a frame that stays until the coroutine is done, which its fiber outlives; and it
    // is null whenever the coroutine does not run.
    let why = unsafe { &*leave }.suspend(Left::Amidst);
    if why == Why::Abandoned {
        unwind_from_here();
    }
}

#[cold]
fn unwind_from_here() -> ! {
    panic::resume_unwind(Box::new(Abandoned))
}
