//! The tree of all stacks: a frame has its caller as parent, and a stack is the number of
//! its leaf.

use std::collections::HashMap;
use std::io::{self, Write};

use super::json::Json;
use crate::trace::v1::hash::IdHash;
use crate::trace::v1::{Reader, StackId};

/// The frames that were named, by number from 1 on.
#[derive(Debug, Default)]
pub(super) struct Frames {
    by_stack: HashMap<u64, u64, IdHash>,
    /// Parent and PC to number: as in Go, a PC has one frame below each parent.
    by_pc: HashMap<(u64, u64), u64>,
    /// Parent, function and line of each.
    frames: Vec<(u64, u64, u64)>,
}

impl Frames {
    /// The number of a stack; 0 for none.
    pub(super) fn stack(&mut self, reader: &Reader, id: Option<StackId>) -> u64 {
        let Some(id) = id else { return 0 };
        if let Some(&known) = self.by_stack.get(&id.get()) {
            return known;
        }
        let frames: Vec<_> = reader.stack(Some(id)).collect();
        let mut parent = 0;
        for frame in frames.iter().rev() {
            parent = *self.by_pc.entry((parent, frame.pc)).or_insert_with(|| {
                self.frames.push((parent, frame.function, frame.line));
                self.frames.len() as u64
            });
        }
        self.by_stack.insert(id.get(), parent);
        parent
    }

    /// Writes them all, as the members of an object.
    pub(super) fn write<W: Write>(
        &self,
        reader: &Reader,
        json: &mut Json<'_, W>,
    ) -> io::Result<()> {
        for (number, (parent, function, line)) in (1..).zip(&self.frames) {
            let comma = if number == 1 { "" } else { "," };
            // As in Go, a line is signed.
            let line = line.cast_signed();
            json.raw(format!("{comma}\n\"{number}\":{{\"name\":").as_bytes())?;
            let name = [reader.string(*function), format!(":{line}").as_bytes()].concat();
            json.text(&name)?;
            json.number_but_0("parent", *parent)?;
            json.raw(b"}")?;
        }
        Ok(())
    }
}
