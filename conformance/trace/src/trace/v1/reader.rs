//! The reader: events in order, one at a time, and the tables that they refer to.

use std::fmt;
use std::num::NonZeroU64;
use std::sync::Arc;

use sigprof_wire::FormatVersion;
use sigprof_wire::limits::NO_P;
use sigprof_wire::v1::EventType;

use super::event::{Event, LoggedSample, Place, StackId};
use super::{Frame, Index, Options, Slots, Stack, Stream, Warning, Warnings, index_of, varint};
use crate::error::InputError;
use crate::trace::input::{Input, Pages};
use crate::{bytes, trace::header};

/// A trace whose events are read in order, one at a time.
///
/// Making one checks the syntax of the whole file and notes where batches, strings, stacks
/// and samples stand. [`events`](Self::events) then orders and validates event by event,
/// straight from the bytes, as often as it is called.
///
/// **Memory** follows what lives, not what happens: beside the bytes themselves (of a mapped
/// file, those of a batch of each P; see [`open`](Self::open)), 48 for a
/// batch of events (64 KiB in real traces), 28 for a CPU sample, 9 to 18 for a string or a
/// stack, 16 for a `GoSysExit` that is written after it happened; and, while events are
/// read, 300 for a P, 100 for a goroutine that lives, a bit (at most 24 bytes) for one that
/// has ended. Two kinds of old traces take more: in one with `FutileWakeup` events, a bit for
/// each byte of the trace; in one of Go 1.5 or 1.6, 48 to 60 for each event. A trace that
/// would take more than 10 bytes for each of its own, and 640 KiB, is refused (S10.4).
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/valid/basics/tiny/trace");
/// use sigprof_trace::trace::Input;
/// use sigprof_trace::trace::v1::{Options, Reader};
/// use sigprof_wire::v1::EventType;
///
/// let input = Input::open(path)?;
/// let reader = Reader::open(&input, Options::default())?;
/// let mut samples = 0;
/// for event in reader.events() {
///     let event = event?;
///     if event.event_type == EventType::CPUSample {
///         let leaf = reader.stack(event.stack).next().expect("a sample has a stack");
///         println!("{} ns, {:?}: {}", event.time, event.place, reader.text(leaf.function));
///         samples += 1;
///     }
/// }
/// assert!(samples > 0);
/// # Ok(())
/// # }
/// ```
pub struct Reader<'a> {
    pages: Pages<'a>,
    index: Arc<Index>,
    options: Options,
}

impl<'a> Reader<'a> {
    /// A reader of these bytes.
    ///
    /// # Errors
    /// What is wrong with the header, the syntax or the arguments of events: the first in
    /// the order of the file, with its offset. That events cannot be ordered or cannot have
    /// happened is found when they are read.
    pub fn new(bytes: &'a [u8]) -> Result<Self, InputError> {
        Self::with(bytes, Options::default())
    }

    /// A reader with options.
    ///
    /// ```
    /// # use sigprof_trace::trace::v1::{Options, Reader};
    /// # let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/valid/basics/tiny/trace");
    /// # let bytes = std::fs::read(path).unwrap();
    /// let cut_short = &bytes[..bytes.len() - 1000];
    /// assert!(Reader::new(cut_short).is_err());
    /// let options = Options { keep_going: true, ..Options::default() };
    /// let reader = Reader::with(cut_short, options).unwrap();
    /// let (events, errors): (Vec<_>, Vec<_>) = reader.events().partition(Result::is_ok);
    /// assert!(events.len() > 10 && errors.len() == 1);
    /// ```
    ///
    /// # Errors
    /// As [`new`](Self::new); with `keep_going` only what is wrong with the header.
    pub fn with(bytes: &'a [u8], options: Options) -> Result<Self, InputError> {
        Self::of(Pages::of(bytes), options)
    }

    /// A reader of an input: of a large file that is mapped, only the parts that are being
    /// read are in memory.
    ///
    /// # Errors
    /// As [`with`](Self::with).
    pub fn open(input: &'a Input, options: Options) -> Result<Self, InputError> {
        Self::of(Pages::mapped(input), options)
    }

    pub(crate) fn of(pages: Pages<'a>, options: Options) -> Result<Self, InputError> {
        let version = header::read(pages.bytes)?;
        let index = super::index(version, pages, options.keep_going)?;
        Ok(Self {
            pages,
            index: Arc::new(index),
            options,
        })
    }

    /// The version of the trace's format.
    #[must_use]
    pub fn version(&self) -> FormatVersion {
        self.index.version
    }

    /// Ticks of the trace clock in a second; 0 if the end of the file, which says so, is
    /// missing, and [`Options::keep_going`] asked for what there is. Times are ticks then.
    #[must_use]
    pub fn ticks_per_second(&self) -> i64 {
        self.index.ticks_per_second
    }

    /// Every event in order, CPU samples included, ordered and validated as it comes.
    #[must_use]
    pub fn events(&self) -> Events<'_> {
        Events {
            stream: self.stream(),
            reader: self,
            is_over: false,
        }
    }

    /// Orders and validates the whole trace, and keeps nothing.
    ///
    /// # Errors
    /// What is wrong with it, at its offset.
    pub fn verify(&self) -> Result<(), InputError> {
        let mut stream = self.stream();
        while stream.advance()? {}
        Ok(())
    }

    pub(crate) fn stream(&self) -> Stream<'a> {
        Stream::new(self.pages, &self.index, self.options)
    }

    /// How it reads.
    #[must_use]
    pub fn options(&self) -> Options {
        self.options
    }

    /// How many lanes there are, each of a P with events; that of samples comes after them.
    pub(crate) fn lane_count(&self) -> usize {
        self.index.lanes.len()
    }

    /// The place of a lane's events.
    pub(crate) fn lane_place(&self, lane: u32) -> Place {
        let lane = self.index.lanes.get(lane as usize);
        lane.map_or(Place::NoP, |&(p, _)| super::place_of(p))
    }

    /// How many Ps have events.
    #[must_use]
    pub fn p_count(&self) -> u64 {
        let lanes = self.index.lanes.iter();
        lanes.filter(|&&(p, _)| p != NO_P).count() as u64
    }

    /// The bytes of the trace.
    #[must_use]
    pub fn bytes(&self) -> &'a [u8] {
        self.pages.bytes
    }

    /// The error in the file, if [`Options::keep_going`] reads a part of it.
    #[must_use]
    pub fn damage(&self) -> Option<&InputError> {
        self.index.damage.as_deref()
    }

    /// Warnings about the file as a whole; [`Events::warnings`] are about the events read so far.
    #[must_use]
    pub fn warnings(&self) -> Vec<Warning> {
        let mut warnings = Vec::new();
        warnings.extend(self.index.damage.clone().map(Warning::Damaged));
        if self.index.is_1_5 {
            warnings.push(Warning::NoSymbols);
        }
        if self.index.ticks_per_second == 0 {
            warnings.push(Warning::NoFrequency);
        }
        warnings
    }

    /// CPU samples as the tracer logged them, in the order of the file.
    pub fn logged_samples(&self) -> impl ExactSizeIterator<Item = LoggedSample> {
        let (pages, mut given_back) = (self.pages, 0);
        self.index.samples.iter().map(move |sample| {
            // Their bytes are read once more, so that a large file would be in memory again.
            pages.give_back_to(&mut given_back, index_of(sample.offset));
            LoggedSample {
                offset: sample.offset,
                taken: sample.taken,
                logged: sample.logged,
                stack: NonZeroU64::new(super::sample_stack(self.pages.bytes, sample)),
            }
        })
    }

    /// The frames of a stack, leaf first; none for no stack and for one that the trace lacks (S6).
    ///
    /// A trace of Go 1.5 or 1.6 has PCs alone.
    #[must_use]
    pub fn stack(&self, id: Option<StackId>) -> Stack<'a> {
        let has_names = !self.index.is_1_5;
        let id = id.map_or(0, StackId::get);
        self.index.tables.stack(self.pages.bytes, id, has_names)
    }

    /// The PCs of a stack's frames and where these stand, for [`frame_at`](Self::frame_at).
    pub(crate) fn frame_places(&self, id: StackId) -> impl Iterator<Item = (u64, u64)> {
        let (mut stack, has_names) = (self.stack(Some(id)), !self.index.is_1_5);
        std::iter::from_fn(move || {
            let offset = stack.offset();
            let frame = stack.next()?;
            Some((frame.pc, if has_names { offset } else { frame.pc }))
        })
    }

    /// The frame at a place. In a trace of Go 1.5 or 1.6, whose frames have nothing else, that
    /// is its PC.
    pub(crate) fn frame_at(&self, place: u64) -> Frame {
        let pc_alone = Frame {
            pc: place,
            function: 0,
            file: 0,
            line: 0,
        };
        if self.index.is_1_5 {
            return pc_alone;
        }
        let frame = Stack::of_frame(self.pages.bytes, place).next();
        frame.unwrap_or(pc_alone)
    }

    /// The id of every stack, in order.
    #[must_use]
    pub fn stack_ids(&self) -> Vec<StackId> {
        let ids = self.index.tables.stacks.ids(self.pages.bytes);
        let mut ids: Vec<_> = ids.filter_map(NonZeroU64::new).collect();
        ids.sort_unstable();
        ids
    }

    /// The id of every string, in any order.
    pub fn string_ids(&self) -> impl Iterator<Item = u64> {
        self.index.tables.strings.ids(self.pages.bytes)
    }

    /// How many stacks there are.
    #[must_use]
    pub fn stack_count(&self) -> usize {
        self.index.tables.stacks.len()
    }

    /// How many strings there are.
    #[must_use]
    pub fn string_count(&self) -> usize {
        self.index.tables.strings.len()
    }

    /// The bytes of a string; none for id 0 and for one that the trace does not have (S6).
    #[must_use]
    pub fn string(&self, id: u64) -> &'a [u8] {
        self.index.tables.string(self.pages.bytes, id)
    }

    /// The same as text, with what is not UTF-8 replaced.
    #[must_use]
    pub fn text(&self, id: u64) -> String {
        bytes::text(self.string(id))
    }

    /// The string arguments of an event, as many as [`EventType::spec`] names.
    #[must_use]
    pub fn string_args(&self, event: &Event) -> Vec<&'a [u8]> {
        let [first, second, third] = event.args;
        match event.event_type {
            EventType::GCSTWStart => vec![super::stw_kind(self.version(), first).as_bytes()],
            EventType::GoStartLabel | EventType::UserTaskCreate | EventType::UserRegion => {
                vec![self.string(third)]
            }
            EventType::UserLog => vec![self.string(second), self.message(event.offset)],
            _ => Vec::new(),
        }
    }

    /// The message that follows the `UserLog` at an offset.
    pub(crate) fn message(&self, offset: u64) -> &'a [u8] {
        let mut at = index_of(offset);
        let first = self.pages.bytes.get(at).copied().unwrap_or_default();
        at = at.saturating_add(1);
        // The length if there is one, the delta, two arguments and the stack.
        for _ in 0..4 + u8::from(first >> 6 == 3) {
            varint(self.pages.bytes, &mut at);
        }
        let length = index_of(varint(self.pages.bytes, &mut at));
        let message = self.pages.bytes.get(at..at.saturating_add(length));
        message.unwrap_or_default()
    }
}

impl fmt::Debug for Reader<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Reader");
        debug.field("version", &self.version());
        debug.field("bytes", &self.pages.bytes.len());
        debug.field("options", &self.options);
        debug.finish_non_exhaustive()
    }
}

/// The events of a trace in order. After an error nothing comes.
pub struct Events<'r> {
    stream: Stream<'r>,
    reader: &'r Reader<'r>,
    is_over: bool,
}

impl fmt::Debug for Events<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Events");
        debug.field("reader", &self.reader);
        debug.finish_non_exhaustive()
    }
}

impl Events<'_> {
    /// Where the reader has what the last event is about.
    pub(crate) fn slots(&self) -> Slots {
        self.stream.slots()
    }

    /// Bytes that there may be before this is asked again.
    pub(crate) fn heap(&self) -> usize {
        self.stream.heap()
    }

    /// Warnings about events so far.
    #[must_use]
    pub fn warnings(&self) -> &Warnings {
        self.stream.warnings()
    }

    /// Offsets of the `UserRegion` events whose regions the last event has ended, if that
    /// was a `GoEnd`: as a region's own end they answer to it (compare [`Event::link`]).
    #[must_use]
    pub fn ended_regions(&self) -> &[u64] {
        self.stream.ended_regions()
    }

    /// The tick of the first event, from which times are counted; known when it has come.
    #[must_use]
    pub fn first_tick(&self) -> i64 {
        self.stream.first_tick()
    }
}

impl Iterator for Events<'_> {
    type Item = Result<Event, InputError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over {
            return None;
        }
        let error = match self.stream.advance() {
            Ok(true) => return Some(Ok(self.stream.event())),
            Ok(false) => self.reader.damage().cloned(),
            // Why the file ends too early says more than what this leads to.
            Err(error) => Some(self.reader.damage().cloned().unwrap_or(error)),
        };
        self.is_over = true;
        error.map(Err)
    }
}

impl<'r> IntoIterator for &'r Reader<'_> {
    type Item = Result<Event, InputError>;
    type IntoIter = Events<'r>;

    fn into_iter(self) -> Events<'r> {
        self.events()
    }
}
