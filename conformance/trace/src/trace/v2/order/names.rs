//! Names of tasks and regions, which outlive the generation whose tables they stand in.

use std::collections::HashMap;
use std::sync::Arc;

use crate::heap;
use crate::trace::v1::hash::IdHash;

/// The number of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::trace::v2) struct NameId(pub(in crate::trace::v2) u32);

/// The empty name.
pub(super) const EMPTY: NameId = NameId(0);

/// Names above this number are swept when a generation begins.
const SWEEP: usize = 1 << 12;

/// All names that somebody may still ask for.
#[derive(Debug, Default)]
pub(in crate::trace::v2) struct Names {
    names: Vec<Arc<[u8]>>,
    by_name: HashMap<Arc<[u8]>, u32>,
    /// Bytes of all names.
    bytes: usize,
    /// Names of this generation's strings that were asked for, by the strings' ids; 0 is none.
    by_string: Vec<u32>,
    /// The same of ids that are too far from the others.
    by_far_string: HashMap<u64, NameId, IdHash>,
}

impl Names {
    /// The number of a string of this generation that was asked for before.
    #[inline]
    pub(super) fn of_known_string(&self, id: u64) -> Option<NameId> {
        let at = usize::try_from(id).ok()?;
        let number = self.by_string.get(at).copied();
        number.filter(|&n| n != 0).map(NameId)
    }

    /// The number of a string of this generation, of which all ids up to `known` are there.
    pub(super) fn of_string(&mut self, id: u64, known: u64, name: &[u8]) -> NameId {
        if let Some(&known) = self.by_far_string.get(&id) {
            return known;
        }
        let number = self.add(name);
        match usize::try_from(id) {
            Ok(at) if id <= known => {
                if self.by_string.len() <= at {
                    self.by_string.resize(at + 1, 0);
                }
                self.by_string[at] = number.0;
            }
            _ => {
                self.by_far_string.insert(id, number);
            }
        }
        number
    }

    fn add(&mut self, name: &[u8]) -> NameId {
        if self.names.is_empty() {
            self.names.push(Arc::from(&b""[..]));
            self.by_name.insert(Arc::clone(&self.names[0]), 0);
        }
        if let Some(&known) = self.by_name.get(name) {
            return NameId(known);
        }
        #[expect(clippy::cast_possible_truncation, reason = "a name takes an event")]
        let number = self.names.len() as u32;
        self.bytes += name.len();
        let name: Arc<[u8]> = Arc::from(name);
        self.names.push(Arc::clone(&name));
        self.by_name.insert(name, number);
        NameId(number)
    }

    /// The name with a number.
    pub(in crate::trace::v2) fn get(&self, id: NameId) -> &[u8] {
        self.names.get(id.0 as usize).map_or(b"", |name| name)
    }

    /// Bytes of memory, nearly.
    pub(super) fn heap(&self) -> usize {
        const NAME: usize = 48;
        let by_name = &self.by_name;
        self.bytes
            + self.names.len() * NAME
            + self.by_string.capacity() * 4
            + heap::table(by_name.len(), by_name.capacity(), 0, 24)
    }

    /// Another generation begins: strings have other ids. Returns whether there are so many
    /// names that those nobody needs should go.
    pub(super) fn next_generation(&mut self) -> bool {
        self.by_string.clear();
        self.by_far_string.clear();
        self.names.len() > SWEEP
    }

    /// Keeps those that are asked for again from now on; the rest goes with the old value.
    pub(super) fn start_over(&mut self) -> Self {
        std::mem::take(self)
    }

    /// A name of an older value.
    pub(super) fn keep(&mut self, old: &Self, id: NameId) -> NameId {
        self.add(old.get(id))
    }
}
