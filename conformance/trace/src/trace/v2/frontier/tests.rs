//! The frontier against one that is written down plainly, with swaps alone.

use super::{Frontier, Next};
use crate::trace::v2::sort;

/// Random numbers, the same in each run.
pub(in crate::trace::v2) struct Dice(u64);

impl Dice {
    pub(in crate::trace::v2) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below a limit (splitmix64).
    pub(in crate::trace::v2) fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ z >> 31) % limit
    }

    /// The same of a list.
    pub(in crate::trace::v2) fn index(&mut self, len: usize) -> usize {
        usize::try_from(self.below(len as u64)).unwrap()
    }
}

/// A heap of times and lanes as Go keeps it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::trace::v2) struct Plain(Vec<(i64, u32)>);

impl Plain {
    pub(in crate::trace::v2) fn len(&self) -> usize {
        self.0.len()
    }

    pub(in crate::trace::v2) fn lane(&self, at: usize) -> u32 {
        self.0[at].1
    }

    pub(in crate::trace::v2) fn insert(&mut self, time: i64, lane: u32) {
        self.0.push((time, lane));
        self.up(self.0.len() - 1);
    }

    pub(in crate::trace::v2) fn update(&mut self, at: usize, time: i64) {
        self.0[at].0 = time;
        if self.up(at) == at {
            self.down(at);
        }
    }

    pub(in crate::trace::v2) fn remove(&mut self, mut at: usize) {
        // To the top, whatever the times are.
        while at > 0 {
            self.0.swap(at, (at - 1) / 2);
            at = (at - 1) / 2;
        }
        self.0.swap_remove(0);
        self.down(0);
    }

    /// With Go's own sort in any case.
    pub(in crate::trace::v2) fn sort(&mut self, old_shifts: bool) {
        sort::by_time_always(&mut self.0, |next| next.0, old_shifts);
    }

    fn up(&mut self, at: usize) -> usize {
        let parent = at.saturating_sub(1) / 2;
        if self.0[parent].0 <= self.0[at].0 {
            return at;
        }
        self.0.swap(parent, at);
        self.up(parent)
    }

    fn down(&mut self, at: usize) {
        let time = |i: usize| self.0.get(i).map_or(i64::MAX, |next| next.0);
        let (left, right) = (2 * at + 1, 2 * at + 2);
        let child = if time(right) < time(left) {
            right
        } else {
            left
        };
        if child < self.0.len() && self.0[child].0 < self.0[at].0 {
            self.0.swap(child, at);
            self.down(child);
        }
    }
}

/// Guards R75.2, R75.3.
#[test]
fn a_frontier_is_kept_as_a_plain_heap_is_whatever_ties() {
    let mut dice = Dice::new(2);
    for _ in 0..4000 {
        let (mut fast, mut plain) = (Frontier::default(), Plain::default());
        let (lanes, times) = (1 + dice.index(40), 1 + dice.below(30));
        for cursor in (0_u32..).take(lanes) {
            let time = dice.below(times).cast_signed();
            fast.insert(Next { time, cursor });
            plain.insert(time, cursor);
        }
        for _ in 0..dice.below(100) {
            let at = match dice.below(3) {
                0 => dice.index(plain.len()),
                _ => 0,
            };
            let time = plain.0[at].0 + dice.below(times / 2 + 1).cast_signed();
            match dice.below(20) {
                0 => {
                    fast.sort(false);
                    plain.sort(false);
                }
                1 if plain.len() > 1 => {
                    fast.remove(at);
                    plain.remove(at);
                }
                _ => {
                    let cursor = plain.lane(at);
                    if at > 0 {
                        fast.update(at, time);
                    } else {
                        let (second, before) = fast.second();
                        match time < before {
                            true => fast.keep(time),
                            false => fast.update_first(Next { time, cursor }, second),
                        }
                    }
                    plain.update(at, time);
                }
            }
            let got: Vec<_> = (0..fast.len()).map(|i| fast.get(i).unwrap()).collect();
            let got = Plain(got.iter().map(|next| (next.time, next.cursor)).collect());
            assert_eq!(got, plain);
        }
    }
}
