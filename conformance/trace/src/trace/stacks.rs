//! Stacks of samples, each once, whatever their generations call them.
//!
//! A few bytes can name a long function in thousands of frames, and each generation of a v2
//! trace has the same stacks under other ids: so texts and stacks are held once, by number.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use hashbrown::HashTable;

use super::kind::Text;
use super::{Reader, StackId};

/// The root of every goroutine's stack, which Go's profiles do not show.
pub const GOEXIT: &str = "runtime.goexit";

/// A frame, its texts by number: see [`Stacks::text`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NumberedFrame {
    /// The program counter of the call.
    pub pc: u64,
    /// The function's name.
    pub function: u32,
    /// The source file.
    pub file: u32,
    /// The line in that file.
    pub line: i64,
}

/// Stacks by number, as they came.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/valid/basics/tiny/trace");
/// use sigprof_trace::trace::{Reader, Stacks};
///
/// let (mut reader, mut stacks) = (Reader::from_path(path)?, Stacks::default());
/// while let Some(event) = reader.next_event()? {
///     if event.is_sample() {
///         stacks.number(&reader, event.stack);
///     }
/// }
/// let leaf = stacks.frames(0)[0];
/// assert!(!stacks.text(leaf.function).is_empty());
/// # Ok(())
/// # }
/// ```
#[derive(Default)]
pub struct Stacks {
    texts: Texts,
    frames: Vec<NumberedFrame>,
    /// The end of each stack in `frames`.
    ends: Vec<u32>,
    /// Numbers of stacks, found by their frames.
    known: HashTable<u32>,
    hash: RandomState,
    /// The table that the last stack was in.
    table: u64,
    /// Numbers by id, which are over with their table.
    stack_ids: HashMap<u64, u32>,
    string_ids: HashMap<u64, u32>,
}

impl Stacks {
    /// The number of a stack of the last event's generation.
    pub fn number(&mut self, reader: &Reader, stack: Option<StackId>) -> u32 {
        let (table, id) = match stack {
            Some(StackId { table, id }) => (table, id),
            None => (self.table, 0),
        };
        if table != self.table {
            self.table = table;
            self.stack_ids.clear();
            self.string_ids.clear();
        }
        if let Some(&known) = self.stack_ids.get(&id) {
            return known;
        }
        let start = self.frames.len();
        for frame in reader.frames(stack) {
            let numbered = NumberedFrame {
                pc: frame.pc,
                function: self.text_number(reader, frame.function),
                file: self.text_number(reader, frame.file),
                line: frame.line.cast_signed(),
            };
            self.frames.push(numbered);
        }
        let number = self.find_or_add(start);
        self.stack_ids.insert(id, number);
        number
    }

    /// The number of the stack whose frames come last; if it is known they go.
    fn find_or_add(&mut self, start: usize) -> u32 {
        let (known, ends) = self.frames.split_at(start);
        let of = |number: u32| frames(known, &self.ends, number);
        let hash = self.hash.hash_one(ends);
        if let Some(&number) = self.known.find(hash, |&number| of(number) == ends) {
            self.frames.truncate(start);
            return number;
        }
        let number = index(self.ends.len());
        self.known
            .insert_unique(hash, number, |&number| self.hash.hash_one(of(number)));
        self.ends.push(index(self.frames.len()));
        number
    }

    /// The number of a text that the last event has.
    pub(crate) fn number_of(&mut self, reader: &Reader, text: Text) -> u32 {
        self.texts.number(reader.bytes_of(text))
    }

    /// The number of a text.
    pub(crate) fn number_of_bytes(&mut self, text: &[u8]) -> u32 {
        self.texts.number(text)
    }

    fn text_number(&mut self, reader: &Reader, id: u64) -> u32 {
        let texts = &mut self.texts;
        let number = || texts.number(reader.string(id));
        *self.string_ids.entry(id).or_insert_with(number)
    }

    /// The number of stacks.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is no stack.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The frames of a stack as profiles show it, leaf first: without [`GOEXIT`] at its root.
    ///
    /// # Panics
    /// If no stack has this number.
    #[must_use]
    pub fn shown_frames(&self, stack: u32) -> &[NumberedFrame] {
        let frames = self.frames(stack);
        match frames.split_last() {
            Some((last, rest)) if self.text(last.function) == GOEXIT.as_bytes() => rest,
            _ => frames,
        }
    }

    /// The frames of a stack, leaf first.
    ///
    /// # Panics
    /// If no stack has this number.
    #[must_use]
    pub fn frames(&self, number: u32) -> &[NumberedFrame] {
        frames(&self.frames, &self.ends, number)
    }

    /// The bytes of a text.
    ///
    /// # Panics
    /// If no text has this number.
    #[must_use]
    pub fn text(&self, number: u32) -> &[u8] {
        self.texts.bytes(number)
    }

    /// The number of texts.
    #[must_use]
    pub fn text_count(&self) -> usize {
        self.texts.ends.len()
    }
}

impl std::fmt::Debug for Stacks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut debug = f.debug_struct("Stacks");
        debug.field("stacks", &self.len());
        debug.field("texts", &self.text_count());
        debug.finish_non_exhaustive()
    }
}

fn frames<'a>(frames: &'a [NumberedFrame], ends: &[u32], number: u32) -> &'a [NumberedFrame] {
    let number = number as usize;
    let start = number.checked_sub(1).map_or(0, |before| ends[before]);
    &frames[start as usize..ends[number] as usize]
}

/// Texts, each once.
#[derive(Default)]
struct Texts {
    bytes: Vec<u8>,
    /// The end of each in `bytes`.
    ends: Vec<usize>,
    known: HashTable<u32>,
    hash: RandomState,
}

impl Texts {
    fn number(&mut self, text: &[u8]) -> u32 {
        let of = |number: u32| bytes(&self.bytes, &self.ends, number);
        let hash = self.hash.hash_one(text);
        if let Some(&number) = self.known.find(hash, |&number| of(number) == text) {
            return number;
        }
        let number = index(self.ends.len());
        self.known
            .insert_unique(hash, number, |&number| self.hash.hash_one(of(number)));
        self.bytes.extend_from_slice(text);
        self.ends.push(self.bytes.len());
        number
    }

    fn bytes(&self, number: u32) -> &[u8] {
        bytes(&self.bytes, &self.ends, number)
    }
}

fn bytes<'a>(bytes: &'a [u8], ends: &[usize], number: u32) -> &'a [u8] {
    let number = number as usize;
    let start = number.checked_sub(1).map_or(0, |before| ends[before]);
    &bytes[start..ends[number]]
}

/// A number of frames, stacks or texts; there is memory for far fewer.
fn index(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}
