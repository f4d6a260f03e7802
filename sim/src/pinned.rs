//! Runs whose bytes are known: drawn ones, every stage, and workloads at the ends of their
//! bounds.
//!
//! A build with other arithmetic would make other bytes. So the hashes are checked twice: by
//! this crate's tests, which panic where a number leaves its type, and by `sigprof conformance`,
//! which is built for release and wraps there (area `sim`, case `pinned`).

use crate::machine::{self, Made, Revision, RunError};
use crate::seed::{Fnv, Seed};
use crate::stage::{self, CASES};
use crate::truth::Truth;
use crate::workload::{self, Workload};

/// Drawn runs of each revision.
const DRAWN: u64 = 12;

/// The revisions that never crash.
const REVISIONS: [&str; 2] = ["go1.19", "go1.21"];

/// A group of runs, and the hash of all that they make.
pub type Pinned = (&'static str, u64);

/// Every group with its hash, as it has always been.
pub const PINNED: [Pinned; 12] = [
    ("drawn", 0x9b93_d6cc_0d22_8388),
    ("stages", 0x2005_3b32_2574_9ebc),
    ("many-ps", 0xd0e1_7e44_fbb9_c161),
    ("many-goroutines", 0x0698_7687_1876_3a1f),
    ("a-day", 0xc6f3_e5a3_c08a_5d92),
    ("fast-signals", 0xd3a3_55d9_394d_3e8b),
    ("late-signals", 0x171d_d20a_7bc8_0935),
    ("small-rings", 0x73c0_1ab5_2af9_d437),
    ("large-rings", 0x63bc_23c8_9a5f_c234),
    ("weights", 0xa6f0_0451_4300_ca8d),
    ("drawn-generations", 0xb8f6_b20d_d612_0925),
    ("stages-generations", 0xcdb3_9d47_9271_cbe1),
];

/// The workload of a group at the ends of bounds.
fn extreme(name: &str) -> &'static str {
    match name {
        "many-ps" => {
            "procs = 1024\ngoroutines = 3000\nskew_ticks = 1099511627776\nforeign_threads = 1024\n\
             traces = [[0, 3]]\nprofiles = [[1, 2]]\nstep_us = 300"
        }
        "many-goroutines" => {
            "procs = 2\ngoroutines = 1000000\nkinds = 1000\ntraces = [[0, 1]]\nprofiles = []\n\
             max_events = 1"
        }
        "a-day" => {
            "procs = 1\ngoroutines = 1\nhz = 1\nstep_us = 1000000\ntraces = [[86399990, 86399999]]\n\
             profiles = [[86399980, 86400000]]\nops = { sleep = 1 }"
        }
        "fast-signals" => {
            "procs = 8\nhz = 1000000\nstep_us = 1\nforeign_threads = 3\ntraces = [[1, 3]]\n\
             profiles = [[1, 3]]\nops = { compute = 1, alloc = 1, gc = 1, long-syscall = 1 }"
        }
        "late-signals" => {
            "hz = 100\nlate_us = 10000000\ntimers_fail = 4294967295\nin_atomic = 4294967295\n\
             lost_stacks = 4294967295\ntraces = [[1, 300]]\nprofiles = [[2, 400]]"
        }
        "small-rings" => "hz = 1000\nring_words = 1\nring_tags = 1\none_frame = true",
        "large-rings" => {
            "hz = 1000\nring_words = 262144\nring_tags = 32768\nreader = false\ndeep = true\n\
             traces = [[0, 40], [41, 42]]"
        }
        _ => {
            "ops = { compute = 1000000, yield = 1000000, spawn = 1000000, end = 1000000, \
             send = 1000000, net = 1000000, syscall = 1000000, log = 1000000, region = 1000000 }"
        }
    }
}

/// The hash of all that the runs of a group make now.
///
/// # Errors
///
/// If a run does not come to its end.
pub fn hash(name: &str) -> Result<u64, RunError> {
    let mut hash = Fnv::default();
    if let Some(of) = name.strip_suffix("-generations") {
        for revision in Revision::V2 {
            in_generations(&mut hash, of, revision)?;
        }
        return Ok(hash.finish());
    }
    for revision in REVISIONS.into_iter().filter_map(Revision::named) {
        match name {
            "drawn" => {
                for seed in (0..DRAWN).map(Seed) {
                    run(&mut hash, seed, &workload::draw(seed), revision)?;
                }
            }
            "stages" => {
                for (case, _) in CASES {
                    let staged = stage::run(&stage::case(case), revision, Seed(7));
                    staged.traces.iter().for_each(|bytes| hash.add(bytes));
                    add_rest(&mut hash, &staged.profiles, &staged.truth);
                }
            }
            extreme_name => {
                let plan = workload::parse(extreme(extreme_name))?;
                run(&mut hash, Seed(7), &plan, revision)?;
            }
        }
    }
    Ok(hash.finish())
}

/// The runs of a group from Go 1.22 on.
fn in_generations(hash: &mut Fnv, of: &str, revision: Revision) -> Result<(), RunError> {
    if of == "drawn" {
        for seed in (0..DRAWN).map(Seed) {
            run(hash, seed, &workload::draw_for(seed, revision), revision)?;
        }
        return Ok(());
    }
    for (_, stage) in stage::cases_of(revision) {
        let staged = stage::run(&stage, revision, Seed(7));
        let files = staged.traces.iter().chain(&staged.snapshots);
        files.for_each(|bytes| hash.add(bytes));
        add_rest(hash, &staged.profiles, &staged.truth);
    }
    Ok(())
}

fn run(hash: &mut Fnv, seed: Seed, plan: &Workload, revision: Revision) -> Result<(), RunError> {
    let mut sink = |_, piece: &[u8]| hash.add(piece);
    let Made {
        profiles,
        snapshots,
        truth,
        ..
    } = machine::run(seed, plan, revision, &mut sink)?;
    snapshots.iter().for_each(|bytes| hash.add(bytes));
    add_rest(hash, &profiles, &truth);
    Ok(())
}

fn add_rest(hash: &mut Fnv, profiles: &[Vec<u8>], truth: &Truth) {
    profiles.iter().for_each(|bytes| hash.add(bytes));
    let text = format!("{truth:?}");
    // What came with Go 1.22 is empty in the runs that are older than that.
    let later = [
        ", thread: None, generation: None, read_in: None",
        ", generations: None, is_cut: false",
        ", snapshots: []",
    ];
    let text = later.iter().fold(text, |text, part| text.replace(part, ""));
    hash.add(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Guards S20.12.
    #[test]
    fn pinned_runs_make_the_bytes_that_they_always_made() {
        let now = PINNED.map(|(name, _)| (name, hash(name).unwrap()));
        assert_eq!(now, PINNED);
    }
}
