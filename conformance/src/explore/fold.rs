//! The lines of a run under the calls of Go's that they are in, and those that are dull.

use std::collections::HashMap;
use std::ops::Range;

use sigprof_sim::engine::steps::{Did, Entered, Step};

use super::replay::Replayed;
use super::table::Row;
use crate::shown::counted;

/// Dull lines, one after the other, that are folded: fewer are as short as what stands for them.
const FOLDED: usize = 3;

/// Words of folded lines that are named.
const WORDS: usize = 4;

/// Lines that stand or are folded together.
#[derive(Clone, Debug)]
pub(super) struct Fold {
    /// Whether they are dull, and enough to be folded.
    pub(super) is_dull: bool,
    /// The lines, from 0.
    pub(super) lines: Range<usize>,
}

/// The calls of each step, the outermost first, if they are others than those that its M was last
/// shown in: folded lines show nothing to those that stand.
pub(super) fn heads<'a>(run: &'a Replayed, folds: &[Fold]) -> Vec<Option<&'a [Entered]>> {
    let mut shown = HashMap::new();
    let mut heads = Vec::with_capacity(run.steps.len());
    for fold in folds {
        let mut within = shown.clone();
        for step in fold.steps(run) {
            if matches!(step.did, Did::Signal | Did::Return) {
                // Of the handler that comes, or that was.
                within.remove(&(step.m, true));
                heads.push(None);
                continue;
            }
            let own = step.calls.last().map(|entered| entered.number);
            let before = within.insert((step.m, step.is_handler), own).flatten();
            heads.push((before != own).then_some(&*step.calls));
        }
        if !fold.is_dull {
            shown = within;
        }
    }
    heads
}

/// All lines, those together that stand or are folded together.
pub(super) fn folds(run: &Replayed, rows: &[Row]) -> Vec<Fold> {
    let dull = dull(run, rows);
    let mut folds: Vec<Fold> = Vec::new();
    for (at, row) in rows.iter().enumerate() {
        match folds.last_mut() {
            Some(last)
                if last.is_dull == dull[at] && (!dull[at] || rows[last.lines.start].m == row.m) =>
            {
                last.lines.end = at + 1;
            }
            _ => folds.push(Fold {
                is_dull: dull[at],
                lines: at..at + 1,
            }),
        }
    }
    for fold in &mut folds {
        fold.is_dull &= fold.lines.len() >= FOLDED;
    }
    folds
}

impl Fold {
    /// Its steps. A run that ends with Ms that wait for ever has lines behind its last step.
    fn steps<'a>(&self, run: &'a Replayed) -> &'a [Step] {
        let end = self.lines.end.min(run.steps.len());
        run.steps.get(self.lines.start..end).unwrap_or_default()
    }

    /// Words that stand for folded lines: how many there are, in which calls, and of which words.
    pub(super) fn about(&self, run: &Replayed) -> String {
        let steps = self.steps(run);
        let calls = steps.iter().filter_map(|step| step.calls.last());
        let calls = named(calls.map(|entered| entered.call.function));
        let calls = if calls.is_empty() {
            calls
        } else {
            format!(" in {calls}")
        };
        let words = named(steps.iter().map(|step| step.word.as_str()));
        format!(
            "{}{calls}: {words}",
            counted(self.lines.len() as u64, "step")
        )
    }
}

/// The first of these, each named once.
fn named<'a>(all: impl Iterator<Item = &'a str>) -> String {
    let mut names = Vec::new();
    for name in all {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let shown = names.iter().take(WORDS).copied().collect::<Vec<_>>();
    let more = if names.len() > WORDS {
        ", \u{2026}"
    } else {
        ""
    };
    format!("{}{more}", shown.join(", "))
}

/// Whether each line is dull: it concerns a word that no other M touches, or looks once more at a
/// word that has not changed since its M last did.
fn dull(run: &Replayed, rows: &[Row]) -> Vec<bool> {
    let mut users: HashMap<&str, usize> = HashMap::new();
    let mut is_shared: HashMap<&str, bool> = HashMap::new();
    for step in &run.steps {
        let first = *users.entry(&step.word).or_insert(step.m);
        *is_shared.entry(&step.word).or_default() |= first != step.m;
    }
    // What each M knows of a word.
    let mut known: HashMap<(usize, &str), u64> = HashMap::new();
    let steps = run.steps.iter().map(Some).chain(std::iter::repeat(None));
    let lines = rows.iter().zip(steps).map(|(row, step)| {
        let Some(step) = step.filter(|step| !step.word.is_empty()) else {
            return false;
        };
        if step.was != step.is || step.did == Did::Set {
            // Whoever looks next looks at another value, even if it is the one of before.
            known.retain(|&(m, word), _| m == step.m || word != step.word);
        }
        let before = known.insert((step.m, &step.word), step.is);
        let is_look = matches!(step.did, Did::Load | Did::Get);
        let is_again = is_look && before == Some(step.is) && step.was == step.is;
        // Where one M is alone all words are its own.
        let is_own = run.names.len() > 1 && !is_shared[step.word.as_str()];
        (is_own || is_again) && !row.is_fatal && !row.is_old && !row.is_switch
    });
    lines.collect()
}
