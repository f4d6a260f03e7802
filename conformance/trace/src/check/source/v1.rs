//! Traces of Go 1.5 to 1.21 as a source of the fold.

use std::num::NonZeroU64;

use sigprof_wire::FormatVersion;
use sigprof_wire::v1::EventType;

use super::{Logged, Seen, Tables, What};
use crate::check::narrow::Narrow;
use crate::check::reason::Reason;
use crate::check::side::TraceSide;
use crate::error::InputError;
use crate::trace::v1::{Event, Frame, Reader, Trace};

impl Tables for Reader<'_> {
    fn frames(&self, stack: u64) -> impl Iterator<Item = Frame> {
        self.stack(NonZeroU64::new(stack))
    }

    fn string(&self, id: u64) -> &[u8] {
        Reader::string(self, id)
    }
}

/// An event as a check sees it.
fn seen(event: &Event) -> Seen {
    use EventType as E;
    let [first, second, third] = event.args;
    let what = match event.event_type {
        E::CPUSample => What::Sample {
            stack: event.stack.map_or(0, NonZeroU64::get),
        },
        E::Gomaxprocs => What::Procs(first),
        E::ProcStart => What::Thread(first),
        E::UserRegion if second == 0 => What::RegionBegin { name: third },
        E::UserRegion => What::RegionEnd { name: third },
        E::GoEnd => What::GoEnd,
        _ => What::Other,
    };
    Seen {
        time: event.time,
        goroutine: event.goroutine,
        generation: 0,
        what,
    }
}

/// Why a trace of this version may have no samples.
fn no_samples(version: FormatVersion) -> Reason {
    if version < FormatVersion::GO_1_19 {
        Reason::OldFormat
    } else {
        Reason::NoTraceSamples
    }
}

impl TraceSide {
    /// Goes through a trace once, and keeps counts: of the events nothing.
    ///
    /// # Errors
    /// What is wrong with the trace, at its offset.
    pub fn read(reader: &Reader, narrow: &Narrow) -> Result<Self, InputError> {
        let mut side = Self::new(narrow, no_samples(reader.version()));
        let mut events = reader.events();
        while let Some(event) = events.next().transpose()? {
            side.see(&seen(&event), reader);
        }
        side.log(reader, events.first_tick());
        Ok(side)
    }

    /// The same of events that have been collected.
    #[must_use]
    pub fn of(trace: &Trace, narrow: &Narrow) -> Self {
        let mut side = Self::new(narrow, no_samples(trace.version));
        for event in &trace.events {
            side.see(&seen(event), &trace.reader);
        }
        // Maybe not all of them.
        side.lasts(trace.span());
        side.log(&trace.reader, trace.first_tick);
        side
    }

    /// Tells of the samples in the order of the file, in which they lay in the ring.
    fn log(&mut self, reader: &Reader, first_tick: i64) {
        let nanos = |ticks: i64| {
            let ticks = ticks.wrapping_sub(first_tick);
            crate::trace::v1::nanos(ticks, reader.ticks_per_second())
        };
        for sample in reader.logged_samples() {
            self.logged(&Logged {
                taken: sample.taken,
                logged: sample.logged,
                taken_ns: nanos(sample.taken),
                logged_ns: nanos(sample.logged),
                pcs: reader.stack(sample.stack).len() as u64,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::v1::{GoId, Place};

    #[test]
    fn what_a_check_needs_is_told_and_the_rest_is_not() {
        let event = |event_type, args| Event {
            offset: 16,
            time: 7,
            event_type,
            place: Place::P(0),
            goroutine: GoId::new(3),
            stack: NonZeroU64::new(9),
            args,
            answers: None,
        };
        let what = |event_type, args| seen(&event(event_type, args)).what;
        assert_eq!(
            what(EventType::CPUSample, [0, 1, 3]),
            What::Sample { stack: 9 }
        );
        assert_eq!(what(EventType::Gomaxprocs, [4, 0, 0]), What::Procs(4));
        assert_eq!(what(EventType::ProcStart, [5, 0, 0]), What::Thread(5));
        let region = |mode| what(EventType::UserRegion, [0, mode, 8]);
        assert_eq!(region(0), What::RegionBegin { name: 8 });
        assert_eq!(region(1), What::RegionEnd { name: 8 });
        assert_eq!(what(EventType::GoEnd, [0; 3]), What::GoEnd);
        assert_eq!(what(EventType::GoStop, [0; 3]), What::Other);
        let seen = seen(&event(EventType::GoEnd, [0; 3]));
        assert_eq!((seen.time, seen.goroutine), (7, GoId::new(3)));
    }
}
