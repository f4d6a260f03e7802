//! The state that the protocol keeps for a thread (Go: an M): the rate at which it is armed, and
//! its *guard*, which says that it is in a generation of the trace.
//!
//! Both words are written by the thread itself and its handler only. The tracer watches
//! the guard from outside.
//!
//! ```text
//!  guard            outside      inside                 until
//!  ---------------------------------------------------------------
//!  seqlock          even         odd: one more each     Go 1.25
//!                                way, so never the
//!                                same value again
//!  writing flag     0            1                      today
//!
//!        enter, if outside: raise it; then read the generation
//!        +--------------------------------------------------+
//!        |                                                  v
//!     outside  <----- leave, by who raised it: lower it --  inside
//!
//!  the tracer: changes the generation; then looks, until it is outside
//! ```
//!
//! A handler that finds the guard raised has interrupted the tracer's own code on its
//! thread, such as a drain. It goes on under that guard and leaves it alone.
//!
//! The guard keeps [L12](crate::law::Law::NoneRetired) and
//! [L14](crate::law::Law::OwnTrace): when the tracer has changed the generation and has
//! seen every guard lowered, no handler writes into the old one any more. The handler
//! stores its guard and then loads the generation; the tracer stores the generation and
//! then loads the guard. One of them must see the other's store, which is why these four
//! operations are sequentially consistent, and no others ([`Site::GuardRaised`]).
//!
//! The generation itself is a number in one word: 0 for no trace, else from 1 on, and its
//! last bit says which of the two logs is its own.
//!
//! ```text
//!  63                                            1    0
//! +-------------------------------------------------+---+
//! |        generation, 0 for none (not tracing)     | p |   p: the log's parity
//! +-------------------------------------------------+---+
//! ```
//!
//! Go: `runtime/runtime2.go`, `m.profilehz`; `runtime/traceruntime.go`, `mTraceState`.

use crate::backend::text::Function;
use crate::backend::{Atomic, Backend, Ordering};
use crate::protocol::{Flaw, Guard, Rules, Site};

/// A thread of Go's (Go: `m`).
pub struct M<B: Backend> {
    /// The id that the operating system knows it by.
    pub procid: u64,
    /// The rate at which it is armed, in Hz; 0 if it is not.
    profile_hz: B::U32,
    /// Whether it is in a generation: an odd number, or 1.
    guard: B::U32,
}

impl<B: Backend> M<B> {
    /// A thread that is not armed, outside of the tracer.
    #[must_use]
    pub fn new(procid: u64) -> Self {
        let m = Self {
            procid,
            profile_hz: B::U32::new("profilehz", 0),
            guard: B::U32::new("guard", 0),
        };
        B::instead(Function::NewM, || {
            vec![m.number(), m.guard.number(), procid]
        });
        m
    }

    /// The number by which another text knows it.
    pub(crate) fn number(&self) -> u64 {
        self.profile_hz.number()
    }

    /// The rate at which its own timer runs (Go: `setThreadCPUProfiler`). A thread takes
    /// it over from the scheduler when it runs a goroutine (R21).
    pub fn set_profile_hz(&self, hz: u32) {
        if B::instead(Function::ArmM, || vec![self.number(), hz.into()]).is_none() {
            self.profile_hz.store(hz, Ordering::Relaxed);
        }
    }

    /// Whether its handler may take a sample (R22).
    pub(crate) fn is_armed(&self) -> bool {
        self.profile_hz.load(Ordering::Relaxed) != 0
    }

    /// Raises the guard, unless the thread is in the tracer already; says whether it did.
    pub(crate) fn enter<R: Rules>(&self, rules: R) -> bool {
        let order = rules.order(Site::GuardRaised);
        let is_nested = !rules.has(Flaw::GuardNotNested);
        match rules.protocol().guard {
            Guard::None => return false,
            Guard::Seqlock => {
                if self.guard.load(Ordering::Relaxed) % 2 != 0 && is_nested {
                    return false;
                }
                self.guard.fetch_add(1, order);
            }
            Guard::Writing => {
                if self.guard.load(Ordering::Relaxed) != 0 && is_nested {
                    return false;
                }
                self.guard.store(1, order);
            }
        }
        true
    }

    /// Lowers the guard.
    pub(crate) fn leave<R: Rules>(&self, rules: R) {
        let order = rules.order(Site::GuardLowered);
        match rules.protocol().guard {
            Guard::None => {}
            Guard::Seqlock => {
                self.guard.fetch_add(1, order);
            }
            Guard::Writing => self.guard.store(0, order),
        }
    }

    /// Waits until the thread is outside.
    pub(crate) fn await_outside<R: Rules>(&self, rules: R) {
        loop {
            let guard = self.guard.load(rules.order(Site::GuardWatched));
            if guard % 2 == 0 {
                return;
            }
            self.guard.yield_while(guard);
        }
    }
}
