//! Comparison of a parser's output with what it should be: as multisets, and with words that help
//! whoever wrote the parser.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::samples::{Frame, NoSuchStack, ProfileSide, Stack, TraceSide};
use crate::shown::Shown;

/// A sample of a trace with its stack spelled out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Taken<'a> {
    time_ns: i64,
    p: Option<u64>,
    g: Option<u64>,
    m: Option<i64>,
    generation: Option<u64>,
    stack: &'a [Frame],
}

/// A stack of a profile with its labels.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Seen<'a> {
    stack: &'a [Frame],
    labels: Vec<(String, String)>,
}

/// Whether a parser's samples are those of the trace, in whatever order.
///
/// M and generation are looked at only where the format has them: where what is expected
/// has more than null.
///
/// # Errors
/// How many there are and the first that differ, in words.
pub fn trace(expected: &TraceSide, got: &TraceSide) -> Result<(), String> {
    let has_m = expected.samples.iter().any(|s| s.m.is_some());
    let has_generation = expected.samples.iter().any(|s| s.generation.is_some());
    let (mut counts, want) = (BTreeMap::new(), expected.samples.len());
    for (side, sign) in [(expected, 1), (got, -1)] {
        for (at, sample) in side.samples.iter().enumerate() {
            let taken = Taken {
                time_ns: sample.time_ns,
                p: sample.p,
                g: sample.g,
                m: sample.m.filter(|_| has_m),
                generation: sample.generation.filter(|_| has_generation),
                stack: stack(&side.stacks, at, sample.stack)?,
            };
            *counts.entry(taken).or_insert(0i64) += sign;
        }
    }
    let missing = of_sign(&counts, 1);
    let unwanted = of_sign(&counts, -1);
    if missing.is_empty() && unwanted.is_empty() {
        return Ok(());
    }
    let mut words = format!("want {want} samples, got {}", got.samples.len());
    if want == got.samples.len() {
        let _ = write!(
            words,
            ", {} of them not as they should be; the first:",
            missing.len()
        );
    }
    if let Some(first) = missing.first() {
        let near = unwanted.iter().max_by_key(|other| first.likeness(other));
        let _ = write!(words, "\n  want {first}");
        match near {
            Some(near) if first.likeness(near) > 0 => {
                let _ = write!(
                    words,
                    "\n  got  {near}\n  they differ in {}",
                    first.differences(near)
                );
            }
            _ => words += "\n  got  no sample like it",
        }
    } else if let Some(first) = unwanted.first() {
        let _ = write!(
            words,
            "\n  got  {first}\n  want no such sample (or not so often)"
        );
    }
    Err(words)
}

/// Whether a parser's stacks, labels and counts are those of the profile, in whatever order;
/// equal ones are added up on either side.
///
/// # Errors
/// The first that differ, in words.
pub fn profile(expected: &ProfileSide, got: &ProfileSide) -> Result<(), String> {
    let mut counts: BTreeMap<_, (u64, u64)> = BTreeMap::new();
    for (at, sample) in expected.samples.iter().enumerate() {
        let seen = Seen::of(stack(&expected.stacks, at, sample.stack)?, &sample.labels);
        counts.entry(seen).or_default().0 += sample.count;
    }
    for (at, sample) in got.samples.iter().enumerate() {
        let seen = Seen::of(stack(&got.stacks, at, sample.stack)?, &sample.labels);
        let count = &mut counts.entry(seen).or_default().1;
        *count = count.saturating_add(sample.count);
    }
    let differing: Vec<_> = counts
        .iter()
        .filter(|(_, (want, got))| want != got)
        .collect();
    let Some((seen, (want, got))) = differing.first() else {
        return Ok(());
    };
    Err(format!(
        "{} of {} stacks with labels have another count; the first: want {want}, got {got} of\n  {} {:?}",
        differing.len(),
        counts.len(),
        words(seen.stack),
        seen.labels
    ))
}

/// Whether the numbers beside the samples are those of the trace.
///
/// # Errors
/// The first that differs, in words.
pub fn trace_numbers(expected: &TraceSide, got: &TraceSide) -> Result<(), String> {
    same("events", expected.events, got.events)?;
    let ticks = (expected.ticks_per_second, got.ticks_per_second);
    same("ticks_per_second", ticks.0, ticks.1)?;
    let or_none = |n: Option<u64>| n.map_or("none".to_owned(), |n| n.to_string());
    let generations = (or_none(expected.generations), or_none(got.generations));
    same("generations", generations.0, generations.1)?;
    let kinds = |side: &TraceSide| format!("{:?}", side.kinds);
    same("kinds", kinds(expected), kinds(got))
}

/// Whether the numbers beside the samples are those of the profile.
///
/// # Errors
/// The first that differs, in words.
pub fn profile_numbers(expected: &ProfileSide, got: &ProfileSide) -> Result<(), String> {
    same("period_ns", expected.period_ns, got.period_ns)?;
    same("duration_ns", expected.duration_ns, got.duration_ns)
}

fn same<T: PartialEq + std::fmt::Display>(what: &str, want: T, got: T) -> Result<(), String> {
    if want == got {
        return Ok(());
    }
    Err(format!("{what}: want {want}, got {got}"))
}

fn stack(stacks: &[Stack], sample: usize, at: usize) -> Result<&[Frame], String> {
    let found = stacks.get(at).map(Vec::as_slice);
    found.ok_or_else(|| NoSuchStack::new(sample, at, stacks.len()).to_string())
}

/// The entries that one side has more often than the other, by the sign of the difference.
fn of_sign<'a, 'b>(counts: &'b BTreeMap<Taken<'a>, i64>, sign: i64) -> Vec<&'b Taken<'a>> {
    let counts = counts.iter().filter(|(_, count)| count.signum() == sign);
    counts.map(|(taken, _)| taken).collect()
}

impl Taken<'_> {
    /// The fields by name, each with whether it is the same in both.
    fn parts(&self, other: &Self) -> [(&'static str, bool); 6] {
        [
            ("time_ns", self.time_ns == other.time_ns),
            ("p", self.p == other.p),
            ("g", self.g == other.g),
            ("m", self.m == other.m),
            ("generation", self.generation == other.generation),
            ("stack", self.stack == other.stack),
        ]
    }

    /// The likeness of another sample: the time counts most, then stack, P and G.
    fn likeness(&self, other: &Self) -> u32 {
        let [time, p, g, _, _, stack] = self.parts(other).map(|(_, same)| u32::from(same));
        4 * time + 2 * stack + p + g
    }

    fn differences(&self, other: &Self) -> String {
        let parts = self.parts(other).into_iter();
        let parts: Vec<_> = parts
            .filter(|(_, same)| !same)
            .map(|(part, _)| part)
            .collect();
        parts.join(", ")
    }
}

impl<'a> Seen<'a> {
    fn of(stack: &'a [Frame], labels: &[(String, String)]) -> Self {
        let mut labels = labels.to_vec();
        labels.sort();
        Self { stack, labels }
    }
}

impl std::fmt::Display for Taken<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let or_null = |n: Option<u64>| n.map_or("null".to_owned(), |n| n.to_string());
        let (p, g) = (or_null(self.p), or_null(self.g));
        write!(f, "time_ns {} p {p} g {g}", self.time_ns)?;
        if let Some(m) = self.m {
            write!(f, " m {m}")?;
        }
        if let Some(generation) = self.generation {
            write!(f, " generation {generation}")?;
        }
        write!(f, " stack {}", words(self.stack))
    }
}

/// A stack in one line.
fn words(stack: &[Frame]) -> String {
    const SHOWN: usize = 3;
    let frames = stack.iter().take(SHOWN);
    let frames: Vec<_> = frames
        .map(|f| format!("{} ({}:{})", Shown(&f.function), Shown(&f.file), f.line))
        .collect();
    match stack.len() {
        0 => "without frames".to_owned(),
        more if more > SHOWN => format!("{} < {} more", frames.join(" < "), more - SHOWN),
        _ => frames.join(" < "),
    }
}
