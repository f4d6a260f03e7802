//! A ledger of a ring: what handlers wrote into it, until it comes out.
//!
//! Samples come out in the order in which they went in, but for those that a ring keeps too long:
//! with two rings in turn (from Go 1.22 on) one that was not read in time comes out two
//! generations later. So each is looked up by when it was taken and by its stack, in the time
//! that a search in a tree takes. And on the engine one may come out before its handler has
//! returned, and so before anybody could write down that it went in.

use std::collections::BTreeMap;
use std::collections::VecDeque;

use crate::seed::Fnv;

/// The time of a sample, in the clock of its ring, and the hash of its stack.
type Key = (u64, u64);

/// A sample in a ring: the signal that it is of, and the generation in which it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Written {
    signal: usize,
    generation: u64,
}

/// A sample that came out of a ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Drained {
    /// The number of the trace or profile that it came out into.
    pub(crate) window: usize,
    /// The generation that was read.
    pub(crate) generation: u64,
}

/// A sample that went in and came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Arrived {
    /// The number of its signal.
    pub(crate) signal: usize,
    /// The number of the trace or profile that it is in.
    pub(crate) window: usize,
    /// Generations from the one that it was written in to the one that was read: 0 unless the
    /// ring kept it too long.
    pub(crate) generations_late: u64,
    /// The generation that was read.
    pub(crate) read_in: u64,
}

impl Arrived {
    fn new(written: Written, drained: Drained) -> Self {
        Self {
            signal: written.signal,
            window: drained.window,
            generations_late: drained.generation.saturating_sub(written.generation),
            read_in: drained.generation,
        }
    }
}

/// A ring's samples that have only gone in, or only come out.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    inside: BTreeMap<Key, VecDeque<Written>>,
    early: BTreeMap<Key, VecDeque<Drained>>,
}

impl Ledger {
    /// A handler wrote a sample; says where it is, if it has come out already.
    pub(crate) fn written(
        &mut self,
        time: u64,
        stack: &[u64],
        signal: usize,
        generation: u64,
    ) -> Option<Arrived> {
        let (key, written) = (key(time, stack), Written { signal, generation });
        match take(&mut self.early, key) {
            Some(drained) => Some(Arrived::new(written, drained)),
            None => {
                self.inside.entry(key).or_default().push_back(written);
                None
            }
        }
    }

    /// A sample came out; says which it is, if that is known already.
    pub(crate) fn drained(
        &mut self,
        time: u64,
        stack: &[u64],
        drained: Drained,
    ) -> Option<Arrived> {
        let key = key(time, stack);
        match take(&mut self.inside, key) {
            Some(written) => Some(Arrived::new(written, drained)),
            None => {
                self.early.entry(key).or_default().push_back(drained);
                None
            }
        }
    }
}

fn key(time: u64, stack: &[u64]) -> Key {
    let mut hash = Fnv::default();
    stack.iter().for_each(|word| hash.add(&word.to_le_bytes()));
    (time, hash.finish())
}

/// Takes the first of a key.
fn take<T>(from: &mut BTreeMap<Key, VecDeque<T>>, key: Key) -> Option<T> {
    let all = from.get_mut(&key)?;
    let first = all.pop_front();
    if all.is_empty() {
        from.remove(&key);
    }
    first
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drained(window: usize, generation: u64) -> Drained {
        Drained { window, generation }
    }

    /// Guards S20.13.
    #[test]
    fn equal_samples_come_out_in_their_order() {
        let mut ledger = Ledger::default();
        for signal in [3, 4] {
            assert_eq!(ledger.written(9, &[1], signal, 1), None);
        }
        let out = [(); 2].map(|()| ledger.drained(9, &[1], drained(0, 1)).unwrap().signal);
        assert_eq!(out, [3, 4]);
    }

    /// Guards S20.13.
    #[test]
    fn a_sample_that_stays_behind_is_known_when_it_comes_out_later() {
        let mut ledger = Ledger::default();
        ledger.written(9, &[1], 0, 1);
        for (signal, time) in (1..1000).zip(10..) {
            ledger.written(time, &[1], signal, 1);
            let arrived = ledger.drained(time, &[1], drained(0, 1)).unwrap();
            assert_eq!((arrived.signal, arrived.generations_late), (signal, 0));
        }
        let arrived = ledger.drained(9, &[1], drained(2, 3)).unwrap();
        assert_eq!(
            (arrived.signal, arrived.window, arrived.generations_late),
            (0, 2, 2)
        );
    }

    /// Guards S20.13.
    #[test]
    fn time_and_stack_decide_which_it_is() {
        let mut ledger = Ledger::default();
        ledger.written(9, &[1], 0, 1);
        ledger.written(9, &[2], 1, 1);
        assert_eq!(ledger.drained(9, &[3], drained(0, 1)), None);
        assert_eq!(
            ledger.drained(9, &[2], drained(0, 1)).map(|a| a.signal),
            Some(1)
        );
        assert_eq!(ledger.drained(8, &[1], drained(0, 1)), None);
        assert_eq!(
            ledger.drained(9, &[1], drained(0, 1)).map(|a| a.signal),
            Some(0)
        );
    }

    /// Guards S20.13.
    #[test]
    fn a_sample_may_come_out_before_its_handler_returns() {
        let mut ledger = Ledger::default();
        assert_eq!(ledger.drained(9, &[1], drained(1, 1)), None);
        let arrived = ledger.written(9, &[1], 5, 1).unwrap();
        assert_eq!((arrived.signal, arrived.window), (5, 1));
        assert_eq!(ledger.written(9, &[1], 6, 1), None);
    }
}
