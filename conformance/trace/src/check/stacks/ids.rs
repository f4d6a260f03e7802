//! Ids of a file to numbers of ours, in few bytes.

use std::collections::BTreeMap;
use std::hash::BuildHasher;

use hashbrown::HashTable;

use crate::trace::v1::hash::IdHash;

/// A map from ids, nearly all of which fit 32 bits: a larger one has five bytes in a file at the
/// least, and pays for itself.
#[derive(Clone, Debug, Default)]
pub(super) struct Ids<V> {
    small: HashTable<(u32, V)>,
    large: BTreeMap<u64, V>,
    hash: IdHash,
}

impl<V: Copy> Ids<V> {
    /// The value of an id.
    pub(super) fn get(&self, id: u64) -> Option<V> {
        let Ok(small) = u32::try_from(id) else {
            return self.large.get(&id).copied();
        };
        let found = self.small.find(self.hash.hash_one(small), |e| e.0 == small);
        found.map(|&(_, value)| value)
    }

    /// Adds an id that is not there.
    pub(super) fn insert(&mut self, id: u64, value: V) {
        let Ok(small) = u32::try_from(id) else {
            self.large.insert(id, value);
            return;
        };
        let hash = self.hash;
        let hash_of = hash.hash_one(small);
        self.small
            .insert_unique(hash_of, (small, value), |e| hash.hash_one(e.0));
    }

    /// Forgets all of them.
    pub(super) fn clear(&mut self) {
        self.small.clear();
        self.large.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_any_size_are_told_apart() {
        let ids = [
            0,
            1,
            7,
            u64::from(u32::MAX),
            1 << 32,
            (1 << 32) + 7,
            u64::MAX,
        ];
        let mut map = Ids::default();
        for (value, &id) in ids.iter().enumerate() {
            assert_eq!(map.get(id), None);
            map.insert(id, value);
        }
        for (value, &id) in ids.iter().enumerate() {
            assert_eq!(map.get(id), Some(value));
        }
        map.clear();
        assert!(ids.iter().all(|&id| map.get(id).is_none()));
    }
}
