//! Mutants: revisions with one switch thrown, each with the law that it breaks and the
//! scenario that must catch it.
//!
//! They are how the suite tests itself: a mutant that survives is a check that is
//! missing. Some are mistakes that shipped ([`Mutant::bug`]), some are plausible, and
//! some are orderings weaker than what [`Site`] asks for. A mutant that nothing can catch
//! says why.

mod catalogue;

use core::sync::atomic::Ordering;

use crate::law::Law;
use crate::protocol::{Flaw, Protocol, Site};

/// A revision with one switch thrown.
#[derive(Clone, Copy, Debug)]
pub struct Mutant {
    /// Its name, which is also that of the mistake.
    pub name: &'static str,
    /// The revision that it is made of, as in [`Protocol::REVISIONS`].
    pub base: &'static str,
    /// The switch that is thrown.
    pub change: Change,
    /// The law that it breaks, or the reason why it breaks none.
    pub fate: Fate,
    /// Laws that it breaks in that scenario besides, with the seeds from 0 on; others need not
    /// come to them. The law of its fate is what comes of the mistake in order. The engine looks
    /// for races, too, and where two Ms are in one place at once, that is what it sees first.
    pub also: &'static [Law],
    /// Laws that only some seeds break besides: none is demanded.
    pub at_times: &'static [Law],
    /// The id of the bug that it was or is, if it shipped.
    pub bug: Option<&'static str>,
    /// The rules of SPEC.md that it breaks, which whatever catches it guards. None if it
    /// breaks nothing, or nothing that can be seen; its fate says why.
    pub rules: &'static [&'static str],
}

/// A switch that is thrown.
#[derive(Clone, Copy, Debug)]
pub enum Change {
    /// A mistake in the text.
    Flaw(Flaw),
    /// An ordering that is too weak.
    Weaker(Site, Ordering),
    /// A switch by which revisions differ, the wrong way: how it is thrown, and as it is written.
    Switch(fn(Protocol) -> Protocol, &'static str),
}

/// The effect of a mutant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The mutant breaks a law in a scenario.
    Breaks {
        /// The law that it breaks.
        law: Law,
        /// The scenario that shows it.
        scenario: &'static str,
        /// The memory model in which it shows.
        shows: Shows,
    },
    /// The mutant breaks nothing; the text says why.
    Equivalent(&'static str),
    /// The mutant would break something that no engine here shows; the text says why.
    OutOfReach(&'static str),
}

/// The memory model that an engine needs to see a mutant's mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shows {
    /// An interleaving of operations, each of which takes effect at once; or none at all.
    InOrder,
    /// A missing order between operations: weak memory, or a check for races.
    WeakMemory,
}

impl Mutant {
    /// All of them.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let parts = Self::parts().into_iter();
        parts.flat_map(|(_, mutants)| mutants).collect()
    }

    /// The same, by the part of the protocol that they are about.
    #[must_use]
    pub fn parts() -> [(&'static str, Vec<Self>); 5] {
        catalogue::parts()
    }

    /// The switches of its base with one thrown.
    ///
    /// # Panics
    ///
    /// If its base is not a revision, which a test rules out.
    #[must_use]
    pub fn protocol(&self) -> Protocol {
        let base = Protocol::named(self.base);
        let Some(base) = base else {
            panic!("{}: no revision {}", self.name, self.base);
        };
        match self.change {
            Change::Flaw(flaw) => Protocol {
                flaw: Some(flaw),
                ..base
            },
            Change::Weaker(site, ordering) => Protocol {
                weakened: Some((site, ordering)),
                ..base
            },
            Change::Switch(switch, _) => switch(base),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_has_a_name_of_its_own_and_differs_from_its_base() {
        let mutants = Mutant::all();
        let names: BTreeSet<_> = mutants.iter().map(|mutant| mutant.name).collect();
        assert_eq!(names.len(), mutants.len());
        for mutant in &mutants {
            let base = Protocol::named(mutant.base).unwrap();
            assert_ne!(mutant.protocol(), base, "{}", mutant.name);
        }
    }

    #[test]
    fn there_is_one_for_every_flaw_and_every_ordering() {
        let mutants = Mutant::all();
        for &flaw in Flaw::ALL {
            let has = |mutant: &Mutant| matches!(mutant.change, Change::Flaw(f) if f == flaw);
            assert!(mutants.iter().any(has), "{flaw:?}");
        }
        for &site in Site::ALL {
            let has = |mutant: &Mutant| matches!(mutant.change, Change::Weaker(s, _) if s == site);
            assert!(mutants.iter().any(has), "{site:?}");
        }
    }
}
