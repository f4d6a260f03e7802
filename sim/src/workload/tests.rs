//! Workloads: drawn, written and read, and held to their bounds.

use super::*;
use crate::bounds::Bound;
use crate::machine::Revision;
use crate::seed::Seed;

#[test]
fn what_is_drawn_can_be_run_written_and_read() {
    for seed in 0..200 {
        let workload = draw(Seed(seed));
        assert_eq!(workload.check(), Ok(()), "{seed}");
        assert_eq!(parse(&workload.to_toml()).unwrap(), workload, "{seed}");
    }
}

#[test]
fn a_plan_of_a_few_lines_has_defaults_for_the_rest() {
    let plan = parse("procs = 3\nops = { compute = 1, long-syscall = 2 }").unwrap();
    assert_eq!((plan.procs, plan.hz), (3, 100));
    assert_eq!(plan.ops[&Op::LongSyscall], 2);
}

/// Found by the fuzz target `workload_toml`.
#[test]
fn an_operation_of_weight_0_is_none() {
    let plan = parse("ops = { compute = 1, stop-forever = 0 }").unwrap();
    assert!(!plan.ops.contains_key(&Op::StopForever));
    assert_eq!(parse(&plan.to_toml()).unwrap(), plan);
}

#[track_caller]
fn check_refused(text: &str, want: &str) {
    let error = parse(text).unwrap_err().to_string();
    assert!(error.contains(want), "{error}");
}

#[test]
fn what_cannot_be_run_is_refused() {
    check_refused("procs = 0", "procs: want");
    check_refused("hz = 0", "hz: want");
    check_refused("traces = []", "traces: want");
    check_refused("traces = [[5, 5]]", "traces, profiles: want");
    check_refused("traces = [[1, 9], [8, 12]]", "traces, profiles: want");
    check_refused("ops = { compute = 0 }", "ops: want");
    check_refused("ops = { fly = 1 }", "unknown variant");
    check_refused("speed = 1", "unknown field");
}

/// Each number with its bound, as a line of TOML.
const NUMBERS: [(&str, Bound); 16] = [
    ("procs = N", bounds::PROCS),
    ("goroutines = N", bounds::GOROUTINES),
    ("kinds = N", bounds::KINDS),
    ("hz = N", bounds::HZ),
    ("step_us = N", bounds::STEP_US),
    ("foreign_threads = N", bounds::FOREIGN_THREADS),
    ("late_us = N", bounds::LATE_US),
    ("skew_ticks = N", bounds::SKEW_TICKS),
    ("ring_words = N", bounds::RING_WORDS),
    ("ring_tags = N", bounds::RING_TAGS),
    ("traces = [[0, N]]", TIME_AFTER_0),
    ("profiles = [[0, N]]", TIME_AFTER_0),
    ("ops = { compute = N, yield = 1 }", bounds::WEIGHT),
    ("timers_fail = N", ANY_32),
    ("lost_stacks = N", ANY_32),
    ("in_atomic = N", ANY_32),
];

/// The stop of a window that starts at 0.
const TIME_AFTER_0: Bound = Bound {
    least: 1,
    ..bounds::TIME_MS
};

/// The range of a field of 32 bits.
const ANY_32: Bound = Bound {
    name: "",
    least: 0,
    most: u32::MAX as u64,
    why: "",
};

/// Guards S20.7.
#[test]
fn every_number_is_held_to_both_ends_of_its_bound() {
    for (line, bound) in NUMBERS {
        let plan = |number: u64| parse(&line.replace('N', &number.to_string()));
        for within in [bound.least, bound.most] {
            assert!(plan(within).is_ok(), "{line}: {within}");
        }
        for outside in [bound.least.checked_sub(1), bound.most.checked_add(1)] {
            let Some(outside) = outside else { continue };
            assert!(plan(outside).is_err(), "{line}: {outside}");
        }
    }
}

/// Guards S20.7.
#[test]
fn windows_are_counted() {
    let plan = |name: &str, count: u64| {
        let windows: Vec<_> = (0..count).map(|n| [2 * n, 2 * n + 1]).collect();
        parse(&format!("{name} = {windows:?}"))
    };
    for name in ["traces", "profiles"] {
        assert!(plan(name, bounds::TRACES.most).is_ok(), "{name}");
        assert!(plan(name, bounds::TRACES.most + 1).is_err(), "{name}");
    }
}

/// Guards S20.7.
#[test]
fn who_is_out_of_bounds_hears_where_what_and_why() {
    check_refused(
        "procs = 1025",
        "procs: want 1 to 1024, got 1025 (Go 1.19 has no more Ps)",
    );
    check_refused(
        "traces = [[1, 9], [10, 86400001]]",
        "traces[1], time: want 0 to 86400000, got 86400001 (a day)",
    );
    check_refused(
        "ops = { long-syscall = 1000001 }",
        "ops.long-syscall, weight: want 0 to 1000000, got 1000001",
    );
    check_refused(&"#".repeat((1 << 20) + 1), "bytes: want 0 to 1048576");
    assert_eq!(parse(&"#".repeat(1 << 20)), Ok(Workload::default()));
}

/// A field that there is from a release on is refused for older ones, and read as it was written.
///
/// Guards S70.2.
#[test]
fn what_came_later_takes_a_release_that_has_it() {
    let names = Revision::names();
    for (line, first) in [
        ("hz = 100", "seed"),
        ("generation_ms = 110", "go1.22"),
        ("gomaxprocs = [[5, 3]]", "go1.22"),
        ("exit_ms = 9", "go1.22"),
        ("ops = { switch = 1, yield = 1 }", "go1.23"),
        (
            "recorders = [[1, 9]]\nmin_age_ms = 5\nmax_bytes = 1000",
            "go1.25",
        ),
        ("snapshots = [5]", "go1.25"),
    ] {
        let workload = parse(line).unwrap();
        assert_eq!(parse(&workload.to_toml()).unwrap(), workload, "{line}");
        let from = names.iter().position(|&name| name == first).unwrap();
        for (at, name) in names.iter().enumerate() {
            let revision = Revision::named(name).unwrap();
            let runs = workload.check_for(revision).is_ok();
            assert_eq!(runs, at >= from, "{line}: {name}");
        }
    }
    let skewed = parse("skew_ticks = 5").unwrap();
    assert!(skewed.check_for(Revision::V1[1]).is_ok());
    assert!(skewed.check_for(Revision::V2[0]).is_err());
}

/// Guards S70.2.
#[test]
fn what_is_drawn_for_a_revision_can_be_run_by_it() {
    let (mut recorders, mut exits, mut changes) = (0, 0, 0);
    for revision in Revision::V1.into_iter().chain(Revision::V2) {
        for seed in (0..60).map(Seed) {
            let workload = draw_for(seed, revision);
            assert_eq!(workload.check_for(revision), Ok(()), "{seed}");
            assert_eq!(parse(&workload.to_toml()).unwrap(), workload, "{seed}");
            recorders += workload.recorders.len();
            changes += workload.gomaxprocs.len();
            exits += u64::from(workload.exit_ms > 0);
        }
    }
    assert!(recorders > 20 && changes > 20 && exits > 5);
}
