//! The goroutines and what is known of each, in slots that are reused when one ends, so
//! that memory follows those that live.
//!
//! An id is never that of another goroutine in one trace; of one that has ended a bit
//! remains, so that whoever claims it again is found out.

use std::collections::{HashMap, HashSet};
use std::hash::BuildHasher;
use std::num::NonZeroU64;

use hashbrown::HashTable;
use sigprof_wire::v1::EventType;

use super::Status;
use super::hash::IdHash;
use crate::heap;

/// The slot of g0, which never ends.
pub(super) const G0: u32 = 0;

/// The slot that stands for the garbage collector as a whole.
pub(super) const GC: u32 = 1;

/// A goroutine and what is known of it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Goroutine {
    pub(super) id: u64,
    /// For the order: how often it has moved, and what it does.
    pub(super) seq: u64,
    pub(super) order: Status,
    /// Lanes whose next event waits for this goroutine.
    pub(super) waiters: u32,
    /// When it was last seen to block in a system call, in ticks; 0 for never, as in Go.
    pub(super) blocked_at: i64,
    /// Whether an event has created it, or it was there before.
    pub(super) is_known: bool,
    /// For the validation: what it does.
    pub(super) status: Status,
    /// The event that its next start, unblock or exit answers, and where it stands.
    pub(super) last: Option<EventType>,
    pub(super) last_at: u64,
    /// The stack it was created with, until it starts.
    pub(super) created_with: u64,
    pub(super) is_new: bool,
    /// Where the start of its run stands, and that of its mark assist.
    pub(super) started_at: u64,
    pub(super) assist_at: At,
}

/// Where an event stands, if there is one; none stands at 0, where the header is.
pub(super) type At = Option<NonZeroU64>;

/// All goroutines of a trace.
pub(super) struct Goroutines {
    slots: Vec<Goroutine>,
    free: Vec<u32>,
    /// Slots by id.
    by_id: HashTable<u32>,
    hash: IdHash,
    /// Goroutines that were asked for last: id and slot, by the lower bits of the id.
    recent: Box<[(u64, u32)]>,
    ended: Ended,
}

/// Goroutines that are found without the map: as many as most programs have, and fewer in a
/// small trace, which would take longer to set them up than to read.
const RECENT: usize = 4096;

/// Bytes of a trace for each of them.
const BYTES_OF_RECENT: usize = 16;

/// Ids of goroutines that have ended: 64 of them share a word.
#[derive(Debug, Default)]
struct Ended(HashMap<u64, u64, IdHash>);

impl Ended {
    fn insert(&mut self, id: u64) {
        *self.0.entry(id >> 6).or_default() |= 1 << (id & 63);
    }

    fn contains(&self, id: u64) -> bool {
        self.0
            .get(&(id >> 6))
            .is_some_and(|w| w >> (id & 63) & 1 == 1)
    }
}

impl Goroutines {
    /// Goroutines of a trace of `trace_len` bytes.
    pub(super) fn new(trace_len: usize) -> Self {
        let recent = (trace_len / BYTES_OF_RECENT)
            .next_power_of_two()
            .min(RECENT);
        let g0 = Goroutine {
            is_known: true,
            status: Status::Running,
            ..Goroutine::default()
        };
        Self {
            slots: vec![g0, Goroutine::default()],
            free: Vec::new(),
            by_id: HashTable::new(),
            hash: IdHash::default(),
            recent: vec![(0, G0); recent].into_boxed_slice(),
            ended: Ended::default(),
        }
    }

    /// Bytes that there may be before this is asked again.
    pub(super) fn heap(&self) -> usize {
        let (by_id, ended) = (&self.by_id, &self.ended.0);
        // An event may name two.
        let more = 2 * heap::STEP;
        size_of_val(&*self.recent)
            + heap::list(&self.slots, more)
            + heap::list(&self.free, more)
            + heap::table(by_id.len(), by_id.capacity(), more, 4)
            + heap::table(ended.len(), ended.capacity(), more, 16)
    }

    /// The goroutine in a slot.
    pub(super) fn at(&mut self, slot: u32) -> &mut Goroutine {
        &mut self.slots[slot as usize]
    }

    /// The same, to look at.
    pub(super) fn look(&self, slot: u32) -> &Goroutine {
        &self.slots[slot as usize]
    }

    /// The slot of a goroutine, known or not.
    #[inline]
    pub(super) fn slot(&mut self, id: u64) -> u32 {
        let recent = self.recent[self.recent_at(id)];
        if recent.0 == id {
            return recent.1;
        }
        self.look_up(id)
    }

    /// Where a goroutine stands among the recent ones, whose number is a power of two.
    #[inline]
    fn recent_at(&self, id: u64) -> usize {
        #[expect(clippy::cast_possible_truncation, reason = "the lower bits are wanted")]
        let low = id as usize;
        low & (self.recent.len() - 1)
    }

    #[inline(never)]
    fn look_up(&mut self, id: u64) -> u32 {
        let slot = self.find(id).unwrap_or_else(|| self.new_slot(id));
        let at = self.recent_at(id);
        self.recent[at] = (id, slot);
        slot
    }

    #[inline(never)]
    fn new_slot(&mut self, id: u64) -> u32 {
        let goroutine = Goroutine {
            id,
            // One that has ended counts as running for ever, for which no event waits.
            order: if self.ended.contains(id) {
                Status::Running
            } else {
                Status::Dead
            },
            ..Goroutine::default()
        };
        let slot = match self.free.pop() {
            Some(slot) => {
                self.slots[slot as usize] = goroutine;
                slot
            }
            None => {
                heap::push(&mut self.slots, goroutine);
                u32::try_from(self.slots.len() - 1).unwrap_or(u32::MAX)
            }
        };
        let (hash, slots) = (self.hash, &self.slots);
        let of_slot = |&slot: &u32| hash.hash_one(slots[slot as usize].id);
        self.by_id.insert_unique(hash.hash_one(id), slot, of_slot);
        slot
    }

    /// The slot of a goroutine that has one.
    pub(super) fn find(&self, id: u64) -> Option<u32> {
        if id == 0 {
            return Some(G0);
        }
        let is_it = |&slot: &u32| self.slots[slot as usize].id == id;
        self.by_id.find(self.hash.hash_one(id), is_it).copied()
    }

    /// Whether an event has created this goroutine, be it alive or not.
    pub(super) fn was_created(&self, id: u64) -> bool {
        let slot = self.find(id);
        slot.is_some_and(|slot| self.slots[slot as usize].is_known) || self.ended.contains(id)
    }

    /// Whether a goroutine has ended.
    pub(super) fn has_ended(&self, id: u64) -> bool {
        self.ended.contains(id)
    }

    /// Gives back the slot of a goroutine that has ended.
    pub(super) fn end(&mut self, slot: u32) {
        if slot <= GC {
            return;
        }
        let goroutine = self.slots[slot as usize];
        self.ended.insert(goroutine.id);
        // Somebody waits for it, in vain: then the trace is refused, and the slot stays.
        if goroutine.waiters == 0 {
            let hash = self.hash.hash_one(goroutine.id);
            if let Ok(entry) = self.by_id.find_entry(hash, |&at| at == slot) {
                entry.remove();
            }
            let at = self.recent_at(goroutine.id);
            self.recent[at] = (0, G0);
            self.slots[slot as usize] = Goroutine::default();
            heap::push(&mut self.free, slot);
        } else {
            self.slots[slot as usize].status = Status::Dead;
        }
    }
}

/// Goroutines that a CPU sample named before an event created them (S3).
#[derive(Debug, Default)]
pub(super) struct Sampled(HashSet<u64, IdHash>);

impl Sampled {
    /// Bytes that there may be before this is asked again.
    pub(super) fn heap(&self) -> usize {
        heap::table(self.0.len(), self.0.capacity(), heap::STEP, 8)
    }

    pub(super) fn insert(&mut self, id: u64) {
        self.0.insert(id);
    }

    pub(super) fn remove(&mut self, id: u64) -> bool {
        !self.0.is_empty() && self.0.remove(&id)
    }

    pub(super) fn contains(&self, id: u64) -> bool {
        !self.0.is_empty() && self.0.contains(&id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_used_again_and_the_ended_are_remembered() {
        let mut goroutines = Goroutines::new(1 << 20);
        for id in 1..=1000 {
            let slot = goroutines.slot(id);
            goroutines.at(slot).is_known = true;
            goroutines.end(slot);
        }
        assert_eq!(goroutines.slots.len(), 3);
        assert!(goroutines.was_created(1) && goroutines.has_ended(1000));
        assert!(!goroutines.was_created(1001));
        let again = goroutines.slot(7);
        assert_eq!(goroutines.at(again).order, Status::Running);
    }

    #[test]
    fn who_is_waited_for_keeps_the_slot() {
        let mut goroutines = Goroutines::new(1 << 20);
        let slot = goroutines.slot(5);
        goroutines.at(slot).waiters = 1;
        goroutines.end(slot);
        assert_eq!(goroutines.find(5), Some(slot));
        assert_ne!(goroutines.slot(6), slot);
    }
}
