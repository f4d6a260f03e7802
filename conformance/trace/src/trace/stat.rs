//! The contents of a trace in numbers, and how they are shown to people.

use std::fmt::{self, Display};

use serde::{Serialize, Serializer};

use super::reader::{Own, Reader};
use super::{v1, v2};
use crate::error::InputError;

/// CPU samples by what they were taken of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Samples {
    /// All of them.
    pub total: u64,
    /// On a thread with a P.
    pub with_p: u64,
    /// On a thread without one.
    pub without_p: u64,
    /// On g0, or where no goroutine ran.
    pub on_g0: u64,
}

impl Samples {
    pub(super) fn add(&mut self, has_p: bool, is_on_g0: bool) {
        self.total += 1;
        self.with_p += u64::from(has_p);
        self.without_p += u64::from(!has_p);
        self.on_g0 += u64::from(is_on_g0);
    }
}

/// Events by the name of their type, as a JSON object.
fn as_map<S: Serializer>(pairs: &[(&str, u64)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(pairs.iter().copied())
}

/// Nanoseconds as seconds.
fn seconds(ns: i64) -> String {
    const SECOND: i64 = 1_000_000_000;
    format!("{}.{:09} s", ns / SECOND, (ns % SECOND).abs())
}

/// The numbers of a trace.
#[derive(Clone, Debug, Serialize)]
pub struct Stat {
    /// The version of this schema.
    pub schema_version: u32,
    /// The version of the trace's format, such as `1.19`.
    pub version: String,
    /// Bytes of the trace; of a v2 trace those of its whole generations.
    pub bytes: u64,
    /// The number of whole generations of a v2 trace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub generations: Option<u64>,
    /// Events of all types.
    pub events: u64,
    /// Events by type, in the order of their numbers; only those that occur.
    #[serde(serialize_with = "as_map")]
    pub events_by_type: Vec<(&'static str, u64)>,
    /// Ps that were there; of a v1 trace those that have events.
    pub ps: u64,
    /// Goroutines that were there at the beginning or were created, without g0.
    pub goroutines: u64,
    /// The numbers of CPU samples.
    pub samples: Samples,
    /// Stacks in the trace's tables.
    pub stacks: u64,
    /// Strings in the trace's tables.
    pub strings: u64,
    /// Ticks of a v1 trace's clock in a second; 0 if that is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ticks_per_second: Option<i64>,
    /// Nanoseconds from the first event to the last.
    pub span_ns: i64,
    /// Warnings, the first of each kind.
    pub warnings: Vec<String>,
    /// How many warnings there were.
    pub warnings_count: u64,
    /// The error, if only a part could be read.
    pub error: Option<String>,
}

impl Stat {
    /// Reads the whole trace, and keeps nothing of an event.
    ///
    /// With [`Options::keep_going`](crate::trace::Options) what could be read before an error is
    /// counted, and the error is part of the result.
    ///
    /// # Errors
    /// What is wrong with the trace.
    pub fn of(reader: &mut Reader) -> Result<Self, InputError> {
        reader.in_own(|own| match own {
            Own::V1(reader) => v1::stat::of(reader),
            Own::V2(reader) => v2::stat::of(reader),
        })
    }
}

/// Text for people.
impl Display for Stat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut row = |name: &str, value: &dyn Display| writeln!(f, "{name:<20} {value:>14}");
        row("format of Go", &self.version)?;
        row("bytes", &self.bytes)?;
        if let Some(generations) = &self.generations {
            row("generations", generations)?;
        }
        row("time span", &seconds(self.span_ns))?;
        row("Ps", &self.ps)?;
        row("goroutines", &self.goroutines)?;
        row("stacks", &self.stacks)?;
        row("strings", &self.strings)?;
        let Samples {
            total,
            with_p,
            without_p,
            on_g0,
        } = self.samples;
        write!(f, "{:<20} {total:>14}", "CPU samples")?;
        if total > 0 {
            write!(
                f,
                "  ({with_p} with a P, {without_p} without; {on_g0} on g0)"
            )?;
        }
        writeln!(f, "\n{:<20} {:>14}", "events", self.events)?;
        for (name, count) in &self.events_by_type {
            writeln!(f, "{:<20} {count:>14}", format!("  {name}"))?;
        }
        for warning in &self.warnings {
            writeln!(f, "warning: {warning}")?;
        }
        let more = self.warnings_count - self.warnings.len() as u64;
        if more > 0 {
            writeln!(f, "warning: {more} more of this kind")?;
        }
        Ok(())
    }
}
