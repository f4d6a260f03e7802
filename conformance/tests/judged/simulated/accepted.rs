//! Real Go accepts what the simulator writes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use sigprof::check::{Narrow, Reason, Verdict, check_collected as check};
use sigprof::oracle::{Go, compare};
use sigprof::pprof;
use sigprof::trace::v1 as trace;
use sigprof::truth::Arrival;
use sigprof_wire::FormatVersion;
use sigprof_wire::v1::EventType;

use super::{Run, SEEDS, every};
use sigprof_sim::machine::Revision;
use sigprof_sim::workload;

/// `go tool trace -d` reads each trace, and prints what `sigprof parse --format go` prints, event
/// by event.
pub(super) fn reads_traces(version: &str, newest: FormatVersion, seeds: impl Iterator<Item = u64>) {
    let Some(go) = Go::find_or_skip(version) else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    for seed in seeds {
        let run = Run::drawn(seed);
        let (traces, _) = run.write(folder.path());
        for (path, bytes) in traces.iter().zip(&run.traces) {
            if sigprof::trace::header::read(bytes).unwrap() > newest {
                continue;
            }
            compare::trace(&go, path, bytes).unwrap_or_else(|e| panic!("{}: {e}", run.name));
        }
    }
}

#[test]
fn go_1_19_prints_the_same_events() {
    reads_traces("1.19", FormatVersion::GO_1_19, every(7));
}

#[test]
fn go_1_21_prints_the_same_events() {
    reads_traces("1.21", FormatVersion::GO_1_21, every(7));
}

/// `go tool pprof -raw` reads each profile, and has the samples that ours has, which are held to
/// the truth.
pub(super) fn reads_profiles(version: &str, seeds: impl Iterator<Item = u64>) {
    let Some(go) = Go::find_or_skip(version) else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    for seed in seeds {
        let run = Run::drawn(seed);
        let (_, profiles) = run.write(folder.path());
        for (path, bytes) in profiles.iter().zip(&run.made.profiles) {
            compare::profile(&go, path, bytes).unwrap_or_else(|e| panic!("{}: {e}", run.name));
        }
    }
}

#[test]
fn go_1_19_has_the_same_samples() {
    reads_profiles("1.19", every(7));
}

#[test]
fn go_1_21_has_the_same_samples() {
    reads_profiles("1.21", every(7));
}

#[test]
fn go_1_27_reads_traces_and_profiles() {
    go_1_27_reads(every(41));
}

pub(super) fn go_1_27_reads(seeds: impl Iterator<Item = u64>) {
    let Some(go) = Go::find_or_skip("1.27") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    for seed in seeds {
        let run = Run::drawn(seed);
        let (traces, profiles) = run.write(folder.path());
        for (path, bytes) in traces.iter().zip(&run.traces) {
            let ours = trace::read(bytes).unwrap();
            let mut want = BTreeMap::new();
            for event in ours.samples() {
                let [_, p, g] = event.args.map(u64::cast_signed);
                let line = format!("P={p} G={}", if g == 0 { -1 } else { g });
                *want.entry(line).or_insert(0) += 1;
            }
            assert_eq!(samples_of_1_27(&go, path), want, "{}", run.name);
        }
        for (path, bytes) in profiles.iter().zip(&run.made.profiles) {
            compare::profile(&go, path, bytes).unwrap_or_else(|e| panic!("{}: {e}", run.name));
        }
    }
}

/// `P=1 G=8` of each sample that `go tool trace -d=parsed` prints.
fn samples_of_1_27(go: &Go, path: &Path) -> BTreeMap<String, u64> {
    let mut command = go.command();
    let output = command
        .args(["tool", "trace", "-d=parsed"])
        .arg(path)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {errors}", path.display());
    let mut samples = BTreeMap::new();
    for line in text.lines().filter(|line| line.contains(" StackSample ")) {
        let mut words = line.split(' ').skip(1);
        let place = format!("{} {}", words.next().unwrap(), words.next().unwrap());
        *samples.entry(place).or_insert(0) += 1;
    }
    samples
}

/// Guards R27.4, R38.2.
#[test]
fn every_run_keeps_the_rules_of_the_truth() {
    for run in (0..SEEDS).map(Run::drawn) {
        assert_eq!(run.violations(), [], "{}", run.name);
    }
}

/// `sigprof check` says `match` where nothing is lost, and where something is, that it is: never
/// `wrong`.
#[test]
fn the_check_says_what_is_true() {
    let mut said = BTreeMap::new();
    for seed in 0..SEEDS {
        let run = Run::drawn(seed);
        let truth = run.truth();
        let trace = trace::read(&run.traces[0]).unwrap();
        let profile = pprof::read(&run.made.profiles[0]).unwrap();
        let Ok(report) = check(&trace, &profile, &Narrow::default()) else {
            continue;
        };
        let in_profile = truth
            .signals
            .iter()
            .filter(|s| s.in_profile == Some(Arrival::Delivered));
        let is_in_trace = |s: &sigprof::truth::Signal| {
            s.in_trace == Some(Arrival::Delivered) && s.trace == Some(0)
        };
        let missing = in_profile.filter(|s| !is_in_trace(s)).count();
        match report.verdict {
            Verdict::Match | Verdict::Synthetic => assert_eq!(missing, 0, "{}", run.name),
            Verdict::Consistent | Verdict::CannotTell | Verdict::Lost | Verdict::NoOverlap => {
                assert_ne!(missing, 0, "{}", run.name);
            }
            Verdict::Surplus | Verdict::Wrong => {
                panic!("{}: {}, {missing} missing", run.name, report.summary)
            }
        }
        *said.entry(report.verdict.to_string()).or_insert(0) += 1;
    }
    assert!(said["match"] > 50 && said["consistent"] > 50, "{said:?}");
}

/// Event types of real programs occur in simulated ones as well.
#[test]
fn every_event_type_of_real_traces_occurs() {
    let types = |bytes: &[u8]| -> BTreeSet<EventType> {
        let trace = trace::read(bytes).unwrap();
        trace.events.iter().map(|e| e.event_type).collect()
    };
    let mut want = BTreeSet::new();
    for case in sigprof::fixtures::real_v1() {
        let bytes = sigprof::fixtures::file(&format!("{case}/trace")).unwrap();
        want.extend(types(&bytes));
    }
    let mut got = BTreeSet::new();
    for seed in 0..30 {
        got.extend(types(&Run::drawn(seed).traces[0]));
    }
    let missing: Vec<_> = want.difference(&got).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// B21: where the clocks of two Ps differ by more than what happens in between, real Go finds no
/// order that can be, and neither do we.
#[test]
fn clocks_that_differ_are_refused_by_both() {
    let plan = workload::parse(
        "procs = 4\nskew_ticks = 2000000\ngoroutines = 20\nops = { yield = 1, renew = 1, send = 1 }",
    );
    let run = Run::of(1, &plan.unwrap(), Revision::named("go1.19").unwrap());
    let error = trace::read(&run.traces[0]).unwrap_err().to_string();
    let Some(go) = Go::find_or_skip("1.19") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let (paths, _) = run.write(folder.path());
    let said = go.trace_d(&paths[0]).unwrap_err().to_string();
    let orders = ["time stamps out of order", "no consistent ordering"];
    assert!(
        orders.iter().any(|order| said.contains(order)),
        "{said}; ours: {error}"
    );
}

/// A ring of Go's size that is full: the check says that it was, and how much is missing.
#[test]
fn the_check_finds_the_ring_full() {
    let plan = workload::parse(
        "procs = 8\ngoroutines = 8\nkinds = 1\nhz = 1000\ndeep = true\nreader = false\n\
         step_us = 1000\ntraces = [[1, 900]]\nprofiles = [[2, 600]]\nops = { compute = 1 }",
    );
    let run = Run::of(2, &plan.unwrap(), Revision::named("go1.19").unwrap());
    let dropped = run.truth().traces[0].overflowed;
    let trace = trace::read(&run.traces[0]).unwrap();
    let profile = pprof::read(&run.made.profiles[0]).unwrap();
    let report = check(&trace, &profile, &Narrow::default()).unwrap();
    let said = (report.verdict, report.reason, report.missing);
    assert_eq!(said, (Verdict::Lost, Some(Reason::RingCapacity), dropped));
    assert!(dropped > 1000, "{dropped}");
}
