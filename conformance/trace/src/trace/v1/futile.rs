//! Finds wake-ups that led to nothing.
//!
//! A goroutine that is woken, finds that another was faster, and blocks again has marked
//! this with a `FutileWakeup`; the wake-up, the start, the mark and the block say nothing
//! to a reader. Only the block shows it, so the events of a trace that has such marks are
//! ordered twice: first to find what is to be left out. No exit from a system call takes
//! part, so it does not matter that these have not been moved yet.
//!
//! Source: Go `internal/trace/parser.go`, `removeFutile` (R63).

use std::collections::HashMap;

use sigprof_wire::v1::EventType;

use super::exits::final_type;
use super::hash::IdHash;
use super::index::index_of;
use super::lane::Head;
use super::merge::Merge;
use crate::error::InputError;
use crate::heap;

#[derive(Default)]
struct Wakeup {
    is_futile: bool,
    /// Where its events stand.
    events: Vec<u64>,
}

/// Offsets in a file, a bit for each of its bytes.
#[derive(Debug, Default)]
pub(super) struct Offsets(Vec<u64>);

impl Offsets {
    fn insert(&mut self, offset: u64) {
        if let Some(word) = self.0.get_mut(index_of(offset >> 6)) {
            *word |= 1 << (offset & 63);
        }
    }

    pub(super) fn contains(&self, offset: u64) -> bool {
        let word = self.0.get(index_of(offset >> 6));
        word.is_some_and(|word| word >> (offset & 63) & 1 == 1)
    }

    pub(super) fn heap(&self) -> usize {
        size_of_val(&self.0[..])
    }
}

/// The offsets of events that are to be left out; up to where there is no order any more.
///
/// # Errors
/// If what has to be held until that is known takes too much.
pub(super) fn offsets(mut merge: Merge, len: usize) -> Result<Offsets, InputError> {
    let mut wakeups: HashMap<u64, Wakeup, IdHash> = HashMap::default();
    let mut futile = Offsets(vec![0; len / 64 + 1]);
    let (mut merged, mut held) = (0_u64, 0_usize);
    while let Ok(Some(lane)) = merge.next() {
        if merged.is_multiple_of(heap::STEP as u64) {
            // A list has room for as many again, and for four at the least.
            let lists = 8 * (2 * (held + heap::STEP) + 4 * wakeups.len());
            let table = heap::table(wakeups.len(), wakeups.capacity(), heap::STEP, 40);
            let index = merge.index_heap();
            let wanted = index + merge.heap() + futile.heap() + table + lists;
            heap::check(len, wanted, merge.head(lane).offset)?;
        }
        merged += 1;
        use EventType as E;
        let Head {
            event_type,
            own,
            own_id,
            offset,
            args,
            ..
        } = *merge.head(lane);
        match final_type(event_type) {
            E::GoUnblock => {
                let wakeup = wakeups.entry(args[0]).or_default();
                held = held + 1 - wakeup.events.len();
                wakeup.events = vec![offset];
            }
            E::GoStart | E::GoPreempt | E::FutileWakeup => {
                let wakeup = wakeups.entry(own_id).or_default();
                wakeup.events.push(offset);
                held += 1;
                wakeup.is_futile |= event_type == E::FutileWakeup;
            }
            E::GoBlock
            | E::GoBlockSend
            | E::GoBlockRecv
            | E::GoBlockSelect
            | E::GoBlockSync
            | E::GoBlockCond => {
                let wakeup = wakeups.remove(&own_id).unwrap_or_default();
                held -= wakeup.events.len();
                if wakeup.is_futile {
                    wakeup.events.into_iter().for_each(|at| futile.insert(at));
                    futile.insert(offset);
                }
            }
            E::GoEnd | E::GoStop => {
                // It never comes back.
                if own_id != 0 {
                    let wakeup = wakeups.remove(&own_id).unwrap_or_default();
                    held -= wakeup.events.len();
                }
                merge.goroutines.end(own);
            }
            _ => {}
        }
    }
    Ok(futile)
}
