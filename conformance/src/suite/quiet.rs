//! Panics that are caught and told of, in place of being printed among other things.

use std::cell::RefCell;
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::Arc;

thread_local! {
    /// The last panic of a thread that catches them: what it said, and where.
    static LAST: RefCell<Option<String>> = const { RefCell::new(None) };
    static CATCHES: RefCell<bool> = const { RefCell::new(false) };
}

type Loud = Arc<dyn Fn(&PanicHookInfo<'_>) + Send + Sync>;

/// As long as it lives, panics in [`catch`] are not printed.
pub(super) struct Hook(Loud);

impl Hook {
    pub(super) fn new() -> Self {
        let loud: Loud = panic::take_hook().into();
        let other = Arc::clone(&loud);
        panic::set_hook(Box::new(move |info| {
            if CATCHES.with_borrow(|catches| *catches) {
                LAST.set(Some(info.to_string()));
            } else {
                other(info);
            }
        }));
        Self(loud)
    }
}

impl Drop for Hook {
    fn drop(&mut self) {
        let loud = Arc::clone(&self.0);
        panic::set_hook(Box::new(move |info| loud(info)));
    }
}

/// What it comes to, or the panic that ended it, in one line.
pub(super) fn catch<T>(run: impl FnOnce() -> T) -> Result<T, String> {
    CATCHES.set(true);
    let result = panic::catch_unwind(AssertUnwindSafe(run));
    CATCHES.set(false);
    result.map_err(|payload| {
        let said = LAST.take().or_else(|| text(&*payload));
        said.unwrap_or_default().replace('\n', " ")
    })
}

fn text(payload: &(dyn std::any::Any + Send)) -> Option<String> {
    let owned = payload.downcast_ref::<String>().cloned();
    owned.or_else(|| payload.downcast_ref::<&str>().map(|s| (*s).to_owned()))
}
