//! The tree of all stacks: a frame has its caller as parent, and a stack is the number of
//! its leaf.

use std::collections::HashMap;
use std::hash::BuildHasher;
use std::io;

use hashbrown::HashTable;

use super::super::emit::Emitter;
use crate::heap;
use crate::trace::v1::hash::IdHash;
use crate::trace::v1::{Reader, StackId};

/// The frames that were named, by number from 1 on. What a frame is called is read from the
/// trace when it is written.
#[derive(Debug, Default)]
pub(super) struct Frames {
    by_stack: HashMap<u64, u32, IdHash>,
    /// Frames by parent and PC: as in Go, a PC has one frame below each parent.
    by_pc: HashTable<u32>,
    hash: IdHash,
    parents: Vec<u32>,
    /// Where they stand in the trace (see [`Reader::frame_at`]).
    places: Vec<u64>,
    /// Room for those of one stack.
    stack: Vec<(u64, u64)>,
}

/// Frames that may come before memory is looked at again, but for those of one stack.
pub(super) const STEP: usize = 1024;

impl Frames {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.parents.len()
    }

    /// Bytes that there may be before this is asked again.
    pub(super) fn heap(&self) -> usize {
        let (by_stack, by_pc) = (&self.by_stack, &self.by_pc);
        let more = 2 * STEP;
        heap::table(by_stack.len(), by_stack.capacity(), heap::STEP, 16)
            + heap::table(by_pc.len(), by_pc.capacity(), more, 4)
            + heap::list(&self.parents, more)
            + heap::list(&self.places, more)
            + heap::list(&self.stack, STEP)
    }

    /// The number of a stack; 0 for none.
    pub(super) fn stack(&mut self, reader: &Reader, id: Option<StackId>) -> u32 {
        let Some(id) = id else { return 0 };
        if let Some(&known) = self.by_stack.get(&id.get()) {
            return known;
        }
        let mut frames = std::mem::take(&mut self.stack);
        frames.clear();
        frames.extend(reader.frame_places(id));
        let mut parent = 0;
        for &(pc, place) in frames.iter().rev() {
            parent = self.frame(reader, parent, pc, place);
        }
        // An id without a stack is known by that.
        if !frames.is_empty() {
            self.by_stack.insert(id.get(), parent);
        }
        self.stack = frames;
        parent
    }

    fn frame(&mut self, reader: &Reader, parent: u32, pc: u64, place: u64) -> u32 {
        let Self {
            by_pc,
            hash,
            parents,
            places,
            ..
        } = self;
        let of = |frame: u32| {
            let at = (frame - 1) as usize;
            (parents[at], reader.frame_at(places[at]).pc)
        };
        let entry = by_pc.entry(
            hash.hash_one((parent, pc)),
            |&frame| of(frame) == (parent, pc),
            |&frame| hash.hash_one(of(frame)),
        );
        let number = match entry {
            hashbrown::hash_table::Entry::Occupied(known) => return *known.get(),
            hashbrown::hash_table::Entry::Vacant(vacant) => {
                // More of them do not fit into memory, by far.
                let number = u32::try_from(parents.len() + 1).unwrap_or(u32::MAX);
                *vacant.insert(number).get()
            }
        };
        heap::push(parents, parent);
        heap::push(places, place);
        number
    }

    /// Writes them all, as the members of an object.
    pub(super) fn write(&self, reader: &Reader, out: &mut Emitter<'_>) -> io::Result<()> {
        for ((number, &parent), &place) in (1..).zip(&self.parents).zip(&self.places) {
            let frame = reader.frame_at(place);
            // As in Go, a line is signed.
            let line = format!(":{}", frame.line.cast_signed());
            let function = reader.string(frame.function);
            out.frame(number, parent, |json| {
                json.escaped(function)?;
                json.raw(line.as_bytes())
            })?;
        }
        Ok(())
    }
}
