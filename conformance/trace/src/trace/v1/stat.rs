//! The contents of a trace in numbers: all of it is read, ordered and validated, and nothing of an
//! event is kept.

use std::fmt;

use serde::Serialize;
use sigprof_wire::v1::EventType;

use super::event::Place;
use super::reader::Reader;
use super::render;
use crate::error::InputError;
use crate::trace::options::{Warning, Warnings};
pub use crate::trace::stat::Samples;
use crate::trace::stat::{Table, as_map, seconds};

/// The numbers of a trace.
#[derive(Clone, Debug, Serialize)]
pub struct Stat {
    /// The version of this schema.
    pub schema_version: u32,
    /// The version of the trace's format, such as `1.19`.
    pub version: String,
    /// Bytes of the trace.
    pub bytes: u64,
    /// Events of all types.
    pub events: u64,
    /// Events by type, in the order of their numbers; only those that occur.
    #[serde(serialize_with = "as_map")]
    pub events_by_type: Vec<(&'static str, u64)>,
    /// Ps that have events.
    pub ps: u64,
    /// Goroutines that were there at the beginning or were created, without g0.
    pub goroutines: u64,
    /// The numbers of CPU samples.
    pub samples: Samples,
    /// Stacks in the trace's table.
    pub stacks: u64,
    /// Strings in the trace's table.
    pub strings: u64,
    /// Ticks of the trace clock in a second; 0 if that is missing.
    pub ticks_per_second: i64,
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
    /// Reads the whole trace.
    ///
    /// With [`Options::keep_going`](crate::trace::Options) what could be read before an error is
    /// counted, and the error is part of the result.
    ///
    /// # Errors
    /// What is wrong with the trace.
    pub fn of(reader: &Reader) -> Result<Self, InputError> {
        let mut counts = [0_u64; 64];
        let mut samples = Samples::default();
        let mut span_ns = 0;
        let mut stream = reader.stream();
        let mut result;
        loop {
            result = stream.advance();
            if !matches!(result, Ok(true)) {
                break;
            }
            let seen = stream.seen();
            counts[seen.event_type as usize & 63] += 1;
            span_ns = seen.time;
            if seen.event_type == EventType::CPUSample {
                samples.add(matches!(seen.place, Place::P(_)), stream.own_id() == 0);
            }
        }
        let damage = reader.damage().cloned().or(result.err());
        if let Some(error) = &damage
            && !reader.options().keep_going
        {
            return Err(error.clone());
        }
        let stat = Self::new(reader, &counts, samples, span_ns, stream.warnings());
        Ok(Self {
            error: damage.map(|e| e.to_string()),
            ..stat
        })
    }

    fn new(
        reader: &Reader,
        counts: &[u64; 64],
        samples: Samples,
        span_ns: i64,
        of_events: &Warnings,
    ) -> Self {
        let by_type = EventType::ALL.into_iter().filter_map(|event_type| {
            let name = render::go_name(event_type, reader.version());
            Some((name, counts[event_type as usize])).filter(|&(_, count)| count > 0)
        });
        let of_file = reader.warnings();
        let of_file = of_file.iter();
        let of_file = of_file.filter(|w| !matches!(w, Warning::Damaged(_)));
        let warnings: Vec<_> = of_file
            .chain(of_events.first())
            .map(Warning::to_string)
            .collect();
        Self {
            schema_version: 1,
            version: reader.version().to_string(),
            bytes: reader.bytes().len() as u64,
            events: counts.iter().sum(),
            events_by_type: by_type.collect(),
            ps: reader.p_count(),
            goroutines: counts[EventType::GoCreate as usize],
            samples,
            stacks: reader.stack_count() as u64,
            strings: reader.string_count() as u64,
            ticks_per_second: reader.ticks_per_second(),
            span_ns,
            warnings_count: warnings.len() as u64 + of_events.count()
                - of_events.first().len() as u64,
            warnings,
            error: None,
        }
    }
}

/// Text for people.
impl fmt::Display for Stat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let table = Table {
            head: &[
                ("format of Go", &self.version),
                ("bytes", &self.bytes),
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
