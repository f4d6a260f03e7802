//! The heads of batches.

use sigprof_wire::v2::EventType;
use sigprof_wire::v2::limits::{MAX_BATCH_HEADER, MAX_BATCH_SIZE, PADDED_SIZE_LEN};

use super::other;
use super::source::{CHUNK, Source};
use super::varint::{BadVarint, varint};
use crate::error::{ErrorKind, InputError};
use crate::shown::counted;

/// The item at a place where a batch may begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Item {
    /// The end of the input.
    End,
    /// The end of a generation; the index after it.
    EndOfGeneration(usize),
    /// A batch with this head.
    Batch(Head),
}

/// The head of a batch: indices into the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    /// Where it begins.
    pub(super) start: usize,
    /// Its experiment, if it belongs to one.
    pub(super) experiment: Option<u8>,
    pub(super) generation: u64,
    /// The thread, or `NO_THREAD`.
    pub(super) thread: u64,
    /// Units of the trace clock.
    pub(super) time: u64,
    /// Where its bytes begin.
    pub(super) at: usize,
    /// Where they end.
    pub(super) end: usize,
}

/// The error in a batch's head, and the batch's generation if that was read.
#[derive(Debug)]
pub(super) struct BadHead {
    pub(super) error: InputError,
    pub(super) generation: Option<u64>,
}

/// The numbers that make up a head.
struct Numbers {
    experiment: Option<u8>,
    /// Generation, thread, time and size.
    head: [u64; 4],
    /// Where they end.
    at: usize,
}

impl Numbers {
    fn read(source: &Source, mut at: usize, has_experiment: bool) -> Result<Self, BadHead> {
        let mut experiment = None;
        if has_experiment {
            experiment = source.bytes().get(at).copied();
            if experiment.is_none() {
                let (want, got) = ("the number of an experiment", "the end of the input");
                let at = source.offset(at);
                return Err(BadHead {
                    error: InputError::new(ErrorKind::Truncated, at, "batch", want, got),
                    generation: None,
                });
            }
            at += 1;
        }
        let mut head = [0; 4];
        let mut generation = None;
        for (value, place) in head
            .iter_mut()
            .zip(["generation", "thread", "time", "size"])
        {
            let number = varint(source.bytes(), &mut at);
            *value = number.map_err(|bad| BadHead {
                error: bad_number(source, at, place, bad),
                generation,
            })?;
            generation = generation.or(Some(*value));
        }
        Ok(Self {
            experiment,
            head,
            at,
        })
    }
}

impl Head {
    /// The head at an index, and all bytes of its batch in the window.
    pub(super) fn read(source: &mut Source, start: usize) -> Result<Item, BadHead> {
        let plain = |error| BadHead {
            error,
            generation: None,
        };
        source.fill(start + 1).map_err(plain)?;
        let Some(&first) = source.bytes().get(start) else {
            return Ok(Item::End);
        };
        let has_experiment = match EventType::of(first) {
            Some(EventType::EndOfGeneration) => return Ok(Item::EndOfGeneration(start + 1)),
            Some(EventType::EventBatch) => false,
            Some(EventType::ExperimentalBatch) => true,
            event_type => {
                let got = other::said(source, start).map_err(plain)?;
                let got = got.unwrap_or_else(|| {
                    let name = event_type.map_or("nothing", EventType::name);
                    format!("byte {first} ({name})")
                });
                return Err(plain(other::no_batch(source.offset(start), got)));
            }
        };
        // Of a stream no more is asked for than the head has: the rest may take long.
        let Numbers {
            experiment,
            head,
            at,
        } = loop {
            let there = source.bytes().len();
            match Numbers::read(source, start + 1, has_experiment) {
                Err(bad)
                    if bad.error.kind() == ErrorKind::Truncated
                        && there < start + MAX_BATCH_HEADER =>
                {
                    source.fill(there + 1).map_err(plain)?;
                    if source.bytes().len() == there {
                        return Err(bad);
                    }
                }
                other => break other?,
            }
        };
        let generation = Some(head[0]);
        let [number, thread, time, size] = head;
        let bad = |error| BadHead { error, generation };
        let end = batch_end(source, at, size).map_err(bad)?;
        source.fill(end).map_err(bad)?;
        let there = source.bytes().len();
        if there < end {
            let want = counted(size, "byte");
            let got = format!("{} before the end of the input", there - at);
            let at = source.offset(at);
            let error = InputError::new(ErrorKind::Truncated, at, "batch", want, got);
            return Err(bad(error.with_context(format!("generation {number}"))));
        }
        Ok(Item::Batch(Self {
            start,
            experiment,
            generation: number,
            thread,
            time,
            at,
            end,
        }))
    }

    /// The next place where a batch seems to begin: one with a size of ten bytes, as the
    /// runtime writes it, and of which all is there. Of a stream nothing is kept that is passed over,
    /// which may have no end: the place is an index into what is left.
    pub(super) fn find(source: &mut Source, mut from: usize) -> Option<usize> {
        loop {
            let until = from + CHUNK;
            let found = Self::find_before(source, from, until);
            if found.is_some() || source.bytes().len() < until {
                return found;
            }
            from = until - source.forget_read(until);
        }
    }

    /// The same, if it begins before this index; all is kept.
    pub(super) fn find_before(source: &mut Source, from: usize, until: usize) -> Option<usize> {
        for at in from..until {
            source.fill(at.checked_add(MAX_BATCH_HEADER)?).ok()?;
            match source.bytes().get(at) {
                None => return None,
                Some(&byte) if byte == EventType::EventBatch as u8 => {}
                Some(_) => continue,
            }
            let Ok(Item::Batch(head)) = Self::read(source, at) else {
                continue;
            };
            let is_padded = source.bytes()[at..head.at]
                .last_chunk::<PADDED_SIZE_LEN>()
                .is_some_and(|size| size[..PADDED_SIZE_LEN - 1].iter().all(|b| b & 0x80 != 0));
            if is_padded && head.generation != 0 {
                return Some(at);
            }
        }
        None
    }
}

fn batch_end(source: &Source, at: usize, size: u64) -> Result<usize, InputError> {
    let size = usize::try_from(size)
        .ok()
        .filter(|&n| n as u64 <= MAX_BATCH_SIZE);
    size.map(|n| at + n).ok_or_else(|| {
        let want = format!("a size of at most {MAX_BATCH_SIZE}");
        let at = source.offset(at);
        InputError::new(ErrorKind::TooLarge, at, "batch", want, "a larger one")
    })
}

fn bad_number(source: &Source, at: usize, place: &str, bad: BadVarint) -> InputError {
    let kind = match bad {
        BadVarint::CutShort => ErrorKind::Truncated,
        BadVarint::TooLong => ErrorKind::Malformed,
    };
    let got = match bad {
        BadVarint::CutShort => "the end of the input",
        BadVarint::TooLong => bad.got(),
    };
    let place = format!("batch's {place}");
    InputError::new(kind, source.offset(at), place, "a number", got)
}
