//! Operations that the text does and the model does not: who follows a run of the model does not
//! take them for its own.

use std::cell::Cell;

use super::log::Who;
use crate::engine::strategy::Ms;

thread_local! {
    /// Ms whose next operation is the text's alone; and as it was below the handlers that run.
    static FINER: Cell<[Ms; 2]> = const { Cell::new([Ms::NONE; 2]) };
}

/// Whether the operation that this M does is the text's alone.
pub(super) fn is_finer(m: usize) -> bool {
    FINER.get()[0].has(m)
}

/// Whether the next operation of who acts is.
pub(super) fn is_next(who: Who, is_finer: bool) {
    let [now, below] = FINER.get();
    let m = who.m();
    FINER.set([
        if is_finer {
            now.with(m)
        } else {
            now.without(m)
        },
        below,
    ]);
}

/// Nothing is, as a run begins.
pub(super) fn clear() {
    FINER.set([Ms::NONE; 2]);
}

/// The handler of an M begins: what the M stands before waits.
pub(super) fn enter_handler(m: usize) {
    let [now, below] = FINER.get();
    let is_finer = now.has(m);
    FINER.set([
        now,
        if is_finer {
            below.with(m)
        } else {
            below.without(m)
        },
    ]);
}

/// The handler has ended.
pub(super) fn leave_handler(m: usize) {
    let [now, below] = FINER.get();
    let is_finer = below.has(m);
    FINER.set([
        if is_finer {
            now.with(m)
        } else {
            now.without(m)
        },
        below,
    ]);
}
