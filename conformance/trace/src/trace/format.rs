//! The two formats behind a reader.

use super::event::Event;
use super::ids::{Generation, GoId, Nanos, ProcId, StackId, ThreadId};
use super::input::Pages;
use super::kind::Kind;
use super::options::Options;
use super::{header, v1, v2};
use crate::error::InputError;

/// The two formats, which are all there are.
pub(super) enum Format<'a> {
    V1(Box<V1<'a>>),
    V2(Box<V2<'a>>),
}

/// A v1 trace and where its events are.
pub(super) struct V1<'a> {
    pub(super) reader: v1::Reader<'a>,
    /// From the first event on: it has a place for each goroutine.
    pub(super) stream: Option<v1::Stream<'a>>,
    is_over: bool,
    /// The label of the goroutine that has just started.
    label: Option<Event>,
}

/// A v2 trace and when its first event was.
pub(super) struct V2<'a> {
    pub(super) reader: v2::Reader<'a>,
    pub(super) first: Option<i64>,
}

impl<'a> Format<'a> {
    pub(super) fn new(pages: Pages<'a>, options: Options) -> Result<Self, InputError> {
        header::check(pages.bytes)?;
        if v2::is_v2(pages.bytes) {
            return v2::Reader::of_pages(pages, options).map(Self::of_v2);
        }
        let reader = v1::Reader::of(pages, options)?;
        Ok(Self::V1(Box::new(V1 {
            stream: None,
            reader,
            is_over: false,
            label: None,
        })))
    }

    pub(super) fn next_event(&mut self) -> Result<Option<Event>, InputError> {
        match self {
            Self::V1(v1) => v1.next_event(),
            Self::V2(v2) => v2.next_event(),
        }
    }

    /// A v2 trace that comes from a stream.
    pub(super) fn of_stream(
        from: impl std::io::Read + 'a,
        options: Options,
    ) -> Result<Self, InputError> {
        v2::Reader::of_stream(from, options).map(Self::of_v2)
    }

    fn of_v2(reader: v2::Reader<'a>) -> Self {
        let first = None;
        Self::V2(Box::new(V2 { reader, first }))
    }
}

impl V1<'_> {
    fn next_event(&mut self) -> Result<Option<Event>, InputError> {
        if let Some(label) = self.label.take() {
            return Ok(Some(label));
        }
        if self.is_over {
            return Ok(None);
        }
        let damage = || self.reader.damage().cloned();
        let stream = self.stream.get_or_insert_with(|| self.reader.stream());
        let error = match stream.advance() {
            Ok(true) => {
                let own = stream.event();
                let event = v1::convert(&own, self.reader.version());
                self.label = v1::label(&own, event);
                return Ok(Some(event));
            }
            Ok(false) => damage(),
            // Why the file ends too early says more than what this leads to.
            Err(error) => Some(damage().unwrap_or(error)),
        };
        self.is_over = true;
        error.map_or(Ok(None), Err)
    }
}

impl V2<'_> {
    fn next_event(&mut self) -> Result<Option<Event>, InputError> {
        if !self.reader.advance()? {
            return Ok(None);
        }
        let event = self.reader.event();
        let first = *self.first.get_or_insert(event.time);
        let table = self.reader.generation_offset();
        let mut kind = event.kind();
        if let Kind::GoTransition { stack, .. } = &mut kind {
            // Go prints that there is none; here it is absent.
            let there = stack.filter(|stack| stack.id != 0);
            *stack = there.map(|stack| StackId { table, ..stack });
        }
        Ok(Some(Event {
            offset: event.offset,
            time: Nanos(event.time) - Nanos(first),
            goroutine: event.goroutine().filter(|&g| g != 0).map(GoId),
            proc: event.proc().map(ProcId),
            thread: event.thread().map(ThreadId),
            generation: Some(Generation(event.generation)).filter(|g| g.0 != 0),
            table,
            stack: event.stack().map(|id| StackId { table, id }),
            kind,
        }))
    }
}
