//! The rules over the truth.

use std::collections::BTreeMap;
use std::fmt;

use super::samples::TraceSamples;
use super::{Arrival, Fate, Frame, Generations, Signal, Truth};
use crate::pprof::Profile;
use crate::trace::Nanos;

/// Violations of one rule that are kept; more say nothing new.
const SHOWN: usize = 5;

/// Ticks in a second of a v2 trace that the simulator wrote (R91).
const V2_TICKS_PER_SECOND: u64 = 15_625_000;

/// Stand-ins whose counts are told by the runtime's counters (R27, R51).
const LOST_PROFILE_EVENT: &str = "runtime/pprof.lostProfileEvent";
const LOST_EXTERNAL: &str = "runtime._LostExternalCode";
const LOST_ATOMIC: &str = "runtime._LostSIGPROFDuringAtomic64";

/// A rule over the truth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// Every signal has a fate, and every sample one in the trace and one in the profile.
    Conserved,
    /// Dropped samples are those that overflow records count.
    Counted,
    /// Per stack, the trace has what was delivered.
    Stacks,
    /// Per goroutine and P, the trace has what was delivered.
    Goroutines,
    /// The times in the trace are those at which the samples were taken.
    Times,
    /// Samples come in the order of their times.
    Order,
    /// Each generation has the samples that were read in it, with their threads.
    Generations,
    /// Per stack and labels, the profile has what was delivered.
    Labels,
}

impl Rule {
    /// Where SPEC.md has it.
    #[must_use]
    pub const fn spec(self) -> &'static str {
        match self {
            Self::Conserved => "S21.1",
            Self::Counted => "S21.2",
            Self::Stacks | Self::Goroutines => "S21.3",
            Self::Times | Self::Order => "S21.4",
            Self::Generations => "S72.1",
            Self::Labels => "S21.5",
        }
    }
}

/// A rule that is broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The broken rule.
    pub rule: Rule,
    /// The place at which it is broken.
    pub at: String,
    /// By the truth.
    pub want: u64,
    /// By the file.
    pub got: u64,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            rule,
            at,
            want,
            got,
        } = self;
        write!(f, "{rule:?}: {at}: want {want}, got {got}")
    }
}

/// Holds a run's trace and profile of these numbers to the truth. All violations, a few of
/// each rule.
#[must_use]
pub fn judge(
    truth: &Truth,
    trace: Option<(usize, &TraceSamples<'_>)>,
    profile: Option<(usize, &Profile)>,
) -> Vec<Violation> {
    let mut found = conserved(truth);
    if let Some((number, trace)) = trace {
        found.extend(of_trace(truth, number, trace));
    }
    if let Some((number, profile)) = profile {
        found.extend(of_profile(truth, number, profile));
    }
    found
}

/// Counts by key.
struct Tally<K>(BTreeMap<K, u64>);

impl<K: Ord> Tally<K> {
    fn of(keys: impl IntoIterator<Item = (K, u64)>) -> Self {
        let mut counts = BTreeMap::new();
        for (key, count) in keys {
            if count > 0 {
                *counts.entry(key).or_default() += count;
            }
        }
        Self(counts)
    }

    /// Where the two differ.
    fn differences(&self, got: &Self, rule: Rule, name: impl Fn(&K) -> String) -> Vec<Violation> {
        let only_got = got.0.keys().filter(|key| !self.0.contains_key(*key));
        let keys = self.0.keys().chain(only_got);
        let count = |tally: &Self, key: &K| tally.0.get(key).copied().unwrap_or(0);
        keys.map(|key| (key, count(self, key), count(got, key)))
            .filter(|&(_, want, got)| want != got)
            .take(SHOWN)
            .map(|(key, want, got)| Violation {
                rule,
                at: name(key),
                want,
                got,
            })
            .collect()
    }
}

fn conserved(truth: &Truth) -> Vec<Violation> {
    let is_whole = |signal: &&Signal| {
        let was_taken = signal.fate == Fate::Handled;
        let in_trace = signal.in_trace.is_some_and(|a| a != Arrival::ProfilerOff);
        let in_profile = signal
            .in_profile
            .is_some_and(|a| !matches!(a, Arrival::TracerOff | Arrival::NoLog));
        was_taken == in_trace && was_taken == in_profile
    };
    let broken = truth.signals.iter().filter(|signal| !is_whole(signal));
    let broken = broken.take(SHOWN).map(|signal| Violation {
        rule: Rule::Conserved,
        at: format!("fates of the signal at tick {}", signal.ticks),
        want: 1,
        got: 0,
    });
    broken.collect()
}

fn of_trace(truth: &Truth, number: usize, trace: &TraceSamples<'_>) -> Vec<Violation> {
    let of_this = |signal: &&Signal| signal.trace == Some(number);
    let arrived = |arrival| {
        let signals = truth.signals.iter().filter(of_this);
        signals.filter(move |signal| signal.in_trace == Some(arrival))
    };
    let mut delivered: Vec<_> = arrived(Arrival::Delivered).collect();
    delivered.extend(arrived(Arrival::Leaked));
    if trace.has_generations() {
        let of_trace = truth.traces.get(number).and_then(|t| t.generations);
        return of_generations(truth, of_trace, &delivered, trace);
    }
    let mut found = Vec::new();

    let dropped = arrived(Arrival::Dropped).count() as u64;
    let overflowed = truth.traces.get(number).map_or(0, |t| t.overflowed);
    if dropped != overflowed {
        found.push(Violation {
            rule: Rule::Counted,
            at: "samples that the trace's ring dropped".into(),
            want: dropped,
            got: overflowed,
        });
    }

    let want = Tally::of(delivered.iter().map(|s| (truth.stacks[s.stack].clone(), 1)));
    let got = Tally::of(trace.samples.iter().map(|s| (s.stack.clone(), 1)));
    found.extend(want.differences(&got, Rule::Stacks, |stack| name(stack)));

    let want = Tally::of(delivered.iter().map(|s| ((s.g, s.p), 1)));
    let got = Tally::of(trace.samples.iter().map(|s| ((s.g, s.p), 1)));
    let place = |&(g, p): &(u64, Option<u64>)| format!("goroutine {g}, P {p:?}");
    found.extend(want.differences(&got, Rule::Goroutines, place));

    let key = |s: &&Signal| (trace.nanos(s.ticks), s.g, truth.stacks[s.stack].clone());
    let want = Tally::of(delivered.iter().map(|s| (key(s), 1)));
    let samples = trace.samples.iter();
    let got = samples.map(|s| ((s.time, s.g, s.stack.clone()), 1));
    let moment = |(time, g, stack): &(Nanos, u64, Vec<Frame>)| {
        format!("{time} ns, goroutine {g}, {}", name(stack))
    };
    found.extend(want.differences(&Tally::of(got), Rule::Times, moment));

    let pairs = trace.samples.windows(2);
    let back = pairs.filter(|pair| pair[0].time > pair[1].time).count();
    if back > 0 {
        found.push(Violation {
            rule: Rule::Order,
            at: "samples that come after later ones".into(),
            want: 0,
            got: back as u64,
        });
    }
    found
}

/// Holds a flight recorder's snapshot of this number to the truth.
#[must_use]
pub fn judge_snapshot(truth: &Truth, number: usize, trace: &TraceSamples<'_>) -> Vec<Violation> {
    let of_snapshot = truth.snapshots.get(number).and_then(|s| s.generations);
    let is_in = |signal: &&Signal| {
        let read_in = signal.read_in.unwrap_or(0);
        of_snapshot.is_some_and(|has| (has.first..=has.last).contains(&read_in))
    };
    let delivered: Vec<_> = truth.signals.iter().filter(is_in).collect();
    of_generations(truth, of_snapshot, &delivered, trace)
}

/// The rules over a trace in generations. Those that were not written whole are left out.
fn of_generations(
    truth: &Truth,
    whole: Option<Generations>,
    delivered: &[&Signal],
    trace: &TraceSamples<'_>,
) -> Vec<Violation> {
    let is_whole = |generation: Option<u64>| {
        let generation = generation.unwrap_or(0);
        whole.is_some_and(|whole| generation <= whole.last)
    };
    let samples = || trace.samples.iter().filter(|s| is_whole(s.generation));
    let want = Tally::of(delivered.iter().map(|s| (truth.stacks[s.stack].clone(), 1)));
    let got = Tally::of(samples().map(|s| (s.stack.clone(), 1)));
    let mut found = want.differences(&got, Rule::Stacks, |stack| name(stack));

    let want = Tally::of(delivered.iter().map(|s| ((s.g, s.p), 1)));
    let got = Tally::of(samples().map(|s| ((s.g, s.p), 1)));
    let place = |&(g, p): &(u64, Option<u64>)| format!("goroutine {g}, P {p:?}");
    found.extend(want.differences(&got, Rule::Goroutines, place));

    let place = |signal: &Signal| (signal.read_in, signal.thread);
    let want = Tally::of(delivered.iter().map(|s| (place(s), 1)));
    let got = Tally::of(samples().map(|s| ((s.generation, s.thread), 1)));
    let said = |&(generation, thread): &(Option<u64>, Option<u64>)| {
        format!("generation {generation:?}, thread {thread:?}")
    };
    found.extend(want.differences(&got, Rule::Generations, said));

    let ns_per_tick = 1_000_000_000 / V2_TICKS_PER_SECOND;
    let nanos = |ticks: u64| Nanos(i64::try_from(ticks * ns_per_tick).unwrap_or(i64::MAX));
    let key = |s: &&Signal| (nanos(s.ticks), s.g, truth.stacks[s.stack].clone());
    let want = Tally::of(delivered.iter().map(|s| (key(s), 1)));
    let got = samples().map(|s| ((s.time, s.g, s.stack.clone()), 1));
    let moment = |(time, g, stack): &(Nanos, u64, Vec<Frame>)| {
        format!("{time} ns, goroutine {g}, {}", name(stack))
    };
    found.extend(want.differences(&Tally::of(got), Rule::Times, moment));
    found
}

fn of_profile(truth: &Truth, number: usize, profile: &Profile) -> Vec<Violation> {
    type Key = (Vec<Frame>, Vec<(String, String)>);
    let of_this = |signal: &&Signal| signal.profile == Some(number);
    let signals = || truth.signals.iter().filter(of_this);
    let goes_in = |signal: &&Signal| {
        signal.fate == Fate::ForeignKept || signal.in_profile == Some(Arrival::Delivered)
    };
    let want = Tally::of(signals().filter(goes_in).map(|signal| {
        let mut labels = signal
            .labels
            .map_or_else(Vec::new, |at| truth.labels[at].clone());
        labels.sort();
        let stack = truth.stacks[signal.stack].iter();
        let stack = stack.filter(|f| f.function != "runtime.goexit").cloned();
        ((stack.collect(), labels), 1)
    }));
    let mut got: Vec<(Key, u64)> = Vec::new();
    let mut counted: BTreeMap<&str, u64> = BTreeMap::new();
    for sample in &profile.samples {
        let stack: Vec<_> = profile.stack(sample).map(frame).collect();
        let leaf = stack.first().map_or("", |f| &f.function);
        let stand_ins = [LOST_PROFILE_EVENT, LOST_EXTERNAL, LOST_ATOMIC];
        if let Some(&lost) = stand_ins.iter().find(|&&lost| lost == leaf) {
            *counted.entry(lost).or_default() += sample.count;
            continue;
        }
        let mut labels = sample.labels_as_text();
        labels.sort();
        got.push(((stack, labels), sample.count));
    }
    let both = |(stack, labels): &Key| format!("{} with {labels:?}", name(stack));
    let mut found = want.differences(&Tally::of(got), Rule::Labels, both);
    let count = |is: &dyn Fn(&Signal) -> bool| signals().filter(|s| is(s)).count() as u64;
    let dropped = |s: &Signal| s.in_profile == Some(Arrival::Dropped);
    let lost = [
        (LOST_PROFILE_EVENT, count(&dropped)),
        (LOST_EXTERNAL, count(&|s| s.fate == Fate::ForeignLost)),
        (LOST_ATOMIC, count(&|s| s.fate == Fate::InAtomic)),
    ];
    for (at, want) in lost {
        let got = counted.get(at).copied().unwrap_or(0);
        if want != got {
            found.push(Violation {
                rule: Rule::Counted,
                at: at.into(),
                want,
                got,
            });
        }
    }
    found
}

fn frame(frame: &crate::pprof::Frame) -> Frame {
    Frame {
        function: frame.function.to_string(),
        file: frame.file.to_string(),
        line: frame.line,
    }
}

fn name(stack: &[Frame]) -> String {
    let frames: Vec<_> = stack.iter().take(3).map(Frame::to_string).collect();
    frames.join(" < ")
}
