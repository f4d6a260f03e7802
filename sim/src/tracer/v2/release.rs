//! Switches by which releases differ in how they write the v2 format.

use sigprof_wire::FormatVersion;

/// A release's way of writing. Each switch is thrown by a test, which finds that bytes differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Release {
    /// As in the header.
    pub(crate) version: FormatVersion,
    /// Whoever takes a P from a system call tells of itself first, and of the P then: in 1.22.
    pub(crate) tells_thief_first: bool,
    /// Two more reasons for a wait have names: from 1.23 on.
    pub(crate) has_later_reasons: bool,
    /// A goroutine that did nothing is told with its stack: from 1.23 on.
    pub(crate) has_stacks_of_idle: bool,
    /// A generation begins with the clocks, and does not end with their frequency: from 1.25 on.
    pub(crate) has_snapshots: bool,
    /// Ps that did nothing are told as a generation ends, and not as the next begins; the start of a
    /// trace then tells of the starter's alone: from 1.26 on.
    pub(crate) tells_procs_at_end: bool,
    /// The end of a generation is written: from 1.26 on.
    pub(crate) has_end: bool,
}

impl Release {
    /// The way of a version of the format.
    pub(crate) fn of(version: FormatVersion) -> Self {
        Self {
            version,
            tells_thief_first: version == FormatVersion::GO_1_22,
            has_later_reasons: version >= FormatVersion::GO_1_23,
            has_stacks_of_idle: version >= FormatVersion::GO_1_23,
            has_snapshots: version >= FormatVersion::GO_1_25,
            tells_procs_at_end: version >= FormatVersion::GO_1_26,
            has_end: version >= FormatVersion::GO_1_26,
        }
    }
}
