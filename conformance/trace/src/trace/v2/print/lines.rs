//! Stacks as lines, each made once a generation.

use std::collections::HashMap;

use super::{hex, unsigned};
use crate::trace::v1::hash::IdHash;
use crate::trace::v2::reader::Reader;

/// Bytes of lines that are kept, at the most.
const KEPT: usize = 1 << 20;

/// Lines of stacks of one generation.
#[derive(Debug, Default)]
pub(super) struct Stacks {
    generation: u64,
    offset: u64,
    lines: Vec<u8>,
    places: HashMap<u64, (u32, u32), IdHash>,
}

impl Stacks {
    /// Writes the lines of a stack.
    pub(super) fn write(
        &mut self,
        out: &mut Vec<u8>,
        reader: &Reader,
        generation: u64,
        stack: u64,
    ) {
        // Numbers of generations may come again.
        let offset = reader.generation_offset();
        if (self.generation, self.offset) != (generation, offset) {
            (self.generation, self.offset) = (generation, offset);
            self.lines.clear();
            self.places.clear();
        }
        if let Some(&(from, to)) = self.places.get(&stack) {
            out.extend_from_slice(&self.lines[from as usize..to as usize]);
            return;
        }
        let from = out.len();
        for frame in reader.frames(Some(stack)) {
            out.push(b'\t');
            out.extend_from_slice(reader.string(frame.function));
            out.extend_from_slice(b" @ 0x");
            hex(out, frame.pc);
            out.extend_from_slice(b"\n\t\t");
            out.extend_from_slice(reader.string(frame.file));
            out.push(b':');
            unsigned(out, frame.line);
            out.push(b'\n');
        }
        let lines = &out[from..];
        if self.lines.len() + lines.len() <= KEPT {
            #[expect(clippy::cast_possible_truncation, reason = "at most a megabyte")]
            let place = (
                self.lines.len() as u32,
                (self.lines.len() + lines.len()) as u32,
            );
            self.lines.extend_from_slice(lines);
            self.places.insert(stack, place);
        }
    }
}
