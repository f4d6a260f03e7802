//! The difference of a trace and a profile, stack by stack, as a profile.
//!
//! It has the differences alone, and neither side whole, as `go tool pprof -diff_base` would have
//! it, with one side marked `pprof::base`: percentages are then of what differs, and no small
//! difference drops below what pprof shows of a large profile (S51.2).

use std::borrow::Cow;
use std::io::{self, Write};

use serde::Serialize;

use super::DEFAULT_PERIOD_NS;
use super::pack::Interned;
use super::parts::{Parts, mapping};
use crate::check::narrow::Judged;
use crate::check::report::StackReport;
use crate::check::stacks::Frame;
use crate::check::{Report, Verdict};
use crate::pprof::proto::{Label, Line, Profile, Sample, ValueType};

/// Writes what a report says of each stack whose counts differ, as a gzipped profile: as many
/// samples as the trace has more than the profile, which is a negative number where it misses
/// some. Labels say why. Stand-ins, which are not compared, are left out; and so is, of a narrowed
/// pair, the difference that does not count.
///
/// # Errors
/// Those of the output.
pub fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut diff = Diff {
        parts: Parts::new(out),
        period: report.windows.period_ns.unwrap_or(DEFAULT_PERIOD_NS),
        texts: Interned::default(),
        functions: Interned::default(),
        locations: Interned::default(),
    };
    // The empty one is the first.
    diff.text("");
    for stack in &report.stacks {
        let difference = difference(stack, report.judged);
        if difference != 0 {
            diff.sample(stack, difference)?;
        }
    }
    diff.end(report)
}

/// How many samples more the trace has, as far as that counts.
fn difference(stack: &StackReport, judged: Judged) -> i64 {
    let more = i128::from(stack.trace) - i128::from(stack.profile);
    let counts = match judged {
        Judged::BothWays => true,
        Judged::TraceAtLeast => more < 0,
        Judged::TraceAtMost => more > 0,
    };
    if !counts || stack.verdict == Verdict::Synthetic {
        return 0;
    }
    let most = i128::from(i64::MAX);
    i64::try_from(more.clamp(-most, most)).unwrap_or_default()
}

/// A profile that is being written; places of functions and locations are their ids less 1.
struct Diff<'r, 'o> {
    parts: Parts<'o>,
    period: i64,
    texts: Interned<Cow<'r, str>>,
    functions: Interned<(i64, i64)>,
    locations: Interned<(u32, i64)>,
}

impl<'r> Diff<'r, '_> {
    fn text(&mut self, text: impl Into<Cow<'r, str>>) -> i64 {
        self.texts.number(text.into()).into()
    }

    fn sample(&mut self, stack: &'r StackReport, count: i64) -> io::Result<()> {
        let location_id = stack.frames.iter().map(|frame| self.location(frame));
        let location_id = location_id.collect();
        let mut label = vec![self.label("verdict", &stack.verdict)];
        if let Some(reason) = &stack.reason {
            label.push(self.label("reason", reason));
        }
        self.parts.sample(Sample {
            location_id,
            value: vec![count, count.saturating_mul(self.period)],
            label,
        })
    }

    /// A label with a word as JSON has it.
    fn label(&mut self, key: &'static str, word: &impl Serialize) -> Label {
        let word = serde_json::to_value(word).unwrap_or_default();
        let word = word.as_str().unwrap_or_default().to_owned();
        Label {
            key: self.text(key),
            str: self.text(word),
            ..Label::default()
        }
    }

    fn location(&mut self, frame: Frame<'r>) -> u64 {
        let (name, file) = (self.text(frame.function), self.text(frame.file));
        let function = self.functions.number((name, file));
        u64::from(self.locations.number((function, frame.line))) + 1
    }

    fn end(mut self, report: &Report) -> io::Result<()> {
        let mut value_type = |r#type, unit| ValueType {
            r#type: self.text(r#type),
            unit: self.text(unit),
        };
        let (samples, cpu) = (
            value_type("samples", "count"),
            value_type("cpu", "nanoseconds"),
        );
        self.parts.put(&Profile {
            default_sample_type: samples.r#type,
            sample_type: vec![samples, cpu.clone()],
            mapping: vec![mapping()],
            period_type: Some(cpu),
            period: self.period,
            duration_nanos: report.windows.profile_ns.unwrap_or(0),
            ..Profile::default()
        })?;
        let locations = std::mem::take(&mut self.locations);
        for (id, &(function, line)) in (1..).zip(locations.values()) {
            let line = Line {
                function_id: u64::from(function) + 1,
                line,
            };
            self.parts.location(id, 0, line)?;
        }
        let functions = std::mem::take(&mut self.functions);
        for (id, &(name, filename)) in (1..).zip(functions.values()) {
            self.parts.function(id, name, filename)?;
        }
        let texts = std::mem::take(&mut self.texts);
        for text in texts.values() {
            self.parts.text(text.clone().into_owned())?;
        }
        self.parts.end()
    }
}
