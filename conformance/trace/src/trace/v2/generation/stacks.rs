//! Stacks: frames that are decoded when somebody asks for them.

use std::collections::HashMap;

use super::Generation;
use crate::error::{ErrorKind, InputError};
use crate::trace::event::Frame;
use crate::trace::v1::hash::IdHash;
use crate::trace::v2::source::Source;
use crate::trace::v2::tables::Span;
use crate::trace::v2::varint::varint;
use crate::trace::v2::{FRAMES_SHARED, Release};

/// The frames of a stack, leaf first.
#[derive(Clone, Debug, Default)]
pub struct Frames<'r> {
    bytes: &'r [u8],
    at: usize,
    left: usize,
    /// Where the first frame of a PC stands, which counts for all (R73.4).
    first: Option<&'r HashMap<u64, usize, IdHash>>,
}

/// The frame at an index, which moves to its end. The bytes have been checked.
fn frame(bytes: &[u8], at: &mut usize) -> Option<Frame> {
    let mut next = || varint(bytes, at).ok();
    Some(Frame {
        pc: next()?,
        function: next()?,
        file: next()?,
        line: next()?,
    })
}

impl Iterator for Frames<'_> {
    type Item = Frame;

    fn next(&mut self) -> Option<Frame> {
        self.left = self.left.checked_sub(1)?;
        let own = frame(self.bytes, &mut self.at)?;
        let first = self.first.and_then(|first| first.get(&own.pc));
        match first {
            Some(&(mut at)) => frame(self.bytes, &mut at),
            None => Some(own),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (0, Some(self.left))
    }
}

impl Generation {
    /// The frames of a stack; none for id 0 and one that is not there. With `shared` the
    /// first frame of a PC counts for all frames of this PC, as in Go from 1.23 on.
    pub(in crate::trace::v2) fn frames<'r>(
        &'r self,
        bytes: &'r [u8],
        id: u64,
        shared: bool,
    ) -> Frames<'r> {
        let Some(packed) = self.stacks.get(id) else {
            return Frames::default();
        };
        let Span { at, len } = Span::unpack(packed);
        Frames {
            bytes,
            at,
            left: len,
            first: shared.then(|| self.first_frames(bytes)),
        }
    }

    /// The number of frames of a stack; 0 if it is not there.
    pub(in crate::trace::v2) fn stack_len(&self, id: u64) -> u64 {
        let packed = self.stacks.get(id);
        packed.map_or(0, |packed| Span::unpack(packed).len as u64)
    }

    /// Where the first frame of each PC stands, in the order of the file.
    pub(super) fn first_frames(&self, bytes: &[u8]) -> &HashMap<u64, usize, IdHash> {
        self.first_frames.get_or_init(|| {
            let mut spans: Vec<_> = self.stacks.iter().map(|(_, v)| Span::unpack(v)).collect();
            spans.sort_unstable_by_key(|span| span.at);
            let mut first = HashMap::default();
            for Span { mut at, len } in spans {
                for _ in 0..len {
                    let start = at;
                    let Some(frame) = frame(bytes, &mut at) else {
                        break;
                    };
                    first.entry(frame.pc).or_insert(start);
                }
            }
            first
        })
    }

    /// Checks that the names of all frames that count are there.
    pub(super) fn check_frames(&self, source: &Source, release: Release) -> Result<(), InputError> {
        let bytes = source.bytes();
        for (id, packed) in self.stacks.iter() {
            let Span { mut at, len } = Span::unpack(packed);
            for _ in 0..len {
                let start = at;
                let Some(own) = frame(bytes, &mut at) else {
                    break;
                };
                let (function, file) = (own.function, own.file);
                if self.strings.has(function) && self.strings.has(file) {
                    continue;
                }
                let shared = release >= FRAMES_SHARED;
                // One that does not count may have any names.
                let counts = !shared || self.first_frames(bytes).get(&own.pc) == Some(&start);
                if counts {
                    let got = if self.strings.has(function) {
                        format!("file {file}")
                    } else {
                        format!("function {function}")
                    };
                    let at = source.offset(start);
                    let place = format!("Stack {id}");
                    let want = "names that are strings of its generation";
                    let kind = ErrorKind::Malformed;
                    let error = InputError::new(kind, at, place, want, got);
                    return Err(error.with_context(format!("generation {}", self.number)));
                }
            }
        }
        Ok(())
    }
}
