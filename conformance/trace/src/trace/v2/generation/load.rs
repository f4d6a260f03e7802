//! Reads a generation in: which batches are its own.

mod entries;

use sigprof_wire::v2::{EventType, HEADER_WITH_END, HEADER_WITH_SYNC};

use super::{Batch, ExperimentalBatch, Generation, NONE};
use crate::error::{ErrorKind, InputError};
use crate::trace::v2::batch::{BadHead, Head, Item};
use crate::trace::v2::clock::Scale;
use crate::trace::v2::other;
use crate::trace::v2::samples::sort;
use crate::trace::v2::source::Source;
use crate::trace::v2::varint::{BadVarint, varint};
use crate::trace::v2::{Options, Release, SORT_CHANGED};
use crate::{bytes, gzip, heap};

/// How reading a generation in ended.
#[derive(Debug)]
pub(in crate::trace::v2) enum Ended {
    /// There is no generation: the input ends where one would begin, after `lone` bytes that
    /// are not a generation, such as a lone `Sync`.
    Input { lone: usize },
    /// The generation is there, and the next begins at the index.
    Generation { next: usize },
    /// The generation is there as far as the input goes, which ends in this way.
    Last(Option<InputError>),
}

/// Reads the generation at an index in.
///
/// # Errors
/// What is wrong with it, and where one can go on: after the batches that were read.
pub(in crate::trace::v2) fn load(
    generation: &mut Generation,
    source: &mut Source,
    start: usize,
    header: u16,
    options: Options,
) -> Result<Ended, Box<(InputError, usize)>> {
    let scale = if generation.number == 0 {
        Scale::of_frequency(USUAL_FREQUENCY)
    } else {
        generation.scale
    };
    let before = generation.number;
    generation.clear();
    // Of a generation without a batch that is the end, too.
    (generation.start, generation.end) = (start, start);
    generation.scale = scale;
    let mut loader = Loader {
        generation,
        header,
        keep_going: options.keep_going,
        release: options.release,
        has_frequency: false,
        last: None,
        before,
        at: start,
        batches: 0,
    };
    let ended = loader.batches(source);
    let at = loader.at;
    let ended = match ended {
        Err(error) => return Err(Box::new((loader.said(source, error), at))),
        Ok(Ended::Last(Some(error))) => Ended::Last(Some(loader.said(source, error))),
        Ok(ended) => ended,
    };
    if matches!(ended, Ended::Input { .. }) {
        return Ok(ended);
    }
    loader.generation.is_cut = options.keep_going && matches!(ended, Ended::Last(_));
    match loader.finish(source, options.release) {
        Ok(()) => Ok(ended),
        // Why the input ends too early says more than what this leads to.
        Err(error) if loader.generation.is_cut => Ok(match ended {
            Ended::Last(None) => Ended::Last(Some(error)),
            ended => ended,
        }),
        Err(error) => Err(Box::new(match ended {
            Ended::Last(Some(why)) => (why, at),
            Ended::Generation { next } => (loader.said(source, error), next),
            _ => (loader.said(source, error), at),
        })),
    }
}

/// Units a second of the trace clock on most systems: 64 ns each.
const USUAL_FREQUENCY: u64 = 15_625_000;

/// The first byte of a batch that text may begin with: `1`.
const EXPERIMENTAL: u8 = EventType::ExperimentalBatch as u8;

struct Loader<'g> {
    generation: &'g mut Generation,
    header: u16,
    /// Whether the whole batches of a generation without an end are wanted.
    keep_going: bool,
    release: Release,
    has_frequency: bool,
    /// The first byte of the last batch.
    last: Option<EventType>,
    /// The number of the generation before, if there was one.
    before: u64,
    at: usize,
    /// Batches of all kinds so far.
    batches: usize,
}

impl Loader<'_> {
    fn batches(&mut self, source: &mut Source) -> Result<Ended, InputError> {
        loop {
            let item = match Head::read(source, self.at) {
                Ok(item) => item,
                Err(bad) => {
                    if source.bytes().get(self.at) == Some(&EXPERIMENTAL) {
                        self.keep_odd(source);
                    }
                    let is_behind_end = self.header >= HEADER_WITH_END && self.batches == 0;
                    if is_behind_end
                        && self.before != 0
                        && bad.error.place() != gzip::PLACE
                        && let Some(text) = other::with_end(source, self.at, self.before)
                    {
                        return Err(text);
                    }
                    return self.bad_head(bad);
                }
            };
            match item {
                Item::End => return self.input_ends(source),
                Item::EndOfGeneration(next) if self.header >= HEADER_WITH_END => {
                    self.keep_odd(source);
                    (self.at, self.generation.end) = (next, next);
                    return Ok(Ended::Generation { next });
                }
                Item::EndOfGeneration(_) => {
                    self.keep_odd(source);
                    let got = "the end of a generation, which this version does not have";
                    return Err(self.malformed(source, self.at, "batch", "a batch", got));
                }
                Item::Batch(head) => {
                    if head.experiment.is_some() {
                        self.keep_odd(source);
                    }
                    if let Some(ended) = self.number(source, &head)? {
                        return Ok(ended);
                    }
                    (self.at, self.generation.end) = (head.end, head.end);
                    self.batch(source, &head)?;
                    self.batches += 1;
                    if self.batches.is_multiple_of(heap::STEP) {
                        let end = source.offset(self.at);
                        let len = usize::try_from(end).unwrap_or(usize::MAX);
                        heap::check(len, self.generation.heap(), end)?;
                    }
                }
            }
        }
    }

    /// Keeps the place of what is read as something that text may begin with. Nothing is asked of the
    /// input for that: it may take long to say more.
    #[inline]
    fn keep_odd(&mut self, source: &Source) {
        // A batch of an experiment begins with one byte that text may have.
        let is_odd = || {
            let rest = &source.bytes()[self.at..];
            let run = bytes::text_run(rest);
            run > 1 || run == rest.len()
        };
        if self.generation.odd.is_none() && is_odd() {
            self.generation.odd = Some(self.at);
        }
    }

    /// An error in words: what came of text says less than that it is text.
    fn said(&mut self, source: &mut Source, error: InputError) -> InputError {
        match error.place() == gzip::PLACE {
            true => error,
            false => self.generation.odd(source).unwrap_or(error),
        }
    }

    /// Whether a batch belongs to this generation (R71.1, R71.2).
    fn number(&mut self, source: &Source, head: &Head) -> Result<Option<Ended>, InputError> {
        let own = &mut self.generation.number;
        if head.generation == 0 {
            let (want, got) = ("a generation above 0", "0");
            return Err(self.malformed(source, head.start, "batch", want, got));
        }
        if *own == 0 {
            *own = head.generation;
        } else if head.generation != *own {
            let own = *own;
            let got = format!("generation {}", head.generation);
            if self.header >= HEADER_WITH_END {
                let want = format!("generation {own}, whose end is not yet marked");
                return Err(self.malformed(source, head.start, "batch", want, got));
            }
            if head.generation == own.wrapping_add(1) {
                return Ok(Some(Ended::Generation { next: head.start }));
            }
            let want = format!("generation {own} or {}", own.wrapping_add(1));
            return Err(self.malformed(source, head.start, "batch", want, got));
        }
        Ok(None)
    }

    /// A head that cannot be read. It may be that of the next generation's first batch, so
    /// that this one is whole (R71.4).
    fn bad_head(&mut self, bad: BadHead) -> Result<Ended, InputError> {
        let own = self.generation.number;
        let error = match bad.generation {
            Some(generation) if bad.error.place() != gzip::PLACE => {
                bad.error.with_context(format!("generation {generation}"))
            }
            _ => bad.error,
        };
        let is_cut = self.keep_going && error.kind() == ErrorKind::Truncated;
        // 1.22 hands nothing out of a generation behind which a batch cannot be read.
        let is_whole = self.header < HEADER_WITH_END && self.release > Release::Go1_22;
        if own != 0 && (is_whole || is_cut) {
            return Ok(Ended::Last(Some(error)));
        }
        Err(error)
    }

    fn input_ends(&mut self, source: &Source) -> Result<Ended, InputError> {
        let own = self.generation.number;
        if self.header < HEADER_WITH_END {
            // Nothing marks the end of a generation.
            self.generation.is_open = self.last != Some(EventType::Strings);
            return Ok(Ended::Last(None));
        }
        if self.generation.batches.is_empty() {
            let lone = self.at - self.generation.start;
            return Ok(Ended::Input { lone });
        }
        let at = source.offset(self.at);
        let want = format!("the end of generation {own} to be marked");
        let got = "the end of the input";
        let error = InputError::new(ErrorKind::Truncated, at, "batch", want, got);
        if self.keep_going {
            return Ok(Ended::Last(Some(error)));
        }
        Err(error)
    }

    fn batch(&mut self, source: &Source, head: &Head) -> Result<(), InputError> {
        let bytes = &source.bytes()[..head.end];
        let least = &mut self.generation.min_time;
        // Go takes 0 for none.
        *least = least
            .filter(|&t| t != 0 && t <= head.time)
            .or(Some(head.time));
        self.last = None;
        if let Some(experiment) = head.experiment.filter(|&e| e != 0) {
            let batch = ExperimentalBatch {
                experiment,
                thread: head.thread,
                time: head.time,
                offset: source.offset(head.at),
                len: head.end - head.at,
            };
            heap::push(&mut self.generation.experiments, batch);
            return Ok(());
        }
        let first = bytes.get(head.at).copied().and_then(EventType::of);
        self.last = first;
        let mut at = head.at + 1;
        match first {
            Some(EventType::Strings) => self.strings(source, bytes, at),
            Some(EventType::Stacks) => self.stacks(source, bytes, at),
            Some(EventType::CPUSamples) => {
                let begun = &mut self.generation.sample_batches;
                heap::push(begun, head.time.cast_signed());
                self.samples(source, bytes, at)
            }
            Some(EventType::Frequency) if self.header < HEADER_WITH_SYNC => {
                // Before 1.25 nobody looked at what follows it.
                match self.release >= Release::Go1_25 {
                    true => self.sync(source, bytes, head.at, head.time),
                    false => self.frequency(source, bytes, &mut at),
                }
            }
            Some(EventType::Sync) if self.header >= HEADER_WITH_SYNC => {
                self.sync(source, bytes, at, head.time)
            }
            _ => {
                let Head { at, end, time, .. } = *head;
                let batch = Batch {
                    at,
                    end,
                    time,
                    next: NONE,
                };
                self.generation.add_batch(head.thread, batch);
                Ok(())
            }
        }
    }

    /// Checks and works out what can be when all batches are there; of a generation that is cut
    /// also what it lacks.
    fn finish(&mut self, source: &Source, release: Release) -> Result<(), InputError> {
        let generation = &mut *self.generation;
        let missing = |what: &str| {
            let want = format!("a {what} in generation {}", generation.number);
            let (at, got) = (source.offset(generation.start), "none");
            InputError::new(ErrorKind::Malformed, at, "generation", want, got)
        };
        let lacks = if !self.has_frequency {
            Err(missing("Frequency"))
        } else if self.header >= HEADER_WITH_SYNC && generation.snapshot.is_none() {
            Err(missing("ClockSnapshot"))
        } else {
            Ok(())
        };
        if !generation.is_cut {
            lacks.clone()?;
        }
        generation.strings.complete();
        generation.stacks.complete();
        let scale = generation.scale;
        if let Some(snapshot) = &mut generation.snapshot {
            snapshot.trace = scale.nanos(snapshot.trace.cast_unsigned());
        }
        for sample in &mut generation.samples {
            sample.time = scale.nanos(sample.time.cast_unsigned());
        }
        for begun in &mut generation.sample_batches {
            *begun = scale.nanos(begun.cast_unsigned());
        }
        sort::by_time(&mut generation.samples, |s| s.time, release < SORT_CHANGED);
        lacks.and(generation.check_frames(source, release))
    }

    fn varint(
        &self,
        source: &Source,
        bytes: &[u8],
        at: &mut usize,
        place: &str,
    ) -> Result<u64, InputError> {
        varint(bytes, at).map_err(|bad| self.bad_varint(source, *at, place, bad))
    }

    #[inline]
    fn varint_at(
        &self,
        source: &Source,
        bytes: &[u8],
        at: &mut usize,
        place: std::fmt::Arguments,
    ) -> Result<u64, InputError> {
        varint(bytes, at).map_err(|bad| self.bad_varint(source, *at, &place.to_string(), bad))
    }

    #[cold]
    fn bad_varint(&self, source: &Source, at: usize, place: &str, bad: BadVarint) -> InputError {
        self.malformed(source, at, place, "a number", bad.got())
    }

    #[cold]
    fn malformed(
        &self,
        source: &Source,
        at: usize,
        place: impl Into<String>,
        want: impl ToString,
        got: impl ToString,
    ) -> InputError {
        let at = source.offset(at);
        let (want, got) = (want.to_string(), got.to_string());
        let error = InputError::new(ErrorKind::Malformed, at, place, want, got);
        let number = self.generation.number;
        error.with_context(format!("generation {number}"))
    }
}
