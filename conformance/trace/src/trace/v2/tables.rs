//! Strings and stacks of one generation, by their ids.

use std::collections::HashMap;

use crate::heap;
use crate::trace::v1::hash::IdHash;

/// Ids up to this many times the entries have a place of their own; the runtime counts up.
const DENSE: usize = 2;

/// Ids that always have a place of their own.
const ALWAYS_DENSE: usize = 64;

/// A table from ids to numbers above 0.
#[derive(Debug, Default)]
pub(super) struct Table {
    /// By id; 0 is none. The place of id 0 says that this may be used.
    dense: Vec<u64>,
    /// Ids that are too far from the others.
    sparse: HashMap<u64, u64, IdHash>,
    count: usize,
    /// All ids up to this one are there, as far as is known.
    all_up_to: u64,
}

impl Table {
    /// Adds an entry. False if the id is 0, or there already.
    pub(super) fn insert(&mut self, id: u64, value: u64) -> bool {
        debug_assert_ne!(value, 0);
        if self.has(id) {
            return false;
        }
        self.count += 1;
        let limit = DENSE * self.count + ALWAYS_DENSE;
        match usize::try_from(id) {
            Ok(index) if index < self.dense.len() => self.dense[index] = value,
            Ok(index) if index < limit => {
                self.dense.resize(index + 1, 0);
                self.dense[index] = value;
            }
            _ => {
                self.sparse.insert(id, value);
            }
        }
        true
    }

    /// The entry of an id.
    #[inline]
    pub(super) fn get(&self, id: u64) -> Option<u64> {
        let dense = usize::try_from(id).ok().and_then(|i| self.dense.get(i));
        match dense {
            _ if id == 0 => None,
            Some(&value) if value != 0 => Some(value),
            _ if self.sparse.is_empty() => None,
            _ => self.sparse.get(&id).copied(),
        }
    }

    /// Whether an id may be used: 0 stands for nothing, and may (R72.2).
    #[inline(always)]
    pub(super) fn has(&self, id: u64) -> bool {
        let dense = usize::try_from(id).ok().and_then(|i| self.dense.get(i));
        dense.is_some_and(|&value| value != 0) || self.has_far(id)
    }

    /// The same of one that has no place of its own.
    #[inline(never)]
    fn has_far(&self, id: u64) -> bool {
        id == 0 || self.sparse.contains_key(&id)
    }

    /// All entries are there.
    pub(super) fn complete(&mut self) {
        self.take_near();
        let ids = self.dense.get(1..).unwrap_or_default();
        self.all_up_to = ids.iter().take_while(|&&value| value != 0).count() as u64;
        // Many events have no stack.
        if let Some(none) = self.dense.first_mut() {
            *none = 1;
        }
    }

    /// Ids that came before most of those below them have places of their own now: stacks are
    /// written in any order.
    fn take_near(&mut self) {
        let limit = (DENSE * self.count + ALWAYS_DENSE) as u64;
        let near = self.sparse.keys().filter(|&&id| id < limit);
        let Some(&last) = near.max() else { return };
        #[expect(clippy::cast_possible_truncation, reason = "below a limit")]
        let len = (last as usize + 1).max(self.dense.len());
        self.dense.reserve_exact(len - self.dense.len());
        self.dense.resize(len, 0);
        self.sparse.retain(|&id, &mut value| {
            let place = usize::try_from(id).ok().and_then(|i| self.dense.get_mut(i));
            place.map(|place| *place = value).is_none()
        });
        self.sparse.shrink_to_fit();
    }

    /// All ids up to this one may be used.
    #[inline(always)]
    pub(super) fn all_up_to(&self) -> u64 {
        self.all_up_to
    }

    /// Bytes of memory, when a few more entries have come.
    pub(super) fn heap(&self) -> usize {
        let sparse = &self.sparse;
        self.dense.capacity() * 2 * size_of::<u64>()
            + heap::table(sparse.len(), sparse.capacity(), heap::STEP, 16)
    }

    pub(super) fn len(&self) -> usize {
        self.count
    }

    pub(super) fn clear(&mut self) {
        self.dense.clear();
        self.sparse.clear();
        (self.count, self.all_up_to) = (0, 0);
    }

    /// Every id with its entry; those with a place of their own in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u64, u64)> {
        let dense = self.dense.iter().enumerate().skip(1);
        let dense = dense.filter(|&(_, &v)| v != 0).map(|(i, &v)| (i as u64, v));
        dense.chain(self.sparse.iter().map(|(&id, &v)| (id, v)))
    }
}

/// A run of at most 2047 bytes or frames at an index of the window, as one number above 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) at: usize,
    pub(super) len: usize,
}

const LEN_BITS: u32 = 11;

impl Span {
    pub(super) fn pack(self) -> u64 {
        ((self.at as u64 + 1) << LEN_BITS) | self.len as u64
    }

    pub(super) fn unpack(packed: u64) -> Self {
        Self {
            at: ((packed >> LEN_BITS) as usize).wrapping_sub(1),
            len: (packed & ((1 << LEN_BITS) - 1)) as usize,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_may_lie_anywhere() {
        let mut table = Table::default();
        let ids = [1, 2, 1 << 40, 3, u64::MAX, 70, 200, 201];
        for (value, id) in (1..).zip(ids) {
            assert!(!table.has(id));
            assert!(table.insert(id, value));
            assert!(!table.insert(id, value), "{id} twice");
        }
        assert!(!table.insert(0, 9));
        for (value, id) in (1..).zip(ids) {
            assert_eq!(table.get(id), Some(value));
        }
        assert_eq!(
            (table.get(0), table.has(0), table.get(4)),
            (None, true, None)
        );
        assert_eq!(table.len(), ids.len());
        assert_eq!(table.iter().count(), ids.len());
        // Few ids take little, wherever they lie.
        assert!(table.dense.len() < 200);
    }

    #[test]
    fn ids_in_any_order_have_places_when_all_are_there() {
        let mut table = Table::default();
        let far = [1 << 40, u64::MAX];
        let ids: Vec<_> = (1..=500).rev().chain(far).collect();
        for &id in &ids {
            assert!(table.insert(id, id.wrapping_mul(3)));
        }
        assert!(table.sparse.len() > 100);
        table.complete();
        assert_eq!(table.sparse.len(), far.len());
        assert_eq!(table.all_up_to(), 500);
        for id in ids {
            assert_eq!(
                (table.get(id), table.has(id)),
                (Some(id.wrapping_mul(3)), true)
            );
        }
        assert!(!table.has(501));
    }

    #[test]
    fn spans_fit_into_a_number() {
        for (at, len) in [(0, 0), (0, 1024), (1 << 50, 128)] {
            let span = Span { at, len };
            assert_ne!(span.pack(), 0);
            assert_eq!(Span::unpack(span.pack()), span);
        }
    }
}
