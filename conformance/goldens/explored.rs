//! What the engine's commands show.

use sigprof::explore::matrix::{Options, Plan};
use sigprof::explore::replay::{Way, replay};
use sigprof::explore::seeds::Case;
use sigprof::explore::table;
use sigprof::explore::target::{self, Under};
use sigprof::suite::fixture;

/// Why it does not fail: `sigprof conformance` has tried.
const IS_THERE: &str = "a kept run that is there";

/// A kept run as a table.
pub(crate) fn table(name: &str) -> String {
    let text = fixture::file(&format!("seeds/{name}.toml")).expect(IS_THERE);
    let case = Case::parse(&String::from_utf8_lossy(&text)).expect(IS_THERE);
    let run = case.replay();
    format!(
        "{}\n\n{}\n{}\n",
        case.title(),
        table::text(&run),
        table::verdict(&run)
    )
}

/// The signal comes while its thread holds the lock that only handlers take.
pub(crate) fn handler() -> String {
    let scenario = target::scenario("signal_in_start_and_stop").expect(IS_THERE);
    let under = Under::mutant("lock_in_stop").expect(IS_THERE);
    let schedule = "10:1".parse().expect(IS_THERE);
    let kind = "dpor".parse().expect(IS_THERE);
    let run = replay(&scenario, under.protocol(), kind, &Way::Schedule(schedule));
    format!("{}\n{}\n", table::text(&run), table::verdict(&run))
}

/// The kill matrix of orderings, of what is excused, and of two revisions.
pub(crate) fn matrix() -> String {
    let filters = [
        "relaxed",
        "seq_cst",
        "trace_first",
        "no_lock",
        "go1.26",
        "fixed",
    ];
    let plan = Plan::new(Options {
        filters: filters.map(str::to_owned).to_vec(),
        jobs: 2,
        is_full: false,
        seed: sigprof_sim::Seed(0),
    });
    plan.run(|_, _| ()).text(false)
}
