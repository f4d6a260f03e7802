//! Simulated runs, of which is known what they lost, and what the check says of them: no alarm where
//! all is well, and one wherever a twentieth or more is gone.

use sigprof::check::{Narrow, Reason, TraceSide, Verdict};
use sigprof::pprof::{self, Profile};
use sigprof::trace::v1::{self as trace, Trace};
use sigprof::truth::{Arrival, Fate};
use sigprof_sim::Seed;
use sigprof_sim::machine::Revision;
use sigprof_sim::workload;
use sigprof_wire::v1::EventType;

use super::Run;

/// Samples below which a loss need not be seen.
const ENOUGH: usize = 500;

/// A run in which each signal that is due comes at once; none if one was lost all the same.
fn healthy(seed: u64) -> Option<Run> {
    let mut plan = workload::draw(Seed(seed));
    (plan.late_us, plan.timers_fail, plan.foreign_threads) = (0, 0, 0);
    (plan.in_atomic, plan.lost_stacks, plan.one_frame) = (0, 0, false);
    let revision = Revision::named(["go1.19", "go1.21"][usize::from(seed % 2 == 1)]).unwrap();
    let run = Run::of(seed, &plan, revision);
    let is_lost = |fate: Option<Arrival>| fate.is_some_and(|a| a == Arrival::Dropped);
    let signals = &run.truth().signals;
    let is_well = |s: &sigprof::truth::Signal| s.fate != Fate::Coalesced && !is_lost(s.in_trace);
    signals.iter().all(is_well).then_some(run)
}

/// Healthy runs of these seeds, and what the check says of them that it should not.
pub(super) fn alarms(seeds: impl Iterator<Item = u64>) -> (u64, Vec<String>) {
    let (mut runs, mut alarms) = (0, Vec::new());
    for run in seeds.filter_map(healthy) {
        let trace = trace::read(&run.traces[0]).unwrap();
        let profile = pprof::read(&run.made.profiles[0]).unwrap();
        runs += 1;
        let side = TraceSide::of(&trace, &Narrow::default());
        if let Ok(alone) = side.clone().alone(Some(profile.period))
            && (alone.verdict == Verdict::Lost || alone.reason == Some(Reason::Fewer))
        {
            alarms.push(format!("{}: {}", run.name, alone.text(100)));
        }
        if let Ok(report) = side.check(profile) {
            use Verdict::{Consistent, Match, NoOverlap, Synthetic};
            if ![Match, Consistent, NoOverlap, Synthetic].contains(&report.verdict) {
                alarms.push(format!("{}: {}", run.name, report.summary));
            }
        }
    }
    (runs, alarms)
}

/// Guards S8.21, S8.22.
#[test]
fn healthy_runs_raise_no_alarm() {
    let (runs, alarms) = alarms(0..150);
    assert!(runs >= 100, "{runs}");
    assert_eq!(alarms, Vec::<String>::new());
}

/// A run with many samples, whose profile lasts for longer.
fn large(seed: u64) -> Run {
    let plan = format!(
        "procs = {}\ngoroutines = 20\nkinds = 3\nhz = 250\nstep_us = 800\nlate_us = 0\n\
         reader = true\ntraces = [[{}, 1500]]\nprofiles = [[1, {}]]\n\
         ops = {{ compute = 20, yield = 2, send = 3, receive = 3, sleep = 1, alloc = 2 }}",
        1 + seed % 8,
        1 + seed % 3,
        1500 + 400 * (seed % 2),
    );
    let revision = Revision::named("go1.21").unwrap();
    Run::of(seed, &workload::parse(&plan).unwrap(), revision)
}

/// Takes samples out of a trace: those of which `is_lost` says so, by their number.
fn without(trace: &mut Trace, is_lost: impl Fn(usize) -> bool) -> usize {
    let mut number = 0;
    let before = trace.events.len();
    trace.events.retain(|event| {
        let is_sample = event.event_type == EventType::CPUSample;
        number += usize::from(is_sample);
        !is_sample || !is_lost(number - 1)
    });
    before - trace.events.len()
}

fn samples(trace: &Trace) -> usize {
    let is_sample = |event: &&trace::Event| event.event_type == EventType::CPUSample;
    trace.events.iter().filter(is_sample).count()
}

/// The verdicts on the trace alone and on the pair.
fn verdicts(trace: &Trace, profile: &Profile) -> [Verdict; 2] {
    let side = TraceSide::of(trace, &Narrow::default());
    let alone = side.clone().alone(Some(profile.period)).unwrap().verdict;
    [alone, side.check_with(profile).unwrap().verdict]
}

/// Losses of a twentieth to all but a tenth in runs of these seeds, of which kind each was that is
/// not seen; and how many there were.
pub(super) fn unseen(seeds: impl Iterator<Item = u64>) -> (u64, Vec<String>) {
    let (mut losses, mut unseen) = (0, Vec::new());
    for seed in seeds {
        let run = large(seed);
        let whole = trace::read(&run.traces[0]).unwrap();
        let profile = pprof::read(&run.made.profiles[0]).unwrap();
        let all = samples(&whole);
        let signals = &run.truth().signals;
        let is_full = signals.iter().any(|s| s.in_trace == Some(Arrival::Dropped));
        if all < ENOUGH || is_full {
            continue;
        }
        let fine = |verdict: Verdict| verdict.exit_code() == 0;
        let healthy = verdicts(&whole, &profile);
        assert!(healthy.into_iter().all(fine), "{}: {healthy:?}", run.name);
        for share in [5, 10, 20, 50, 90] {
            let lost = (all * share).div_ceil(100);
            // Behind the first sample, and before the last.
            let from = 1 + usize::try_from(seed).unwrap() * 37 % (all - lost - 1);
            let random = |n: usize| {
                Seed(seed)
                    .0
                    .wrapping_add(n as u64)
                    .wrapping_mul(0x9e37_79b9_7f4a_7c15)
                    >> 32
            };
            let mut drawn: Vec<_> = (0..all).collect();
            drawn.sort_by_key(|&n| random(n));
            let drawn: std::collections::BTreeSet<_> = drawn.into_iter().take(lost).collect();
            let kinds: [(&str, &dyn Fn(usize) -> bool); 3] = [
                ("one in so many", &|n| (n + 1) * lost / all > n * lost / all),
                ("one after the other", &|n| (from..from + lost).contains(&n)),
                ("at random", &|n| drawn.contains(&n)),
            ];
            for (kind, is_lost) in kinds {
                let mut trace = trace::read(&run.traces[0]).unwrap();
                assert_eq!(without(&mut trace, is_lost), lost, "{kind}");
                losses += 1;
                let said = verdicts(&trace, &profile);
                if said.into_iter().any(fine) {
                    unseen.push(format!("{}: {lost} of {all}, {kind}: {said:?}", run.name));
                }
            }
        }
    }
    (losses, unseen)
}

/// Without clocks a profile whose trace has samples at its end alone may be of another time; or they
/// are lost.
///
/// Guards S8.21.
#[test]
fn a_trace_with_samples_at_its_end_alone_does_not_look_healthy() {
    let run = large(0);
    let profile = pprof::read(&run.made.profiles[0]).unwrap();
    let mut trace = trace::read(&run.traces[0]).unwrap();
    let all = samples(&trace);
    assert!(all > 300, "{all}");
    without(&mut trace, |n| n < all * 9 / 10);
    let side = TraceSide::of(&trace, &Narrow::default());
    let report = side.check_with(&profile).unwrap();
    let fewer = (Verdict::CannotTell, Some(Reason::Fewer));
    assert_eq!((report.verdict, report.reason), fewer, "{}", report.summary);
}

/// Guards S8.21, S8.22.
#[test]
fn losses_of_a_twentieth_are_seen() {
    let (losses, unseen) = unseen(0..8);
    assert!(losses >= 60, "{losses}");
    assert_eq!(unseen, Vec::<String>::new());
}
