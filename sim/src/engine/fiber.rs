//! The stacks on which Ms run, and the one way to leave and enter them.
//!
//! An M is a coroutine that runs one body after the other, so that a run needs no new stack
//! and no new coroutine. Whoever runs on it leaves by [`suspend`], in the midst of whatever
//! it does, and comes back when it is chosen. A run that was broken off leaves coroutines
//! behind that will never be chosen: these are unwound, which frees what they own.

#![expect(
    unsafe_code,
    reason = "a coroutine leaves from the midst of code that knows nothing of it"
)]

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};

use corosensei::stack::DefaultStack;
use corosensei::{Coroutine, Yielder};

/// Bytes of a stack. What runs there is shallow.
const STACK: usize = 1 << 17;

/// What an M does in a run.
pub(super) type Body = Box<dyn FnOnce()>;

type Leave = Yielder<Body, ()>;

thread_local! {
    /// How the coroutine that runs leaves; null if none runs.
    static LEAVE: Cell<*const Leave> = const { Cell::new(std::ptr::null()) };
}

/// A coroutine, and whether it is in the midst of a body.
pub(super) struct Fiber {
    coroutine: Option<Coroutine<Body, (), (), DefaultStack>>,
    leave: *const Leave,
    is_busy: bool,
}

thread_local! {
    /// Whether the body of the fiber that runs has come to its end.
    static HAS_ENDED: Cell<bool> = const { Cell::new(false) };
}

fn new_coroutine(stack: DefaultStack) -> Coroutine<Body, (), (), DefaultStack> {
    Coroutine::with_stack(stack, |leave: &Leave, first: Body| {
        LEAVE.set(leave);
        let mut body = first;
        loop {
            body();
            HAS_ENDED.set(true);
            body = leave.suspend(());
        }
    })
}

impl Fiber {
    /// A new one.
    ///
    /// # Panics
    ///
    /// If the system has no memory for its stack.
    pub(super) fn new() -> Self {
        let stack = DefaultStack::new(STACK).unwrap_or_else(|error| panic!("no stack: {error}"));
        Self {
            coroutine: Some(new_coroutine(stack)),
            leave: std::ptr::null(),
            is_busy: false,
        }
    }

    /// Runs a body until it leaves or ends; or, if it has left, goes on with it.
    ///
    /// # Errors
    ///
    /// What the body panicked with.
    #[inline]
    pub(super) fn resume(&mut self, body: Body) -> Result<(), Box<dyn std::any::Any + Send>> {
        let Some(coroutine) = &mut self.coroutine else {
            return Ok(());
        };
        LEAVE.set(self.leave);
        HAS_ENDED.set(false);
        self.is_busy = true;
        let result = panic::catch_unwind(AssertUnwindSafe(|| coroutine.resume(body)));
        if self.leave.is_null() {
            self.leave = LEAVE.get();
        }
        LEAVE.set(std::ptr::null());
        self.is_busy = !HAS_ENDED.get();
        match result {
            Ok(_) => Ok(()),
            Err(payload) => {
                self.renew();
                Err(payload)
            }
        }
    }

    /// Goes on with a body that has left.
    #[inline]
    pub(super) fn go_on(&mut self) -> Result<(), Box<dyn std::any::Any + Send>> {
        // A box of a type without size takes no memory.
        self.resume(Box::new(|| ()))
    }

    /// Unwinds what it was in the midst of.
    pub(super) fn abandon(&mut self) {
        if self.is_busy {
            if let Some(coroutine) = &mut self.coroutine {
                coroutine.force_unwind();
            }
            self.renew();
        }
    }

    /// A new coroutine on the stack of one that is done.
    fn renew(&mut self) {
        if let Some(mut coroutine) = self.coroutine.take() {
            coroutine.force_unwind();
            self.coroutine = Some(new_coroutine(coroutine.into_stack()));
        }
        (self.leave, self.is_busy) = (std::ptr::null(), false);
    }
}

/// Leaves the fiber on which this is called, until it is resumed. Elsewhere it does nothing.
#[inline]
pub(super) fn suspend() {
    let leave = LEAVE.get();
    if leave.is_null() {
        return;
    }
    // SAFETY: `leave` is the yielder of the coroutine that runs. It was set by that
    // coroutine's own code, or by `resume` right before it went on; it lies on the coroutine's
    // stack, in a frame that stays until the coroutine is done, and `resume` resets the pointer
    // whenever the coroutine does not run.
    let body = unsafe { &*leave }.suspend(());
    LEAVE.set(leave);
    drop(body);
}
