//! Operations that the text does and the model does not: who follows a run of the model does not
//! take them for its own.

use std::cell::Cell;

use super::log::Who;

thread_local! {
    /// Actors whose next operation is such a one, or the one that they do: a bit each.
    static FINER: Cell<u64> = const { Cell::new(0) };
}

const _: () = assert!(Who::COUNT <= 64);

/// Nobody does, as a run begins.
pub(super) fn clear() {
    FINER.set(0);
}

/// Whether the operation that it does is the text's alone.
pub(super) fn is_finer(who: Who) -> bool {
    FINER.get() >> who.index() & 1 != 0
}

/// Whether the next operation of who acts is.
pub(super) fn is_next(who: Who, is_finer: bool) {
    let others = FINER.get() & !(1 << who.index());
    FINER.set(others | u64::from(is_finer) << who.index());
}
