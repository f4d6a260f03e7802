//! The target of a run: a scenario, and a revision or a mutant.

use std::fmt;

use sigprof_model::known::{self, Known};
use sigprof_model::law::Law;
use sigprof_model::mutants::Mutant;
use sigprof_model::protocol::Protocol;
use sigprof_model::scenario::Scenario;
use sigprof_sim::engine;
use sigprof_sim::machine::Revision;

/// A revision, or a mutant of one.
#[derive(Clone, Copy, Debug)]
pub enum Variant {
    /// By its name, as in [`Protocol::REVISIONS`].
    Revision(&'static str, Protocol),
    /// One of [`Mutant::all`].
    Mutant(Mutant),
}

impl Variant {
    /// The revision of that name.
    #[must_use]
    pub fn revision(name: &str) -> Option<Self> {
        let mut all = Protocol::REVISIONS.into_iter();
        let (name, protocol) = all.find(|(of, _)| *of == name)?;
        Some(Self::Revision(name, protocol))
    }

    /// The revision of that name, or the one whose protocol a release has: `go1.23` is `go1.22`.
    #[must_use]
    pub fn release(name: &str) -> Option<Self> {
        let protocol = || Revision::named(name).map(|revision| revision.protocol());
        let of = |protocol: Protocol| {
            let mut all = Protocol::REVISIONS.into_iter();
            let (name, _) = all.find(|(_, of)| *of == protocol)?;
            Self::revision(name)
        };
        Self::revision(name).or_else(|| protocol().and_then(of))
    }

    /// The mutant of that name.
    #[must_use]
    pub fn mutant(name: &str) -> Option<Self> {
        let mut all = Mutant::all().into_iter();
        all.find(|mutant| mutant.name == name).map(Self::Mutant)
    }

    /// The name of the revision or mutant.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Revision(name, _) => name,
            Self::Mutant(mutant) => mutant.name,
        }
    }

    /// The switches of its protocol.
    #[must_use]
    pub fn protocol(&self) -> Protocol {
        match self {
            Self::Revision(_, protocol) => *protocol,
            Self::Mutant(mutant) => mutant.protocol(),
        }
    }

    /// The revision that it is, or is made of.
    #[must_use]
    pub fn base(&self) -> &'static str {
        match self {
            Self::Revision(name, _) => name,
            Self::Mutant(mutant) => mutant.base,
        }
    }

    /// How it is chosen on the command line: `--revision go1.26`.
    #[must_use]
    pub fn option(&self) -> String {
        match self {
            Self::Revision(name, _) => format!("--revision {name}"),
            Self::Mutant(mutant) => format!("--mutant {}", mutant.name),
        }
    }

    /// The scenarios that make sense there.
    #[must_use]
    pub fn scenarios(&self) -> Vec<Scenario> {
        let protocol = self.protocol();
        let mut scenarios = engine::scenarios();
        scenarios.retain(|scenario| (scenario.applies)(&protocol));
        scenarios
    }

    /// The defect of Go's own that it is to break this law there.
    #[must_use]
    pub fn known(&self, scenario: &str, law: Law) -> Option<&'static Known> {
        known::of(self.base(), scenario).find(|known| known.explains(law))
    }
}

/// `go1.26`, or `mutant generation_kept of fixed`.
impl fmt::Display for Variant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Revision(name, _) => f.write_str(name),
            Self::Mutant(mutant) => write!(f, "mutant {} of {}", mutant.name, mutant.base),
        }
    }
}

/// The scenario of that name.
#[must_use]
pub fn scenario(name: &str) -> Option<Scenario> {
    engine::scenarios().into_iter().find(|s| s.name == name)
}

/// The names of all scenarios.
#[must_use]
pub fn scenario_names() -> Vec<&'static str> {
    engine::scenarios().iter().map(|s| s.name).collect()
}
