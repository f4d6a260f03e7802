//! Goldens of the engine's commands.

use sigprof::explore::replay::{Way, replay};
use sigprof::explore::seeds::Case;
use sigprof::explore::table;
use sigprof::explore::target::{self, Variant};
use sigprof::fixtures;

use crate::Golden;

/// Why it does not fail: `sigprof conformance` has tried.
const IS_THERE: &str = "a kept run that is there";

/// A kept run as a table.
pub(crate) fn table(name: &str) -> Golden {
    let text = fixtures::file(&format!("seeds/{name}.toml")).expect(IS_THERE);
    let case = Case::parse(&String::from_utf8_lossy(&text)).expect(IS_THERE);
    let run = case.replay();
    let text = format!(
        "{}\n\n{}\n{}\n",
        case.title(),
        table::text(&run),
        table::verdict(&run)
    );
    ("a kept run, as a table".to_owned(), text)
}

/// A kept run that weak memory is needed for.
pub(crate) fn old_value(_: &str) -> Golden {
    table("extra_raised_relaxed")
}

/// The signal comes while its thread holds the lock that only handlers take.
pub(crate) fn handler(_: &str) -> Golden {
    let scenario = target::scenario("signal_in_start_and_stop").expect(IS_THERE);
    let under = Variant::mutant("lock_in_stop").expect(IS_THERE);
    let schedule = "10:1".parse().expect(IS_THERE);
    let kind = "dpor".parse().expect(IS_THERE);
    let run = replay(&scenario, under.protocol(), kind, &Way::Schedule(schedule));
    let text = format!("{}\n{}\n", table::text(&run), table::verdict(&run));
    let about = "a handler that waits for what it interrupted";
    (about.to_owned(), text)
}
