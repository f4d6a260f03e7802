//! Runs of the machine as such; what they write is judged in `conformance/tests/judged/simulated`.

use super::*;
use crate::truth::{Fate, InProfile, InTrace, Timer};
use crate::workload::{draw, parse};
use std::collections::{BTreeMap, BTreeSet};

/// All that a run makes.
fn bytes(seed: u64, revision: Revision) -> (Vec<u8>, Made) {
    let mut trace = Vec::new();
    let mut sink = |_, piece: &[u8]| trace.extend_from_slice(piece);
    let plan = draw(Seed(seed));
    let plan = Workload {
        one_frame: false,
        ..plan
    };
    let made = run(Seed(seed), &plan, revision, &mut sink).unwrap();
    (trace, made)
}

/// Guards S20.1.
#[test]
fn the_same_seed_gives_the_same_bytes() {
    for revision in Revision::V1 {
        let (first, again) = (bytes(7, revision), bytes(7, revision));
        assert!(first.0 == again.0, "{}", revision.name);
        assert!(first.1.profiles == again.1.profiles);
        assert!(first.1.truth == again.1.truth);
    }
    assert!(bytes(7, Revision::V1[1]).0 != bytes(8, Revision::V1[1]).0);
}

/// Seed 29 has cycles of the collector one upon the other: its trace went on for 15 seconds
/// in place of 85 ms, since one more cycle was always on when it was to stop.
#[test]
fn a_trace_stops_though_one_cycle_follows_the_other() {
    let [_, planned] = draw(Seed(29)).traces[0];
    for revision in Revision::V1 {
        let (_, made) = bytes(29, revision);
        let stopped_ms = made.truth.traces[0].stopped_ns / 1_000_000;
        assert!(
            stopped_ms < 10 * planned,
            "{}: {stopped_ms} ms, planned {planned}",
            revision.name
        );
    }
}

#[test]
fn every_run_comes_to_its_end() {
    for seed in 0..60 {
        let revision = Revision::V1[usize::try_from(seed % 3).unwrap()];
        let plan = draw(Seed(seed));
        let (_, made) = bytes(seed, revision);
        assert_eq!(made.truth.traces.len(), plan.traces.len(), "{seed}");
        assert_eq!(made.profiles.len(), 1, "{seed}");
        assert!(
            made.profiles.iter().all(|profile| !profile.is_empty()),
            "{seed}"
        );
        let last = made.truth.traces.last().unwrap();
        assert!(last.ticks_per_second > 0 && last.events > 0, "{seed}");
    }
}

/// The truth of a plan's run.
fn truth(text: &str, revision: &str) -> Truth {
    let revision = Revision::named(revision).unwrap();
    let plan = parse(text).unwrap();
    let made = run(Seed(3), &plan, revision, &mut |_, _| ());
    made.unwrap().truth
}

const SYSCALLS: &str = "procs = 4\nhz = 1000\ntraces = [[1, 60]]\nprofiles = [[2, 50]]\n\
    ops = { compute = 9, yield = 2, long-syscall = 2 }";

/// The rate is set by the thread of one goroutine; the others see that theirs differs.
///
/// Guards R21.2.
#[test]
fn a_thread_takes_the_rate_over_when_it_runs_a_goroutine() {
    let signals = truth(SYSCALLS, "go1.19").signals;
    let handled = signals.iter().filter(|signal| signal.fate == Fate::Handled);
    let threads: BTreeSet<_> = handled.map(|signal| signal.m).collect();
    assert!(threads.len() >= 4, "{threads:?}");
}

/// A thread with a timer of its own takes only that one's signals, one without and one that is
/// not Go's only those of the process.
///
/// Guards R28.1.
#[test]
fn a_thread_takes_the_signals_of_one_timer() {
    let plan = format!("timers_fail = 2\nforeign_threads = 1\n{SYSCALLS}");
    let mut taken: BTreeMap<u64, BTreeSet<Timer>> = BTreeMap::new();
    let mut refused = BTreeSet::new();
    let mut foreign = BTreeSet::new();
    for signal in truth(&plan, "go1.21").signals {
        match signal.fate {
            Fate::Handled => drop(taken.entry(signal.m).or_default().insert(signal.timer)),
            Fate::ForeignKept => drop(foreign.insert(signal.timer)),
            Fate::NotAccepted => drop(refused.insert(signal.timer)),
            _ => {}
        }
    }
    assert!(taken.values().all(|timers| timers.len() == 1), "{taken:?}");
    let kinds: BTreeSet<_> = taken.values().flatten().copied().collect();
    assert_eq!(kinds, [Timer::Thread, Timer::Process].into());
    assert_eq!(foreign, [Timer::Process].into());
    assert_eq!(refused, [Timer::Process].into());
}

/// In a system call there is a goroutine and no P.
///
/// Guards R25.2.
#[test]
fn a_thread_in_a_system_call_has_no_p() {
    let signals = truth(SYSCALLS, "go1.19").signals;
    let handled = || signals.iter().filter(|signal| signal.fate == Fate::Handled);
    assert!(handled().any(|signal| signal.p.is_none() && signal.g > 0));
    assert!(handled().any(|signal| signal.p.is_some() && signal.g > 0));
}

/// A profile that begins and ends later than the trace: nothing is sampled where the rate is 0,
/// and what is sampled without a trace is in the profile only.
///
/// Guards R30.1.
#[test]
fn no_rate_no_sample_and_no_trace_no_event() {
    let plan = "procs = 2\nhz = 1000\ntraces = [[10, 60]]\nprofiles = [[20, 90]]";
    let truth = truth(plan, "go1.21");
    let trace = &truth.traces[0];
    let mut seen = BTreeSet::new();
    for signal in truth.signals.iter().filter(|s| s.fate == Fate::Handled) {
        let mut profiles = truth.profiles.iter();
        let is_profiled = profiles.any(|p| (p.started_ns..=p.stopped_ns).contains(&signal.ns));
        assert!(is_profiled, "{signal:?}");
        let is_traced = (trace.started_ns..=trace.stopped_ns).contains(&signal.ns);
        let want = if is_traced {
            InTrace::Delivered
        } else {
            InTrace::TracerOff
        };
        assert_eq!(signal.in_trace, Some(want), "{signal:?}");
        assert_eq!(signal.in_profile, Some(InProfile::Delivered), "{signal:?}");
        seen.insert(is_traced);
    }
    assert_eq!(seen.len(), 2);
}

/// A run of a workload within a budget, and the error that it ends with.
#[track_caller]
fn check_budget(text: &str, budget: Budget, want: &str) {
    let (plan, revision) = (parse(text).unwrap(), Revision::V1[1]);
    let run = |budget| run_within(budget, Seed(3), &plan, revision, &mut |_, _| ());
    let error = run(&budget).unwrap_err().to_string();
    assert!(error.starts_with(want), "{error}");
    let whole = run(&Budget::RUN).map(|made| made.events);
    assert!(whole.is_ok(), "{text}: {whole:?}");
}

/// Guards S20.11.
#[test]
fn a_run_that_takes_too_much_ends_with_the_bound() {
    let most = Budget::RUN;
    check_budget(
        "",
        Budget {
            moves: 1000,
            ..most
        },
        "a run takes at most 1000 moves: this one took them by nanosecond ",
    );
    check_budget(
        "goroutines = 60",
        Budget {
            goroutines: 50,
            ..most
        },
        "a run takes at most 50 goroutines at once",
    );
    check_budget(
        "goroutines = 40\nops = { long-syscall = 1 }",
        Budget { threads: 9, ..most },
        "a run takes at most 9 threads",
    );
    check_budget(
        "hz = 1000",
        Budget { signals: 7, ..most },
        "a run takes at most 7 signals",
    );
    check_budget(
        "reader = false\nops = { yield = 1 }\nstep_us = 1",
        Budget { unread: 2, ..most },
        "a run takes at most 2 unread buffers of a trace",
    );
    check_budget(
        "goroutines = 40\nops = { sleep = 1 }",
        Budget { queued: 9, ..most },
        "a run takes at most 9 things in the queue",
    );
}

/// Goroutines that only start others keep the main one from ever running again.
///
/// Guards S20.11.
#[test]
fn a_run_without_end_ends_with_an_error() {
    let plan = parse("ops = { spawn = 1 }").unwrap();
    let made = run(Seed(3), &plan, Revision::V1[1], &mut |_, _| ());
    let error = made.unwrap_err().to_string();
    let want = "a run takes at most 4194304 goroutines at once";
    assert!(error.starts_with(want), "{error}");
}

/// Guards S20.7.
#[test]
fn a_workload_out_of_bounds_is_not_run() {
    let plan = Workload {
        step_us: u64::MAX,
        ..Workload::default()
    };
    let made = run(Seed(3), &plan, Revision::V1[1], &mut |_, _| ());
    let error = made.unwrap_err().to_string();
    assert!(error.starts_with("step_us: want 1 to 1000000"), "{error}");
}

/// At the number of moves that it takes, a run comes to its end.
///
/// Guards S20.11.
#[test]
fn a_run_may_take_all_of_its_budget() {
    let plan = parse("").unwrap();
    let ends = |moves| {
        let budget = Budget {
            moves,
            ..Budget::RUN
        };
        run_within(&budget, Seed(3), &plan, Revision::V1[1], &mut |_, _| ()).is_ok()
    };
    let (mut too_few, mut enough) = (0, 1 << 30);
    while too_few + 1 < enough {
        let middle = (too_few + enough) / 2;
        if ends(middle) {
            enough = middle;
        } else {
            too_few = middle;
        }
    }
    assert!((100..1 << 20).contains(&enough), "{enough}");
}
