//! Texts of stacks, each made once a generation.

use std::collections::HashMap;

use super::out::{Out, PART, Start};
use crate::trace::v1::hash::IdHash;
use crate::trace::v2::event::Text;
use crate::trace::v2::reader::Reader;

/// Bytes of texts that are kept, at the most.
const KEPT: usize = 1 << 20;

/// Ids below this have a place of their own; the runtime counts up.
const NEAR: u64 = 1 << 14;

/// Where a text is; nowhere if it is not kept.
type Place = (u32, u32);

const NOWHERE: Place = (u32::MAX, 0);

/// Bytes behind the texts: a short one is copied with bytes behind it, of which there are enough.
const BEHIND: usize = 128;

/// The beginning of a text, with what is behind it.
fn part<const N: usize>(texts: &[u8], at: usize) -> Option<&[u8; N]> {
    texts.get(at..)?.first_chunk()
}

/// Texts of stacks of one generation, by the stacks' ids.
#[derive(Debug, Default)]
pub(in crate::trace::v2) struct Texts {
    generation: u64,
    offset: u64,
    texts: Vec<u8>,
    near: Vec<Place>,
    far: HashMap<u64, Place, IdHash>,
}

impl Texts {
    /// Writes the text of a stack, which `make` makes if it is not kept.
    #[inline]
    pub(in crate::trace::v2) fn write(
        &mut self,
        out: &mut Vec<u8>,
        reader: &Reader,
        stack: u64,
        make: impl FnOnce(&mut Vec<u8>),
    ) {
        let place = self.find(reader, stack);
        if place == NOWHERE {
            return self.write_new(out, stack, make);
        }
        let (from, to) = (place.0 as usize, place.1 as usize);
        match part::<BEHIND>(&self.texts, from) {
            Some(bytes) if to - from <= BEHIND => out.put(bytes, to - from),
            _ => out.extend_from_slice(&self.texts[from..to]),
        }
    }

    /// Ends the start of a line with the text of an id.
    #[inline]
    pub(in crate::trace::v2) fn end(
        &mut self,
        mut line: Start,
        out: &mut Vec<u8>,
        reader: &Reader,
        id: u64,
        make: impl FnOnce(&mut Vec<u8>),
    ) {
        let place = self.find(reader, id);
        let (from, to) = (place.0 as usize, place.1 as usize);
        if let Some(bytes) = part::<PART>(&self.texts, from)
            && to - from <= PART
        {
            line.put(bytes, to - from);
            return line.end(out);
        }
        line.end(out);
        if place == NOWHERE {
            return self.write_new(out, id, make);
        }
        out.extend_from_slice(&self.texts[from..to]);
    }

    /// Ends the start of a line with a string of the trace; one of its tables is made ready once a
    /// generation.
    #[inline]
    pub(in crate::trace::v2) fn end_with(
        &mut self,
        line: Start,
        out: &mut Vec<u8>,
        reader: &Reader,
        text: Text,
        make: impl FnOnce(&mut Vec<u8>),
    ) {
        match text {
            Text::Table(id) => self.end(line, out, reader, id, make),
            _ => {
                line.end(out);
                make(out);
            }
        }
    }

    /// Where the text of an id is.
    #[inline(always)]
    fn find(&mut self, reader: &Reader, id: u64) -> Place {
        // Numbers of generations may come again.
        let now = (reader.event().generation, reader.generation_offset());
        if (self.generation, self.offset) != now {
            (self.generation, self.offset) = now;
            self.texts.clear();
            self.near.clear();
            self.far.clear();
        }
        match usize::try_from(id) {
            Ok(at) if at < self.near.len() => self.near[at],
            _ => self.far.get(&id).copied().unwrap_or(NOWHERE),
        }
    }

    #[inline(never)]
    fn write_new(&mut self, out: &mut Vec<u8>, id: u64, make: impl FnOnce(&mut Vec<u8>)) {
        let from = out.len();
        make(out);
        self.keep(id, &out[from..]);
    }

    #[inline(never)]
    fn keep(&mut self, stack: u64, text: &[u8]) {
        let from = self.texts.len().saturating_sub(BEHIND);
        let to = from + text.len();
        if to > KEPT {
            return;
        }
        #[expect(clippy::cast_possible_truncation, reason = "at most a megabyte")]
        let place = (from as u32, to as u32);
        self.texts.truncate(from);
        self.texts.extend_from_slice(text);
        self.texts.resize(to + BEHIND, 0);
        match usize::try_from(stack) {
            Ok(at) if stack < NEAR => {
                if self.near.len() <= at {
                    self.near.resize(at + 1, NOWHERE);
                }
                self.near[at] = place;
            }
            _ => {
                self.far.insert(stack, place);
            }
        }
    }
}
