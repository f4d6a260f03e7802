//! The samples of a trace for speedscope: a profile for each thread, in the order of time.
//!
//! speedscope's sampled profiles have weights and no times. Here each sample weighs the period,
//! and ends when its signal came; between samples nothing is shown, with the weight of the time
//! that goes by. Of samples that are closer than a period each begins where the one before ends.
//!
//! Source: `file-format-schema.json` of the npm package `speedscope`.

use std::cell::RefCell;
use std::io::{self, Write};

use serde::ser::{Serialize, Serializer};

use super::Options;
use super::names::{Name, frames, names};
use super::samples::ExportError;
use super::timeline::{Row, Sample, Timeline};
use crate::bytes;
use crate::trace::{Reader, Stacks};

const SCHEMA: &str = "https://www.speedscope.app/file-format-schema.json";

/// Writes the samples as JSON.
///
/// # Errors
/// As [`super::pprof::write`].
pub fn write(
    reader: &mut Reader,
    options: &Options,
    out: &mut dyn Write,
) -> Result<(), ExportError> {
    let timeline = Timeline::read(reader, &options.select)?;
    let (frames, numbers) = shared(&timeline);
    let (start, end) = (timeline.walked.start.0, timeline.walked.end.0);
    let span = Span {
        start,
        end,
        period: options.period_ns,
    };
    let profile = |(row, samples)| Profile {
        stacks: &timeline.stacks,
        numbers: &numbers,
        row,
        samples,
        span,
    };
    let (mut busiest, mut most, mut count) = (0, 0, 0_u32);
    for (_, samples) in timeline.rows() {
        if samples.len() > most {
            (busiest, most) = (count, samples.len());
        }
        count += 1;
    }
    // There must be one.
    let none: Option<(Row, &[Sample])> = (count == 0).then_some((Row::Nobody, &[]));
    let profiles = timeline.rows().chain(none).map(profile);
    let file = File {
        schema: SCHEMA,
        exporter: concat!("sigprof@", env!("CARGO_PKG_VERSION")),
        name: "CPU samples",
        active_profile_index: busiest,
        shared: Shared {
            frames: Each(RefCell::new(frames.iter().map(|&(name, file)| Frame {
                name: name.text(&timeline.stacks).into_owned(),
                file: file.map(|file| bytes::text(timeline.stacks.text(file))),
            }))),
        },
        profiles: Each(RefCell::new(profiles)),
    };
    serde_json::to_writer(&mut *out, &file).map_err(io::Error::from)?;
    writeln!(out)?;
    drop(file);
    timeline.end()
}

/// The frames of all samples, and their numbers by those of their names.
fn shared(timeline: &Timeline) -> (Vec<(Name, Option<u32>)>, Vec<u32>) {
    let stacks = &timeline.stacks;
    let (mut all, mut numbers) = (Vec::new(), vec![u32::MAX; Name::count(stacks)]);
    let mut is_seen = vec![false; stacks.len()];
    for sample in timeline.samples() {
        if std::mem::replace(&mut is_seen[sample.stack as usize], true) {
            continue;
        }
        for (name, file) in frames(stacks, sample.stack) {
            let number = &mut numbers[name.number()];
            if *number == u32::MAX {
                *number = u32::try_from(all.len()).unwrap_or(u32::MAX);
                all.push((name, file));
            }
        }
    }
    (all, numbers)
}

#[derive(serde::Serialize)]
#[serde(rename_all = "camelCase")]
struct File<F: Serialize, P: Serialize> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    exporter: &'static str,
    name: &'static str,
    active_profile_index: u32,
    shared: Shared<F>,
    profiles: P,
}

#[derive(serde::Serialize)]
struct Shared<F: Serialize> {
    frames: F,
}

#[derive(serde::Serialize)]
struct Frame {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
}

/// The values of an iterator, which are written as they come.
struct Each<I>(RefCell<I>);

impl<I: Iterator<Item: Serialize>> Serialize for Each<I> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(&mut *self.0.borrow_mut())
    }
}

/// The time that is shown, and the weight of a sample.
#[derive(Clone, Copy)]
struct Span {
    start: i64,
    end: i64,
    period: i64,
}

/// The samples of a row.
struct Profile<'a> {
    stacks: &'a Stacks,
    numbers: &'a [u32],
    row: Row,
    samples: &'a [Sample],
    span: Span,
}

impl Profile<'_> {
    /// Stacks with their weights, one after another; none where nothing is shown.
    fn steps(&self) -> impl Iterator<Item = (Option<u32>, i64)> {
        let Span { start, end, period } = self.span;
        let mut now = start;
        let ends = self.samples.iter().map(Some).chain([None]);
        ends.flat_map(move |sample| {
            let begins = sample.map_or(end, |sample| sample.time.saturating_sub(period));
            let gap = begins.saturating_sub(now).max(0);
            now = now.saturating_add(gap);
            let idle = (gap > 0).then_some((None, gap));
            let busy = sample.map(|sample| (Some(sample.stack), period));
            now = now.saturating_add(busy.map_or(0, |(_, weight)| weight));
            [idle, busy].into_iter().flatten()
        })
    }
}

impl Serialize for Profile<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let total = self
            .steps()
            .fold(0, |sum: i64, (_, weight)| sum.saturating_add(weight));
        let stack = |stack: Option<u32>| {
            let names = stack
                .into_iter()
                .flat_map(|stack| names(self.stacks, stack));
            Each(RefCell::new(names.map(|name| self.numbers[name.number()])))
        };
        let mut profile = serializer.serialize_struct("Profile", 7)?;
        profile.serialize_field("type", "sampled")?;
        profile.serialize_field("name", &self.row.name())?;
        profile.serialize_field("unit", "nanoseconds")?;
        profile.serialize_field("startValue", &self.span.start)?;
        profile.serialize_field("endValue", &self.span.start.saturating_add(total))?;
        let samples = Each(RefCell::new(self.steps().map(|(at, _)| stack(at))));
        profile.serialize_field("samples", &samples)?;
        let weights = Each(RefCell::new(self.steps().map(|(_, weight)| weight)));
        profile.serialize_field("weights", &weights)?;
        profile.end()
    }
}
