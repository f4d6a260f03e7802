//! The two sides' stacks, made comparable and counted.
//!
//! A stack is its frames' functions and lines, leaf first, inlined frames
//! expanded, without `runtime.goexit`, which only the trace has, and without type
//! arguments, which the two sides spell differently (S7).

mod names;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;
use sigprof_wire::limits::MAX_CPU_PROF_STACK;

use crate::pprof::{Profile, Sample};
use crate::trace::v1::{Event, Trace};
use names::{FromTrace, Names};

/// Outermost frames of stacks that stand in for one which could not be walked
/// (Go: `runtime/proc.go`, `sigprof`; R24).
const SYNTHETIC_ROOTS: [&str; 4] = [
    "runtime._System",
    "runtime._GC",
    "runtime._ExternalCode",
    "runtime._VDSO",
];

/// The profiler's mark for samples that its own ring lost (R51).
const LOST_PROFILE_EVENT: &str = "runtime/pprof.lostProfileEvent";

#[expect(clippy::cast_possible_truncation, reason = "64 fits")]
const MAX_STACK: usize = MAX_CPU_PROF_STACK as usize;

/// A frame of a stack that is compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Frame {
    /// The function's name.
    pub function: Arc<str>,
    /// The line in its file.
    pub line: i64,
    /// The source file, for people: it is not compared.
    pub file: Arc<str>,
}

/// What a stack is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One that was walked.
    Real,
    /// A stand-in.
    Synthetic,
}

/// How often one stack occurs on either side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// In the trace.
    pub trace: u64,
    /// In the profile.
    pub profile: u64,
}

/// All stacks of both sides with their counts.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    names: Names,
    /// Leaf first, by their numbers in `names`.
    stacks: BTreeMap<Vec<u32>, Counts>,
    /// Samples that the profiler's own ring lost, by its own count.
    pub profile_lost: u64,
}

impl Tally {
    /// Counts the samples for which the two predicates hold.
    pub fn new(
        trace: &Trace,
        profile: &Profile,
        has_event: impl Fn(&Event) -> bool,
        has_sample: impl Fn(&Sample) -> bool,
    ) -> Self {
        let mut tally = Self::default();
        let mut from_trace = FromTrace::default();
        for event in trace.samples().filter(|e| has_event(e)) {
            let stack = from_trace.stack(trace, event.stack, &mut tally.names);
            tally.stacks.entry(stack).or_default().trace += 1;
        }
        let frames = profile.frames.iter();
        let frames: Vec<_> = frames.map(|f| tally.names.of_profile(f)).collect();
        for sample in &profile.samples {
            if is_lost_profile_event(profile, sample) {
                tally.profile_lost += sample.count;
            } else if has_sample(sample) {
                let stack = sample.frames.iter();
                let stack = stack.filter_map(|&at| frames[at as usize]).collect();
                let stack = tally.as_the_tracer_cut_it(stack);
                tally.stacks.entry(stack).or_default().profile += sample.count;
            }
        }
        tally
    }

    /// Whether neither side has a sample.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.stacks.is_empty() && self.profile_lost == 0
    }

    /// Every stack: frames, counts, kind; in an order that does not depend on the
    /// order of either file.
    pub fn stacks(&self) -> impl Iterator<Item = (Vec<&Frame>, Counts, Kind)> {
        let ranks = self.names.ranks();
        let mut stacks: Vec<_> = self.stacks.iter().collect();
        stacks.sort_by_cached_key(|(stack, _)| {
            let ranks = stack.iter().map(|&at| ranks[at as usize]);
            ranks.collect::<Vec<_>>()
        });
        stacks.into_iter().map(|(stack, &counts)| {
            let frames = stack.iter().map(|&at| &self.names.frames[at as usize]);
            let frames: Vec<_> = frames.collect();
            let kind = match frames.last() {
                Some(root) if SYNTHETIC_ROOTS.contains(&&*root.function) => Kind::Synthetic,
                _ => Kind::Real,
            };
            (frames, counts, kind)
        })
    }

    /// The counts of all stacks of one kind together.
    #[must_use]
    pub fn total(&self, wanted: Kind) -> Counts {
        let counts = self.stacks().filter(|&(_, _, kind)| kind == wanted);
        counts.fold(Counts::default(), |sum, (_, counts, _)| Counts {
            trace: sum.trace + counts.trace,
            profile: sum.profile + counts.profile,
        })
    }

    /// Whether a stack occurs on both sides.
    #[must_use]
    pub fn has_common_stack(&self) -> bool {
        self.stacks.values().any(|c| c.trace > 0 && c.profile > 0)
    }

    /// Frames of the longest stack, with the `runtime.goexit` that was left out.
    #[must_use]
    pub fn longest_stack(&self) -> u64 {
        let longest = self.stacks.keys().map(|s| s.len() as u64).max();
        longest.unwrap_or(0) + 1
    }

    /// The tracer cuts a stack at its 64th PC, inlined callers or not; the profiler
    /// looks those up. Such a cut stack has no `runtime.goexit`.
    fn as_the_tracer_cut_it(&self, stack: Vec<u32>) -> Vec<u32> {
        match stack.get(..MAX_STACK) {
            Some(cut) if self.stacks.contains_key(cut) => cut.to_vec(),
            _ => stack,
        }
    }
}

fn is_lost_profile_event(profile: &Profile, sample: &Sample) -> bool {
    profile
        .stack(sample)
        .any(|f| &*f.function == LOST_PROFILE_EVENT)
}
