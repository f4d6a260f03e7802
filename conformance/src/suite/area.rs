//! The areas of the suite: what each is about, and the rule that it guards.

pub(super) mod fixtures;
pub(super) mod fuzz;
pub(super) mod model;
pub(super) mod mutants;
pub(super) mod sim;

use sigprof_model::known;
use sigprof_model::mutants::Mutant;
use sigprof_model::protocol::Protocol;

use fixtures::Folder;

use super::Context;
use super::outcome::Status;
use crate::corpus::faults;
use crate::failure::Failure;
use crate::fixtures::Files;
use crate::oracle::Release;

/// Areas of the suite, in the order in which the table has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Area {
    /// Fixtures are what their origin says.
    Origin,
    /// The readers see what Go saw when the fixture was made.
    Read,
    /// Every byte is explained, once.
    Dump,
    /// The pair check comes to the expected verdict.
    Check,
    /// Bad input is refused with the expected words.
    Invalid,
    /// A kept run of the model shows what it showed, and `fixed` does not.
    Seeds,
    /// A scenario of the model breaks what its revision is known to break, and nothing else.
    Model,
    /// A defect of Go's own is found where it is known to be.
    Defects,
    /// Drawn programs of a revision break what it is known to break, and nothing else.
    Fuzz,
    /// Simulated runs keep the rules of the truth.
    Sim,
    /// A mutant is caught.
    Mutants,
    /// The readers see what an installed release of Go sees.
    Go(&'static Release),
}

impl Area {
    /// All of them, but for those of real Go.
    const OURS: [Self; 11] = [
        Self::Origin,
        Self::Read,
        Self::Dump,
        Self::Check,
        Self::Invalid,
        Self::Seeds,
        Self::Model,
        Self::Defects,
        Self::Fuzz,
        Self::Sim,
        Self::Mutants,
    ];

    /// All of them, in order.
    pub fn all() -> impl Iterator<Item = Self> {
        let ours = Self::OURS.into_iter();
        ours.chain(Release::areas().map(Self::Go))
    }

    /// The name in lists and tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Origin => "origin",
            Self::Read => "read",
            Self::Dump => "dump",
            Self::Check => "check",
            Self::Invalid => "invalid",
            Self::Seeds => "seeds",
            Self::Model => "model",
            Self::Defects => "defects",
            Self::Fuzz => "fuzz",
            Self::Sim => "sim",
            Self::Mutants => "mutants",
            Self::Go(release) => release.name,
        }
    }

    /// The rule of SPEC.md by which a case fails that names none itself.
    #[must_use]
    pub const fn rule(self) -> &'static str {
        match self {
            Self::Origin => "S22.1",
            Self::Read => "S22.2",
            Self::Dump => "S22.3",
            Self::Check => "S22.4",
            Self::Invalid => "S22.5",
            Self::Seeds => "S17.1",
            Self::Model => "S22.6",
            Self::Defects => "S22.7",
            Self::Fuzz => "S22.8",
            Self::Sim => "S22.9",
            Self::Mutants => "S22.10",
            Self::Go(release) if release.parsed.is_some() => "S22.17",
            Self::Go(_) => "S22.11",
        }
    }

    /// The Go release that its cases need.
    #[must_use]
    pub const fn go(self) -> Option<&'static str> {
        match self {
            Self::Go(release) => Some(release.version),
            _ => None,
        }
    }

    /// The names of its cases, in order.
    #[must_use]
    pub fn cases(self, files: &Files) -> Vec<String> {
        match self {
            Self::Origin => {
                let cases = faults::cases(files).into_iter();
                cases.chain([fixtures::MANIFESTS.to_owned()]).collect()
            }
            Self::Read | Self::Dump => files.valid(),
            Self::Check => files.pairs(),
            Self::Go(release) => fixtures::cases(release, files),
            Self::Invalid => files.invalid(),
            Self::Seeds => files.seeds(),
            Self::Model => model::cases(),
            Self::Defects => known::ALL
                .iter()
                .flat_map(|known| known.revisions.iter().map(|r| format!("{r}/{}", known.id)))
                .collect(),
            Self::Fuzz => Protocol::REVISIONS.map(|(name, _)| name.to_owned()).into(),
            Self::Sim => sim::cases(),
            Self::Mutants => Mutant::all().iter().map(|m| m.name.to_owned()).collect(),
        }
    }

    /// Tries a case.
    pub(super) fn run(self, name: &str, context: &Context<'_>) -> Status {
        let files = context.files;
        let failures = match self {
            Self::Origin => fixtures::origin(name, files),
            Self::Read => fixtures::run(name, files, Folder::read),
            Self::Dump => fixtures::run(name, files, Folder::dump),
            Self::Check => fixtures::run(name, files, Folder::check),
            Self::Invalid => fixtures::run(name, files, Folder::invalid),
            Self::Seeds => fixtures::run(name, files, Folder::replay),
            Self::Go(release) => match fixtures::judge(release.version, name, context) {
                Ok(failures) => failures,
                Err(absent) => return Status::Skipped(absent),
            },
            Self::Model => model::run(name, context.options),
            Self::Defects => model::find(name, context.options),
            Self::Fuzz => fuzz::run(name, context.options),
            Self::Sim => sim::run(name, context.options),
            Self::Mutants => mutants::run(name, context.options),
        };
        match failures.as_slice() {
            [] => Status::Passed,
            _ => Status::Failed(failures.into_iter().map(|f| self.by_rule(f)).collect()),
        }
    }

    fn by_rule(self, failure: Failure) -> Failure {
        if failure.rule.is_empty() {
            failure.rule(self.rule())
        } else {
            failure
        }
    }
}
