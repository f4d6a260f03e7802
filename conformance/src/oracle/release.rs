//! Releases of Go as data: another one is a row of [`RELEASES`] and a line of `scripts/oracles`.

use std::cmp::Ordering;

use sigprof_wire::FormatVersion;

use crate::trace::v2;

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
    /// The option with which it prints the events of a v2 trace; none if it reads none.
    pub parsed: Option<&'static str>,
    /// Whether fixtures are cases of the suite that it judges.
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
        parsed: None,
        is_area: true,
    }
}

/// A release that reads v2 traces, too, and is their judge alone.
const fn of_v2(
    version: &'static str,
    name: &'static str,
    trace_d: Option<&'static str>,
    parsed: &'static str,
) -> Release {
    Release {
        parsed: Some(parsed),
        ..row(version, name, FormatVersion::GO_1_21, trace_d)
    }
}

/// The releases that `scripts/oracles` installs, oldest first.
pub static RELEASES: [Release; 8] = [
    row("1.19", "go1.19", FormatVersion::GO_1_19, Some("-d")),
    row("1.21", "go1.21", FormatVersion::GO_1_21, Some("-d")),
    // The option has a value; for v1 traces any of them does the same.
    of_v2("1.22", "go1.22", Some("-d=1"), "-d=1"),
    of_v2("1.23", "go1.23", None, "-d=1"),
    of_v2("1.24", "go1.24", None, "-d=parsed"),
    of_v2("1.25", "go1.25", None, "-d=parsed"),
    of_v2("1.26", "go1.26", None, "-d=parsed"),
    of_v2("1.27", "go1.27", None, "-d=parsed"),
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

    /// The minor version as readers of v2 traces take it, if it reads these.
    #[must_use]
    pub fn of_v2(&self) -> Option<v2::Release> {
        let minor = self.version.strip_prefix("1.")?.parse().ok()?;
        v2::Release::of_minor(minor).filter(|_| self.parsed.is_some())
    }

    /// Whether what it prints of the simulator's traces of that format can be compared with what we
    /// print: a v1 trace only those releases show that do not convert it.
    #[must_use]
    pub fn reads_runs_of(&self, format: FormatVersion) -> bool {
        match self.of_v2() {
            Some(release) => (1_022..=1_000 + release.minor()).contains(&format.0),
            None => self.reads(format),
        }
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
