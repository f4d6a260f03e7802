//! Revisions of the protocol, and the format that each writes.

use sigprof_model::protocol::{Logs, Protocol};
use sigprof_wire::FormatVersion;

use crate::tracer::{Release, Tracer, V1Tracer, V2Tracer};

/// The divisor of the CPU's counter in the runtime, on amd64 (R38).
pub(crate) const TICK_DIV: u64 = 64;

/// A revision of the protocol with the format that it writes.
#[derive(Clone, Copy, Debug)]
pub struct Revision {
    /// The name that it was asked for by, such as `go1.24`.
    pub name: &'static str,
    protocol: Protocol,
    format: FormatVersion,
}

const fn revision(name: &'static str, protocol: Protocol, format: FormatVersion) -> Revision {
    Revision {
        name,
        protocol,
        format,
    }
}

/// Releases with the protocol and format of another.
const ALIASES: [(&str, &str); 3] = [
    ("go1.20", "go1.19"),
    ("go1.24", "go1.23"),
    ("go1.27", "go1.26"),
];

impl Revision {
    /// Revisions that write the v1 format, oldest first.
    pub const V1: [Self; 3] = [
        revision("seed", Protocol::SEED, FormatVersion::GO_1_19),
        revision("go1.19", Protocol::GO_1_19, FormatVersion::GO_1_19),
        revision("go1.21", Protocol::GO_1_21, FormatVersion::GO_1_21),
    ];

    /// Revisions that write the v2 format, oldest first.
    pub const V2: [Self; 5] = [
        revision("go1.22", Protocol::GO_1_22, FormatVersion::GO_1_22),
        revision("go1.23", Protocol::GO_1_22, FormatVersion::GO_1_23),
        revision("go1.25", Protocol::GO_1_22, FormatVersion::GO_1_25),
        revision("go1.26", Protocol::GO_1_26, FormatVersion::GO_1_26),
        revision("fixed", Protocol::FIXED, FormatVersion::GO_1_26),
    ];

    /// The protocol of its release.
    #[must_use]
    pub fn protocol(self) -> Protocol {
        self.protocol
    }

    /// The version of the traces that it writes.
    #[must_use]
    pub fn format(self) -> FormatVersion {
        self.format
    }

    /// The same, with what its scheduler takes from the version of another.
    #[cfg(test)]
    pub(super) fn with_format(self, format: FormatVersion) -> Self {
        Self { format, ..self }
    }

    /// Whether it writes traces in generations: from Go 1.22 on.
    #[must_use]
    pub fn has_generations(self) -> bool {
        self.protocol.logs == Logs::ByGeneration
    }

    /// Whether coroutines switch to each other by an event of their own: from Go 1.23 on.
    pub(crate) fn has_switches(self) -> bool {
        self.format >= FormatVersion::GO_1_23
    }

    /// Whether the program can have a flight recorder: from Go 1.25 on.
    #[must_use]
    pub fn has_recorder(self) -> bool {
        self.format >= FormatVersion::GO_1_25
    }

    /// Whether a thread keeps its P in a system call until somebody takes it: from Go 1.26 on.
    pub(crate) fn keeps_p_in_syscall(self) -> bool {
        self.format >= FormatVersion::GO_1_26
    }

    /// Whether a sample has the CPU's own counter, which is divided as it is drained: in 1.19
    /// (R38).
    pub(crate) fn divides_late(self) -> bool {
        self.format == FormatVersion::GO_1_19
    }

    /// A tracer of its format.
    pub(crate) fn tracer(self, procs: usize) -> Box<dyn Tracer> {
        if self.has_generations() {
            Box::new(V2Tracer::new(Release::of(self.format), procs))
        } else {
            Box::new(V1Tracer::new(self.format, procs))
        }
    }

    /// The one of that name, under that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let alias = ALIASES.into_iter().find(|&(alias, _)| alias == name);
        let of = alias.map_or(name, |(_, of)| of);
        let all = Self::V1.into_iter().chain(Self::V2);
        let found = all.into_iter().find(|revision| revision.name == of)?;
        Some(Self {
            name: alias.map_or(found.name, |(alias, _)| alias),
            ..found
        })
    }

    /// Every name that [`named`](Self::named) takes, oldest first.
    #[must_use]
    pub fn names() -> Vec<&'static str> {
        let all = Self::V1.into_iter().chain(Self::V2);
        let mut names: Vec<_> = all.map(|revision| revision.name).collect();
        for (alias, of) in ALIASES {
            let at = names
                .iter()
                .position(|&name| name == of)
                .map_or(0, |at| at + 1);
            names.insert(at, alias);
        }
        names
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Guards S70.1.
    #[test]
    fn every_release_from_1_19_on_has_a_name() {
        let names = Revision::names();
        for minor in 19..=27 {
            let name = format!("go1.{minor}");
            assert!(names.contains(&name.as_str()), "{name}");
            assert_eq!(Revision::named(&name).map(|r| r.name), Some(name.as_str()));
        }
        assert_eq!(names.len(), 11);
        assert!(Revision::named("go1.18").is_none());
    }
}
