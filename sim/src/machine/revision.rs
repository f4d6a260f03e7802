//! Revisions of the protocol that write traces of the v1 format.

use sigprof_model::protocol::Protocol;
use sigprof_wire::FormatVersion;

use crate::tracer::Tracer;

/// The divisor of the CPU's counter in the runtime, on amd64 (R38).
pub(crate) const TICK_DIV: u64 = 64;

/// A revision of the protocol that writes traces of this format.
#[derive(Clone, Copy, Debug)]
pub struct Revision {
    /// `seed`, `go1.19` or `go1.21`.
    pub name: &'static str,
    protocol: Protocol,
    format: FormatVersion,
}

impl Revision {
    /// All revisions that there are.
    pub const ALL: [Self; 3] = [
        Self {
            name: "seed",
            protocol: Protocol::SEED,
            format: FormatVersion::GO_1_19,
        },
        Self {
            name: "go1.19",
            protocol: Protocol::GO_1_19,
            format: FormatVersion::GO_1_19,
        },
        Self {
            name: "go1.21",
            protocol: Protocol::GO_1_21,
            format: FormatVersion::GO_1_21,
        },
    ];

    pub(crate) fn protocol(self) -> Protocol {
        self.protocol
    }

    /// Whether a sample has the CPU's own counter, which is divided as it is drained: in 1.19
    /// (R38).
    pub(crate) fn divides_late(self) -> bool {
        self.format == FormatVersion::GO_1_19
    }

    /// A tracer of its format.
    pub(crate) fn tracer(self, procs: usize) -> Tracer {
        Tracer::new(self.format, procs)
    }

    /// The one of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|revision| revision.name == name)
    }
}
