//! Equal samples, counted.
//!
//! With labels there may be about as many different samples as there are samples. So they are
//! held up to a number that follows the trace's size, and then written and forgotten: a profile
//! may have equal samples, which its readers add up (S50.5).

use super::pack::{Interned, Packer};
use super::{Label, wanted};
use crate::export::samples::{ExportError, Labelled, Labels, Take};
use crate::heap;
use crate::trace::{Reader, Stacks};

/// Different samples that are held in any case, and bytes of the trace for each more.
const ALWAYS: usize = 2_048;
const BYTES: u64 = 48;

/// Samples that are the same, and how many.
pub(super) struct Merged<'a> {
    pub(super) packer: Packer<'a>,
    wanted: &'a [Label],
    /// Whether samples are selected as they come; if not, none may be forgotten.
    may_flush: bool,
    labels: Interned<Labels>,
    /// Numbers of stack and labels.
    samples: Interned<(u32, u32)>,
    counts: Vec<u64>,
}

impl<'a> Merged<'a> {
    pub(super) fn new(packer: Packer<'a>, wanted: &'a [Label], may_flush: bool) -> Self {
        Self {
            packer,
            wanted,
            may_flush,
            labels: Interned::default(),
            samples: Interned::default(),
            counts: Vec::new(),
        }
    }

    /// Writes what there is, and forgets it.
    pub(super) fn flush(&mut self, stacks: &Stacks) -> Result<(), ExportError> {
        for (&(stack, labels), &count) in self.samples.values().iter().zip(&self.counts) {
            if count > 0 {
                let labels = &self.labels.values()[labels as usize];
                self.packer.sample(stacks, stack, labels, count)?;
            }
        }
        self.labels.clear();
        self.samples.clear();
        self.counts.clear();
        Ok(())
    }

    fn heap(&self) -> usize {
        self.labels.heap() + self.samples.heap() + 2 * heap::list(&self.counts, heap::STEP)
    }
}

impl Take for Merged<'_> {
    fn sample(
        &mut self,
        reader: &Reader,
        stacks: &Stacks,
        sample: &Labelled,
        is_selected: bool,
    ) -> Result<u32, ExportError> {
        let read = reader.bytes_read() / BYTES;
        if self.samples.len() as u64 >= read.max(ALWAYS as u64) {
            if self.may_flush {
                self.flush(stacks)?;
            } else if self.samples.len().is_multiple_of(heap::STEP) {
                reader.check_beside(self.heap(), reader.bytes_read())?;
            }
        }
        let labels = self.labels.number(wanted(sample.labels, self.wanted));
        let number = self.samples.number((sample.stack, labels));
        if number as usize == self.counts.len() {
            heap::push(&mut self.counts, 0);
        }
        self.counts[number as usize] += u64::from(is_selected);
        Ok(number)
    }

    fn select(&mut self, number: u32, count: u64) {
        self.counts[number as usize] += count;
    }
}
