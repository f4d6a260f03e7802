//! The samples of a trace as folded stacks: a line for each, functions from the root to the leaf
//! with `;` between them, a space, and how often it was seen.
//!
//! A name cannot forge a frame or a line: `;` is shown as `:`, which stackcollapse-perf.pl does,
//! too, and what is hidden is spelled out.

use std::borrow::Cow;
use std::io::Write;

use super::names::{Name, names};
use super::samples::{self, ExportError, Labelled, Select, Take};
use crate::shown::Shown;
use crate::trace::{Reader, Stacks};

/// Bytes of a name that are shown; what Go 1.22 and later write is no longer.
const MOST: usize = 1_024;

/// Writes the samples, sorted by stack.
///
/// # Errors
/// As [`super::pprof::write`].
pub fn write(reader: &mut Reader, select: &Select, out: &mut dyn Write) -> Result<(), ExportError> {
    let (mut stacks, mut counts) = (Stacks::default(), Counts(Vec::new()));
    let walked = samples::walk(reader, select, &mut stacks, &mut counts)?;
    let ranks = ranks(&stacks);
    let ranked = |stack| names(&stacks, stack).map(|name| ranks[name.number()]);
    let seen = (0..).zip(counts.0).filter(|&(_, count)| count > 0);
    let mut seen: Vec<(u32, u64)> = seen.collect();
    seen.sort_unstable_by(|&(a, _), &(b, _)| ranked(a).cmp(ranked(b)));
    // Stacks that differ in lines alone are one.
    for same in seen.chunk_by(|&(a, _), &(b, _)| ranked(a).eq(ranked(b))) {
        for (at, name) in names(&stacks, same[0].0).enumerate() {
            let separator = if at == 0 { "" } else { ";" };
            write!(out, "{separator}{}", shown(&name.text(&stacks)))?;
        }
        writeln!(
            out,
            " {}",
            same.iter().map(|&(_, count)| count).sum::<u64>()
        )?;
    }
    walked.damage.map_or(Ok(()), |error| Err(error.into()))
}

/// The place of each name among all of them, by number.
fn ranks(stacks: &Stacks) -> Vec<u32> {
    let texts = (0..).take(stacks.text_count()).map(Name::Function);
    let mut all: Vec<_> = [Name::NoStack, Name::Unknown]
        .into_iter()
        .chain(texts)
        .collect();
    all.sort_unstable_by_key(|&name| match name {
        Name::Function(text) => Some(stacks.text(text)),
        _ => None,
    });
    let mut ranks = vec![0; Name::count(stacks)];
    for (rank, name) in (0..).zip(all) {
        ranks[name.number()] = rank;
    }
    ranks
}

/// A name of one line, without what stands between names.
fn shown(name: &str) -> String {
    let end = (0..=MOST).rev().find(|&at| name.is_char_boundary(at));
    let end = end.unwrap_or(0);
    let name: Cow<str> = match name.len() > MOST {
        true => format!("{}...", &name[..end]).into(),
        false => name.into(),
    };
    Shown(&name).to_string().replace(';', ":")
}

struct Counts(Vec<u64>);

impl Take for Counts {
    fn sample(
        &mut self,
        _: &Reader,
        _: &Stacks,
        sample: &Labelled,
        is_selected: bool,
    ) -> Result<u32, ExportError> {
        let at = sample.stack as usize;
        if at >= self.0.len() {
            self.0
                .reserve_exact((self.0.len() / 4).max(64).max(at + 1 - self.0.len()));
            self.0.resize(at + 1, 0);
        }
        self.0[at] += u64::from(is_selected);
        Ok(sample.stack)
    }

    fn select(&mut self, number: u32, count: u64) {
        self.0[number as usize] += count;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Guards S54.2.
    #[test]
    fn a_name_is_cut_between_characters() {
        assert_eq!(shown("main.f"), "main.f");
        assert_eq!(shown(&"x".repeat(MOST)), "x".repeat(MOST));
        let long = "x".repeat(MOST - 1) + "\u{e4}y";
        assert_eq!(shown(&long), "x".repeat(MOST - 1) + "...");
        assert_eq!(shown("a;b\n"), "a:b\\u{a}");
    }
}
