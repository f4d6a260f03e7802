//! The samples of a trace for Firefox Profiler: a track for each thread, each sample at its time,
//! with a weight of one sample.
//!
//! The crate holds a tree of the stacks of each thread. How large it comes is known before it is
//! made, and a trace for which it would be out of proportion is refused (S53.3).

use std::collections::HashSet;
use std::io::{self, Write};

use fxprof_processed_profile::{
    CategoryColor, CategoryPairHandle, CpuDelta, Frame, FrameFlags, FrameInfo, Profile,
    ReferenceTimestamp, SamplingInterval, ThreadHandle, Timestamp,
};

use super::Options;
use super::names::names;
use super::samples::ExportError;
use super::timeline::{Row, Sample, Timeline};
use crate::error::{ErrorKind, InputError};
use crate::trace::{Reader, Stacks};

/// Bytes that the crate takes for a place of a thread's tree, a function of a thread beside its
/// name, a sample, and a thread, at the most.
const PER_NODE: usize = 160;
const PER_FUNCTION: usize = 420;
const PER_SAMPLE: usize = 80;
const PER_THREAD: usize = 2_400;

/// Bytes that it may take for each of the trace, and in any case.
const PER_BYTE: u64 = 8;
const ALWAYS: u64 = 256 << 10;

/// Writes the samples as JSON.
///
/// # Errors
/// As [`super::pprof::write`]; and for a trace whose threads have too many stacks for its size.
pub fn write(
    reader: &mut Reader,
    options: &Options,
    out: &mut dyn Write,
) -> Result<(), ExportError> {
    let timeline = Timeline::read(reader, &options.select)?;
    let most = reader
        .bytes_read()
        .saturating_mul(PER_BYTE)
        .saturating_add(ALWAYS);
    let wanted = size(&timeline) as u64;
    if wanted > most {
        return Err(too_large(reader, most, wanted).into());
    }
    let profile = profile(&timeline, options);
    serde_json::to_writer(&mut *out, &profile).map_err(io::Error::from)?;
    writeln!(out)?;
    drop(profile);
    timeline.end()
}

fn too_large(reader: &Reader, most: u64, wanted: u64) -> InputError {
    let want = format!(
        "stacks of threads that take at most {most} bytes of memory, {PER_BYTE} times the trace's size and {ALWAYS}"
    );
    let got = format!("ones that may take {wanted}");
    let place = "trace";
    InputError::new(ErrorKind::TooLarge, reader.bytes_read(), place, want, got)
        .with_context("--format folded holds less")
}

/// Bytes that the crate may take, at the most.
fn size(timeline: &Timeline) -> usize {
    let stacks = &timeline.stacks;
    let mut size = 0;
    let (mut of_row, mut functions): (Vec<u32>, _) = (Vec::new(), HashSet::new());
    for (_, samples) in timeline.rows() {
        size += PER_THREAD + PER_SAMPLE * samples.len();
        of_row.clear();
        of_row.extend(samples.iter().map(|sample| sample.stack));
        of_row.sort_unstable();
        of_row.dedup();
        // Next to each other are those that have most in common.
        of_row.sort_unstable_by(|&a, &b| names(stacks, a).cmp(names(stacks, b)));
        functions.clear();
        for (at, &stack) in of_row.iter().enumerate() {
            let before = at.checked_sub(1).map(|before| of_row[before]);
            let shared = before.map_or(0, |before| {
                let pairs = names(stacks, stack).zip(names(stacks, before));
                pairs.take_while(|(a, b)| a == b).count()
            });
            for name in names(stacks, stack).skip(shared) {
                size += PER_NODE;
                if functions.insert(name.number()) {
                    size += PER_FUNCTION + 3 * name.text(stacks).len();
                }
            }
        }
    }
    size
}

fn profile(timeline: &Timeline, options: &Options) -> Profile {
    let period = options.period_ns.unsigned_abs();
    // Where the trace does not know when it began, its time begins in 1970.
    let start = timeline.walked.start.0;
    let wall = timeline
        .walked
        .wall
        .map_or(0, |wall| wall.saturating_sub(start));
    let reference = ReferenceTimestamp::from_millis_since_unix_epoch(wall as f64 / 1e6);
    let interval = SamplingInterval::from_nanos(period);
    let mut profile = Profile::new("Go", reference, interval);
    profile.set_symbolicated(true);
    let category = profile.add_category("Go", CategoryColor::Blue).into();
    let process = profile.add_process("Go program", 1, at(start));
    profile.set_process_end_time(process, at(timeline.walked.end.0));
    for (row, samples) in timeline.rows() {
        let thread = profile.add_thread(process, tid(row), at(start), false);
        profile.set_thread_name(thread, &row.name());
        profile.set_thread_end_time(thread, at(timeline.walked.end.0));
        add(
            &mut profile,
            thread,
            category,
            &timeline.stacks,
            samples,
            period,
        );
    }
    profile
}

fn add(
    profile: &mut Profile,
    thread: ThreadHandle,
    category: CategoryPairHandle,
    stacks: &Stacks,
    samples: &[Sample],
    period: u64,
) {
    let mut before = None;
    for sample in samples {
        let mut stack = None;
        for name in names(stacks, sample.stack) {
            let label = profile.intern_string(&name.text(stacks));
            let frame = profile.intern_frame(
                thread,
                FrameInfo {
                    frame: Frame::Label(label),
                    category_pair: category,
                    flags: FrameFlags::empty(),
                },
            );
            stack = Some(profile.intern_stack(thread, stack, frame));
        }
        // What a thread was busy for since the sample before: that is a period, if there was time.
        let since = before.map_or(i64::MAX, |before| sample.time.saturating_sub(before));
        let busy = period.min(since.unsigned_abs());
        before = Some(sample.time);
        let busy = CpuDelta::from_nanos(busy);
        profile.add_sample(thread, at(sample.time), stack, busy, 1);
    }
}

fn at(nanos: i64) -> Timestamp {
    Timestamp::from_nanos_since_reference(u64::try_from(nanos).unwrap_or(0))
}

/// A number of a thread; it is one where the trace has it.
fn tid(row: Row) -> u32 {
    let number = match row {
        Row::Thread(id) | Row::Proc(id) => id,
        Row::Nobody => 0,
    };
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_has_its_own_number_where_that_fits() {
        assert_eq!(tid(Row::Thread(1_234)), 1_234);
        assert_eq!(tid(Row::Thread(1 << 40)), u32::MAX);
    }
}
