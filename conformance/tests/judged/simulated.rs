//! Simulated runs: real Go accepts them and sees in them what ours sees, they keep the rules of
//! the truth, and these rules have teeth.
//!
//! Without a toolchain its part is skipped with a line that says so, unless the environment
//! says that it must not be (`SIGPROF_ORACLES=required`).

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod accepted;
mod evidence;
mod full;
mod hard;
mod later;
mod schema;
mod sweep;
mod teeth;
mod viewer;
mod written;

use std::path::{Path, PathBuf};

use sigprof::error::InputError;
use sigprof::truth::{Truth, Violation, judge_profile_file, judge_snapshot_file, judge_trace_file};
use sigprof_sim::Seed;
use sigprof_sim::machine::{self, Made, Revision};
use sigprof_sim::workload::{self, Workload};

/// Seeds that real Go judges.
const SEEDS: u64 = 200;

/// One seed in so many, for judges that start slowly: `sweep` has the others.
fn every(step: usize) -> impl Iterator<Item = u64> {
    (0..SEEDS).step_by(step)
}

/// A run, as bytes.
struct Run {
    name: String,
    traces: Vec<Vec<u8>>,
    made: Made,
}

impl Run {
    fn of(seed: u64, plan: &Workload, revision: Revision) -> Self {
        let mut traces: Vec<Vec<u8>> = Vec::new();
        let mut sink = |number: usize, piece: &[u8]| {
            traces.resize(traces.len().max(number + 1), Vec::new());
            traces[number].extend_from_slice(piece);
        };
        let made = machine::run(Seed(seed), plan, revision, &mut sink).unwrap();
        Self {
            name: format!("seed {} revision {}", Seed(seed), revision.name),
            traces,
            made,
        }
    }

    /// The run of a number: its seed, its plan and its revision.
    fn drawn(seed: u64) -> Self {
        let revision = Revision::V1[usize::try_from(seed).unwrap() % Revision::V1.len()];
        let mut plan = workload::draw(Seed(seed));
        // Where the last sample of a read has one frame, the seed's runtime crashes (B1).
        plan.one_frame &= revision.name != "seed";
        Self::of(seed, &plan, revision)
    }

    /// The run of a number in generations.
    fn later(seed: u64, revision: Revision) -> Self {
        Self::of(seed, &workload::draw_for(Seed(seed), revision), revision)
    }

    /// As files in a folder: traces and profiles.
    fn write(&self, folder: &Path) -> (Vec<PathBuf>, Vec<PathBuf>) {
        let write = |name: String, bytes: &[u8]| {
            let path = folder.join(name);
            std::fs::write(&path, bytes).unwrap();
            path
        };
        let traces = self.traces.iter().enumerate();
        let profiles = self.made.profiles.iter().enumerate();
        (
            traces
                .map(|(n, b)| write(format!("trace.{n}"), b))
                .collect(),
            profiles
                .map(|(n, b)| write(format!("profile.{n}"), b))
                .collect(),
        )
    }

    /// The run's `truth.json`, as the reading half reads it.
    fn truth(&self) -> sigprof::truth::Truth {
        let json = serde_json::to_vec(&self.made.truth).unwrap();
        sigprof::truth::read(&json).unwrap()
    }

    /// The rules that a run breaks.
    fn violations(&self) -> Vec<Violation> {
        let Made {
            snapshots,
            profiles,
            ..
        } = &self.made;
        let found = violations(&self.truth(), &self.traces, snapshots, profiles);
        found.unwrap_or_else(|e| panic!("{}: {e}", self.name))
    }
}

/// The rules that the files of a run break; or why one cannot be read.
fn violations(
    truth: &Truth,
    traces: &[Vec<u8>],
    snapshots: &[Vec<u8>],
    profiles: &[Vec<u8>],
) -> Result<Vec<Violation>, InputError> {
    let mut found = Vec::new();
    for (number, bytes) in traces.iter().enumerate() {
        found.extend(judge_trace_file(truth, number, bytes)?);
    }
    for (number, bytes) in snapshots.iter().enumerate() {
        found.extend(judge_snapshot_file(truth, number, bytes)?);
    }
    for (number, bytes) in profiles.iter().enumerate() {
        found.extend(judge_profile_file(truth, number, bytes)?);
    }
    Ok(found)
}
