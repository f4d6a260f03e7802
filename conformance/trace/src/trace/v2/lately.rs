//! Slots of goroutines that were asked for lately, which are found without a hash.

/// How many there are, by the lowest bits of their ids.
pub(super) const PLACES: usize = 2048;

/// A slot for each place, of the id that was asked for last.
#[derive(Debug)]
pub(crate) struct Lately(Box<[u32; PLACES]>);

impl Default for Lately {
    fn default() -> Self {
        Self(Box::new([0; PLACES]))
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the lowest bits are wanted"
)]
const fn place(id: u64) -> usize {
    id as usize % PLACES
}

impl Lately {
    /// A slot that may be that of an id.
    #[inline]
    pub(crate) fn slot(&self, id: u64) -> u32 {
        self.0[place(id)]
    }

    /// Puts the slot of an id there; the one that was there.
    #[inline]
    pub(crate) fn set(&mut self, id: u64, slot: u32) -> u32 {
        std::mem::replace(&mut self.0[place(id)], slot)
    }

    /// Whether two ids have one place.
    #[inline]
    pub(super) const fn collide(one: u64, two: u64) -> bool {
        place(one) == place(two)
    }

    /// Bytes of memory.
    pub(crate) const fn heap() -> usize {
        PLACES * size_of::<u32>()
    }
}
