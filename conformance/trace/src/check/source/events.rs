//! Events of a trace of either format, as a check sees them.

use sigprof_wire::FormatVersion;

use super::{Logged, Seen, Tables, What};
use crate::check::narrow::Narrow;
use crate::check::reason::Reason;
use crate::check::side::TraceSide;
use crate::error::InputError;
use crate::shown::counted;
use crate::trace::kind::{GoState, Metric, ProcState, Range, Text};
use crate::trace::{Event, Frame, Kind, Reader, StackId, Ticks, v1};

/// The tables of the last event's generation.
impl Tables for Reader<'_> {
    fn frames(&self, stack: u64) -> impl Iterator<Item = Frame> {
        Reader::frames(
            self,
            Some(StackId {
                table: 0,
                id: stack,
            }),
        )
    }

    fn string(&self, id: u64) -> &[u8] {
        Reader::string(self, id)
    }
}

impl Tables for v1::Reader<'_> {
    fn frames(&self, stack: u64) -> impl Iterator<Item = Frame> {
        self.stack(v1::StackId::new(stack))
    }

    fn string(&self, id: u64) -> &[u8] {
        v1::Reader::string(self, id)
    }
}

/// An event as a check sees it.
pub(crate) fn seen(event: &Event) -> Seen {
    let what = match event.kind {
        Kind::StackSample => What::Sample {
            stack: event.stack.map_or(0, |stack| stack.id),
        },
        Kind::Metric(Metric::Gomaxprocs, procs) => What::Procs(procs),
        Kind::ProcTransition {
            to: ProcState::Running,
            ..
        } => match event.thread {
            Some(thread) => What::Thread(thread.0),
            None => What::Other,
        },
        Kind::RegionBegin {
            name: Text::Table(name),
            ..
        } => What::RegionBegin { name },
        Kind::RegionEnd {
            name: Text::Table(name),
            ..
        } => What::RegionEnd { name },
        Kind::GoTransition {
            from,
            to: GoState::Syscall,
            ..
        } => What::Call {
            stack: event.stack.map_or(0, |stack| stack.id),
            is_old: from == GoState::Undetermined,
        },
        Kind::GoTransition {
            goroutine,
            to: GoState::NotExist,
            ..
        } if event.goroutine == Some(goroutine) => What::GoEnd,
        _ => What::Other,
    };
    Seen {
        time: event.time.0,
        goroutine: event.goroutine,
        table: event.table,
        thread: event.thread.map(|thread| thread.0),
        proc: event.proc.map(|proc| proc.0),
        runs: match event.kind {
            Kind::GoTransition {
                to: GoState::Running,
                ..
            } => Some(true),
            Kind::GoTransition {
                from: GoState::Running,
                ..
            } => Some(false),
            _ => None,
        },
        changed: match event.kind {
            Kind::GoTransition { goroutine, .. } => Some(goroutine),
            _ => None,
        },
        what,
    }
}

/// Why the world was stopped when the tracer began (Go: `runtime/proc.go`, `stwReasonStrings`).
const START: &[u8] = b"start trace";

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
    /// With [`Options::keep_going`](crate::trace::Options::keep_going) a trace that is cut, or whose
    /// events have no consistent order, gives its samples as far as they can be read; what is wrong
    /// is in [`damage`](Self::damage).
    ///
    /// # Errors
    /// What is wrong with the trace, at its offset.
    pub fn read(reader: &mut Reader, narrow: &Narrow) -> Result<Self, InputError> {
        let mut side = Self::new(narrow, no_samples(reader.version()));
        let (mut generation, mut is_empty) = (None, true);
        loop {
            let event = match reader.next_event() {
                Ok(Some(event)) => event,
                Ok(None) => break,
                Err(error) if reader.options().keep_going && !is_empty => {
                    side.damaged_by(reader, &error);
                    break;
                }
                Err(error) => return Err(error),
            };
            is_empty &= matches!(event.kind, Kind::Sync { .. });
            if event.generation.is_some() {
                // Their numbers may repeat.
                side.of_generation(reader, &event, generation != Some(event.table));
                generation = Some(event.table);
            }
            side.see(&seen(&event), reader);
        }
        if let Some(v1) = reader.as_v1() {
            side.log(v1, |ticks| reader.nanos(Ticks(ticks)).0);
        }
        let (end, bytes) = (side.span(), reader.bytes_read());
        side.generations().end(end, bytes);
        Ok(side)
    }

    /// Reading ends with an error. Samples need no order: those of a v1 trace that come later are
    /// counted, too; those of v2 are when their generation begins.
    fn damaged_by(&mut self, reader: &Reader, error: &InputError) {
        if let Some(v1) = reader.as_v1() {
            let rest = unseen(v1, usize::try_from(self.seen()).unwrap_or(usize::MAX));
            self.count(0, rest.map(|s| s.stack.map_or(0, v1::StackId::get)), reader);
            if v1.ticks_per_second() == 0 {
                self.lasts(0);
            }
        }
        let stop = format!(
            "{error}. What could be read besides has {}{}.",
            counted(self.seen(), "sample"),
            match self.samples() - self.seen() {
                0 => String::new(),
                1 => "; 1 more sample lies in the file".to_owned(),
                n => format!("; {n} more samples lie in the file"),
            }
        );
        self.damaged(stop);
        if reader.as_v1().is_some_and(|v1| v1.ticks_per_second() == 0) {
            self.damaged(
                "The end of the file is gone, and with it what its stacks and its times mean. How much that is, \
                 no trace of Go up to 1.21 says."
                    .to_owned(),
            );
        }
    }

    /// Tells of an event of a v2 trace, the first of its generation or another.
    fn of_generation(&mut self, reader: &Reader, event: &Event, is_first: bool) {
        if let Some(v2) = reader.as_v2().filter(|_| is_first) {
            let nanos = |time| reader.nanos(Ticks(time)).0;
            let clocks = v2.clocks();
            let clock = clocks.map(|clocks| nanos(clocks.trace));
            let wall = clock.zip(clocks.map(|clocks| clocks.wall_ns()));
            let samples = v2.logged_samples();
            self.count(event.table, samples.iter().map(|s| s.stack), reader);
            let start = clock.unwrap_or(event.time.0);
            self.begins(start, samples.iter().map(|sample| nanos(sample.time)));
            let number = event.generation.map_or(0, |g| g.0);
            self.generations().next(number, start, event.table);
            let samples = samples.into_iter();
            let samples = samples.map(|sample| (nanos(sample.time), sample.frames));
            let drained = v2.sample_batches().first().map(|&at| nanos(at));
            self.rings()
                .generation(number, clock, samples.collect(), drained);
            if let Some((at, wall)) = wall {
                self.wall(at, wall);
            }
        }
        let rings = self.rings();
        match event.kind {
            Kind::StackSample | Kind::Sync { .. } => {}
            Kind::RangeBegin(Range::StopTheWorld { reason, .. })
                if reader.bytes_of(reason) == START =>
            {
                rings.begin();
                self.generations().begin();
            }
            _ => rings.event(event.time.0),
        }
    }

    /// The same of the events of a v1 trace that have been collected.
    #[must_use]
    pub fn of(trace: &v1::Trace, narrow: &Narrow) -> Self {
        let mut side = Self::new(narrow, no_samples(trace.version));
        for event in &trace.events {
            let event = v1::convert(event, trace.version);
            side.see(&seen(&event), &trace.reader);
        }
        // Maybe not all of them.
        side.lasts(trace.span());
        side.log(&trace.reader, |ticks| trace.nanos(ticks));
        side
    }

    /// Tells of the samples in the order of the file, in which they lay in the ring.
    fn log(&mut self, reader: &v1::Reader, nanos: impl Fn(i64) -> i64) {
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

/// The samples of a v1 trace behind the first so many in the order of time; equal times stand in the
/// order of the file. Of each only its time is held, and that no longer than it takes to find the last.
fn unseen<'a>(
    reader: &'a v1::Reader<'_>,
    seen: usize,
) -> impl Iterator<Item = v1::LoggedSample> + 'a {
    let (mut from, mut equal) = (i64::MAX, usize::MAX);
    let samples = reader.logged_samples();
    if seen < samples.len() {
        let mut taken = Vec::with_capacity(samples.len());
        taken.extend(samples.map(|sample| sample.taken));
        from = *taken.select_nth_unstable(seen).1;
        let before = taken.iter().filter(|&&taken| taken < from).count();
        equal = seen - before;
    }
    reader.logged_samples().filter(move |sample| {
        let is_equal = sample.taken == from && equal > 0;
        equal -= usize::from(is_equal);
        sample.taken >= from && !is_equal
    })
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU64;

    use sigprof_wire::v1::EventType;

    use super::*;
    use crate::trace::GoId;

    #[test]
    fn what_a_check_needs_is_told_and_the_rest_is_not() {
        let event = |event_type, args| v1::Event {
            offset: 16,
            time: 7,
            event_type,
            place: v1::Place::P(0),
            goroutine: NonZeroU64::new(3),
            stack: NonZeroU64::new(9),
            args,
            link: None,
        };
        let seen = |event_type, args| {
            let event = v1::convert(&event(event_type, args), FormatVersion::GO_1_19);
            super::seen(&event)
        };
        let what = |event_type, args| seen(event_type, args).what;
        assert_eq!(
            what(EventType::CPUSample, [0, 1, 3]),
            What::Sample { stack: 9 }
        );
        assert_eq!(what(EventType::Gomaxprocs, [4, 0, 0]), What::Procs(4));
        assert_eq!(what(EventType::ProcStart, [5, 0, 0]), What::Thread(5));
        assert_eq!(what(EventType::ProcStop, [0, 0, 0]), What::Other);
        let region = |mode| what(EventType::UserRegion, [0, mode, 8]);
        assert_eq!(region(0), What::RegionBegin { name: 8 });
        assert_eq!(region(1), What::RegionEnd { name: 8 });
        assert_eq!(what(EventType::GoEnd, [0; 3]), What::GoEnd);
        assert_eq!(what(EventType::GoStop, [0; 3]), What::Other);
        let seen = seen(EventType::GoEnd, [0; 3]);
        assert_eq!((seen.time, seen.goroutine), (7, Some(GoId(3))));
    }
}
