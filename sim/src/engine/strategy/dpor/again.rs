//! The way on which a run goes along with the last one, up to the node that is tried otherwise. All that there
//! is to know there is known, so that it is given to the engine at once.

use super::{Dpor, Node};

impl Dpor {
    /// The next node to be tried otherwise; false if there is none. How many before it are as they were is
    /// kept.
    pub(super) fn next_run(&mut self) -> bool {
        while let Some(node) = self.nodes.last_mut() {
            match node {
                Node::Signal(comes) if !*comes => {
                    *comes = true;
                    self.new_from = self.nodes.len();
                    self.kept = self.new_from - 1;
                    return true;
                }
                Node::Signal(_) => {}
                Node::Age { taken, stores } if *taken + 1 < *stores => {
                    *taken += 1;
                    // The load is on the same word, whatever it takes.
                    self.new_from = self.nodes.len();
                    self.kept = self.new_from;
                    return true;
                }
                Node::Age { .. } => {}
                Node::Place(place) => {
                    if let Some(m) = Self::next_at(place) {
                        place.chosen = m;
                        place.done = place.done.with(m);
                        self.new_from = self.nodes.len() - 1;
                        self.kept = self.new_from;
                        return true;
                    }
                }
            }
            self.nodes.pop();
        }
        false
    }

    /// Goes to the last place that is not new, and answers up to there as in the last run.
    pub(super) fn go_ahead(&mut self) {
        let is_place = |node: &Node| matches!(node, Node::Place(_));
        let old = self.nodes.len().min(self.new_from + 1);
        let Some(depth) = self.nodes[..old].iter().rposition(is_place) else {
            return;
        };
        let (before, from) = self.nodes.split_at(depth);
        for node in before {
            if let Node::Place(place) = node {
                self.clocks[place.chosen] = *place.clock_with_swap();
            }
        }
        if let Some(Node::Place(place)) = from.first() {
            self.depth = depth;
            self.swaps.failed = place.failed;
            self.answers.extend(&self.last_answers[..place.answers]);
        }
    }

    /// A step was made at a place, as in the last run.
    #[inline]
    pub(super) fn step_again(&mut self, depth: usize) {
        if let Some(Node::Place(place)) = self.nodes.get(depth) {
            self.clocks[place.chosen] = place.clock;
            (self.asleep, self.swapping) = (place.left_asleep, place.swapping);
        }
    }
}
