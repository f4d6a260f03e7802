//! The mistakes themselves, as functions.

use std::collections::{BTreeMap, BTreeSet};

use super::super::events::Line;
use super::super::samples::{Frame, ProfileSide, TraceSample};
use super::found::{self, Found, Lines};

/// Names in Latin-1: a character a byte.
#[expect(clippy::unnecessary_wraps, reason = "others give up")]
pub(super) fn latin_1(text: &[u8]) -> Option<String> {
    Some(text.iter().map(|&byte| char::from(byte)).collect())
}

/// Only what is UTF-8.
pub(super) fn utf_8_alone(text: &[u8]) -> Option<String> {
    String::from_utf8(text.to_vec()).ok()
}

/// Bytes that are no UTF-8 are left out.
#[expect(clippy::unnecessary_wraps, reason = "others give up")]
pub(super) fn without_bad_bytes(text: &[u8]) -> Option<String> {
    let pieces = text.utf8_chunks().map(|chunk| chunk.valid());
    Some(pieces.collect())
}

/// Of two definitions of an id the first one stays: of a string over the generations of a v2
/// trace, of a stack in a v1 trace.
pub(super) fn first_definition(bytes: &[u8]) -> Option<Found> {
    let mut names: BTreeMap<u64, String> = BTreeMap::new();
    let mut first = |_: u64, id: u64, text: &[u8]| {
        let name = names.entry(id).or_insert_with(|| crate::bytes::text(text));
        name.clone()
    };
    let is_v2 = crate::trace::v2::is_v2(bytes);
    if is_v2 {
        return found::read(bytes, &mut first).ok();
    }
    let bytes = without_later_stacks(bytes);
    found::read(&bytes, &mut first).ok()
}

/// A v1 trace whose later definitions of a stack have an id that nobody asks for.
fn without_later_stacks(bytes: &[u8]) -> Vec<u8> {
    const UNUSED: u8 = 127;
    let mut text = Vec::new();
    let mut out = bytes.to_vec();
    // What comes before an error is what is looked at.
    let _ = crate::trace::v1::dump::dump(bytes, &mut text);
    let mut seen = BTreeSet::new();
    for (at, id) in stack_ids(&String::from_utf8_lossy(&text)) {
        if !seen.insert(id)
            && let Some(byte) = out.get_mut(at)
            && *byte < UNUSED
        {
            *byte = UNUSED;
        }
    }
    out
}

/// Where the id of a `Stack` stands in a dump's two lines: `0x000f1b | 0a | id = 10` below a line
/// that begins one.
fn stack_ids(dump: &str) -> Vec<(usize, u64)> {
    let mut ids = Vec::new();
    let mut is_stack = false;
    for line in dump.lines() {
        let mut columns = line.splitn(3, '|').map(str::trim);
        let (place, meaning) = (columns.next(), columns.nth(1));
        let (Some(place), Some(meaning)) = (place, meaning) else {
            continue;
        };
        let id = meaning.strip_prefix("id = ").and_then(|id| id.parse().ok());
        if let (true, Some(id)) = (is_stack, id) {
            let at = usize::from_str_radix(place.trim_start_matches("0x"), 16);
            ids.push((at.unwrap_or(usize::MAX), id));
            is_stack = false;
        }
        is_stack |= meaning.starts_with("Stack,");
    }
    ids
}

/// Samples without a stack are left out.
pub(super) fn without_stackless(_: &[u8], found: &mut Found) {
    let stacks = &found.side.stacks;
    found.side.samples.retain(|s| !stacks[s.stack].is_empty());
}

/// Of samples that are equal, or that Go alone has set apart by a nanosecond, one stays.
pub(super) fn merged(_: &[u8], found: &mut Found) {
    let is_v2 = found.is_v2;
    let samples = &mut found.side.samples;
    samples.sort();
    samples.dedup_by(|next, before| {
        let gap = next.time_ns - before.time_ns;
        let time_ns = before.time_ns;
        (gap == 0 || is_v2 && gap == 1) && TraceSample { time_ns, ..*next } == *before
    });
}

/// Times by integers.
pub(super) fn by_integers(bytes: &[u8], found: &mut Found) {
    let moved = found::by_integers(bytes);
    for (sample, offset) in found.side.samples.iter_mut().zip(&found.offsets) {
        sample.time_ns += moved.get(offset).copied().unwrap_or_default();
    }
}

/// The time at which the tracer wrote the sample down.
pub(super) fn when_logged(bytes: &[u8], found: &mut Found) {
    let logged = found::logged(bytes);
    for (sample, offset) in found.side.samples.iter_mut().zip(&found.offsets) {
        sample.time_ns = logged.get(offset).copied().unwrap_or(sample.time_ns);
    }
}

/// Times in whole microseconds.
pub(super) fn microseconds(_: &[u8], found: &mut Found) {
    for sample in &mut found.side.samples {
        sample.time_ns -= sample.time_ns % 1000;
    }
}

/// Times of v2 since the first sample, not on the trace's clock.
pub(super) fn since_the_first(_: &[u8], found: &mut Found) {
    let first = found.side.samples.first().map_or(0, |s| s.time_ns);
    for sample in found
        .side
        .samples
        .iter_mut()
        .filter(|s| s.generation.is_some())
    {
        sample.time_ns -= first;
    }
}

/// Stacks come root first.
pub(super) fn root_first(_: &[u8], found: &mut Found) {
    found
        .side
        .stacks
        .iter_mut()
        .for_each(|stack| stack.reverse());
}

/// The leaf alone.
pub(super) fn leaf_alone(_: &[u8], found: &mut Found) {
    found
        .side
        .stacks
        .iter_mut()
        .for_each(|stack| stack.truncate(1));
}

/// At most 32 frames: half of what a sample may have.
pub(super) fn shallow(_: &[u8], found: &mut Found) {
    found
        .side
        .stacks
        .iter_mut()
        .for_each(|stack| stack.truncate(32));
}

/// Frames that Go's profiles leave out.
pub(super) fn without_goexit(_: &[u8], found: &mut Found) {
    let is_shown = |frame: &Frame| frame.function != "runtime.goexit";
    found
        .side
        .stacks
        .iter_mut()
        .for_each(|stack| stack.retain(is_shown));
}

/// No P is P 0.
pub(super) fn p_zero(_: &[u8], found: &mut Found) {
    found
        .side
        .samples
        .iter_mut()
        .for_each(|s| s.p = s.p.or(Some(0)));
}

/// Samples on threads without a P are left out.
pub(super) fn without_p_less(_: &[u8], found: &mut Found) {
    found.side.samples.retain(|s| s.p.is_some());
}

/// No goroutine is goroutine 0.
pub(super) fn g_zero(_: &[u8], found: &mut Found) {
    found
        .side
        .samples
        .iter_mut()
        .for_each(|s| s.g = s.g.or(Some(0)));
}

/// Samples without a goroutine are left out.
pub(super) fn without_g_less(_: &[u8], found: &mut Found) {
    found.side.samples.retain(|s| s.g.is_some());
}

/// The thread is not said.
pub(super) fn without_m(_: &[u8], found: &mut Found) {
    found.side.samples.iter_mut().for_each(|s| s.m = None);
}

/// The generation as its place in the file, from 1 on.
pub(super) fn generations_by_place(_: &[u8], found: &mut Found) {
    let numbers: Vec<_> = found.side.samples.iter().map(|s| s.generation).collect();
    let first = numbers.iter().flatten().min().copied().unwrap_or(1);
    for sample in &mut found.side.samples {
        sample.generation = sample.generation.map(|number| number - first + 1);
    }
}

/// Samples of later generations are left out.
pub(super) fn first_generation(_: &[u8], found: &mut Found) {
    let first = found.side.samples.first().and_then(|s| s.generation);
    found.side.samples.retain(|s| s.generation == first);
}

/// Times go through a 32-bit float.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "that is it"
)]
pub(super) fn single_precision(_: &[u8], found: &mut Found) {
    for sample in &mut found.side.samples {
        sample.time_ns = sample.time_ns as f32 as i64;
    }
}

/// The trace ends without a Stop.
pub(super) fn is_cut(found: &Found) -> bool {
    found.is_cut
}

/// The first generation has another number than 1.
pub(super) fn begins_late(found: &Found) -> bool {
    let first = found.side.samples.first().and_then(|s| s.generation);
    first.is_some_and(|number| number > 1)
}

/// Samples are no events.
pub(super) fn without_samples(events: u64, samples: u64) -> u64 {
    events - samples
}

/// One more, such as the batch that the footer has.
pub(super) fn one_more(events: u64, _: u64) -> u64 {
    events + 1
}

/// Events as they stand in the file.
pub(super) fn in_file_order(mut lines: Lines) -> Lines {
    lines.sort_by_key(|(offset, _)| *offset);
    lines
}

/// Samples behind all else, as they stand in their batches.
pub(super) fn samples_last(mut lines: Lines) -> Lines {
    lines.sort_by_key(|(_, line)| is_sample(line));
    lines
}

/// Samples are left out.
pub(super) fn samples_left_out(mut lines: Lines) -> Lines {
    lines.retain(|(_, line)| !is_sample(line));
    lines
}

fn is_sample(line: &Line) -> bool {
    matches!(&*line.kind, "CPUSample" | "StackSample")
}

/// An event belongs to the goroutine that runs after it.
pub(super) fn goroutine_after(mut lines: Lines) -> Lines {
    let mut next: BTreeMap<(Option<i64>, Option<u64>), Option<u64>> = BTreeMap::new();
    for (_, line) in lines.iter_mut().rev().filter(|(_, line)| !is_sample(line)) {
        let thread = (line.m, line.p);
        line.g = next.insert(thread, line.g).unwrap_or(line.g);
    }
    lines
}

/// Events of the last generation are left out.
pub(super) fn last_generation_lost(mut lines: Lines) -> Lines {
    let last = lines.last().and_then(|(_, line)| line.generation);
    lines.retain(|(_, line)| line.generation.is_none() || line.generation != last);
    lines
}

/// Labels are left out.
pub(super) fn without_labels(side: &mut ProfileSide) {
    side.samples.iter_mut().for_each(|s| s.labels.clear());
}

/// Of each sample the count is taken for one.
pub(super) fn counts_of_one(side: &mut ProfileSide) {
    side.samples.iter_mut().for_each(|s| s.count = 1);
}

/// Nanoseconds for counts: the second value for the first.
pub(super) fn nanoseconds(side: &mut ProfileSide) {
    let period = side.period_ns.unsigned_abs();
    for sample in &mut side.samples {
        sample.count = sample.count.saturating_mul(period);
    }
}

/// Stacks of a profile come root first.
pub(super) fn profile_root_first(side: &mut ProfileSide) {
    side.stacks.iter_mut().for_each(|stack| stack.reverse());
}
