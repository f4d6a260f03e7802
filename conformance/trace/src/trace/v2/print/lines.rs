//! Texts of stacks, each made once a generation.

use std::collections::HashMap;

use crate::trace::v1::hash::IdHash;
use crate::trace::v2::reader::Reader;

/// Bytes of texts that are kept, at the most.
const KEPT: usize = 1 << 20;

/// Ids below this have a place of their own; the runtime counts up.
const NEAR: u64 = 1 << 14;

/// Where a text is; nowhere if it is not kept.
type Place = (u32, u32);

const NOWHERE: Place = (u32::MAX, 0);

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
        // Numbers of generations may come again.
        let now = (reader.event().generation, reader.generation_offset());
        if (self.generation, self.offset) != now {
            (self.generation, self.offset) = now;
            self.texts.clear();
            self.near.clear();
            self.far.clear();
        }
        let place = match usize::try_from(stack) {
            Ok(at) if at < self.near.len() => self.near[at],
            _ => self.far.get(&stack).copied().unwrap_or(NOWHERE),
        };
        if place == NOWHERE {
            let from = out.len();
            make(out);
            return self.keep(stack, &out[from..]);
        }
        out.extend_from_slice(&self.texts[place.0 as usize..place.1 as usize]);
    }

    #[inline(never)]
    fn keep(&mut self, stack: u64, text: &[u8]) {
        let (from, to) = (self.texts.len(), self.texts.len() + text.len());
        if to > KEPT {
            return;
        }
        #[expect(clippy::cast_possible_truncation, reason = "at most a megabyte")]
        let place = (from as u32, to as u32);
        self.texts.extend_from_slice(text);
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
