//! The numbers beside the samples: they may be left out, but where they stand they are right.

use std::collections::BTreeMap;
use std::fmt::Display;

use serde::Deserialize;

use super::Difference;
use crate::corpus::samples::{ProfileSide, TraceSide};

/// The numbers of the object `trace` that a parser printed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Numbers {
    /// How many events there are.
    pub events: Option<u64>,
    /// Ticks of the clock in a second.
    pub ticks_per_second: Option<i64>,
    /// How many generations there are.
    pub generations: Option<u64>,
    /// Events by kind.
    pub kinds: Option<BTreeMap<String, u64>>,
}

impl From<&TraceSide> for Numbers {
    fn from(side: &TraceSide) -> Self {
        Self {
            events: Some(side.events),
            ticks_per_second: Some(side.ticks_per_second),
            generations: side.generations,
            kinds: Some(side.kinds.clone()).filter(|kinds| !kinds.is_empty()),
        }
    }
}

/// Whether the numbers that were printed are those of the trace.
///
/// # Errors
/// The first that differs, in words.
pub fn numbers(expected: &TraceSide, got: &Numbers) -> Result<(), Difference> {
    let want = Numbers::from(expected);
    printed("events", want.events, got.events)?;
    let ticks = (want.ticks_per_second, got.ticks_per_second);
    printed("ticks_per_second", ticks.0, ticks.1)?;
    printed("generations", want.generations, got.generations)?;
    let (want, got) = (want.kinds.unwrap_or_default(), got.kinds.as_ref());
    let Some(got) = got.filter(|_| !want.is_empty()) else {
        return Ok(());
    };
    for kind in want.keys().chain(got.keys()) {
        same(&format!("kinds[{kind:?}]"), want.get(kind), got.get(kind))?;
    }
    Ok(())
}

/// Whether the numbers beside the samples are those of the trace, none left out.
///
/// # Errors
/// The first that differs, in words.
pub fn trace_numbers(expected: &TraceSide, got: &TraceSide) -> Result<(), Difference> {
    let got = Numbers::from(got);
    let generations = (expected.generations, got.generations);
    same(
        "generations",
        generations.0.as_ref(),
        generations.1.as_ref(),
    )?;
    numbers(expected, &got)
}

/// Whether the numbers beside the samples are those of the profile.
///
/// # Errors
/// The first that differs, in words.
pub fn profile_numbers(expected: &ProfileSide, got: &ProfileSide) -> Result<(), Difference> {
    same("period_ns", Some(&expected.period_ns), Some(&got.period_ns))?;
    let durations = (&expected.duration_ns, &got.duration_ns);
    same("duration_ns", Some(durations.0), Some(durations.1))
}

/// A number that is not printed is not wrong.
fn printed<T: PartialEq + Display>(
    what: &str,
    want: Option<T>,
    got: Option<T>,
) -> Result<(), Difference> {
    match got {
        None => Ok(()),
        got => same(what, want.as_ref(), got.as_ref()),
    }
}

fn same<T: PartialEq + Display>(
    what: &str,
    want: Option<&T>,
    got: Option<&T>,
) -> Result<(), Difference> {
    if want == got {
        return Ok(());
    }
    let words = |n: Option<&T>| n.map_or("none".to_owned(), T::to_string);
    let about = format!("another number in the field {what}");
    Err(Difference::new(about, words(want), words(got)))
}
