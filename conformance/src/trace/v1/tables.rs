//! Strings and stacks: where in the file each id stands. Nothing is copied; texts and
//! frames are read from the file when somebody asks.

use std::collections::HashMap;

use super::hash::IdHash;
use crate::bytes::Cursor;
use crate::trace::event::Frame;

/// Where a run of bytes lies in the file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    pub(crate) start: u64,
    pub(crate) len: u32,
}

/// The tables of a trace.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tables {
    pub(crate) strings: HashMap<u64, Span, IdHash>,
    /// Offset of the first frame, and the count.
    pub(crate) stacks: HashMap<u64, Span, IdHash>,
}

impl Tables {
    /// The bytes of a string; none for id 0 and for one that the trace does not have (S6).
    pub(crate) fn string<'a>(&self, bytes: &'a [u8], id: u64) -> &'a [u8] {
        let text = self.strings.get(&id).and_then(|span| {
            let start = usize::try_from(span.start).ok()?;
            bytes.get(start..start + span.len as usize)
        });
        text.unwrap_or_default()
    }

    /// The frames of a stack, leaf first; none for one that the trace does not have.
    pub(crate) fn stack<'a>(&self, bytes: &'a [u8], id: u64, has_names: bool) -> Stack<'a> {
        let span = self.stacks.get(&id).copied();
        // Where a goroutine starts is a PC, and no stack, in a 1.5 trace.
        let is_pc = span.is_none() && !has_names && id != 0;
        let span = span.unwrap_or(Span { start: 0, len: 0 });
        Stack {
            cursor: Cursor::new(bytes, usize::try_from(span.start).unwrap_or(usize::MAX)),
            left: span.len,
            has_names,
            first: is_pc.then_some(Frame {
                pc: id,
                function: 0,
                file: 0,
                line: 0,
            }),
        }
    }
}

/// The frames of a stack, leaf first, read from the trace as the iterator goes.
#[derive(Clone, Debug)]
pub struct Stack<'a> {
    cursor: Cursor<'a>,
    left: u32,
    /// From 1.7 on a frame has names; before, only its PC.
    has_names: bool,
    /// A frame in front of those in the file.
    first: Option<Frame>,
}

impl Iterator for Stack<'_> {
    type Item = Frame;

    fn next(&mut self) -> Option<Frame> {
        if let Some(frame) = self.first.take() {
            return Some(frame);
        }
        self.left = self.left.checked_sub(1)?;
        let mut number = || self.cursor.varint("Stack").ok();
        Some(Frame {
            pc: number()?,
            function: if self.has_names { number()? } else { 0 },
            file: if self.has_names { number()? } else { 0 },
            line: if self.has_names { number()? } else { 0 },
        })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.left as usize + usize::from(self.first.is_some());
        (left, Some(left))
    }
}

impl ExactSizeIterator for Stack<'_> {}
