//! Complaints, in parts and in words.

use std::fmt;

use sigprof_model::known::Known;
use sigprof_model::law::Law;
use sigprof_sim::engine::explore::Kind;

use crate::explore::matrix::Catch;

/// A law that was seen broken, and where.
#[derive(Clone, Copy, Debug)]
pub struct Sighting {
    /// The name of the scenario.
    pub scenario: &'static str,
    /// The strategy that saw it.
    pub kind: Kind,
    /// The law, and in which run.
    pub catch: Catch,
}

/// A thing that is wrong with a mutant or a revision.
#[derive(Clone, Copy, Debug)]
pub enum Complaint {
    /// The scenario that a mutant names is not run, as its base breaks it or it does not apply.
    NoHome {
        /// The name of the scenario.
        scenario: &'static str,
        /// The mutant's base.
        base: &'static str,
    },
    /// Nothing is broken in the scenario that a mutant names.
    Survives {
        /// The name of the scenario.
        scenario: &'static str,
        /// The law that the mutant names.
        law: Law,
    },
    /// A mutant is caught in its scenario for another law than those that are expected.
    OtherLaw {
        /// The law that the mutant names.
        law: Law,
        /// The other law.
        seen: Sighting,
    },
    /// A law that a mutant breaks besides is not broken any more.
    NotBesides {
        /// The scenario that the mutant names.
        scenario: &'static str,
        /// The law that is kept.
        law: Law,
    },
    /// A mutant that is excused is caught.
    Caught {
        /// Its excuse, in a word or three.
        excuse: &'static str,
        /// The law that is broken, and where.
        seen: Sighting,
    },
    /// A revision breaks a law that it is not known to break there.
    Accused(Sighting),
    /// Nothing at all is found in a scenario that is said to show a defect of the revision.
    NotFoundThere {
        /// The name of the scenario.
        scenario: &'static str,
        /// One of its defects.
        known: &'static Known,
    },
    /// A defect of a revision is found in none of the scenarios that are said to show it.
    NotFound(&'static Known),
    /// A search that must come to its end does not.
    Endless {
        /// The name of the scenario.
        scenario: &'static str,
        /// The strategy that searches.
        kind: Kind,
        /// How far it went.
        runs: u64,
    },
}

/// `in lock, by dpor in run 7`
impl fmt::Display for Sighting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            scenario,
            kind,
            catch,
        } = self;
        write!(f, "in {scenario}, by {kind} in run {}", catch.run)
    }
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoHome { scenario, base } => write!(
                f,
                "{scenario} says nothing: {base} breaks it, or it does not apply"
            ),
            Self::Survives { scenario, law } => {
                write!(f, "survives in {scenario}: want {law} broken")
            }
            Self::OtherLaw { law, seen } => write!(
                f,
                "caught for another law than it names, {seen}: want {law}, got {}",
                seen.catch.law
            ),
            Self::NotBesides { scenario, law } => {
                write!(f, "{scenario}: {law} is expected besides, and not broken")
            }
            Self::Caught { excuse, seen } => {
                write!(f, "{excuse}, but caught {seen}: {}", seen.catch.law)
            }
            Self::Accused(seen) => write!(
                f,
                "accused {seen}: {} is not known to be broken there",
                seen.catch.law
            ),
            Self::NotFoundThere { scenario, known } => {
                write!(f, "{scenario}: {} is not found", known.id)
            }
            Self::NotFound(known) => write!(f, "{} is not found: {}", known.id, known.what),
            Self::Endless {
                scenario,
                kind,
                runs,
            } => write!(
                f,
                "{scenario}: {kind} does not come to its end in {runs} runs"
            ),
        }
    }
}
