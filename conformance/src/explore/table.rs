//! A run as a table: a column an M, a line a step.
//!
//! What a handler did is indented between the SIGPROF and the return. `-->` marks a step
//! before which another M was left, `==>` the fatal one.

use std::fmt::Write;

use sigprof_sim::engine::steps::Did;

use super::fold;
use super::replay::{End, Replayed};

/// A line of the table.
#[derive(Clone, Debug)]
pub struct Row {
    /// The M that took the step.
    pub m: usize,
    /// The step in words.
    pub text: String,
    /// Whether a handler did it.
    pub is_handler: bool,
    /// Whether another M was left before.
    pub is_switch: bool,
    /// Whether it read an old store.
    pub is_old: bool,
    /// Whether the law was broken here.
    pub is_fatal: bool,
}

/// The step that broke the law, from 1; none if none did, or if it is broken at the end.
#[must_use]
pub fn fatal_step(run: &Replayed) -> Option<u64> {
    (run.end == End::AtStep).then_some(run.steps.len() as u64)
}

/// The lines of a run, those of Ms that wait for ever last.
#[must_use]
pub fn rows(run: &Replayed) -> Vec<Row> {
    let mut last = run.steps.first().map(|step| step.m);
    let fatal = fatal_step(run);
    let mut rows: Vec<_> = run
        .steps
        .iter()
        .zip(1..)
        .map(|(step, number)| Row {
            m: step.m,
            text: step.text(),
            is_handler: step.is_handler && !matches!(step.did, Did::Signal | Did::Return),
            is_switch: last.replace(step.m) != Some(step.m),
            is_old: step.did == Did::Load && step.was != step.is,
            is_fatal: Some(number) == fatal,
        })
        .collect();
    if let End::Stuck(ms) = run.end {
        let is_in_handler = |m| {
            let mut steps = run.steps.iter().rev().filter(|step| step.m == m);
            let last = steps.next();
            last.is_some_and(|step| step.is_handler && step.did != Did::Return)
        };
        rows.extend(ms.iter().map(|m| Row {
            m,
            text: "waits for ever".into(),
            is_handler: is_in_handler(m),
            is_switch: false,
            is_old: false,
            is_fatal: true,
        }));
    }
    rows
}

/// The head of an M's column.
#[must_use]
pub fn head(m: usize, name: &str) -> String {
    format!("M{m} {name}")
}

/// The table as text.
#[must_use]
pub fn text(run: &Replayed) -> String {
    text_of(run, usize::MAX)
}

/// The same under the calls of Go's that the steps are in; dull steps, one after the other, are one
/// line.
#[must_use]
pub fn text_of_calls(run: &Replayed) -> String {
    let rows = rows(run);
    let folds = fold::folds(run, &rows);
    let heads = fold::heads(run, &folds);
    let mut lines = Vec::with_capacity(rows.len());
    for fold in folds {
        if fold.is_dull {
            let row = &rows[fold.lines.start];
            lines.push(Line::beside(row, format!("({})", fold.about(run))));
            continue;
        }
        for at in fold.lines {
            if let Some([.., last]) = heads.get(at).copied().flatten() {
                let call = format!("{} ({})", last.call.function, last.call.file);
                lines.push(Line::beside(&rows[at], call));
            }
            lines.push(Line::of(&rows[at], at + 1));
        }
    }
    laid_out(run, &lines)
}

/// As text, without the middle if it has more lines than that.
#[must_use]
pub fn text_of(run: &Replayed, lines_max: usize) -> String {
    let rows = rows(run);
    let left_out = match rows.len() > lines_max {
        true => lines_max / 2..rows.len() - lines_max / 2,
        false => 0..0,
    };
    let lines = rows.iter().enumerate().filter_map(|(at, row)| {
        if !left_out.contains(&at) {
            return Some(Line::of(row, at + 1));
        }
        (at == left_out.start).then(|| Line::left_out(left_out.len()))
    });
    laid_out(run, &lines.collect::<Vec<_>>())
}

/// A line as it is laid out.
struct Line {
    /// The number and the mark before the columns.
    before: String,
    m: usize,
    text: String,
}

impl Line {
    fn of(row: &Row, number: usize) -> Self {
        let mark = match row {
            Row { is_fatal: true, .. } => "==>",
            Row {
                is_switch: true, ..
            } => "-->",
            _ => "",
        };
        Self {
            before: format!("{number:>5} {mark:4}"),
            ..Self::beside(row, row.text.clone())
        }
    }

    /// Words in the column of a step, without its number.
    fn beside(row: &Row, text: String) -> Self {
        let indent = if row.is_handler { "  | " } else { "" };
        Self {
            before: String::new(),
            m: row.m,
            text: format!("{indent}{text}"),
        }
    }

    fn left_out(steps: usize) -> Self {
        Self {
            before: format!("{:10}({steps} steps)", "..."),
            m: 0,
            text: String::new(),
        }
    }
}

/// Lines below the heads of their columns.
fn laid_out(run: &Replayed, lines: &[Line]) -> String {
    const GAP: usize = 2;
    let names = run.names.iter().enumerate();
    let heads: Vec<_> = names.map(|(m, name)| head(m, name)).collect();
    let widths: Vec<_> = heads
        .iter()
        .enumerate()
        .map(|(m, head)| {
            let texts = lines.iter().filter(|line| line.m == m);
            let widest = texts.map(|line| line.text.len()).max();
            widest.unwrap_or(0).max(head.len()) + GAP
        })
        .collect();

    let mut out = String::new();
    let mut line = format!("{:10}", "");
    for (head, width) in heads.iter().zip(&widths) {
        let _ = write!(line, "{head:width$}");
    }
    let _ = writeln!(out, "{}", line.trim_end());
    for Line { before, m, text } in lines {
        let column: usize = widths[..*m].iter().sum();
        let line = format!("{before:10}{:column$}{text}", "");
        let _ = writeln!(out, "{}", line.trim_end());
    }
    out
}

/// The verdict on the run, in words.
#[must_use]
pub fn verdict(run: &Replayed) -> String {
    match &run.verdict {
        Ok(outcome) => format!("nothing is broken; seen: {outcome}"),
        Err(violation) => {
            let when = match run.end {
                End::Judged => ", as the judge finds at the end",
                End::AtStep | End::Stuck(_) => "",
            };
            format!("{violation}{when}")
        }
    }
}
