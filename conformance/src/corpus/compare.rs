//! Comparison of a parser's output with what it should be: as multisets, and with words that help
//! whoever wrote the parser.

use std::collections::BTreeMap;
use std::fmt;

use super::samples::{Frame, NoSuchStack, ProfileSide, Stack, TraceSide};
use crate::shown::{Shown, counted};

mod events;
mod numbers;

pub use events::events;
pub use numbers::{Numbers, numbers, profile_numbers, trace_numbers};

/// The first difference, as what should have come and what came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// How many there are, and in what the first differs.
    pub about: String,
    /// The first that is wrong, as it should be.
    pub want: String,
    /// The thing that came in its place.
    pub got: String,
}

impl Difference {
    pub(super) fn new(
        about: impl Into<String>,
        want: impl Into<String>,
        got: impl Into<String>,
    ) -> Self {
        Self {
            about: about.into(),
            want: want.into(),
            got: got.into(),
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { about, want, got } = self;
        write!(f, "{about}\n  want {want}\n  got  {got}")
    }
}

impl From<NoSuchStack> for Difference {
    fn from(error: NoSuchStack) -> Self {
        let text = error.to_string();
        Self::new(text, "a place in `stacks`", "one beyond them")
    }
}

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
/// M is looked at only where the format has it: where what is expected has more than null. The
/// generation is, too, if the parser says one of any sample: Go's own reader does not.
///
/// # Errors
/// How many there are and the first that differ, in words.
pub fn trace(expected: &TraceSide, got: &TraceSide) -> Result<(), Difference> {
    let has_m = expected.samples.iter().any(|s| s.m.is_some());
    let says_generation = |side: &TraceSide| side.samples.iter().any(|s| s.generation.is_some());
    let has_generation = says_generation(expected) && says_generation(got);
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
    let about = match (want, got.samples.len()) {
        (want, got) if want == got => format!(
            "want {}, got {got}, {} of them not as they should be",
            counted(want as u64, "sample"),
            missing.len()
        ),
        (want, got) => format!("want {}, got {got}", counted(want as u64, "sample")),
    };
    let Some(first) = missing.first() else {
        return match unwanted.first() {
            None => Ok(()),
            Some(first) => Err(Difference::new(
                about,
                "no such sample (or not so often)",
                first.to_string(),
            )),
        };
    };
    let near = unwanted.iter().max_by_key(|other| first.likeness(other));
    Err(match near {
        Some(near) if first.likeness(near) > 0 => {
            let about = format!("{about}; they differ in {}", first.differences(near));
            Difference::new(about, first.to_string(), near.to_string())
        }
        _ => Difference::new(about, first.to_string(), "no sample like it"),
    })
}

/// Whether a parser's stacks, labels and counts are those of the profile, in whatever order;
/// equal ones are added up on either side.
///
/// # Errors
/// The first that differ, in words.
pub fn profile(expected: &ProfileSide, got: &ProfileSide) -> Result<(), Difference> {
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
    let about = format!(
        "{} of {} stacks with labels have another count",
        differing.len(),
        counts.len()
    );
    let of = |count: &u64| format!("{count} of {} {:?}", words(seen.stack), seen.labels);
    Err(Difference::new(about, of(want), of(got)))
}

fn stack(stacks: &[Stack], sample: usize, at: usize) -> Result<&[Frame], NoSuchStack> {
    let found = stacks.get(at).map(Vec::as_slice);
    found.ok_or_else(|| NoSuchStack::new(sample, at, stacks.len()))
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

impl fmt::Display for Taken<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
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
