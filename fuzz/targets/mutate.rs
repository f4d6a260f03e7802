//! Changes of inputs that know where events and fields begin: bytes that were flipped blindly
//! seldom come past the syntax.

use std::ops::Range;

use sigprof::trace::v2::is_v2;
use sigprof_sim::Seed;
use sigprof_sim::seed::Draws;
use sigprof_wire::limits::HEADER_LEN;
use sigprof_wire::v1::EventType;
use sigprof_wire::v2;

use super::Input;
use super::profile::split;
use super::write::varint as push_varint;

/// Changes an input, which stays within `max` bytes. `other` is one to take parts of.
pub(crate) fn mutate(
    input: Input,
    bytes: &mut Vec<u8>,
    other: &[u8],
    max: usize,
    draws: &mut Draws,
) {
    if input == Input::Pair && change_pair(bytes, other, max, draws) {
        return;
    }
    if input == Input::TraceV2 && draws.below(4) > 0 {
        // Sizes of batches are left out while events come and go.
        let mut open = Open::of(bytes);
        let parts = open.parts();
        if !parts.is_empty() {
            let other = Open::of(other);
            let others = other.parts();
            let (from, others) = if others.is_empty() {
                (open.0.clone(), &parts)
            } else {
                (other.0, &others)
            };
            change_parts(&mut open.0, &parts, &from, others, draws);
            *bytes = open.closed();
            return bytes.truncate(max);
        }
    }
    let parts = match input {
        Input::Trace if draws.below(4) > 0 => Some((events(bytes), events(other))),
        Input::Profile if draws.below(4) > 0 => Some((fields(bytes), fields(other))),
        _ => None,
    };
    match parts {
        Some((parts, others)) if !parts.is_empty() => {
            let (others, from) = if others.is_empty() {
                (&parts, bytes.clone())
            } else {
                (&others, other.to_vec())
            };
            change_parts(bytes, &parts, &from, others, draws);
        }
        _ => change_bytes(bytes, other, draws),
    }
    bytes.truncate(max);
}

/// Changes the trace of a pair or its profile, each as what it is, and lets the length before them
/// fit again; not always, and not what is no pair.
fn change_pair(bytes: &mut Vec<u8>, other: &[u8], max: usize, draws: &mut Draws) -> bool {
    let Some((trace, profile)) = split(bytes).filter(|_| draws.below(8) > 0) else {
        return false;
    };
    let others = split(other).unwrap_or_default();
    let (mut trace, mut profile) = (trace.to_vec(), profile.to_vec());
    let room = max.min(usize::from(u16::MAX)).saturating_sub(2);
    if draws.below(4) > 0 {
        let input = match is_v2(&trace) {
            true => Input::TraceV2,
            false => Input::Trace,
        };
        let room = room.saturating_sub(profile.len());
        mutate(input, &mut trace, others.0, room, draws);
    } else {
        let room = room.saturating_sub(trace.len());
        mutate(Input::Profile, &mut profile, others.1, room, draws);
    }
    let length = u16::try_from(trace.len()).unwrap_or(u16::MAX);
    bytes.clear();
    bytes.extend_from_slice(&length.to_le_bytes());
    bytes.extend(trace);
    bytes.extend(profile);
    bytes.truncate(max);
    true
}

/// Some changes, one upon the other; the first half of the cases has one.
pub(crate) fn mutate_often(
    input: Input,
    bytes: &mut Vec<u8>,
    other: &[u8],
    max: usize,
    draws: &mut Draws,
) {
    let times = 1 + draws.bits().trailing_zeros().min(5);
    for _ in 0..times {
        mutate(input, bytes, other, max, draws);
    }
}

/// The same for libFuzzer, in its buffer: the new length, or none in the half of the cases that
/// are left to its own ways.
pub(crate) fn in_place(
    input: Input,
    data: &mut [u8],
    size: usize,
    max: usize,
    seed: u32,
) -> Option<usize> {
    if seed & 1 == 0 {
        return None;
    }
    let mut bytes = data[..size].to_vec();
    mutate_often(input, &mut bytes, &[], max, &mut Seed(seed.into()).draws());
    data[..bytes.len()].copy_from_slice(&bytes);
    Some(bytes.len())
}

/// A varint, and where it ends.
fn varint(bytes: &[u8], at: usize) -> Option<(u64, usize)> {
    let mut value = 0;
    for (i, &byte) in bytes.get(at..)?.iter().take(10).enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * i).min(63);
        if byte < 0x80 {
            return Some((value, at + i + 1));
        }
    }
    None
}

fn skip(bytes: &[u8], at: usize, count: usize) -> Option<usize> {
    (0..count).try_fold(at, |at, _| Some(varint(bytes, at)?.1))
}

/// Where each event of a trace stands, as far as they can be told apart.
fn events(bytes: &[u8]) -> Vec<Range<usize>> {
    let mut events = Vec::new();
    let mut at = HEADER_LEN;
    let more = usize::from(bytes.starts_with(b"go 1.5 "));
    while let Some(end) = event_end(bytes, at, more) {
        events.push(at..end);
        at = end;
    }
    events
}

fn event_end(bytes: &[u8], at: usize, more: usize) -> Option<usize> {
    let first = *bytes.get(at)?;
    let number = first & 0x3f;
    let counted = |at: usize| {
        let (length, at) = varint(bytes, at)?;
        at.checked_add(usize::try_from(length).ok()?)
            .filter(|&end| end <= bytes.len())
    };
    if number == EventType::String as u8 {
        return counted(skip(bytes, at + 1, 1)?);
    }
    let end = match first >> 6 {
        3 => counted(at + 1)?,
        count => skip(bytes, at + 1, usize::from(count) + 1 + more)?,
    };
    if number == EventType::UserLog as u8 {
        counted(end)
    } else {
        Some(end)
    }
}

/// Where each field of a profile's message stands.
fn fields(bytes: &[u8]) -> Vec<Range<usize>> {
    let mut fields = Vec::new();
    let mut at = 0;
    while let Some(end) = field_end(bytes, at) {
        fields.push(at..end);
        at = end;
    }
    fields
}

fn field_end(bytes: &[u8], at: usize) -> Option<usize> {
    let (key, at) = varint(bytes, at)?;
    let end = match key & 7 {
        0 => varint(bytes, at)?.1,
        1 => at + 8,
        2 => {
            let (length, at) = varint(bytes, at)?;
            at.checked_add(usize::try_from(length).ok()?)?
        }
        5 => at + 4,
        _ => return None,
    };
    (end <= bytes.len()).then_some(end)
}

/// A v2 trace without the sizes of its batches, which end where the next begins.
struct Open(Vec<u8>);

impl Open {
    /// The bytes as far as batches can be told apart, and the rest as it is.
    fn of(bytes: &[u8]) -> Self {
        let mut open = bytes[..bytes.len().min(HEADER_LEN)].to_vec();
        let mut at = open.len();
        while let Some((head, data)) = batch(bytes, at) {
            open.extend_from_slice(&bytes[at..head]);
            open.extend_from_slice(&bytes[data.clone()]);
            at = data.end;
        }
        open.extend_from_slice(&bytes[at..]);
        Self(open)
    }

    /// Where heads of batches and events stand.
    fn parts(&self) -> Vec<Range<usize>> {
        let (mut parts, mut at) = (Vec::new(), HEADER_LEN);
        while let Some(end) = self.part_end(at) {
            parts.push(at..end);
            at = end;
        }
        parts
    }

    fn part_end(&self, at: usize) -> Option<usize> {
        let bytes = &self.0;
        let event_type = v2::EventType::of(*bytes.get(at)?)?;
        let spec = event_type.spec();
        let end = match event_type {
            v2::EventType::EventBatch => return skip(bytes, at + 1, 3),
            v2::EventType::ExperimentalBatch => return skip(bytes, at + 2, 3),
            v2::EventType::String => {
                let (length, at) = varint(bytes, skip(bytes, at + 1, 1)?)?;
                at.checked_add(usize::try_from(length).ok()?)?
            }
            v2::EventType::Stack => {
                let (frames, at) = varint(bytes, skip(bytes, at + 1, 1)?)?;
                skip(bytes, at, usize::try_from(frames).ok()?.min(1 << 10) * 4)?
            }
            _ => skip(bytes, at + 1, spec.args.len() + usize::from(spec.is_timed))?,
        };
        (end <= bytes.len()).then_some(end)
    }

    /// The trace with sizes that fit again.
    fn closed(&self) -> Vec<u8> {
        let bytes = &self.0;
        let mut closed = bytes[..bytes.len().min(HEADER_LEN)].to_vec();
        let mut parts = self.parts().into_iter().peekable();
        let is_head = |part: &Range<usize>| {
            let first = bytes.get(part.start).copied().and_then(v2::EventType::of);
            use v2::EventType::{EndOfGeneration, EventBatch, ExperimentalBatch};
            matches!(
                first,
                Some(EventBatch | ExperimentalBatch | EndOfGeneration)
            )
        };
        let mut end = closed.len();
        while let Some(part) = parts.next() {
            end = part.end;
            closed.extend_from_slice(&bytes[part.clone()]);
            if bytes.get(part.start) == Some(&(v2::EventType::EndOfGeneration as u8)) {
                continue;
            }
            while let Some(event) = parts.next_if(|part| !is_head(part)) {
                end = event.end;
            }
            push_varint(&mut closed, (end - part.end) as u64);
            closed.extend_from_slice(&bytes[part.end..end]);
        }
        closed.extend_from_slice(&bytes[end..]);
        closed
    }
}

/// Where the size of a batch stands, and its data.
fn batch(bytes: &[u8], at: usize) -> Option<(usize, Range<usize>)> {
    let head = match v2::EventType::of(*bytes.get(at)?)? {
        v2::EventType::EventBatch => skip(bytes, at + 1, 3)?,
        v2::EventType::ExperimentalBatch => skip(bytes, at + 2, 3)?,
        v2::EventType::EndOfGeneration => return Some((at + 1, at + 1..at + 1)),
        _ => return None,
    };
    let (size, data) = varint(bytes, head)?;
    let end = data.checked_add(usize::try_from(size).ok()?)?;
    (end <= bytes.len()).then_some((head, data..end))
}

/// Takes events or fields away, doubles and moves them, brings in others, changes one inside.
fn change_parts(
    bytes: &mut Vec<u8>,
    parts: &[Range<usize>],
    from: &[u8],
    others: &[Range<usize>],
    draws: &mut Draws,
) {
    let (one, two) = (draws.below(parts.len()), draws.below(parts.len()));
    let part = parts[one].clone();
    match draws.below(8) {
        0 => drop(bytes.drain(part)),
        1 => {
            let copy = bytes[parts[two].clone()].to_vec();
            bytes.splice(part.end..part.end, copy);
        }
        2 => {
            let (low, high) = (one.min(two), one.max(two));
            if low < high {
                let moved: Vec<_> = bytes.drain(parts[high].clone()).collect();
                bytes.splice(parts[low].start..parts[low].start, moved);
            }
        }
        3 => {
            let end = parts[(one + draws.below(8)).min(parts.len() - 1)].end;
            drop(bytes.drain(part.start..end));
        }
        4 | 5 => {
            let first = draws.below(others.len());
            let last = (first + draws.below(4)).min(others.len() - 1);
            let run = from[others[first].start..others[last].end].to_vec();
            bytes.splice(part.start..part.start, run);
        }
        _ => change_varint(bytes, part, draws),
    }
}

/// Another number in the place of one of a part.
fn change_varint(bytes: &mut Vec<u8>, part: Range<usize>, draws: &mut Draws) {
    let mut varints = Vec::new();
    let mut at = part.start + 1;
    while let Some((value, end)) = varint(&bytes[..part.end], at) {
        varints.push((at..end, value));
        at = end;
    }
    if varints.is_empty() {
        bytes[part.start] = draws.bits().to_le_bytes()[0];
        return;
    }
    let (place, value) = varints.swap_remove(draws.below(varints.len()));
    let value = match draws.below(6) {
        0 => value.wrapping_add(1),
        1 => value.wrapping_sub(1),
        2 => draws.below(8) as u64,
        3 => 1 << draws.below(64),
        4 => (1_u64 << draws.below(64)).wrapping_neg(),
        _ => draws.bits() >> draws.below(64),
    };
    let mut written = Vec::new();
    push_varint(&mut written, value);
    bytes.splice(place, written);
}

/// Flips, sets, takes away, doubles and brings in bytes.
fn change_bytes(bytes: &mut Vec<u8>, other: &[u8], draws: &mut Draws) {
    let random = draws.bits().to_le_bytes();
    if bytes.is_empty() {
        bytes.extend_from_slice(&random);
        return;
    }
    let at = draws.below(bytes.len());
    let end = (at + 1 + draws.below(16)).min(bytes.len());
    match draws.below(8) {
        0 | 1 => bytes[at] ^= 1 << (random[0] & 7),
        2 => bytes[at] = random[0],
        3 => bytes.insert(at, random[0]),
        4 => drop(bytes.drain(at..end)),
        5 => {
            let copy = bytes[at..end].to_vec();
            let to = draws.below(bytes.len());
            bytes.splice(to..to, copy);
        }
        6 if !other.is_empty() => {
            let from = draws.below(other.len());
            let len = 1 + draws.below(other.len() - from);
            let keep = if draws.below(2) == 0 { bytes.len() } else { at };
            bytes.splice(at..keep, other[from..from + len].iter().copied());
        }
        _ => bytes.truncate(at),
    }
}
