//! Words as they were when their program was made, for other runs of it.

use super::{Memory, Plain};

/// All that a run changes, as it was.
pub(super) struct Kept {
    /// The values of the atomic words.
    values: Vec<u64>,
    plain: Vec<Plain>,
    spans: usize,
}

impl Kept {
    pub(super) const fn new() -> Self {
        Self {
            values: Vec::new(),
            plain: Vec::new(),
            spans: 0,
        }
    }
}

impl Memory {
    /// Keeps all words as they are: the program has been made.
    pub(in crate::engine) fn keep(&mut self) {
        let Kept {
            values,
            plain,
            spans,
        } = &mut self.kept;
        values.clear();
        let words = &self.words[..self.used];
        values.extend(words.iter().map(|word| word.stores[word.newest].value));
        plain.clone_from(&self.plain);
        *spans = self.spans.len();
        // Who makes a program gives none up.
        for span in &mut self.spans {
            span.is_used = false;
        }
    }

    /// All words are what they were then.
    pub(in crate::engine) fn restore(&mut self) {
        let Kept {
            values,
            plain,
            spans,
        } = &self.kept;
        self.used = values.len();
        for (word, &value) in self.words.iter_mut().zip(values) {
            if word.kept != 1 || word.stores[0].value != value {
                word.set_up(value);
            }
        }
        self.plain.truncate(plain.len());
        self.spans.truncate(*spans);
        for span in &mut self.spans {
            if span.is_used {
                (span.is_used, span.is_retired) = (false, false);
                let places = span.base..span.base + span.len;
                self.plain[places.clone()].copy_from_slice(&plain[places]);
            }
        }
    }
}
