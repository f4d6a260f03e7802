//! Releases of Go as data: another one is a row of [`RELEASES`] and a line of `scripts/oracles`.

use std::cmp::Ordering;

use sigprof_wire::FormatVersion;

/// A minor release of Go, and how it differs from the others as a judge.
#[derive(Debug, PartialEq, Eq)]
pub struct Release {
    /// The minor version: `1.19`.
    pub version: &'static str,
    /// The name in tables, and of the folder in which it is installed: `go1.19`.
    pub name: &'static str,
    /// The newest format of v1 traces that it reads.
    pub newest_v1: FormatVersion,
    /// The spelling of its names, where it prints events of v1 traces.
    pub printer: FormatVersion,
    /// The option with which `go tool trace` prints the events of a v1 trace as they are; none
    /// if it prints what it converts them into.
    pub trace_d: Option<&'static str>,
    /// Whether every fixture is a case of the suite that it judges.
    pub is_area: bool,
}

const fn row(
    version: &'static str,
    name: &'static str,
    v1: FormatVersion,
    trace_d: Option<&'static str>,
) -> Release {
    Release {
        version,
        name,
        newest_v1: v1,
        printer: v1,
        trace_d,
        is_area: false,
    }
}

/// Cases of the suite have a release as their judge.
const fn area(row: Release) -> Release {
    Release {
        is_area: true,
        ..row
    }
}

/// The releases that `scripts/oracles` installs, oldest first.
pub static RELEASES: [Release; 8] = [
    area(row("1.19", "go1.19", FormatVersion::GO_1_19, Some("-d"))),
    area(row("1.21", "go1.21", FormatVersion::GO_1_21, Some("-d"))),
    // The option has a value; for v1 traces any of them does the same.
    row("1.22", "go1.22", FormatVersion::GO_1_21, Some("-d=1")),
    row("1.23", "go1.23", FormatVersion::GO_1_21, None),
    row("1.24", "go1.24", FormatVersion::GO_1_21, None),
    row("1.25", "go1.25", FormatVersion::GO_1_21, None),
    row("1.26", "go1.26", FormatVersion::GO_1_21, None),
    row("1.27", "go1.27", FormatVersion::GO_1_21, None),
];

impl Release {
    /// The release of a minor version, if there is a row of it.
    #[must_use]
    pub fn of(version: &str) -> Option<&'static Self> {
        RELEASES.iter().find(|release| release.version == version)
    }

    /// The releases whose judgements are areas of the suite, oldest first.
    pub fn areas() -> impl Iterator<Item = &'static Self> {
        RELEASES.iter().filter(|release| release.is_area)
    }

    /// Whether it reads a trace with such a header, if that is of a v1 format.
    #[must_use]
    pub fn reads(&self, version: FormatVersion) -> bool {
        version <= self.newest_v1
    }

    fn row(&self) -> Option<usize> {
        RELEASES.iter().position(|release| release == self)
    }
}

/// Releases are ordered by age.
impl Ord for Release {
    fn cmp(&self, other: &Self) -> Ordering {
        self.row().cmp(&other.row())
    }
}

impl PartialOrd for Release {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A release that nobody installs judges nothing, and one without a row is nobody's judge.
    #[test]
    fn the_rows_are_the_releases_that_the_script_installs() {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../scripts/oracles");
        let script = std::fs::read_to_string(script).unwrap();
        let (_, lines) = script.split_once("\nversions='\n").unwrap();
        let (lines, _) = lines.split_once("\n'").unwrap();
        let installed: Vec<_> = lines.lines().filter_map(|l| l.split(' ').next()).collect();
        assert_eq!(
            installed,
            RELEASES.each_ref().map(|release| release.version)
        );
    }

    #[test]
    fn a_release_reads_its_own_format_and_older_ones() {
        let (old, new) = (Release::of("1.19").unwrap(), Release::of("1.21").unwrap());
        assert!(old.reads(FormatVersion::GO_1_19) && !old.reads(FormatVersion::GO_1_21));
        assert!(new.reads(FormatVersion::GO_1_19) && new.reads(FormatVersion::GO_1_21));
        assert!(old < new);
        assert_eq!(Release::of("1.20"), None);
    }
}
