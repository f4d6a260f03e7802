//! The presence of thread, P and goroutine, and the need for them (R77.1).

use sigprof_wire::v2::{NO_GOROUTINE, NO_PROC, NO_THREAD};

use super::{Context, Result, fault};

/// The presence of thread, P and goroutine: bits 0, 1 and 2.
#[derive(Clone, Copy, Debug)]
pub(in crate::trace::v2) struct Bound(u8);

impl Bound {
    pub(super) fn of(context: Context) -> Self {
        let mut bound = Self(u8::from(context.thread != NO_THREAD));
        bound.set_proc(context.proc);
        bound.set_goroutine(context.goroutine);
        bound
    }

    #[inline(always)]
    pub(super) fn set_proc(&mut self, proc: u64) {
        self.0 = self.0 & !2 | u8::from(proc != NO_PROC) << 1;
    }

    #[inline(always)]
    pub(super) fn set_goroutine(&mut self, goroutine: u64) {
        self.0 = self.0 & !4 | u8::from(goroutine != NO_GOROUTINE) << 2;
    }
}

/// The need of an event for a thread, a P or a goroutine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Needs {
    /// There must be one.
    One,
    /// There may be one.
    Any,
    /// There must be none.
    None,
}

/// Checks what an event needs of thread, P and goroutine (R77.1).
#[inline(always)]
pub(super) fn need(context: Context, bound: Bound, needs: [Needs; 3]) -> Result<()> {
    let (mut asked, mut wanted) = (0, 0);
    for (i, needs) in needs.into_iter().enumerate() {
        asked |= u8::from(needs != Needs::Any) << i;
        wanted |= u8::from(needs == Needs::One) << i;
    }
    if bound.0 & asked == wanted {
        return Ok(());
    }
    // In registers: a context whose address is taken is one that is written.
    needed(context.thread, context.proc, context.goroutine, needs)
}

#[cold]
fn needed(thread: u64, proc: u64, goroutine: u64, needs: [Needs; 3]) -> Result<()> {
    let all = [
        ("thread", thread, NO_THREAD),
        ("P", proc, NO_PROC),
        ("goroutine", goroutine, NO_GOROUTINE),
    ];
    for ((what, value, none), needs) in all.into_iter().zip(needs) {
        match needs {
            Needs::One if value == none => return fault(format!("a {what}"), "none"),
            Needs::None if value != none => {
                return fault(format!("no {what}"), format!("{what} {value}"));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Everything: thread, P and goroutine.
#[inline(always)]
pub(super) fn need_all(context: Context, bound: Bound) -> Result<()> {
    need(context, bound, [Needs::One; 3])
}
