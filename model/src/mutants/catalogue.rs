//! The catalogue of mutants, by the part of the protocol that they change.
//!
//! | child | what |
//! |---|---|
//! | `ring` | the ring |
//! | `logs` | samples, the signal lock, and the logs of a trace |
//! | `profiler` | the profiler |
//! | `orderings` | orderings weaker than needed, one for each site |
//! | `switches` | switches by which revisions differ, the wrong way |

mod logs;
mod orderings;
mod profiler;
mod ring;
mod switches;

use core::sync::atomic::Ordering;

use super::{Change, Fate, Mutant, Shows};
use crate::law::Law;
use crate::protocol::{Flaw, Protocol, Site};

/// Most mutants are made of the revision that breaks nothing.
const FIXED: &str = "fixed";
/// Some can be seen with one log only.
const ONE_LOG: &str = "go1.19";

const LOAD_BUFFERING: &str = "the reader's load of the time would have to come after its swap of \
    the count: a load moved behind a store, which no engine here does";

pub(super) fn parts() -> [(&'static str, Vec<Mutant>); 5] {
    [
        ("ring", ring::all()),
        ("logs", logs::all()),
        ("profiler", profiler::all()),
        ("orderings", orderings::all()),
        ("switches", switches::all()),
    ]
}

const fn breaks(law: Law, scenario: &'static str) -> Fate {
    let shows = Shows::InOrder;
    Fate::Breaks {
        law,
        scenario,
        shows,
    }
}

/// As [`breaks`], for what no interleaving alone shows.
const fn races(law: Law, scenario: &'static str) -> Fate {
    let shows = Shows::WeakMemory;
    Fate::Breaks {
        law,
        scenario,
        shows,
    }
}

const fn flaw(name: &'static str, base: &'static str, flaw: Flaw, fate: Fate) -> Mutant {
    Mutant {
        name,
        base,
        change: Change::Flaw(flaw),
        fate,
        bug: None,
        rules: &[],
    }
}

const fn weaker(
    name: &'static str,
    base: &'static str,
    (site, ordering): (Site, Ordering),
    fate: Fate,
) -> Mutant {
    Mutant {
        name,
        base,
        change: Change::Weaker(site, ordering),
        fate,
        bug: None,
        rules: &[],
    }
}

const fn switch(
    name: &'static str,
    base: &'static str,
    fate: Fate,
    switch: fn(Protocol) -> Protocol,
) -> Mutant {
    Mutant {
        name,
        base,
        change: Change::Switch(switch),
        fate,
        bug: None,
        rules: &[],
    }
}

impl Mutant {
    /// The rules of SPEC.md that it breaks.
    const fn rules(self, rules: &'static [&'static str]) -> Self {
        Self { rules, ..self }
    }

    const fn known_as(self, bug: &'static str) -> Self {
        Self {
            bug: Some(bug),
            ..self
        }
    }
}
