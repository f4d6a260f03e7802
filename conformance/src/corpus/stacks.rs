//! Stacks of samples, each once, whatever their generations call them.
//!
//! A few bytes can name a long function in thousands of frames, and each generation of a v2
//! trace has the same stacks under other ids: so texts and stacks are held once, by number.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use hashbrown::HashTable;

use crate::trace::{Generation, Reader, StackId};

/// A frame, its texts by number: function, file, line.
pub(super) type Frame = (u32, u32, i64);

/// Stacks by number, as they came.
#[derive(Default)]
pub(super) struct Stacks {
    texts: Texts,
    frames: Vec<Frame>,
    /// The end of each stack in `frames`.
    ends: Vec<u32>,
    /// Numbers of stacks, found by their frames.
    known: HashTable<u32>,
    hash: RandomState,
    generation: Generation,
    /// Numbers by id, which are over with the generation.
    stack_ids: HashMap<u64, u32>,
    string_ids: HashMap<u64, u32>,
}

impl Stacks {
    /// The number of a stack of the last event's generation.
    pub(super) fn number(&mut self, reader: &Reader, stack: Option<StackId>) -> u32 {
        let (generation, id) = match stack {
            Some(StackId { generation, id }) => (generation, id),
            None => (self.generation, 0),
        };
        if generation != self.generation {
            self.generation = generation;
            self.stack_ids.clear();
            self.string_ids.clear();
        }
        if let Some(&known) = self.stack_ids.get(&id) {
            return known;
        }
        let start = self.frames.len();
        for frame in reader.frames(stack) {
            let function = self.text(reader, frame.function);
            let file = self.text(reader, frame.file);
            let frame = (function, file, frame.line.cast_signed());
            self.frames.push(frame);
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

    fn text(&mut self, reader: &Reader, id: u64) -> u32 {
        let texts = &mut self.texts;
        let number = || texts.number(reader.string(id));
        *self.string_ids.entry(id).or_insert_with(number)
    }

    /// The number of stacks.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The frames of a stack, leaf first.
    pub(super) fn frames(&self, number: u32) -> &[Frame] {
        frames(&self.frames, &self.ends, number)
    }

    /// The bytes of a text.
    pub(super) fn bytes(&self, text: u32) -> &[u8] {
        self.texts.bytes(text)
    }

    /// The number of texts.
    pub(super) fn text_count(&self) -> usize {
        self.texts.ends.len()
    }
}

fn frames<'a>(frames: &'a [Frame], ends: &[u32], number: u32) -> &'a [Frame] {
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
