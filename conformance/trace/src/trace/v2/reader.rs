//! The reader: event by event, with the tables that the last one refers to.

use std::fmt;
use std::io::Read;

use sigprof_wire::FormatVersion;
use sigprof_wire::limits::HEADER_LEN;
use sigprof_wire::v2::HEADERS;

use super::event::{Event, Text};
use super::generation::{ExperimentalBatch, Frames};
use super::source::Source;
use super::stream::{Counts, Stream};
use super::{ClockSnapshot, FRAMES_SHARED};
use crate::error::{ErrorKind, InputError};
use crate::trace::header::unsupported;
use crate::trace::input::{Input, Pages};
use crate::trace::options::{Options, Warnings};

/// A CPU sample as it was written from the tracer's ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoggedSample {
    /// Bytes from the start of the trace.
    pub offset: u64,
    /// When its signal came, in nanoseconds of the trace's clock; events of samples may be moved.
    pub time: i64,
    /// Frames of its stack, as many as it had PCs in the ring.
    pub frames: u64,
    /// The id of its stack in its generation; 0 for none.
    pub stack: u64,
    /// The id of its thread in the operating system.
    pub thread: u64,
    /// Its P; [`NO_PROC`](sigprof_wire::v2::NO_PROC) for none.
    pub proc: u64,
    /// Its goroutine; [`NO_GOROUTINE`](sigprof_wire::v2::NO_GOROUTINE) for none.
    pub goroutine: u64,
}

/// A v2 trace whose events are read in order, one at a time.
///
/// ```no_run
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use sigprof_trace::trace::v2::{Options, Reader};
///
/// let mut reader = Reader::of_stream(std::io::stdin(), Options::default())?;
/// while let Some(event) = reader.next_event()? {
///     if event.is_sample() {
///         let leaf = reader.frames(event.stack()).next();
///         let name = leaf.map(|frame| reader.string(frame.function));
///         println!("{} ns: {:?}", event.time, name);
///     }
/// }
/// # Ok(())
/// # }
/// ```
pub struct Reader<'a> {
    stream: Stream<'a>,
    header: u16,
}

impl<'a> Reader<'a> {
    /// A reader of these bytes.
    ///
    /// # Errors
    /// What is wrong with the header. All else is found when events are read.
    pub fn new(bytes: &'a [u8], options: Options) -> Result<Self, InputError> {
        Self::of_pages(Pages::of(bytes), options)
    }

    /// A reader of an input: of a large file that is mapped, only the generation that is
    /// being read is in memory.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn open(input: &'a Input, options: Options) -> Result<Self, InputError> {
        Self::of_pages(Pages::mapped(input), options)
    }

    pub(crate) fn of_pages(pages: Pages<'a>, options: Options) -> Result<Self, InputError> {
        Self::of(Source::Whole(pages), options)
    }

    /// A reader of what comes from a stream: one generation is in memory at a time, and the
    /// first event comes when the first generation has.
    ///
    /// # Errors
    /// As [`new`](Self::new), and those of the stream.
    pub fn of_stream(from: impl Read + 'a, options: Options) -> Result<Self, InputError> {
        Self::of(Source::of_stream(from), options)
    }

    fn of(mut source: Source<'a>, options: Options) -> Result<Self, InputError> {
        source.fill(HEADER_LEN)?;
        let header = header(source.bytes())?;
        if header > options.release.minor() {
            let want = format!("a header that Go {} reads", options.release);
            let got = format!("one of Go 1.{header}");
            let kind = ErrorKind::Unsupported;
            return Err(InputError::new(kind, 0, "header", want, got));
        }
        let stream = Stream::new(source, HEADER_LEN, header, options);
        Ok(Self { stream, header })
    }

    /// The minor version of the header: 22, 23, 25 or 26.
    #[must_use]
    pub fn header(&self) -> u16 {
        self.header
    }

    /// Reads on to the next event; false at the end.
    ///
    /// # Errors
    /// What is wrong with the trace, at its offset. After an error nothing comes, unless
    /// [`Options::keep_going`] leads to another generation, and the error into
    /// [`warnings`](Self::warnings).
    #[inline]
    pub fn advance(&mut self) -> Result<bool, InputError> {
        self.stream.advance().map_err(|e| *e)
    }

    /// Reads on to the next events, some sixty of one generation, and to the last of them; none
    /// at the end.
    ///
    /// # Errors
    /// As [`advance`](Self::advance).
    pub(super) fn advance_many(&mut self) -> Result<&[Event], InputError> {
        self.stream.advance_many().map_err(|e| *e)
    }

    /// From now on events of threads are counted, and not handed out: samples and syncs are.
    pub(super) fn count(&mut self) {
        self.stream.count();
    }

    /// Events that were counted and not handed out, by type, and the time of the last of all.
    pub(super) fn counted(&self) -> (&Counts, i64) {
        self.stream.counted()
    }

    /// The event that [`advance`](Self::advance) came to.
    #[inline]
    #[must_use]
    pub fn event(&self) -> &Event {
        self.stream.event()
    }

    /// The next event.
    ///
    /// # Errors
    /// As [`advance`](Self::advance).
    pub fn next_event(&mut self) -> Result<Option<Event>, InputError> {
        Ok(self.advance()?.then(|| *self.event()))
    }

    /// The bytes of a string of the last event's generation; none for id 0 and for one that
    /// is not there.
    #[must_use]
    pub fn string(&self, id: u64) -> &[u8] {
        let bytes = self.stream.source.bytes();
        let found = self.stream.generation.string(bytes, id);
        found.unwrap_or_default()
    }

    /// The bytes of a string that the last event has.
    #[must_use]
    pub fn text(&self, text: Text) -> &[u8] {
        match text {
            Text::Table(id) => self.string(id),
            Text::Kept(number) => self.stream.kept(number),
            Text::Words(words) => words.as_bytes(),
            // No v2 event has one.
            Text::Message(_) => &[],
        }
    }

    /// The frames of a stack of the last event's generation, leaf first; none for no stack.
    #[must_use]
    pub fn frames(&self, stack: Option<u64>) -> Frames<'_> {
        let shared = self.stream.options.release >= FRAMES_SHARED;
        let bytes = self.stream.source.bytes();
        let generation = &self.stream.generation;
        generation.frames(bytes, stack.unwrap_or_default(), shared)
    }

    /// The CPU samples of the last event's generation in the order of the file, which is that of
    /// the tracer's ring.
    #[must_use]
    pub fn logged_samples(&self) -> Vec<LoggedSample> {
        let (source, generation) = (&self.stream.source, &self.stream.generation);
        let samples = generation.samples.iter().map(|sample| {
            let said = sample.said(source.bytes());
            let stack = said.stack;
            LoggedSample {
                offset: source.offset(sample.at),
                time: sample.time,
                frames: generation.stack_len(stack),
                stack,
                thread: said.thread,
                proc: said.proc,
                goroutine: said.goroutine,
            }
        });
        let mut samples: Vec<_> = samples.collect();
        samples.sort_unstable_by_key(|sample| sample.offset);
        samples
    }

    /// When the tracer began the batches of CPU samples of the last event's generation, in nanoseconds
    /// of its clock and in the order of the file: in each of these moments it read its ring.
    #[must_use]
    pub fn sample_batches(&self) -> &[i64] {
        &self.stream.generation.sample_batches
    }

    /// The clocks at the start of the last event's generation (from Go 1.25 on).
    #[must_use]
    pub fn clocks(&self) -> Option<ClockSnapshot> {
        self.stream.generation.snapshot
    }

    /// The batches of experiments in the last event's generation.
    #[must_use]
    pub fn experimental_batches(&self) -> &[ExperimentalBatch] {
        &self.stream.generation.experiments
    }

    /// Reads all events, and keeps nothing.
    ///
    /// # Errors
    /// As [`advance`](Self::advance).
    pub fn verify(&mut self) -> Result<(), InputError> {
        while self.stream.advance().map_err(|e| *e)? {}
        Ok(())
    }

    /// Warnings about the trace so far. The reader is up to some sixty events ahead of the one
    /// that it came to, and so are these.
    #[must_use]
    pub fn warnings(&self) -> &Warnings {
        self.stream.warnings()
    }

    /// How it reads.
    #[must_use]
    pub fn options(&self) -> Options {
        self.stream.options
    }

    /// Where the last event's generation begins: no two begin at the same place.
    pub(in crate::trace) fn generation_offset(&self) -> u64 {
        let stream = &self.stream;
        stream.source.offset(stream.generation.start)
    }

    /// The totals of what was read so far, which may be a little more than what was handed out.
    #[must_use]
    pub fn totals(&self) -> super::Totals {
        self.stream.totals()
    }
}

impl fmt::Debug for Reader<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Reader");
        debug.field("header", &self.header);
        debug.field("options", &self.stream.options);
        debug.finish_non_exhaustive()
    }
}

/// The minor version of a v2 header.
pub(crate) fn header(bytes: &[u8]) -> Result<u16, InputError> {
    let version = crate::trace::header::version(bytes)?;
    let known = HEADERS.into_iter().find(|h| version.0 == 1000 + h);
    known.ok_or_else(|| match FormatVersion::V1.contains(&version) {
        true => {
            let want = "a v2 trace, of Go 1.22 or later";
            let got = format!("one of Go {version}");
            InputError::new(ErrorKind::Unsupported, 0, "header", want, got)
        }
        false => unsupported(version),
    })
}
