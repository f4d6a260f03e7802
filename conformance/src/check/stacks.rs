//! The two sides' stacks, made comparable and counted.
//!
//! A stack is its frames' functions and lines, leaf first, inlined frames
//! expanded, without `runtime.goexit`, which only the trace has, and without type
//! arguments, which the two sides spell differently (S7).

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;
use sigprof_model::limits::MAX_CPU_PROF_STACK;

use crate::pprof::{Profile, Sample};
use crate::trace::{Event, StackId, Trace};

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

/// The root of every goroutine, which profiles do not show.
const GOEXIT: &str = "runtime.goexit";

const MAX_STACK: usize = MAX_CPU_PROF_STACK as usize;

/// A frame of a stack that is compared.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Frame {
    /// The function's name.
    pub function: String,
    /// The line in its file.
    pub line: i64,
    /// The source file, for people: it is not compared.
    pub file: String,
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
    frames: Vec<Frame>,
    frame_index: HashMap<(String, i64), u32>,
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
        let mut known: HashMap<Option<StackId>, Vec<u32>> = HashMap::new();
        for event in trace.samples().filter(|e| has_event(e)) {
            let stack = known
                .entry(event.stack)
                .or_insert_with(|| tally.trace_stack(trace, event.stack));
            let stack = stack.clone();
            tally.stacks.entry(stack).or_default().trace += 1;
        }
        for sample in &profile.samples {
            if is_lost_profile_event(profile, sample) {
                tally.profile_lost += sample.count;
            } else if has_sample(sample) {
                let stack = tally.profile_stack(profile, sample);
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
        let mut stacks: Vec<_> = self
            .stacks
            .iter()
            .map(|(stack, &counts)| {
                let frames: Vec<_> = stack.iter().map(|&at| &self.frames[at as usize]).collect();
                let kind = match frames.last() {
                    Some(root) if SYNTHETIC_ROOTS.contains(&root.function.as_str()) => {
                        Kind::Synthetic
                    }
                    _ => Kind::Real,
                };
                (frames, counts, kind)
            })
            .collect();
        stacks.sort_by(|(a, ..), (b, ..)| a.cmp(b));
        stacks.into_iter()
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

    fn trace_stack(&mut self, trace: &Trace, id: Option<StackId>) -> Vec<u32> {
        let mut stack = Vec::new();
        for frame in trace.stack(id) {
            let function = trace.text(frame.function);
            let line = frame.line.cast_signed();
            stack.extend(self.intern(&function, line, || trace.text(frame.file)));
        }
        stack
    }

    fn profile_stack(&mut self, profile: &Profile, sample: &Sample) -> Vec<u32> {
        let frames = profile.stack(sample);
        let stack: Vec<_> = frames
            .filter_map(|f| self.intern(&f.function, f.line, || f.file.clone()))
            .collect();
        // The tracer cuts a stack at its 64th PC, inlined callers or not; the
        // profiler looks those up. Such a cut stack has no runtime.goexit.
        match stack.get(..MAX_STACK) {
            Some(cut) if self.stacks.contains_key(cut) => cut.to_vec(),
            _ => stack,
        }
    }

    /// The number of a frame; none for one that is not compared.
    fn intern(&mut self, function: &str, line: i64, file: impl FnOnce() -> String) -> Option<u32> {
        if function == GOEXIT || function.is_empty() {
            return None;
        }
        let key = (without_type_arguments(function), line);
        if let Some(&at) = self.frame_index.get(&key) {
            return Some(at);
        }
        let at = u32::try_from(self.frames.len()).ok()?;
        self.frames.push(Frame {
            function: key.0.clone(),
            line,
            file: file(),
        });
        self.frame_index.insert(key, at);
        Some(at)
    }
}

/// `main.f[...]` for `main.f[go.shape.int]`: Go 1.21 writes the one into traces and
/// the other into profiles (R42.12, R52.8).
fn without_type_arguments(function: &str) -> String {
    match (function.find('['), function.rfind(']')) {
        (Some(from), Some(to)) if from < to => {
            format!("{}[...]{}", &function[..from], &function[to + 1..])
        }
        _ => function.to_owned(),
    }
}

fn is_lost_profile_event(profile: &Profile, sample: &Sample) -> bool {
    profile
        .stack(sample)
        .any(|f| f.function == LOST_PROFILE_EVENT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn type_arguments_do_not_count() {
        assert_eq!(
            without_type_arguments("main.hog[go.shape.int]"),
            "main.hog[...]"
        );
        assert_eq!(
            without_type_arguments("main.f[a[b]].func1"),
            "main.f[...].func1"
        );
        assert_eq!(without_type_arguments("main.hog"), "main.hog");
        assert_eq!(without_type_arguments("odd]["), "odd][");
    }
}
