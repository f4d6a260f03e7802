//! The reader of both formats: event by event, with the tables that an event refers to.
//!
//! It and `format`, which it stands on, are the places that know which format a trace has.

use std::fmt;
use std::io::Read;
use std::num::NonZeroU64;
use std::path::Path;

use self_cell::self_cell;
use sigprof_wire::FormatVersion;
use sigprof_wire::limits::HEADER_LEN;

use super::event::{Event, Frame};
use super::format::Format;
use super::ids::{Nanos, StackId, Ticks};
use super::input::{self, Input, OpenError, Pages};
use super::kind::Text;
use super::options::{Options, Warning};
use super::{header, v1, v2};
use crate::error::InputError;
use crate::{bytes, heap};

/// A trace of either format, whose events are read in order, one at a time.
///
/// Strings and stacks are those of the last event's generation, so ask for them before you
/// read on. Memory follows what lives, not what happens: see [`v1::Reader`], and
/// [`v2::Reader`], which holds one generation at a time.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/valid/basics/tiny/trace");
/// let mut reader = sigprof_trace::trace::Reader::from_path(path)?;
/// let mut samples = 0;
/// while let Some(event) = reader.next_event()? {
///     if event.is_sample() {
///         let leaf = reader.frames(event.stack).next().expect("a sample has a stack");
///         println!("{} ns: {}", event.time, reader.text(leaf.function));
///         samples += 1;
///     }
/// }
/// assert!(samples > 0);
/// # Ok(())
/// # }
/// ```
pub struct Reader<'a> {
    held: Held<'a>,
    options: Options,
}

/// A reader of bytes that somebody else holds, or of its own.
enum Held<'a> {
    Lent(Format<'a>),
    Owned(Owned),
}

/// The reader of a trace's own format.
pub(crate) enum Own<'r, 'a> {
    V1(&'r v1::Reader<'a>),
    V2(&'r mut v2::Reader<'a>),
}

self_cell!(
    struct Owned {
        owner: Input,
        #[covariant]
        dependent: Format,
    }
);

impl Reader<'static> {
    /// A reader of a file, mapped into memory, or of a pipe, packed with gzip or not. It owns
    /// what it reads, so a function can make and return it.
    ///
    /// # Errors
    /// Those of the file system, and those of [`new`](Self::new).
    pub fn from_path(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        let (path, options) = (path.as_ref(), Options::default());
        if let Some(from) = input::streamed(path)? {
            return Self::from_stream(from, options);
        }
        Ok(Self::owning(Input::open_if(path, header::check)?, options)?)
    }

    /// A reader that owns its input.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn owning(input: Input, options: Options) -> Result<Self, InputError> {
        let held = Held::Owned(Owned::try_new(input, |input| {
            Format::new(Pages::mapped(input), options)
        })?);
        Ok(Self { held, options })
    }
}

impl<'a> Reader<'a> {
    /// A reader of these bytes.
    ///
    /// # Errors
    /// What is wrong with the header, and of a v1 trace with the syntax of the whole file.
    /// All else is found when events are read.
    pub fn new(bytes: &'a [u8]) -> Result<Self, InputError> {
        Self::with(bytes, Options::default())
    }

    /// A reader of these bytes, with options.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn with(bytes: &'a [u8], options: Options) -> Result<Self, InputError> {
        Self::of(Pages::of(bytes), options)
    }

    /// A reader of an input: of a large file that is mapped, only the parts that are being
    /// read are in memory.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn open(input: &'a Input, options: Options) -> Result<Self, InputError> {
        Self::of(Pages::mapped(input), options)
    }

    fn of(pages: Pages<'a>, options: Options) -> Result<Self, InputError> {
        let held = Held::Lent(Format::new(pages, options)?);
        Ok(Self { held, options })
    }

    /// A reader of what comes from a stream, packed with gzip or not. Of a v2 trace one generation is in memory at a
    /// time; a v1 trace is read to its end first, since its tables stand there.
    ///
    /// # Errors
    /// Those of the stream, and those of [`new`](Self::new).
    pub fn from_stream(from: impl Read + 'a, options: Options) -> Result<Self, OpenError> {
        let mut from = input::unpacked(from)?;
        let mut first = Vec::with_capacity(HEADER_LEN);
        from.by_ref()
            .take(HEADER_LEN as u64)
            .read_to_end(&mut first)?;
        let is_v2 = v2::is_v2(&first);
        let from = std::io::Cursor::new(first).chain(from);
        if is_v2 {
            let held = Held::Lent(Format::of_stream(from, options)?);
            return Ok(Self { held, options });
        }
        let input = Input::from_stream(from)?;
        let held = Held::Owned(Owned::try_new(input, |input| {
            Format::new(Pages::mapped(input), options)
        })?);
        Ok(Self { held, options })
    }

    fn format(&self) -> &Format<'_> {
        match &self.held {
            Held::Lent(format) => format,
            Held::Owned(owned) => owned.borrow_dependent(),
        }
    }

    /// The version of the trace's format.
    #[must_use]
    pub fn version(&self) -> FormatVersion {
        match self.format() {
            Format::V1(v1) => v1.reader.version(),
            Format::V2(v2) => FormatVersion(1000 + v2.reader.header()),
        }
    }

    /// How it reads.
    #[must_use]
    pub fn options(&self) -> Options {
        self.options
    }

    /// Ticks of the trace's clock as time since the first event, which must have been read. Of a
    /// v2 trace ticks are nanoseconds: each generation has a frequency of its own, which its
    /// events' times have been through.
    #[must_use]
    pub fn nanos(&self, ticks: Ticks) -> Nanos {
        match self.format() {
            Format::V1(v1) => {
                let first = v1.stream.as_ref().map_or(0, v1::Stream::first_tick);
                let since = ticks.0.wrapping_sub(first);
                Nanos(v1::nanos(since, v1.reader.ticks_per_second()))
            }
            Format::V2(v2) => Nanos(ticks.0) - Nanos(v2.first.unwrap_or_default()),
        }
    }

    /// The next event; `None` at the end.
    ///
    /// # Errors
    /// What is wrong with the trace, at its offset; after an error nothing comes. With
    /// [`Options::keep_going`] what can be read comes first.
    pub fn next_event(&mut self) -> Result<Option<Event>, InputError> {
        match &mut self.held {
            Held::Lent(format) => format.next_event(),
            Held::Owned(owned) => owned.with_dependent_mut(|_, format| format.next_event()),
        }
    }

    /// Reads on to the end, and keeps nothing.
    ///
    /// # Errors
    /// As [`next_event`](Self::next_event).
    pub fn verify(&mut self) -> Result<(), InputError> {
        while self.next_event()?.is_some() {}
        Ok(())
    }

    /// The frames of a stack, leaf first: of the last event's generation, and none for no
    /// stack.
    #[must_use]
    pub fn frames(&self, stack: Option<StackId>) -> Frames<'_> {
        let id = stack.map_or(0, |stack| stack.id);
        match self.format() {
            Format::V1(v1) => Frames::V1(v1.reader.stack(NonZeroU64::new(id))),
            Format::V2(v2) => Frames::V2(v2.reader.frames(Some(id))),
        }
    }

    /// The bytes of a string of the last event's generation; none for id 0 and for one that
    /// is not there.
    #[must_use]
    pub fn string(&self, id: u64) -> &[u8] {
        match self.format() {
            Format::V1(v1) => v1.reader.string(id),
            Format::V2(v2) => v2.reader.string(id),
        }
    }

    /// The same as text, with what is not UTF-8 replaced.
    #[must_use]
    pub fn text(&self, id: u64) -> String {
        bytes::text(self.string(id))
    }

    /// The bytes of a text that the last event has.
    #[must_use]
    pub fn bytes_of(&self, text: Text) -> &[u8] {
        match (self.format(), text) {
            (_, Text::Words(words)) => words.as_bytes(),
            (Format::V1(v1), Text::Message(offset)) => v1.reader.message(offset),
            (Format::V1(v1), Text::Table(id)) => v1.reader.string(id),
            (Format::V1(_), Text::Kept(_)) => &[],
            (Format::V2(v2), text) => v2.reader.text(text),
        }
    }

    /// Warnings so far, the first of each kind, and how many there were in all.
    #[must_use]
    pub fn warnings(&self) -> (Vec<Warning>, u64) {
        match self.format() {
            Format::V1(v1) => {
                let mut all = v1.reader.warnings();
                let mut count = all.len() as u64;
                if let Some(stream) = &v1.stream {
                    count += stream.warnings().count();
                    all.extend(stream.warnings().first().iter().cloned());
                }
                (all, count)
            }
            Format::V2(v2) => {
                let warnings = v2.reader.warnings();
                (warnings.first().to_vec(), warnings.count())
            }
        }
    }

    /// The v1 trace, for what v1 alone has.
    #[must_use]
    pub fn as_v1(&self) -> Option<&v1::Reader<'_>> {
        match self.format() {
            Format::V1(v1) => Some(&v1.reader),
            Format::V2(_) => None,
        }
    }

    /// Lends the reader of the trace's own format, for what the two do in ways of their own.
    pub(crate) fn in_own<T>(&mut self, with: impl FnOnce(Own) -> T) -> T {
        let of = |format: &mut Format| match format {
            Format::V1(v1) => with(Own::V1(&v1.reader)),
            Format::V2(v2) => with(Own::V2(&mut v2.reader)),
        };
        match &mut self.held {
            Held::Lent(format) => of(format),
            Held::Owned(owned) => owned.with_dependent_mut(|_, format| of(format)),
        }
    }

    /// Refuses a trace of which so many bytes are held beside what this reader holds, if that is
    /// more than its size allows.
    pub(crate) fn check_beside(&self, beside: usize, offset: u64) -> Result<(), InputError> {
        match self.format() {
            Format::V1(v1) => {
                let own = v1.stream.as_ref().map_or(0, v1::Stream::heap);
                heap::check_export(v1.reader.bytes().len(), own + beside, offset)
            }
            Format::V2(_) => {
                let read = usize::try_from(self.bytes_read()).unwrap_or(usize::MAX);
                heap::check_beside(read, beside, offset)
            }
        }
    }

    /// Bytes of the trace that were read so far; of a v1 trace all.
    #[must_use]
    pub fn bytes_read(&self) -> u64 {
        match self.format() {
            Format::V1(v1) => v1.reader.bytes().len() as u64,
            Format::V2(v2) => v2.reader.totals().bytes,
        }
    }

    /// Generations that were left out so far, since they cannot be read.
    pub(crate) fn lost(&self) -> u64 {
        self.as_v2().map_or(0, |v2| v2.totals().lost)
    }

    /// The v2 trace, for what v2 alone has: its last event as it is on the wire, clocks,
    /// batches of experiments.
    #[must_use]
    pub fn as_v2(&self) -> Option<&v2::Reader<'_>> {
        match self.format() {
            Format::V1(_) => None,
            Format::V2(v2) => Some(&v2.reader),
        }
    }
}

impl fmt::Debug for Reader<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Reader");
        debug.field("version", &self.version());
        debug.field("options", &self.options);
        debug.finish_non_exhaustive()
    }
}

/// The frames of a stack, leaf first.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Frames<'r> {
    /// Of a v1 trace.
    V1(v1::Stack<'r>),
    /// Of a v2 trace.
    V2(v2::Frames<'r>),
}

impl Iterator for Frames<'_> {
    type Item = Frame;

    fn next(&mut self) -> Option<Frame> {
        match self {
            Self::V1(frames) => frames.next(),
            Self::V2(frames) => frames.next(),
        }
    }
}
