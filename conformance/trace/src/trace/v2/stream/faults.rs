//! The faults of events, in words.

use super::ids::{Table, missing};
use super::{Event, Stream};
use crate::error::{ErrorKind, InputError};
use crate::heap;
use crate::trace::v2::cursor::{BadEvent, Why};
use crate::trace::v2::missing::Missing;
use crate::trace::v2::order::Fault;

use sigprof_wire::v2::EventType;

impl Stream<'_> {
    fn here(&self) -> String {
        format!("generation {}", self.generation.number)
    }

    /// No thread can go on.
    #[cold]
    pub(super) fn stuck(&mut self) -> Box<InputError> {
        let first = self.frontier.get(0);
        let first = first.map(|next| &self.cursors[next.cursor as usize]);
        let waiting = self.frontier.len();
        let start = self.source.offset(self.generation.start);
        let (mut at, mut what, mut place, mut thread) = (start, "nothing".to_owned(), "events", 0);
        if let Some(cursor) = first {
            let mut event = Event::sync(0, 0, 0, 0);
            let (base, number) = (self.source.base(), self.generation.number);
            cursor.write(&mut event, base, number);
            (at, what, place) = (event.offset, said(&event), event.event_type.name());
            thread = self.order.threads.context(cursor.thread).thread;
        }
        let want = "an event of some thread that can have happened next";
        let got = match waiting {
            1 => format!("thread {thread} alone, which cannot go on with {what}"),
            _ => format!(
                "{waiting} threads that wait for each other, the earliest {thread} with {what}"
            ),
        };
        let error = InputError::new(ErrorKind::Inconsistent, at, place, want, got);
        self.missed(error.with_context(self.here()))
    }

    /// The error of a fault: where text was read as a part of the generation, that is the cause.
    fn or_odd(&mut self, error: InputError) -> InputError {
        self.generation.odd(&mut self.source).unwrap_or(error)
    }

    /// The error of a thing that is not there.
    fn missed(&mut self, error: InputError) -> Box<InputError> {
        match self.generation.odd(&mut self.source) {
            Some(odd) => Box::new(odd),
            None => self.explained(error),
        }
    }

    #[cold]
    pub(super) fn cannot_have_happened(
        &mut self,
        event: &Event,
        thread: u32,
        fault: Fault,
    ) -> Box<InputError> {
        let Fault { want, got, takes } = fault;
        if let Some(takes) = takes {
            let len = usize::try_from(self.totals.bytes).unwrap_or(usize::MAX);
            let takes = takes + self.generation.heap();
            return Box::new(heap::too_large(len, takes, event.offset));
        }
        let place = event.event_type.name();
        let error = InputError::new(ErrorKind::Inconsistent, event.offset, place, want, got);
        let here = self.here();
        let thread = self.order.threads.context(thread).thread.cast_signed();
        let mut context = format!("{here}, thread {thread}");
        // Others may have done what lacks, of which nothing was written.
        if self.generation.is_open {
            context += &format!("; {}", self.share().why(&self.source));
        }
        Box::new(self.or_odd(error.with_context(context)))
    }

    #[cold]
    pub(super) fn bad_event(&mut self, bad: &BadEvent) -> Box<InputError> {
        let (place, at, want, got) = match bad.why {
            Why::NoType => (
                "event",
                bad.at,
                "an event with a time",
                format!("byte {}, which is no type", bad.byte),
            ),
            Why::Untimed(event_type) => (
                "event",
                bad.at,
                "an event with a time",
                format!("byte {} ({})", bad.byte, event_type.name()),
            ),
            Why::Number(at, number) => (
                EventType::of(bad.byte).map_or("event", EventType::name),
                at,
                "a number",
                number.got().to_owned(),
            ),
        };
        let at = self.source.offset(at);
        let error = InputError::new(ErrorKind::Malformed, at, place, want, got);
        Box::new(self.or_odd(error.with_context(self.here())))
    }

    #[cold]
    pub(super) fn bad_id(&mut self, event: &Event) -> Box<InputError> {
        let (want, got) = match missing(event, &self.generation) {
            Some((Table::Strings, id)) => ("a string of its generation", format!("id {id}")),
            Some((_, id)) => ("a stack of its generation", format!("id {id}")),
            None => ("ids of its generation", "another".to_owned()),
        };
        let place = event.event_type.name();
        let kind = ErrorKind::Malformed;
        let error = InputError::new(kind, event.offset, place, want, got);
        self.missed(error.with_context(self.here()))
    }

    /// An event names what its tables do not have. Of a generation that was cut off it is handed
    /// out all the same, and the error comes last.
    #[cold]
    pub(super) fn without_ids(&mut self, event: &Event) -> super::Result<()> {
        let error = self.bad_id(event);
        if !self.generation.is_cut {
            return Err(error);
        }
        self.pending.get_or_insert(error);
        Ok(())
    }

    /// An error that a thing is not there. In a generation that was not finished the end of the input
    /// took it: that is said, and what is missed first.
    #[cold]
    pub(super) fn explained(&self, error: InputError) -> Box<InputError> {
        let generation = &self.generation;
        let share = self.share();
        if !generation.is_open || error.kind() == ErrorKind::Truncated {
            return Box::new(share.said(error, &self.source));
        }
        let want = match generation.number {
            0 => "a batch".to_owned(),
            number => format!("more of generation {number}"),
        };
        let (kind, at) = (ErrorKind::Truncated, self.source.offset(generation.end));
        let end = InputError::new(kind, at, "batch", want, "the end of the input");
        let end = share.said(end, &self.source);
        if generation.number == 0 {
            return Box::new(end);
        }
        let context = format!("{}; missed first: {error}", end.context());
        Box::new(end.with_context(context))
    }

    /// The generation that is read, for what is missing of a trace that ends too early (S42).
    fn share(&self) -> Missing {
        let generation = &self.generation;
        let end = self.source.offset(generation.end);
        Missing {
            generation: generation.number,
            start: self.source.offset(generation.start),
            is_read: generation.is_cut,
            is_between: self.source.total() == Some(end),
        }
    }
}

/// An event with its arguments.
fn said(event: &Event) -> String {
    let mut text = event.event_type.name().to_owned();
    for (name, value) in event.event_type.spec().args.iter().zip(event.args) {
        text += &format!(" {name}={value}");
    }
    text
}
