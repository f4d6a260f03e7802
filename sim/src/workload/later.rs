//! Fields of workloads from Go 1.22 on.

use super::{Op, Workload, WorkloadError};
use crate::machine::Revision;

impl Workload {
    /// Holds it to what a revision can do, as well.
    ///
    /// # Errors
    ///
    /// What is wrong, in words.
    pub fn check_for(&self, revision: Revision) -> Result<(), WorkloadError> {
        self.check()?;
        let is_plain = self.recorders.is_empty() && self.snapshots.is_empty();
        let bad = |why| Err(WorkloadError::Bad(why));
        if !is_plain && !revision.has_recorder() {
            return bad("recorders, snapshots: want go1.25 or later, which has flight recorders");
        }
        if revision.has_generations() {
            if self.ops.contains_key(&Op::Switch) && !revision.has_switches() {
                return bad("ops.switch: want go1.23 or later, which has coroutines");
            }
            if self.skew_ticks > 0 {
                return bad("skew_ticks: want seed, go1.19 or go1.21, whose clocks differ by P");
            }
            return Ok(());
        }
        let default = Self::default();
        if self.generation_ms != default.generation_ms
            || !self.gomaxprocs.is_empty()
            || self.exit_ms != 0
            || self.ops.contains_key(&Op::Switch)
        {
            return bad("generation_ms, gomaxprocs, exit_ms, ops.switch: want go1.22 or later");
        }
        Ok(())
    }

    /// The largest number of Ps that there is at any time.
    #[must_use]
    pub fn most_procs(&self) -> u32 {
        let changes = self.gomaxprocs.iter().map(|&(_, procs)| procs);
        changes.max().unwrap_or(0).max(self.procs)
    }

    /// Sessions of the tracer, at the most.
    pub(crate) fn sessions(&self) -> usize {
        self.traces.len() + self.recorders.len()
    }

    /// Fields from Go 1.22 on, where they are not as they always are.
    pub(super) fn later_to_toml(&self) -> String {
        let default = Self::default();
        let mut text = String::new();
        let mut add = |name: &str, value: String, is_usual: bool| {
            if !is_usual {
                text.insert_str(0, &format!("{name} = {value}\n"));
            }
        };
        let usual = self.generation_ms == default.generation_ms;
        add("generation_ms", self.generation_ms.to_string(), usual);
        let value = format!("{:?}", self.recorders);
        add("recorders", value, self.recorders.is_empty());
        let value = format!("{:?}", self.snapshots);
        add("snapshots", value, self.snapshots.is_empty());
        let usual = self.min_age_ms == default.min_age_ms;
        add("min_age_ms", self.min_age_ms.to_string(), usual);
        let usual = self.max_bytes == default.max_bytes;
        add("max_bytes", self.max_bytes.to_string(), usual);
        let changes = self.gomaxprocs.iter();
        let changes: Vec<_> = changes
            .map(|(at, procs)| [*at, u64::from(*procs)])
            .collect();
        add("gomaxprocs", format!("{changes:?}"), changes.is_empty());
        add("exit_ms", self.exit_ms.to_string(), self.exit_ms == 0);
        text
    }
}
