//! The trace's side of a choice, event by event, for those who want more of a sample than a
//! check does.

use std::collections::HashSet;

use super::super::regions::Regions;
use super::super::source::seen;
use super::{Narrow, NothingSelected};
use crate::trace::v1::hash::IdHash;
use crate::trace::{Event, GoId, Kind, Reader};

/// The samples of a trace that a [`Narrow`] selects; its labels, which are the profile's, do not
/// count.
#[derive(Clone, Debug)]
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
    pub(crate) fn see(&mut self, reader: &Reader, event: &Event, select: impl FnMut(u32, u64)) {
        if let Some(wanted) = &mut self.goroutine {
            wanted.see(event);
        }
        if let Some(regions) = &mut self.regions
            && !event.is_sample()
        {
            regions.see(&seen(event), reader, select);
        }
    }

    /// Whether a sample is selected. If not, that may yet show: it is then known by its number.
    pub(crate) fn has_sample(&mut self, event: &Event, number: u32) -> bool {
        match &mut self.regions {
            Some(regions) => regions.has_sample(&seen(event), number),
            None => true,
        }
    }

    /// Whether a sample can be selected at all.
    pub(crate) fn may_have(&self, event: &Event) -> bool {
        let wanted = self.goroutine.as_ref().map(|wanted| wanted.id);
        let is_of_it = wanted.is_none() || wanted == event.goroutine;
        is_of_it && (self.regions.is_none() || event.goroutine.is_some())
    }

    /// Why nothing is selected, if the goroutine or the region is not there.
    pub(crate) fn nothing(self) -> Option<NothingSelected> {
        self.goroutine
            .and_then(Goroutine::nothing)
            .or_else(|| self.regions.and_then(Regions::nothing))
    }
}

impl Goroutine {
    fn see(&mut self, event: &Event) {
        if self.is_there {
            return;
        }
        let changed = match event.kind {
            Kind::GoTransition { goroutine, .. } => Some(goroutine),
            _ => None,
        };
        self.is_there = [event.goroutine, changed].contains(&Some(self.id));
        if self.is_there {
            self.others = HashSet::default();
        } else if event.is_sample() {
            self.others.extend(event.goroutine);
        }
    }

    fn nothing(self) -> Option<NothingSelected> {
        let what = format!("the trace has no goroutine {}", self.id);
        let others = self.others.iter().map(GoId::to_string);
        (!self.is_there).then(|| NothingSelected::new(what, others))
    }
}
