//! A whole trace in memory.

use std::fmt;

use sigprof_wire::FormatVersion;
use sigprof_wire::v1::EventType;

use super::event::Event;
use super::reader::Reader;
use crate::error::InputError;

/// A whole trace in memory, read, ordered and validated: for small traces and for
/// whoever looks at events more than once. [`Reader`] needs no memory for events.
pub struct Trace<'a> {
    /// The tables: where its strings and stacks are.
    pub reader: Reader<'a>,
    /// The version of its format.
    pub version: FormatVersion,
    /// The tick of the first event, from which nanoseconds are counted.
    pub first_tick: i64,
    /// Events in order, CPU samples included.
    pub events: Vec<Event>,
    /// Nanoseconds from the first event to the last.
    span: i64,
}

impl<'a> Trace<'a> {
    /// Reads a whole trace, and keeps the events that are wanted.
    ///
    /// # Errors
    /// Whatever is wrong with it, at its offset.
    pub fn collect(
        reader: Reader<'a>,
        is_wanted: impl Fn(&Event) -> bool,
    ) -> Result<Self, InputError> {
        let mut kept = Vec::new();
        let mut span = 0;
        let mut events = reader.events();
        while let Some(event) = events.next().transpose()? {
            span = event.time;
            if is_wanted(&event) {
                crate::heap::push(&mut kept, event);
            }
        }
        let first_tick = events.first_tick();
        drop(events);
        Ok(Self {
            version: reader.version(),
            first_tick,
            events: kept,
            span,
            reader,
        })
    }

    /// The CPU samples, in order of time.
    pub fn samples(&self) -> impl Iterator<Item = &Event> {
        self.events
            .iter()
            .filter(|e| e.event_type == EventType::CPUSample)
    }

    /// Nanoseconds from the first event to the last.
    #[must_use]
    pub fn span(&self) -> i64 {
        self.span
    }

    /// Ticks of the trace clock as nanoseconds since the first event.
    #[must_use]
    pub fn nanos(&self, ticks: i64) -> i64 {
        let ticks = ticks.wrapping_sub(self.first_tick);
        super::nanos(ticks, self.reader.ticks_per_second())
    }
}

impl fmt::Debug for Trace<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Trace");
        debug.field("version", &self.version);
        debug.field("events", &self.events.len());
        debug.finish_non_exhaustive()
    }
}
