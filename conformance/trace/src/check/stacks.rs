//! The two sides' stacks, made comparable and counted.
//!
//! A stack is its frames' functions and lines, leaf first, inlined frames
//! expanded, without `runtime.goexit`, which only the trace has, and without type
//! arguments, which the two sides spell differently (S7).
//!
//! Each different stack is held once, as the numbers of its frames; a profile that is given
//! away gives its own lists for that.

mod alike;
mod frames;
mod ids;
mod names;
mod totals;

use std::hash::{BuildHasher, Hasher};
use std::sync::Arc;

use hashbrown::HashTable;
use sigprof_wire::limits::MAX_CPU_PROF_STACK;

pub use frames::{Frame, Frames};

use super::source::Tables;
use crate::trace::v1::hash::IdHash;
use crate::{bytes, heap, pprof};
use frames::number;
use ids::Ids;
use names::Names;
use totals::Selected;
pub(super) use totals::{Counts, Kind, Part, Totals};

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

/// A stack with its counts in the whole of both sides.
#[derive(Clone, Debug)]
struct Entry {
    /// Leaf first, by their numbers.
    stack: Box<[u32]>,
    counts: Counts,
}

/// All stacks of a trace, and of a profile when that has been added, with their counts.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    names: Names,
    entries: Vec<Entry>,
    /// Places in `entries`, by stack.
    index: HashTable<u32>,
    hash: IdHash,
    /// The entries that the trace has come first.
    of_trace: usize,
    selected: Selected,
    ids: FromTrace,
    /// Samples that the profiler's own ring lost, by its own count.
    pub(super) profile_lost: u64,
}

/// Numbers that stand for the ids of a trace, or of one generation of it.
#[derive(Clone, Debug, Default)]
struct FromTrace {
    generation: u64,
    /// Places in the entries.
    stacks: Ids<u32>,
    texts: Ids<u32>,
    /// Function names as they are compared; none for one that is not.
    functions: Ids<Option<std::num::NonZeroU32>>,
}

impl Tally {
    /// Counts a sample of the trace; the place of its stack.
    pub(super) fn add(&mut self, generation: u64, stack: u64, tables: &impl Tables) -> u32 {
        let at = self.place(generation, stack, tables);
        self.entries[at as usize].counts.trace += 1;
        at
    }

    /// The place of a stack of the trace.
    pub(super) fn place(&mut self, generation: u64, stack: u64, tables: &impl Tables) -> u32 {
        if self.ids.generation != generation {
            // Ids begin anew.
            self.ids.generation = generation;
            self.ids.stacks.clear();
            self.ids.texts.clear();
            self.ids.functions.clear();
        }
        match self.ids.stacks.get(stack) {
            Some(known) => known,
            None => {
                let frames = self.frames(stack, tables);
                let at = self.entry(frames);
                self.ids.stacks.insert(stack, at);
                self.of_trace = self.entries.len();
                at
            }
        }
    }

    /// Counts samples of the trace among those that were selected.
    pub(super) fn select(&mut self, stack: u32, count: u64) {
        self.selected.at(stack).trace += count;
    }

    /// Counts the samples of a profile, each with its frames, its count and whether it was
    /// selected.
    pub(super) fn add_profile(
        &mut self,
        frames: &[pprof::Frame],
        samples: impl Iterator<Item = (Box<[u32]>, u64, bool)>,
        narrows: bool,
    ) {
        self.ids = FromTrace::default();
        // Numbers from 1 on, so that a place without one takes four bytes, too.
        let mut numbers = Vec::with_capacity(frames.len());
        numbers.extend(frames.iter().map(|frame| {
            let number = self.names.of_profile(frame)?;
            std::num::NonZeroU32::new(number.saturating_add(1))
        }));
        let lost = self.names.find(LOST_PROFILE_EVENT);
        for (frames, count, is_selected) in samples {
            let mut stack = Vec::from(frames);
            stack.retain_mut(|frame| match numbers[*frame as usize] {
                Some(number) => {
                    *frame = number.get() - 1;
                    true
                }
                None => false,
            });
            if stack
                .iter()
                .any(|&f| Some(self.names.function_of(f)) == lost)
            {
                self.profile_lost += count;
                continue;
            }
            self.cut_as_the_tracer_did(&mut stack);
            let at = self.entry(stack);
            self.entries[at as usize].counts.profile += count;
            if narrows && is_selected {
                self.selected.at(at).profile += count;
            }
        }
    }

    /// Samples that the trace has.
    pub(super) fn of_trace(&self) -> u64 {
        self.entries.iter().map(|entry| entry.counts.trace).sum()
    }

    /// Whether neither side has a sample.
    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.profile_lost == 0
    }

    /// Frames of the longest stack, with the `runtime.goexit` that was left out.
    pub(super) fn longest_stack(&self) -> u64 {
        let longest = self.entries.iter().map(|e| e.stack.len() as u64).max();
        longest.unwrap_or(0) + 1
    }

    /// The counts of a part, added up.
    pub(super) fn totals(&self, part: Part) -> Totals {
        let kinds = Kinds::new(&self.names);
        let mut totals = Totals::default();
        for (at, entry) in self.entries.iter().enumerate() {
            if let Some(counts) = part.counts(entry.counts, self.selected.get(at)) {
                totals.add(counts, kinds.of(&self.names, &entry.stack));
            }
        }
        totals
    }

    /// Every stack of a part with its counts and its kind, in any order; and the ranks of
    /// frames, which do not depend on the order of either file.
    pub(super) fn into_stacks(
        self,
        part: Part,
    ) -> (impl Iterator<Item = (Frames, Counts, Kind)>, Vec<u32>) {
        let Self {
            names,
            entries,
            selected,
            ..
        } = self;
        let kinds = Kinds::new(&names);
        let kinds: Vec<_> = entries.iter().map(|e| kinds.of(&names, &e.stack)).collect();
        let table = Arc::new(names.into_table());
        let ranks = table.ranks();
        let stacks = entries.into_iter().zip(kinds).enumerate();
        let stacks = stacks.filter_map(move |(at, (entry, kind))| {
            let counts = part.counts(entry.counts, selected.get(at))?;
            let (table, numbers) = (table.clone(), entry.stack);
            Some((Frames { table, numbers }, counts, kind))
        });
        (stacks, ranks)
    }

    /// The frames of a trace's stack that are compared.
    fn frames(&mut self, id: u64, tables: &impl Tables) -> Vec<u32> {
        let mut stack = Vec::new();
        for frame in tables.frames(id) {
            let Some(function) = self.function(frame.function, tables) else {
                continue;
            };
            let line = frame.line.cast_signed();
            let texts = &mut self.ids.texts;
            stack.push(self.names.frame(function, line, |names| {
                texts.get(frame.file).unwrap_or_else(|| {
                    let text = bytes::text(tables.string(frame.file));
                    let number = names.text(&text, || text.as_str().into());
                    texts.insert(frame.file, number);
                    number
                })
            }));
        }
        stack
    }

    fn function(&mut self, id: u64, tables: &impl Tables) -> Option<u32> {
        let known = self.ids.functions.get(id).unwrap_or_else(|| {
            let text = bytes::text(tables.string(id));
            let function = self.names.function(&text, || text.as_str().into());
            let function = function.and_then(|n| std::num::NonZeroU32::new(n.saturating_add(1)));
            self.ids.functions.insert(id, function);
            function
        });
        known.map(|number| number.get() - 1)
    }

    /// The place of a stack, which is new if no other has these frames.
    fn entry(&mut self, stack: Vec<u32>) -> u32 {
        if let Some(known) = self.find(&stack) {
            return known;
        }
        let (entries, hash) = (&mut self.entries, self.hash);
        let at = number(entries.len());
        let of_stack = hash_of(hash, &stack);
        heap::push(
            entries,
            Entry {
                stack: stack.into(),
                counts: Counts::default(),
            },
        );
        self.index.insert_unique(of_stack, at, |&at| {
            hash_of(hash, &entries[at as usize].stack)
        });
        at
    }

    fn find(&self, stack: &[u32]) -> Option<u32> {
        let is_it = |&at: &u32| *self.entries[at as usize].stack == *stack;
        let found = self.index.find(hash_of(self.hash, stack), is_it);
        found.copied()
    }

    /// The tracer cuts a stack at its 64th PC, inlined callers or not; the profiler
    /// looks those up. Such a cut stack has no `runtime.goexit`.
    fn cut_as_the_tracer_did(&self, stack: &mut Vec<u32>) {
        let cut = stack.get(..MAX_STACK).filter(|_| stack.len() > MAX_STACK);
        let known = cut.and_then(|cut| self.find(cut));
        if known.is_some_and(|at| (at as usize) < self.of_trace) {
            stack.truncate(MAX_STACK);
        }
    }
}

fn hash_of(hash: IdHash, stack: &[u32]) -> u64 {
    let mut hasher = hash.build_hasher();
    for &frame in stack {
        hasher.write_u32(frame);
    }
    hasher.finish()
}

/// The numbers of the functions at which stand-ins begin.
struct Kinds([Option<u32>; 4]);

impl Kinds {
    fn new(names: &Names) -> Self {
        Self(SYNTHETIC_ROOTS.map(|root| names.find(root)))
    }

    fn of(&self, names: &Names, stack: &[u32]) -> Kind {
        let root = stack.last().map(|&frame| names.function_of(frame));
        match root.is_some() && self.0.contains(&root) {
            true => Kind::Synthetic,
            false => Kind::Real,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace;

    /// A stack of one frame for each id, whose function is the string of the same id.
    struct Generation([&'static str; 3]);

    impl Tables for Generation {
        fn frames(&self, stack: u64) -> impl Iterator<Item = trace::Frame> {
            [trace::Frame {
                pc: 1,
                function: stack,
                file: stack,
                line: 7,
            }]
            .into_iter()
        }

        fn string(&self, id: u64) -> &[u8] {
            self.0[usize::try_from(id).unwrap()].as_bytes()
        }
    }

    fn counted(tally: Tally) -> Vec<(String, u64)> {
        let (stacks, _) = tally.into_stacks(Part::Whole);
        let named = stacks.map(|(frames, counts, _)| {
            let names: Vec<_> = frames.iter().map(|f| f.function).collect();
            (names.join(" "), counts.trace)
        });
        named.collect()
    }

    #[test]
    fn ids_of_another_generation_stand_for_something_else() {
        let mut tally = Tally::default();
        let (first, second) = (Generation(["", "a", "b"]), Generation(["", "b", "c"]));
        for (generation, tables) in [(1, &first), (2, &second)] {
            for id in [1, 2, 1] {
                tally.add(generation, id, tables);
            }
        }
        let counts = [("a", 2), ("b", 3), ("c", 1)].map(|(name, n)| (name.to_owned(), n));
        assert_eq!(counted(tally), counts);
    }

    fn profile_frames(names: &[&str]) -> Vec<pprof::Frame> {
        let frame = |&name: &&str| pprof::Frame {
            function: name.into(),
            line: 7,
            file: "".into(),
        };
        names.iter().map(frame).collect()
    }

    /// Only the tracer cuts: a stack of 64 frames in a profile is another one than a longer.
    ///
    /// Guards S7.5.
    #[test]
    fn stacks_of_a_profile_are_told_apart_in_any_order() {
        let frames = profile_frames(&["f", "g"]);
        let long = vec![0; MAX_STACK + 1];
        let cut = vec![0; MAX_STACK];
        for order in [[&long, &cut], [&cut, &long]] {
            let samples = order.map(|s| (s.clone().into_boxed_slice(), 1, true));
            let mut tally = Tally::default();
            tally.add_profile(&frames, samples.into_iter(), false);
            assert_eq!(tally.entries.len(), 2);
        }
    }

    /// The list of a profile's sample becomes that of the stack.
    #[test]
    fn a_profile_gives_its_lists_away() {
        let frames = profile_frames(&["f", "g"]);
        let stack: Box<[u32]> = [1, 0].into();
        let at = stack.as_ptr();
        let mut tally = Tally::default();
        tally.add_profile(&frames, [(stack, 1, true)].into_iter(), false);
        assert_eq!(tally.entries[0].stack.as_ptr(), at);
    }
}
