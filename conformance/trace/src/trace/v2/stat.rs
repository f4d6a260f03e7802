//! The contents of a v2 trace in numbers.

use std::fmt;

use serde::Serialize;
use sigprof_wire::v2::EventType;

use super::reader::Reader;
use crate::error::InputError;
pub use crate::trace::stat::Samples;
use crate::trace::stat::{Table, as_map, seconds};

/// The numbers of a trace.
#[derive(Clone, Debug, Serialize)]
pub struct Stat {
    /// The version of this schema.
    pub schema_version: u32,
    /// The version in the header, such as `1.26`.
    pub version: String,
    /// Bytes of its whole generations.
    pub bytes: u64,
    /// The number of whole generations.
    pub generations: u64,
    /// Events of all types.
    pub events: u64,
    /// Events by type, in the order of their numbers; only those that occur.
    #[serde(serialize_with = "as_map")]
    pub events_by_type: Vec<(&'static str, u64)>,
    /// Ps that were there.
    pub ps: u64,
    /// Goroutines that were there or were created.
    pub goroutines: u64,
    /// The numbers of CPU samples.
    pub samples: Samples,
    /// Stacks in the tables of all generations.
    pub stacks: u64,
    /// Strings in the tables of all generations.
    pub strings: u64,
    /// Nanoseconds from the first event to the last.
    pub span_ns: i64,
    /// Warnings, the first of them.
    pub warnings: Vec<String>,
    /// How many warnings there were.
    pub warnings_count: u64,
    /// The error, if only a part could be read.
    pub error: Option<String>,
}

impl Stat {
    /// Reads the whole trace. With [`Options::keep_going`](super::Options) the error is part
    /// of the result.
    ///
    /// # Errors
    /// What is wrong with the trace.
    pub fn of(reader: &mut Reader) -> Result<Self, InputError> {
        let mut counts = [0_u64; 256];
        let mut samples = Samples::default();
        let (mut first, mut last) = (None, 0);
        let result = loop {
            match reader.advance() {
                Ok(true) => {}
                Ok(false) => break None,
                Err(error) => break Some(error),
            }
            let event = reader.event();
            counts[event.event_type as usize] += 1;
            last = event.time;
            if first.is_none() {
                first = Some(last);
            }
            if event.is_sample() {
                samples.add(event.proc().is_some(), event.goroutine().is_none());
            }
        };
        if let Some(error) = &result
            && !reader.options().keep_going
        {
            return Err(error.clone());
        }
        let totals = reader.totals();
        let by_type = EventType::ALL
            .iter()
            .map(|&e| (e.name(), counts[e as usize]));
        let warnings = reader.warnings();
        Ok(Self {
            schema_version: 1,
            version: format!("1.{}", reader.header()),
            bytes: totals.bytes,
            generations: totals.generations,
            events: counts.iter().sum(),
            events_by_type: by_type.filter(|&(_, count)| count > 0).collect(),
            ps: totals.procs,
            goroutines: totals.goroutines,
            samples,
            stacks: totals.stacks,
            strings: totals.strings,
            span_ns: first.map_or(0, |first| last.wrapping_sub(first)),
            warnings: warnings.first().iter().map(ToString::to_string).collect(),
            warnings_count: warnings.count(),
            error: result.map(|e| e.to_string()),
        })
    }
}

/// Shows the numbers to people.
impl fmt::Display for Stat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let table = Table {
            head: &[
                ("format of Go", &self.version),
                ("bytes", &self.bytes),
                ("generations", &self.generations),
                ("time span", &seconds(self.span_ns)),
                ("Ps", &self.ps),
                ("goroutines", &self.goroutines),
                ("stacks", &self.stacks),
                ("strings", &self.strings),
            ],
            samples: self.samples,
            events: self.events,
            events_by_type: &self.events_by_type,
            warnings: &self.warnings,
            warnings_count: self.warnings_count,
        };
        table.fmt(f)
    }
}
