//! An engine's report on a scenario.

use std::any::Any;
use std::cell::Cell;
use std::collections::BTreeSet;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;
use std::time::Duration;

use generator::Gn;
use sigprof_model::law::{Law, Violation};
use sigprof_model::scenario::Outcome;

/// The result of an exploration.
#[derive(Debug)]
pub(crate) struct Explored {
    pub(crate) executions: u64,
    pub(crate) elapsed: Duration,
    /// The distinct outcomes, as seen from outside.
    pub(crate) outcomes: BTreeSet<Outcome>,
    /// Whether all was explored, as far as the engine can tell.
    pub(crate) is_finished: bool,
    /// The first violation, which ended the exploration.
    pub(crate) violation: Option<Violation>,
}

/// Where to stop.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Switches away from a thread that could go on.
    pub(crate) preemptions: Option<usize>,
    pub(crate) executions: u64,
    pub(crate) time: Duration,
}

thread_local! {
    static IS_QUIET: Cell<bool> = const { Cell::new(false) };
}

/// Runs it, and turns a panic into the violation that it stands for, without a word on
/// the terminal.
pub(crate) fn quietly<T>(run: impl FnOnce() -> T) -> Result<T, Violation> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        // The first coroutine installs a hook as well. Let it come first: of two that are
        // installed at once, one is lost.
        #[expect(
            deprecated,
            reason = "the scope that is asked for instead is not at hand here"
        )]
        Gn::<()>::new(|| ()).resume();
        let loud = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !IS_QUIET.get() {
                loud(info);
            }
        }));
    });
    let was_quiet = IS_QUIET.replace(true);
    let result = panic::catch_unwind(AssertUnwindSafe(run));
    IS_QUIET.set(was_quiet);
    result.map_err(|payload| violation(&*payload))
}

/// The violation behind a panic: one of ours, something that loom found, or a mistake like an index
/// out of bounds, which breaks a law as well.
fn violation(payload: &(dyn Any + Send)) -> Violation {
    if let Some(violation) = payload.downcast_ref::<Violation>() {
        return violation.clone();
    }
    let text = payload.downcast_ref::<String>().map(String::as_str);
    let text = text.or(payload.downcast_ref::<&str>().copied());
    let text = text.unwrap_or("a panic without words");
    let law = if text.contains("Causality violation") {
        Law::Whole
    } else if text.contains("deadlock") || text.contains("maximum number of branches") {
        Law::Woken
    } else {
        Law::NoThrow
    };
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    Violation::new(law, words.chars().take(160).collect::<String>())
}
