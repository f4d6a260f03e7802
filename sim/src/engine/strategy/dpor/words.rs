//! All that a run has done to its words, up to where the search stands. What a run has in common with the
//! last one is not written down again.

use super::{Dpor, Event};

/// A step on a word.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub(super) depth: usize,
    /// How many nodes the run had come to: the step is the same as long as these are.
    nodes: usize,
}

/// Everything that has been done to a word, in a run.
#[derive(Clone, Debug, Default)]
pub(super) struct Word {
    /// Steps that changed it.
    pub(super) writes: Vec<Step>,
    /// Steps that looked at it.
    reads: Vec<Step>,
}

impl Word {
    /// Forgets what was done behind so many nodes.
    pub(super) fn cut(&mut self, nodes: usize) {
        for steps in [&mut self.writes, &mut self.reads] {
            while steps.pop_if(|step| step.nodes > nodes).is_some() {}
        }
    }

    /// The last change, and the looks since.
    pub(super) fn last(&self) -> (Option<&Step>, &[Step]) {
        let last = self.writes.last();
        let nodes = last.map_or(0, |step| step.nodes);
        let before = self.reads.iter().rposition(|step| step.nodes <= nodes);
        (last, &self.reads[before.map_or(0, |at| at + 1)..])
    }
}

impl Dpor {
    fn word(&mut self, word: usize) -> &mut Word {
        if word >= self.words.len() {
            self.words.resize_with(word + 1, Word::default);
        }
        &mut self.words[word]
    }

    pub(super) fn record(&mut self, depth: usize, event: &Event) {
        let nodes = self.depth;
        if nodes <= self.kept {
            return;
        }
        let step = Step { depth, nodes };
        let word = self.word(event.access.word);
        if event.access.used.is_change() {
            word.writes.push(step);
        } else {
            word.reads.push(step);
        }
    }
}
