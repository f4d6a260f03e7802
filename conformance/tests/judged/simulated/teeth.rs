//! The rules of the truth reject what they are there for.

use sigprof::pprof;
use sigprof::truth::{Arrival, Fate, Rule, Signal, TraceSamples, Truth, judge};
use sigprof_sim::machine::Revision;
use sigprof_sim::workload::{Workload, parse};

use super::Run;

/// A run with samples of all kinds: with and without P, labels, foreign threads.
fn run() -> Run {
    let plan = parse(
        "procs = 4\nhz = 1000\nforeign_threads = 1\ntimers_fail = 3\nin_atomic = 9\n\
         ops = { compute = 9, label = 3, yield = 2, long-syscall = 1 }",
    );
    Run::of(3, &plan.unwrap(), Revision::named("go1.19").unwrap())
}

/// The rules that are broken once the truth is changed.
fn broken_by(change: impl FnOnce(&mut Truth)) -> Vec<Rule> {
    let run = run();
    let mut truth = run.truth();
    change(&mut truth);
    let trace = TraceSamples::read(&run.traces[0]).unwrap();
    let profile = pprof::read(&run.made.profiles[0]).unwrap();
    let found = judge(&truth, Some((0, &trace)), Some((0, &profile)));
    let mut rules: Vec<_> = found.iter().map(|violation| violation.rule).collect();
    rules.dedup();
    rules
}

fn delivered(truth: &mut Truth) -> &mut Signal {
    let mut signals = truth.signals.iter_mut();
    signals
        .find(|s| s.in_trace == Some(Arrival::Delivered))
        .unwrap()
}

#[test]
fn the_truth_itself_breaks_nothing() {
    assert_eq!(broken_by(|_| ()), []);
}

/// Guards S21.3, S21.4.
#[test]
fn a_sample_that_is_not_there_is_missed() {
    let lose = |truth: &mut Truth| delivered(truth).in_trace = Some(Arrival::TracerOff);
    assert_eq!(
        broken_by(lose),
        [Rule::Stacks, Rule::Goroutines, Rule::Times]
    );
}

/// Guards S21.2.
#[test]
fn a_drop_that_is_not_counted_is_missed() {
    let drop = |truth: &mut Truth| delivered(truth).in_trace = Some(Arrival::Dropped);
    assert_eq!(broken_by(drop)[0], Rule::Counted);
    let drop = |truth: &mut Truth| truth.traces[0].overflowed += 1;
    assert_eq!(broken_by(drop), [Rule::Counted]);
}

/// Guards S21.3.
#[test]
fn another_goroutine_is_seen() {
    let swap = |truth: &mut Truth| delivered(truth).g += 1_000;
    assert_eq!(broken_by(swap), [Rule::Goroutines, Rule::Times]);
}

/// Guards S21.3.
#[test]
fn another_p_is_seen() {
    let swap = |truth: &mut Truth| delivered(truth).p = Some(77);
    assert_eq!(broken_by(swap), [Rule::Goroutines]);
}

/// Guards S21.4.
#[test]
fn another_time_is_seen() {
    let later = |truth: &mut Truth| delivered(truth).ticks += 5;
    assert_eq!(broken_by(later), [Rule::Times]);
}

/// Guards S21.5.
#[test]
fn another_label_is_seen() {
    let label = |truth: &mut Truth| {
        let mut signals = truth.signals.iter_mut();
        let labelled =
            signals.find(|s| s.labels.is_some() && s.in_profile == Some(Arrival::Delivered));
        labelled.unwrap().labels = None;
    };
    assert_eq!(broken_by(label), [Rule::Labels]);
}

/// Guards S21.1.
#[test]
fn a_signal_without_a_fate_is_seen() {
    let forget = |truth: &mut Truth| delivered(truth).in_profile = None;
    assert_eq!(broken_by(forget), [Rule::Conserved, Rule::Labels]);
    let forget = |truth: &mut Truth| delivered(truth).fate = Fate::Coalesced;
    assert_eq!(broken_by(forget), [Rule::Conserved]);
}

/// Guards S21.2.
#[test]
fn what_is_counted_by_name_is_compared() {
    let foreign = |truth: &mut Truth| {
        let mut signals = truth.signals.iter_mut();
        signals.find(|s| s.fate == Fate::InAtomic).unwrap().fate = Fate::ThreadOff;
    };
    assert_eq!(broken_by(foreign), [Rule::Counted]);
}

/// Guards S21.3.
#[test]
fn another_stack_is_seen() {
    let swap = |truth: &mut Truth| {
        let signal = delivered(truth);
        signal.stack = if signal.stack == 0 { 1 } else { 0 };
    };
    assert_eq!(broken_by(swap), [Rule::Stacks, Rule::Times, Rule::Labels]);
}

/// Guards S21.4.
#[test]
fn samples_in_another_order_are_seen() {
    let run = run();
    let mut trace = TraceSamples::read(&run.traces[0]).unwrap();
    trace.samples.swap(0, 1);
    let found = judge(&run.truth(), Some((0, &trace)), None);
    let rules: Vec<_> = found.iter().map(|violation| violation.rule).collect();
    assert_eq!(rules, [Rule::Order]);
}

/// Guards S21.2.
#[test]
fn each_count_of_the_profile_is_compared() {
    let lose = |from, to| {
        broken_by(|truth| {
            let mut signals = truth.signals.iter_mut();
            signals.find(|s| s.fate == from).unwrap().fate = to;
        })
    };
    assert_eq!(
        lose(Fate::ForeignKept, Fate::ForeignLost),
        [Rule::Labels, Rule::Counted]
    );
    assert_eq!(lose(Fate::NotAccepted, Fate::InAtomic), [Rule::Counted]);
    let drop = |truth: &mut Truth| {
        let mut signals = truth.signals.iter_mut();
        let delivered = signals.find(|s| s.in_profile == Some(Arrival::Delivered));
        delivered.unwrap().in_profile = Some(Arrival::Dropped);
    };
    assert_eq!(broken_by(drop), [Rule::Labels, Rule::Counted]);
}

/// A run whose rings are smaller than its bursts: everything that is dropped is counted.
fn overflowing(revision: &str) -> (Run, Vec<Rule>) {
    let plan = Workload {
        ring_words: 512,
        ring_tags: 16,
        one_frame: true,
        ..parse("procs = 4\nhz = 1000\nkinds = 4\nreader = false").unwrap()
    };
    let run = Run::of(5, &plan, Revision::named(revision).unwrap());
    let trace = TraceSamples::read(&run.traces[0]).unwrap();
    let profile = pprof::read(&run.made.profiles[0]).unwrap();
    let found = judge(&run.truth(), Some((0, &trace)), Some((0, &profile)));
    let rules = found.iter().map(|violation| violation.rule).collect();
    drop(trace);
    (run, rules)
}

/// Guards S21.2.
#[test]
fn overflows_are_accounted_for() {
    let (run, broken) = overflowing("go1.19");
    assert_eq!(broken, []);
    let dropped = run.truth().traces[0].overflowed;
    assert!(dropped > 10, "{dropped}");
}

/// The rules that are broken once the truth of a run in generations is changed, or its trace.
fn broken_of_generations(change: impl FnOnce(&mut Truth, &mut TraceSamples<'_>)) -> Vec<Rule> {
    let plan = parse(
        "procs = 4\nhz = 1000\ngeneration_ms = 20\ntraces = [[1, 90]]\n\
         ops = { compute = 9, yield = 2, long-syscall = 1 }",
    );
    let run = Run::of(3, &plan.unwrap(), Revision::named("go1.25").unwrap());
    let mut truth = run.truth();
    let mut trace = TraceSamples::read(&run.traces[0]).unwrap();
    change(&mut truth, &mut trace);
    let found = judge(&truth, Some((0, &trace)), None);
    let mut rules: Vec<_> = found.iter().map(|violation| violation.rule).collect();
    rules.dedup();
    rules
}

/// Guards S72.1.
#[test]
fn another_generation_or_thread_is_seen() {
    let in_generation = |truth: &Truth, n: u64| {
        let signals = truth.signals.iter();
        let mut all = signals.filter(|s| s.read_in == Some(n));
        all.next().is_some()
    };
    assert_eq!(
        broken_of_generations(|truth, _| assert!((1..=4).all(|n| in_generation(truth, n)))),
        []
    );
    let read_later = |truth: &mut Truth, _: &mut TraceSamples<'_>| {
        delivered(truth).read_in = Some(3);
    };
    assert_eq!(broken_of_generations(read_later), [Rule::Generations]);
    let elsewhere = |truth: &mut Truth, _: &mut TraceSamples<'_>| {
        delivered(truth).thread = Some(77);
    };
    assert_eq!(broken_of_generations(elsewhere), [Rule::Generations]);
    let moved = |_: &mut Truth, trace: &mut TraceSamples<'_>| {
        trace.samples[0].generation = Some(3);
    };
    assert_eq!(broken_of_generations(moved), [Rule::Generations]);
}

/// Guards S72.1.
#[test]
fn a_sample_of_generations_that_is_not_there_is_missed() {
    let all = [
        Rule::Stacks,
        Rule::Goroutines,
        Rule::Generations,
        Rule::Times,
    ];
    let gone = |_: &mut Truth, trace: &mut TraceSamples<'_>| {
        trace.samples.remove(7);
    };
    assert_eq!(broken_of_generations(gone), all);
    let late = |truth: &mut Truth, _: &mut TraceSamples<'_>| {
        delivered(truth).in_trace = Some(Arrival::Late);
    };
    assert_eq!(broken_of_generations(late), all);
}
