//! The run that a program's threads share: judged in the end, and made what it was for another run.

use std::rc::Rc;

use super::{Outcome, Program, Thread};
use crate::law::Violation;

/// All that the threads of a program share. It changes from a run's beginning to its end.
pub(super) trait Shared: 'static {
    /// All that changes beside the back-end's words, as it was before the threads began.
    type Before: 'static;

    /// Takes down how it is now, before the threads begin.
    fn before(&self) -> Self::Before;

    /// Makes it what it was then.
    fn again(&self, before: &Self::Before);
}

/// A program of threads that share a run, which is judged in the end. It can be run again.
pub(super) fn judged<S: Shared>(
    shared: &Rc<S>,
    threads: Vec<Thread>,
    judge: impl Fn(&S) -> Result<Outcome, Violation> + 'static,
) -> Program {
    let (judged, again, before) = (shared.clone(), shared.clone(), shared.before());
    Program::new(threads, move || judge(&judged)).with_again(move || again.again(&before))
}

/// The same of one thread.
pub(super) fn alone<S: Shared>(
    shared: &Rc<S>,
    body: impl Fn(&S) + 'static,
    judge: impl Fn(&S) -> Result<Outcome, Violation> + 'static,
) -> Program {
    let of_thread = shared.clone();
    let thread = Thread::new("alone", move || body(&of_thread));
    judged(shared, vec![thread], judge)
}
