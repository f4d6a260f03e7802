//! The calls of Go's that a run is in, for people who look at it: nothing else knows of them.

use std::marker::PhantomData;

use super::Backend;

/// A function of Go's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Call {
    /// The function, as Go spells it: `(*profBuf).write`.
    pub function: &'static str,
    /// Its file below Go's `src`. Lines differ from release to release.
    pub file: &'static str,
}

impl Call {
    /// A function of the ring.
    #[must_use]
    pub const fn of_ring(function: &'static str) -> Self {
        Self {
            function,
            file: "runtime/profbuf.go",
        }
    }

    /// A function of the profiler.
    #[must_use]
    pub const fn of_profiler(function: &'static str) -> Self {
        Self {
            function,
            file: "runtime/cpuprof.go",
        }
    }

    /// A function of the runtime's file of this name.
    #[must_use]
    pub const fn of(function: &'static str, file: &'static str) -> Self {
        Self { function, file }
    }
}

/// A call goes on as long as this lives.
#[must_use]
#[derive(Debug)]
pub struct Within<B: Backend>(PhantomData<B>);

impl<B: Backend> Within<B> {
    /// A call that begins here.
    #[inline(always)]
    pub fn new(call: Call) -> Self {
        B::enter(call);
        Self(PhantomData)
    }
}

impl<B: Backend> Drop for Within<B> {
    #[inline(always)]
    fn drop(&mut self) {
        B::leave();
    }
}
