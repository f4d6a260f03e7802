//! What sigprof's own readers make of an input, as the corpus spells it.

use std::collections::BTreeMap;

use sigprof_wire::v1::EventType;

use super::samples::{Frame, ProfileSample, ProfileSide, Stack, TraceSample, TraceSide};
use crate::error::InputError;
use crate::pprof::{self, Profile};
use crate::trace::v1::{Place, Reader};

/// The samples of a trace, in the order of the corpus.
///
/// # Errors
/// Whatever is wrong with the trace.
pub fn trace(bytes: &[u8]) -> Result<TraceSide, InputError> {
    trace_of(&Reader::new(bytes)?)
}

/// The same, of a reader.
///
/// # Errors
/// What is wrong with the order of events.
pub fn trace_of(reader: &Reader) -> Result<TraceSide, InputError> {
    let mut side = TraceSide {
        ticks_per_second: reader.ticks_per_second(),
        ..TraceSide::default()
    };
    let mut places = BTreeMap::new();
    for event in reader.events() {
        let event = event?;
        side.events += 1;
        if event.event_type != EventType::CPUSample {
            continue;
        }
        let frames = reader.stack(event.stack).map(|frame| Frame {
            function: reader.text(frame.function),
            file: reader.text(frame.file),
            line: frame.line.cast_signed(),
        });
        side.samples.push(TraceSample {
            time_ns: event.time,
            p: match event.place {
                Place::P(p) => Some(p),
                _ => None,
            },
            g: event.goroutine.map(u64::from),
            m: None,
            generation: None,
            stack: place(&mut side.stacks, &mut places, frames.collect()),
        });
    }
    Ok(canonical(side, TraceSide::canonical))
}

/// What a profile says, in the order of the corpus.
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
