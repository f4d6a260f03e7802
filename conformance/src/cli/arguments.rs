//! Arguments that several commands have: each has one name, and is read in one way (S76).

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use clap::builder::{PathBufValueParser, TypedValueParser};
use jiff::SignedDuration;
use sigprof::again;
use sigprof_sim::Seed;
use sigprof_sim::seed::SeedError;

use super::STDIN;

/// How much is done at once.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(super) struct Jobs {
    /// How many are run at once; as many as there are cores if not given
    #[arg(short, long, value_name = "N", value_parser = jobs)]
    jobs: Option<usize>,
}

impl Jobs {
    /// As many as were asked for, or as there are cores.
    pub(super) fn count(self) -> usize {
        let cores = || thread::available_parallelism().map_or(1, usize::from);
        self.jobs.unwrap_or_else(cores)
    }
}

fn jobs(text: &str) -> Result<usize, String> {
    let count = text
        .parse()
        .ok()
        .filter(|count| (1..=1_024).contains(count));
    count.ok_or_else(|| "want 1 to 1024".into())
}

/// A seed, which is shown from now on as it was given.
pub(super) fn seed(text: &str) -> Result<Seed, SeedError> {
    let seed = text.parse()?;
    again::seed_given(seed, text);
    Ok(seed)
}

/// A range of seeds, likewise.
pub(super) fn seeds(text: &str) -> Result<Range<u64>, String> {
    let (start, end) = text.split_once("..").ok_or("want A..B")?;
    let read = |text: &str| text.parse::<Seed>().map_err(|error| error.to_string());
    let (first, last) = (read(start)?, read(end)?);
    if first >= last {
        return Err("want A..B with A below B".into());
    }
    again::seed_given(first, start);
    Ok(first.0..last.0)
}

/// A time above 0, and below a century, beyond which the clock itself may end.
pub(super) fn time(text: &str) -> Result<Duration, String> {
    const CENTURY: Duration = Duration::from_secs(100 * 366 * 24 * 3_600);
    let time = Duration::from_nanos(nanos(text)?);
    match time.is_zero() || time >= CENTURY {
        true => Err("want more than nothing, and less than a century".into()),
        false => Ok(time),
    }
}

/// Nanoseconds of a time as Go spells it: `1.5s`, `300ms`, `1m30s`.
pub(super) fn nanos(text: &str) -> Result<u64, String> {
    let want = "want a time such as 1.5s, 300ms or 1m30s";
    let time: SignedDuration = text.parse().map_err(|_| want)?;
    let ns = u64::try_from(time.as_nanos()).map_err(|_| want)?;
    match i64::try_from(ns) {
        Ok(_) => Ok(ns),
        Err(_) => Err("want less than 292 years".into()),
    }
}

/// The folder of an output, which standard output cannot be.
pub(super) fn folder() -> impl TypedValueParser<Value = PathBuf> {
    PathBufValueParser::new().try_map(|path| match path == Path::new(STDIN) {
        true => Err("want a folder, which standard output cannot be"),
        false => Ok(path),
    })
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::super::command;
    use super::*;

    /// Options by their names, with what they take and how they are called for short.
    fn options(
        command: &clap::Command,
        all: &mut BTreeMap<String, BTreeSet<(String, Option<char>)>>,
    ) {
        for option in command.get_arguments().filter(|of| !of.is_hide_set()) {
            let Some(name) = option.get_long() else {
                continue;
            };
            let takes: Vec<_> = option.get_value_names().unwrap_or_default().into();
            let takes = takes.join(" ");
            let one = (takes, option.get_short());
            all.entry(name.to_owned()).or_default().insert(one);
        }
        // Its options are for the text of Go.
        let others = command.get_subcommands();
        for command in others.filter(|command| command.get_name() != "go-text") {
            options(command, all);
        }
    }

    /// Guards S76.2, S76.3.
    #[test]
    fn an_option_takes_the_same_in_every_command() {
        let mut all = BTreeMap::new();
        options(&command(), &mut all);
        let of = |takes: &str, short| (takes.to_owned(), short);
        let output = all.remove("output").unwrap();
        let want = [of("DIR", Some('o')), of("FILE", Some('o'))];
        assert_eq!(output, want.into());
        assert_eq!(all["jobs"], [of("N", Some('j'))].into());
        for (name, found) in &all {
            assert_eq!(found.len(), 1, "--{name}: {found:?}");
        }
        for old in ["keep", "tables", "out", "period"] {
            assert!(!all.contains_key(old), "--{old}");
        }
    }

    /// Guards S76.3.
    #[test]
    fn times_have_units_and_may_have_fractions() {
        let check = |text, ns| assert_eq!(nanos(text), Ok(ns), "{text}");
        check("1.5s", 1_500_000_000);
        check("0s", 0);
        check("250us", 250_000);
        check("250\u{b5}s", 250_000);
        check("3ns", 3);
        check("1m30s", 90_000_000_000);
        check("2h", 7_200_000_000_000);
        for text in ["", "1", "s", "1.2.3s", "-1s", "1d", "999999999h"] {
            assert!(nanos(text).is_err(), "{text}");
        }
    }

    /// Guards S76.3.
    #[test]
    fn a_time_to_wait_is_more_than_nothing_and_less_than_a_century() {
        assert_eq!(time("10m"), Ok(Duration::from_secs(600)));
        for text in ["0s", "900000h", "10"] {
            assert!(time(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_range_of_seeds_has_one_at_least() {
        assert_eq!(seeds("2..4"), Ok(2..4));
        assert_eq!(seeds("0x10..0x11"), Ok(16..17));
        for text in ["", "2", "2..", "..2", "2..2", "3..2"] {
            assert!(seeds(text).is_err(), "{text}");
        }
    }
}
