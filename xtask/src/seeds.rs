//! Simulated runs of many seeds, as digests: two runs of this, on any number of threads, are the
//! same bytes. `just nightly-seeds` compares them.
//!
//! A line is a block of seeds, and the digest of all that their runs made: traces, snapshots,
//! profiles and the truth.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use clap::Args;
use sha2::{Digest, Sha256};
use sigprof_sim::machine::{self, Revision};
use sigprof_sim::{Seed, workload};

use super::blocks::Blocks;

/// The seeds to run, and for how long.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Seeds, from 0 on.
    #[arg(default_value_t = 10_000)]
    seeds: u64,
    /// Begin no block after so many seconds; the first is always run.
    #[arg(long)]
    seconds: Option<u64>,
    /// Number of threads.
    #[arg(long, default_value_t = 1)]
    jobs: usize,
}

/// Seeds of a line.
const BLOCK: u64 = 100;

/// Prints a line for each block, in the order of their seeds.
pub(crate) fn main(arguments: &Arguments) -> ExitCode {
    let time = arguments.seconds.map(Duration::from_secs);
    let blocks = Blocks {
        count: arguments.seeds,
        size: BLOCK,
        until: time.map(|time| Instant::now() + time),
    };
    let lines = Mutex::new(Lines::default());
    blocks.each(arguments.jobs, |seeds| {
        let (first, end) = (seeds.start, seeds.end);
        let line = format!("{first}..{end} {}", digest(seeds));
        lines.lock().expect("no panic").add(first, line);
    });
    ExitCode::SUCCESS
}

/// Lines that came before their turn.
#[derive(Default)]
struct Lines {
    waiting: BTreeMap<u64, String>,
    next: u64,
}

impl Lines {
    fn add(&mut self, first: u64, line: String) {
        self.waiting.insert(first, line);
        while let Some(line) = self.waiting.remove(&self.next) {
            println!("{line}");
            self.next += BLOCK;
        }
    }
}

/// The digest of the runs of some seeds, each under one revision: they take turns.
fn digest(seeds: std::ops::Range<u64>) -> String {
    let revisions: Vec<_> = Revision::V1.into_iter().chain(Revision::V2).collect();
    let mut hash = Sha256::new();
    for seed in seeds {
        let revision = revisions[usize::try_from(seed % revisions.len() as u64).unwrap_or(0)];
        let seed = Seed(seed);
        let mut plan = workload::draw_for(seed, revision);
        // Where the last sample of a read has one frame, the seed's runtime crashes (B1).
        plan.one_frame &= revision.name != "seed";
        let mut sink = |number: usize, piece: &[u8]| {
            hash.update(number.to_le_bytes());
            hash.update(piece);
        };
        match machine::run(seed, &plan, revision, &mut sink) {
            Ok(made) => {
                for file in made.snapshots.iter().chain(&made.profiles) {
                    hash.update(file.len().to_le_bytes());
                    hash.update(file);
                }
                let truth = serde_json::to_vec(&made.truth).expect("JSON");
                hash.update(truth);
            }
            // Those that crash do so each time, and say the same.
            Err(error) => hash.update(error.to_string()),
        }
    }
    let bytes = hash.finalize();
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
