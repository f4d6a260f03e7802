//! Versions of the trace format: the Go release that first wrote each.

use std::fmt;

/// The version of a trace's format: that of the first Go release which wrote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FormatVersion(
    /// Major version times 1000 plus minor: 1019 is `go 1.19 trace`.
    pub u16,
);

impl FormatVersion {
    /// Go 1.5 and 1.6: two implicit arguments an event, no strings.
    pub const GO_1_5: Self = Self(1005);
    /// Go 1.7: strings, per-goroutine sequence numbers.
    pub const GO_1_7: Self = Self(1007);
    /// Go 1.8: labels.
    pub const GO_1_8: Self = Self(1008);
    /// Go 1.9: mark assists, bytes swept.
    pub const GO_1_9: Self = Self(1009);
    /// Go 1.10: kinds of stop-the-world.
    pub const GO_1_10: Self = Self(1010);
    /// Go 1.11 to 1.18: user tasks, regions and logs.
    pub const GO_1_11: Self = Self(1011);
    /// Go 1.19 and 1.20: CPU samples.
    pub const GO_1_19: Self = Self(1019);
    /// Go 1.21: more kinds of stop-the-world.
    pub const GO_1_21: Self = Self(1021);
    /// Go 1.22: the first version of the v2 format.
    pub const GO_1_22: Self = Self(1022);

    /// Go 1.23 and 1.24: switches between goroutines.
    pub const GO_1_23: Self = Self(1023);
    /// Go 1.25: snapshots of the clocks.
    pub const GO_1_25: Self = Self(1025);
    /// Go 1.26 and 1.27: generations have an end.
    pub const GO_1_26: Self = Self(1026);

    /// The v2 formats that exist, oldest first.
    pub const V2: [Self; 4] = [Self::GO_1_22, Self::GO_1_23, Self::GO_1_25, Self::GO_1_26];

    /// The v1 formats that exist, oldest first.
    pub const V1: [Self; 8] = [
        Self::GO_1_5,
        Self::GO_1_7,
        Self::GO_1_8,
        Self::GO_1_9,
        Self::GO_1_10,
        Self::GO_1_11,
        Self::GO_1_19,
        Self::GO_1_21,
    ];
}

/// As Go prints it: `1.19`.
impl fmt::Display for FormatVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0 / 1000, self.0 % 1000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_read_as_go_prints_them() {
        assert_eq!(FormatVersion::GO_1_5.to_string(), "1.5");
        assert_eq!(FormatVersion::GO_1_21.to_string(), "1.21");
    }
}
