//! The tree of all stacks: a frame has its caller as parent, and a stack is the number of its
//! leaf.
//!
//! Tables are over with their generation, so that a frame is held with all that it is called.

use std::hash::BuildHasher;
use std::io;

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use super::super::emit::Emitter;
use super::texts::{Ids, Texts};
use crate::heap;
use crate::trace;
use crate::trace::v1::hash::IdHash;
use crate::trace::v2::Reader;

/// A frame below its parent.
#[derive(Clone, Copy)]
struct Frame {
    pc: u64,
    line: u64,
    parent: u32,
    /// The function's name, among the texts.
    function: u32,
}

/// The frames that were named, by number from 1 on.
#[derive(Default)]
pub(super) struct Frames {
    all: Vec<Frame>,
    /// Frames by parent and PC: as in Go, a PC has one frame below each parent.
    by_pc: HashTable<u32>,
    hash: IdHash,
    /// Stacks of the generation.
    stacks: Ids,
    /// Functions of the generation.
    names: Ids,
    /// Room for those of one stack.
    stack: Vec<trace::Frame>,
}

/// Frames that may come before memory is looked at again, but for those of one stack.
pub(super) const STEP: usize = 1024;

impl Frames {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    /// Bytes that there may be before this is asked again.
    pub(super) fn heap(&self) -> usize {
        let (by_pc, more) = (&self.by_pc, 2 * STEP);
        heap::list(&self.all, more)
            + heap::table(by_pc.len(), by_pc.capacity(), more, 4)
            + self.stacks.heap()
            + self.names.heap()
            + self.stack.capacity() * size_of::<trace::Frame>()
    }

    /// The next generation begins: ids are over.
    pub(super) fn begin(&mut self) {
        self.stacks.clear();
        self.names.clear();
    }

    /// The number of a stack of the generation; 0 for none.
    #[inline]
    pub(super) fn stack(&mut self, reader: &Reader, texts: &mut Texts, id: Option<u64>) -> u32 {
        let Some(id) = id else { return 0 };
        match self.stacks.get(id) {
            Some(known) => known,
            None => self.add(reader, texts, id),
        }
    }

    #[cold]
    fn add(&mut self, reader: &Reader, texts: &mut Texts, id: u64) -> u32 {
        let mut stack = std::mem::take(&mut self.stack);
        stack.clear();
        stack.extend(reader.frames(Some(id)));
        let mut leaf = 0;
        for frame in stack.iter().rev() {
            leaf = self.frame(reader, texts, leaf, frame);
        }
        self.stack = stack;
        self.stacks.insert(id, leaf);
        leaf
    }

    fn frame(
        &mut self,
        reader: &Reader,
        texts: &mut Texts,
        parent: u32,
        frame: &trace::Frame,
    ) -> u32 {
        let (all, hash, pc) = (&mut self.all, &self.hash, frame.pc);
        let of = |number: u32| {
            let frame = &all[(number - 1) as usize];
            (frame.parent, frame.pc)
        };
        let entry = self.by_pc.entry(
            hash.hash_one((parent, pc)),
            |&number| of(number) == (parent, pc),
            |&number| hash.hash_one(of(number)),
        );
        let number = match entry {
            Entry::Occupied(known) => return *known.get(),
            Entry::Vacant(vacant) => {
                // More of them do not fit into memory, by far.
                let number = u32::try_from(all.len() + 1).unwrap_or(u32::MAX);
                *vacant.insert(number).get()
            }
        };
        let function = name(&mut self.names, reader, texts, frame.function);
        let new = Frame {
            pc,
            line: frame.line,
            parent,
            function,
        };
        heap::push(&mut self.all, new);
        number
    }

    /// The number of the text that a string of the generation is.
    #[inline]
    pub(super) fn text(&mut self, reader: &Reader, texts: &mut Texts, id: u64) -> u32 {
        name(&mut self.names, reader, texts, id)
    }

    /// Writes them all, as the members of an object.
    pub(super) fn write(&self, texts: &Texts, out: &mut Emitter<'_>) -> io::Result<()> {
        for (number, frame) in (1..).zip(&self.all) {
            out.frame(number, frame.parent, |json| {
                json.raw(texts.get(frame.function))?;
                json.put(b":")?;
                json.digits(frame.line)
            })?;
        }
        Ok(())
    }
}

#[inline]
fn name(names: &mut Ids, reader: &Reader, texts: &mut Texts, id: u64) -> u32 {
    if let Some(known) = names.get(id) {
        return known;
    }
    let number = texts.number(reader.string(id));
    names.insert(id, number);
    number
}
