//! The trace's side of a choice, event by event: for a check, and for whoever shows samples.

use std::collections::HashSet;

use super::super::regions::Regions;
use super::super::source::{Seen, Tables, What};
use super::{Narrow, NothingSelected};
use crate::trace::GoId;
use crate::trace::v1::hash::IdHash;

/// The samples of a trace that a [`Narrow`] selects; its labels, which are the profile's, do not
/// count.
#[derive(Clone, Debug, Default)]
pub(crate) struct Selecting {
    goroutine: Option<Goroutine>,
    regions: Option<Regions>,
}

#[derive(Clone, Debug)]
struct Goroutine {
    id: GoId,
    is_there: bool,
    /// While it is not: those that have samples.
    others: HashSet<GoId, IdHash>,
}

impl Selecting {
    pub(crate) fn new(narrow: &Narrow) -> Self {
        Self {
            goroutine: narrow.goroutine.map(|id| Goroutine {
                id,
                is_there: false,
                others: HashSet::default(),
            }),
            regions: narrow.region.as_deref().map(Regions::new),
        }
    }

    /// Takes an event, samples too; calls `select` with the numbers of earlier samples, and how
    /// many there were, that turn out to be in the region.
    pub(crate) fn see(&mut self, seen: &Seen, tables: &impl Tables, select: impl FnMut(u32, u64)) {
        if let Some(wanted) = &mut self.goroutine {
            wanted.see(seen);
        }
        if let Some(regions) = &mut self.regions {
            regions.see(seen, tables, select);
        }
    }

    /// Whether a sample is selected. If not, that may yet show: it is then known by its number.
    pub(crate) fn has_sample(&mut self, seen: &Seen, number: u32) -> bool {
        match &mut self.regions {
            Some(regions) => regions.has_sample(seen, number),
            None => true,
        }
    }

    /// Whether a sample can be selected at all.
    pub(crate) fn may_have(&self, seen: &Seen) -> bool {
        let wanted = self.goroutine.as_ref().map(|wanted| wanted.id);
        let is_of_it = wanted.is_none() || wanted == seen.goroutine;
        is_of_it && (self.regions.is_none() || seen.goroutine.is_some())
    }

    /// Why nothing is selected, if the goroutine or the region is not there.
    pub(crate) fn nothing(self) -> Option<NothingSelected> {
        self.goroutine
            .and_then(Goroutine::nothing)
            .or_else(|| self.regions.and_then(Regions::nothing))
    }
}

impl Goroutine {
    fn see(&mut self, seen: &Seen) {
        if self.is_there {
            return;
        }
        self.is_there = [seen.goroutine, seen.changed].contains(&Some(self.id));
        if self.is_there {
            self.others = HashSet::default();
        } else if matches!(seen.what, What::Sample { .. }) {
            self.others.extend(seen.goroutine);
        }
    }

    fn nothing(self) -> Option<NothingSelected> {
        let what = format!("the trace has no goroutine {}", self.id);
        let others = self.others.iter().map(GoId::to_string);
        (!self.is_there).then(|| NothingSelected::new(what, others))
    }
}
