//! Weak memory: the store that a load takes.
//!
//! A load that takes an older store than the newest might as well have come before the newest, if
//! nothing else orders the two: then the race of the two is reversed, as any other, and the load
//! takes the newest of fewer stores. So an older one is tried only where the load comes behind
//! the newest in any case, by steps before it. There each store in its reach is tried.
//!
//! This leaves nothing out. Take a run, and in it a load that takes an older store with nothing that orders
//! it behind the newest. Move it before that one, together with the steps that it does come
//! behind. No step sees a difference: what a load may take, and what it then knows, hangs on its M's
//! knowledge and on the stores to its word. There are fewer inversions in the new run, so it
//! ends with one in which all such loads stand as they are tried here.
//!
//! All else of a run under weak memory is as it is without: stores to a word have the order of the
//! run, what changes a word or waits looks at the newest. It is more than is needed: two stores that
//! nobody tells apart are tried in both orders.

use super::{Dpor, Node};

impl Dpor {
    /// The age of the store that a load takes, of so many in its reach.
    pub(super) fn store_to_take(&mut self, stores: usize) -> usize {
        if self.is_finishing {
            return 0;
        }
        let taken = self.tried(stores);
        #[expect(clippy::cast_possible_truncation, reason = "below HISTORY")]
        self.answers.push(taken as u8);
        taken
    }

    fn tried(&mut self, stores: usize) -> usize {
        let taken = match self.nodes.get(self.depth) {
            // Right behind its place: that of this load.
            Some(&Node::Age { taken, .. }) => taken,
            None if self.comes_behind_newest() => {
                self.nodes.push(Node::Age { taken: 0, stores });
                0
            }
            _ => return 0,
        };
        self.depth += 1;
        taken
    }

    /// Whether the step that is made comes behind the newest store of its word, whatever it does there.
    fn comes_behind_newest(&self) -> bool {
        let of = |depth| self.place(depth);
        let (Some(load), Some(word)) = (self.open.and_then(of), self.words.get(self.word)) else {
            return false;
        };
        let newest = word.writes.last().and_then(|step| of(step.depth));
        newest.is_some_and(|place| self.clocks[load.chosen][place.chosen] >= place.number)
    }
}
