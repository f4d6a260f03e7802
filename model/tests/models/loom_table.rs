//! `just loom`: what loom saw of each model, and what that is worth.

use sigprof_model::protocol::Protocol;
use sigprof_model::scenario::Outcome;

use std::collections::BTreeSet;

use super::explored::Explored;
use super::loom_engine::{self, Fences};
use super::{SEARCH_LIMITS, loom_ways, scenarios, search};

const HEAD: &str = "\
Each scenario of the revision `fixed` on loom. `main` is the thread that runs in loom's main
thread: what loom sees depends on it. `fence` is where a SeqCst access has its fence, behind
its store or before its load, in those scenarios that need one. `switches` is how many switches
away from a thread that could go on are allowed, where loom does not come to the end without.
`outcomes` are those of the full search that loom saw as well, and behind the plus what it saw
beyond, by weak memory. A run that saw fewer than there are has missed interleavings; one that
saw all may have, and where there is but one outcome it says little.
";

const FOOT: &str = "\
which loom calls complete (tokio-rs/loom#166, #392). loom is here for weak memory and for races.
What is exhaustive is the search, under sequential consistency, and `explore --strategy dpor-weak`.";

/// Columns: model, main, fence, switches, executions, time, outcomes, worth.
fn print_row(columns: [&str; 8]) {
    let [
        model,
        main,
        fence,
        switches,
        executions,
        time,
        outcomes,
        worth,
    ] = columns;
    println!(
        "{model:36} {main:7} {fence:6} {switches:>8} {executions:>10} {time:>7}  {outcomes:8} {worth}"
    );
}

/// The share of all outcomes that loom saw.
struct Worth {
    seen: usize,
    all: usize,
    more: usize,
    is_bounded: bool,
}

impl Worth {
    fn of(explored: &Explored, all: &BTreeSet<Outcome>, is_bounded: bool) -> Self {
        let seen = explored.outcomes.intersection(all).count();
        Self {
            seen,
            all: all.len(),
            more: explored.outcomes.len() - seen,
            is_bounded,
        }
    }

    fn missed(&self) -> bool {
        self.seen < self.all
    }

    fn outcomes(&self) -> String {
        let Self {
            seen, all, more, ..
        } = self;
        match more {
            0 => format!("{seen}/{all}"),
            more => format!("{seen}/{all} +{more}"),
        }
    }

    fn words(&self) -> &'static str {
        match (self.missed(), self.is_bounded) {
            (false, false) => "all outcomes",
            (false, true) => "all outcomes, bounded",
            (true, false) => "missed some",
            (true, true) => "missed some, bounded",
        }
    }
}

/// loom finishes every scenario of `fixed`, within the bound that it was given, and finds nothing
/// wrong. Lines come as they are ready.
#[test]
#[ignore = "a sweep: just test-all"]
fn loom_table() {
    let protocol = Protocol::FIXED;
    println!("\n\n{HEAD}");
    print_row([
        "model",
        "main",
        "fence",
        "switches",
        "executions",
        "time",
        "outcomes",
        "worth",
    ]);
    let (mut runs, mut missed, mut unbounded) = (0, 0, 0);
    for (on_search, on_loom) in scenarios(&protocol) {
        let all = search::explore(&on_search, protocol, SEARCH_LIMITS).outcomes;
        let names = search::threads(&on_search, protocol);
        let ways = loom_ways::ways(&on_search, protocol);
        let has_fences = ways.len() > names.len();
        for way in ways {
            let limits = loom_ways::limits(&on_loom);
            let explored = loom_engine::explore(&on_loom, protocol, way, limits);
            let name = on_loom.name;
            assert_eq!(explored.violation, None, "{name}, {way:?}");
            assert!(explored.is_finished, "{name}, {way:?}: {explored:?}");

            let worth = Worth::of(&explored, &all, limits.preemptions.is_some());
            runs += 1;
            missed += usize::from(worth.missed());
            unbounded += usize::from(worth.missed() && !worth.is_bounded);
            let fence = match way.fences {
                _ if !has_fences => "",
                Fences::BehindStores => "stores",
                Fences::BeforeLoads => "loads",
            };
            let switches = limits.preemptions.map(|bound| bound.to_string());
            print_row([
                name,
                names[way.main],
                fence,
                &switches.unwrap_or_default(),
                &explored.executions.to_string(),
                &format!("{:.2}s", explored.elapsed.as_secs_f64()),
                &worth.outcomes(),
                worth.words(),
            ]);
        }
    }
    println!(
        "\n{missed} of {runs} runs saw fewer outcomes than there are, {unbounded} of them without a bound,\n{FOOT}\n"
    );
    // When this fails, loom has got better: say so in ARCHITECTURE.
    assert!(missed > 0);
}
