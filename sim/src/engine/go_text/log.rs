//! Answers of the process: all operations of a run.
//!
//! ```text
//!   0     1     2     3     4           8                16                24
//! +-----+-----+-----------+-----------+-----------------+-----------------+--------
//! |kind |who  | word      | at        | a               | b               | line, if asked for
//! +-----+-----+-----------+-----------+-----------------+-----------------+--------
//! |kind |who  | count     | words of 64 bits ...           a result, a message
//! +-----+-----+-----------+--------------------------------------------------------
//! ```
//!
//! All numbers have their lowest byte first.

use std::fmt;

use crate::engine::clock::MS_MAX;

/// An actor: an M, its handler, or whoever makes and judges a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Who(usize);

impl Who {
    /// Makes a program, and, in a log, judges it.
    pub(super) const SETUP: Self = Self(2 * MS_MAX);
    /// Judges a program.
    pub(super) const JUDGE: Self = Self(2 * MS_MAX + 1);
    pub(super) const COUNT: usize = 2 * MS_MAX + 2;

    const IN_HANDLER: u8 = 0x40;
    const OUTSIDE: u8 = 0xff;

    pub(super) fn of(m: usize, is_handler: bool) -> Self {
        Self(2 * m + usize::from(is_handler))
    }

    pub(super) fn index(self) -> usize {
        self.0
    }

    pub(super) fn m(self) -> usize {
        self.0 / 2
    }

    /// The byte for an operation of it in the order; none outside of a run.
    #[expect(clippy::cast_possible_truncation, reason = "there are at most 16 Ms")]
    pub(super) fn acts_in_order(self) -> Option<u8> {
        (self.0 < Self::SETUP.0).then_some(self.m() as u8)
    }

    /// Where its entries are in a log, in which setting up and judging are one.
    pub(super) fn in_log(self) -> Self {
        if self == Self::JUDGE {
            Self::SETUP
        } else {
            self
        }
    }

    fn parse(byte: u8) -> Option<Self> {
        if byte == Self::OUTSIDE {
            return Some(Self::SETUP);
        }
        let m = usize::from(byte & !Self::IN_HANDLER);
        (m < MS_MAX).then(|| Self::of(m, byte & Self::IN_HANDLER != 0))
    }
}

/// The kinds of operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Load = 1,
    Store,
    Swap,
    Add,
    Spin,
    Sleep,
    Wake,
    Clear,
    Get,
    Set,
}

impl Kind {
    const ALL: [Self; 10] = [
        Self::Load,
        Self::Store,
        Self::Swap,
        Self::Add,
        Self::Spin,
        Self::Sleep,
        Self::Wake,
        Self::Clear,
        Self::Get,
        Self::Set,
    ];
}

/// Kinds of entries that are no operations.
const SIGNAL: u8 = 11;
const RETURNED: u8 = 12;
const RESULT: u8 = 13;
const THREW: u8 = 14;
/// An operation that the model does not do.
const FINER: u8 = 0x20;
/// An operation before which an M stands at the end of the run.
const PENDING: u8 = 0x80;

/// A place in Go's text: a file, by its number from 1 on, and a line; both 0 if it is not known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// The file, by its number.
    pub file: u32,
    /// The line, from 1 on.
    pub line: u32,
}

/// An operation on a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Operation {
    pub(super) kind: Kind,
    pub(super) word: usize,
    /// Place of a plain word; whether a swap was done; whether a load or a store is of a word that
    /// is plain in Go.
    pub(super) at: usize,
    /// The value that was read or written, a swap's old value, a summand.
    pub(super) a: u64,
    /// A swap's new value, a sum.
    pub(super) b: u64,
    /// Whether it is the text's alone.
    pub(super) is_finer: bool,
    pub(super) line: Line,
}

impl Operation {
    /// Whether it is on a word that is atomic in the model and plain in Go.
    pub(super) fn is_plain(&self) -> bool {
        matches!(self.kind, Kind::Load | Kind::Store) && self.at != 0
    }

    /// The outcome of it: the value that was read, whether a swap was done, whether a note had been
    /// woken.
    pub(super) fn result(&self) -> u64 {
        match self.kind {
            Kind::Swap => self.at as u64,
            _ => self.a,
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            kind,
            word,
            at,
            a,
            b,
            ..
        } = self;
        write!(f, "{kind:?} of word {word}, place {at}: {a:#x}, {b:#x}")
    }
}

/// An entry of who acts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Entry {
    Operation(Operation),
    /// The words that a call returned.
    Result(Vec<u64>),
    /// The message of what was thrown.
    Threw(String),
}

/// All operations of a run.
#[derive(Clone, Debug, Default)]
pub struct Log {
    bytes: Vec<u8>,
    has_lines: bool,
    /// Where the entries of each that acts begin.
    queues: Vec<Vec<u32>>,
    /// The order in which operations came, and signals.
    pub(super) order: Vec<u8>,
}

impl Log {
    /// The byte for the signal of an M in the order.
    #[expect(clippy::cast_possible_truncation, reason = "there are at most 16 Ms")]
    pub(super) fn signal_of(m: usize) -> u8 {
        m as u8 | Who::IN_HANDLER
    }

    /// Reads what a process answered.
    ///
    /// # Errors
    /// The bytes are no log: the offset, and what is wrong there.
    pub fn parse(bytes: Vec<u8>, has_lines: bool) -> Result<Self, String> {
        let mut log = Self {
            bytes,
            has_lines,
            queues: vec![Vec::new(); Who::COUNT],
            order: Vec::new(),
        };
        let mut at = 0;
        while at < log.bytes.len() {
            at = log
                .note(at)
                .ok_or_else(|| format!("a log of {} bytes is broken at {at}", log.bytes.len()))?;
        }
        Ok(log)
    }

    /// Notes the entry that begins there; where the next one does.
    #[expect(clippy::cast_possible_truncation, reason = "a log is far below 4 GiB")]
    fn note(&mut self, at: usize) -> Option<usize> {
        let [kind, who, low, high] = *self.bytes.get(at..at + 4)?.first_chunk()?;
        let who = Who::parse(who)?;
        let end = match kind & !(PENDING | FINER) {
            RESULT | THREW => at + 4 + 8 * usize::from(u16::from_le_bytes([low, high])),
            1..=RETURNED => at + self.entry_len(),
            _ => return None,
        };
        if end > self.bytes.len() {
            return None;
        }
        match kind {
            SIGNAL => self.order.push(Self::signal_of(who.m())),
            RETURNED => {}
            _ => {
                self.queues[who.index()].push(at as u32);
                if kind & !FINER < SIGNAL {
                    self.order.extend(who.acts_in_order());
                }
            }
        }
        Some(end)
    }

    fn entry_len(&self) -> usize {
        if self.has_lines { 32 } else { 24 }
    }

    /// The entry at this place of who acts.
    pub(super) fn entry(&self, who: Who, place: usize) -> Option<Entry> {
        let at = *self.queues.get(who.index())?.get(place)? as usize;
        let [kind, _, low, high] = *self.bytes.get(at..at + 4)?.first_chunk()?;
        let count = usize::from(u16::from_le_bytes([low, high]));
        let word = |i: usize| {
            let bytes = self.bytes.get(at + i..at + i + 8)?;
            Some(u64::from_le_bytes(*bytes.first_chunk()?))
        };
        let words = || {
            (0..count)
                .map(|i| word(4 + 8 * i))
                .collect::<Option<Vec<_>>>()
        };
        let is_finer = kind & FINER != 0;
        Some(match kind & !(PENDING | FINER) {
            RESULT => Entry::Result(words()?),
            THREW => {
                let chars = words()?.into_iter();
                let chars = chars.map(|c| u8::try_from(c).map_or('?', char::from));
                Entry::Threw(chars.collect())
            }
            kind => {
                let kind = *Kind::ALL.get(usize::from(kind).checked_sub(1)?)?;
                let at_bytes = self.bytes.get(at + 4..at + 8)?.first_chunk()?;
                let line = if self.has_lines { word(24)? } else { 0 };
                Entry::Operation(Operation {
                    kind,
                    word: count,
                    at: u32::from_le_bytes(*at_bytes) as usize,
                    a: word(8)?,
                    b: word(16)?,
                    is_finer,
                    line: Line {
                        file: u32::try_from(line >> 32).ok()?,
                        line: u32::try_from(line & u64::from(u32::MAX)).ok()?,
                    },
                })
            }
        })
    }
}
