//! Numbers that traces of both formats have, and how they are shown to people.

use std::fmt::{self, Display};

use serde::{Serialize, Serializer};

/// CPU samples by what they were taken of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Samples {
    /// All of them.
    pub total: u64,
    /// On a thread with a P.
    pub with_p: u64,
    /// On a thread without one.
    pub without_p: u64,
    /// On g0, or where no goroutine ran.
    pub on_g0: u64,
}

impl Samples {
    pub(super) fn add(&mut self, has_p: bool, is_on_g0: bool) {
        self.total += 1;
        self.with_p += u64::from(has_p);
        self.without_p += u64::from(!has_p);
        self.on_g0 += u64::from(is_on_g0);
    }
}

/// Events by the name of their type, as a JSON object.
pub(super) fn as_map<S: Serializer>(
    pairs: &[(&str, u64)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(pairs.iter().copied())
}

/// Nanoseconds as seconds.
pub(super) fn seconds(ns: i64) -> String {
    const SECOND: i64 = 1_000_000_000;
    format!("{}.{:09} s", ns / SECOND, (ns % SECOND).abs())
}

/// The numbers of a trace for people: those of its format first.
pub(super) struct Table<'a> {
    pub(super) head: &'a [(&'a str, &'a dyn Display)],
    pub(super) samples: Samples,
    pub(super) events: u64,
    pub(super) events_by_type: &'a [(&'static str, u64)],
    pub(super) warnings: &'a [String],
    pub(super) warnings_count: u64,
}

impl Display for Table<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, value) in self.head {
            writeln!(f, "{name:<20} {value:>14}")?;
        }
        let Samples {
            total,
            with_p,
            without_p,
            on_g0,
        } = self.samples;
        write!(f, "{:<20} {total:>14}", "CPU samples")?;
        if total > 0 {
            write!(
                f,
                "  ({with_p} with a P, {without_p} without; {on_g0} on g0)"
            )?;
        }
        writeln!(f, "\n{:<20} {:>14}", "events", self.events)?;
        for (name, count) in self.events_by_type {
            writeln!(f, "{:<20} {count:>14}", format!("  {name}"))?;
        }
        for warning in self.warnings {
            writeln!(f, "warning: {warning}")?;
        }
        let more = self.warnings_count - self.warnings.len() as u64;
        if more > 0 {
            writeln!(f, "warning: {more} more of this kind")?;
        }
        Ok(())
    }
}
