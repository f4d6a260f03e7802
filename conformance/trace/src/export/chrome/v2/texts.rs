//! Texts that are shown, each once, as they are within a string of JSON.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use hashbrown::HashTable;

use super::super::json::{PAD, Padded, append_escaped};
use crate::heap;
use crate::trace::v1::hash::IdHash;

/// Texts by number; 0 is the empty one.
pub(super) struct Texts {
    /// One behind the other, and then a few more.
    bytes: Vec<u8>,
    /// Where each ends in `bytes`, and whether it speaks of the network.
    all: Vec<(usize, bool)>,
    known: HashTable<u32>,
    hash: RandomState,
}

impl Default for Texts {
    fn default() -> Self {
        let mut texts = Self {
            bytes: vec![0; PAD],
            all: Vec::new(),
            known: HashTable::new(),
            hash: RandomState::new(),
        };
        texts.number(b"");
        texts
    }
}

impl Texts {
    /// The number of a text.
    pub(super) fn number(&mut self, text: &[u8]) -> u32 {
        let start = self.bytes.len() - PAD;
        // Room for a quarter more, not for as much again.
        let more = 8 * text.len() + PAD;
        if self.bytes.capacity() - start < more {
            self.bytes.reserve_exact(more + start / 4);
        }
        self.bytes.truncate(start);
        append_escaped(text, &mut self.bytes);
        let end = self.bytes.len();
        self.bytes.extend_from_slice(&[0; PAD]);
        let (bytes, all) = (&self.bytes, &self.all);
        let of = |number: u32| of(bytes, all, number);
        let hash = self.hash.hash_one(&bytes[start..end]);
        if let Some(&known) = self.known.find(hash, |&n| of(n) == &bytes[start..end]) {
            self.bytes.truncate(start + PAD);
            return known;
        }
        let number = u32::try_from(all.len()).unwrap_or(u32::MAX);
        self.known
            .insert_unique(hash, number, |&n| self.hash.hash_one(of(n)));
        let is_network = text.windows(7).any(|w| w == b"network");
        heap::push(&mut self.all, (end, is_network));
        number
    }

    /// The text, as JSON has it.
    #[inline]
    pub(super) fn get(&self, number: u32) -> &[u8] {
        of(&self.bytes, &self.all, number)
    }

    /// The same to be copied.
    #[inline(always)]
    pub(super) fn padded(&self, number: u32) -> Padded<'_> {
        let text = self.get(number);
        let start = start(&self.all, number);
        match self.bytes[start..].first_chunk() {
            Some(more) if text.len() <= PAD => Padded::Short(more, text.len()),
            _ => Padded::Long(text),
        }
    }

    /// Whether a reason to wait is the network.
    #[inline]
    pub(super) fn is_network(&self, number: u32) -> bool {
        self.all[number as usize].1
    }

    /// Bytes that there may be before this is asked again.
    pub(super) fn heap(&self) -> usize {
        let known = &self.known;
        heap::list(&self.all, heap::STEP)
            + heap::table(known.len(), known.capacity(), heap::STEP, 4)
            + self.bytes.capacity()
    }
}

#[inline]
fn of<'a>(bytes: &'a [u8], all: &[(usize, bool)], number: u32) -> &'a [u8] {
    &bytes[start(all, number)..all[number as usize].0]
}

#[inline]
fn start(all: &[(usize, bool)], number: u32) -> usize {
    let before = (number as usize).checked_sub(1);
    before.map_or(0, |before| all[before].0)
}

/// Ids below this have a place of their own.
const FEW: usize = 1 << 15;

/// The numbers that ids of one generation stand for.
#[derive(Default)]
pub(super) struct Ids {
    /// One more than the number; 0 if it is not known.
    few: Vec<u32>,
    others: HashMap<u64, u32, IdHash>,
}

impl Ids {
    /// The number of an id, if it is known.
    #[inline]
    pub(super) fn get(&self, id: u64) -> Option<u32> {
        match usize::try_from(id) {
            Ok(index) if index < FEW => self.few.get(index)?.checked_sub(1),
            _ => self.others.get(&id).copied(),
        }
    }

    pub(super) fn insert(&mut self, id: u64, number: u32) {
        match usize::try_from(id) {
            Ok(index) if index < FEW => {
                if self.few.len() <= index {
                    self.few.resize((index + 1).next_power_of_two(), 0);
                }
                self.few[index] = number + 1;
            }
            _ => {
                self.others.insert(id, number);
            }
        }
    }

    /// The next generation begins.
    pub(super) fn clear(&mut self) {
        self.few.clear();
        self.others.clear();
    }

    /// Bytes that there may be before this is asked again.
    pub(super) fn heap(&self) -> usize {
        let others = &self.others;
        self.few.capacity() * size_of::<u32>()
            + heap::table(others.len(), others.capacity(), heap::STEP, 16)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_one_number_and_is_as_json_has_it() {
        let mut texts = Texts::default();
        let (quoted, network) = (texts.number(b"a\"b\xff"), texts.number(b"network poll"));
        assert_eq!(texts.number(b""), 0);
        assert_eq!(texts.number(b"a\"b\xff"), quoted);
        assert_eq!(texts.get(quoted), "a\\\"b\u{fffd}".as_bytes());
        assert_eq!(texts.get(network), b"network poll");
        let Padded::Short(bytes, len) = texts.padded(network) else {
            panic!("it is short")
        };
        assert_eq!(&bytes[..len], b"network poll");
        assert!(texts.is_network(network) && !texts.is_network(quoted));
    }

    #[test]
    fn ids_are_over_with_their_generation() {
        let mut ids = Ids::default();
        for id in [0, 7, FEW as u64, u64::MAX] {
            assert_eq!(ids.get(id), None);
            ids.insert(id, 3);
            assert_eq!(ids.get(id), Some(3));
        }
        ids.clear();
        assert_eq!((ids.get(7), ids.get(u64::MAX)), (None, None));
    }
}
