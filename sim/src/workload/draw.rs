//! Workloads that are drawn from a seed.

use std::collections::BTreeMap;

use rand::RngExt;

use super::{Op, Workload};
use crate::machine::Revision;
use crate::seed::Seed;

impl Op {
    /// All of them, with what they weigh in a drawn run that has them.
    const WEIGHTS: [(Self, u32); 23] = [
        (Self::Compute, 20),
        (Self::Yield, 6),
        (Self::Spawn, 2),
        (Self::Renew, 2),
        (Self::End, 1),
        (Self::Sleep, 4),
        (Self::Send, 5),
        (Self::Receive, 5),
        (Self::Select, 3),
        (Self::Lock, 3),
        (Self::Cond, 2),
        (Self::Park, 2),
        (Self::Net, 3),
        (Self::Syscall, 6),
        (Self::LongSyscall, 3),
        (Self::Alloc, 4),
        (Self::Gc, 1),
        (Self::Task, 2),
        (Self::Region, 3),
        (Self::Log, 2),
        (Self::Label, 3),
        (Self::StopForever, 1),
        (Self::LockThread, 1),
    ];
}

/// Draws a run.
#[must_use]
pub fn draw(seed: Seed) -> Workload {
    let mut rng = seed.split("workload").rng();
    let mut ops = BTreeMap::from([(Op::Compute, 20), (Op::Yield, 2)]);
    for (op, weight) in Op::WEIGHTS {
        if rng.random_bool(0.6) {
            ops.insert(op, weight);
        }
    }
    if ops.contains_key(&Op::End) {
        ops.insert(Op::Spawn, 2);
    }
    let mut one_in = |odds: f64, n: u32| if rng.random_bool(odds) { n } else { 0 };
    let (timers_fail, in_atomic, lost_stacks) = (one_in(0.2, 3), one_in(0.1, 20), one_in(0.2, 10));
    let foreign_threads = one_in(0.2, 2);
    let length = rng.random_range(20..120);
    // Inside each other, one way or the other, or shifted.
    let (trace, profile) = match rng.random_range(0..4) {
        0 => ([4, 4 + length], [2, 8 + length]),
        1 => ([2, 2 + length / 2], [4, 4 + length]),
        _ => ([1, 150 + length], [2, 2 + length]),
    };
    let mut traces = vec![trace];
    if rng.random_bool(0.2) {
        traces.push([trace[1] + 120, trace[1] + 140]);
    }
    Workload {
        procs: rng.random_range(1..9),
        goroutines: rng.random_range(1..40),
        kinds: rng.random_range(1..5),
        hz: [50, 100, 250, 500, 1000][rng.random_range(0..5)],
        step_us: rng.random_range(60..400),
        traces,
        profiles: vec![profile],
        ops,
        deep: rng.random_bool(0.3),
        one_frame: rng.random_bool(0.3),
        reader: rng.random_bool(0.9),
        foreign_threads,
        timers_fail,
        late_us: if rng.random_bool(0.3) { 3000 } else { 0 },
        in_atomic,
        lost_stacks,
        ..Workload::default()
    }
}

/// Draws a run for a revision: what it has from Go 1.22 on is drawn besides.
#[must_use]
pub fn draw_for(seed: Seed, revision: Revision) -> Workload {
    let mut workload = draw(seed);
    if !revision.has_generations() {
        return workload;
    }
    // Whoever starts and stops has to run more often than until Go 1.21: as many end as begin.
    if let Some(&spawns) = workload.ops.get(&Op::Spawn) {
        workload.ops.insert(Op::End, spawns);
    }
    let mut rng = seed.split("workload-generations").rng();
    workload.generation_ms = [4, 10, 25, 60, 110, 1000][rng.random_range(0..6)];
    if rng.random_bool(0.5) && revision.has_switches() {
        workload.ops.insert(Op::Switch, 4);
    }
    let end = workload.traces.iter().flatten().max().copied();
    let end = end.unwrap_or(0) + 20;
    if rng.random_bool(0.3) {
        for _ in 0..rng.random_range(1..4) {
            let change = (rng.random_range(1..end), rng.random_range(1..9));
            workload.gomaxprocs.push(change);
        }
    }
    if rng.random_bool(0.4) && revision.has_recorder() {
        let start = rng.random_range(1..end);
        let stop = start + rng.random_range(2..end);
        workload.recorders.push([start, stop]);
        for _ in 0..rng.random_range(1..4) {
            workload.snapshots.push(rng.random_range(start..stop));
        }
        workload.min_age_ms = [1, 20, 100, 10_000][rng.random_range(0..4)];
        workload.max_bytes = [1, 20_000, 1 << 20][rng.random_range(0..3)];
    }
    if rng.random_bool(0.1) {
        workload.exit_ms = rng.random_range(2..end);
    }
    workload
}
