//! How much memory many schedules take: as much as a few.

use std::rc::Rc;

use sigprof_model::backend::{Atomic, Backend};
use sigprof_model::law::Law;
use sigprof_model::scenario::{Outcome, Program, Thread};
use sigprof_sim::Seed;
use sigprof_sim::engine::explore::{Kind, Subject};
use sigprof_sim::engine::{Engine, Run, Sim};

use super::argument;
use super::workload::program;

/// Millions of schedules, if `--millions=N` does not say otherwise. The promise is about ten,
/// and about one of deadlocks.
const MILLIONS: u64 = 1;

/// Bytes that each M of the deadlocking program holds on its stack.
const HELD: usize = 1 << 10;

/// Pages that come and go: the allocator's, the table's.
const SLACK: u64 = 1 << 20;

pub(crate) fn print() {
    let millions = argument("--millions").unwrap_or(MILLIONS);
    println!("engine: resident memory, in KiB, after so many schedules (random)\n");
    rows("workload W", millions * 1_000_000, &program::<Sim>, |run| {
        run.violation().is_none()
    });
    rows("deadlocks", 1_000_000, &deadlock, |run| {
        run.violation()
            .is_some_and(|violation| violation.law == Law::Woken)
    });
}

/// Everybody holds something and waits for nobody.
fn deadlock() -> Program {
    let word = Rc::new(<Sim as Backend>::U32::new("word", 0_u32));
    let thread = |name| {
        let word = word.clone();
        Thread::new(name, move || {
            let held = vec![0_u8; HELD];
            word.yield_while(0_u32);
            drop(held);
        })
    };
    Program::new(vec![thread("one"), thread("other")], || {
        Ok(Outcome::default())
    })
}

fn rows(what: &str, schedules: u64, make: &dyn Fn() -> Program, is_well: fn(&Run) -> bool) {
    let mut engine = Engine::new();
    let mut subject = Subject::new(&mut engine, make);
    let marks = [schedules / 1_000, schedules / 10, schedules];
    let mut resident = Vec::new();
    for seed in 0..schedules {
        let run = subject.run(Kind::Random, Seed(seed));
        assert!(is_well(&run), "{:?}", run.verdict);
        if marks.contains(&(seed + 1)) {
            let Some(bytes) = resident_bytes() else {
                println!("{what}: skipped: no /proc/self/statm\n");
                return;
            };
            println!("{what:<12} {:>10} {:>10}", seed + 1, bytes >> 10);
            resident.push(bytes);
        }
    }
    let grown = resident[resident.len() - 1].saturating_sub(resident[0]);
    println!(
        "promise: flat over {schedules} schedules: {} KiB more, {}\n",
        grown >> 10,
        if grown <= SLACK { "met" } else { "NOT MET" }
    );
}

/// Resident memory of this process, in bytes.
fn resident_bytes() -> Option<u64> {
    let pages = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = pages.split_whitespace().nth(1)?.parse().ok()?;
    Some(pages * rustix::param::page_size() as u64)
}
