//! Panics that are caught and told of, in place of being printed among other things.

use std::cell::RefCell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

use crate::error::panic_words;

thread_local! {
    /// The last panic of a thread that catches them: what it said, and where.
    static LAST: RefCell<Option<String>> = const { RefCell::new(None) };
    static CATCHES: RefCell<bool> = const { RefCell::new(false) };
}

/// From now on, panics in [`catch`] are not printed, in the whole process; all others are.
pub(super) fn hush() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let loud = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if CATCHES.with_borrow(|catches| *catches) {
                LAST.set(Some(info.to_string()));
            } else {
                loud(info);
            }
        }));
    });
}

/// Returns the result of `run`, or the panic that ended it, in one line.
pub(super) fn catch<T>(run: impl FnOnce() -> T) -> Result<T, String> {
    CATCHES.set(true);
    let result = panic::catch_unwind(AssertUnwindSafe(run));
    CATCHES.set(false);
    result.map_err(|payload| {
        let said = LAST.take().unwrap_or_else(|| panic_words(&*payload));
        said.replace('\n', " ")
    })
}
