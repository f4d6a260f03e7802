//! Goroutines and Ps by their ids.

use std::collections::HashMap;

use super::names::NameId;
use super::ranges::Open;
use crate::heap;
use crate::trace::v1::hash::IdHash;
use crate::trace::v2::lately::Lately;

/// How far a goroutine or a P has come in a generation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Seq {
    generation: u64,
    number: u64,
}

impl Seq {
    pub(super) fn start(generation: u64) -> Self {
        Self {
            generation,
            number: 0,
        }
    }

    /// Whether a number of a generation is the next.
    #[inline]
    pub(super) fn is_next(self, generation: u64, number: u64) -> bool {
        self.generation == generation && number == self.number.wrapping_add(1)
    }

    #[inline]
    pub(super) fn go_on(&mut self) {
        self.number = self.number.wrapping_add(1);
    }

    pub(super) fn next(self) -> u64 {
        self.number.wrapping_add(1)
    }
}

/// A region that a goroutine is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Region {
    pub(super) task: u64,
    pub(super) name: NameId,
}

/// The part of a goroutine that few goroutines have.
#[derive(Debug, Default)]
pub(super) struct Extra {
    pub(super) regions: Vec<Region>,
    pub(super) open: Open,
}

/// A goroutine and its state.
#[derive(Debug, Default)]
pub(super) struct Goroutine {
    pub(super) id: u64,
    pub(super) seq: Seq,
    pub(super) status: u8,
    is_there: bool,
    /// Whether it is in the map, too.
    is_mapped: bool,
    extra: Option<Box<Extra>>,
}

impl Goroutine {
    pub(super) fn extra(&mut self) -> &mut Extra {
        self.extra.get_or_insert_default()
    }

    /// The regions that it is in, if it ever was in one.
    pub(super) fn regions(&mut self) -> &mut [Region] {
        self.extra
            .as_deref_mut()
            .map_or(&mut [], |e| &mut e.regions)
    }
}

/// The slot of no goroutine.
const NO_SLOT: u32 = u32::MAX;

/// All goroutines that are there, in slots that are used again.
#[derive(Debug, Default)]
pub(super) struct Goroutines {
    slots: Vec<Goroutine>,
    free: Vec<u32>,
    /// Goroutines that had to make room among the others: one that lives for a short time never
    /// gets here.
    by_id: HashMap<u64, u32, IdHash>,
    /// None that is gone: which of those has an id needs no second look.
    lately: Lately,
    seen: u64,
    /// The greatest id that was ever added: the runtime counts up.
    greatest: u64,
}

impl Goroutines {
    /// A goroutine that is there.
    #[inline]
    pub(super) fn get(&mut self, id: u64) -> Option<&mut Goroutine> {
        self.find(id).map(|(_, goroutine)| goroutine)
    }

    /// The same, and its slot.
    #[inline]
    pub(super) fn find(&mut self, id: u64) -> Option<(u32, &mut Goroutine)> {
        let near = self.lately.slot(id);
        let is_near = self.slots.get(near as usize).is_some_and(|g| g.id == id);
        let slot = if is_near { near } else { self.look_up(id)? };
        Some((slot, self.slots.get_mut(slot as usize)?))
    }

    /// Whether a goroutine is there.
    #[inline]
    pub(super) fn has(&mut self, id: u64) -> bool {
        id <= self.greatest && self.get(id).is_some()
    }

    #[inline(never)]
    fn look_up(&mut self, id: u64) -> Option<u32> {
        let slot = *self.by_id.get(&id)?;
        self.set_lately(id, slot);
        Some(slot)
    }

    /// A goroutine comes among those that were asked for lately.
    #[inline(always)]
    fn set_lately(&mut self, id: u64, slot: u32) {
        let old = self.lately.set(id, slot);
        if old != NO_SLOT && old != slot {
            self.make_way(old, id);
        }
    }

    /// The one whose place another takes goes to the map.
    #[inline(never)]
    fn make_way(&mut self, old: u32, id: u64) {
        if let Some(g) = self.slots.get_mut(old as usize)
            && g.is_there
            && !g.is_mapped
            && Lately::collide(g.id, id)
        {
            g.is_mapped = true;
            self.by_id.insert(g.id, old);
        }
    }

    /// Adds one that is not there.
    #[inline(always)]
    pub(super) fn add(&mut self, id: u64, status: u8, generation: u64) {
        self.seen += 1;
        self.greatest = self.greatest.max(id);
        let slot = match self.free.pop() {
            Some(free) => free,
            None => self.append(),
        };
        // In its place, and not put there: a whole one would be made beside it first. Whoever was there
        // left nothing else behind.
        if let Some(new) = self.slots.get_mut(slot as usize) {
            (new.id, new.seq, new.status) = (id, Seq::start(generation), status);
            (new.is_there, new.is_mapped) = (true, false);
        }
        self.set_lately(id, slot);
    }

    #[inline(never)]
    fn append(&mut self) -> u32 {
        #[expect(clippy::cast_possible_truncation, reason = "one takes an event")]
        let slot = self.slots.len() as u32;
        heap::push(&mut self.slots, Goroutine::default());
        slot
    }

    /// Removes a goroutine that ended.
    pub(super) fn remove(&mut self, id: u64) {
        if let Some((slot, _)) = self.find(id) {
            self.remove_found(slot);
        }
    }

    /// The same of one that was [found](Self::find): no other may be looked for between the two.
    #[inline(always)]
    pub(super) fn remove_found(&mut self, slot: u32) {
        let Some(gone) = self.slots.get_mut(slot as usize) else {
            return;
        };
        gone.is_there = false;
        // Finding it has put its slot there.
        self.lately.set(gone.id, NO_SLOT);
        if gone.is_mapped || gone.extra.is_some() {
            self.forget(slot);
        }
        heap::push(&mut self.free, slot);
    }

    /// Forgets what few of those that ended have.
    #[inline(never)]
    fn forget(&mut self, slot: u32) {
        let gone = &mut self.slots[slot as usize];
        gone.extra = None;
        if gone.is_mapped {
            self.by_id.remove(&gone.id);
        }
    }

    /// Bytes of memory, when a few more have come.
    pub(super) fn heap(&self) -> usize {
        let (by_id, more) = (&self.by_id, heap::STEP);
        heap::list(&self.slots, more)
            + heap::list(&self.free, more)
            + heap::table(by_id.len(), by_id.capacity(), more, 16)
    }

    /// How many there were.
    pub(super) fn seen(&self) -> u64 {
        self.seen
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Goroutine> {
        self.slots.iter_mut().filter(|g| g.is_there)
    }
}

/// A P and its state.
#[derive(Debug)]
pub(super) struct Proc {
    pub(super) seq: Seq,
    pub(super) status: u8,
    pub(super) open: Open,
}

/// Ids of Ps below this have a place of their own.
const FEW: usize = 1 << 12;

/// All Ps; none ever goes.
#[derive(Debug, Default)]
pub(super) struct Procs {
    few: Vec<Option<Proc>>,
    others: HashMap<u64, Proc, IdHash>,
    count: u64,
}

impl Procs {
    #[inline]
    pub(super) fn get(&mut self, id: u64) -> Option<&mut Proc> {
        // An id of the others is beyond these.
        match usize::try_from(id).ok().and_then(|id| self.few.get_mut(id)) {
            Some(few) => few.as_mut(),
            None if self.others.is_empty() => None,
            None => self.others.get_mut(&id),
        }
    }

    /// Adds one that is not there.
    pub(super) fn add(&mut self, id: u64, status: u8, generation: u64) {
        let new = Proc {
            seq: Seq::start(generation),
            status,
            open: Open::default(),
        };
        self.count += 1;
        match usize::try_from(id) {
            Ok(index) if index < FEW => {
                if self.few.len() <= index {
                    self.few.resize_with(index + 1, || None);
                }
                self.few[index] = Some(new);
            }
            _ => {
                self.others.insert(id, new);
            }
        }
    }

    /// Bytes of memory, when a few more have come.
    pub(super) fn heap(&self) -> usize {
        let others = &self.others;
        let entry = size_of::<(u64, Proc)>();
        self.few.capacity() * size_of::<Option<Proc>>()
            + heap::table(others.len(), others.capacity(), heap::STEP, entry)
    }

    pub(super) fn len(&self) -> u64 {
        self.count
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::v2::frontier::tests::Dice;
    use crate::trace::v2::lately::PLACES;

    #[test]
    fn goroutines_are_found_as_long_as_they_are_there_wherever_their_ids_lie() {
        let (mut dice, mut goroutines) = (Dice::new(3), Goroutines::default());
        let mut expected = HashMap::new();
        for round in 0..20_000 {
            // Few places, each of which many ids want.
            let id = dice.below(3) + PLACES as u64 * dice.below(8);
            let status = (round % 5) as u8;
            match (expected.contains_key(&id), dice.below(3)) {
                (true, 0) => {
                    goroutines.remove(id);
                    expected.remove(&id);
                }
                (false, 0) => {
                    goroutines.add(id, status, 1);
                    expected.insert(id, status);
                }
                _ => {}
            }
            let got = goroutines.get(id).map(|g| (g.id, g.status));
            assert_eq!(got, expected.get(&id).map(|&status| (id, status)));
        }
        let mut got: Vec<_> = goroutines.iter_mut().map(|g| (g.id, g.status)).collect();
        let mut all: Vec<_> = expected.into_iter().collect();
        got.sort_unstable();
        all.sort_unstable();
        assert_eq!(got, all);
    }
}
