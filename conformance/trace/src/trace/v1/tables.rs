//! Strings and stacks: where in the file each id stands. Nothing is copied; ids, texts and
//! frames are read from the file when somebody asks.

use std::hash::BuildHasher;

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use super::hash::IdHash;
use super::index::index_of;
use super::lane::varint;
use crate::bytes::Cursor;
use crate::trace::v1::Frame;

/// Events of one type by their ids: only their offsets are held, 9 bytes each with room
/// for as many again, where an event has 5 at the least.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table {
    offsets: HashTable<u64>,
    hash: IdHash,
}

impl Table {
    /// Notes the event at an offset, in place of an earlier one of this id; whether there
    /// was one.
    pub(crate) fn insert(&mut self, bytes: &[u8], id: u64, offset: u64) -> bool {
        let hash = self.hash;
        let entry = self.offsets.entry(
            hash.hash_one(id),
            |&at| id_at(bytes, at).0 == id,
            |&at| hash.hash_one(id_at(bytes, at).0),
        );
        match entry {
            Entry::Occupied(mut known) => {
                *known.get_mut() = offset;
                true
            }
            Entry::Vacant(vacant) => {
                vacant.insert(offset);
                false
            }
        }
    }

    /// Finds the event of an id: the number after the id, which says how much there is,
    /// and where that begins.
    fn find(&self, bytes: &[u8], id: u64) -> Option<(u64, usize)> {
        let is_it = |&at: &u64| id_at(bytes, at).0 == id;
        let &offset = self.offsets.find(self.hash.hash_one(id), is_it)?;
        let (_, mut at) = id_at(bytes, offset);
        Some((varint(bytes, &mut at), at))
    }

    /// Every id, in any order.
    pub(crate) fn ids(&self, bytes: &[u8]) -> impl Iterator<Item = u64> {
        self.offsets.iter().map(|&at| id_at(bytes, at).0)
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.offsets.len()
    }

    /// Bytes that it may take when `more` ids have been added.
    pub(crate) fn heap(&self, more: usize) -> usize {
        crate::heap::table(self.offsets.len(), self.offsets.capacity(), more, 8)
    }
}

/// The id in the `String` or `Stack` at an offset, and where the next number stands.
fn id_at(bytes: &[u8], offset: u64) -> (u64, usize) {
    let mut at = index_of(offset);
    let first = bytes.get(at).copied().unwrap_or_default();
    at = at.saturating_add(1);
    let is_string = first & 0x3f == sigprof_wire::v1::EventType::String as u8;
    if first >> 6 == 3 && !is_string {
        varint(bytes, &mut at);
    }
    (varint(bytes, &mut at), at)
}

/// The tables of a trace.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tables {
    pub(crate) strings: Table,
    pub(crate) stacks: Table,
}

impl Tables {
    /// The bytes of a string; none for id 0 and for one that the trace does not have (S6).
    pub(crate) fn string<'a>(&self, bytes: &'a [u8], id: u64) -> &'a [u8] {
        let text = self.strings.find(bytes, id).and_then(|(len, start)| {
            let end = start.checked_add(usize::try_from(len).ok()?)?;
            bytes.get(start..end)
        });
        text.unwrap_or_default()
    }

    /// The frames of a stack, leaf first; none for one that the trace does not have.
    pub(crate) fn stack<'a>(&self, bytes: &'a [u8], id: u64, has_names: bool) -> Stack<'a> {
        let found = self.stacks.find(bytes, id);
        // Where a goroutine starts is a PC, and no stack, in a 1.5 trace.
        let is_pc = found.is_none() && !has_names && id != 0;
        let (count, start) = found.unwrap_or((0, 0));
        Stack {
            cursor: Cursor::new(bytes, start),
            left: u32::try_from(count).unwrap_or(0),
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

impl<'a> Stack<'a> {
    /// One frame, which stands at an offset.
    pub(crate) fn of_frame(bytes: &'a [u8], offset: u64) -> Self {
        Self {
            cursor: Cursor::new(bytes, index_of(offset)),
            left: 1,
            has_names: true,
            first: None,
        }
    }

    /// Where the next frame stands.
    pub(crate) fn offset(&self) -> u64 {
        self.cursor.offset()
    }
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
