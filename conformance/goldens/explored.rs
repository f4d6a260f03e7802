//! Goldens of the engine's commands.

use std::sync::OnceLock;
use std::sync::atomic::AtomicBool;
use std::thread;

use sigprof::explore::matrix::{Matrix, MutantRow, Options, Plan};
use sigprof::explore::replay::{Way, replay};
use sigprof::explore::seeds::Case;
use sigprof::explore::table;
use sigprof::explore::target::{self, Under};
use sigprof::suite::fixture;
use sigprof_model::mutants::Mutant;
use sigprof_sim::Seed;

use crate::Golden;

/// Why it does not fail: `sigprof conformance` has tried.
const IS_THERE: &str = "a kept run that is there";

/// A kept run as a table.
pub(crate) fn table(name: &str) -> Golden {
    let text = fixture::file(&format!("seeds/{name}.toml")).expect(IS_THERE);
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
    let under = Under::mutant("lock_in_stop").expect(IS_THERE);
    let schedule = "10:1".parse().expect(IS_THERE);
    let kind = "dpor".parse().expect(IS_THERE);
    let run = replay(&scenario, under.protocol(), kind, &Way::Schedule(schedule));
    let text = format!("{}\n{}\n", table::text(&run), table::verdict(&run));
    let about = "a handler that waits for what it interrupted";
    (about.to_owned(), text)
}

/// All mutants and revisions through the strategies, once for all tests.
fn matrix() -> &'static Matrix {
    static MATRIX: OnceLock<Matrix> = OnceLock::new();
    MATRIX.get_or_init(|| {
        let plan = Plan::new(Options {
            filters: Vec::new(),
            jobs: thread::available_parallelism().map_or(1, usize::from),
            is_full: false,
            seed: Seed(0),
        });
        plan.run(&AtomicBool::new(false), |_, _| ())
    })
}

/// The rows of a part of the catalogue, or of the revisions, without times.
pub(crate) fn kills(part: &str) -> Golden {
    let all = matrix();
    let of_part = Mutant::parts().into_iter().find(|(name, _)| *name == part);
    let is_of_part = |row: &&MutantRow| {
        let mut mutants = of_part.iter().flat_map(|(_, mutants)| mutants);
        mutants.any(|mutant| mutant.name == row.mutant.name)
    };
    let rows = Matrix {
        options: all.options.clone(),
        mutants: all.mutants.iter().filter(is_of_part).cloned().collect(),
        revisions: match part {
            "revisions" => all.revisions.clone(),
            _ => Vec::new(),
        },
        unfinished: all.unfinished,
    };
    let about = "of the kill matrix (sigprof mutants), without times";
    (format!("{part} {about}"), rows.text(false))
}

/// Together the parts are all of it.
#[test]
fn every_mutant_is_in_a_golden() {
    let parts: Vec<_> = Mutant::parts().map(|(part, _)| part).into();
    let cases = crate::CASES.iter().filter(|(kind, _)| *kind == "mutants");
    let cases: Vec<_> = cases.map(|&(_, case)| case).collect();
    assert_eq!(cases, [&parts[..], &["revisions"]].concat());
}
