//! A simulated run: made, held to its truth, and read by real Go.

use std::path::Path;

use sigprof_sim::Seed;
use sigprof_sim::machine::{self, Revision};
use sigprof_sim::{stage, truth as made, workload};

use super::area::Area;
use crate::again;
use crate::error::InputError;
use crate::failure::{Checked, Failure};
use crate::oracle::{Go, Release, compare, parsed};
use crate::truth::{self, Violation};

/// A comparison of a file, and of its bytes; in words where they differ.
type Read<'a> = dyn Fn(&Path, &[u8]) -> Result<(), String> + 'a;

/// The output of a simulated run.
pub(crate) struct Simulated {
    pub(crate) traces: Vec<Vec<u8>>,
    profiles: Vec<Vec<u8>>,
    snapshots: Vec<Vec<u8>>,
    pub(crate) truth: made::Truth,
    /// How it is made again.
    command: String,
}

impl Simulated {
    /// The run of a drawn program.
    pub(crate) fn drawn(seed: Seed, revision: Revision) -> Self {
        let workload = workload::draw_for(seed, revision);
        let mut traces: Vec<Vec<u8>> = Vec::new();
        let mut sink = |number: usize, piece: &[u8]| {
            traces.resize(traces.len().max(number + 1), Vec::new());
            traces[number].extend_from_slice(piece);
        };
        let run = machine::run(seed, &workload, revision, &mut sink);
        let run = run.unwrap_or_else(|error| panic!("{}: {error}", revision.name));
        Self {
            traces,
            profiles: run.profiles,
            snapshots: run.snapshots,
            truth: run.truth,
            command: command(&format!("--seed {}", again::seed(seed)), revision),
        }
    }

    /// The run of a hard case.
    pub(crate) fn staged(case: &str, revision: Revision) -> Self {
        let staged = stage::run(&stage::case(case), revision, Seed(0));
        Self {
            traces: staged.traces,
            profiles: staged.profiles,
            snapshots: staged.snapshots,
            truth: staged.truth,
            command: command(&format!("--seed 0 --case {case}"), revision),
        }
    }

    /// All that is not as the truth has it.
    pub(crate) fn failures(&self) -> Vec<Failure> {
        let mut failures = Vec::new();
        if let Err(failure) = self.held_to_truth(&mut failures) {
            failures.push(failure);
        }
        let again = |failure: Failure| failure.again(&self.command);
        failures.into_iter().map(again).collect()
    }

    /// All that a release of Go reads otherwise than we do, in a folder for its files.
    ///
    /// # Errors
    /// A file cannot be written; in words.
    pub(crate) fn read_by(&self, go: &Go, folder: &Path) -> Result<Vec<Failure>, String> {
        let mut failures = Vec::new();
        let mut compare = |name: &str, bytes: &[u8], read: &Read<'_>| {
            let path = folder.join(name);
            std::fs::write(&path, bytes).map_err(|e| format!("{}: {e}", path.display()))?;
            if let Err(got) = read(&path, bytes) {
                let failure = Failure::new(format!("{name} of {go}"), "what sigprof reads", got);
                let rule = go.row().map_or("", |row| Area::Go(row).rule());
                failures.push(failure.rule(rule).again(&self.command));
            }
            Ok::<(), String>(())
        };
        let trace: &Read<'_> = match go.row().and_then(Release::of_v2) {
            Some(release) => &move |path, bytes| parsed::compare(go, release, path, bytes),
            None => &|path, bytes| compare::trace(go, path, bytes),
        };
        for bytes in self.traces.iter().chain(&self.snapshots) {
            compare("trace", bytes, trace)?;
        }
        for bytes in &self.profiles {
            compare("profile.pb.gz", bytes, &|path, bytes| {
                compare::profile(go, path, bytes)
            })?;
        }
        Ok(failures)
    }

    /// Holds a run to its truth.
    ///
    /// # Errors
    /// If something cannot be read; what is wrong otherwise goes into `failures`.
    fn held_to_truth(&self, failures: &mut Vec<Failure>) -> Checked {
        let broken = |error: &dyn std::fmt::Display| {
            Failure::new("truth", "one that reads", error.to_string())
        };
        let json = serde_json::to_vec(&self.truth).map_err(|e| broken(&e))?;
        let truth = truth::read(&json).map_err(|e| broken(&e))?;
        type JudgeFile = fn(&truth::Truth, usize, &[u8]) -> Result<Vec<Violation>, InputError>;
        let judges: [(&str, &[Vec<u8>], JudgeFile); 3] = [
            ("trace", &self.traces, truth::judge_trace_file),
            ("snapshot", &self.snapshots, truth::judge_snapshot_file),
            ("profile.pb.gz", &self.profiles, truth::judge_profile_file),
        ];
        for (name, files, judge_file) in judges {
            for (number, bytes) in files.iter().enumerate() {
                let found = judge_file(&truth, number, bytes);
                let found = found.map_err(|e| Failure::input(&e).file(name))?;
                failures.extend(found.iter().map(violated));
            }
        }
        Ok(())
    }
}

fn command(options: &str, revision: Revision) -> String {
    again::command(&format!(
        "sim {options} --revision {} --output DIR",
        revision.name
    ))
}

fn violated(violation: &Violation) -> Failure {
    let Violation {
        rule,
        at,
        want,
        got,
    } = violation;
    Failure::new(format!("{rule:?}: {at}"), want.to_string(), got.to_string()).rule(rule.spec())
}
