//! The earliest of many lanes: a tree of minima, which finds it in one look and keeps it
//! with one walk from a leaf to the root, however the lanes take turns.

/// A time and the number of its lane, which decides among equals (S4).
pub(super) type Key = u128;

/// No time at all: later than any other.
pub(super) const NEVER: Key = Key::MAX;

/// Earlier than any time.
pub(super) const ALWAYS: Key = 0;

/// The key of a lane.
pub(super) fn key(time: i64, lane: u32) -> Key {
    // With the sign flipped the order of bits is that of numbers.
    let time = time.cast_unsigned() ^ (1 << 63);
    Key::from(time) << 32 | Key::from(lane)
}

/// The lane of a key.
pub(super) fn lane_of(key: Key) -> u32 {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the lower half is the lane"
    )]
    let lane = key as u32;
    lane
}

/// The lesser of two, without a jump: which it is cannot be foreseen.
#[inline]
fn lesser(a: Key, b: Key) -> Key {
    std::hint::select_unpredictable(a < b, a, b)
}

/// Minima of a row of keys. The children of node `n` are `2n` and `2n + 1`, the root is
/// node 1.
#[derive(Debug)]
pub(super) struct Tree {
    nodes: Vec<Key>,
    leaves: usize,
}

impl Tree {
    /// A tree of at least `leaves` leaves, all of them never.
    pub(super) fn new(leaves: usize) -> Self {
        let leaves = leaves.next_power_of_two().max(2);
        Self {
            nodes: vec![NEVER; 2 * leaves],
            leaves,
        }
    }

    /// Bytes that it takes.
    pub(super) fn heap(&self) -> usize {
        size_of_val(&self.nodes[..])
    }

    /// Gives a lane a key.
    #[inline]
    pub(super) fn set(&mut self, lane: u32, key: Key) {
        let mut at = self.leaves + lane as usize;
        self.nodes[at] = key;
        // To the root in any case: where it would stop cannot be foreseen, and costs more.
        let mut least = key;
        while at > 1 {
            least = lesser(least, self.nodes[at ^ 1]);
            at /= 2;
            self.nodes[at] = least;
        }
    }

    /// The least key.
    pub(super) fn least(&self) -> Key {
        self.nodes[1]
    }

    /// The least key of all lanes but this one.
    #[inline]
    pub(super) fn least_but(&self, lane: u32) -> Key {
        let mut at = self.leaves + lane as usize;
        let mut least = NEVER;
        while at > 1 {
            least = lesser(least, self.nodes[at ^ 1]);
            at /= 2;
        }
        least
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_in_the_order_of_times_then_lanes() {
        let times = [i64::MIN, -1, 0, 1, i64::MAX];
        let keys: Vec<_> = times.iter().flat_map(|&t| [key(t, 0), key(t, 7)]).collect();
        assert!(keys.is_sorted() && *keys.last().unwrap() < NEVER);
        assert_eq!(lane_of(key(-5, 7)), 7);
    }

    #[test]
    fn the_least_is_found_among_any_number_of_lanes() {
        for lanes in 1..20_u32 {
            let mut tree = Tree::new(lanes as usize);
            let mut keys = vec![NEVER; lanes as usize];
            for step in 0..200_u32 {
                let lane = step.wrapping_mul(0x9e37_79b1) % lanes;
                let time = i64::from(step.wrapping_mul(0x85eb_ca6b) >> 20);
                let key = if step % 5 == 0 {
                    NEVER
                } else {
                    key(time, lane)
                };
                tree.set(lane, key);
                keys[lane as usize] = key;
                assert_eq!(tree.least(), *keys.iter().min().unwrap());
                let others = keys.iter().enumerate().filter(|&(l, _)| l != lane as usize);
                let others = others.map(|(_, &k)| k).min().unwrap_or(NEVER);
                assert_eq!(tree.least_but(lane), others);
            }
        }
    }
}
