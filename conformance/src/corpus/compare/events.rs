//! A parser's events against those that there are: each of them, in an order that can be.

use std::collections::BTreeMap;

use super::Difference;
use crate::corpus::events::Line;
use crate::shown::counted;

/// Whether a parser's events are those of the trace: the same ones, and no time before the one
/// above it. Of equal times (v1 alone has some) Go leaves the order open, and so does this.
///
/// The thread is looked at where the format has it, the generation if the parser says one.
///
/// # Errors
/// How many there are and the first that differs, in words.
pub fn events(expected: &[Line], got: &[Line]) -> Result<(), Difference> {
    let has_m = expected.iter().any(|line| line.m.is_some());
    let says_generation = |lines: &[Line]| lines.iter().any(|line| line.generation.is_some());
    let has_generation = says_generation(expected) && says_generation(got);
    let seen = |line: &Line| Line {
        m: line.m.filter(|_| has_m),
        generation: line.generation.filter(|_| has_generation),
        ..line.clone()
    };
    let mut counts: BTreeMap<Line, i64> = BTreeMap::new();
    for (lines, sign) in [(expected, 1), (got, -1)] {
        for line in lines {
            *counts.entry(seen(line)).or_default() += sign;
        }
    }
    let of_sign = |sign| {
        let counts = counts
            .iter()
            .filter(move |(_, count)| count.signum() == sign);
        counts.map(|(line, _)| line)
    };
    let about = format!(
        "want {}, got {}",
        counted(expected.len() as u64, "event"),
        got.len()
    );
    if let Some(first) = of_sign(1).next() {
        let near = of_sign(-1).max_by_key(|other| likeness(first, other));
        return Err(match near {
            Some(near) if likeness(first, near) > 0 => {
                Difference::new(about, first.to_string(), near.to_string())
            }
            _ => Difference::new(about, first.to_string(), "no event like it"),
        });
    }
    if let Some(first) = of_sign(-1).next() {
        let want = "no such event (or not so often)";
        return Err(Difference::new(about, want, first.to_string()));
    }
    let places = got.iter().zip(got.iter().skip(1)).enumerate();
    for (at, (before, line)) in places {
        if line.time_ns < before.time_ns {
            let about = format!("the order of events is another from line {} on", at + 2);
            let want = format!("an event at {} ns or later", before.time_ns);
            return Err(Difference::new(about, want, line.to_string()));
        }
    }
    Ok(())
}

/// How much of an event another has: kind and time say most.
fn likeness(line: &Line, other: &Line) -> u32 {
    let is_same = [
        line.time_ns == other.time_ns,
        line.kind == other.kind,
        line.g == other.g,
        line.p == other.p,
        line.m == other.m,
    ];
    let weights = [4, 4, 2, 1, 1];
    let weights = is_same.into_iter().zip(weights);
    weights.map(|(same, weight)| u32::from(same) * weight).sum()
}
