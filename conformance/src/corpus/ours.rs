//! Samples that sigprof's own readers find in an input, as the corpus spells them.

use std::collections::BTreeMap;

use super::samples::{Frame, ProfileSample, ProfileSide, Stack, TraceSample, TraceSide};
use crate::error::InputError;
use crate::pprof::{self, Profile};
use crate::trace::{Event, Kind, Reader, v1};

/// The samples of a trace, in the order of the corpus.
///
/// # Errors
/// Whatever is wrong with the trace.
pub fn trace(bytes: &[u8]) -> Result<TraceSide, InputError> {
    trace_of(&mut Reader::new(bytes)?)
}

/// The same, of a reader.
///
/// # Errors
/// Whatever is wrong with the trace.
pub fn trace_of(reader: &mut Reader) -> Result<TraceSide, InputError> {
    let mut side = TraceSide {
        ticks_per_second: ticks_per_second(reader),
        ..TraceSide::default()
    };
    let mut places = BTreeMap::new();
    let mut counts = Counts::default();
    while let Some(event) = reader.next_event()? {
        counts.add(&event);
        if !event.is_sample() {
            continue;
        }
        let stack = Frame::stack(reader, event.stack);
        side.samples.push(TraceSample {
            time_ns: time(reader, &event),
            p: event.proc.map(|p| p.0),
            g: event.goroutine.map(|g| g.0),
            m: event.thread.map(|m| m.0.cast_signed()),
            generation: event.generation.map(|g| g.0),
            stack: place(&mut side.stacks, &mut places, stack),
        });
    }
    side.events = counts.events;
    side.kinds = counts.kinds();
    side.generations = generations(reader);
    Ok(canonical(side, TraceSide::canonical))
}

/// Events of a trace, and of a v2 trace those of each kind.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) events: u64,
    of_kind: BTreeMap<&'static str, u64>,
}

impl Counts {
    pub(super) fn add(&mut self, event: &Event) {
        self.events += u64::from(!is_label_of_v1(event));
        let is_v2 = event.generation.is_some() || matches!(event.kind, Kind::Sync { .. });
        if is_v2 {
            *self.of_kind.entry(kind(event)).or_default() += 1;
        }
    }

    pub(super) fn kinds(self) -> BTreeMap<String, u64> {
        let kinds = self.of_kind.into_iter();
        kinds
            .map(|(kind, count)| (kind.to_owned(), count))
            .collect()
    }
}

/// The name of an event's kind in Go 1.22 and later.
pub(super) fn kind(event: &Event) -> &'static str {
    match event.kind {
        Kind::GoTransition { .. } | Kind::ProcTransition { .. } => "StateTransition",
        kind => kind.name(),
    }
}

/// The time of the event that was read last: since the first one in v1, on the trace's clock in
/// v2, whose first event depends on who reads.
pub(super) fn time(reader: &Reader, event: &Event) -> i64 {
    let v2 = reader.as_v2();
    v2.map_or(event.time.0, |v2| v2.event().time)
}

/// Generations of a v2 trace that was read.
pub(super) fn generations(reader: &Reader) -> Option<u64> {
    reader.as_v2().map(|v2| v2.totals().generations)
}

/// Ticks of a v1 trace's clock in a second. A v2 trace has them for each generation, and its
/// times are nanoseconds whatever they are.
pub(super) fn ticks_per_second(reader: &Reader) -> i64 {
    reader
        .as_v1()
        .map_or(1_000_000_000, v1::Reader::ticks_per_second)
}

/// Whether this is the label of a v1 event that starts a goroutine, which is no event of the
/// file.
pub(super) fn is_label_of_v1(event: &Event) -> bool {
    event.generation.is_none() && matches!(event.kind, Kind::Label(_))
}

/// The samples of a profile, in the order of the corpus.
///
/// # Errors
/// Whatever is wrong with the profile.
pub fn profile(bytes: &[u8]) -> Result<ProfileSide, InputError> {
    Ok(profile_of(&pprof::read(bytes)?))
}

/// The same, of a profile that was read.
#[must_use]
pub fn profile_of(profile: &Profile) -> ProfileSide {
    let mut side = ProfileSide {
        period_ns: profile.period,
        duration_ns: profile.duration,
        ..ProfileSide::default()
    };
    let mut places = BTreeMap::new();
    for sample in &profile.samples {
        let frames = profile.stack(sample).map(|frame| Frame {
            function: frame.function.to_string(),
            file: frame.file.to_string(),
            line: frame.line,
        });
        let stack = place(&mut side.stacks, &mut places, frames.collect());
        side.samples.push(ProfileSample {
            count: sample.count,
            labels: sample.labels_as_text(),
            stack,
        });
    }
    canonical(side, ProfileSide::canonical)
}

/// The place of a stack, which is new if it must be.
fn place(stacks: &mut Vec<Stack>, places: &mut BTreeMap<Stack, usize>, stack: Stack) -> usize {
    *places.entry(stack).or_insert_with_key(|stack| {
        stacks.push(stack.clone());
        stacks.len() - 1
    })
}

/// Every stack that was named here is there.
fn canonical<T: Clone, E>(side: T, order: impl Fn(T) -> Result<T, E>) -> T {
    order(side.clone()).unwrap_or(side)
}
