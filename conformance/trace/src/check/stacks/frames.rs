//! Stacks as the report has them: the numbers of frames, beside one table for all.

use std::fmt;
use std::sync::Arc;

use serde::{Serialize, Serializer};

/// A frame of a stack that is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Frame<'a> {
    /// The function's name.
    pub function: &'a str,
    /// The line in its file.
    pub line: i64,
    /// The source file, for people: it is not compared.
    pub file: &'a str,
}

/// A frame, its texts by number. No two have the same function and line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Named {
    pub(super) function: u32,
    pub(super) file: u32,
    pub(super) line: i64,
}

/// The frames of both sides by number, without what finds them.
#[derive(Clone, Debug, Default)]
pub(super) struct Table {
    pub(super) texts: Vec<Arc<str>>,
    pub(super) frames: Vec<Named>,
}

impl Table {
    /// A frame with its texts.
    fn frame(&self, number: u32) -> Frame<'_> {
        let Named {
            function,
            file,
            line,
        } = self.frames[number as usize];
        Frame {
            function: &self.texts[function as usize],
            line,
            file: &self.texts[file as usize],
        }
    }

    /// A number for each frame that orders as function and line do.
    pub(super) fn ranks(&self) -> Vec<u32> {
        let texts = ranks(self.texts.len(), |at| &self.texts[at]);
        ranks(self.frames.len(), |at| {
            let Named { function, line, .. } = self.frames[at];
            (texts[function as usize], line)
        })
    }
}

/// The frames of a stack, leaf first.
#[derive(Clone)]
pub struct Frames {
    pub(super) table: Arc<Table>,
    pub(super) numbers: Box<[u32]>,
}

impl Frames {
    /// The frames, one by one.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Frame<'_>> {
        self.numbers.iter().map(|&number| self.table.frame(number))
    }

    /// The number of frames.
    #[must_use]
    pub fn len(&self) -> usize {
        self.numbers.len()
    }

    /// Whether the stack has no frame.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }

    /// The functions of its frames by number, in which nothing of a line is.
    pub(in crate::check) fn functions(&self) -> impl Iterator<Item = u32> {
        let frames = self.numbers.iter();
        frames.map(|&number| self.table.frames[number as usize].function)
    }

    /// The ranks of its frames (see [`Table::ranks`]), by which stacks are sorted.
    pub(in crate::check) fn ranks<'a>(&'a self, ranks: &'a [u32]) -> impl Iterator<Item = u32> {
        self.numbers.iter().map(|&number| ranks[number as usize])
    }
}

impl fmt::Debug for Frames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl Serialize for Frames {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

/// The place of each of `len` values among all of them, sorted.
fn ranks<T: Ord>(len: usize, value: impl Fn(usize) -> T) -> Vec<u32> {
    let mut order: Vec<_> = (0..number(len)).collect();
    order.sort_unstable_by_key(|&at| value(at as usize));
    let mut ranks = vec![0; len];
    for (rank, at) in (0..).zip(order) {
        ranks[at as usize] = rank;
    }
    ranks
}

/// Texts, frames and stacks are fewer than the bytes of their file.
pub(super) fn number(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_places_in_order() {
        assert_eq!(ranks(3, |at| ["b", "c", "a"][at]), [1, 2, 0]);
    }
}
