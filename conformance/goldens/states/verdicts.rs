//! The verdicts of the pair check on a difference, by what could explain it.

use sigprof_wire::limits::MAX_CPU_PROF_STACK;

use crate::Golden;
use crate::pairs::{LAST, Pair, SECOND, deep};

/// Samples with the deepest stacks, of which the ring is full.
const FULL: u64 = 1926;

/// How many samples one side has more: some, and more than anything has room for.
const FEW: u64 = 5;
const MANY: u64 = 4000;

/// How long the profile is, and whether the trace's last sample is of its last moment.
type Window = fn(Pair) -> Pair;

const WINDOWS: [(&str, Window); 5] = [
    ("nested, the same time", |pair| pair),
    ("profile 100 ms longer", |pair| {
        pair.profile_ns(LAST + SECOND / 10)
    }),
    ("trace 100 ms longer", |pair| {
        pair.profile_ns(LAST - SECOND / 10)
    }),
    ("no samples in the second half", Pair::sampled_early),
    ("the profile does not say", |pair| pair.profile_ns(0)),
];

const DIFFERENCES: [(&str, u64, u64); 5] = [
    ("4000 fewer", 0, MANY),
    ("5 fewer", 0, FEW),
    ("equal", 0, 0),
    ("5 more", FEW, 0),
    ("4000 more", MANY, 0),
];

/// A row for windows, the tracer's ring and the profiler's; a column for what the trace has.
pub(crate) fn table(_: &str) -> Golden {
    let mut rows = vec![
        ["windows", "tracer's ring", "profiler's"]
            .map(str::to_owned)
            .to_vec(),
    ];
    rows[0].extend(DIFFERENCES.map(|(name, ..)| name.to_owned()));
    for (name, window) in WINDOWS {
        for is_full in [false, true] {
            for is_overflowed in [false, true] {
                let mut row = vec![
                    name.to_owned(),
                    if is_full { "full" } else { "-" }.to_owned(),
                    if is_overflowed { "dropped 5" } else { "-" }.to_owned(),
                ];
                for (_, more, fewer) in DIFFERENCES {
                    let pair = window(pair(is_full, is_overflowed, more, fewer));
                    row.push(verdict(&pair));
                }
                rows.push(row);
            }
        }
    }
    let about = "sigprof check: verdict, reason and exit code, where the trace has fewer or more samples of a stack";
    (about.to_owned(), super::table(&merged(rows)))
}

fn pair(is_full: bool, is_overflowed: bool, more: u64, fewer: u64) -> Pair {
    let mut pair = Pair::default();
    if is_full {
        let deepest = deep(MAX_CPU_PROF_STACK - 1) + " runtime.goexit";
        pair = pair.both(&deepest, FULL).drained_at_end();
    }
    if is_overflowed {
        pair = pair.profile("runtime/pprof.lostProfileEvent", FEW);
    }
    pair = pair.both("a", 3);
    if more > 0 {
        pair = pair.trace("a", more);
    }
    if fewer > 0 {
        pair = pair.profile("a", fewer);
    }
    pair
}

fn verdict(pair: &Pair) -> String {
    let report = pair.check();
    let code = report.verdict.exit_code();
    match report.reason {
        Some(reason) => format!("{} {reason:?} {code}", report.verdict),
        None => format!("{} {code}", report.verdict),
    }
}

/// Of rows that say the same but for one of the causes, one is shown, with `any`.
fn merged(mut rows: Vec<Vec<String>>) -> Vec<Vec<String>> {
    for (cause, ways) in [(2, 2), (1, 2)] {
        let mut at = 1;
        while at < rows.len() {
            let key = |row: &Vec<String>| {
                let mut row = row.clone();
                row.remove(cause);
                row
            };
            let same = |row: &Vec<String>| key(row) == key(&rows[at]);
            let found: Vec<_> = (at..rows.len())
                .filter(|&other| same(&rows[other]))
                .collect();
            if found.len() == ways {
                "any".clone_into(&mut rows[at][cause]);
                for other in found.into_iter().skip(1).rev() {
                    rows.remove(other);
                }
            }
            at += 1;
        }
    }
    rows
}
