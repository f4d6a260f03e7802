//! A table that numbers what is put into it.

use std::collections::BTreeMap;

/// Numbers values from 1 on, in the order in which they first come (Go: `trace.strings`,
/// `traceStackTable`; R42).
#[derive(Clone, Debug)]
pub(super) struct Table<T> {
    ids: BTreeMap<T, u64>,
}

impl<T: Ord> Table<T> {
    /// An empty table.
    pub(super) const fn new() -> Self {
        Self {
            ids: BTreeMap::new(),
        }
    }

    /// The number of `value`, and whether it is new.
    pub(super) fn put(&mut self, value: T) -> (u64, bool) {
        let next = self.ids.len() as u64 + 1;
        let id = *self.ids.entry(value).or_insert(next);
        (id, id == next)
    }

    /// All values with their numbers, by number.
    pub(super) fn into_numbered(self) -> Vec<(u64, T)> {
        let mut numbered: Vec<_> = self
            .ids
            .into_iter()
            .map(|(value, id)| (id, value))
            .collect();
        numbered.sort_unstable_by_key(|&(id, _)| id);
        numbered
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_keeps_its_number() {
        let mut table = Table::new();
        assert_eq!(table.put("z"), (1, true));
        assert_eq!(table.put("a"), (2, true));
        assert_eq!(table.put("z"), (1, false));
        assert_eq!(table.into_numbered(), [(1, "z"), (2, "a")]);
    }
}
